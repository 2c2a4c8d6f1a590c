"""The paired notebooks are exactly what their sources give."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.layout import Tree
from tools.sync import render

NAMES = Tree().names()


def test_each_notebook_has_one_source() -> None:
    assert sorted(path.stem for path in Tree().notebooks.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_notebook_equals_its_source(name: str) -> None:
    paired = (Tree().notebooks / f"{name}.ipynb").read_text(encoding="utf-8")
    assert paired == render(Tree().notebooks / f"{name}.md"), "run `make sync`"


@pytest.mark.parametrize("name", NAMES)
def test_notebook_is_clean(name: str) -> None:
    cells = json.loads(render(Tree().notebooks / f"{name}.md"))["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_the_sync_of_jupytext_itself_leaves_the_source_as_it_is(tmp_path: Path) -> None:
    for suffix in (".md", ".ipynb"):
        shutil.copy(Tree().notebooks / f"{NAMES[0]}{suffix}", tmp_path)
    before = (tmp_path / f"{NAMES[0]}.md").read_bytes()
    program = Path(sys.executable).with_name("jupytext")
    subprocess.run(
        [program, "--sync", f"{NAMES[0]}.ipynb"], cwd=tmp_path, check=False, capture_output=True
    )
    assert (tmp_path / f"{NAMES[0]}.md").read_bytes() == before
