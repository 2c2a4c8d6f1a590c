"""Claims: what they show and carry, and how a mutant that passes makes them undecided."""

import json
import math
from typing import Any

import pytest

from assocmem.display import CLAIM_MIME
from assocmem.verdicts import (
    Claim,
    Estimate,
    Mutant,
    claim_at_most,
    claim_equal,
    claim_holds,
    report,
)
from assocmem.verdicts.claim import Place

TEXT = ("example.claim", "For $a < b$ & c.", "Equation 1")
NARROW = Estimate(-0.2468, -0.2613, -0.2379, level=0.95)


def equal(wrong: float, observed: Estimate = NARROW) -> Claim:
    return claim_equal(
        *TEXT, expected=-0.25, observed=observed, tolerance=0.05,
        mutant=Mutant("$a$ for $b$ & more", expected=wrong), published="−1/4",
    )  # fmt: skip


def test_a_claim_that_its_mutant_passes_is_undecided() -> None:
    sharp, blunt = equal(-0.5), equal(-0.26)
    assert (sharp.verdict, sharp.mutant_verdict) == ("reproduced", "not reproduced")
    assert (blunt.verdict, blunt.mutant_verdict) == ("undecided", "reproduced")
    assert sharp.rule == blunt.rule
    assert "Would have failed at: $a$ for $b$ & more (-0.5 against -0.2468" in str(sharp)
    assert "as it would also hold at: $a$ for $b$ & more (-0.26 against" in str(blunt)
    partly = claim_holds(
        *TEXT, cases=[True, True, False], rule="r", mutant=Mutant("w", cases=[True] * 3)
    )
    assert partly.verdict == "undecided"


def test_a_wrong_claim_stays_wrong_whatever_its_mutant() -> None:
    claim = claim_holds(*TEXT, cases=[False], rule="r", mutant=Mutant("w", cases=[True]))
    assert (claim.verdict, claim.mutant_verdict) == ("not reproduced", "reproduced")


@pytest.mark.parametrize("wrong", [{}, {"expectd": 1.0}, {"mutant": 1}])
def test_a_mutant_changes_something_that_there_is(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="^mutant = .*expected, observed, tolerance"):
        claim_equal(
            *TEXT, expected=-0.25, observed=NARROW, tolerance=0.05, mutant=Mutant("w", **wrong)
        )


def test_a_claim_shows_every_number_once_in_text_and_html() -> None:
    claim = equal(-0.5)
    bundle = claim._repr_mimebundle_()
    text = bundle["text/plain"]
    assert text == str(claim)
    assert "expected -0.25; observed -0.2468, 95% interval -0.2613 to -0.2379" in text
    for form in (text, bundle["text/html"]):
        assert form.count("−1/4") == 1
        assert "reproduced" in form.lower()
    html = bundle["text/html"]
    assert r"\(a &lt; b\) &amp; c." in html
    assert r"\(a\) for \(b\) &amp; more" in html
    assert 'id="claim-example-claim"' in html
    assert "stays within ±0.05" in html


@pytest.mark.parametrize(("interval", "level"), [(None, None), ((0.0, 1.0), None), (None, 0.9)])
def test_an_interval_is_shown_only_with_its_level(interval: Any, level: float | None) -> None:
    claim = Claim(
        *TEXT, "1", "1", interval, level, verdict="reproduced", rule="r", mutant="w",
        mutant_verdict="not reproduced", mutant_numbers="2 against 1",
        place=Place("value", 1.0, 1.0, 1.0, 1.0, 1.0, 2.0),
    )  # fmt: skip
    assert "\n  expected 1; observed 1\n" in str(claim)


def test_a_claim_travels_as_json_even_where_nothing_is_known() -> None:
    for low, high in ((0.4, 0.6), (-math.inf, math.inf), (-math.inf, 0.7)):
        claim = claim_at_most(
            *TEXT, bound=1, observed=Estimate(0.5, low, high, level=0.99), published="1",
            mutant=Mutant("a lower bound", bound=0.1),
        )  # fmt: skip
        text = json.dumps(claim._repr_mimebundle_()[CLAIM_MIME], allow_nan=False)
        (data,) = json.loads(text)
        data["place"] = Place(**data["place"])
        data["interval"] = tuple(data["interval"])
        assert Claim(**data) == claim
        if low == -math.inf:
            assert data["interval"][0] is None
            assert "interval ±∞ to" in str(claim)


def test_report_displays_each_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("assocmem.verdicts.claim.display", shown.append)
    claims = [equal(-0.5), equal(-0.26)]
    report(*claims)
    (bundle,) = shown
    assert bundle[CLAIM_MIME] == [claim.as_json() for claim in claims]
    assert bundle["text/plain"] == f"{claims[0]}\n{claims[1]}"
    assert bundle["text/html"].count('<div class="claim ') == 2
