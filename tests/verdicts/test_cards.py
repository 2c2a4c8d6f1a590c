"""How claims look: badge, picture, card."""

import re
from typing import Any

import pytest

from assocmem.verdicts import Estimate, Mutant, claim_at_most, claim_equal, claim_holds
from assocmem.verdicts.cards import anchor, as_card, badge, drawing, in_text, kind, number

TEXT = ("example.claim", "For $a < b$ & c.", "Equation 1")
FOUND = Estimate(0.5, 0.4, 0.7, level=0.99)


def test_the_anchor_of_a_claim_is_its_id_without_dots() -> None:
    assert anchor("thm1.upper.two") == "claim-thm1-upper-two"


def test_a_badge_names_its_verdict() -> None:
    assert kind("not reproduced") == "not-reproduced"
    assert "claim-verdict-not-reproduced" in badge("not reproduced")
    assert ">not reproduced<" in badge("not reproduced")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("-0.4987", "−0.4987"), ("1e-07", "1e−07"), ("-1/4 at d-1", "−1/4 at d-1"), ("3", "3")],
)
def test_minus_signs_are_true_ones(text: str, shown: str) -> None:
    assert number(text) == shown


def places(picture: str) -> dict[str, Any]:
    """Where the parts of a drawing are, in units from its left end to its right end, 0 to 1."""
    lines = [(float(a), float(b)) for a, b in re.findall(r'd="M([\d.]+) [\d.]+H([\d.]+)"', picture)]
    (cross,) = re.findall(r'claim-wrong" d="M([-\d.]+) ', picture)
    dot = re.findall(r'cx="([\d.]+)"', picture)

    def part(x: float) -> float:
        return (x - 8) / 164

    return {
        "lines": [(part(a), part(b)) for a, b in lines],
        "cross": part(float(cross) + 4),
        "dot": part(float(dot[0])) if dot else None,
    }


def test_a_value_is_drawn_in_units_of_its_tolerance() -> None:
    claim = claim_equal(
        *TEXT, expected=0.6, observed=FOUND, tolerance=0.2, mutant=Mutant("w", expected=0.9)
    )
    found = places(drawing(claim.as_json()["place"]))
    accepted, _, interval = found["lines"]
    assert accepted == pytest.approx((2 / 6, 4 / 6), abs=0.01)
    assert interval == pytest.approx((2 / 6, 3.5 / 6), abs=0.01)
    assert found["dot"] == pytest.approx(2.5 / 6, abs=0.01)
    assert found["cross"] == pytest.approx(4.5 / 6, abs=0.01)
    assert in_text(claim.as_json()["place"]) == (
        "observed −0.5 tolerances from what is expected; the wrong law lies +1.5"
    )


def test_a_bound_accepts_what_is_below_and_a_wrong_observation_is_marked() -> None:
    low = Estimate(2.0, 1.9, 2.1, level=0.99)
    claim = claim_at_most(*TEXT, bound=1, observed=FOUND, mutant=Mutant("w", observed=low))
    found = places(drawing(claim.as_json()["place"]))
    assert found["lines"][0] == pytest.approx((0, 0.5))
    assert found["dot"] == pytest.approx(2.5 / 6, abs=0.01)
    assert found["cross"] == pytest.approx(4 / 6, abs=0.01)


def test_an_infinite_interval_and_a_far_value_end_at_the_edge() -> None:
    far = Estimate(50.0, -float("inf"), float("inf"), level=0.99)
    claim = claim_equal(
        *TEXT, expected=0.6, observed=far, tolerance=0.2, mutant=Mutant("w", expected=-9)
    )
    found = places(drawing(claim.as_json()["place"]))
    assert found["lines"][2] == (0, 1)
    assert (found["dot"], found["cross"]) == (1, 0)


def test_cases_are_a_bar_of_those_that_count_and_those_that_are_open() -> None:
    claim = claim_holds(
        *TEXT, cases=[True, True, False, False], excluded=[False, False, True, False], rule="so",
        mutant=Mutant("w", cases=[True, False, False, False], excluded=[False] * 4),
    )  # fmt: skip
    found = places(drawing(claim.as_json()["place"]))
    assert [end for _, end in found["lines"]] == pytest.approx([1, 0.75, 0.5], abs=0.01)
    assert found["cross"] == pytest.approx(0.25, abs=0.01)
    assert found["dot"] is None


def test_a_card_says_all_that_the_claim_says() -> None:
    claim = claim_equal(
        *TEXT, expected=-0.5, observed=FOUND, tolerance=0.2, published="-1/4",
        mutant=Mutant("$a$ < b", expected=0.9),
    )  # fmt: skip
    text = as_card(claim.as_json())
    for part in (
        'id="claim-example-claim"', r"For \(a &lt; b\) &amp; c.", "(Equation 1)", ">not reproduced<",
        "expected −0.5, observed <strong>0.5</strong> [0.4, 0.7], published −1/4",
        r"\(a\) &lt; b", "0.9 against 0.5", "Reproduced if the 99% interval", "level of 99%",
        "<code>example.claim</code>",
    ):  # fmt: skip
        assert part in text, part
    assert "<b>name</b>" in as_card(claim.as_json(), "<b>name</b>")
