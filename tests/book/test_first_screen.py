"""The first screen of a chapter: picture before plumbing, a command that changes something."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.book.samples import claim, executed
from tools import chapters, first_screen
from tools.chapters import Chapter
from tools.layout import BuildError, Tree
from tools.parameters import Parameter, read

ALPHA = Parameter("alpha", "float", "2.0", "exponent", "> 1")
SIZES = Parameter("sizes", "list[int]", "[1]", "sizes | widths", "integers ≥ 1")
LISTED = {
    "01_a": Chapter("Section 2", "A", 20),
    "02_b": Chapter("Theorem 1", "B", 30, ("01_a",), {"alpha": 1.3}, 40),
}


def notebook(*, injected: bool = True) -> Any:
    """A chapter as papermill leaves it: title, parameters, check, picture, text."""
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    found = executed()
    found.cells = [
        text("# The finding\n\nA question?"),
        code("alpha = 2", metadata={"tags": ["parameters"]}),
        code("check()"),
        code("draw()", metadata={"tags": ["hide-input"]}),
        text("## In words"),
        code("more()"),
        text("Text.\n\n## What to remember\n\nThis."),
        code("say()"),
        text("## Exercises"),
    ]
    if injected:
        found.cells.insert(2, code("alpha = 3", metadata={"tags": ["injected-parameters"]}))
    return found


def page(name: str, **options: bool) -> list[Any]:
    columns: dict[str, dict[str, Any]] = {"Paper": {}}
    found = first_screen.arranged(
        notebook(**options), name, [ALPHA, SIZES], columns, LISTED, "7 of 8 reproduced"
    )
    return list(found.cells)


@pytest.mark.parametrize("injected", [True, False])
def test_the_picture_comes_before_the_parameters_which_are_folded(injected: bool) -> None:
    cells = page("02_b", injected=injected)
    sources = [cell.source for cell in cells]
    assert sources[1] == "draw()"
    generated = sources[2]
    assert sources[3:5] == ["## In words", "more()"]
    shown = re.search(r"```python\n(.*?)```", generated, re.S)
    assert shown is not None
    assert cells[1].metadata["tags"] == ["remove-input"]
    wanted = ["alpha = 2", *["alpha = 3"] * injected, "check()", "draw()"]
    assert shown[1].split("\n\n") == [*wanted[:-1], wanted[-1] + "\n"]
    assert ":class: dropdown" in generated


def test_a_chapter_without_picture_keeps_its_order() -> None:
    before = executed(claim(), figures=("law",))
    sources = [cell.source for cell in before.cells]
    after = first_screen.arranged(before, "01_a", [ALPHA], {"Paper": {}}, {}).cells
    assert after[0].source == sources[0]
    kept = [cell.source for cell in after if not cell.id.startswith("generated")]
    assert kept == sources


def test_the_small_line_says_what_it_is_and_what_it_needs() -> None:
    line = page("02_b")[0].source.split("\n\n")
    assert line[0] == "# The finding"
    assert "Theorem 1 · 30 min · needs " in line[1]
    assert '<a href="01_a.html">1</a>' in line[1]
    assert 'href="#claims">7 of 8 reproduced</a>' in line[1]
    assert line[2] == "A question?"
    assert "needs nothing before" in page("01_a")[0].source


def test_what_to_remember_ends_with_what_builds_on_it() -> None:
    sources = [cell.source for cell in page("01_a")]
    (place,) = [i for i, source in enumerate(sources) if "Used next in" in source]
    assert sources[place - 1] == "say()"
    assert sources[place + 1] == "## Exercises"
    assert '<a href="02_b.html">2</a>' in sources[place]
    assert not any("Used next" in cell.source for cell in page("02_b"))


def test_the_command_changes_a_value() -> None:
    call = "papermill notebooks/02_b.ipynb out.ipynb"
    assert first_screen.command("02_b", [SIZES, ALPHA], LISTED["02_b"]) == f"{call} -p alpha 1.3"
    assert first_screen.command("02_b", [SIZES, ALPHA], Chapter()) == f"{call} -p alpha 2.0"
    assert first_screen.command("02_b", [SIZES], Chapter()) == call
    form = first_screen.fields([ALPHA, SIZES], LISTED["02_b"])
    assert re.findall(r'name="(\w+)" value="(.*?)" data-default="(.*?)"', form) == [
        ("alpha", "1.3", "2.0")
    ]
    assert "about 40 seconds" in first_screen.change_it("02_b", [ALPHA], LISTED["02_b"])


def test_table_shows_a_column_for_each_profile() -> None:
    table = first_screen.parameter_table(
        [ALPHA, SIZES], {"Paper": {"alpha": 1.5}, "Smoke": {"sizes": [7]}}
    )
    rows = [row.split("\n  - ") for row in table.split("\n* - ")]
    assert rows[1] == ["Parameter", "Type", "Default", "Paper", "Smoke", "Valid range"]
    assert rows[2] == ["`alpha`<br>exponent", "`float`", "`2.0`", "`1.5`", "`2.0`", r"\> 1"]
    assert rows[3][3:5] == ["`[1]`", "`[7]`"]


@pytest.mark.parametrize("name", Tree().names())
def test_every_chapter_is_listed_with_a_value_that_it_has_and_that_is_not_its_default(
    name: str,
) -> None:
    chapter = chapters.load(Tree())[name]
    assert chapter.statement
    assert chapter.short
    assert 10 <= chapter.minutes <= 60
    assert all(other < name for other in chapter.needs)
    declared = {entry.name: entry.default for entry in read(Tree().notebooks / f"{name}.ipynb")}
    ((key, value),) = chapter.try_.items()
    assert declared[key] != repr(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("09_x: {}", "lists 09_x, which is no chapter"),
        ("01_a: {minuts: 3}", "minuts is none of"),
        ("01_a: {needs: [02_b]}", "needs 02_b"),
    ],
)
def test_a_mistake_in_the_list_is_named(tmp_path: Path, text: str, message: str) -> None:
    tree = Tree(tmp_path)
    for folder in (tree.book, tree.notebooks):
        folder.mkdir()
    (tree.notebooks / "01_a.md").touch()
    (tree.book / "chapters.yml").write_text(text)
    with pytest.raises(BuildError, match=message):
        chapters.load(tree)
