import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem import PerDimension, ZipfTask, best_threshold, simulate_errors, threshold
from assocmem.theory import (
    best_threshold_asymptote,
    proposition_3_bounds,
    proposition_3_exponent,
    proposition_3_laws,
    proposition_3_lower,
    proposition_3_prediction,
    proposition_3_proven_scheme,
    proposition_3_proven_threshold,
    proposition_3_threshold,
    proposition_3_upper,
    stored_error,
)
from tests.oracles import check_mean, check_probability, hurwitz_sum, properties

INFINITE = ZipfTask(2.0, math.inf, 5)


@pytest.mark.parametrize(
    "task",
    [
        INFINITE,
        ZipfTask(1.3, math.inf, 3, target=(0, 2, 2, 1, 0)),
        ZipfTask(0.8, 60, 4),
        ZipfTask(2.0, 50, 2, target=(1,)),
    ],
)
@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("gamma", [0.25, 2.0])
def test_proposition_3_upper_is_its_formula(task: ZipfTask, rho: float, gamma: float) -> None:
    for n_stored, dim in [(1, 30), (1, 150), (7, 2000), (50, 10**5), (40, 10**8)]:
        normalizer = task.normalizer
        sums = dict.fromkeys(range(task.n_outputs), 0.0)
        period = task.target or tuple(range(task.n_outputs))
        for x in range(1, n_stored + 1):
            sums[period[x % len(period)]] += x ** (-2 * rho * task.alpha)
        c = math.log(task.n_outputs) + gamma * math.log(dim)
        noise = max(sums.values()) + 32 * c * sum(sums.values()) / dim
        expected = dim**-gamma + math.exp(-dim / 16)
        expected += normalizer * hurwitz_sum(task.alpha, n_stored + 1, task.n_tokens, 1)
        for x in range(1, n_stored + 1):
            q = x ** (-rho * task.alpha)
            failure = task.n_outputs / 2 * math.exp(-dim * q * q / (8 * noise))
            expected += normalizer * x**-task.alpha * min(1.0, failure)
        if dim < 8 * (c + math.log(task.n_outputs)):  # the proof needs |G_zw| ≤ 1/2
            expected = 1.0
        bound = proposition_3_upper(task, rho, n_stored, dim, gamma)
        # `theorem_1_upper` adds up the failures by an upper Riemann sum, at most 0.3 % too large
        assert min(1.0, expected) * (1 - 1e-10) <= bound <= min(1.0, 1.003 * expected)


def test_proposition_3_upper_takes_alpha_minus_one_for_gamma() -> None:
    default = proposition_3_upper(INFINITE, 0.0, 50, 10**5)
    assert default < 1
    assert default == proposition_3_upper(INFINITE, 0.0, 50, 10**5, 1.0)
    assert default != proposition_3_upper(INFINITE, 0.0, 50, 10**5, 1.5)


