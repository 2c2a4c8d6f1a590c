"""The exact law of the error against explicit embeddings."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from assocmem import (
    PerDimension,
    ZipfTask,
    expected_errors,
    fill,
    frequency,
    simulate_errors,
    summarize,
    threshold,
)
from assocmem.exact.noise import chi
from assocmem.model import Scheme, spherical_gram
from tests.exact.laws import law
from tests.oracles import check_same_mean, means_agree

pytestmark = pytest.mark.slow

Array = NDArray[np.float64]


def simulated(
    task: ZipfTask, q: Array, dim: int, trials: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Mean error of memories with explicit embeddings, and its standard error."""
    labels = task.labels(task.tokens)
    errors = []
    for some in np.array_split(np.arange(trials), math.ceil(trials * len(q) * dim / 2**18)):
        e = rng.standard_normal((len(some), len(q), dim), dtype=np.float32)
        u = rng.standard_normal((len(some), task.n_outputs, dim), dtype=np.float32)
        u /= np.linalg.norm(u, axis=2, keepdims=True)
        one_hot = np.eye(task.n_outputs, dtype=np.float32)[labels]
        stored = (one_hot * q[:, None].astype(np.float32)).T @ e
        # in this order, equal u (d = 1) give equal scores to the last bit
        logits = (e @ stored.transpose(0, 2, 1) @ u) @ u.transpose(0, 2, 1)
        errors.append((logits.argmax(axis=2) != labels) @ task.probabilities)
    values = np.concatenate(errors)
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(trials)


def random_setting(rng: np.random.Generator) -> tuple[ZipfTask, Scheme | Array, int]:
    """A task of up to 60 tokens, weights, and a dimension at which some tokens err."""
    n_outputs = int(rng.choice([2, 3, 4, 5, 8, 20]))
    n_tokens = int(rng.integers(n_outputs, 60))
    target = None
    if rng.random() < 0.4:
        target = tuple(rng.integers(0, n_outputs, rng.integers(1, n_tokens + 5)).tolist())
    task = ZipfTask(float(rng.choice([0.3, 1.0, 1.5, 2.0, 3.0])), n_tokens, n_outputs, target)
    dim = int(rng.choice([1, 2, 3, 4, 6, 10, 16, 24]))
    rho = float(rng.choice([0, 0.1, 0.3, 0.5, 1]))
    kind = rng.integers(4)
    if kind == 0:
        return task, Scheme(rho), dim
    if kind == 1:
        return task, threshold(PerDimension(0.3), rho), dim
    if kind == 2:
        return task, threshold(int(rng.integers(1, n_tokens + 1)), rho), dim
    weights = rng.exponential(size=n_tokens) * (rng.random(n_tokens) < 0.6)
    weights[rng.integers(n_tokens)] = 1
    return task, weights, dim


def test_the_law_agrees_with_simulation_at_320_random_settings() -> None:
    # One test of all: if every value is right, it fails with a probability of about 1 %.
    rng = np.random.default_rng(1)
    trials = 600
    found = []
    for k in range(320):
        task, scheme, dim = random_setting(rng)
        q = scheme.weights(task.probabilities, dim) if isinstance(scheme, Scheme) else scheme
        direct, sem = simulated(task, q, dim, trials, rng)
        (mean,), (law_sem,) = law(task, scheme, [dim], draws=512, seed=k)
        # rare errors are too few among the trials to show how much they vary
        if min(direct, mean) > 0.02:
            found.append((direct, math.hypot(sem, law_sem), mean))
    means, sems, expected = np.array(found).T
    assert len(found) > 300
    # at least as many degrees of freedom as the batches of the law have
    assert means_agree(means, sems, expected, trials=16)
    # Much smaller deviations than the standard errors would be as wrong as much larger ones. In a few
    # settings all memories have the same error.
    some = sems > 1e-12
    standard = (means - expected)[some] / sems[some]
    assert abs(standard.mean()) < 4 / math.sqrt(len(standard))
    assert 0.85 < standard.std() < 1.15


