import itertools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assocmem.display import CLAIM_MIME
from assocmem.verdicts import (
    Claim,
    Estimate,
    claim_agree,
    claim_at_most,
    claim_equal,
    claim_holds,
    claim_near,
    report,
)

TEXT = ("example.claim", "For $a < b$ & c.", "Equation 1")


def small_cases() -> Iterator[tuple[Estimate, int, int, str]]:
    """Every low ≤ value ≤ high, and every goal, from −3 to 3, with tolerances from 0 to 3."""
    for low, value, high in itertools.combinations_with_replacement(range(-3, 4), 3):
        for goal, tolerance in itertools.product(range(-3, 4), range(4)):
            estimate = Estimate(value, low, high, level=0.9)
            yield estimate, goal, tolerance, f"{estimate}, {goal} ± {tolerance}"


def first_true(reproduced: bool, partly: bool) -> str:
    return ["reproduced", "partly", "not reproduced"][[reproduced, partly, True].index(True)]


def test_a_value_is_reproduced_where_a_narrow_interval_contains_it() -> None:
    for found, goal, tolerance, case in small_cases():
        claim = claim_equal(*TEXT, expected=goal, observed=found, tolerance=tolerance)
        narrow = {found.low, found.high} <= {
            found.value + k for k in range(-tolerance, tolerance + 1)
        }
        contains = goal in range(int(found.low), int(found.high) + 1)
        partly = found.value in range(goal - tolerance, goal + tolerance + 1)
        assert claim.verdict == first_true(narrow and contains, partly), case


def test_a_limit_is_reproduced_where_the_interval_lies_around_it() -> None:
    for found, goal, tolerance, case in small_cases():
        claim = claim_near(*TEXT, target=goal, observed=found, tolerance=tolerance)
        around = range(goal - tolerance, goal + tolerance + 1)
        whole = found.low in around and found.high in around
        assert claim.verdict == first_true(whole, found.value in around), case
        assert claim.expected == f"{goal:.4g}"


def test_a_bound_is_reproduced_where_no_part_of_the_interval_exceeds_it() -> None:
    for found, goal, _, case in small_cases():
        claim = claim_at_most(*TEXT, bound=goal, observed=found)
        exceeds = [x > goal for x in (found.high, found.value)]
        assert claim.verdict == first_true(not exceeds[0], not exceeds[1]), case


@pytest.mark.parametrize(
    ("observed", "interval", "verdict"),
    [
        (-1.02, (-1.05, -0.99), "reproduced"),
        (-1.0, (-1.0, -1.0), "reproduced"),
        (-1.05, (-1.08, -1.02), "partly"),
        (-1.0, (-1.5, -0.5), "partly"),
        (-0.95, (-1.10, -0.94), "partly"),
        (-1.3, (-1.31, -1.29), "not reproduced"),
        (-1.3, (-5.0, 5.0), "not reproduced"),
        (float("nan"), (float("nan"), float("nan")), "not reproduced"),
    ],
)
def test_verdict_on_a_value(observed: float, interval: tuple[float, float], verdict: str) -> None:
    estimate = Estimate(observed, *interval, level=0.99)
    claim = claim_equal(*TEXT, expected=-1, observed=estimate, tolerance=0.1)
    assert claim.verdict == verdict


@pytest.mark.parametrize(
    ("observed", "interval", "verdict"),
    [
        (0.4, (0.3, 0.5), "reproduced"),
        (0.5, (0.5, 0.5), "reproduced"),
        (0.4, (0.3, 0.51), "partly"),
        (0.6, (0.4, 0.8), "not reproduced"),
    ],
)
def test_verdict_on_a_bound(observed: float, interval: tuple[float, float], verdict: str) -> None:
    claim = claim_at_most(*TEXT, bound=0.5, observed=Estimate(observed, *interval, level=0.99))
    assert claim.verdict == verdict
    assert claim.expected == "≤ 0.5"


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ([True] * 8, "reproduced"),
        (np.ones((2, 3), dtype=bool), "reproduced"),
        ([True] * 5 + [False] * 3, "partly"),
        ([True] * 4 + [False] * 4, "not reproduced"),
        ([False], "not reproduced"),
    ],
)
def test_verdict_on_many_cases(cases: Any, verdict: str) -> None:
    claim = claim_holds(*TEXT, cases=cases, rule="it is so")
    assert claim.verdict == verdict
    assert claim.observed == f"{np.sum(cases)} of {np.size(cases)}"
    assert claim.interval is None
    assert "it is so" in claim.rule