@given(st.integers(0, 10**6))
@properties
def test_proposition_3_lower_is_half_the_tail(n_stored: int) -> None:
    expected = hurwitz_sum(2.0, n_stored + 1, math.inf, 1) / float(mpmath.zeta(2)) / 2
    assert float(proposition_3_lower(INFINITE, n_stored)) == pytest.approx(expected, rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize(
    "task",
    [
        ZipfTask(2.0, 300, 5),
        ZipfTask(1.5, 200, 2),
        ZipfTask(0.5, 100, 4),
        ZipfTask(2.0, 120, 3, target=(1,)),
        ZipfTask(1.5, 100, 20),
    ],
)
@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_proposition_3_brackets_simulated_errors(task: ZipfTask, rho: float) -> None:
    stored = [1, 2, 10, 50]
    schemes = {str(p): threshold(p, rho=rho) for p in stored}
    table = simulate_errors(
        task, schemes, [2, 10, 60, 300, 900], trials=40, rng=np.random.default_rng(0)
    )
    z = stats.norm.isf(1e-6)
    for (name, dim), errors in table.groupby(["scheme", "dim"])["error"]:
        slack = z * errors.sem()
        n_stored = int(str(name))
        assert errors.mean() + slack >= float(proposition_3_lower(task, n_stored))
        for gamma in (0.2, 1.0, 4.0):
            assert errors.mean() - slack <= proposition_3_upper(task, rho, n_stored, dim, gamma)


@pytest.mark.slow
@pytest.mark.parametrize("n_outputs", [2, 3, 5, 40])
@pytest.mark.parametrize(("n_stored", "dim"), [(3, 1), (1, 1), (1, 2), (1, 8), (5, 50)])
def test_stored_error_is_its_integral(n_outputs: int, n_stored: int, dim: int) -> None:
    with mpmath.workdps(25):
        shift = mpmath.sqrt(mpmath.mpf(dim * n_outputs) / n_stored)
        integral = mpmath.quad(
            lambda s: mpmath.npdf(s) * (1 - mpmath.ncdf(s + shift) ** (n_outputs - 1)),
            [-20, -shift, 0, 20] if shift < 20 else [-20, 0, 20],
        )
    found = float(stored_error(n_outputs, n_stored, dim))
    assert found == pytest.approx(float(integral), rel=1e-10, abs=1e-18)


@pytest.mark.parametrize(("n_stored", "dim"), [(1, 1), (5, 2), (1000, 10), (10**9, 1)])
def test_stored_error_of_two_outputs_has_a_closed_form(n_stored: int, dim: int) -> None:
    expected = stats.norm.sf(math.sqrt(dim / n_stored))
    assert float(stored_error(2, n_stored, dim)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("n_outputs", [2, 5, 12])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0, 4.0])
def test_stored_error_is_the_probability_of_the_gaussian_event(
    n_outputs: int, ratio: float
) -> None:
    xi = np.random.default_rng(0).normal(size=(200_000, n_outputs))
    beaten = (xi[:, 1:].max(axis=1) - xi[:, 0]) > math.sqrt(ratio * n_outputs)
    expected = float(stored_error(n_outputs, 100, 100 * ratio))
    check_probability(beaten.sum(), 200_000, expected)


@pytest.mark.parametrize(
    ("share", "expected", "precision"), [(1 / 8, 1.53e-5, 5e-8), (1 / 2, 0.042, 5e-4), (1, 0.161, 5e-4)]
)  # fmt: skip
def test_stored_error_at_a_threshold_in_proportion_to_the_dimension(
    share: float, expected: float, precision: float
) -> None:
    assert float(stored_error(5, share, 1)) == pytest.approx(expected, abs=precision)


def test_stored_error_saturates_at_a_random_guess() -> None:
    assert float(stored_error(5, 10**15, 1)) == pytest.approx(0.8, abs=1e-6)
    assert float(stored_error(5, 1, 10**6)) == 0


@pytest.mark.parametrize(("n_stored", "n_outputs"), [(500, 5), (1000, 5), (2000, 4), (1000, 2)])
def test_stored_error_is_that_of_real_memories(n_stored: int, n_outputs: int) -> None:
    # Nearly equal masses make the mean over tokens precise; q = 1 does not see them.
    dim = 1000
    task = ZipfTask(0.01, n_stored, n_outputs)
    table = simulate_errors(
        task, {"all": threshold(n_stored)}, [dim], trials=20, rng=np.random.default_rng(3)
    )
    expected = float(stored_error(n_outputs, n_stored, dim))
    # The limit d → ∞ is approached like 1/√d at most: here within 3 % of the value.
    check_mean(table["error"].to_numpy(), expected, slack=0.03 * expected)


