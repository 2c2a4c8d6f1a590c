"""Claims: what a statement expects, what was observed, and the verdict by a rule fixed
beforehand.
"""

import html
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.display import CLAIM_MIME, display
from assocmem.parameters import refuse
from assocmem.verdicts.cards import anchor, badge, kind, mathjax
from assocmem.verdicts.estimate import Estimate, agree

Verdict = Literal["reproduced", "partly", "not reproduced"]
#: All verdicts, the best first.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
#: What the id of a claim looks like: the statement, then what is claimed of it.
ID_PATTERN = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)+")


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
        if not ID_PATTERN.fullmatch(self.id):
            raise refuse("id", self.id, "like 'prop1.exponent'")

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
        numbers = f"expected {self.expected}; observed {self.observed}{self._uncertainty()}"
        if self.published:
            numbers += f"; published {self.published}"
        return (
            f'<div class="claim claim-{kind(self.verdict)} tex2jax_process" id="{anchor(self.id)}">'
            f"<p>{badge(self.verdict)} "
            f"<code>{self.id}</code> {mathjax(self.statement)} "
            f'<span class="claim-source">({mathjax(self.source)})</span></p>'
            f'<p class="claim-numbers">{html.escape(numbers)}</p>'
            f'<p class="claim-rule">{html.escape(self.rule)}</p></div>'
        )


def claim_equal(
    id: str,
    statement: str,
    source: str,
    *,
    expected: float,
    observed: Estimate,
    tolerance: float,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity has a value.

    *Reproduced* if the interval contains the expected value and stays within ± ``tolerance`` of the
    observed one (a wide interval contains everything); *partly* if only the observed value is that
    near; *not reproduced* otherwise.

    Args:
        id: unique name.
        statement: what is claimed.
        source: where it is claimed.
        expected: the value that the statement gives.
        observed: the value computed here, with its interval.
        tolerance: largest deviation and half-width, in the units of the value.
        published: published value, as text.

    Example:
        >>> slope = Estimate(-1.02, -1.05, -0.99, level=0.99)
        >>> claim_equal("a.b", "Text.", "Here", expected=-1, observed=slope, tolerance=0.1).verdict
        'reproduced'
    """
    reach = max(observed.high - observed.value, observed.value - observed.low)
    contained = observed.low <= expected <= observed.high
    near = abs(observed.value - expected) <= tolerance
    verdict = _verdict(contained and reach <= tolerance, near)
    rule = (
        f"Reproduced if the {observed.level:.0%} interval contains the expected value and stays "
        f"within ±{tolerance:g} of the observed one; partly if only the observed value is so near."
    )
    return _about_number(
        id, statement, source, f"{expected:.4g}", observed, verdict, rule, published
    )


def claim_near(
    id: str,
    statement: str,
    source: str,
    *,
    target: float,
    observed: Estimate,
    tolerance: float,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity comes near a value, as where finite sizes approach a limit.

    *Reproduced* if the whole interval is within ± ``tolerance`` of the target, *partly* if the
    observed value is, *not reproduced* otherwise. The other arguments are those of `claim_equal`.

    Args:
        target: the value to come near.
        observed: the value computed here, with its interval.
        tolerance: largest distance, in the units of the value.
    """
    reach = max(abs(observed.high - target), abs(observed.low - target))
    verdict = _verdict(reach <= tolerance, abs(observed.value - target) <= tolerance)
    rule = (
        f"Reproduced if the whole {observed.level:.0%} interval is within ±{tolerance:g} of the "
        "expected value, which holds in a limit; partly if only the observed value is."
    )
    return _about_number(id, statement, source, f"{target:.4g}", observed, verdict, rule, published)


def claim_at_most(
    id: str,
    statement: str,
    source: str,
    *,
    bound: float,
    observed: Estimate,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity is at most ``bound``.

    *Reproduced* if the whole interval is, *partly* if the observed value is, *not reproduced*
    otherwise. The other arguments are those of `claim_equal`.

    Args:
        bound: the largest value that the statement allows.
        observed: the value computed here, with its interval.
    """
    verdict = _verdict(observed.high <= bound, observed.value <= bound)
    rule = (
        f"Reproduced if the whole {observed.level:.0%} interval is at most the expected bound; "
        "partly if only the observed value is."
    )
    return _about_number(
        id, statement, source, f"≤ {bound:.4g}", observed, verdict, rule, published
    )


def claim_agree(
    id: str,
    statement: str,
    source: str,
    *,
    expected: ArrayLike,
    summary: pd.DataFrame,
    false_failure: float = 0.01,
    published: str | None = None,
) -> Claim:
    """A claim that many simulated means have the values a law gives for them.

    A case is true where `agree` says so; the verdict is that of `claim_holds`.

    The other arguments are those of `claim_equal`.

    Args:
        expected: the value of the law in each case, shape (n,).
        summary: columns ``mean``, ``sem`` and ``trials``, n rows with equal numbers of trials.
        false_failure: probability that any case fails where the law is exact.
    """
    trials = int(summary["trials"].min())
    rule = (
        "the simulated mean has the value of the law within its interval; if the law is exact, any "
        f"of all cases fails with a probability of at most {false_failure:.0%}"
    )
    cases = agree(summary["mean"], summary["sem"], expected, trials, false_failure)
    return claim_holds(id, statement, source, cases=cases, rule=rule, published=published)


def claim_holds(
    id: str,
    statement: str,
    source: str,
    *,
    cases: ArrayLike,
    rule: str,
    published: str | None = None,
) -> Claim:
    """A claim about many cases, each of which is true or false.

    *Reproduced* if all are true, *partly* if more than half, *not reproduced* otherwise.

    The other arguments are those of `claim_equal`.

    Args:
        cases: in which cases it is true, any shape, at least one.
        rule: what makes a case true, with its false-failure rate where chance plays a part.
    """
    outcomes = np.asarray(cases, dtype=bool)
    if not outcomes.size:
        raise refuse("cases", cases, "at least one case")
    n_true = int(outcomes.sum())
    return Claim(
        id,
        statement,
        source,
        expected=f"all {outcomes.size} cases",
        observed=f"{n_true} of {outcomes.size}",
        interval=None,
        level=None,
        verdict=_verdict(n_true == outcomes.size, 2 * n_true > outcomes.size),
        rule=f"A case counts where {rule}. Reproduced if all cases do, partly if more than half.",
        published=published,
    )


def _about_number(
    id: str,
    statement: str,
    source: str,
    expected: str,
    observed: Estimate,
    verdict: Verdict,
    rule: str,
    published: str | None,
) -> Claim:
    interval, value = (observed.low, observed.high), f"{observed.value:.4g}"
    return Claim(
        id, statement, source, expected, value, interval, observed.level, verdict, rule, published
    )


def _verdict(reproduced: bool, partly: bool) -> Verdict:
    return "reproduced" if reproduced else "partly" if partly else "not reproduced"


def report(*claims: Claim) -> None:
    """Show claims under a notebook's cell; from there the scorecard takes them."""
    for claim in claims:
        display(claim._repr_mimebundle_())
