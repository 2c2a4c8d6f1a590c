"""Theorems 1 and 2 and Proposition 4 against explicit sums, exact counts and simulations."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import norm

from assocmem import (
    PerDimension,
    Scheme,
    ZipfTask,
    expected_errors,
    fill,
    frequency,
    proposition_1_error,
    proposition_4_crossover,
    proposition_4_lower,
    proposition_4_prediction,
    simulate_errors,
    summarize,
    theorem_1_lower,
    theorem_1_lower_published,
    theorem_1_upper,
    theorem_1_upper_published,
    theorem_2_any_memory,
    theorem_2_lower,
    theorem_2_lower_published,
    threshold,
)

TASK = ZipfTask(2.0, 400, 5)
SCHEMES = [fill(), frequency(), frequency(0.3), threshold(PerDimension(1 / 8)), threshold(9, 0.4)]


def weights_one_by_one(scheme: Scheme, dim: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    x = np.arange(1, 401)
    q = (x <= (scheme.stored_at(dim) or 400)) * x ** -(scheme.rho * 2.0)
    p = x**-2.0 / (x**-2.0).sum()
    sums = [(q**2)[x % 5 == y].sum() for y in range(5)]
    return p, q**2, max(sums), sum(sums)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dim", [100, 3000, 10**6])
def test_theorem_1_upper_is_its_sum(scheme: Scheme, dim: int) -> None:
    p, squares, largest, total = weights_one_by_one(scheme, dim)
    gamma = 0.7
    c = math.log(5) + gamma * math.log(dim)
    failure = 2.5 * np.exp(-dim * squares / (8 * (largest + 32 * c * total / dim)))
    exact = dim**-gamma + math.exp(-dim / 16) + p @ np.minimum(1, failure)
    bound = theorem_1_upper(TASK, scheme, dim, gamma)
    if dim < 8 * (2 * math.log(5) + gamma * math.log(dim)):
        assert bound == 1
    else:
        # the Riemann sum is from above, but for rounding
        assert min(1, exact) * (1 - 1e-12) <= bound <= min(1, 1.004 * exact)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dim", [1, 10, 1000])
def test_theorem_1_lower_is_a_supremum_over_kappa(scheme: Scheme, dim: int) -> None:
    p, squares, largest, _ = weights_one_by_one(scheme, dim)
    below = squares[squares < largest]
    kappas = dim * below / (largest - below)  # between two of these the set does not grow
    best = max(
        norm.sf(math.sqrt(k)) * p[squares <= s].sum() for k, s in zip(kappas, below, strict=True)
    )
    assert 0.98 * best <= theorem_1_lower(TASK, scheme, dim) <= best * (1 + 1e-9)
    published = p[3 * (dim + 1) * squares <= largest].sum() / 20
    assert theorem_1_lower_published(TASK, scheme, dim) == pytest.approx(published, abs=1e-12)
    assert theorem_1_lower(TASK, scheme, dim) >= 5 * published


@pytest.mark.parametrize("scheme", SCHEMES)
def test_theorem_1_encloses_the_simulated_error(scheme: Scheme) -> None:
    """At d from 3 to 300, with 30 trials; five standard errors of slack (false failure < 1e-4)."""
    dims = [3, 30, 300]
    rng = np.random.default_rng(1)
    table = summarize(simulate_errors(TASK, {"": scheme}, dims, trials=30, rng=rng))
    for dim, mean, sem in zip(dims, table["mean"], table["sem"], strict=True):
        assert theorem_1_lower(TASK, scheme, dim) <= mean + 5 * sem
        assert theorem_1_upper(TASK, scheme, dim) >= mean - 5 * sem
        assert theorem_1_upper_published(TASK, scheme, dim) >= mean - 5 * sem


def test_theorem_1_holds_for_arbitrary_weights_and_targets() -> None:
    """Six targets and random weights, by the exact law; a false failure has probability < 1e-4."""
    rng = np.random.default_rng(2)
    for outputs in (2, 3, 8):
        for target in (None, tuple(rng.integers(0, outputs, 60).tolist())):
            task = ZipfTask(1.5, 60, outputs, target)
            weights = rng.exponential(size=60)
            table = expected_errors(task, {"": weights}, [2, 20, 2000], rng=rng, draws=2048)
            for dim, mean, sem in table[["dim", "mean", "sem"]].itertuples(index=False):
                assert theorem_1_lower(task, weights, dim) <= mean + 5 * sem + 1e-12
                assert theorem_1_upper(task, weights, dim) >= mean - 5 * sem


def test_theorem_1_values() -> None:
    """q = p, M = 5, α = 2, N = ∞, d = 10⁴: the error .0328 lies between .0136 and .172."""
    task = ZipfTask(2.0, math.inf, 5)
    assert theorem_1_lower(task, frequency(), 10**4) == pytest.approx(0.0137, abs=2e-4)
    assert 0.0328 < theorem_1_upper(task, frequency(), 10**4) < 0.172


@pytest.mark.parametrize(("alpha", "constant"), [(2.0, 0.1657), (1.5, 0.1700)])
def test_theorem_2_constant(alpha: float, constant: float) -> None:
    normalizer = ZipfTask(alpha, math.inf, 2).normalizer
    limit = constant * normalizer / (alpha - 1)
    for dim in (10**4, 10**6):
        assert theorem_2_lower(alpha, dim) * dim ** (alpha - 1) == pytest.approx(limit, rel=2e-3)
        published = normalizer * 3 ** (1 - alpha) / (20 * (alpha - 1)) * (dim + 1) ** (1 - alpha)
        assert theorem_2_lower_published(alpha, dim) == pytest.approx(published)


def test_theorem_2_holds_for_the_constant_target() -> None:
    task = ZipfTask(2.0, math.inf, 2, (0,))
    schemes = {"p": frequency(), "√p": frequency(0.5), "cut": threshold(PerDimension(0.2))}
    rng = np.random.default_rng(3)
    table = expected_errors(task, schemes, [5, 50, 5000], rng=rng, draws=2048)
    for dim, mean, sem in table[["dim", "mean", "sem"]].itertuples(index=False):
        assert mean + 5 * sem >= theorem_2_lower(2.0, dim)


def test_theorem_2_any_memory_counts_exactly() -> None:
    """Against integers of arbitrary size: the m it finds satisfies the count, m + 1 does not."""
    for dim, n in ((3, 12), (10, 90), (25, 230)):
        realizable = 2 * sum(math.comb(n - 1, i) for i in range(dim))
        missed, ball = 0, 0
        while realizable * (ball + math.comb(n, missed)) < 2**n:
            ball += math.comb(n, missed)
            missed += 1
        best = float(Fraction(missed) / Fraction(n) ** 2)
        assert theorem_2_any_memory(2.0, dim) >= 0.98 * best
    for dim in (2, 10, 50, 200):
        assert theorem_2_any_memory(2.0, dim) * dim >= 0.0121
        assert theorem_2_any_memory(1.5, dim) * dim**0.5 >= 0.0439


def test_theorem_2_any_memory_by_hand() -> None:
    """For d = 1 the answers follow two opposite labelings: 2 (1 + n + …) < 2^n."""
    candidates = []
    for n in range(2, 61):
        ball, missed = 0, 0
        while 2 * (ball + math.comb(n, missed)) < 2**n:
            ball += math.comb(n, missed)
            missed += 1
        candidates.append(missed * n**-2.0)
    assert theorem_2_any_memory(2.0, 1) == pytest.approx(max(candidates))


def test_proposition_4_bound_and_prediction() -> None:
    task = ZipfTask(2.0, 500, 5)
    scheme = threshold(20)
    sizes = [10, 300, 10_000]
    table = summarize(
        simulate_errors(
            task, {"": scheme}, [160], trials=60, rng=np.random.default_rng(4), n_samples=sizes
        ),
        by=["n_samples"],
    )
    lower = proposition_4_lower(task, 20, sizes)
    total = proposition_4_prediction(task, 20, sizes)
    assert (lower <= table["mean"] + 5 * table["sem"]).all()
    assert (table["mean"] / total).between(0.45, 1.15).all()
    assert lower == pytest.approx(np.maximum(proposition_1_error(task, sizes), task.tail(20)) / 2)


@pytest.mark.parametrize("alpha", [1.3, 2.0, 3.0])
def test_proposition_4_crossover_balances_the_laws(alpha: float) -> None:
    task = ZipfTask(alpha, math.inf, 5)
    for stored in (100, 1000):
        size = round(float(proposition_4_crossover(alpha, stored)))
        assert float(proposition_1_error(task, size)) == pytest.approx(
            float(task.tail(stored)), rel=0.02
        )