@given(st.integers(2, 50), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
@properties
def test_stored_error_grows_with_the_load(n_outputs: int, p: int, more: int, dim: int) -> None:
    light, heavy = stored_error(n_outputs, np.array([p, p + more]), dim)
    assert 0 <= light <= heavy + 1e-12
    assert heavy <= 1 - 1 / n_outputs + 1e-9


@pytest.mark.parametrize("n_tokens", [80, 10**7, math.inf])
def test_prediction_counts_guesses_beyond_p_and_errors_below(n_tokens: float) -> None:
    task = ZipfTask(1.7, n_tokens, 4)
    found = proposition_3_prediction(task, np.array([[1], [40], [100]]), np.array([30, 3000]))
    for i, p in enumerate((1, 40, 100)):
        stored = min(p, n_tokens)
        tail = float(task.tail(stored))
        for j, dim in enumerate((30, 3000)):
            expected = 0.75 * tail + (1 - tail) * float(stored_error(4, stored, dim))
            assert found[i, j] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n_stored", "dim"), [(25, 100), (125, 1000), (250, 500)])
def test_prediction_is_the_mean_error_of_real_memories(n_stored: int, dim: int) -> None:
    task = ZipfTask(1.5, 500, 5)
    table = simulate_errors(
        task, {"cut": threshold(n_stored)}, [dim], trials=60, rng=np.random.default_rng(4)
    )
    expected = float(proposition_3_prediction(task, n_stored, dim))
    check_mean(table["error"].to_numpy(), expected, slack=0.02 * expected)


@pytest.mark.parametrize(
    ("dim", "best", "error"), [(100, 25, 0.02167), (1000, 185, 0.003069), (10_000, 1357, 0.000393)]
)
def test_prediction_has_the_best_threshold_of_the_exact_law(
    dim: int, best: int, error: float
) -> None:
    stored = np.arange(5, dim + 1, 5)
    predicted = proposition_3_prediction(INFINITE, stored, dim)
    found = int(stored[predicted.argmin()])
    assert found == pytest.approx(best, rel=0.05, abs=5)
    assert predicted.min() == pytest.approx(error, rel=0.03)


PROVEN = [
    (alpha, n_outputs, rho, dim)
    for alpha, n_outputs in ((1.4, 3), (2.0, 5), (3.0, 2))
    for rho in (0.0, 0.5, 1.2)
    for dim in (2, 300, 10**4, 10**7)
]


@pytest.mark.parametrize(("alpha", "n_outputs", "rho", "dim"), PROVEN)
def test_proposition_3_proven_threshold_is_the_largest_that_the_proof_allows(
    alpha: float, n_outputs: int, rho: float, dim: int
) -> None:
    """16 c P^(2ρα + 1) ≤ d, but for P = 1, with e^c = M d^(α − 1)."""
    stored = proposition_3_proven_threshold(ZipfTask(alpha, math.inf, n_outputs), rho, dim)
    assert isinstance(stored, int)

    def needed(tokens: int) -> float:
        c = math.log(n_outputs * float(dim) ** (alpha - 1))
        return 16 * c * float(tokens) ** (2 * rho * alpha + 1)

    assert needed(stored) <= dim or stored == 1
    assert needed(stored + 1) > dim


def test_proposition_3_proven_threshold_grows_in_the_dimensions_that_the_proof_says() -> None:
    """The least d with 16 c P ≤ d, for each P from 2 on."""
    task = ZipfTask(1.4, math.inf, 2)
    found = np.array([proposition_3_proven_threshold(task, 0.0, dim) for dim in range(1, 2000)])
    for stored in range(2, int(found[-1]) + 1):
        least = next(d for d in range(2, 2000) if 16 * stored * math.log(2 * d**0.4) <= d)
        assert int(np.argmax(found >= stored)) + 1 == least


def test_proposition_3_proven_threshold_by_hand() -> None:
    # 16 (log 5 + log 10⁴) = 173.1
    assert proposition_3_proven_threshold(INFINITE, 0.0, 10**4) == 57
    assert proposition_3_proven_threshold(INFINITE, 0.0, 40) == 1


@pytest.mark.parametrize(
    ("alpha", "n_outputs", "rho", "dim"),
    [case for case in PROVEN if case[3] >= 32 * math.log(case[1] * case[3] ** (case[0] - 1))],
)
def test_proposition_3_proof_keeps_its_promise(
    alpha: float, n_outputs: int, rho: float, dim: int
) -> None:
    """For d ≥ 32 c; the sum of `theorem_1_upper` may be 0.3 % too large."""
    task = ZipfTask(alpha, math.inf, n_outputs)
    stored = proposition_3_proven_threshold(task, rho, dim)
    beyond = hurwitz_sum(alpha, stored + 1, math.inf, 1) / float(mpmath.zeta(alpha))
    promise = beyond + 1.5 * dim ** (1 - alpha) + math.exp(-dim / 16)
    assert proposition_3_upper(task, rho, stored, dim) <= 1.003 * promise


def test_proposition_3_bounds_are_those_of_the_threshold_of_the_proof() -> None:
    table = proposition_3_bounds(INFINITE, [0.0, 0.5], [300, 10**5])
    assert table[["rho", "dim"]].to_numpy().tolist() == [[0, 300], [0, 1e5], [0.5, 300], [0.5, 1e5]]
    for row in table.itertuples():
        scheme = proposition_3_proven_scheme(INFINITE, row.rho)
        assert scheme.rho == row.rho
        assert scheme.stored_at(row.dim) == row.n_stored
        assert row.n_stored == proposition_3_proven_threshold(INFINITE, row.rho, row.dim)
        tail = hurwitz_sum(2.0, row.n_stored + 1, math.inf, 1) / float(mpmath.zeta(2))
        assert row.lower == pytest.approx(tail / 2)
        assert row.guesses == pytest.approx(0.8 * tail)
        assert row.upper == proposition_3_upper(INFINITE, row.rho, row.n_stored, row.dim)


def test_laws_over_d_store_no_more_tokens_than_there_are() -> None:
    task = ZipfTask(2.0, 40, 5)
    table = proposition_3_laws(task, threshold(PerDimension(0.2)), [1000, 100])
    assert table["dim"].tolist() == [100, 1000]
    assert table["n_stored"].tolist() == [20, 40]
    assert set(table["n_tokens"]) == {40}
    noise = [float(stored_error(5, p, d)) for p, d in ((20, 100), (40, 1000), (40, 100))]
    tail = sum(x**-2.0 for x in range(21, 41)) / sum(x**-2.0 for x in range(1, 41))
    expected = [0.8 * tail + (1 - tail) * noise[0], noise[1]]
    np.testing.assert_allclose(table["threshold"], expected, rtol=1e-12)
    np.testing.assert_allclose(table["fill"], [noise[2], noise[1]], rtol=1e-12)


@pytest.mark.parametrize("alpha", [1.05, 1.4, 1.5, 2.0, 3.0, 6.0])
@pytest.mark.parametrize("n_outputs", [2, 5, 100])
def test_best_threshold_asymptote_balances_saving_and_cost(alpha: float, n_outputs: int) -> None:
    """The derivative in P of the tail's integral is that of the noise, a union of Gaussian tails."""
    task, dims = ZipfTask(alpha, math.inf, n_outputs), np.array([30.0, 1e4, 1e12])
    stored, error = best_threshold_asymptote(task, dims)
    for dim, p, e in zip(dims, stored, error, strict=True):
        level = n_outputs * dim / (4 * p)
        saved = (1 - 1 / n_outputs) / float(mpmath.zeta(alpha)) * p**-alpha
        # (M − 1) e^(−v²/4) / (√π v) at v² = dM/P, whose derivative in P without that of 1/v is
        cost = (n_outputs - 1) * math.exp(-level) / (2 * math.sqrt(math.pi * level)) * level / p
        assert cost == pytest.approx(saved, rel=1e-9)
        noise = (n_outputs - 1) * math.exp(-level) / (2 * math.sqrt(math.pi * level))
        assert e == pytest.approx(p * saved / (alpha - 1) + noise, rel=1e-9)


@pytest.mark.parametrize(
    ("alpha", "dims", "expected"),
    [
        (1.5, [10**3, 10**4, 10**5], [257, 2076, 17428]),
        (2.0, [10**4], [1364]),
        (3.0, [10**3, 10**5], [112, 6397]),
        (4.0, [10**4], [592]),
    ],
)
def test_best_threshold_asymptote_is_known(
    alpha: float, dims: list[int], expected: list[int]
) -> None:
    stored, _ = best_threshold_asymptote(ZipfTask(alpha, math.inf, 5), dims)
    assert np.rint(stored).tolist() == expected


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [1.5, 2.0, 3.0, 4.0])
def test_best_threshold_of_the_exact_law_is_near_its_asymptote(alpha: float) -> None:
    """Within 1 % of the error of the best; the leading term alone is up to 40 % off in P."""
    task, rng = ZipfTask(alpha, math.inf, 5), np.random.default_rng(3)
    table = best_threshold(task, [1000, 30_000], rng=rng, draws=2048)
    stored, error = best_threshold_asymptote(task, table["dim"])
    assert (table["low"] - 5 <= stored).all()
    assert (stored <= table["high"] + 5).all()
    assert table["mean"].to_numpy() == pytest.approx(error, rel=0.06)


