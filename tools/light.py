"""Make built pages light: icons in place, one style sheet, two scripts, figures that load when they are reached.

The theme brings a megabyte and a half of icons, of which the pages show ten, and thirty files for each page.
"""

import base64
import hashlib
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from tools.layout import BuildError
from tools.styles import joined, purge, with_fonts

_ICON = re.compile(r'<(i|span) class="([^"]*\bfa-solid\b[^"]*)"([^>]*)></\1>')
_SCRIPT = re.compile(r'[ \t]*<script\b([^>]*)\bsrc="([^"]+\.js)[^"]*"([^>]*)></script>\n?')
_DECLARATION = re.compile(r"[ \t]*<script>\s*(?:let|var|const) \w+ = '[^'<]*';\s*</script>\n?")
_PRELOAD = re.compile(r'[ \t]*<link rel="preload" as="script"[^>]*>\n?')
_DATA = re.compile(r'src="data:image/(png|jpeg|svg)(?:\+xml)?;base64,([A-Za-z0-9+/=]+)"')
_FIGURE = re.compile(r'<script data-explore="([\w-]+)">(.*?)</script>', re.DOTALL)
_IMAGE = re.compile(r'<img\b(?![^>]*\bloading=)([^>]*?)\bsrc="([^"]+)"([^>]*?)/?>')
_SIZE = re.compile(rb'<svg\b[^>]*?\bwidth="([\d.]+)(pt|px)?"[^>]*?\bheight="([\d.]+)')
#: Sizes of icons that the theme asks for by class keep their rules; `fa-solid` says the style alone.
_NO_ICONS = {"fa-solid", "fa-lg", "fa-fw", "fa-sm", "fa-xs"}
#: What only the page of search results needs.
_SEARCH = {"searchtools.js", "language_data.js", "searchindex.js"}
#: What must hold before the first line is laid out, for nothing to move later: the scheme that the reader's system asks
#: for, which the theme would set at the end, and the fonts, which are in the style sheet.
_FIRST = """<script>
{
  const page = document.documentElement.dataset;
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  if (page.theme === "auto") page.theme = dark ? "dark" : "light";
  document.fonts.forEach((font) => font.load());
}
</script>"""
_ICON_RULES = (
    ".svg-inline--fa{display:inline-block;width:auto;height:1em;overflow:visible;"
    "box-sizing:content-box;vertical-align:-.125em}"
    ".svg-inline--fa.fa-lg{vertical-align:-.2em}"
)


def icon(name: str, library: str) -> tuple[int, int, str]:
    """Return width, height and path of a solid icon from the theme's script.

    The script lists the styles one after the other, the solid one last.
    """
    entry = re.compile(
        rf'[{{,]"?{re.escape(name)}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]'
    )
    found = entry.findall(library)
    if not found:
        raise BuildError(f"the pages show an icon {name!r} that the theme's fontawesome.js lacks")
    width, height, path = found[-1]
    return int(width), int(height), path


def draw_icons(page: str, library: str) -> str:
    """Put each icon where the theme's script would put it, as it would."""

    def drawing(match: re.Match[str]) -> str:
        classes = match[2].split()
        names = [name for name in classes if name.startswith("fa-") and name not in _NO_ICONS]
        if len(names) != 1:
            raise BuildError(f"which icon is {match[0]}?")
        width, height, path = icon(names[0].removeprefix("fa-"), library)
        shown = " ".join(["svg-inline--fa", *classes])
        return (
            f'<svg class="{shown}"{match[3].rstrip()} aria-hidden="true" focusable="false" '
            f'viewBox="0 0 {width} {height}"><path fill="currentColor" d="{path}"></path></svg>'
        )

    return _ICON.sub(drawing, page)


