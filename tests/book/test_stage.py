"""What the stage adds to a chapter, and what it refuses."""

from pathlib import Path

import pytest

from tests.book.samples import claim, executed
from tools import stage
from tools.layout import BuildError, Tree
from tools.parameters import Parameter

ALPHA = Parameter("alpha", "float", "2.0", "exponent", "> 1")
SIZES = Parameter("sizes", "list[int]", "[1]", "sizes | widths", "integers ≥ 1")


def test_text_of_a_chapter_is_untouched() -> None:
    before = executed(claim(), figures=("law",))
    sources = [cell.source for cell in before.cells]
    after = stage.chapter(before, "01_a", "GENERATED").cells
    kept = [cell.source for cell in after if not cell.id.startswith("generated")]
    assert kept == sources
    assert after[1].source == "GENERATED"
    assert "../data/01_a/law.csv" in after[-1].source
    assert after[-2].outputs[0].data.keys() == {"image/svg+xml"}


def test_table_shows_a_column_for_each_profile() -> None:
    table = stage.parameter_table(
        [ALPHA, SIZES], {"Paper": {"alpha": 1.5}, "Smoke": {"sizes": [7]}}
    )
    rows = [row.split("\n  - ") for row in table.split("\n* - ")]
    assert rows[1] == ["Parameter", "Type", "Default", "Paper", "Smoke", "Valid range"]
    assert rows[2] == ["`alpha`<br>exponent", "`float`", "`2.0`", "`1.5`", "`2.0`", r"\> 1"]
    assert rows[3][3:5] == ["`[1]`", "`[7]`"]


def test_command_changes_a_number_where_there_is_one() -> None:
    assert "papermill notebooks/01_a.ipynb out.ipynb -p alpha 2.0" in stage.command(
        "01_a", [SIZES, ALPHA]
    )
    assert "out.ipynb\n" in stage.command("01_a", [SIZES])


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
