"""The scorecard as text."""

import pytest

from assocmem.verdicts.cards import badge
from tests.book.samples import claim
from tools import scorecard

CLAIMS = [
    {"notebook": "01_a", **claim(id="a.one")},
    {"notebook": "01_a", **claim(id="a.two", verdict="partly", interval=None, level=None)},
    {"notebook": "01_a", **claim(id="a.three", verdict="undecided", mutant_verdict="reproduced")},
    {"notebook": "02_b", **claim(id="b.one", verdict="not reproduced", published="−1/2")},
]


def test_summary_counts_every_verdict() -> None:
    text = scorecard.summary(CLAIMS)
    assert text.startswith("4 claims: 1 ")
    for verdict in ("reproduced", "partly", "undecided", "not reproduced"):
        assert f"1 {badge(verdict)}" in text


def test_chapters_follow_each_other_with_their_claims() -> None:
    text = scorecard.render(CLAIMS, {"01_a": "First", "02_b": "Second"}, "smoke")
    landmarks = ["`smoke`", "## [First](", "a.one", "a.two", "## [Second](", "b.one", "−1/2"]
    positions = [text.index(landmark) for landmark in landmarks]
    assert positions == sorted(positions)
    assert 'href="../notebooks/02_b.html#claim-b-one"' in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (-0.49871, "−0.4987"),
        (3, "3"),
        (1e-7, "1e−07"),
        ("all 3 cases", "all 3 cases"),
        ("-1/4 at d-1", "−1/4 at d-1"),
    ],
)
def test_numbers(value: object, shown: str) -> None:
    assert scorecard.number(value) == shown


def test_interval_names_its_level() -> None:
    assert scorecard.interval(claim()) == "99\u00a0%:\u00a0[−0.51,\u00a0−0.49]"
    assert scorecard.interval(claim(interval=None)) == ""
    unbounded = claim(interval=[None, 2])
    assert scorecard.interval(unbounded) == "99\u00a0%:\u00a0[±∞,\u00a02]"


@pytest.mark.parametrize(
    ("verdict", "end"),
    [("not reproduced", "larger"), ("undecided", "(undecided)"), ("reproduced", "but would not")],
)
def test_the_wrong_law_stands_beside_the_claim(verdict: str, end: str) -> None:
    text = scorecard.mutant(claim(mutant_verdict=verdict))
    assert text.startswith("an exponent 10 % larger")
    assert text.endswith(end)
    assert text in scorecard.render(
        [{"notebook": "a", **claim(mutant_verdict=verdict)}], {"a": ""}, ""
    )
