"""The table of the paper's figures names what there is."""

import re

import pytest

from tools.layout import Tree

TREE = Tree()
PAGE = (TREE.book / "figures_of_the_paper.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Figure of the paper")
]


def test_every_figure_of_the_paper_has_a_row_and_no_cell_is_empty() -> None:
    assert len(ROWS) == 16
    assert all(len(row) == 4 and all(row) for row in ROWS)
    for number in range(1, 6):
        assert f"| Figure {number}" in PAGE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:30])
def test_every_figure_named_is_in_its_chapter(row: list[str]) -> None:
    number, chapter = re.fullmatch(r"\{doc\}`(\d+) <\.\./notebooks/(\w+)>`", row[1]).groups()  # type: ignore[union-attr]
    assert chapter.startswith(f"{int(number):02}_")
    named = re.findall(r"\{ref\}`(\S+) <(\S+)>`", row[2])
    assert named
    text = (TREE.notebooks / f"{chapter}.md").read_text(encoding="utf-8")
    for name, label in named:
        assert re.search(rf"(?m)^    name: {label}$", text), label
        assert re.search(rf'show_figure\(.*"{name}", ', text), name


def test_panels_of_the_grid_are_called_so() -> None:
    from assocmem.published_grid import PANELS

    titles = re.findall(r"(?<![*])\*([^*]+)\*(?![*])", PAGE)
    assert set(titles) == set(PANELS.values())
