"""Find and cut elements in built HTML, which Sphinx writes well-formed, without parsing whole pages."""

import re
from functools import cache


@cache
def _tags(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?){name}\b[^>]*>")


def end_of(text: str, start: int) -> int:
    """Return where the element that starts at `start` ends.

    Example:
        >>> end_of("<div><div>a</div></div>b", 0)
        23
    """
    opened = re.compile(r"<([\w-]+)").match(text, start)
    if opened is None:
        raise ValueError(f"no element starts at {text[start : start + 40]!r}")
    depth = 0
    for tag in _tags(opened[1]).finditer(text, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    raise ValueError(f"an element is never closed: {text[start : start + 80]!r}")


def element(text: str, identifier: str) -> str | None:
    """Return the element with an id, as it stands in the page, or None.

    Example:
        >>> element('<p>a <b id="x">c</b></p>', "x")
        '<b id="x">c</b>'
    """
    found = re.search(rf'<[\w-]+\b[^>]*\bid="{re.escape(identifier)}"[^>]*>', text)
    return text[found.start() : end_of(text, found.start())] if found else None


def copy(fragment: str) -> str:
    """Return a fragment to show a second time: without ids, links and what leads to places.

    Example:
        >>> copy('<p id="a">See <a href="#b">b</a><a class="headerlink" href="#a">#</a></p>')
        '<p>See <span>b</span></p>'
    """
    fragment = re.sub(r'<a class="headerlink".*?</a>', "", fragment, flags=re.S)
    fragment = re.sub(r"<a\b[^>]*>", "<span>", fragment).replace("</a>", "</span>")
    return re.sub(r'(<[^>]*?)\s(?:id|tabindex)="[^"]*"', r"\1", fragment)
