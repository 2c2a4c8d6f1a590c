"""The scorecard as MyST text: every claim of the book beside what was found, by chapter."""

import html
import re
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from assocmem.verdicts.cards import anchor, badge
from assocmem.verdicts.claim import VERDICTS

_HYPHEN_AS_MINUS = re.compile(r"(?<![\w.)])-(?=[\d.])|(?<=\de)-(?=\d)")
_HEADER = [
    "Claim",
    "Verdict",
    "Expected",
    "Observed, interval",
    "Would have failed at",
    "Published",
]


def number(value: Any) -> str:
    """Return a value as a reader wants it: four digits, a true minus sign, a dash for none."""
    if value is None:
        return "–"
    text = value if isinstance(value, str) else f"{value:.4g}"
    return _HYPHEN_AS_MINUS.sub("−", text)


def interval(claim: dict[str, Any]) -> str:
    """Return `95 %: [low, high]`, or nothing."""
    if claim["interval"] is None:
        return ""
    low, high = ("±∞" if end is None else number(end) for end in claim["interval"])
    level = f"{100 * claim['level']:g} %: " if isinstance(claim["level"], float) else ""
    return f"{level}[{low}, {high}]".replace(" ", "\u00a0")  # in one piece


def mutant(claim: dict[str, Any]) -> str:
    """Return the wrong law that the claim was tried on, and how it fared."""
    fate = {"reproduced": " – but would not", "not reproduced": ""}
    return claim["mutant"] + fate.get(claim["mutant_verdict"], f" ({claim['mutant_verdict']})")


def link(claim: dict[str, Any], notebooks: str) -> str:
    """Return a link to the place of a claim.

    The card is HTML that the notebook made, so that Sphinx knows no target in it: hence a plain link, which the
    browser tests follow.
    """
    target = f"{notebooks}/{claim['notebook']}.html#{anchor(claim['id'])}"
    return f'<a class="claim-link" href="{target}">{html.escape(claim["id"])}</a>'


def summary(claims: list[dict[str, Any]]) -> str:
    """Return one line with the counts of all verdicts."""
    counts = Counter(claim["verdict"] for claim in claims)
    parts = [f"{counts[verdict]} {badge(verdict)}" for verdict in VERDICTS]
    return f"{len(claims)} claim{'s' * (len(claims) != 1)}: " + ", ".join(parts) + "."


def _row(cells: list[str]) -> str:
    # A list-table takes any inline text, formulas with a bar among it, where a pipe table would break.
    first, *rest = [re.sub(r"[ \n]+", " ", cell).strip() or "–" for cell in cells]
    return "\n".join([f"* - {first}", *(f"  - {cell}" for cell in rest)])


def _rows(claims: list[dict[str, Any]], notebooks: str) -> list[str]:
    return [
        _row(
            [
                f"{link(claim, notebooks)}<br>{claim['statement']} ({claim['source']})",
                badge(claim["verdict"]),
                number(claim["expected"]),
                f"{number(claim['observed'])}<br>{interval(claim)}",
                mutant(claim),
                number(claim["published"]),
            ]
        )
        for claim in claims
    ]


def render(
    claims: list[dict[str, Any]],
    titles: Mapping[str, str],
    profile: str,
    notebooks: str = "../notebooks",
) -> str:
    """Return the generated part of the page.

    Args:
        claims: all claims, those of one notebook together.
        titles: title of each notebook.
        profile: name of the profile that they were computed with.
        notebooks: address of the chapters, as seen from the page.
    """
    lines = [f"{summary(claims)} Computed with the `{profile}` profile.", ""]
    for name, chapter in groupby(claims, key=lambda claim: claim["notebook"]):
        lines += [
            f"## [{titles[name]}]({notebooks}/{name})",
            "",
            "```{list-table}",
            ":header-rows: 1",
            ":class: scorecard",
            "",
            _row(_HEADER),
            *_rows(list(chapter), notebooks),
            "```",
            "",
        ]
    return "\n".join(lines)
