"""The page that shows how robust each verdict is, from `book/measured/variations.json`: claim by setting."""

import html
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from assocmem.verdicts.cards import anchor, kind
from assocmem.verdicts.claim import VERDICTS

#: What a cell shows for a verdict; the whole word is its title.
SIGNS = {"reproduced": "✓", "partly": "≈", "undecided": "?", "not reproduced": "✗"}
_NO_CLAIM = ("·", "not claimed there")


def setting(special: Mapping[str, Any]) -> str:
    """A setting as the head of a column: `alpha = 1.5`."""
    return ", ".join(f"{name} = {json.dumps(value)}" for name, value in special.items())


def _cell(verdict: str | None, where: str) -> str:
    sign, name = (SIGNS[verdict], verdict) if verdict else _NO_CLAIM
    style = f"claim-verdict-{kind(verdict)}" if verdict else "claim-none"
    text = html.escape(f"{name} at {where}", quote=True)
    return f'<td class="{style}" title="{text}"><span aria-label="{text}" role="img">{sign}</span></td>'


def _counts(verdicts: Sequence[str]) -> str:
    """How often each verdict was found, the best first: `19 ✓ 1 ?`."""
    counts = Counter(verdicts)
    parts = [
        f'<span class="claim-verdict-{kind(v)}" title="{v}">{counts[v]} {SIGNS[v]}</span>'
        for v in VERDICTS
        if counts[v]
    ]
    return " ".join(parts) or _NO_CLAIM[0]


def chapter(name: str, runs: Sequence[Mapping[str, Any]], notebooks: str) -> str:
    """The table of one chapter: a row for each claim, the seeds together, a column for each setting."""
    seeds = [run for run in runs if run["special"].keys() <= {"seed"}]
    settings = [run for run in runs if run not in seeds]
    ids = list(dict.fromkeys(id for run in runs for id in run["verdicts"]))
    heads = "".join(
        f'<th scope="col"><span>{html.escape(setting(run["special"]))}</span></th>'
        for run in settings
    )
    rows = []
    for id in ids:
        seen = [run["verdicts"][id] for run in seeds if id in run["verdicts"]]
        cells = "".join(_cell(run["verdicts"].get(id), setting(run["special"])) for run in settings)
        link = f'<a href="{notebooks}/{name}.html#{anchor(id)}">{html.escape(id)}</a>'
        rows.append(f'<tr><th scope="row">{link}</th><td>{_counts(seen)}</td>{cells}</tr>')
    label = f"{len(seeds)} seeds" if len(seeds) > 1 else "as in the smoke profile"
    return (
        '<div class="robustness-box" tabindex="0" role="region" '
        f'aria-label="Verdicts of {html.escape(name)} by setting"><table class="robustness">'
        f'<thead><tr><th scope="col">Claim</th><th scope="col">{label}</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def render(text: str, titles: Mapping[str, str], notebooks: str = "../notebooks") -> str:
    """The generated part of the page.

    Args:
        text: contents of variations.json.
        titles: title of each notebook.
        notebooks: address of the chapters, as seen from the page.
    """
    measured = json.loads(text)
    runs, origin = measured["runs"], measured["origin"]
    counts = Counter(verdict for run in runs for verdict in run["verdicts"].values())
    total = sum(counts.values())
    parts = ", ".join(f"{counts[v] / total:.1%} {v}" for v in VERDICTS) if total else "none"
    failed = sum(run["error"] is not None for run in runs)
    lines = [
        f"{len(runs)} runs of twelve chapters with {total:,} verdicts: {parts}; "
        f"{failed} runs ended in an error. They took {origin['cpu_hours']} hours of CPU "
        f"(Python {origin['python']}, NumPy {origin['numpy']}, {origin['date'][:10]}).",
        "",
        " · ".join(f"{sign} {verdict}" for verdict, sign in SIGNS.items())
        + f" · {_NO_CLAIM[0]} {_NO_CLAIM[1]}",
        "",
    ]
    for name, title in titles.items():
        own = [run for run in runs if run["chapter"] == name]
        if own:
            lines += [f"## [{title}]({notebooks}/{name})", "", chapter(name, own, notebooks), ""]
    return "\n".join(lines)
