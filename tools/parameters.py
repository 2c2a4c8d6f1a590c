"""The parameters that a notebook declares, as papermill itself reads them.

Each is one line of the one cell tagged `parameters`: `name: type = default  # meaning; valid range`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill

from tools.layout import BuildError


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
    lines = [line for line in tagged[0].source.splitlines() if line.strip() and line[0] not in "# "]
    for line in lines:
        if line.split(":")[0].split("=")[0].strip() not in found:
            raise BuildError(
                f"{path.stem}: papermill cannot read the parameter line {line!r}"
                ' (a second "=", or a type other than like `float` or `list[int]`)'
            )
    return [_parameter(path.stem, entry) for entry in found.values()]


def check_values(path: Path, values: dict[str, Any]) -> None:
    """Run the first check of a notebook, in this process, with other values of its parameters.

    Raises:
        BuildError: with the sentence that the notebook itself would end with.
    """
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    first = next(i for i, c in enumerate(cells) if "parameters" in c.metadata.get("tags", []))
    namespace: dict[str, Any] = {}
    exec(cells[first].source, namespace)
    namespace |= values
    try:
        exec(cells[first + 1].source, namespace)
    except ValueError as error:
        raise BuildError(f"{path.stem}: {error}") from None


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
