"""Lay out under `stage/` everything that Jupyter Book reads: prose, executed notebooks, generated parts.

A chapter keeps its text; first_screen.py puts its picture before its parameters, and under each figure stands a link to
its numbers.
"""

import json
import shutil
from copy import deepcopy
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import yaml

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from tools import (
    api,
    chapters,
    cite,
    collect,
    first_screen,
    index,
    parameters,
    profiles,
    public,
    robustness,
    scorecard,
)
from tools.files import fresh_directory
from tools.layout import BuildError, Products, Tree

_IGNORED = shutil.ignore_patterns("__pycache__", "profiles")


def toc_pages(node: dict[str, Any]) -> list[str]:
    """Return every page that a table of contents names, in order."""
    own = [node[key] for key in ("root", "file") if key in node]
    below = [child for key in ("parts", "chapters", "sections") for child in node.get(key) or []]
    return own + [page for child in below for page in toc_pages(child)]


def check_toc(tree: Tree) -> None:
    """Fail unless every page of the table of contents exists and every notebook is a page of it."""
    toc = yaml.safe_load((tree.book / "_toc.yml").read_text(encoding="utf-8"))
    pages = toc_pages(toc)
    for page in pages:
        generated = page.startswith(f"{public.FOLDER}/") and page in public.pages(tree)
        if not generated and not (tree.root / f"{page}.md").is_file():
            raise BuildError(f"book/_toc.yml lists {page}, but {page}.md does not exist")
    for name in tree.names():
        if f"notebooks/{name}" not in pages:
            raise BuildError(f"notebooks/{name}.md is on no page: add it to book/_toc.yml")


def title(name: str, notebook: Any) -> str:
    """Return the title of a chapter, which its first cell must start with."""
    cell = notebook.cells[0]
    line = cell.source.lstrip().partition("\n")[0]
    if cell.cell_type != "markdown" or not line.startswith("# "):
        raise BuildError(f"{name}: the first cell must be text that starts with `# Title`")
    return str(line.removeprefix("# ").strip())


def apart(cell: Any) -> list[Any]:
    """Split a cell whose outputs have a caption: that belongs to the pictures, not to what is said beside them.

    MyST-NB would make a figure of every output.
    """
    settings = cell.metadata.get("mystnb", {})
    if "figure" not in settings or len(cell.get("outputs", [])) < 2:
        return [cell]

    def pictured(output: Any) -> bool:
        return FIGURE_MIME in output.get("data", {})

    found = []
    for place, (picture, outputs) in enumerate(groupby(cell.outputs, key=pictured)):
        part = deepcopy(cell)
        part.outputs = list(outputs)
        if not picture:
            part.metadata["mystnb"] = {k: v for k, v in settings.items() if k != "figure"}
        if place:
            part["id"] = f"{cell.get('id', 'cell')}-{place}"
            part.metadata["tags"] = ["remove-input"]
        found.append(part)
    return found


def with_numbers(notebook: Any, name: str) -> Any:
    """Put under each figure of an executed notebook a link to its numbers."""
    notebook.cells = [part for cell in notebook.cells for part in apart(cell)]
    links = {
        figure.cell: f"{{download}}`Numbers of this figure (CSV) <../data/{name}/{figure.name}.csv>`"
        for figure in collect.figures(name, notebook)
    }
    cells = []
    for place, cell in enumerate(notebook.cells):
        cells.append(_without_private_types(cell))
        if place in links:
            cells.append(nbformat.v4.new_markdown_cell(links[place], id=f"generated-{place}"))
    notebook.cells = cells
    return notebook


def _without_private_types(cell: Any) -> Any:
    """Remove from a page what is there for programs: MyST-NB warns of types that it cannot show."""
    for output in cell.get("outputs", []):
        for mime in (CLAIM_MIME, FIGURE_MIME):
            output.get("data", {}).pop(mime, None)
    return cell


def stage(tree: Tree, profile: str, target: Path) -> None:
    """Fill the directory `target`."""
    check_toc(tree)
    products = tree.build(profile)
    fresh_directory(target)
    shutil.copytree(tree.book, target / "book", ignore=_IGNORED)
    shutil.copytree(tree.book / "_static", target / "_static")
    shutil.copytree(products.data, target / "data")
    shutil.copy(tree.root / "_config.yml", target)
    for folder in ("downloads", "notebooks", "generated"):
        (target / folder).mkdir()
    # The paper's own values stand on every page; in another profile its values stand beside them.
    columns = {shown: profiles.load(tree, shown) for shown in dict.fromkeys(["paper", profile])}
    titles: dict[str, str] = {}
    listed, claims = chapters.load(tree), _claims(products)
    pictures: dict[str, str] = {}
    used = api.write(tree, target)
    cite.write(tree, target / "generated")
    for name in tree.names():
        shutil.copy(products.executed(name), target / "downloads")
        declared = parameters.read(products.executed(name))
        values = {shown.capitalize(): entries[name] for shown, entries in columns.items()}
        page = collect.read(products, name)
        titles[name] = title(name, page)
        own = [claim for claim in claims if claim["notebook"] == name]
        page = first_screen.arranged(page, name, declared, values, listed, scorecard.in_short(own))
        pictures[name] = index.small_picture(page)
        if name == index.HEADLINE:
            first = index.first_picture(page)
            (target / "_static" / "headline.svg").write_text(first, encoding="utf-8")
        page = with_numbers(page, name)
        page.cells += used.cells(name)
        nbformat.write(page, target / "notebooks" / f"{name}.ipynb")
    _write_contents(tree, target, listed)
    for part, text in index.render(listed, titles, claims, pictures).items():
        (target / "generated" / f"index_{part}.md").write_text(text, encoding="utf-8")
    for path in (tree.book / "measured").glob("*.md"):
        shutil.copy(path, target / "generated")
    measured = tree.book / "measured" / "variations.json"
    table = robustness.render(measured.read_text("utf-8"), titles) if measured.is_file() else ""
    (target / "generated" / "robustness.md").write_text(table, encoding="utf-8")
    (target / "generated" / "scorecard.md").write_text(
        scorecard.render(claims, titles, profile), encoding="utf-8"
    )


def _write_contents(tree: Tree, target: Path, listed: dict[str, chapters.Chapter]) -> None:
    """Give the chapters their short names in the table of contents, and the functions a page for each wing."""
    first, *wings = public.pages(tree)

    def named(node: dict[str, Any]) -> dict[str, Any]:
        if node.get("file") == first:
            node["sections"] = [{"file": page} for page in wings]
        for key in ("parts", "chapters", "sections"):
            node[key] = [named(child) for child in node.get(key) or []]
        name = node.get("file", "").removeprefix("notebooks/")
        short = listed[name].short if name in listed else ""
        return {key: value for key, value in {**node, "title": short or None}.items() if value}

    toc = yaml.safe_load((tree.book / "_toc.yml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(named(toc), allow_unicode=True, sort_keys=False)
    (target / "book" / "_toc.yml").write_text(text, encoding="utf-8")


def _claims(products: Products) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(products.claims.read_text(encoding="utf-8"))["claims"]
    return found
