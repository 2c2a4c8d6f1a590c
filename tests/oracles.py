"""The same quantities computed in the most direct way, and the statistical checks of the tests.

Nothing here calls the code under test: sums run over tokens, matrices are dense, and embeddings
are explicit.
"""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

#: Every statistical check fails a right implementation with at most this probability. Seeds are
#: fixed, so a check that passes once always passes.
FALSE_FAILURE = 1e-6
_Z = float(stats.norm.isf(FALSE_FAILURE / 2))

#: Property tests draw the same examples in every run.
properties = settings(derandomize=True, deadline=None, max_examples=60, database=None)


# Statistical checks


def check_mean(sample: Array, expected: float, slack: float = 0.0) -> None:
    """The mean of independent draws is the expected one (normal approximation)."""
    sem = sample.std(ddof=1) / math.sqrt(len(sample))
    assert abs(sample.mean() - expected) <= _Z * sem + slack, (sample.mean(), sem, expected)


def check_same_mean(a: Array, b: Array) -> None:
    """Two independent samples have the same mean (normal approximation)."""
    sem = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    assert abs(a.mean() - b.mean()) <= _Z * sem, (a.mean(), b.mean(), sem)


def check_probability(successes: int, trials: int, expected: float) -> None:
    """A number of successes is likely under a probability (exact binomial test)."""
    p_value = stats.binomtest(int(successes), trials, expected).pvalue
    assert p_value > FALSE_FAILURE, (successes / trials, expected)


# The task


def target_at(period: Sequence[int], x: int) -> int:
    """f*(x) for one period of the target."""
    return period[x % len(period)]


def zipf_masses(alpha: float, n_tokens: int) -> Array:
    """p(1), …, p(N), by a sum over tokens."""
    powers = [x**-alpha for x in range(1, n_tokens + 1)]
    total = math.fsum(powers)
    return np.array([power / total for power in powers])


def progression_sum(s: float, first: float, last: float, step: int) -> float:
    """Σ (first + k step)^(-s) over terms up to ``last``, term by term."""
    terms = []
    k = 0
    while first + k * step <= last:
        terms.append((first + k * step) ** -s)
        k += 1
    return math.fsum(terms)


def hurwitz_sum(s: float, first: float, last: float, step: int) -> float:
    """The same through Hurwitz's zeta function, continued to s ≤ 1, with 60 digits."""
    with mpmath.workdps(60):
        a = mpmath.mpf(first) / step
        count = mpmath.floor((mpmath.mpf(last) - first) / step) + 1 if last != math.inf else None
        if count is None:
            total = mpmath.zeta(s, a)
        elif s == 1:
            total = mpmath.digamma(a + count) - mpmath.digamma(a)
        else:
            total = mpmath.zeta(s, a) - mpmath.zeta(s, a + count)
        return float(total * mpmath.mpf(step) ** -mpmath.mpf(s))


@st.composite
def tasks(draw: st.DrawFn, max_tokens: int = 40) -> dict[str, object]:
    """Arguments of a finite task, with a periodic or arbitrary target, M up to N."""
    n_tokens = draw(st.integers(1, max_tokens))
    n_outputs = draw(st.integers(1, n_tokens))
    outputs = st.integers(0, n_outputs - 1)
    target = draw(
        st.none() | st.lists(outputs, min_size=1, max_size=n_tokens + 3).map(lambda y: tuple(y))
    )
    alpha = draw(st.sampled_from([0.3, 0.999999, 1.0, 1.000001]) | st.floats(0.05, 5))
    return {"alpha": alpha, "n_tokens": n_tokens, "n_outputs": n_outputs, "target": target}


# The memory


def dense_matrix(weights: Array, labels: Sequence[int], inputs: Array, outputs: Array) -> Array:
    """W, one outer product after the other."""
    dim = inputs.shape[1]
    matrix = np.zeros((dim, dim))
    for q, y, e in zip(weights, labels, inputs, strict=True):
        matrix += q * np.outer(outputs[y], e)
    return matrix


