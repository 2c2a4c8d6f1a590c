"""Lay out under `stage/` everything that Jupyter Book reads: prose, executed notebooks, generated parts.

A chapter keeps its text untouched; added are, after its first cell, the table of its parameters with the command that
runs it again, and under each figure a link to its numbers.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import yaml

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from tools import collect, parameters, profiles, robustness, scorecard
from tools.files import fresh_directory
from tools.layout import BuildError, Products, Tree

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
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
        if not (tree.root / f"{page}.md").is_file():
            raise BuildError(f"book/_toc.yml lists {page}, but {page}.md does not exist")
    for name in tree.names():
        if f"notebooks/{name}" not in pages:
            raise BuildError(f"notebooks/{name}.md is on no page: add it to book/_toc.yml")


def plain(text: str) -> str:
    """Escape the comment of a parameter: "> 1" at the start of a cell would be a quotation."""
    return _PUNCTUATION.sub(r"\\\g<0>", text)


def shown(source: str) -> str:
    """Return a value for the table: a long list by its ends, infinity as papermill takes it."""
    entries = source.strip("[]").split(", ")
    if source.startswith("[") and len(entries) > 5:
        source = f"[{entries[0]}, {entries[1]}, …, {entries[-1]}]"
    return f"`{source}`".replace('float("inf")', "inf")


def parameter_table(
    declared: list[parameters.Parameter], columns: dict[str, dict[str, Any]]
) -> str:
    """Return the table of parameters, with one column of values for each of the given profiles."""
    header = ["Parameter", "Type", "Default", *columns, "Valid range"]
    rows = [header]
    for entry in declared:
        values = [
            shown(repr(profile[entry.name]) if entry.name in profile else entry.default)
            for profile in columns.values()
        ]
        first = [
            f"`{entry.name}`<br>{plain(entry.meaning)}",
            f"`{entry.type}`",
            shown(entry.default),
        ]
        rows.append([*first, *values, plain(entry.valid)])
    body = "\n".join("* - " + "\n  - ".join(row) for row in rows)
    return f"```{{list-table}}\n:header-rows: 1\n:class: parameters\n\n{body}\n```"


def command(name: str, declared: list[parameters.Parameter]) -> str:
    """Return the papermill call that runs a notebook, and one that changes a parameter."""
    call = f"papermill notebooks/{name}.ipynb out.ipynb"
    scalar = next((p for p in declared if p.type in ("float", "int")), None)
    example = f" -p {scalar.name} {scalar.default}" if scalar else ""
    return f"```bash\n{call}{example}\n```"


def front_matter(
    name: str, declared: list[parameters.Parameter], columns: dict[str, dict[str, Any]]
) -> str:
    """Return the generated part of a chapter: parameters, command, download."""
    return "\n\n".join(
        [
            "::::{admonition} Parameters, and how to run this chapter again\n:class: rerun",
            parameter_table(declared, columns),
            "Any of them can be set from the command line, at the root of the repository:",
            command(name, declared),
            f"{{download}}`The executed notebook <../downloads/{name}.ipynb>` · "
            "{doc}`more on running chapters </book/rerun>`\n::::",
        ]
    )


def title(name: str, notebook: Any) -> str:
    """Return the title of a chapter, which its first cell must start with."""
    cell = notebook.cells[0]
    line = cell.source.lstrip().partition("\n")[0]
    if cell.cell_type != "markdown" or not line.startswith("# "):
        raise BuildError(f"{name}: the first cell must be text that starts with `# Title`")
    return str(line.removeprefix("# ").strip())


def chapter(notebook: Any, name: str, generated: str) -> Any:
    """Insert the generated cells into an executed notebook."""
    cells = list(notebook.cells)
    inserted = {0: generated}
    for figure in collect.figures(name, notebook):
        path = f"../data/{name}/{figure.name}.csv"
        line = f"{{download}}`Numbers of this figure (CSV) <{path}>`"
        inserted[figure.cell] = "\n\n".join(filter(None, [inserted.get(figure.cell), line]))
    notebook.cells = []
    for index, cell in enumerate(cells):
        notebook.cells.append(_without_private_types(cell))
        if index in inserted:
            text = nbformat.v4.new_markdown_cell(inserted[index], id=f"generated-{index}")
            notebook.cells.append(text)
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
    for name in tree.names():
        shutil.copy(products.executed(name), target / "downloads")
        declared = parameters.read(products.executed(name))
        values = {shown.capitalize(): entries[name] for shown, entries in columns.items()}
        page = collect.read(products, name)
        titles[name] = title(name, page)
        page = chapter(page, name, front_matter(name, declared, values))
        nbformat.write(page, target / "notebooks" / f"{name}.ipynb")
    for path in (tree.book / "measured").glob("*.md"):
        shutil.copy(path, target / "generated")
    measured = tree.book / "measured" / "variations.json"
    table = robustness.render(measured.read_text("utf-8"), titles) if measured.is_file() else ""
    (target / "generated" / "robustness.md").write_text(table, encoding="utf-8")
    (target / "generated" / "scorecard.md").write_text(
        scorecard.render(_claims(products), titles, profile), encoding="utf-8"
    )


def _claims(products: Products) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(products.claims.read_text(encoding="utf-8"))["claims"]
    return found
