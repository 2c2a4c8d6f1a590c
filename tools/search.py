"""Let the search find by name what has a name: statements, symbols, equations, functions, claims, chapters.

Its index knows words; "Prop 3", "α" and "(3.1)" are not words to it. So the page of the search holds a list of names
with the place that each leads to, which `find_by_name.js` puts before all other results.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tools import numbers
from tools.numbers import plain
from tools.reading import symbols

_ROW = re.compile(r'<tr class="(row-(?:even|odd))">(?=<td>)')
_CLAIM = re.compile(r'id="(claim-[\w-]+)"')
_CODE = re.compile(r"<code>([\w.-]+)</code>")
_API_ANCHOR = re.compile(r'<span id="(api-[^"]+)"></span><h2><code[^>]*><span class="pre">([^<]+)<')
_TITLE = re.compile(r'<p class="admonition-title">(.*?)</p>', re.S)
_GREEK = {
    unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}"): name
    for name in ("alpha", "beta", "gamma", "eta", "theta", "kappa", "mu", "rho", "chi")
} | {unicodedata.lookup("GREEK SMALL LETTER PHI"): "varphi", "ℓ": "ell"}


@dataclass(frozen=True)
class Entry:
    """Where the names `keys` lead: a page without suffix, a fragment, and the title to show."""

    keys: list[str]
    page: str
    anchor: str
    title: str


def spelled(symbol: str) -> list[str]:
    r"""Return how a symbol may be typed.

    Example:
        >>> spelled(r"\alpha"), spelled("f_*")
        (['alpha'], ['f_*', 'f*'])
    """
    bare = re.sub(r"\\(?:mathcal|mathbb|mathrm|hat|bar)|[{}]", "", symbol).replace("\\", "").lower()
    return list(dict.fromkeys([bare, bare.replace("_", "")]))


def entries(pages: Path) -> Iterator[Entry]:
    """Yield all that has a name in a directory of built pages."""
    known = numbers.read(pages)
    for path in sorted([*pages.glob("notebooks/*.html"), *pages.glob("book/**/*.html")]):
        page = path.relative_to(pages).with_suffix("").as_posix()
        text = path.read_text(encoding="utf-8").partition("<article")[2]
        if chapter := re.match(r"notebooks/0*(\d+)_", page):
            title = f"{chapter[1]}. {known.titles[path.stem]}"
            yield Entry([f"chapter {chapter[1]}"], page, "", title)
        for label, name in {**known.blocks, **known.figures}.items():
            if f'id="{label}"' in text:
                heading = _TITLE.search(text, text.index(f'id="{label}"'))
                shown = plain(heading[1]) if heading and label in known.blocks else name
                yield Entry([re.sub(r"^fig\.", "figure", name.lower())], page, f"#{label}", shown)
        for label, number in known.equations.items():
            if f'id="equation-{label}"' in text:
                keys = [number, f"equation {number}"]
                yield Entry(keys, page, f"#equation-{label}", f"Equation ({number})")
        for card in _CLAIM.finditer(text if chapter else ""):
            names = (code[1] for code in _CODE.finditer(text, card.end()))
            told = next((n for n in names if f"claim-{n.replace('.', '-')}" == card[1]), None)
            if told:
                yield Entry([told.lower()], page, f"#{card[1]}", f"Claim {told}")
        for anchor, name in _API_ANCHOR.findall(text):
            keys = [name.lower(), name.lower().replace("_", " ")]
            yield Entry(keys, page, f"#{anchor}", f"{name} (module)")


def named_rows(notation: str) -> str:
    """Give each row of the table of symbols an id to lead to, `symbol-1` and so on."""
    count = 0

    def numbered(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f'<tr class="{match[1]}" id="symbol-{count}">'

    return _ROW.sub(numbered, notation)


def symbol_entries(notation: str) -> Iterator[Entry]:
    """Yield the rows of the table of symbols, in its order."""
    for count, (names, code, meaning) in enumerate(symbols(notation), start=1):
        keys = [typed for name in names for typed in spelled(name)]
        words = re.findall(r"<span class=\"pre\">([^<]+)</span>", code)
        keys += [word.lower() for word in words if re.fullmatch(r"\w+", word)]
        title = f"Notation: {plain(meaning)}"
        yield Entry(list(dict.fromkeys(keys)), "book/notation", f"#symbol-{count}", title)


def find_first(pages: Path) -> None:
    """Put the list of names into the page of the search."""
    target, notation = pages / "search.html", pages / "book" / "notation.html"
    if not target.is_file():
        return
    found = list(entries(pages))
    if notation.is_file():
        text = notation.read_text(encoding="utf-8")
        found += symbol_entries(text.partition("<article")[2])
        notation.write_text(named_rows(text), encoding="utf-8")
    data = json.dumps(
        {"greek": _GREEK, "entries": [list(asdict(entry).values()) for entry in found]},
        ensure_ascii=False,
        separators=(",", ":"),
    ).replace("</", "<\\/")
    text = target.read_text(encoding="utf-8")
    script = f'<script type="application/json" id="names">{data}</script>\n'
    target.write_text(text.replace("</body>", f"{script}</body>", 1), encoding="utf-8")
