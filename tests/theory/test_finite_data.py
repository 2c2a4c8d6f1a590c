import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem import ZipfTask
from assocmem.theory import (
    proposition_1_asymptote,
    proposition_1_error,
    proposition_1_exponent,
    proposition_1_remainder,
    proposition_1_samples,
    unseen_bounds,
    unseen_rate_holds,
)
from tests.oracles import check_estimate, hurwitz_sum, properties, unseen_mass, zipf_masses


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.2, 0.9, 1.0, 1.5, 3.0, 9.0])
@pytest.mark.parametrize("n_tokens", [1, 2, 30, 2000])
def test_proposition_1_exact_sum(alpha: float, n_tokens: int) -> None:
    sizes = [0, 1, 2, 3, 10, 100, 10**4, 10**7]
    errors = proposition_1_error(ZipfTask(alpha, n_tokens, 1), sizes)
    masses = zipf_masses(alpha, n_tokens)
    for size, error in zip(sizes, errors, strict=True):
        with mpmath.workdps(40):
            terms = [mpmath.mpf(p) * (1 - mpmath.mpf(p)) ** size for p in masses]
            expected = float(mpmath.fsum(terms)) if n_tokens > 1 else float(size == 0)
        assert error == pytest.approx(expected, rel=1e-11, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [1.5, 2.0, 3.0])
@pytest.mark.parametrize("size", [0, 1, 5, 100, 10**4, 10**6])
def test_proposition_1_exact_sum_over_infinitely_many_tokens(alpha: float, size: int) -> None:
    zeta = float(mpmath.zeta(alpha))
    low, high = unseen_mass(
        lambda x: x**-alpha / zeta,
        lambda x: hurwitz_sum(alpha, x + 1, math.inf, 1) / zeta,
        size,
        math.inf,
    )
    error = float(proposition_1_error(ZipfTask(alpha, math.inf, 1), size))
    assert low * (1 - 1e-9) <= error <= high * (1 + 1e-9)


@pytest.mark.parametrize("alpha", [1.2, 2.0, 3.5])
@pytest.mark.parametrize("size", [1, 7, 40])
def test_proposition_1_is_a_finite_sum_of_zeta_functions(alpha: float, size: int) -> None:
    """Σ p (1 − p)^T by the binomial theorem: T + 1 terms of alternating signs, with 100 digits."""
    with mpmath.workdps(100):
        a = mpmath.mpf(alpha)
        normalizer = 1 / mpmath.zeta(a)
        expected = mpmath.fsum(
            (-1) ** k * mpmath.binomial(size, k) * normalizer ** (k + 1) * mpmath.zeta(a * (k + 1))
            for k in range(size + 1)
        )
    found = float(proposition_1_error(ZipfTask(alpha, math.inf, 1), size))
    assert found == pytest.approx(float(expected), rel=3e-14)


@pytest.mark.parametrize("alpha", [1.3, 2.0, 3.0])
@pytest.mark.parametrize("size", [0, 1, 100, 10**5])
def test_proposition_1_sums_tokens_one_by_one_while_they_are_seen_half_a_time(
    alpha: float, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, mass = [], ZipfTask.mass
    monkeypatch.setattr(ZipfTask, "mass", lambda task, x: asked.append(x) or mass(task, x))
    proposition_1_error(ZipfTask(alpha, math.inf, 1), size)
    ((*tokens,),) = asked
    assert tokens == list(range(1, len(tokens) + 1))
    often = [x for x in tokens if 2 * size * x**-alpha > float(mpmath.zeta(alpha))]
    assert len(often) == len(tokens) - 1  # and the next one


def test_proposition_1_asks_for_the_memory_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    task = ZipfTask(1.5, math.inf, 3)
    name = "assocmem.theory.finite_data"
    check_estimate(name, lambda: proposition_1_error(task, 10**7), monkeypatch)


@pytest.mark.parametrize(
    ("alpha", "ratios"),
    [
        (2.0, {10**2: 0.9963, 10**3: 0.9996, 10**4: 1.0}),
        (1.5, {10**2: 0.9978, 10**3: 0.9998}),
        (3.0, {10**2: 0.9957, 10**3: 0.9994}),
    ],
)
def test_proposition_1_sharp_constant(alpha: float, ratios: dict[int, float]) -> None:
    task = ZipfTask(alpha, math.inf, 1)
    for size, expected in ratios.items():
        ratio = proposition_1_error(task, size) / proposition_1_asymptote(alpha, size)
        assert float(ratio) == pytest.approx(expected, abs=6e-5)


@given(st.floats(1.05, 8), st.integers(1, 10**9))
@properties
def test_proposition_1_asymptote_is_its_formula(alpha: float, size: int) -> None:
    expected = (
        float(mpmath.zeta(alpha)) ** (-1 / alpha)
        / alpha
        * math.gamma(1 - 1 / alpha)
        * size ** (-1 + 1 / alpha)
    )
    assert float(proposition_1_asymptote(alpha, size)) == pytest.approx(expected, rel=1e-12)


@given(st.floats(1.2, 6), st.integers(1, 10**5))
@properties
def test_proposition_1_remainder_contains_the_exact_difference(alpha: float, size: int) -> None:
    exact = float(proposition_1_error(ZipfTask(alpha, math.inf, 1), size))
    difference = exact - float(proposition_1_asymptote(alpha, size))
    low, high = proposition_1_remainder(alpha, size)
    assert low < 0 < high
    assert low - 1e-12 <= difference <= high + 1e-12
    leading = float(mpmath.zeta(alpha)) ** (-1 / alpha) / alpha
    below = (
        1 / (math.e * size)
        + leading * math.gamma(3 - 1 / alpha) * size ** (-2 + 1 / alpha)
        + 27 / (math.e**3 * size**2)
        + math.exp(-size / 2)
    )
    assert float(low) == pytest.approx(-below, rel=1e-12)
    assert float(high) == pytest.approx(1 / (math.e * size), rel=1e-12)


@pytest.mark.slow
@given(st.floats(0.2, 4), st.integers(1, 60), st.lists(st.integers(0, 10**6), min_size=2))
@properties
def test_proposition_1_error_decreases_with_data(
    alpha: float, n_tokens: int, sizes: list[int]
) -> None:
    errors = proposition_1_error(ZipfTask(alpha, n_tokens, 1), sorted(sizes))
    assert (np.diff(errors) <= 1e-13).all()
    assert (errors >= 0).all()
    assert (errors <= 1 + 1e-12).all()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: proposition_1_error(ZipfTask(2.0, 9, 3), 2.5), "n_samples"),
        (lambda: proposition_1_error(ZipfTask(2.0, 9, 3), [3, -1]), "n_samples"),
        # more tokens with T p > 1/2 than any memory holds
        (lambda: proposition_1_error(ZipfTask(1.1, math.inf, 3), 10**15), "n_samples"),
        (lambda: proposition_1_asymptote(2.0, [1.0, 0.0]), "n_samples"),
        (lambda: proposition_1_asymptote(1.0, 5), "alpha"),
        (lambda: proposition_1_remainder(2.0, 0), "n_samples"),
        (lambda: proposition_1_exponent(1.0), "alpha"),
    ],
)
def test_values_outside_proposition_1_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()


