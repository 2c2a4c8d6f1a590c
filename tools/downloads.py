"""Make of each executed chapter the notebook that readers download: plain Markdown, with the page's numbers.

It stays a notebook with parameters, which papermill runs again.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
import yaml

from tools.commonmark import Converter
from tools.layout import BuildError, Tree
from tools.numbers import Numbers, read

_ENTRY = re.compile(r"@\w+\{([^,]+),(.*?)\n\}", re.S)


def citations(bibliography: str) -> dict[str, tuple[str, str]]:
    """Return who and when of every entry of a BibTeX file.

    Example:
        >>> citations("@book{key,\\n author = {Bell, Ann and Coe, Bo},\\n year = {2024}\\n}")
        {'key': ('Bell and Coe', '2024')}
    """
    found = {}
    for key, body in _ENTRY.findall(bibliography):
        fields = {
            name.lower(): value.strip('{}" ')
            for name, value in re.findall(
                r"(\w+)\s*=\s*(\{.*?\}|\"[^\"]*\"|\d+),?[ \t]*(?=\n|$)", body
            )
        }
        names = [person.partition(",")[0] for person in fields.get("author", "").split(" and ")]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        found[key.strip()] = (who, fields.get("year", ""))
    return found


def introduction(tree: Tree, title: str, page: str) -> str:
    """Return the first cell: what this is, and how to get the library."""
    config = yaml.safe_load((tree.root / "_config.yml").read_text(encoding="utf-8"))
    book, repository = config["title"], (config.get("repository") or {}).get("url") or ""
    address = (config.get("html") or {}).get("baseurl") or ""
    chapter = f"[{title}]({address.rstrip('/')}/{page})" if address else f"*{title}*"
    source = f'`pip install "assocmem @ git+{repository}"`, or ' if repository else ""
    return (
        f"> **About this notebook.** The chapter {chapter} of *{book}*, with the outputs of the run that "
        "the page shows. The page has the same numbers of equations and statements.\n>\n"
        "> It runs with Python 3.11 or later and the library `assocmem`. Where `import assocmem` fails: "
        f"{source}`pip install .` in a clone of the book's repository (or "
        "`pip install assocmem-*.whl`, a wheel that `pip wheel --no-deps .` made there), then restart the "
        "kernel. The cell tagged `parameters` holds what may be changed; papermill sets the same from the "
        "command line."
    )


def caption(cell: Any, numbers: Numbers, convert: Converter) -> str:
    """Return the caption of the figure that a cell shows, with its number, or ""."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    if not figure.get("caption"):
        return ""
    number = numbers.figures.get(figure.get("name", ""), "Figure")
    return f"**{number}.** {convert.convert(figure['caption']).strip()}"


def resolve(tree: Tree, name: str, notebook: Any, numbers: Numbers) -> Any:
    """Change an executed notebook into the one to download, and return it."""
    known = citations((tree.book / "references.bib").read_text(encoding="utf-8"))

    def cite(keys: str, style: str) -> str:
        missing = [key for key in keys.split(",") if key.strip() not in known]
        if missing:
            raise BuildError(f"{name}: references.bib has no entry {missing[0]}")
        entries = [known[key.strip()] for key in keys.split(",")]
        if style == "t":
            return ", ".join(f"{who} ({year})" for who, year in entries)
        return "(" + "; ".join(f"{who}, {year}" for who, year in entries) + ")"

    converter = Converter(name, numbers, cite)
    text = introduction(tree, numbers.titles.get(name, name), f"notebooks/{name}.html")
    cells = [nbformat.v4.new_markdown_cell(text, id="about")]
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            cell.source = converter.convert(cell.source)
        cells.append(cell)
        if shown := caption(cell, numbers, converter):
            cells.append(nbformat.v4.new_markdown_cell(shown, id=f"caption-{position}"))
    notebook.cells = [cell for cell in cells if cell.cell_type != "markdown" or cell.source.strip()]
    return notebook


def write(tree: Tree, pages: Path) -> None:
    """Change every notebook that the pages offer, in place."""
    numbers = read(pages)
    for path in sorted(pages.glob("_downloads/*/*.ipynb")):
        if path.stem in tree.names():
            notebook = nbformat.read(path, as_version=4)
            nbformat.write(resolve(tree, path.stem, notebook, numbers), path)
