"""The scorecard as MyST text: every claim of the book beside what was found, by chapter."""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from assocmem.display import as_html
from assocmem.verdicts.cards import anchor, as_card, badge, interval, kind, number
from assocmem.verdicts.claim import VERDICTS


def link(claim: dict[str, Any], notebooks: str) -> str:
    """Return a link to the place of a claim.

    The card is HTML that the notebook made, so that Sphinx knows no target in it: hence a plain link, which the
    browser tests follow.
    """
    target = f"{notebooks}/{claim['notebook']}.html#{anchor(claim['id'])}"
    return f'<a class="claim-link" href="{target}"><code>{claim["id"]}</code></a>'


def summary(claims: list[dict[str, Any]]) -> str:
    """Return one line with the counts of all verdicts."""
    counts = Counter(claim["verdict"] for claim in claims)
    parts = [f"{counts[verdict]} {badge(verdict)}" for verdict in VERDICTS]
    return f"{len(claims)} claim{'s' * (len(claims) != 1)}: " + ", ".join(parts) + "."


def in_short(claims: list[dict[str, Any]]) -> str:
    """Return how many claims of a chapter are reproduced, as on its first screen: `7 of 8 reproduced`."""
    good = sum(claim["verdict"] == "reproduced" for claim in claims)
    return f"{good} of {len(claims)} reproduced"


def reason(claim: dict[str, Any]) -> str:
    """Return in one line why a claim is not reproduced, as HTML."""
    if claim["verdict"] == "undecided":
        if claim["mutant_verdict"] == "reproduced":
            return f"the numbers would also suit {as_html(claim['mutant'])}"
        return (
            f"expected {claim['expected']}, and what was observed leaves it open: {observed(claim)}"
        )
    short = "but not all" if claim["verdict"] == "partly" else "which excludes it"
    return f"expected {claim['expected']}, observed {observed(claim)}, {short}"


def observed(claim: dict[str, Any]) -> str:
    """Return the observed value with its interval."""
    return number(f"{claim['observed']}{interval(claim)}")


def exceptions(claims: list[dict[str, Any]], notebooks: str) -> list[str]:
    """Return the lines on the claims that are not reproduced, each with its reason."""
    found = [claim for claim in claims if claim["verdict"] != "reproduced"]
    if not found:
        return ["Every claim is reproduced."]
    entries = [
        f"<li>{badge(claim['verdict'])} {link(claim, notebooks)} {as_html(claim['statement'])} "
        f'<span class="claim-source">{number(reason(claim))}.</span></li>'
        for claim in found
    ]
    return ['<ul class="claim-exceptions tex2jax_process">' + "".join(entries) + "</ul>"]


def choice(claims: list[dict[str, Any]]) -> str:
    """Return the buttons that show the claims of one verdict; book.css does what they say."""
    counts = Counter(claim["verdict"] for claim in claims)
    labels = [f'<label><input type="radio" name="shown" checked> all {len(claims)}</label>']
    for verdict in VERDICTS:
        name = f'id="show-{kind(verdict)}" type="radio" name="shown"'
        labels.append(f"<label><input {name}> {verdict} ({counts[verdict]})</label>")
    return f'<fieldset class="claim-choice"><legend>Show</legend>{"".join(labels)}</fieldset>'


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
    parts = [
        f"{summary(claims)} Computed with the `{profile}` profile.",
        "## Exceptions first",
        *exceptions(claims, notebooks),
        "## All claims",
        choice(claims),
    ]
    for name, chapter in groupby(claims, key=lambda claim: claim["notebook"]):
        found = list(chapter)
        parts.append(f"### [{titles[name]}]({notebooks}/{name})")
        cards = "".join(as_card(claim, link(claim, notebooks)) for claim in found)
        parts.append(f'<div class="claims tex2jax_process">{cards}</div>')
    return "\n\n".join(parts) + "\n"
