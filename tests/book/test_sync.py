"""The paired notebooks are exactly what their sources give."""

import json

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
