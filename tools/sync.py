"""Make `notebooks/NAME.ipynb`, which papermill reads, from its one source `notebooks/NAME.md`.

Jupytext's own `--sync` believes the newer of the two files and invents cell ids; here the text always wins and the
ids follow from name and position, so that the same source gives the same bytes. A notebook that somebody edited is not
touched: it carries a digest of the cells that it was made with, and where they differ the build stops and says so.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from tools.files import write_if_changed
from tools.layout import BuildError, Tree, run

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def cell_id(name: str, index: int) -> str:
    """Return the id of a cell: valid for nbformat, unique in the notebook, the same every time."""
    return hashlib.sha256(f"{name}:{index}".encode()).hexdigest()[:12]


def content(cell: Any) -> tuple[str, str, str]:
    """Return what people edit in a cell: its type, its source, and what its metadata ask of the page."""
    kept = {key: cell.metadata[key] for key in ("tags", "mystnb") if cell.metadata.get(key)}
    return cell.cell_type, cell.source, json.dumps(kept, sort_keys=True)


def digest(notebook: Any) -> str:
    """Return a short digest of all that people edit, which running the cells does not change."""
    text = json.dumps([content(cell) for cell in notebook.cells])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def render(source: Path) -> str:
    """Return the notebook made from a MyST source, as the text of an .ipynb file."""
    notebook = jupytext.read(source)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = cell_id(source.stem, index)
    # Without a language papermill cannot tell how to write parameters.
    notebook.metadata["kernelspec"] = KERNEL
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["made_from_text"] = digest(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, indent=1)).rstrip("\n") + "\n"


def edited(path: Path) -> bool:
    """Say whether somebody changed a notebook after it was made (running it is no change)."""
    if not path.is_file():
        return False
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError):  # half of a merge, or no notebook at all
        return True
    return bool(notebook.metadata.get("made_from_text") != digest(notebook))


def sync(tree: Tree, name: str) -> Path:
    """Bring one notebook up to date with its source, say so if it was not, and return its path.

    Raises:
        BuildError: for a notebook that was edited and is not what its source gives.
    """
    target = tree.notebooks / f"{name}.ipynb"
    text = render(tree.notebooks / f"{name}.md")
    if edited(target) and target.read_text(encoding="utf-8") != text:
        shown = target.relative_to(tree.root)
        raise BuildError(
            f"{shown} was edited, and would be lost: `make adopt` brings the edit into {name}.md; "
            f"to discard it, delete {shown}"
        )
    if write_if_changed(target, text):
        print(f"[{name}] {target.relative_to(tree.root)} made from its .md", flush=True)
    return target


def main() -> None:
    """Command line: `python -m tools.sync` brings every notebook up to date."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    tree = Tree()
    for name in tree.names():
        sync(tree, name)
    for stray in tree.notebooks.glob("*.ipynb"):
        if stray.stem not in tree.names():
            print(f"warning: {stray.relative_to(tree.root)} has no .md source")


if __name__ == "__main__":
    run(main)
