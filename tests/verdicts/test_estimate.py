import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem.verdicts import Estimate, agree, estimate_mean
from tests.oracles import check_probability, properties


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30), st.floats(0.5, 0.999))
@properties
def test_the_interval_of_a_mean_is_student_s(samples: list[float], level: float) -> None:
    n = len(samples)
    mean = math.fsum(samples) / n
    sem = math.sqrt(math.fsum((x - mean) ** 2 for x in samples) / (n - 1) / n)
    found = estimate_mean(samples, level)
    assert found.value == pytest.approx(mean, abs=1e-10)
    assert found.level == level
    if sem > 1e-9:
        low, high = stats.t(n - 1, loc=mean, scale=sem).interval(level)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.slow
def test_the_interval_of_a_mean_covers_it_as_often_as_it_says() -> None:
    samples = np.random.default_rng(0).normal(3, 2, size=(5000, 4))
    estimates = [estimate_mean(row, level=0.9) for row in samples]
    check_probability(sum(e.low <= 3 <= e.high for e in estimates), 5000, 0.9)


def test_an_estimate_is_scaled_and_printed() -> None:
    half = Estimate(1.0, 0.5, 2.0, level=0.95) / 2
    assert half == Estimate(0.5, 0.25, 1.0, level=0.95)
    assert str(half) == "0.5 (95% interval 0.25 to 1)"


def test_agreement_refuses_anything_as_rarely_as_it_says() -> None:
    samples = np.random.default_rng(1).normal(size=(5000, 8, 6))
    means = samples.mean(axis=2)
    sems = samples.std(axis=2, ddof=1) / math.sqrt(6)
    refused = sum(
        not agree(mean, sem, np.zeros(8), trials=6, false_failure=0.05).all()
        for mean, sem in zip(means, sems, strict=True)
    )
    # Eight independent means, each refused with probability 0.05/8.
    check_probability(refused, 5000, 1 - (1 - 0.05 / 8) ** 8)


def test_agreement_finds_the_mean_that_deviates() -> None:
    verdicts = agree([1.0, 1.0, 1.0], [0.1, 0.1, 0.0], [1.1, 3.0, 1.0], trials=100)
    assert verdicts.tolist() == [True, False, True]


def test_intervals_have_the_level_of_99_percent_unless_told_otherwise() -> None:
    assert estimate_mean([1.0, 2.0, 4.0]) == estimate_mean([1.0, 2.0, 4.0], level=0.99)


@pytest.mark.parametrize("trials", [0, 1, 2.5])
def test_agreement_needs_two_trials(trials: Any) -> None:
    with pytest.raises(ValueError, match=f"^trials = {trials} is not valid"):
        agree([0.0], [1.0], [0.0], trials)


@pytest.mark.parametrize("false_failure", [None, 0.3])
def test_agreement_reaches_to_student_s_quantile(false_failure: float | None) -> None:
    # two trials: Student's law with one degree of freedom is Cauchy's, whose quantiles are tangents
    share = (false_failure or 0.01) / 3
    reach = 0.1 * math.tan(math.pi / 2 * (1 - share))
    means = [0.999 * reach, -0.999 * reach, 1.001 * reach]
    options = {} if false_failure is None else {"false_failure": false_failure}
    assert agree(means, [0.1] * 3, [0.0] * 3, trials=2, **options).tolist() == [True, True, False]


def test_rounding_errors_of_exact_means_agree() -> None:
    assert agree([1e-12, 1.05e-12], [0.0, 0.0], [0.0, 0.0], trials=9).tolist() == [True, False]


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
