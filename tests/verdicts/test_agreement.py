"""Agreement of means with a law: how often right laws are refused, and which wrong ones are."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from assocmem.verdicts import agree
from assocmem.verdicts.estimate import mean_interval
from tests.oracles import check_probability


@pytest.mark.slow
def test_right_laws_are_refused_as_rarely_as_said() -> None:
    samples = np.random.default_rng(1).normal(size=(3000, 8, 20))
    refused = sum(not agree(some, np.zeros(8), false_failure=0.06).all() for some in samples)
    # Eight independent means, each refused with a probability of two thirds of 0.06/8.
    check_probability(refused, 3000, 1 - (1 - 0.04 / 8) ** 8)


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.5, 0.02, 0.001])
def test_bets_hold_their_level_where_errors_are_rare(p: float) -> None:
    draws = (np.random.default_rng(2).random((1500, 3, 100)) < p).astype(float)
    refused = sum(
        not agree(some, [p] * 3, support=(0, 1), false_failure=0.05).all() for some in draws
    )
    # at most 0.05, by Markov's inequality: 1500 draws exceed 0.075 with a probability of 2e-5
    assert refused <= 0.075 * 1500


@pytest.mark.parametrize(
    ("law", "refused"),
    # no error in 200 trials: the player who bets all has (1 − m)^−200 / 13 at least, and all
    # players together no more than (1 − m)^−200: 200 lie between means of .026 and .039
    [(0.0, False), (0.01, False), (0.025, False), (0.04, True), (0.5, True), (1.0, True)],
)
def test_no_error_in_all_trials_refuses_laws_that_would_have_shown(
    law: float, refused: bool
) -> None:
    assert agree([[0.0] * 200], law, support=(0, 1)).tolist() == [not refused]


def test_certain_laws_are_refused_by_one_trial() -> None:
    trials = [0.0] * 50 + [1.0]
    assert agree([trials, trials], [0.0, 1.0], support=(0, 1)).tolist() == [False, False]
    assert agree([[0.0] * 3, [1.0] * 3], [0.0, 1.0], support=(0, 1)).all()


def test_means_may_deviate_by_what_their_intervals_say() -> None:
    samples = np.random.default_rng(3).exponential(size=(3, 50))
    ends = [mean_interval(row, 1 - 0.01 / 3 * 2 / 3) for row in samples]
    for factor, answer in ((0.999, True), (1.001, False)):
        for side in (0, 1):
            law = [
                m + factor * (e[side] - m) for m, e in zip(samples.mean(axis=1), ends, strict=True)
            ]
            assert agree(samples, law).tolist() == [answer] * 3


def test_a_law_with_an_error_of_its_own_may_deviate_by_that_too() -> None:
    rows, sem = np.random.default_rng(4).normal(size=(2, 30)), np.array([0.0, 0.7])
    half = 0.01 / 2 / 2  # of two cases, one half for the law
    high = [mean_interval(row, 1 - half * 2 / 3)[1] for row in rows]
    reach = stats.norm.isf(half / 2) * sem
    for factor, answer in ((0.999, True), (1.001, False)):
        law = rows.mean(axis=1) + factor * (np.array(high) - rows.mean(axis=1) + reach)
        assert agree(rows, law, expected_sem=sem).tolist() == [answer] * 2


def wealth_of_zeros(n: int, mean: float) -> float:
    """What the players together own after n trials of 0, if they bet that the mean is smaller."""
    return math.fsum((1 + 0.5**k * (1 / (1 - mean) - 1)) ** n for k in range(13)) / 13


@pytest.mark.parametrize("false_failure", [0.01, 0.5])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (-2, 3), (5, 6)])
def test_laws_are_refused_from_odds_of_two_over_the_rate_on(
    low: float, high: float, false_failure: float
) -> None:
    """Of two cases, each may fail on either side: a wealth of four over the rate is enough."""
    odds = 4 / false_failure
    limit = brentq(lambda mean: wealth_of_zeros(50, mean) - odds, 1e-3, 0.5, xtol=1e-14)
    for factor, answer in ((1 - 1e-6, True), (1 + 1e-6, False)):
        law = low + (high - low) * limit * factor
        found = agree([[low] * 50] * 2, law, support=(low, high), false_failure=false_failure)
        assert found.tolist() == [answer] * 2
        # and the other way round
        law = high - (high - low) * limit * factor
        found = agree([[high] * 50] * 2, law, support=(low, high), false_failure=false_failure)
        assert found.tolist() == [answer] * 2


def test_rounding_errors_agree() -> None:
    assert agree([[1e-12] * 3, [1.05e-12] * 3], 0.0, support=(0, 1)).tolist() == [True, False]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"samples": [0.0, 1.0]}, "samples"),
        ({"samples": []}, "samples"),
        ({"samples": [[]]}, "samples"),
        ({"samples": [[0.0]]}, "number of trials"),
        ({"samples": [[0.0, math.nan]]}, "samples"),
        ({"expected": math.nan}, "expected"),
        ({"expected": [math.inf]}, "expected"),
        ({"samples": [[0.0, 1.0]] * 2, "expected": [0.5, math.inf]}, "expected"),
        ({"support": (0, 0.5)}, "samples"),
    ],
)
def test_bad_input_is_refused(arguments: dict[str, Any], name: str) -> None:
    good: dict[str, Any] = {"samples": [[0.0, 1.0]], "expected": 0.5}
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid"):
        agree(**{**good, **arguments})
