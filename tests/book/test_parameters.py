"""Parameters cells: those of the book are complete, and an incomplete one is refused."""

from pathlib import Path

import nbformat
import pytest

from tools.layout import BuildError, Tree
from tools.parameters import Parameter, read
from tools.profiles import load


def write(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": ""}
    tags = {"tags": ["parameters"]}
    notebook.cells = [nbformat.v4.new_code_cell(text, metadata=tags) for text in cells]
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("name", Tree().names())
def test_every_parameter_has_type_meaning_and_range(name: str) -> None:
    for parameter in read(Tree().notebooks / f"{name}.ipynb"):
        assert all(vars(parameter).values()), parameter


@pytest.mark.parametrize("profile", ["smoke", "paper"])
def test_profiles_name_declared_parameters_alone(profile: str) -> None:
    for name, values in load(Tree(), profile).items():
        declared = {parameter.name for parameter in read(Tree().notebooks / f"{name}.ipynb")}
        assert set(values) <= declared


def test_a_line_is_read(tmp_path: Path) -> None:
    line = "sizes: list[int] = [1, 2]  # sizes; increasing; integers ≥ 1"
    assert read(write(tmp_path / "x.ipynb", line)) == [
        Parameter("sizes", "list[int]", "[1, 2]", "sizes; increasing", "integers ≥ 1")
    ]


def test_a_list_may_take_several_lines(tmp_path: Path) -> None:
    text = "sizes: list[int] = [\n    1, 2, 4\n]  # sizes; integers ≥ 1\nseed: int = 0  # seed; ≥ 0"
    found = read(write(tmp_path / "x.ipynb", text))
    assert found[0] == Parameter("sizes", "list[int]", "[1, 2, 4]", "sizes", "integers ≥ 1")
    assert found[1].name == "seed"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], "expected one cell"),
        (["a: int = 1  # a; > 0", "b: int = 1  # b; > 0"], "expected one cell"),
        (["a: int = 1  # no range"], "'a' must read"),
        (["a: int = 1"], "'a' must read"),
        (["a = 1  # no type; > 0"], "'a' must read"),
        (["a: int = 1  # a; >= 0"], "cannot read the parameter line"),
        (["a: int = 1  # a; > 0\nb: int | None = 1  # b; > 0"], "cannot read the parameter line"),
    ],
)
def test_an_incomplete_cell_is_refused(tmp_path: Path, cells: list[str], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        read(write(tmp_path / "x.ipynb", *cells))
