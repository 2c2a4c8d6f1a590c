"""The generated parts of the index: the answer in numbers, the map of chapters, what they depend on."""

import html
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

import assocmem as am
from assocmem.display import FIGURE_MIME
from assocmem.verdicts.cards import kind
from assocmem.verdicts.claim import VERDICTS
from tools.chapters import Chapter
from tools.collect import bundles
from tools.first_screen import number_of

#: The chapter whose picture stands beside the headline on paper.
HEADLINE = "05_with_threshold"
#: The memory of the headline: dimension, tokens, exponent, outputs.
_DIM, _TOKENS, _ALPHA, _OUTPUTS = 100, 1000, 2.0, 5
#: Size of a box of the map and of the room that it has.
_BOX, _ROOM = (150, 42), (178, 60)


def headline() -> str:
    """Return the answer of the book in one sentence, with numbers from the exact law."""
    task = am.ZipfTask(_ALPHA, _TOKENS, _OUTPUTS)
    stored = {str(size): am.threshold(size) for size in range(15, 40)}

    def errors(schemes: dict[str, am.model.Scheme], draws: int) -> "pd.Series[float]":
        rng = np.random.default_rng(0)
        table = am.expected_errors(task, schemes, [_DIM], draws=draws, rng=rng)
        return table.set_index("scheme")["mean"]

    best = str(errors(stored, 8192).idxmin())
    found = errors({"all": am.fill(), best: stored[best]}, 2**17)
    return (
        f"**One {_DIM} × {_DIM} matrix, {_TOKENS:,} facts.** Store them all, and "
        f"**{found['all']:.0%}** of the questions are answered wrongly. Store only the "
        f"{best} most frequent: **{found[best]:.1%}**. Store less, err less."
    )


def dots(claims: list[dict[str, Any]]) -> str:
    """Return one dot for each claim, in the colour of its verdict, with the counts in words."""
    counts = Counter(claim["verdict"] for claim in claims)
    words = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    marks = "".join(
        f'<i class="claim-verdict-{kind(verdict)}"></i>' * counts[verdict] for verdict in VERDICTS
    )
    return (
        f'<span class="dots" role="img" aria-label="claims: {words}" title="{words}">{marks}</span>'
    )


def cards(
    chapters: dict[str, Chapter],
    titles: dict[str, str],
    claims: list[dict[str, Any]],
    pictures: dict[str, str],
) -> str:
    """Return a card for every chapter: picture, finding, statement, minutes, verdicts.

    The pictures are in the page itself: as files they would be a request each.
    """
    found = []
    for name, chapter in chapters.items():
        own = [claim for claim in claims if claim["notebook"] == name]
        found.append(
            f'<a class="chapter-card" href="../notebooks/{name}.html">'
            f'<span class="chapter-picture" style="background-image:url(data:image/png;base64,{pictures[name]})">'
            "</span>"
            f"<strong>{number_of(name)} · {html.escape(titles[name])}</strong>"
            f"<span>{html.escape(chapter.statement)} · {chapter.minutes} min</span>{dots(own)}</a>"
        )
    return f'<div class="chapter-cards">{"".join(found)}</div>'


def places(chapters: dict[str, Chapter]) -> dict[str, tuple[int, int]]:
    """Return column and row of each chapter: to the right of all that it needs."""
    found: dict[str, tuple[int, int]] = {}
    for name, chapter in chapters.items():
        column = max((found[need][0] + 1 for need in chapter.needs), default=0)
        rows = {row for at, row in found.values() if at == column}
        row = found[chapter.needs[0]][1] if chapter.needs else 0
        found[name] = (column, next(r for r in range(row, 99) if r not in rows))
    return found


def dependencies(chapters: dict[str, Chapter]) -> str:
    """Return the map of chapters as SVG: an arrow from each to those that need it."""
    at = places(chapters)
    left = {name: (4 + column * _ROOM[0], 4 + row * _ROOM[1]) for name, (column, row) in at.items()}
    width = 8 + max(x for x, _ in left.values()) + _BOX[0]
    height = 8 + max(y for _, y in left.values()) + _BOX[1]
    arrows, boxes = [], []
    for name, chapter in chapters.items():
        x, y = left[name]
        for need in chapter.needs:
            x0, y0 = left[need][0] + _BOX[0], left[need][1] + _BOX[1] / 2
            bend = (x0 + x) / 2
            arrows.append(
                f'<path d="M{x0} {y0}C{bend} {y0} {bend} {y + _BOX[1] / 2} {x - 5} {y + _BOX[1] / 2}" '
                'marker-end="url(#arrow)"/>'
            )
        short, _, statement = chapter.short.partition(" (")
        lines = [f"{number_of(name)} · {short}", statement.rstrip(")")]
        texts = "".join(
            f'<text x="{x + 7}" y="{y + (24 if not lines[1] else 17 + 15 * i)}">{html.escape(line)}</text>'
            for i, line in enumerate(lines)
            if line
        )
        boxes.append(
            f'<a href="../notebooks/{name}.html"><rect x="{x}" y="{y}" width="{_BOX[0]}" '
            f'height="{_BOX[1]}" rx="5"/>{texts}</a>'
        )
    return (
        f'<div class="chapter-map"><svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="group" aria-label="Which chapter needs which"><defs><marker id="arrow" viewBox="0 0 8 8" '
        'refX="4" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z"/>'
        f"</marker></defs><g>{''.join(arrows)}</g>{''.join(boxes)}</svg></div>"
    )


def render(
    chapters: dict[str, Chapter],
    titles: dict[str, str],
    claims: list[dict[str, Any]],
    pictures: dict[str, str],
) -> dict[str, str]:
    """Return the generated parts by the name of their file."""
    return {
        "headline": headline(),
        "chapters": f"{cards(chapters, titles, claims, pictures)}\n\n{dependencies(chapters)}",
    }


def small_picture(notebook: Any) -> str:
    """Return the first picture of an executed notebook, small: PNG in base 64, or nothing."""
    shown = (entry for _, entry in bundles(notebook, FIGURE_MIME))
    return str(next((entry["small"] for entry in shown if entry.get("small")), ""))


def first_picture(notebook: Any) -> str:
    """Return the first picture of an executed notebook as SVG, or an empty one."""
    found = (picture for _, picture in bundles(notebook, "image/svg+xml"))
    return str(next(found, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"></svg>'))