def names(html: Path, pages: Iterable[str]) -> set[str]:
    """Return every class of the pages and every word of the scripts."""
    found: set[str] = set()
    for page in pages:
        for value in re.findall(r'\bclass="([^"]*)"', page):
            found.update(value.split())
        for script in re.findall(r"<script\b[^>]*>(.*?)</script>", page, flags=re.S):
            found.update(re.findall(r"[\w-]+", script))
    for path in (html / "_static").rglob("*.js"):
        found.update(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    return found


def publish(html: Path, stem: str, suffix: str, content: bytes, folder: str = "_static") -> str:
    """Write a file that carries the hash of its contents in its name; return its address from the root."""
    name = f"{stem}{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    (html / folder).mkdir(parents=True, exist_ok=True)
    (html / folder / name).write_bytes(content)
    return f"{folder}/{name}"


class Pages:
    """The built pages in the directory `html`, under way to lighter ones."""

    def __init__(self, html: Path) -> None:
        self.html = html
        found = [
            path for path in sorted(html.rglob("*.html")) if html / "_static" not in path.parents
        ]
        self.texts = {path: path.read_text(encoding="utf-8") for path in found}
        self._sheets: dict[tuple[Path, ...], str] = {}
        self._scripts: dict[tuple[Path, ...], str] = {}
        self._names: set[str] = set()

    def save(self) -> None:
        """Make all pages lighter and write them."""
        library = self.html / "_static" / "scripts" / "fontawesome.js"
        icons = library.read_text("utf-8") if library.is_file() else ""
        library.unlink(missing_ok=True)
        self.texts = {path: draw_icons(text, icons) for path, text in self.texts.items()}
        self._names = names(self.html, self.texts.values())
        for path, text in self.texts.items():
            # Sphinx gives an entry of the bibliography a role that its element may not have.
            text = text.replace(' role="doc-biblioentry"', "")
            text = self._with_one_sheet(path, text)
            text = self._with_few_scripts(path, text)
            text = self._with_late_images(path, text)
            text = self._with_late_figures(path, text)
            path.write_text(text, encoding="utf-8")
        shutil.rmtree(self.html / "_static" / "vendor" / "fontawesome", ignore_errors=True)
        for path in (self.html / "_static").rglob("*.map"):
            path.unlink()

    def _local(self, page: Path, address: str) -> Path:
        return (page.parent / unquote(address.partition("?")[0])).resolve()

    def _address(self, page: Path, target: str) -> str:
        return "../" * (len(page.relative_to(self.html).parts) - 1) + target

    def _with_one_sheet(self, page: Path, text: str) -> str:
        links = [
            m for m in re.finditer(r"[ \t]*<link\b[^>]*>\n?", text) if 'rel="stylesheet"' in m[0]
        ]
        hrefs = [re.search(r'href="([^"]+)"', link[0]) for link in links]
        sheets = tuple(self._local(page, href[1]) for href in hrefs if href)
        if not sheets:
            return text
        if sheets not in self._sheets:
            root = self.html.resolve() / "_static"
            css = purge("".join(joined(sheet, root) for sheet in sheets), self._names)
            content = with_fonts(css, root) + _ICON_RULES
            self._sheets[sheets] = publish(self.html, "style-", ".css", content.encode())
        address = self._address(page, self._sheets[sheets])
        first = links[0].start()
        for link in reversed(links):
            text = text[: link.start()] + text[link.end() :]
        tags = f'<link rel="stylesheet" href="{address}" />\n{_FIRST}\n'
        return text[:first] + tags + text[first:]

    def _with_few_scripts(self, page: Path, text: str) -> str:
        """Join the plain scripts, at the place of the first, and the deferred ones."""
        text = _PRELOAD.sub("", text)
        declared = dict.fromkeys(_DECLARATION.findall(text))
        text = _DECLARATION.sub("", text)
        search = page.name == "search.html"
        groups: dict[bool, list[Path]] = {False: [], True: []}
        places: dict[bool, int] = {}
        for match in reversed(list(_SCRIPT.finditer(text))):
            options = (match[1] + match[3]).split()
            path = self._local(page, match[2])
            deferred = any(option.startswith("defer") for option in options)
            if path.name == "searchindex.js" and search:
                continue
            if "tabs-storage" in match[0] and 'class="sd-tab-set' in text:
                continue
            plain = all(o.startswith(("defer", "data-sd-tabs")) for o in options)
            if not plain or not path.is_relative_to(self.html.resolve()):
                continue
            text = text[: match.start()] + text[match.end() :]
            places = {kind: place - len(match[0]) for kind, place in places.items()}
            places[deferred] = match.start()
            unused = path.name in _SEARCH and not search
            if path.is_file() and not unused and "tabs-storage" not in match[0]:
                groups[deferred].insert(0, path)
        for deferred in sorted(groups, key=lambda kind: places.get(kind, 0), reverse=True):
            if groups[deferred]:
                address = self._address(page, self._script(tuple(groups[deferred])))
                tag = f'<script {"defer " * deferred}src="{address}"></script>\n'
                if not deferred:  # they read what the page declares for them
                    tag = "".join(declared) + tag
                place = places[deferred]
                text = text[:place] + tag + text[place:]
        return text

    def _script(self, paths: tuple[Path, ...]) -> str:
        if paths not in self._scripts:
            unique = dict.fromkeys(paths)
            parts = [path.read_text(encoding="utf-8") for path in unique]
            code = ";\n".join(re.sub(r"//# sourceMappingURL=.*", "", part) for part in parts)
            self._scripts[paths] = publish(self.html, "script-", ".js", code.encode())
        return self._scripts[paths]

    def _with_late_images(self, page: Path, text: str) -> str:
        """Take pictures out of the page, and say how large each is, so that nothing moves when it comes."""

        def published(match: re.Match[str]) -> str:
            content = base64.b64decode(match[2])
            target = publish(self.html, "", f".{match[1]}", content, "_images")
            return f'src="{self._address(page, target)}"'

        def sized(match: re.Match[str], loading: str = "") -> str:
            before, source, after = match.groups()
            size = "" if "width=" in before + after else self._size(self._local(page, source))
            return f'<img{before}src="{source}"{after.rstrip()}{loading}{size} />'

        def late(match: re.Match[str]) -> str:
            return sized(match, ' loading="lazy"')

        frame, article, text = text.partition('<article class="bd-article')
        return _IMAGE.sub(sized, frame) + article + _IMAGE.sub(late, _DATA.sub(published, text))

    def _with_late_figures(self, page: Path, text: str) -> str:
        """Take the scripts of interactive figures out of the page; a plain script may come from a file, too."""

        def published(match: re.Match[str]) -> str:
            target = publish(self.html, f"{match[1]}-", ".js", match[2].encode(), "_static/explore")
            return f'<script defer src="{self._address(page, target)}"></script>'

        return _FIGURE.sub(published, text)

    def _size(self, path: Path) -> str:
        if not path.is_file():
            return ""
        start = path.read_bytes()[:2000]
        if path.suffix == ".svg" and (match := _SIZE.search(start)):
            scale = 4 / 3 if match[2] == b"pt" else 1.0
            size = [float(match[1]) * scale, float(match[3]) * scale]
        elif start.startswith(b"\x89PNG"):
            size = [int.from_bytes(start[16:20]), int.from_bytes(start[20:24])]
        else:
            return ""
        return ' width="{:.0f}" height="{:.0f}"'.format(*size)


def lighten(html: Path) -> None:
    """Make the pages of a directory light, in place."""
    Pages(html).save()
