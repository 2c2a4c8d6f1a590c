import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem.model import power_sum
from tests.oracles import hurwitz_sum, progression_sum, properties

EXPONENTS = [0.0, 0.3, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 1.5, 2.0, 7.0, 28.0]


@pytest.mark.parametrize("s", EXPONENTS)
@pytest.mark.parametrize("step", [1, 3, 5])
@pytest.mark.parametrize("first", [0.25, 1, 2, 7, 1000, 10**9])
def test_a_finite_sum_equals_its_terms(s: float, step: int, first: float) -> None:
    for last in [first - 1, first, first + 1, first + 11.5, first + 12 * step, 3000]:
        expected = progression_sum(s, first, last, step)
        assert float(power_sum(s, first, last, step)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("s", EXPONENTS)
@pytest.mark.parametrize("step", [1, 7])
def test_a_sum_of_many_terms_equals_the_zeta_function(s: float, step: int) -> None:
    for first, last in [(1, 10**12), (3, 10**7 + 1), (10**6, 10**9)]:
        expected = hurwitz_sum(s, first, last, step)
        assert float(power_sum(s, first, last, step)) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("s", [1.001, 1.5, 2.0, 3.7, 28.0])
@pytest.mark.parametrize("step", [1, 5])
def test_an_infinite_sum_equals_the_zeta_function(s: float, step: int) -> None:
    for first in [1, 4, 10**6]:
        expected = hurwitz_sum(s, first, math.inf, step)
        assert float(power_sum(s, first, step=step)) == pytest.approx(expected, rel=1e-12)


@given(
    s=st.sampled_from([0.0, 1.0]) | st.floats(0, 6),
    first=st.integers(1, 10**6),
    terms=st.integers(0, 10**6),
    more=st.integers(0, 10**6),
    step=st.integers(1, 9),
)
@properties
def test_sums_of_adjacent_pieces_add_up(
    s: float, first: int, terms: int, more: int, step: int
) -> None:
    middle, last = first + terms * step, first + (terms + more) * step
    head = float(power_sum(s, first, middle, step))
    tail = float(power_sum(s, middle + step, last, step))
    assert head + tail == pytest.approx(float(power_sum(s, first, last, step)), rel=1e-11)


@given(s=st.floats(0, 8), last=st.integers(1, 10**9))
@properties
def test_interleaved_progressions_add_up(s: float, last: int) -> None:
    by_residue = power_sum(s, np.arange(1, 8), last, step=7).sum()
    assert by_residue == pytest.approx(float(power_sum(s, 1, last)), rel=1e-11)


@given(st.integers(2, 10**9), st.floats(1e-12, 1e-3))
@properties
def test_a_sum_is_continuous_and_decreasing_at_exponent_one(last: int, gap: float) -> None:
    below, at, above = (float(power_sum(1 + shift, 1, last)) for shift in (-gap, 0.0, gap))
    assert below * (1 + 1e-12) >= at >= above * (1 - 1e-12)
    assert below - above <= 2.1 * gap * math.log(last) * below + 1e-10


def test_sums_broadcast() -> None:
    first, last = np.array([[1.0], [4.0]]), np.array([5.0, math.inf, 0.0])
    sums = power_sum(2.5, first, last)
    assert sums.shape == (2, 3)
    for row, a in enumerate((1, 4)):
        for column, b in enumerate((5, math.inf, 0)):
            assert sums[row, column] == pytest.approx(float(power_sum(2.5, a, b)), rel=1e-15)


@pytest.mark.parametrize("s", [0.0, 0.5, 1.0])
def test_a_divergent_sum_is_refused(s: float) -> None:
    with pytest.raises(ValueError, match="exponent = .* is not valid"):
        power_sum(s, 1)
