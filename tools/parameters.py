"""The parameters that a notebook declares, as papermill itself reads them.

Each is one line of the one cell tagged `parameters`: `name: type = default  # meaning; valid range`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill

from tools.dependencies import code_cells
from tools.layout import BuildError, Tree


@dataclass(frozen=True)
class Parameter:
    """One declared parameter; `default` is its Python source."""

    name: str
    type: str
    default: str
    meaning: str
    valid: str


def read(path: Path) -> list[Parameter]:
    """Return the parameters of a notebook file; fail unless each has a type, a meaning and a valid range."""
    notebook = nbformat.read(path, as_version=4)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise BuildError(f"{path.stem}: expected one cell tagged `parameters`, found {len(tagged)}")
    found = papermill.inspect_notebook(path)
    # Papermill skips in silence a line that it cannot read, such as one with a second "=" in its comment.
    lines = [
        line for line in tagged[0].source.splitlines() if line.strip() and line[0] not in "# ]"
    ]
    for line in lines:
        if line.split(":")[0].split("=")[0].strip() not in found:
            raise BuildError(
                f"{path.stem}: papermill cannot read the parameter line {line!r}"
                ' (a second "=", or a type other than like `float` or `list[int]`)'
            )
    return [_parameter(path.stem, entry) for entry in found.values()]


def check_values(tree: Tree, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Run the first check of a chapter, in this process, with other values of its parameters.

    Returns:
        The names that its first two cells leave behind.

    Raises:
        BuildError: with the sentence that the chapter itself would end with.
    """
    text = (tree.notebooks / f"{name}.md").read_text(encoding="utf-8")
    parameters, check, *_ = code_cells(text)
    namespace: dict[str, Any] = {}
    exec(parameters, namespace)
    namespace |= values
    try:
        exec(check, namespace)
    except ValueError as error:
        raise BuildError(f"{name}: {error}") from None
    return namespace


def _parameter(notebook: str, entry: dict[str, str]) -> Parameter:
    meaning, separator, valid = entry["help"].rpartition(";")
    if not separator or entry["inferred_type_name"] == "None":
        raise BuildError(
            f"{notebook}: parameter {entry['name']!r} must read"
            " `name: type = default  # meaning; valid range`"
        )
    return Parameter(
        name=entry["name"],
        type=entry["inferred_type_name"],
        default=entry["default"],
        meaning=meaning.strip(),
        valid=valid.strip(),
    )
