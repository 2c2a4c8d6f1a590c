"""How claims look on a page: badge, drawing and card, which chapters and the scorecard share."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from assocmem.display import as_html

_HYPHEN_AS_MINUS = re.compile(r"(?<![\w.)])-(?=[\d.])|(?<=\de)-(?=\d)")
#: Width and height of a drawing, and how many units around the goal it shows.
_WIDTH, _HEIGHT, _UNITS = 180, 26, 3.0


def anchor(id: str) -> str:
    """The id, in a page, of the card that shows a claim.

    Example:
        >>> anchor("prop1.exponent")
        'claim-prop1-exponent'
    """
    return "claim-" + id.replace(".", "-")


def badge(verdict: str) -> str:
    """The verdict as HTML: text in a coloured badge."""
    return f'<span class="claim-verdict claim-verdict-{kind(verdict)}">{verdict}</span>'


def kind(verdict: str) -> str:
    """The verdict as a part of the name of a class of CSS."""
    return verdict.replace(" ", "-")


def number(text: str) -> str:
    """Numbers in a text as a reader wants them: with a true minus sign.

    Example:
        >>> number("-1.5e-3, one-half")
        '−1.5e−3, one-half'
    """
    return _HYPHEN_AS_MINUS.sub("−", text)


def in_text(place: Mapping[str, Any]) -> str:
    """What a drawing shows, in words.

    Example:
        >>> in_text({"kind": "cases", "value": 0.75, "wrong": 0.5})
        '75 % of the cases count; at the wrong law 50 % would'
    """
    if place["kind"] == "cases":
        share, wrong = (f"{100 * place[name]:.3g} %" for name in ("value", "wrong"))
        return f"{share} of the cases count; at the wrong law {wrong} would"
    what = "tolerances from what is expected" if place["kind"] == "value" else "of the bound away"
    value, wrong = ((place[x] - place["goal"]) / place["unit"] for x in ("value", "wrong"))
    return f"observed {value:+.2g} {what}; the wrong law lies {wrong:+.2g}".replace("-", "−")


def drawing(place: Mapping[str, Any]) -> str:
    """The numbers of a claim as a small picture (SVG).

    A value: its interval and a dot on an axis in units of the tolerance; the shaded part is what
    is accepted, and a cross is where the wrong law lies. Cases: the share of those that count,
    shaded, and a cross at the share under the wrong law.

    Args:
        place: as `Place` has it, by name.
    """
    middle, left, right = _HEIGHT / 2, 8.0, _WIDTH - 8.0
    parts = []

    def x(position: float) -> float:
        low, high = (0.0, 1.0) if place["kind"] == "cases" else (-_UNITS, _UNITS)
        part = (position - low) / (high - low)
        return round(left + (right - left) * min(1.0, max(0.0, part)), 1)

    def line(start: float, end: float, width: float, shade: float = 1) -> None:
        parts.append(
            f'<path d="M{start} {middle}H{end}" stroke="currentColor" stroke-width="{width}" '
            f'opacity="{shade}"/>'
        )

    if place["kind"] == "cases":
        line(left, right, 12, 0.12)
        line(left, x(place["high"]), 12, 0.25)
        line(left, x(place["value"]), 12, 0.55)
        cross = x(place["wrong"])
    else:
        unit, goal = place["unit"], place["goal"]
        ends = [-_UNITS if place["low"] is None else (place["low"] - goal) / unit,
                _UNITS if place["high"] is None else (place["high"] - goal) / unit]  # fmt: skip
        accepted = (x(-1), x(1)) if place["kind"] == "value" else (left, x(0))
        line(*accepted, _HEIGHT - 6, 0.14)
        line(left, right, 0.7, 0.5)
        line(x(ends[0]), x(ends[1]), 2.5)
        dot = x((place["value"] - goal) / unit)
        parts.append(f'<circle cx="{dot}" cy="{middle}" r="4.5" fill="currentColor"/>')
        cross = x((place["wrong"] - goal) / unit)
    parts.append(
        f'<path class="claim-wrong" d="M{cross - 4:.1f} {middle - 4}l8 8m0 -8l-8 8" '
        'stroke="currentColor" stroke-width="1.6"/>'
    )
    return (
        f'<svg class="claim-drawing" role="img" aria-label="{in_text(place)}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" fill="none">{"".join(parts)}</svg>'
    )


def interval(claim: Mapping[str, Any]) -> str:
    """The interval of what was observed, to follow it; nothing where it is exact.

    Example:
        >>> interval({"interval": (None, 0.51234)})
        ' [±∞, 0.5123]'
    """
    if claim["interval"] is None:
        return ""
    low, high = ("±∞" if end is None else f"{end:.4g}" for end in claim["interval"])
    return f" [{low}, {high}]"


def numbers(claim: Mapping[str, Any]) -> str:
    """Expected and observed value, interval and published value, in one line of HTML."""
    text = (
        f"expected {claim['expected']}, observed <strong>{html.escape(claim['observed'])}</strong>"
    )
    text += interval(claim)
    if claim["published"]:
        text += f", published {html.escape(claim['published'])}"
    return number(text)


def could_fail(claim: Mapping[str, Any]) -> str:
    """The wrong law that the claim was tried on, and how it fared, in one sentence of HTML."""
    law = as_html(claim["mutant"])
    if claim["mutant_verdict"] == "reproduced":
        return f"Undecided, as it would also hold at: {law}"
    fate = "" if claim["mutant_verdict"] == "not reproduced" else f" ({claim['mutant_verdict']})"
    return f"Would have failed at: {law}{fate}"


def as_card(claim: Mapping[str, Any], heading: str = "") -> str:
    """One claim as HTML: verdict and statement, its picture, its numbers; the rule folded.

    Args:
        claim: as `Claim.as_json` has it.
        heading: HTML of its name; its id as text, unless told.
    """
    name = heading or f"<code>{claim['id']}</code>"
    level = "" if claim["level"] is None else f" The interval has a level of {claim['level']:.0%}."
    return (
        f'<div class="claim claim-{kind(claim["verdict"])}" id="{anchor(claim["id"])}">'
        f'<p class="claim-statement">{badge(claim["verdict"])} {as_html(claim["statement"])} '
        f'<span class="claim-source">({as_html(claim["source"])})</span></p>'
        f'<div class="claim-picture">{drawing(claim["place"])}</div>'
        f'<p class="claim-numbers">{numbers(claim)}</p>'
        f'<details class="claim-why"><summary>{could_fail(claim)}</summary>'
        f"<p>There: {html.escape(claim['mutant_numbers'])}. {html.escape(claim['rule'])}{level} {name}"
        "</p></details></div>"
    )


def claims_as_html(claims: Sequence[Mapping[str, Any]]) -> str:
    """All claims of a cell as HTML, with one line that says how to read their pictures."""
    key = (
        "Dot and line: what was observed, with its interval, on a scale of tolerances; shaded: what is "
        "accepted. Bar: the share of cases that count. Cross: where a wrong law would lie."
    )
    return (
        f'<div class="claims tex2jax_process"><p class="claims-key">{key}</p>'
        + "".join(map(as_card, claims))
        + "</div>"
    )
