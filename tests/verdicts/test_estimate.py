"""Means with their intervals: Student's with Hall's correction, and by betting."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem.verdicts import Estimate, estimate_mean
from assocmem.verdicts.betting import wealth
from tests.oracles import check_probability, properties


def hall(t: float, skewness: float, n: int) -> float:
    """Hall's transformed statistic, as it is printed: T + γT²/3 + γ²T³/27 + γ/6, over √n."""
    x = t / math.sqrt(n)
    return math.sqrt(n) * (x + skewness * x**2 / 3 + skewness**2 * x**3 / 27 + skewness / (6 * n))


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30), st.floats(0.5, 0.999))
@properties
def test_the_ends_of_the_interval_are_where_hall_s_statistic_is_student_s_quantile(
    samples: list[float], level: float
) -> None:
    n = len(samples)
    mean = math.fsum(samples) / n
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in samples) / (n - 1))
    found = estimate_mean(samples, level)
    assert found.value == pytest.approx(mean, abs=1e-10)
    assert found.level == level
    if spread > 1e-6:
        skewness = math.fsum((x - mean) ** 3 for x in samples) / n / spread**3
        quantile = stats.t.isf((1 - level) / 2, n - 1)
        for end, value in ((found.low, quantile), (found.high, -quantile)):
            t = (mean - end) / spread * math.sqrt(n)
            if found.low < mean < found.high:
                assert hall(t, skewness, n) == pytest.approx(value, abs=1e-5)


def test_symmetric_samples_have_student_s_interval() -> None:
    low, high = stats.t(4, loc=2, scale=math.sqrt(2.5 / 5)).interval(0.9)
    found = estimate_mean([0.0, 1, 2, 3, 4], level=0.9)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "mean", "most"),
    [
        # Student's interval alone leaves out 4.3, 1.5 and 4 % of these
        (lambda rng: rng.normal(3, 2, size=12), 3.0, 0.0125),
        (lambda rng: rng.exponential(size=100), 1.0, 0.015),
        (lambda rng: (rng.random(100) < 0.1).astype(float), 0.1, 0.015),
    ],
)
def test_the_interval_covers_as_often_as_it_says(draw: Any, mean: float, most: float) -> None:
    rng = np.random.default_rng(0)
    estimates = [estimate_mean(draw(rng)) for _ in range(4000)]
    missed = sum(not e.low <= mean <= e.high for e in estimates)
    assert missed <= stats.binom.isf(1e-6, 4000, most)


def test_the_bounded_interval_ends_where_the_bets_are_won() -> None:
    rng = np.random.default_rng(0)
    for samples in (rng.random(30), rng.random(200) ** 8, (rng.random(50) < 0.04).astype(float)):
        found = estimate_mean(2 * samples - 1, 0.95, support=(-1, 1))
        low, high = (found.low + 1) / 2, (found.high + 1) / 2
        assert float(wealth(samples, low)) == pytest.approx(math.log(40), abs=1e-6)
        assert float(wealth(1 - samples, 1 - high)) == pytest.approx(math.log(40), abs=1e-6)
        assert low < samples.mean() < high


def test_what_was_never_seen_may_be_rare() -> None:
    """A hundred zeros: the players who bet on larger means have lost, those on smaller ones won."""
    found = estimate_mean(np.zeros(100), support=(0, 1))
    assert (found.value, found.low) == (0, 0)
    # (1 − m)^−100 / 13 ≤ the wealth at m, which is log 200 there
    assert 1 - 2600**-0.01 * 1.01 < found.high < 1 - 200**-0.01 * 0.95
    ones = estimate_mean(np.ones(100), support=(0, 1))
    assert (ones.low, ones.high) == (pytest.approx(1 - found.high), 1)


def test_the_bounded_interval_ends_at_zero_where_no_larger_mean_is_refused() -> None:
    """Not even 10⁻¹⁵, by nine zeros and one sample so near to zero."""
    ends = set()
    for largest in np.geomspace(1e-14, 1e-9, 40):
        samples = np.array([0.0] * 9 + [largest])
        low = estimate_mean(samples, support=(0, 1)).low
        refused = float(wealth(samples, min(1e-15, largest / 20))) > math.log(200)
        assert (low > 0) == refused
        if refused:
            assert float(wealth(samples, low)) == pytest.approx(math.log(200), abs=1e-6)
        ends.add(refused)
    assert ends == {False, True}


@pytest.mark.slow
def test_the_bounded_interval_covers_rare_errors() -> None:
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(400):
        samples = 0.02 + 0.9 * (rng.random(100) < 0.01)
        found = estimate_mean(samples, 0.9, support=(0, 1))
        missed += not found.low <= 0.029 <= found.high
    assert missed <= stats.binom.isf(1e-6, 400, 0.1)


@pytest.mark.parametrize("samples", [[1.0, 1.0, 1.0], [0.1 + 0.2, 0.3], [0.0, 0.0]])
def test_samples_without_spread_tell_nothing(samples: list[float]) -> None:
    found = estimate_mean(samples)
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_an_estimate_is_scaled_and_printed() -> None:
    half = Estimate(1.0, 0.5, 2.0, level=0.95) / 2
    assert half == Estimate(0.5, 0.25, 1.0, level=0.95)
    assert str(half) == "0.5 (95% interval 0.25 to 1)"
    assert half / 0.25 == Estimate(2.0, 1.0, 4.0, level=0.95)
    with pytest.raises(ValueError, match="^divisor = -1 is not valid"):
        half / -1


@pytest.mark.parametrize("numbers", [(math.nan, 0, 1), (0, math.nan, 1), (2, 0, 1), (-1, 0, 1)])
def test_an_estimate_is_within_its_interval(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="^value = .* is not valid"):
        Estimate(*numbers, level=0.9)


def test_intervals_have_the_level_of_99_percent_unless_told_otherwise() -> None:
    assert estimate_mean([1.0, 2.0, 4.0]) == estimate_mean([1.0, 2.0, 4.0], level=0.99)


def test_means_lie_in_intervals_of_normal_samples_as_often_as_said() -> None:
    samples = np.random.default_rng(0).normal(3, 2, size=(3000, 30))
    estimates = [estimate_mean(row, level=0.9) for row in samples]
    check_probability(sum(e.low <= 3 <= e.high for e in estimates), 3000, 0.9)


@pytest.mark.parametrize(
    ("samples", "level", "name"),
    [
        ([1.0, 2.0], 0.0, "level"),
        ([1.0, 2.0], 1.0, "level"),
        ([1.0, 2.0], 1.5, "level"),
        ([1.0], 0.9, "samples"),
        ([[1.0, 2.0], [3.0, 4.0]], 0.9, "samples"),
        (1.0, 0.9, "samples"),
        ([1.0, math.nan, 2.0], 0.9, "samples"),
    ],
)
def test_a_mean_without_an_interval_is_refused(samples: object, level: float, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid"):
        estimate_mean(samples, level)  # type: ignore[arg-type]