def dense_scores(matrix: Array, inputs: Array, outputs: Array) -> Array:
    """u_y^T W e_x, one number after the other."""
    return np.array([[float(u @ (matrix @ e)) for u in outputs] for e in inputs])


def explicit_embeddings(
    n_tokens: int, n_outputs: int, dim: int, seed: int | np.random.Generator
) -> tuple[Array, Array]:
    """E (N, d) and U (M, d) of a sweep: one coordinate after another, for tokens, then outputs."""
    rng = np.random.default_rng(seed)
    count = n_tokens + n_outputs
    coordinates = [box_muller(rng.bit_generator.random_raw((count + 1) // 2)) for _ in range(dim)]
    vectors = np.array(coordinates).T[:count]
    outputs = vectors[n_tokens:]
    return vectors[:n_tokens], outputs / np.linalg.norm(outputs, axis=1)[:, None]


def box_muller(words: NDArray[np.uint64]) -> Array:
    """Two normals for each word of 64 bits: all with the cosine, then all with the sine."""
    u = [((int(word) % 2**32) + 0.5) / 2**32 for word in words]
    v = [((int(word) // 2**32) + 0.5) / 2**32 for word in words]
    radius = [math.sqrt(-2 * math.log(x)) for x in u]
    cosines = [r * math.cos(2 * math.pi * x) for r, x in zip(radius, v, strict=True)]
    sines = [r * math.sin(2 * math.pi * x) for r, x in zip(radius, v, strict=True)]
    return np.array(cosines + sines)


def error_range(
    masses: Array, labels: Sequence[int], logits: Array, margin: float = 1e-5
) -> tuple[float, float]:
    """Smallest and largest error that scores allow when they are known up to rounding."""
    low = high = 0.0
    for p, y, row in zip(masses, labels, logits, strict=True):
        others = np.delete(row, y)
        lead = row[y] - others.max() if len(others) else math.inf
        uncertain = margin * np.abs(row).max()
        low += p * (lead < -uncertain)
        high += p * (lead <= uncertain)
    return low - 1e-12, high + 1e-12


def naive_error(
    masses: Array, labels: NDArray[np.intp], weights: Array, n_outputs: int, dim: int,
    rng: np.random.Generator,
) -> float:  # fmt: skip
    """The error of one memory: fresh Gaussian e, fresh spherical u, a dense W."""
    inputs = rng.normal(size=(len(masses), dim))
    outputs = rng.normal(size=(n_outputs, dim))
    outputs /= np.linalg.norm(outputs, axis=1)[:, None]
    matrix = (outputs[labels] * weights[:, None]).T @ inputs
    recalled = np.argmax(inputs @ matrix.T @ outputs.T, axis=1)
    return float(masses[recalled != labels].sum())


# The laws


def unseen_mass(
    mass: Callable[[Array], Array], tail: Callable[[int], float], size: int, n_tokens: float
) -> tuple[float, float]:
    """Bounds of Σ p (1 − p)^T that meet as the tokens beyond the last summed one get rare."""
    last = int(min(n_tokens, 2 * 10**6))
    p = mass(np.arange(1, last + 1, dtype=float))
    head = math.fsum(p * (1 - p) ** size)
    rest = tail(last) if n_tokens > last else 0.0
    return head + rest * (1 - p[-1]) ** size, head + rest


def check_estimate(name: str, call: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that is asked for, by what a module calls ``check_memory``, is enough and not twice
    the peak of what is then allocated.
    """
    asked: list[float] = []
    monkeypatch.setattr(f"{name}.check_memory", lambda n_bytes, *_: asked.append(n_bytes))
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= max(asked) < 1.9 * peak


def means_agree(means: Any, sems: Any, expected: Any, trials: int) -> bool:
    """Whether all means have their expected values, by Student's intervals of level 1 − 0.01/n each."""
    deviations = np.abs(np.asarray(means) - np.asarray(expected))
    critical = stats.t.isf(0.01 / (2 * deviations.size), trials - 1)
    return bool((deviations <= critical * np.asarray(sems) + 1e-12).all())
