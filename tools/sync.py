"""Make `notebooks/NAME.ipynb`, which papermill reads, from its one source `notebooks/NAME.md`.

Jupytext's own `--sync` believes the newer of the two files and invents cell ids; here the text always wins and the
ids follow from name and position, so that the same source gives the same bytes.
"""

import argparse
import hashlib
from pathlib import Path

import jupytext
import nbformat

from tools.files import write_if_changed
from tools.layout import Tree, run

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def cell_id(name: str, index: int) -> str:
    """Return the id of a cell: valid for nbformat, unique in the notebook, the same every time."""
    return hashlib.sha256(f"{name}:{index}".encode()).hexdigest()[:12]


def render(source: Path) -> str:
    """Return the notebook made from a MyST source, as the text of an .ipynb file."""
    notebook = jupytext.read(source)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = cell_id(source.stem, index)
    # Without a language papermill cannot tell how to write parameters.
    notebook.metadata["kernelspec"] = KERNEL
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, indent=1)).rstrip("\n") + "\n"


def sync(tree: Tree, name: str) -> Path:
    """Bring one notebook up to date with its source, say so if it was not, and return its path."""
    target = tree.notebooks / f"{name}.ipynb"
    if write_if_changed(target, render(tree.notebooks / f"{name}.md")):
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