def test_the_law_agrees_with_the_simulation_of_the_package() -> None:
    task = ZipfTask(2.0, 300, 5)
    schemes = {"fill": fill(), "p": frequency(), "d/8": threshold(PerDimension(1 / 8))}
    rng = np.random.default_rng(5)
    direct = summarize(simulate_errors(task, schemes, [20, 100, 300], trials=300, rng=rng))
    exact = expected_errors(task, schemes, [20, 100, 300], rng=rng, draws=8192)
    both = direct.merge(exact, on=["scheme", "dim"], suffixes=("", "_law"))
    assert len(both) == 9
    sems = np.hypot(both["sem"], both["sem_law"])
    assert means_agree(both["mean"], sems, both["mean_law"], trials=16)


def test_scores_of_all_outputs_have_the_law_of_explicit_ones() -> None:
    # False failures: 1e-3 over all comparisons of distributions (Bonferroni).
    rng, task, dim, token, n = np.random.default_rng(0), ZipfTask(1.5, 12, 3), 4, 2, 20_000
    labels = task.labels(task.tokens)
    q = task.probabilities**0.5
    e = rng.standard_normal((n, 12, dim))
    u = rng.standard_normal((n, 3, dim))
    u /= np.linalg.norm(u, axis=2, keepdims=True)
    stored = (np.eye(3)[labels] * q[:, None]).T @ e
    memory = u.transpose(0, 2, 1) @ stored
    explicit = (u @ memory @ e[:, token - 1, :, None])[:, :, 0]

    y = labels[token - 1]
    gram = spherical_gram(3, dim, rng, size=n)
    radius = chi(dim, rng.random(n))[:, None]
    variances = np.bincount(labels, weights=q**2) - q[token - 1] ** 2 * (np.arange(3) == y)
    noise = np.sqrt(variances) * rng.standard_normal((n, 3))
    drawn = q[token - 1] * radius**2 * gram[:, :, y] + radius * np.einsum("nzw,nw->nz", gram, noise)

    directions = [*np.eye(3), *rng.standard_normal((9, 3))]
    p_values = [stats.ks_2samp(explicit @ v, drawn @ v).pvalue for v in directions]
    p_values += [
        stats.ks_2samp((explicit**2) @ np.abs(v), (drawn**2) @ np.abs(v)).pvalue for v in directions
    ]
    assert min(p_values) > 1e-3 / len(p_values)


@pytest.mark.parametrize("dim", [1, 2, 5, 40])
def test_critical_weights_select_the_tokens_that_err(dim: int) -> None:
    # token by token: the scores of the law, and their largest
    rng, task, n = np.random.default_rng(dim), ZipfTask(1.2, 30, 4), 20_000
    labels, p = task.labels(task.tokens), task.probabilities
    q = p**0.4 * (np.arange(30) < 20)
    sums = np.bincount(labels, weights=q**2)
    gram = spherical_gram(4, dim, rng, size=n)
    gram = np.sign(gram) if dim == 1 else gram
    radius, xi = chi(dim, rng.random(n))[:, None], rng.standard_normal((n, 4))
    errors = np.zeros(n)
    for token in range(30):
        y = labels[token]
        noise = np.sqrt(sums - q[token] ** 2 * (np.arange(4) == y)) * xi
        noise[:, y] += q[token] * radius[:, 0]
        if dim == 1:  # exact ties
            scores = gram[:, :, 0] * (gram[:, 0] * noise).sum(axis=1)[:, None]
        else:
            scores = np.einsum("nzw,nw->nz", gram, noise)
        errors += p[token] * (scores.argmax(axis=1) != y)
    means = [law(task, q, [dim], draws=640, seed=seed)[0][0] for seed in range(30)]
    check_same_mean(errors, np.array(means))
