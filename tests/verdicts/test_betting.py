"""Bets on means: fair odds, known values, and a level that holds for the worst laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem.verdicts.betting import unit_samples, wealth
from tests.oracles import properties

SHARES = [0.5**k for k in range(13)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.01, 1))
@properties
def test_wealth_is_the_mean_of_products(samples: list[float], mean: float) -> None:
    products = [math.prod(1 - share + share * x / mean for x in samples) for share in SHARES]
    expected = math.fsum(products) / len(SHARES)
    assert math.exp(float(wealth(samples, mean))) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("p", "n"), [(0.5, 5), (0.01, 8), (0.9, 4)])
def test_odds_are_fair(p: float, n: int) -> None:
    """The expected wealth over all outcomes of n coins of mean p is 1, exactly."""
    outcomes = np.array(np.meshgrid(*[[0.0, 1.0]] * n)).reshape(n, -1).T
    hits = outcomes.sum(axis=1)
    chances = p**hits * (1 - p) ** (n - hits)
    with np.errstate(divide="ignore"):
        expectation = chances @ np.exp(wealth(outcomes, np.full(len(outcomes), p)))
    assert expectation == pytest.approx(1, rel=1e-12)


def test_who_bets_all_and_finds_nothing_has_nothing_left_but_the_others_have() -> None:
    left = [(1 - share) ** 3 for share in SHARES]
    assert math.exp(float(wealth([0.0] * 3, 0.2))) == pytest.approx(math.fsum(left) / 13)


def test_samples_are_mapped_to_the_unit_interval() -> None:
    assert unit_samples([[-2.0, 0.0], [2.0, 1.0]], (-2, 2)).tolist() == [[0, 0.5], [1, 0.75]]
    assert unit_samples([1 + 1e-12, -1e-12], (0, 1)).tolist() == [1, 0]


@pytest.mark.parametrize("bad", [1.1, -0.1, math.nan, 1 + 1.05e-12, -1.05e-12])
def test_samples_outside_of_the_support_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"^samples = .*valid range: 0 to 1, the support"):
        unit_samples([0.5, bad], (0, 1))


@pytest.mark.parametrize("support", [(1, 0), (1, 1), (0, math.nan)])
def test_a_support_has_two_different_ends(support: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="^support = .* is not valid"):
        unit_samples([0.5], support)
