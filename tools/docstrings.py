"""Turn the docstrings of the library into the Markdown of the book's pages.

They are written in Google's style, with ``code``, `names` and formulas as Sphinx takes them.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

#: The sections that a docstring may have after its text, in the order of the page.
SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Warns", "Source", "Example")
_TITLES = {"Args": "Arguments", "Source": "Source", "Example": "Example"}
_LISTS = ("Args", "Attributes", "Raises", "Warns")
_HEAD = re.compile(rf"^({'|'.join(SECTIONS)}):[ \t]*(.*)$")
_ENTRY = re.compile(r"^(\*{0,2}[\w.]+(?:, \*{0,2}[\w.]+)*)(?: \([^)]*\))?:\s+(.*)$", re.S)
_DISPLAY = re.compile(r"^([ \t]*)\.\. math::[ \t]*(.*\n(?:(?:\1[ \t]+.*)?(?:\n|$))*)", re.M)
_MARKUP = re.compile(
    r":math:`(?P<math>[^`]+)`|``(?P<code>.+?)``|(?P<kept>\$\$.*?\$\$)|(?<![`\w])`(?P<name>[^`]+)`",
    re.S,
)
_TEXT = re.compile(r"([_*\[\]<>$|{}\\])")

#: How a name that the text mentions is written: as a link, or as code.
Link = Callable[[str], str]


@dataclass
class Docstring:
    """The parts of a docstring: its text, and the body of each of its sections."""

    text: str
    sections: dict[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first paragraph, in one line."""
        return " ".join(self.text.partition("\n\n")[0].split())


def parse(source: str) -> Docstring:
    """Split a docstring into text and sections.

    Example:
        >>> parsed = parse('''Half of x.
        ...
        ...     Args:
        ...         x: a number.
        ...     ''')
        >>> parsed.summary, parsed.sections
        ('Half of x.', {'Args': 'x: a number.'})
    """
    text: list[str] = []
    sections: dict[str, list[str]] = {}
    current = text
    for line in inspect.cleandoc(source).splitlines():
        if head := _HEAD.match(line):
            current = sections.setdefault(head[1], [])
            current.append(f"    {head[2]}" if head[2] else "")
        elif current is not text and line and not line.startswith(" "):
            text += ["", line]  # text goes on after a section
            current = text
        else:
            current.append(line)
    bodies = {name: inspect.cleandoc("\n".join(lines)) for name, lines in sections.items()}
    return Docstring("\n".join(text).strip(), bodies)


def markdown(text: str, link: Link) -> str:
    r"""Return running text with its formulas, code and names as Markdown.

    Example:
        >>> markdown("At most :math:`x_*` of ``x``; a*b", lambda name: name)
        'At most $x_*$ of `x`; a\\*b'
    """

    def display(match: re.Match[str]) -> str:
        body = " ".join(match[2].split())
        return f"\n$${body}$$\n\n"

    text = _DISPLAY.sub(display, text + "\n").strip()
    parts, end = [], 0
    for match in _MARKUP.finditer(text):
        parts.append(_escaped(text[end : match.start()]))
        end = match.end()
        if match["math"]:
            parts.append(f"${' '.join(match['math'].split())}$")
        elif match["kept"]:
            parts.append(match["kept"].replace("$$", "\n$$\n").strip())
        elif match["code"]:
            parts.append(f"`{match['code']}`")
        else:
            parts.append(link(match["name"]))
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    """Escape what Markdown would take for its own; *emphasis* is meant."""
    pieces = re.split(r"(?<![\w*])(\*[^\s*][^*\n]*\*)(?![\w*])", text)
    return "".join(
        piece if index % 2 else _TEXT.sub(r"\\\1", piece) for index, piece in enumerate(pieces)
    )


def entries(body: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each entry of a section; a text without a name has the name "".

    Example:
        >>> list(entries("x: a number,\\n    not zero.\\ny: another"))
        [('x', 'a number, not zero.'), ('y', 'another')]
    """
    for block in re.split(r"\n(?!\s)", body):
        match = _ENTRY.match(block)
        name, text = (match[1], match[2]) if match else ("", block)
        yield name, "\n".join(line.strip() for line in text.splitlines()).replace("\n", " ")


def render(parsed: Docstring, link: Link, source: Link | None = None) -> str:
    """Return a docstring as Markdown; `source` writes the text of its "Source" section."""
    parts = [markdown(parsed.text, link)]
    for name in SECTIONS:
        if name not in parsed.sections:
            continue
        body = parsed.sections[name]
        title = _TITLES.get(name, name)
        if name in _LISTS:
            rows = [
                f"- {f'`{entry}`: ' if entry else ''}{markdown(text, link)}"
                for entry, text in entries(body)
            ]
            parts.append(f"**{title}**\n\n" + "\n".join(rows))
        elif name == "Example":
            parts.append(f"**{title}**\n\n```pycon\n{body}\n```")
        else:
            text = markdown(body, link)
            if name == "Source" and source:
                text = source(text)
            parts.append(f"**{title}:** {text}")
    return "\n\n".join(parts)