@pytest.mark.parametrize("n_tokens", [1, 2, 5])
def test_the_unseen_mass_of_few_tokens_is_between_the_bounds_of_the_rarest(n_tokens: int) -> None:
    sizes, p = np.array([0, 1, 7, 40]), zipf_masses(1.5, n_tokens)
    low, high = unseen_bounds(ZipfTask(1.5, n_tokens, 1), sizes)
    for size, below, above in zip(sizes.tolist(), low, high, strict=True):
        exact = sum(float(q) * (1 - float(q)) ** size for q in p)
        assert below == pytest.approx(float(p[-1]) * (1 - float(p[-1])) ** size)
        assert above == pytest.approx((1 - float(p[-1])) ** size)
        assert below - 1e-15 <= exact <= above + 1e-15


def test_a_token_that_is_not_the_rarest_bounds_from_below_alone() -> None:
    task = ZipfTask(1.5, 5, 1)
    low, high = unseen_bounds(task, 40, token=4)
    assert low == pytest.approx(float(task.mass(4)) * (1 - float(task.mass(4))) ** 40)
    assert low < proposition_1_error(task, 40) < unseen_bounds(task, 40)[1]
    assert high < unseen_bounds(task, 40)[1]


@pytest.mark.parametrize("n_tokens", [2, 5, 10])
def test_the_rarest_token_sets_the_rate_and_the_last_but_one_does_not(n_tokens: int) -> None:
    task = ZipfTask(2.0, n_tokens, 1)
    right, wrong = (unseen_rate_holds(task, n_tokens - rank, 30) for rank in (0, 1))
    assert right.shape == (30,)
    assert right.all()
    assert not wrong.all()


@pytest.mark.parametrize("token", [1, 3, 4])
def test_bounds_hold_at_the_sizes_where_they_do_one_by_one(token: int) -> None:
    """Sizes from 1 to 600/p(N), at which the unseen mass is e^-600."""
    task, masses = ZipfTask(2.0, 4, 1), zipf_masses(2.0, 4)
    p, expected = masses[token - 1], []
    for place in range(60):
        size = int((600 / masses[3]) ** (place / 59) * (1 + 1e-12))
        with mpmath.workdps(30):
            error = mpmath.fsum(mpmath.mpf(q) * (1 - mpmath.mpf(q)) ** size for q in masses)
            bound = (1 - mpmath.mpf(p)) ** size
            expected.append(bool(p * bound <= error * (1 + 1e-9) and error <= bound * (1 + 1e-9)))
    assert unseen_rate_holds(task, token).tolist() == expected
    assert unseen_rate_holds(task, token, 1).tolist() == expected[:1]
    with pytest.raises(ValueError, match="^n_sizes = 0 is not valid"):
        unseen_rate_holds(task, token, 0)


@pytest.mark.parametrize("error", [0.9, 0.3, 0.031])
def test_samples_for_an_error_by_counting_up(error: float) -> None:
    task = ZipfTask(1.5, 40, 1)
    size = next(t for t in range(10_000) if float(proposition_1_error(task, t)) <= error)
    assert proposition_1_samples(task, error) == size
    assert proposition_1_samples(task, 1.0) == 0
