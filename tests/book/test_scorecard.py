"""The scorecard as text."""

import re

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
TITLES = {"01_a": "First", "02_b": "Second"}


def test_summary_counts_every_verdict() -> None:
    text = scorecard.summary(CLAIMS)
    assert text.startswith("4 claims: 1 ")
    for verdict in ("reproduced", "partly", "undecided", "not reproduced"):
        assert f"1 {badge(verdict)}" in text
    assert scorecard.in_short(CLAIMS) == "1 of 4 reproduced"


def test_chapters_follow_each_other_with_their_claims() -> None:
    text = scorecard.render(CLAIMS, TITLES, "smoke")
    landmarks = ["`smoke`", "## [First](", "a.one", "a.two", "## [Second](", "claim-b-one", "−1/2"]
    start = text.index("## All claims")
    positions = [
        text.index(landmark, start * (place > 0)) for place, landmark in enumerate(landmarks)
    ]
    assert positions == sorted(positions)
    assert 'href="../notebooks/02_b.html#claim-b-one"' in text
    assert (
        "\n\n" not in text[text.index('<div class="claims') : text.index("</details></div></div>")]
    )


def test_what_is_not_reproduced_comes_first_with_its_reason() -> None:
    text = scorecard.render(CLAIMS, TITLES, "smoke")
    first = text[: text.index("## All claims")]
    assert re.findall(r"<code>(.*?)</code>", first) == ["a.two", "a.three", "b.one"]
    assert "observed −0.4987, but not all" in first
    assert "the numbers would also suit an exponent 10 % larger" in first
    assert "observed −0.4987 [−0.51, −0.49], which excludes it" in first
    assert "Every claim is reproduced." in scorecard.render(CLAIMS[:1], TITLES, "smoke")
    wide = claim(verdict="undecided", interval=[None, 2])
    assert scorecard.reason(wide).endswith("leaves it open: −0.4987 [±∞, 2]")


@pytest.mark.parametrize(
    ("verdict", "end"),
    [("not reproduced", "larger"), ("undecided", "(undecided)"), ("reproduced", "also hold at")],
)
def test_the_wrong_law_stands_beside_the_claim(verdict: str, end: str) -> None:
    text = scorecard.render([{"notebook": "a", **claim(mutant_verdict=verdict)}], {"a": ""}, "")
    (line,) = re.findall(r"<summary>(.*?)</summary>", text)
    assert "an exponent 10 % larger" in line
    assert end in line
