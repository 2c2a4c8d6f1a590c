import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import stats

from assocmem import (
    PerDimension,
    ZipfTask,
    expected_errors,
    frequency,
    simulate_errors,
    threshold,
)
from assocmem.theory import (
    minimax,
    minimax_upper,
    one_class_error,
    theorem_1_upper,
    theorem_2_any_memory,
    theorem_2_entropy_constant,
    theorem_2_kappa,
    theorem_2_lower,
    theorem_2_lower_published,
    weight_shares,
)
from assocmem.theory.minimax import _log_sum_bound, _missed_points
from tests.oracles import check_estimate, check_mean

TASK = ZipfTask(2.0, math.inf, 5)


@pytest.mark.parametrize(("alpha", "constant"), [(2.0, 0.1657), (1.5, 0.1700)])
def test_theorem_2_constant(alpha: float, constant: float) -> None:
    normalizer = ZipfTask(alpha, math.inf, 2).normalizer
    limit = constant * normalizer / (alpha - 1)
    for dim in (10**4, 10**6):
        assert theorem_2_lower(alpha, dim) * dim ** (alpha - 1) == pytest.approx(limit, rel=2e-3)
        published = normalizer * 3 ** (1 - alpha) / (20 * (alpha - 1)) * (dim + 1) ** (1 - alpha)
        assert theorem_2_lower_published(alpha, dim) == pytest.approx(published)


@pytest.mark.parametrize("alpha", [1.05, 1.346, 1.5, 2.0, 4.0, 30.0])
def test_theorem_2_kappa_is_the_maximum_of_the_bound(alpha: float) -> None:
    kappa = theorem_2_kappa(alpha)
    tried = kappa * np.array([0.97, 1.0, 1.03])
    low, best, high = (alpha - 1) * np.log(tried) + stats.norm.logsf(np.sqrt(tried))
    assert max(low, high) < best
    assert abs(high - low) < 0.3 * (best - min(low, high))


def test_theorem_2_kappa_is_the_published_third_at_one_alpha() -> None:
    root = 3**-0.5
    alpha = 1 + root * stats.norm.pdf(root) / (2 * stats.norm.sf(root))
    assert theorem_2_kappa(alpha) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("alpha", "rho"), [(2.0, 0.0), (1.5, 0.2), (0.5, 1.0)])
def test_weight_shares_add_up_to_one(alpha: float, rho: float) -> None:
    shares = weight_shares(alpha, rho, 12, np.arange(1, 20))
    squares = [x ** (-2 * rho * alpha) for x in range(1, 13)]
    np.testing.assert_allclose(shares[:12], np.array(squares) / sum(squares))
    assert not shares[12:].any()
    assert weight_shares(alpha, rho, 1, [1, 2]).tolist() == [1, 0]
    endless = weight_shares(2.0, 0.5, math.inf, [1, 3])
    np.testing.assert_allclose(endless, [6 / math.pi**2, 6 / (9 * math.pi**2)])


def test_theorem_2_holds_for_the_constant_target() -> None:
    task = ZipfTask(2.0, math.inf, 2, (0,))
    schemes = {"p": frequency(), "√p": frequency(0.5), "cut": threshold(PerDimension(0.2))}
    rng = np.random.default_rng(3)
    table = expected_errors(task, schemes, [5, 50, 5000], rng=rng, draws=2048)
    for dim, mean, sem in table[["dim", "mean", "sem"]].itertuples(index=False):
        assert mean + 5 * sem >= theorem_2_lower(2.0, dim)


@pytest.mark.parametrize("alpha", [1.5, 2.0])
@pytest.mark.parametrize("dim", [1, 3, 50, 1000])
def test_theorem_2_lower_is_a_supremum_over_kappa(alpha: float, dim: int) -> None:
    """The set beyond n = ⌈d/κ⌉ is the same for all κ from d/n on, of which d/n gives the most."""
    n = np.arange(1, 5 * dim + 20)
    beyond = 1 - np.cumsum(n**-alpha) / float(mpmath.zeta(alpha))
    best = (stats.norm.sf(np.sqrt(dim / n)) * beyond).max()
    assert 0.99 * best <= theorem_2_lower(alpha, dim) <= best * (1 + 1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 37, 60])
