"""What the built pages call their equations, statements, exercises, figures and sections."""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

_EQUATION = re.compile(r'id="equation-([^"]+)"')
_EQNO = re.compile(r'<span class="eqno">\(([\d.]+)\)')
_BLOCK = re.compile(
    r'<div class="(?:proof|exercise)\b[^"]*\badmonition" id="([^"]+)">\s*'
    r'<p class="admonition-title"><span class="caption-number">([^<]+)</span>(.*?)</p>',
    re.S,
)
_FIGURE = re.compile(
    r'<figure\b[^>]*\bid="([^"]+)".*?<span class="caption-number">([^<]+)</span>', re.S
)
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.S)
_ANCHOR = re.compile(r'<(?:span|section) id="([^"]+)">')
_NUMBER = re.compile(r'<span class="section-number">.*?</span>', re.S)
_LINK = re.compile(r'<a class="headerlink".*?</a>', re.S)


@dataclass
class Numbers:
    """Text of each reference, by label or page.

    Attributes:
        equations: numbers, `{"eq-kappa": "3.2"}`.
        blocks: statements and exercises, `{"theorem-1": "Theorem 1"}`.
        figures: `{"fig-theorem-1": "Fig. 3.1"}`.
        sections: titles of the sections that have a label.
        titles: title of each page, `{"03_finite_memory": "Infinite data, …"}`.
    """

    equations: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def reference(self, label: str) -> str | None:
        """The text of a reference to anything but an equation."""
        for known in (self.blocks, self.figures, self.sections):
            if label in known:
                return known[label]
        return None


def plain(fragment: str) -> str:
    r"""Return HTML as text, with formulas as TeX between dollars.

    Example:
        >>> plain("<em>a</em> &lt; b")
        'a < b'
    """
    fragment = _LINK.sub("", _NUMBER.sub("", fragment))
    fragment = re.sub(
        r'<span class="math [^"]*">.*?<annotation encoding="application/x-tex">(.*?)'
        r"</annotation>.*?</span></span></span></span>",
        r"$\1$",
        fragment,
        flags=re.S,
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", fragment)).split())


def read(pages: Path) -> Numbers:
    """Read the pages of the chapters and of the prose in a directory of built HTML."""
    numbers = Numbers()
    for path in sorted([*pages.glob("notebooks/*.html"), *pages.glob("book/*.html")]):
        _read_page(path.stem, path.read_text(encoding="utf-8"), numbers)
    return numbers


def _read_page(name: str, text: str, numbers: Numbers) -> None:
    text = text.partition("<article")[2].partition("</article>")[0] or text
    for match in _EQUATION.finditer(text):
        if number := _EQNO.search(text, match.end()):
            numbers.equations[match[1]] = number[1]
    numbers.blocks |= {label: number.strip() for label, number, _ in _BLOCK.findall(text)}
    numbers.figures |= {label: number.strip() for label, number in _FIGURE.findall(text)}
    for match in _ANCHOR.finditer(text):
        if heading := _HEADING.search(text, match.end(), match.end() + 3000):
            numbers.sections[match[1]] = plain(heading[2])
    if title := _HEADING.search(text):
        numbers.titles[name] = plain(title[2])
