"""The generated parts of the index."""

import re

import numpy as np
import pytest

import assocmem as am
from assocmem.display import FIGURE_MIME
from tests.book.samples import claim, executed
from tools import chapters, index
from tools.layout import Tree

LISTED = chapters.load(Tree())
TITLES = dict.fromkeys(LISTED, "A < B")
PICTURES = dict.fromkeys(LISTED, "iVBO")


def test_the_headline_has_the_errors_of_a_simulation() -> None:
    text = index.headline()
    found = re.search(r"\*\*(\d+)%\*\* of .* the (\d+) most frequent: \*\*([\d.]+)%\*\*", text)
    assert found is not None
    task = am.ZipfTask(2.0, 1000, 5)
    schemes = {"all": am.fill(), "few": am.threshold(int(found[2])), "more": am.threshold(50)}
    rng = np.random.default_rng(1)
    table = am.summarize(am.simulate_errors(task, schemes, [100], trials=300, rng=rng))
    mean, sem = table.set_index("scheme")["mean"], table.set_index("scheme")["sem"]
    # five standard errors, and half of the last digit
    assert float(found[1]) / 100 == pytest.approx(mean["all"], abs=5 * sem["all"] + 0.005)
    assert float(found[3]) / 100 == pytest.approx(mean["few"], abs=5 * sem["few"] + 0.0005)
    assert mean["few"] < mean["more"] < mean["all"]


def test_a_chapter_stands_to_the_right_of_what_it_needs_and_nowhere_twice() -> None:
    places = index.places(LISTED)
    assert len(set(places.values())) == len(places) == len(LISTED)
    for name, chapter in LISTED.items():
        assert all(places[need][0] < places[name][0] for need in chapter.needs)


def test_every_need_is_an_arrow_and_every_chapter_a_link() -> None:
    drawn = index.dependencies(LISTED)
    assert drawn.count('marker-end="url(#arrow)"') == sum(len(c.needs) for c in LISTED.values())
    wanted = [f"../notebooks/{name}.html" for name in LISTED]
    assert re.findall(r'href="(.*?)"', drawn) == wanted
    assert re.findall(
        r'<a class="chapter-card" href="(.*?)"', index.cards(LISTED, TITLES, [], PICTURES)
    ) == (wanted)
    assert "A &lt; B" in index.cards(LISTED, TITLES, [], PICTURES)


def test_a_dot_for_each_claim_with_the_counts_in_words() -> None:
    claims = [claim(), claim(), claim(verdict="undecided")]
    drawn = index.dots(claims)
    assert re.findall(r'<i class="claim-verdict-([\w-]+)"', drawn) == [
        "reproduced", "reproduced", "undecided",
    ]  # fmt: skip
    assert 'aria-label="claims: 2 reproduced, 1 undecided"' in drawn


def test_the_picture_of_a_card_is_the_first_one_and_in_the_page() -> None:
    notebook = executed(claim(), figures=("a", "b"))
    assert index.first_picture(notebook) == "<svg/>"
    assert index.small_picture(notebook) == ""
    notebook.cells[3].outputs[0].data[FIGURE_MIME]["small"] = "iVBO"
    assert index.small_picture(notebook) == "iVBO"
    assert index.first_picture(executed(claim())).startswith("<svg")
    drawn = index.cards(LISTED, TITLES, [], PICTURES)
    assert drawn.count("url(data:image/png;base64,iVBO)") == len(LISTED)
    assert "<img" not in drawn
