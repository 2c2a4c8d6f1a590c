"""The first screen of a chapter: what a reader meets before the text, made from what the notebook declares.

In the source the parameters and their check come first, because papermill wants them there. On the page the title, the
answer and the picture come first; then the command that changes a parameter; the rest of the plumbing is folded.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

import nbformat

from tools.chapters import Chapter, used_by
from tools.parameters import Parameter

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_REMEMBER = re.compile(r"^## What to remember$", re.M)


def plain(text: str) -> str:
    """Escape the comment of a parameter: "> 1" at the start of a cell would be a quotation."""
    return _PUNCTUATION.sub(r"\\\g<0>", text)


def shown(source: str) -> str:
    """Return a value for the table: a long list by its ends, infinity as papermill takes it."""
    entries = source.strip("[]").split(", ")
    if source.startswith("[") and len(entries) > 5:
        source = f"[{entries[0]}, {entries[1]}, …, {entries[-1]}]"
    return f"`{source}`".replace('float("inf")', "inf")


def number_of(name: str) -> str:
    """Return the number of a chapter, as its file has it.

    Example:
        >>> number_of("03_finite_memory")
        '3'
    """
    return name.partition("_")[0].lstrip("0")


def links(names: list[str] | tuple[str, ...]) -> str:
    """Return links to chapters by their numbers."""
    return ", ".join(f'<a href="{name}.html">{number_of(name)}</a>' for name in names)


def small_line(chapter: Chapter, verdict: str) -> str:
    """Return the line under the title: `Proposition 3 · 25 min · needs 1, 3 · 7 of 8 reproduced`."""
    badge = f'<a class="chapter-verdict" href="#claims">{verdict}</a>' if verdict else ""
    needs = f"needs {links(chapter.needs)}" if chapter.needs else "needs nothing before"
    parts = [html.escape(chapter.statement), f"{chapter.minutes} min", needs, badge]
    return f'<p class="chapter-line">{" · ".join(part for part in parts if part)}</p>'


def parameter_table(declared: list[Parameter], columns: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table of parameters, with one column of values for each of the given profiles."""
    rows = [["Parameter", "Type", "Default", *columns, "Valid range"]]
    for entry in declared:
        values = [
            shown(repr(profile[entry.name]) if entry.name in profile else entry.default)
            for profile in columns.values()
        ]
        name = f"`{entry.name}`<br>{plain(entry.meaning)}"
        rows.append([name, f"`{entry.type}`", shown(entry.default), *values, plain(entry.valid)])
    body = "\n".join("* - " + "\n  - ".join(row) for row in rows)
    return f"```{{list-table}}\n:header-rows: 1\n:class: parameters\n\n{body}\n```"


def command(name: str, declared: list[Parameter], chapter: Chapter) -> str:
    """Return the papermill call that runs a chapter with one value changed."""
    values = {key: repr(value) for key, value in chapter.try_.items()}
    if not values:
        values = {p.name: p.default for p in declared if p.type in ("float", "int")}
        values = dict(list(values.items())[:1])
    changed = "".join(f" -p {key} {value}" for key, value in values.items())
    return f"papermill notebooks/{name}.ipynb out.ipynb{changed}"


def fields(declared: list[Parameter], chapter: Chapter) -> str:
    """Return a form with one field for each number, which change_it.js turns into the command.

    It stays hidden where no script runs.
    """
    found = []
    for entry in declared:
        if entry.type not in ("float", "int") or entry.name == "seed":
            continue
        default = entry.default.replace('float("inf")', "inf")
        value = str(chapter.try_.get(entry.name, default))
        title = html.escape(f"{entry.meaning}; {entry.valid}", quote=True)
        found.append(
            f'<label title="{title}"><span>{entry.name}</span> <input name="{entry.name}" '
            f'value="{value}" data-default="{default}" inputmode="decimal" size="6" '
            'autocomplete="off"></label>'
        )
    return f'<form class="change-it-fields" hidden>{"".join(found)}</form>'


def change_it(name: str, declared: list[Parameter], chapter: Chapter) -> str:
    """Return the block that says how to run the chapter with other values, and how long it takes."""
    time = f" It takes about {chapter.seconds} seconds." if chapter.seconds else ""
    return "\n\n".join(
        [
            "::::{container} change-it",
            "**Change it.** This line runs the chapter again with another value, at the root of the "
            f"repository.{time}",
            fields(declared, chapter),
            f"```bash\n{command(name, declared, chapter)}\n```\n::::",
        ]
    )


def folded(name: str, declared: list[Parameter], columns: Any, plumbing: list[str]) -> str:
    """Return what few readers need: table of parameters, the cells that declare and check them, downloads."""
    code = "\n\n".join(source.strip() for source in plumbing)
    return "\n\n".join(
        [
            "::::{admonition} All parameters, their ranges, the first cells, downloads\n"
            ":class: dropdown rerun",
            parameter_table(declared, columns),
            f"```python\n{code}\n```",
            f"{{download}}`The executed notebook <../downloads/{name}.ipynb>` · "
            "{doc}`more on running chapters </book/rerun>`\n::::",
        ]
    )


def opening(cells: list[Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Split a chapter: the cells that declare and check its parameters, those of its picture, the rest.

    The code cells between the title and the next text are the first two groups; the first ends with
    the check of the parameters, the cell after those that papermill knows.
    """
    end = next((i for i in range(1, len(cells)) if cells[i].cell_type != "code"), len(cells))
    known = [
        i
        for i in range(1, end)
        if {"parameters", "injected-parameters"} & set(cells[i].metadata.get("tags", []))
    ]
    check = min(known[-1] + 2, end) if known else 1
    return cells[1:check], cells[check:end], cells[end:]


def arranged(
    notebook: Any,
    name: str,
    declared: list[Parameter],
    columns: Mapping[str, Mapping[str, Any]],
    chapters: dict[str, Chapter],
    verdict: str = "",
) -> Any:
    """Return an executed notebook in the order of the page, with what is generated in its place."""
    chapter = chapters.get(name, Chapter())
    plumbing, picture, rest = opening(notebook.cells)
    title, _, question = notebook.cells[0].source.lstrip().partition("\n")
    if chapter.statement:
        notebook.cells[
            0
        ].source = f"{title}\n\n{small_line(chapter, verdict)}\n\n{question.strip()}"
    text = [
        change_it(name, declared, chapter),
        folded(name, declared, columns, [cell.source for cell in [*plumbing, *picture]]),
    ]
    for cell in picture:
        cell.metadata["tags"] = ["remove-input"]
    generated = nbformat.v4.new_markdown_cell("\n\n".join(text), id="generated-parameters")
    notebook.cells = [notebook.cells[0], *picture, generated, *rest]
    _say_what_follows(notebook.cells, used_by(name, chapters))
    return notebook


def _say_what_follows(cells: list[Any], names: list[str]) -> None:
    """End the section "What to remember" with the chapters that build on this one."""
    start = next((i for i, cell in enumerate(cells) if _REMEMBER.search(cell.source)), None)
    if start is None or not names:
        return
    after = (i for i in range(start + 1, len(cells)) if re.match(r"## ", cells[i].source))
    line = f'<p class="chapter-next">Used next in {links(names)}.</p>'
    text = nbformat.v4.new_markdown_cell(line, id="generated-next")
    cells.insert(next(after, len(cells)), text)