def test_best_threshold_tends_to_its_leading_term() -> None:
    stored, _ = best_threshold_asymptote(ZipfTask(3.0, math.inf, 5), [1e30, 1e100, 1e300])
    leading = 5 / 8 / np.log([1e30, 1e100, 1e300]) * [1e30, 1e100, 1e300]
    ratio = stored / leading
    assert (np.diff(np.abs(ratio - 1)) < 0).all()
    assert ratio[-1] == pytest.approx(1, abs=0.01)


def test_no_balance_at_a_small_dimension() -> None:
    task = ZipfTask(1.45, math.inf, 2)
    with pytest.raises(
        ValueError, match=r"^dim = .* is not valid; valid range: > .* for a balance"
    ):
        best_threshold_asymptote(task, [1.0001, 1e6])


def test_prediction_with_more_noise() -> None:
    plain, noisy = (float(proposition_3_prediction(INFINITE, 40, 100, noise)) for noise in (1, 3))
    stored = 1 - float(INFINITE.tail(40))
    more = float(stored_error(5, 120, 100) - stored_error(5, 40, 100))
    assert noisy - plain == pytest.approx(stored * more)


@pytest.mark.parametrize("alpha", [1.4, 1.42, 1.45])
def test_the_dimension_that_is_asked_for_is_the_least_with_a_balance(alpha: float) -> None:
    task = ZipfTask(alpha, math.inf, 2)
    with pytest.raises(ValueError, match="for a balance") as refusal:
        best_threshold_asymptote(task, math.nextafter(1, 2))
    least = float(str(refusal.value).split("> ")[1].split()[0])
    # it is told with three digits
    assert np.isfinite(best_threshold_asymptote(task, 1.006 * least)).all()
    with pytest.raises(ValueError, match="for a balance"):
        best_threshold_asymptote(task, 0.994 * least)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: proposition_3_exponent(1.0), "alpha"),
        (lambda: proposition_3_exponent(2.0, -0.1), "rho"),
        (lambda: proposition_3_threshold(2.0, 0.5, 0.0), "dim"),
        (lambda: proposition_3_lower(ZipfTask(2.0, 9, 1), 3), "n_outputs"),
        (lambda: proposition_3_lower(INFINITE, -1), "n_stored"),
        (lambda: proposition_3_upper(INFINITE, -0.1, 3, 100), "rho"),
        (lambda: proposition_3_upper(INFINITE, 0.0, 0, 100), "n_stored"),
        (lambda: proposition_3_upper(INFINITE, 0.0, 3, 0), "dim"),
        (lambda: stored_error(1, 5, 5), "n_outputs"),
        (lambda: stored_error(5, 0, 5), "n_stored"),
        (lambda: stored_error(5, 5, 0), "dim"),
        (lambda: proposition_3_prediction(INFINITE, 0.5, 10), "n_stored"),
        (lambda: proposition_3_prediction(ZipfTask(2.0, 9, 1), 1, 10), "n_outputs"),
        (lambda: best_threshold_asymptote(ZipfTask(2.0, math.inf, 1), 10), "n_outputs"),
        (lambda: best_threshold_asymptote(ZipfTask(2.0, 10, 5), 10), "n_tokens"),
        (lambda: best_threshold_asymptote(INFINITE, 1.0), "dim"),
    ],
)
def test_values_outside_proposition_3_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()
