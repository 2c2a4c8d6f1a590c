"""What the stage adds to a chapter, and what it refuses."""

from pathlib import Path

import pytest
import yaml

from tests.book.samples import claim, executed
from tools import chapters, stage
from tools.layout import BuildError, Tree


def test_under_each_figure_stands_a_link_to_its_numbers() -> None:
    before = executed(claim(), figures=("law", "map"))
    sources = [cell.source for cell in before.cells]
    after = stage.with_numbers(before, "01_a").cells
    assert [cell.source for cell in after if not cell.id.startswith("generated")] == sources
    assert "../data/01_a/law.csv" in after[-3].source
    assert "../data/01_a/map.csv" in after[-1].source
    assert after[-2].outputs[0].data.keys() == {"image/svg+xml"}


def test_a_caption_belongs_to_the_picture_alone() -> None:
    notebook = executed(claim(), figures=("law",))
    said, drawn = notebook.cells[1], notebook.cells[2]
    drawn.outputs = [*said.outputs, *drawn.outputs]
    drawn.metadata = {"tags": ["hide-input"], "mystnb": {"figure": {"name": "fig-law"}, "x": 1}}
    first, second = stage.apart(drawn)
    assert (first.source, first.metadata["tags"]) == (drawn.source, ["hide-input"])
    assert (first.outputs, first.metadata["mystnb"]) == (said.outputs, {"x": 1})
    assert second.metadata["tags"] == ["remove-input"]
    assert second.metadata["mystnb"]["figure"] == {"name": "fig-law"}
    assert second.outputs == drawn.outputs[1:]
    assert first.id != second.id
    assert stage.apart(said) == [said]


def test_chapters_have_short_names_in_the_contents(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    stage._write_contents(Tree(), tmp_path, chapters.load(Tree()))
    toc = yaml.safe_load((tmp_path / "book" / "_toc.yml").read_text("utf-8"))
    before = yaml.safe_load((Tree().book / "_toc.yml").read_text("utf-8"))
    pages, listed = (
        [page for page in stage.toc_pages(entries) if not page.startswith("book/api/")]
        for entries in (toc, before)
    )
    assert pages == listed  # those of the functions are added
    named = toc["parts"][1]["chapters"]
    assert named[1] == {"file": "notebooks/03_finite_memory", "title": "Finite memory (Thm. 1)"}
    assert toc["parts"][1]["numbered"] is True


def test_chapter_needs_a_title() -> None:
    notebook = executed(claim())
    notebook.cells[0].source = "No title"
    with pytest.raises(BuildError, match="`# Title`"):
        stage.title("01_a", notebook)


def test_book_lists_every_notebook() -> None:
    stage.check_toc(Tree())


@pytest.mark.parametrize(
    ("listed", "message"),
    [("notebooks/05_b", "05_b.md does not exist"), ("book/x", "book/x.md does not exist")],
)
def test_listed_page_must_exist(tmp_path: Path, listed: str, message: str) -> None:
    tree = Tree(tmp_path)
    tree.book.mkdir()
    (tree.book / "index.md").touch()
    (tree.book / "_toc.yml").write_text(f"root: book/index\nchapters:\n- file: {listed}\n")
    with pytest.raises(BuildError, match=message):
        stage.check_toc(tree)


def test_notebook_must_be_listed(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.book.mkdir()
    tree.notebooks.mkdir()
    (tree.book / "index.md").touch()
    (tree.notebooks / "05_b.md").touch()
    (tree.book / "_toc.yml").write_text("root: book/index\n")
    with pytest.raises(BuildError, match="05_b.md is on no page"):
        stage.check_toc(tree)
