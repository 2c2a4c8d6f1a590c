import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from assocmem import (
    Claim,
    Estimate,
    claim_agree,
    claim_at_most,
    claim_equal,
    claim_holds,
    report,
)
from assocmem.claims import CLAIM_MIME

TEXT = ("example.claim", "For $a < b$ & c.", "Equation 1")


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


def test_a_claim_travels_as_json() -> None:
    observed = Estimate(0.5, 0.4, 0.6, level=0.99)
    claim = claim_at_most(*TEXT, bound=1, observed=observed, published="1")
    data = json.loads(json.dumps(claim._repr_mimebundle_()[CLAIM_MIME]))
    data["interval"] = tuple(data["interval"])
    assert Claim(**data) == claim


def test_report_displays_each_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("assocmem.claims.display", shown.append)
    claims = [claim_holds(*TEXT, cases=[True, k], rule="r") for k in (False, True)]
    report(*claims)
    assert shown == claims
