import math
from typing import Any

import mpmath
import numpy as np
import pytest

from assocmem import (
    ZipfTask,
    expected_errors,
    frequency,
)
from assocmem.theory import (
    proposition_1_exponent,
    proposition_2_asymptote,
    proposition_2_exponent,
    proposition_3_exponent,
    proposition_3_threshold,
    vocabulary_load,
)
from assocmem.theory.without_threshold import _moments, _partial_moment
from tests.oracles import check_mean

INFINITE = ZipfTask(2.0, math.inf, 5)


@pytest.mark.parametrize("alpha", [1.25, 2.0, 3.0])
def test_exponents_of_the_propositions(alpha: float) -> None:
    assert proposition_1_exponent(alpha) == pytest.approx(-(alpha - 1) / alpha)
    assert proposition_2_exponent(alpha, 1.0) == pytest.approx(-(1 - 1 / alpha) / 2)
    assert proposition_3_exponent(alpha) == pytest.approx(1 - alpha)
    for rho in (0.0, 0.5, 1.0):
        exponent = proposition_3_exponent(alpha, rho)
        assert exponent == pytest.approx((1 - alpha) / (1 + 2 * alpha * rho))
        dims = np.array([0.3, 10, 1000])
        stored = proposition_3_threshold(alpha, rho, dims)
        np.testing.assert_allclose(stored ** (2 * rho * alpha + 1), dims)
        # The tail beyond P has the error's exponent.
        np.testing.assert_allclose(stored ** (1 - alpha), dims**exponent)


def test_the_published_exponents_of_figure_3() -> None:
    assert proposition_2_exponent(2.0, 1.0) == -1 / 4
    assert proposition_3_exponent(2.0) == -1
    assert proposition_1_exponent(2.0) == -1 / 2


@pytest.mark.parametrize(("alpha", "rho"), [(2.0, 0.2), (1.5, 0.5), (3.0, 0.1)])
def test_proposition_2_asymptote_of_two_outputs_is_closed(alpha: float, rho: float) -> None:
    """Δ is normal: its moments are values of the gamma function, and it is positive half the time."""
    n, k = 50, (alpha - 1) / (rho * alpha)
    spread = math.sqrt(sum(x ** (-2 * rho * alpha) for x in range(1, n + 1)))
    moment = spread**k * 2 ** (k / 2 - 1) * math.gamma((k + 1) / 2) / math.sqrt(math.pi)
    front = 1 / sum(x**-alpha for x in range(1, n + 1)) / (alpha - 1)
    for dim in (100, 1000):
        expected = front * (moment * dim ** (-k / 2) - (n + 0.5) ** (1 - alpha) / 2)
        found = float(proposition_2_asymptote(ZipfTask(alpha, n, 2), rho, dim))
        assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("power", [0.02, 0.5, 1.0, 2.7, 9.0])
def test_partial_moments_are_parabolic_cylinder_functions(power: float) -> None:
    shifts = np.array([-8.0, -6.0, -2.0, 0.0, 0.7, 4.0, 7.999, 8.0, 8.001, 30.0])
    for shift, found in zip(shifts, _partial_moment(shifts, power), strict=True):
        with mpmath.workdps(30):
            a, k = mpmath.mpf(float(shift)), mpmath.mpf(power)
            expected = mpmath.gamma(k + 1) * mpmath.exp(-(a**2) / 4) * mpmath.pcfd(-k - 1, -a)
            expected /= mpmath.sqrt(2 * mpmath.pi)
        assert found == pytest.approx(float(expected), rel=1e-11)


def test_partial_moments_vanish_or_tend_to_powers_at_far_shifts() -> None:
    assert _partial_moment(np.array([-9.0, -1e3]), 0.5) == pytest.approx(0, abs=1e-18)
    assert _partial_moment(np.array([1e4, 1e6]), 0.5) == pytest.approx([1e2, 1e3], rel=1e-8)


