"""What all chapters share: the first screen, the order of the sections, code that can be read, figures that fit."""

import re
from typing import Any

import jupytext
import pytest

from tools.collect import read
from tools.layout import Tree

TREE = Tree()
NAMES = TREE.names()
#: Sections that every chapter has, in this order; others stand between them.
SECTIONS = ["In words", "Claims", "What to remember", "Exercises"]
LINES, WIDTH = 100, 88
#: Points that a figure may be wide and, if it is the first, high: 7 and 3.75 inches with their margins.
WIDEST, HIGHEST = 7.3 * 72, 3.95 * 72


@pytest.fixture(params=NAMES, ids=NAMES)
def chapter(request: pytest.FixtureRequest) -> Any:
    return jupytext.read(TREE.notebooks / f"{request.param}.md")


def code(chapter: Any) -> list[str]:
    """The lines of code, solutions included, but for the parameters and their check: papermill reads one line each."""
    lines = [
        line
        for cell in chapter.cells[3:]
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
    ]
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def test_title_parameters_check_and_picture_come_first(chapter: Any) -> None:
    title, parameters, check, picture = chapter.cells[:4]
    heading, _, question = title.source.partition("\n")
    assert heading.startswith("# ")
    assert len(heading) <= 52
    assert len(re.findall(r"[.?!](?:\s|$)", question)) <= 3
    assert "parameters" in tags(parameters)
    assert "am.validate(" in check.source
    assert "hide-input" in tags(picture)
    assert "am.say(" in picture.source


def test_sections_come_in_one_order(chapter: Any) -> None:
    text = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^## (.+)$", text, re.M)
    assert headings[0] == SECTIONS[0]
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS
    assert headings[-1] == SECTIONS[-1]


def test_code_is_short_and_narrow(chapter: Any) -> None:
    lines = code(chapter)
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= WIDTH
    assert not [line for line in lines if "fmt:" in line or "noqa" in line]


def test_few_cells_stand_open(chapter: Any) -> None:
    cells = [cell for cell in chapter.cells[3:] if cell.cell_type == "code"]
    folded = {"hide-input", "hide-cell", "remove-input"}
    assert 1 <= sum(not folded & set(tags(cell)) for cell in cells) <= 6  # solutions among them


def test_exercises_say_how_hard_and_how_long_they_are(chapter: Any) -> None:
    text = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    titles = re.findall(r"\{exercise(?:-start)?\}[ ]*(.*)", text)
    assert titles
    for title in titles:
        assert re.search(r"\(★{1,3}, \d+ min\)$", title), title


@pytest.mark.parametrize("name", NAMES)
def test_pictures_fit_their_column_and_their_texts_have_numbers(name: str) -> None:
    executed = read(TREE.build("smoke"), name)
    pictures = [
        (cell, output["data"]["image/svg+xml"])
        for cell in executed.cells
        for output in cell.get("outputs", [])
        # an interactive figure has its picture, and the words for it, within its HTML
        if "image/svg+xml" in output.get("data", {}) and "text/html" not in output["data"]
    ]
    assert pictures
    for place, (cell, picture) in enumerate(pictures):
        start = picture[: picture.index(">", picture.index("<svg"))]
        width, height = (
            float(re.findall(rf' {side}="([\d.]+)pt"', start)[0]) for side in ("width", "height")
        )
        assert width <= WIDEST, cell.source
        assert place or height <= HIGHEST, cell.source
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert re.search(r"\d", alt), f"{name}: {cell.source[:60]}"
