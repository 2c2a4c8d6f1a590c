"""Help readers in the built pages: proofs that fold, names for switches, and what references explain.

All of it is in the pages themselves: nothing is fetched, and without a script everything is open.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath

from tools.markup import copy, element, end_of
from tools.numbers import plain

_PROOF = re.compile(r'<div class="proof admonition" id="[^"]*">\s*<p>Proof\. ')
_OF = re.compile(r"(of (?:[^<\n]|<a\b[^>]*>|</a>|</?span[^>]*>)+?)\.?(?=\n|</p>)")
_STATEMENT = re.compile(r'<div class="proof \w+ admonition" id="[^"]*">')
_NUMBER = re.compile(r'<span class="caption-number">([^<]+?)\s*</span>')
_SWITCH = re.compile(r'<summary aria-label="Toggle hidden content">')
_CLAIM = re.compile(r'(id="claim-([\w-]+)">(?:(?!id="claim-).)*?)<summary>', re.S)
_BELOW = re.compile(
    r'(>\s*([^<>]+?)\s*</a>\s*<details[^>]*>)<summary>(?=<span class="toctree-toggle")'
)
_HEADING = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.S)
_REFERENCE = re.compile(r'<a class="reference internal" href="([^"#]*)#([^"]+)"')
_ROW = re.compile(r"<tr class=\"row-(?:even|odd)\">(<td>.*?)</tr>", re.S)
_CELL = re.compile(r"<td>(.*?)</td>", re.S)
_TEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.S)
_CHOICE = (
    '<p class="proof-choice pst-js-only"><button type="button" class="btn btn-sm">'
    "Fold all proofs</button></p>\n"
)
#: What a symbol is said of: `p(x) = …` explains `p(x)`, `M \geq 2` is about M (explain.js has the same rule).
_RELATION = re.compile(r"\s*(?:=|[<>]|\\(?:in|to|geq?|leq?|sim|neq?)\b).*", re.S)


def foldable_proofs(page: str) -> str:
    """Put each proof in an open fold, and before the first statement a button for all of them."""
    starts = list(_PROOF.finditer(page))
    for place, match in reversed(list(enumerate(starts, start=1))):
        end = end_of(page, match.start())
        body = page[match.end() : end - len("</div>")]
        title = "Proof"
        if of := _OF.match(body):
            title, body = f"Proof {of[1]}", body[of.end() :].lstrip("\n")
        name = plain(title) if of else _named(page, match.start(), place)
        opened = page[match.start() : match.end()].partition(">")[0] + ">"
        fold = (
            f'{opened}<details class="proof-fold" open><summary aria-label="{html.escape(name)}">'
            f"<span>{title}.</span></summary>\n<p>{body}</details></div>"
        )
        page = page[: match.start()] + fold.replace("<p></p>", "") + page[end:]
    first = _STATEMENT.search(page)
    if starts and first:
        page = page[: first.start()] + _CHOICE + page[first.start() :]
    return page


def _named(page: str, start: int, place: int) -> str:
    """Return the name of a proof: that of the statement right before it, else its place."""
    before = page[:start].rstrip()
    blocks = list(_STATEMENT.finditer(before))
    if blocks and end_of(before, blocks[-1].start()) == len(before):
        number = _NUMBER.search(before, blocks[-1].start())
        return f"Proof of {number[1]}" if number else f"Proof {place}"
    return f"Proof {place} of this page"


def named_switches(page: str) -> str:
    """Name every switch of folded code by what the code makes."""
    used: dict[str, int] = {}
    parts, last = [], 0
    for match in _SWITCH.finditer(page):
        end = end_of(page, page.rfind("<details", 0, match.start()))
        after = page[end : end + 400].partition("<details")[0]
        figure = '<figure class="align-default"' in after
        heading = [*_HEADING.finditer(page, 0, match.start())]
        where = plain(heading[-1][1]) if heading else "this page"
        if figure and (number := _NUMBER.search(page, end)):
            where = number[1]
        used[where] = used.get(where, 0) + 1
        name = f"Show the code of {where}" + (f", {used[where]}" if used[where] > 1 else "")
        parts += [page[last : match.start()], f'<summary aria-label="{html.escape(name)}">']
        last = match.end()
    return _CLAIM.sub(
        r'\1<summary aria-label="Would have failed at, for \2">', "".join([*parts, page[last:]])
    )


def accessible(page: str) -> str:
    """Mend what the theme and pandas leave without a name: the side column, its switches, empty headings.

    Example:
        >>> accessible('<a href="f.html">F</a><details><summary><span class="toctree-toggle"')
        '<a href="f.html">F</a><details><summary aria-label="Pages below F"><span class="toctree-toggle"'
    """
    page = _BELOW.sub(r'\1<summary aria-label="Pages below \2">', page)
    page = page.replace(
        '<div id="pst-primary-sidebar" ',
        '<div id="pst-primary-sidebar" role="region" aria-label="Book" ',
    )
    return re.sub(r"<th></th>", "<td></td>", page)


def key(tex: str) -> str:
    r"""Return the form under which a symbol is looked up.

    Example:
        >>> key(r"p(x) = C_\alpha x^{-\alpha}"), key(r"\mathcal{E} (f)")
        ('p(x)', '\\mathcalE(f)')
    """
    return re.sub(r"[\s{}]|\\,", "", _RELATION.sub("", html.unescape(tex)))


def symbols(notation: str) -> Iterator[tuple[list[str], str, str]]:
    """Yield from the page of notation the symbols of each row, its code and its meaning."""
    for row in _ROW.findall(notation):
        cells = _CELL.findall(row)
        if len(cells) == 3 and (found := [key(tex) for tex in _TEX.findall(cells[0])]):
            yield found, cells[1], cells[2]


def explained_symbols(page: str, notation: str) -> str:
    """Return the templates of the symbols that stand alone somewhere in a page."""
    alone = {key(tex) for tex in _TEX.findall(page)}
    parts = []
    for names, code, meaning in symbols(notation):
        wanted = [name for name in names if name in alone]
        if wanted:
            shown = html.escape(" ".join(wanted), quote=True)
            text = f"{meaning.strip()} {code.strip() if '<code' in code else ''}"
            parts.append(f'<template data-symbols="{shown}">{copy(text)}</template>')
    return "".join(parts)


def explained_references(name: str, pages: dict[str, str]) -> str:
    """Return the templates of what a page refers to on other pages: equations, statements, exercises."""
    parts: dict[str, str] = {}
    for target, anchor in _REFERENCE.findall(_article(pages[name])):
        other = normpath(join(dirname(name), target)) if target else name
        if other == name or other not in pages or f"{target}#{anchor}" in parts:
            continue
        found = element(pages[other], anchor)
        if found and re.match(r'<div class="(?:math|proof|exercise)\b', found):
            address = html.escape(f"{target}#{anchor}", quote=True)
            parts[f"{target}#{anchor}"] = (
                f'<template data-reference="{address}">{copy(found)}</template>'
            )
    return "".join(parts.values())


def _article(page: str) -> str:
    return page.partition("<article")[2].partition("</article>")[0]


def assist(pages: Path) -> None:
    """Change all pages of a directory of built HTML."""
    texts = {
        path.relative_to(pages).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted([*pages.glob("book/**/*.html"), *pages.glob("notebooks/*.html")])
    }
    notation = texts.get("book/notation.html", "")
    for name, text in texts.items():
        explained = explained_references(name, texts)
        if name != "book/notation.html":
            explained += explained_symbols(_article(text), _article(notation))
        text = accessible(named_switches(foldable_proofs(text)))
        if explained:
            head, end, rest = text.partition("</article>")
            text = f"{head}{end}\n<div hidden>{explained}</div>{rest}"
        (pages / name).write_text(text, encoding="utf-8")
    search = pages / "search.html"
    if search.is_file():
        search.write_text(accessible(search.read_text(encoding="utf-8")), encoding="utf-8")
