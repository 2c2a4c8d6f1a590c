"""What somebody edited in a notebook is never lost: refused by the build, adopted into the text."""

from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from tests.book.samples import CHAPTER
from tools.adopt import adopt, merged
from tools.layout import BuildError, Tree
from tools.sync import content, edited, sync

NAMES = Tree().names()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    found = Tree(tmp_path)
    found.notebooks.mkdir()
    (found.notebooks / "01_sample.md").write_text(CHAPTER, encoding="utf-8")
    sync(found, "01_sample")
    return found


def change(tree: Tree, how: Any) -> Path:
    path = tree.notebooks / "01_sample.ipynb"
    notebook = nbformat.read(path, as_version=4)
    how(notebook)
    nbformat.write(notebook, path)
    return path


def rewrite(notebook: Any) -> None:
    notebook.cells[2].source += "\nx = 1  # mine"


def insert(notebook: Any) -> None:
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("My *own* text,\nin two lines."))
    notebook.cells.append(nbformat.v4.new_code_cell("mine()", metadata={"tags": ["hide-input"]}))


def remove(notebook: Any) -> None:
    del notebook.cells[1]


def retag(notebook: Any) -> None:
    notebook.cells[2].metadata["tags"] = ["hide-cell"]


EDITS = [rewrite, insert, remove, retag]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_notebook_is_refused_and_left_as_it_is(tree: Tree, edit: Any) -> None:
    path = change(tree, edit)
    before = path.read_bytes()
    with pytest.raises(BuildError, match=r"notebooks/01_sample\.ipynb was edited.*make adopt"):
        sync(tree, "01_sample")
    assert path.read_bytes() == before
    path.unlink()  # the other way on
    assert not edited(sync(tree, "01_sample"))


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_adopted_and_all_else_stays(tree: Tree, edit: Any) -> None:
    path = change(tree, edit)
    wanted = [content(cell) for cell in nbformat.read(path, as_version=4).cells]
    assert adopt(tree, "01_sample")
    text = (tree.notebooks / "01_sample.md").read_text(encoding="utf-8")
    assert [content(cell) for cell in jupytext.reads(text, fmt="md:myst").cells] == wanted
    assert not edited(sync(tree, "01_sample"))
    old = set(CHAPTER.splitlines())
    assert len([line for line in text.splitlines() if line not in old]) <= 8
    assert not adopt(tree, "01_sample")


def test_running_a_notebook_is_no_edit(tree: Tree) -> None:
    def run(notebook: Any) -> None:
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="hello")]
        notebook.cells[1].execution_count = 3
        notebook.metadata["language_info"]["version"] = "3.14"

    path = change(tree, run)
    assert not edited(path)
    assert "hello" not in sync(tree, "01_sample").read_text(encoding="utf-8")


def test_what_is_no_notebook_is_refused_too(tree: Tree) -> None:
    path = tree.notebooks / "01_sample.ipynb"
    path.write_text("<<<<<<< mine\n{}\n", encoding="utf-8")
    with pytest.raises(BuildError, match="was edited"):
        sync(tree, "01_sample")
    with pytest.raises(BuildError, match="is no notebook: delete it"):
        adopt(tree, "01_sample")


def test_a_changed_text_makes_the_notebook_anew(tree: Tree) -> None:
    (tree.notebooks / "01_sample.md").write_text(CHAPTER + "\nMore.\n", encoding="utf-8")
    assert "More." in sync(tree, "01_sample").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_adopting_nothing_leaves_every_byte(name: str) -> None:
    text = (Tree().notebooks / f"{name}.md").read_text(encoding="utf-8")
    assert merged(text, jupytext.reads(text, fmt="md:myst").cells) == text