def test_points_that_all_half_spaces_miss_are_never_too_many(n: int) -> None:
    """In integers; at d = n the half-spaces give all labelings, and the count is exactly 2^n. They may
    be too few only where the next count is within 10⁻⁸ of that.
    """
    for dim in range(1, n + 4):
        realizable = 2 * sum(math.comb(n - 1, i) for i in range(dim))
        missed = _missed_points(n, dim)
        ball = sum(math.comb(n, j) for j in range(missed))
        assert realizable * ball < 2**n
        assert realizable * (ball + math.comb(n, missed)) * (10**8 + 1) >= 2**n * 10**8


@pytest.mark.slow
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


def test_theorem_2_any_memory_tries_blocks_from_2d_to_4000d(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(minimax, "_missed_points", lambda n, dim: tried.append(n) or 1)
    theorem_2_any_memory(2.0, 7)
    assert (min(tried), max(tried)) == (14, 28_000)
    steps = np.diff(np.log(np.unique(tried)))
    assert steps[np.unique(tried)[1:] > 500].max() < 0.05


@pytest.mark.parametrize(("alpha", "ratio", "share"), [(1.05, 1603.8, 0.449), (4.0, 3.772, 0.0244)])
def test_theorem_2_any_memory_tends_to_the_entropy_constant(
    alpha: float, ratio: float, share: float
) -> None:
    """For large d, from above: δ (θd)^(1−α) at the best θ and the δ with H(1/θ) + H(δ) = 1."""
    entropies = sum(-s * math.log2(s) - (1 - s) * math.log2(1 - s) for s in (1 / ratio, share))
    assert entropies == pytest.approx(1, abs=0.02)
    limit = theorem_2_entropy_constant(alpha)
    assert limit == pytest.approx(share * ratio ** (1 - alpha), rel=0.02)
    found = theorem_2_any_memory(alpha, 30_000) * 30_000 ** (alpha - 1)
    assert limit <= found <= 1.002 * limit


def test_theorem_2_entropy_constant_is_a_supremum() -> None:
    best = 0.0
    for ratio in np.geomspace(2.1, 100, 400):
        taken = -math.log2(1 / ratio) / ratio - math.log2(1 - 1 / ratio) * (1 - 1 / ratio)
        shares = np.linspace(1e-4, 0.5, 5000)
        entropies = -shares * np.log2(shares) - (1 - shares) * np.log2(1 - shares)
        best = max(best, shares[entropies < 1 - taken].max(initial=0) * ratio**-0.5)
    assert theorem_2_entropy_constant(1.5) == pytest.approx(best, rel=1e-3)
    assert theorem_2_entropy_constant(1.5, 1.1) > 1.05 * best


@pytest.mark.parametrize("n", [2, 3, 10, 501, 20_000])
def test_bounds_of_sums_of_binomials(n: int) -> None:
    """Above the sum, and by no more than a factor that a geometric series can be off."""
    for k in sorted({0, 1, n // 10, n // 3, n // 2}):
        total = sum(math.comb(n, j) for j in range(k + 1)) if n < 600 else None
        if total is not None:
            assert math.log(total) <= _log_sum_bound(n, k) + 1e-9
            assert _log_sum_bound(n, k) <= math.log(total) + math.log(n + 1)
    exact = minimax._log_sums(n)
    assert (exact[: n // 2] <= [_log_sum_bound(n, k) + 1e-7 for k in range(n // 2)]).all()


def test_many_points_are_missed_by_bounds_as_by_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    for n, dim in ((5000, 30), (19_000, 9000), (3000, 300), (100, 50)):
        exact = _missed_points(n, dim)
        with monkeypatch.context() as patch:
            patch.setattr(minimax, "_LARGEST_SUM", 0)
            bounded = _missed_points(n, dim)
        assert exact - 0.01 * exact - 4 <= bounded <= exact


@pytest.mark.parametrize(
    ("n", "dim"), [*((90, dim) for dim in range(2, 30)), (1000, 100), (400, 199), (7, 2)]
)
def test_points_that_are_missed_by_bounds_are_as_many_as_the_bounds_allow(
    n: int, dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one, with logarithms of integers."""

    def bound(points: int, k: int) -> float:
        return math.log(math.comb(points, k)) + math.log((points - k + 1) / (points - 2 * k + 1))

    room = (n * (1 - 1e-10) - 1) * math.log(2) - bound(n - 1, dim - 1)
    expected = 0
    while bound(n, expected) < room:
        expected += 1
    monkeypatch.setattr(minimax, "_LARGEST_SUM", 0)
    assert _missed_points(n, dim) == expected
    assert len(minimax._log_sums(n)) == n + 1


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [1.3, 2.0, 8.0])
def test_theorem_2_any_memory_is_nearly_the_best_of_all_blocks(alpha: float) -> None:
    every = max(_missed_points(n, 12) * float(n) ** -alpha for n in range(24, 1200))
    assert 0.995 * every <= theorem_2_any_memory(alpha, 12) <= every


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


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: theorem_2_lower(2.0, 0), "dim"),
        (lambda: theorem_2_lower(1.0, 5), "alpha"),
        (lambda: theorem_2_lower_published(2.0, 0), "dim"),
        (lambda: theorem_2_lower_published(1.0, 5), "alpha"),
        (lambda: theorem_2_any_memory(2.0, 0), "dim"),
        (lambda: theorem_2_any_memory(1.0, 5), "alpha"),
        (lambda: theorem_2_entropy_constant(1.04), "alpha"),
        (lambda: one_class_error(1.0, 0.0, 5, 5), "alpha"),
        (lambda: one_class_error(2.0, -0.1, 5, 5), "rho"),
        (lambda: one_class_error(2.0, 0.0, 0.5, 5), "n_stored"),
        (lambda: one_class_error(2.0, 0.0, 5, 0), "dim"),
        (lambda: one_class_error(2.0, 0.1, [5, 10**13], 5), "n_stored"),
        (lambda: minimax_upper(ZipfTask(2.0, math.inf, 1), 0.1, 5, 5), "n_outputs"),
        (lambda: minimax_upper(TASK, 0.0, 5, 5), "rho"),
        (lambda: minimax_upper(TASK, 0.25, 5, 5), "rho"),
        (lambda: minimax_upper(TASK, 0.1, 0.5, 5), "n_stored"),
        (lambda: minimax_upper(TASK, 0.1, 5, 0), "dim"),
        (lambda: minimax_upper(TASK, 0.1, 5, 10**4, beta=0.0), "beta"),
        (lambda: theorem_2_kappa(1.0), "alpha"),
        (lambda: weight_shares(2.0, 0.5, 0, 1), "n_stored"),
        (lambda: weight_shares(2.0, 0.5, 2, 0), "tokens"),
    ],
)
def test_values_outside_theorem_2_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()


def test_theorem_2_lower_published_in_one_dimension() -> None:
    # 6/π² / 6 / 20
    assert theorem_2_lower_published(2.0, 1) == pytest.approx(1 / (20 * math.pi**2))


@pytest.mark.parametrize(("alpha", "rho"), [(2.0, 0.0), (2.0, 0.1), (1.5, 0.6), (3.0, 1.0)])
@pytest.mark.parametrize(("n_stored", "dim"), [(1, 3), (2, 1), (7, 4), (60, 50)])
def test_one_class_error_is_its_sum(alpha: float, rho: float, n_stored: int, dim: int) -> None:
    squares = [x ** (-2 * rho * alpha) for x in range(1, n_stored + 1)]
    norm, zeta, expected = sum(squares), float(mpmath.zeta(alpha)), 0.0
    for x, q2 in enumerate(squares, start=1):
        if norm > q2:
            expected += x**-alpha / zeta * stats.t.sf(math.sqrt(dim * q2 / (norm - q2)), dim)
    expected += (1 - sum(x**-alpha for x in range(1, n_stored + 1)) / zeta) / 2
    found = one_class_error(alpha, rho, [n_stored, n_stored + 0.7], dim)
    assert found == pytest.approx([expected] * 2, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("n_outputs", "target"), [(2, None), (2, (0, 0, 1)), (5, (3,)), (3, (0,))])
@pytest.mark.parametrize("rho", [0.0, 0.15])
def test_one_class_error_is_that_of_real_memories(
    n_outputs: int, target: tuple[int, ...] | None, rho: float
) -> None:
    """At every target for M = 2, at a constant one for any M; the vocabulary ends at 3000 tokens."""
    task, rng = ZipfTask(2.0, 3000, n_outputs, target), np.random.default_rng(6)
    table = simulate_errors(task, {"": threshold(4, rho)}, [6], trials=300, rng=rng)
    expected = float(one_class_error(2.0, rho, 4, 6))
    # an unstored token is guessed among the outputs that the embeddings put first: wrong half the time
    check_mean(table["error"].to_numpy(), expected, slack=float(TASK.tail(3000)))


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [1.3, 2.0, 3.0])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("target", [None, (0,), (0, 0, 1)])
def test_minimax_upper_is_above_the_bound_it_comes_from(
    alpha: float, share: float, target: tuple[int, ...] | None
) -> None:
    """Above `theorem_1_upper`, and so above the error; the sum of that one may be 0.3 % too large."""
    task, rho = ZipfTask(alpha, math.inf, 3, target), share / (2 * alpha)
    for dim in (10**3, 10**5):
        for stored in (1, dim // 300 + 1, dim // 20, dim):
            found = float(minimax_upper(task, rho, stored, dim))
            assert 1.003 * found >= theorem_1_upper(task, threshold(stored, rho), dim, alpha - 1)
            assert target != (0,) or found >= float(one_class_error(alpha, rho, stored, dim))


@pytest.mark.parametrize(
    ("rho", "n_stored"),
    [(0.1, 1000), (0.1, 50_000), (0.2, 300), (0.2, 4167), (0.05, 10**6)],
)
def test_minimax_upper_is_its_formula(rho: float, n_stored: int) -> None:
    dim, r = 10**6, 4 * rho
    b, v = (1 - r) * dim / (16 * n_stored), np.geomspace(1e-3, 1, 2_000_001)
    largest = (v**-2.0 * np.exp(-b * v**-r)).max()
    for beta in (0.5, 1.0, 2.0):
        expected = dim**-beta + math.exp(-dim / 16)
        expected += 6 / math.pi**2 * (1 + 2.5 * largest) / n_stored
        found = float(minimax_upper(TASK, rho, n_stored, dim, beta))
        assert found == pytest.approx(min(1, expected), rel=1e-6)
    found = minimax_upper(TASK, rho, n_stored + 0.7, dim)
    assert found == minimax_upper(TASK, rho, n_stored, dim, 1.0)


def test_minimax_upper_of_two_outputs_starts_at_the_least_dimension() -> None:
    """One token with r = 1/2 and b ≥ α/r = 3: the bound is its formula from d = 32 c on, and 1 before."""
    task, rho = ZipfTask(1.5, math.inf, 2), 1 / 6
    for beta in np.linspace(0.51, 1.5, 30).tolist():
        first = 2
        while first < 32 * (math.log(2) + beta * math.log(first)):
            first += 1
        assert minimax_upper(task, rho, 1, first - 1, beta) == 1
        expected = first**-beta + math.exp(-first / 16)
        expected += (2 + math.exp(-first / 32)) / float(mpmath.zeta(1.5))
        found = float(minimax_upper(task, rho, 1, first, beta))
        assert found == pytest.approx(expected, rel=1e-9)
        assert found < 1
    assert minimax_upper(task, rho, 1, 1) == 1


def test_one_class_error_asks_for_the_memory_that_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="^n_stored = 10000000000000 is not valid"):
        one_class_error(2.0, 0.1, [5, 10**13], 5)

    def call() -> object:
        return one_class_error(2.0, 0.1, [100, 200_000], 5)

    check_estimate("assocmem.theory.minimax", call, monkeypatch)


def test_minimax_upper_has_no_logarithm_and_a_first_dimension() -> None:
    """At P in proportion to d it falls like d^(1−α), by its constant K₂; below d = 32 c it is 1."""
    rho, dims = 0.125, [10**5, 10**8, 10**11]
    for dim in dims:
        found = float(minimax_upper(TASK, rho, dim / 128, dim, beta=1.5)) * dim
        constant = 6 / math.pi**2 * 128 * (1 + 2.5 * math.exp(-4))
        assert found == pytest.approx(constant + dim**-0.5, rel=2e-3)
    first = next(d for d in range(2, 10**4) if d >= 32 * math.log(5 * d))
    assert minimax_upper(TASK, rho, [1, first], first - 1).tolist() == [1, 1]
    assert float(minimax_upper(TASK, rho, 2, first)) < 1
