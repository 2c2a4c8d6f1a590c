"""Bring what was edited in `notebooks/NAME.ipynb` into its source `notebooks/NAME.md`: `make adopt`.

The text of cells that were not touched stays as it is, byte for byte; what is new is written as jupytext writes it.
"""

import argparse
import difflib
from typing import Any

import jupytext
import nbformat

from tools.dependencies import CELL
from tools.files import write_atomically
from tools.layout import BuildError, Tree, run
from tools.sync import content, edited, sync

_BETWEEN = "\n+++\n"


def chunks(text: str) -> tuple[str, list[str]]:
    """Split a MyST notebook into its header and the text of each cell.

    Raises:
        BuildError: where jupytext sees other cells than those between the fences.
    """
    end = text.index("\n---\n", 4) + 5 if text.startswith("---\n") else 0
    header, body = text[:end], text[end:]
    found: list[str] = []
    place = 0
    for match in CELL.finditer(body):
        found += body[place : match.start()].split(_BETWEEN)
        found.append(match[0])
        place = match.end()
    found += body[place:].split(_BETWEEN)
    return header, [chunk.strip("\n") for chunk in found if chunk.strip()]


def written(cell: Any) -> str:
    """Return one cell as the text that jupytext makes of it."""
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": ""}
    _, found = chunks(jupytext.writes(notebook, fmt="md:myst"))
    return "\n\n".join(found)


def merged(text: str, cells: list[Any]) -> str:
    """Return the source with the cells of an edited notebook, unchanged cells as they were.

    Args:
        text: the MyST source.
        cells: those of the notebook.
    """
    header, old = chunks(text)
    before = jupytext.reads(text, fmt="md:myst").cells
    if len(before) != len(old):
        raise BuildError("the text has cells that cannot be told apart: bring the edit in by hand")
    match = difflib.SequenceMatcher(
        None, [content(cell) for cell in before], [content(cell) for cell in cells], autojunk=False
    )
    parts: list[tuple[str, str]] = []
    for change, start, stop, first, last in match.get_opcodes():
        if change == "equal":
            own = zip(before[start:stop], old[start:stop], strict=True)
            parts += [(cell.cell_type, chunk) for cell, chunk in own]
        else:
            parts += [(cell.cell_type, written(cell)) for cell in cells[first:last]]
    body = ""
    for place, (kind, chunk) in enumerate(parts):
        both_text = place > 0 and kind == parts[place - 1][0] == "markdown"
        body += ("\n+++\n" if both_text else "") + f"\n{chunk}\n"
    return header + body


def adopt(tree: Tree, name: str) -> bool:
    """Bring the edit of one notebook into its source; say whether there was one."""
    source, target = tree.notebooks / f"{name}.md", tree.notebooks / f"{name}.ipynb"
    if not edited(target):
        return False
    try:
        notebook = nbformat.read(target, as_version=4)
    except (ValueError, nbformat.ValidationError):
        raise BuildError(f"notebooks/{name}.ipynb is no notebook: delete it") from None
    write_atomically(source, merged(source.read_text(encoding="utf-8"), notebook.cells))
    target.unlink()
    sync(tree, name)
    return True


def main() -> None:
    """Command line: `python -m tools.adopt` brings in the edits of all notebooks."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    tree = Tree()
    found = [name for name in tree.names() if adopt(tree, name)]
    print(f"adopted into the text: {', '.join(found) or 'nothing, as no notebook was edited'}")


if __name__ == "__main__":
    run(main)
