"""Figures to play with: they run in the page or the notebook, without a kernel or a network.

Each is a module of `figures/explorables`, written for browsers. Python gives it where to start, numbers to
draw, and a picture for where scripts do not run: on paper, and in a notebook that is not trusted.
"""

import base64
import html
import io
import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from assocmem.display import FIGURE_MIME, display
from assocmem.figures.explorables import FOLDER
from assocmem.parameters import refuse

#: What the modules are made of.
_PARTS = {"shared", "plot", "law", "plane"}
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)

#: The height that a module says it needs, so that nothing below moves when it starts.
_ROOM = re.compile(r"(?P<kind>Room|reduced): (?P<wide>\d+) pixels, (?P<narrow>\d+) on a phone")
#: The size of a picture that Matplotlib drew, in points.
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"')


def interactive_figures() -> list[str]:
    """The names that `explore` knows, in order.

    Example:
        >>> "storage" in interactive_figures()
        True
    """
    return sorted(path.stem for path in FOLDER.glob("*.js") if path.stem not in _PARTS)


def explore(
    name: str,
    *,
    picture: Figure | None = None,
    alt: str = "",
    numbers: tuple[str, pd.DataFrame | Mapping[str, Any]] | None = None,
    data: Any = None,
    **start: Any,
) -> None:
    """Show an interactive figure under a notebook's cell.

    Args:
        name: one of `interactive_figures`.
        picture: what is shown on paper and where no script runs; it is closed afterwards.
        alt: what the picture shows, in words.
        numbers: name of the data file in the book, and the table that the picture was drawn from.
        data: what the figure draws: numbers, texts, arrays, and lists and mappings of them.
        **start: the values that its controls start from.

    Raises:
        ValueError: for an unknown name, or values that are not as described.

    Example:
        >>> explore("storage", dim=100, tokens=1000, stored=25)
        <interactive figure: storage>
    """
    drawn = None if picture is None else _svg(picture)
    page = explore_html(name, picture=drawn, alt=alt, data=data, **start)
    bundle: dict[str, object] = {"text/html": page, "text/plain": f"<interactive figure: {name}>"}
    if drawn is not None:
        bundle["image/svg+xml"] = drawn
    if numbers is not None:
        csv = pd.DataFrame(numbers[1]).to_csv(index=False, lineterminator="\n")
        bundle[FIGURE_MIME] = {"name": numbers[0], "csv": csv}
    display(bundle)


def explore_html(
    name: str,
    *,
    picture: str | None = None,
    fallback: str = "",
    alt: str = "",
    data: Any = None,
    **start: Any,
) -> str:
    """The interactive figure as HTML that is complete in itself.

    Args:
        name: one of `interactive_figures`.
        picture: what is shown on paper and where no script runs, as SVG.
        fallback: HTML in its place.
        alt: what the picture shows, in words.
        data: what the figure draws.
        **start: the values that its controls start from.

    Raises:
        ValueError: for an unknown name, or values that are not as described.

    Example:
        >>> "data-figure=\\"storage\\"" in explore_html("storage", dim=100)
        True
    """
    if name not in interactive_figures():
        raise refuse("name", name, f"one of {', '.join(interactive_figures())}")
    values = json.dumps(
        {"start": _plain("start", start), "data": _plain("data", data)},
        allow_nan=False, ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    if picture is not None:
        source = base64.b64encode(picture.encode()).decode()
        size = _SIZE.search(picture)
        room = (
            ' width="{}" height="{}"'.format(*(round(float(x) * 4 / 3) for x in size.groups()))
            if size
            else ""
        )
        # a picture that waits to be scrolled to would be missing on paper
        fallback = (
            f'<img src="data:image/svg+xml;base64,{source}" alt="{html.escape(alt)}" '
            f'loading="eager"{room} />'
        )
    bare = "" if fallback else " explore-bare"
    fallback = fallback or "<p>Here stands an interactive figure, where scripts may run.</p>"
    style = (FOLDER / "explore.css").read_text(encoding="utf-8")
    rooms = {
        found["kind"]: found
        for found in _ROOM.finditer((FOLDER / f"{name}.js").read_text(encoding="utf-8"))
    }
    space = rooms["reduced" if start.get("reduced") and "reduced" in rooms else "Room"]
    return (
        f'<div class="explore{bare}" data-figure="{name}" data-values="{html.escape(values)}" '
        f'style="--room: {space["wide"]}px; --room-phone: {space["narrow"]}px">'
        f'<style>{style}</style><div class="explore-picture">{fallback}</div>'
        f'<script data-explore="{name}">{explore_script(name)}</script></div>'
    )


@cache
def explore_script(name: str) -> str:
    """A module and what it imports as one plain script: pages that are opened as files have no modules.

    Args:
        name: one of `interactive_figures`.
    """
    parts: dict[str, str] = {}

    def include(module: str) -> None:
        code = (FOLDER / f"{module}.js").read_text(encoding="utf-8")
        for part in _IMPORT.findall(code):
            if part not in parts:
                include(part)
        parts[module] = re.sub(r"^export ", "", _IMPORT.sub("", code), flags=re.MULTILINE)

    include(name)
    return '(() => {\n"use strict";\n' + "\n".join(parts.values()) + "})();\n"


def _svg(figure: Figure) -> str:
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    return drawn.getvalue()


def _plain(name: str, value: Any) -> Any:
    """The value as JSON has it; infinity as a text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(f"{name}[{key!r}]", entry) for key, entry in value.items()}
    if isinstance(value, pd.DataFrame):
        return _plain(name, {str(column): value[column].to_numpy() for column in value})
    if isinstance(value, np.ndarray | np.generic):
        return _plain(name, value.tolist())
    if isinstance(value, list | tuple | range):
        return [_plain(f"{name}[{k}]", entry) for k, entry in enumerate(value)]
    if isinstance(value, float) and math.isinf(value) and value > 0:
        return "inf"
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise refuse(name, value, "numbers, texts, arrays, and lists and mappings of them")