def test_no_case_is_no_claim() -> None:
    with pytest.raises(ValueError, match=r"cases = \[\] is not valid"):
        claim_holds(*TEXT, cases=[], rule="it is so")


@pytest.mark.parametrize(
    ("deviations", "verdict"),
    [([0, 0, 0, 0], "reproduced"), ([0, 2, 2, 0], "reproduced"), ([0, 9, 0, 0], "partly"),
     ([9, -9, 0, 0], "not reproduced")],
)  # fmt: skip
def test_verdict_on_simulated_means(deviations: list[float], verdict: str) -> None:
    summary = pd.DataFrame({"mean": np.ones(4), "sem": 0.1, "trials": 200})
    expected = 1 + 0.1 * np.array(deviations)
    assert claim_agree(*TEXT, expected=expected, summary=summary).verdict == verdict


def test_simulated_means_agree_up_to_student_s_quantile_of_one_percent_in_all() -> None:
    # four means, each in a two-sided interval of level 1 − 0.01/4, with 199 degrees of freedom
    reach = 0.1 * stats.t.isf(0.01 / 8, 199)
    summary = pd.DataFrame({"mean": np.ones(4), "sem": 0.1, "trials": 200})
    for factor, verdict in ((0.999, "reproduced"), (1.001, "partly")):
        expected = [1, 1 + factor * reach, 1, 1]
        claim = claim_agree(*TEXT, expected=expected, summary=summary)
        assert claim.verdict == verdict
        assert "at most 1%" in claim.rule


def test_the_least_number_of_trials_decides_how_far_means_may_deviate() -> None:
    summary = pd.DataFrame({"mean": np.ones(2), "sem": 0.1, "trials": [3, 3000]})
    # 5 standard errors: too many with 2999 degrees of freedom, few with 2
    assert claim_agree(*TEXT, expected=[1.5, 1.5], summary=summary).verdict == "reproduced"


@pytest.mark.parametrize("name", ["", "exponent", "Prop1.exponent", "prop1.", "prop 1.exponent"])
def test_a_bad_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"id = .* is not valid"):
        claim_holds(name, "s", "s", cases=[True], rule="r")


def test_a_claim_shows_every_number_once_in_text_and_html() -> None:
    claim = claim_equal(
        *TEXT, expected=-0.25, observed=Estimate(-0.2468, -0.2613, -0.2379, level=0.95),
        tolerance=0.05, published="−1/4",
    )  # fmt: skip
    bundle = claim._repr_mimebundle_()
    for text in (bundle["text/plain"], bundle["text/html"]):
        for number in ("-0.25", "-0.2468", "-0.2613", "-0.2379", "−1/4"):
            assert text.count(number) == 1
        assert "95% interval" in text
        assert "reproduced" in text.lower()
    assert bundle["text/plain"] == str(claim)
    html = bundle["text/html"]
    assert r"\(a &lt; b\) &amp; c." in html
    assert 'id="claim-example-claim"' in html
    assert "stays within ±0.05" in html


@pytest.mark.parametrize(("interval", "level"), [(None, None), ((0.0, 1.0), None), (None, 0.9)])
def test_an_interval_is_shown_only_with_its_level(interval: Any, level: float | None) -> None:
    claim = Claim(*TEXT, "1", "1", interval, level, verdict="reproduced", rule="r")
    assert str(claim).endswith("expected 1; observed 1")
    assert "expected 1; observed 1</p>" in claim._repr_mimebundle_()["text/html"]


def test_a_claim_travels_as_json() -> None:
    observed = Estimate(0.5, 0.4, 0.6, level=0.99)
    claim = claim_at_most(*TEXT, bound=1, observed=observed, published="1")
    data = json.loads(json.dumps(claim._repr_mimebundle_()[CLAIM_MIME]))
    data["interval"] = tuple(data["interval"])
    assert Claim(**data) == claim


def test_report_displays_each_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("assocmem.verdicts.claims.display", shown.append)
    claims = [claim_holds(*TEXT, cases=[True, k], rule="r") for k in (False, True)]
    report(*claims)
    assert shown == [claim._repr_mimebundle_() for claim in claims]