@pytest.mark.parametrize("power", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("scales", [[1.0, 1.0], [1.0, 0.03, 0.2], [1.0, 1e-4, 1e-3, 0.5, 0.5, 0.1]])
def test_moments_by_draws(scales: list[float], power: float) -> None:
    noise = np.random.default_rng(0).standard_normal((200_000, len(scales))) * scales
    for y, moment in enumerate(_moments(np.array(scales), power)):
        lead = np.delete(noise, y, axis=1).max(axis=1) - noise[:, y]
        positive = np.where(lead > 0, np.abs(lead) ** power, 0)
        check_mean(positive, float(moment))


@pytest.mark.parametrize("unit", [1e-3, 20.0])
def test_moments_are_homogeneous(unit: float) -> None:
    scales = np.array([1.0, 0.03, 0.2])
    for power in (0.5, 2.0):
        expected = unit**power * _moments(scales, power)
        np.testing.assert_allclose(_moments(unit * scales, power), expected, rtol=1e-9)


@pytest.mark.parametrize("scales", [(1.0, 1.0), (3.0, 4.0), (1.0, 1e-3), (1e-2, 1.0)])
def test_moment_of_two_outputs_in_closed_form(scales: tuple[float, float]) -> None:
    # the lead is a normal number of variance a² + b², and its positive part half of a half-normal
    for power in [0.3, 1.0, 4.0]:
        half = 2 ** (power / 2) * math.gamma((power + 1) / 2) / (2 * math.sqrt(math.pi))
        expected = math.hypot(*scales) ** power * half
        assert _moments(np.array(scales), power) == pytest.approx(expected, rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alpha", "rho", "n_outputs"),
    [(2.0, 0.5, 5), (2.0, 1.0, 5), (1.5, 1.0, 5), (3.0, 0.5, 2), (2.0, 0.3, 8), (2.0, 1.0, 20)],
)
def test_the_exact_law_tends_to_its_sharp_constant(
    alpha: float, rho: float, n_outputs: int
) -> None:
    task, dims = ZipfTask(alpha, math.inf, n_outputs), [10**5, 10**6]
    rng = np.random.default_rng(0)
    table = expected_errors(task, {"": frequency(rho)}, dims, rng=rng, draws=2**15)
    asymptote = proposition_2_asymptote(task, rho, dims)
    assert (np.abs(table["mean"] - asymptote) < 4 * table["sem"] + 0.003 * asymptote).all()


def test_the_shares_of_the_target_count() -> None:
    task = ZipfTask(2.0, math.inf, 3, target=(0, 0, 1, 0, 2))
    rng = np.random.default_rng(0)
    table = expected_errors(task, {"": frequency(0.5)}, [10**6], rng=rng, draws=2**16)
    ratio = table["mean"][0] / float(proposition_2_asymptote(task, 0.5, 10**6))
    assert ratio == pytest.approx(1, abs=4 * table["sem"][0] / table["mean"][0] + 0.002)


@pytest.mark.parametrize(
    ("alpha", "rho", "n_tokens"), [(2.0, 0.25, 10**6), (1.2, 0.25, 10**12), (2.0, 0.5, 10**5)]
)
def test_the_exact_law_of_a_finite_vocabulary_is_bent_by_its_end(
    alpha: float, rho: float, n_tokens: int
) -> None:
    """In the middle of the window; without the term of the end it would be off by more than 5 %."""
    task = ZipfTask(alpha, n_tokens, 5)
    squares = task.class_sums(2 * rho * alpha).sum()
    dim = int(squares * 100.0 ** (2 * rho * alpha))
    table = expected_errors(
        task, {"": frequency(rho)}, [dim], rng=np.random.default_rng(0), draws=2**14
    )
    ratio = table["mean"][0] / float(proposition_2_asymptote(task, rho, dim))
    assert ratio == pytest.approx(1, abs=4 * table["sem"][0] / table["mean"][0] + 0.01)


def test_the_end_of_a_vocabulary_is_guessed_by_all_outputs() -> None:
    """For d = ∞ only the second term is left; outputs are nearly alike for so small a ρ."""
    task = ZipfTask(2.0, 10**4, 4)
    end = float(proposition_2_asymptote(task, 0.01, 1e200))
    mass = task.normalizer / (10**4 + 0.5)
    assert end == pytest.approx(-0.75 * mass, rel=1e-3)


def test_asymptote_of_proposition_2_is_a_power_law() -> None:
    errors = proposition_2_asymptote(INFINITE, 0.5, [[1.0, 100.0]])
    assert errors.shape == (1, 2)
    assert errors[0, 0] / errors[0, 1] == pytest.approx(10)
    assert errors[0, 0] == pytest.approx(0.3953, abs=1e-4)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: proposition_2_exponent(1.0, 0.5), "alpha"),
        (lambda: proposition_2_exponent(2.0, 0.0), "rho"),
        (lambda: proposition_2_asymptote(INFINITE, 0.25, 10), "rho"),
        (lambda: proposition_2_asymptote(INFINITE, 0.5, 0), "dim"),
        (lambda: proposition_2_asymptote(ZipfTask(2.0, math.inf, 3, (0, 1)), 0.5, 10), "target"),
        (lambda: proposition_2_asymptote(ZipfTask(2.0, math.inf, 1), 0.5, 10), "n_outputs"),
    ],
)
def test_values_outside_proposition_2_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()


@pytest.mark.parametrize("exponent", [0.3, 1.0, 2.0])
def test_the_load_is_of_the_order_of_the_sum_of_squares(exponent: float) -> None:
    ratios = []
    for n in (100, 1000, 10_000):
        total = math.fsum(x**-exponent for x in range(1, n + 1))
        ratios.append(total / vocabulary_load(n, exponent))
    assert max(ratios) < 1.2 * min(ratios)
    assert 0.9 < min(ratios) < 2


def test_the_load_of_infinitely_many_tokens() -> None:
    assert vocabulary_load(math.inf, 1.01) == 1
    with pytest.raises(ValueError, match="^n_tokens = inf is not valid.*finite"):
        vocabulary_load(math.inf, 1.0)
    with pytest.raises(ValueError, match="^n_tokens = 1 "):
        vocabulary_load(1, 1.0)
