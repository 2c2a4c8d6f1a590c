"""Join style sheets into one, and leave out the rules that no page can use.

A rule stays if every class in one of its selectors occurs somewhere: as a class in a page, or as a word in a script,
which might set it. What stands in `:not(…)`, `:is(…)` and the like is taken to occur.
"""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath, relpath

from fontTools import subset

_TOKEN = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|url\([^"')]*\)|[{};]""", re.S)
_CLASS = re.compile(r"\.(-?(?:\\.|[A-Za-z_])(?:\\.|[\w-])*)")
_IMPORT = re.compile(r"""^\s*@import\s+(?:url\()?["']?([^"')]+)["']?\)?\s*;?\s*$""")
_IMPORTS = re.compile(r"@import[^;]*;")
_URL = re.compile(r"""url\(\s*(["']?)(?!data:|[a-z]+:|#|/)([^"')]+)\1\s*\)""")
_NESTING = ("@media", "@supports", "@layer", "@container")


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield each rule as its head and its body, and each statement without a body as `(statement, None)`.

    Example:
        >>> list(rules("@import 'a'; p { color: red }"))
        [("@import 'a'", None), ('p', ' color: red ')]
    """
    depth, start, head = 0, 0, ""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    for token in _TOKEN.finditer(css):
        sign = token[0]
        if sign == "{":
            if depth == 0:
                head, start = css[start : token.start()].strip(), token.end()
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield head, css[start : token.start()]
                start = token.end()
        elif sign == ";" and depth == 0:
            yield css[start : token.start()].strip(), None
            start = token.end()


def selectors(head: str) -> list[str]:
    """Split a list of selectors at its commas, but not at those in brackets.

    Example:
        >>> selectors("a:is(b, c), d")
        ['a:is(b, c)', 'd']
    """
    parts, depth = [""], 0
    for sign in head:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def used(selector: str, names: set[str]) -> bool:
    """Whether all classes that a selector asks for are among the names.

    Example:
        >>> used("div.a:not(.b)", {"a"}), used(".a .b", {"a"})
        (True, False)
    """
    while (shorter := re.sub(r"\([^()]*\)|\[[^\]]*\]", "", selector)) != selector:
        selector = shorter
    return all(match.replace("\\", "") in names for match in _CLASS.findall(selector))


def purge(css: str, names: set[str]) -> str:
    """Return the rules that may apply where only these class names occur."""
    kept = []
    for head, body in rules(css):
        if body is None:
            kept.append(f"{head};")
        elif head.startswith(_NESTING):
            if inner := purge(body, names):
                kept.append(f"{head}{{{inner}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{_squeeze(body)}}}")
        elif found := [each for each in selectors(head) if used(each, names)]:
            kept.append(f"{','.join(found)}{{{_squeeze(body)}}}")
    return "\n".join(kept)


def _squeeze(body: str) -> str:
    """Drop line ends and indentation."""
    return re.sub(r"\s*\n\s*", "", body).strip()


def joined(sheet: Path, root: Path) -> str:
    """Return a style sheet with its imports in place, and with addresses as seen from the directory `root`."""

    def address(match: re.Match[str]) -> str:
        target = normpath(f"{sheet.parent.as_posix()}/{match[2]}")
        return f'url("{relpath(target, root.as_posix())}")'

    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    css = css.replace('@charset "UTF-8";', "")
    imported = (_imported(match[0], sheet, root) for match in _IMPORTS.finditer(css))
    return "".join(imported) + _URL.sub(address, _IMPORTS.sub("", css))


def _imported(statement: str, sheet: Path, root: Path) -> str:
    match = _IMPORT.match(statement)
    if match is None:
        raise ValueError(f"{sheet}: cannot follow {statement}")
    return joined(sheet.parent / match[1], root)


def with_fonts(css: str, root: Path) -> str:
    """Put the fonts that the rules name into the sheet itself, and leave out all others.

    So a page has them with its styles: nothing moves when they come, and they also come to a page that was opened
    from a file, where browsers may refuse to fetch a font.
    """
    wanted = {
        (family, *_style(body))
        for head, body in _flat(css)
        if head != "@font-face"
        for family in re.findall(r"KaTeX_\w+", body)
    }
    # Bold or slanted text in a formula takes the family around it.
    wanted |= {
        ("KaTeX_Main", *_style(body))
        for head, body in _flat(css)
        if ".katex" in head and "font-" in body and "font-family" not in body
    }

    def kept(face: re.Match[str]) -> str:
        family = re.search(r"KaTeX_\w+", face[0])
        file = re.search(r'url\("([^"]+\.woff2)"\)', face[0])
        if not file or not (root / file[1]).is_file():
            return ""
        if "Awesome" in face[0]:  # signs before admonitions and downloads, all of them solid
            return _signs(face[0], root, css) if "fa-solid" in file[1] else ""
        if family is None:
            return face[0]
        if (family[0], *_style(face[0])) not in wanted:
            return ""
        return _embedded(face[0], (root / file[1]).read_bytes(), "woff2")

    return re.sub(r"@font-face\s*\{[^}]*\}\n?", kept, css)


def _embedded(face: str, font: bytes, kind: str) -> str:
    """Return a font face with its font inside."""
    data = base64.b64encode(font).decode()
    source = f'src:url("data:font/{kind};base64,{data}") format("{kind}")'
    return re.sub(r"src:[^;}]*", lambda _: source, face)


def _signs(face: str, root: Path, css: str) -> str:
    """Return the face of a font of icons with those that the rules name, which are a few of its thousand."""
    file = re.search(r'url\("([^"]+\.ttf)"\)', face)
    named = {int(code, 16) for code in re.findall(r"\\(f[0-9a-f]{3})\b", css)}
    named |= {ord(sign) for sign in css if "\uf000" <= sign <= "\uf8ff"}
    if not file or not named:
        return ""
    options = subset.Options(flavor="woff", layout_features=[], name_IDs=[], notdef_outline=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(named))
    out = io.BytesIO()
    with subset.load_font(str(root / file[1]), options) as font:
        subsetter.subset(font)
        font["head"].modified = font["head"].created  # the same bytes on every build
        font.recalcTimestamp = False
        font.flavor = "woff"
        font.save(out)
    return _embedded(face, out.getvalue(), "woff")


def _flat(css: str) -> Iterator[tuple[str, str]]:
    """Yield the rules of a sheet, also those inside conditions."""
    for head, body in rules(css):
        if body is not None and head.startswith(_NESTING):
            yield from _flat(body)
        elif body is not None:
            yield head, body


def _style(body: str) -> tuple[bool, bool]:
    """Whether a rule asks for bold, and for italics."""
    bold = re.search(r"font-weight:\s*(700|bold)", body) is not None
    return bold, re.search(r"font-style:\s*italic", body) is not None
