"""Claims: what a statement expects, what was observed, and the verdict by a rule fixed
beforehand."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from IPython.display import display

__all__ = ["CLAIM_MIME", "Claim", "claim_at_most", "claim_equal", "claim_holds", "report"]

#: The type under which a claim travels in an executed notebook.
CLAIM_MIME = "application/vnd.assocmem.claim+json"

Verdict = Literal["reproduced", "partly", "not reproduced"]


@dataclass(frozen=True)
class Claim:
    """One entry of the scorecard. Make it with `claim_equal`, `claim_at_most` or `claim_holds`.

    Args:
        id: unique name, statement first: ``prop1.exponent``.
        statement: what is claimed, one sentence; ``$…$`` is mathematics.
        source: where it is claimed: a statement, figure or equation of the paper, or of this book.
        expected: the value or bound that the statement gives.
        observed: the value computed here.
        interval: confidence interval of the observed value; None where it is exact.
        level: confidence level of the interval; None where it is exact.
        verdict: reproduced, partly or not reproduced.
        rule: how the verdict follows from the numbers, in words.
        published: the value published for the same quantity, as text, if there is one.
    """

    id: str
    statement: str
    source: str
    expected: str
    observed: str
    interval: tuple[float, float] | None
    level: float | None
    verdict: Verdict
    rule: str
    published: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(?:[.-][a-z0-9]+)+", self.id):
            raise ValueError(f"id = {self.id!r} is not valid; valid range: like 'prop1.exponent'")

    def __str__(self) -> str:
        return (
            f"{self.id}: {self.verdict.upper()}\n  {self.statement} ({self.source})\n"
            f"  expected {self.expected}; observed {self.observed}{self._uncertainty()}"
            + (f"; published {self.published}" if self.published else "")
        )

    def _uncertainty(self) -> str:
        if self.interval is None or self.level is None:
            return ""
        low, high = self.interval
        return f", {self.level:.0%} interval {low:.4g} to {high:.4g}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self._html(), CLAIM_MIME: asdict(self)}

    def _html(self) -> str:
        kind = self.verdict.replace(" ", "-")
        anchor = f"claim-{self.id.replace('.', '-')}"
        numbers = f"expected {self.expected}; observed {self.observed}{self._uncertainty()}"
        if self.published:
            numbers += f"; published {self.published}"
        return (
            f'<div class="claim claim-{kind} tex2jax_process" id="{anchor}">'
            f'<p><span class="claim-verdict claim-verdict-{kind}">{self.verdict}</span> '
            f"<code>{self.id}</code> {_mathjax(self.statement)} "
            f'<span class="claim-source">({_mathjax(self.source)})</span></p>'
            f'<p class="claim-numbers">{html.escape(numbers)}</p>'
            f'<p class="claim-rule">{html.escape(self.rule)}</p></div>'
        )


def claim_equal(
    id: str,
    statement: str,
    source: str,
    *,
    expected: float,
    observed: float,
    interval: tuple[float, float],
    tolerance: float,
    level: float = 0.99,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity has a value.

    *Reproduced* if the interval contains the expected value and is no wider than ± ``tolerance``
    around the observed one (a wide interval contains everything); *partly* if only the observed
    value is that near; *not reproduced* otherwise.

    Args:
        id: unique name.
        statement: what is claimed.
        source: where it is claimed.
        expected: the value that the statement gives.
        observed: the value computed here.
        interval: its confidence interval.
        tolerance: largest deviation and half-width, in the units of the value.
        level: confidence level of the interval.
        published: published value, as text.

    Example:
        >>> slope = {"expected": -1, "observed": -1.02, "interval": (-1.05, -0.99)}
        >>> claim_equal("example.slope", "A slope.", "here", **slope, tolerance=0.1).verdict
        'reproduced'
    """
    low, high = interval
    narrow = max(high - observed, observed - low) <= tolerance
    near = abs(observed - expected) <= tolerance
    verdict: Verdict = (
        "reproduced"
        if low <= expected <= high and narrow
        else "partly"
        if near
        else "not reproduced"
    )
    rule = (
        f"Reproduced if the {level:.0%} interval contains the expected value and stays within "
        f"±{tolerance:g} of the observed one; partly if only the observed value is that near."
    )
    numbers = {"expected": f"{expected:.4g}", "observed": f"{observed:.4g}"}
    return Claim(
        id, statement, source, **numbers, interval=(float(low), float(high)), level=level,
        verdict=verdict, rule=rule, published=published,
    )  # fmt: skip


def claim_at_most(
    id: str,
    statement: str,
    source: str,
    *,
    bound: float,
    observed: float,
    interval: tuple[float, float],
    level: float = 0.99,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity is at most ``bound``.

    *Reproduced* if the whole interval is, *partly* if the observed value is, *not reproduced*
    otherwise. The arguments are those of `claim_equal`.
    """
    low, high = interval
    verdict: Verdict = (
        "reproduced" if high <= bound else "partly" if observed <= bound else "not reproduced"
    )
    rule = (
        f"Reproduced if the whole {level:.0%} interval is at most the expected bound; "
        "partly if only the observed value is."
    )
    return Claim(
        id, statement, source, expected=f"≤ {bound:.4g}", observed=f"{observed:.4g}",
        interval=(float(low), float(high)), level=level, verdict=verdict, rule=rule,
        published=published,
    )  # fmt: skip


def claim_holds(
    id: str,
    statement: str,
    source: str,
    *,
    n_true: int,
    n_total: int,
    rule: str,
    published: str | None = None,
) -> Claim:
    """A claim about many cases, each of which is true or false.

    *Reproduced* if all are true, *partly* if more than half, *not reproduced* otherwise.

    Args:
        id: unique name.
        statement: what is claimed.
        source: where it is claimed.
        n_true: number of cases in which it is true.
        n_total: number of cases, ≥ 1.
        rule: what makes a case true, with its false-failure rate where chance plays a part.
        published: published value, as text.
    """
    if not 0 <= n_true <= n_total or n_total < 1:
        raise ValueError(f"n_true = {n_true!r} is not valid; valid range: 0 to n_total = {n_total}")
    verdict: Verdict = (
        "reproduced"
        if n_true == n_total
        else "partly"
        if 2 * n_true > n_total
        else "not reproduced"
    )
    sentence = f"A case counts where {rule}. Reproduced if all cases do, partly if more than half."
    return Claim(
        id, statement, source, expected=f"all {n_total} cases", observed=f"{n_true} of {n_total}",
        interval=None, level=None, verdict=verdict, rule=sentence, published=published,
    )  # fmt: skip


def report(*claims: Claim) -> None:
    """Show claims under a notebook's cell; from there the scorecard takes them."""
    for claim in claims:
        display(claim)


def _mathjax(text: str) -> str:
    """Escape HTML and turn $…$ into the delimiters that MathJax typesets inside an output."""
    return re.sub(r"\$([^$]+)\$", r"\\(\1\\)", html.escape(text))
