"""What a claim is, how it looks, and how it tells its statement from a wrong law."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, NamedTuple, get_args

from assocmem.display import CLAIM_MIME, display
from assocmem.parameters import refuse
from assocmem.verdicts import cards
from assocmem.verdicts.estimate import Estimate
from assocmem.verdicts.words import Words, describe

Verdict = Literal["reproduced", "partly", "undecided", "not reproduced"]
#: All verdicts, the best first.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
#: What the id of a claim looks like: the statement, then what is claimed of it.
ID_PATTERN = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)+")

Interval = tuple[float | None, float | None]


class Mutant:
    """A wrong law that a claim must tell from the right one.

    Args:
        law: what is wrong with it, in a phrase; ``$…$`` is mathematics.
        **wrong: the arguments of the claim that are different under this law.

    Example:
        >>> Mutant("an exponent 10 % larger", expected=-1.1).wrong
        {'expected': -1.1}
    """

    def __init__(self, law: str, **wrong: Any) -> None:
        self.law, self.wrong = law, wrong


class Place(NamedTuple):
    """Where the numbers of a claim lie, to draw them.

    Args:
        kind: ``value``: reproduced within one ``unit`` around the ``goal``; ``bound``: up to the
            goal; ``cases``: where the share of cases that count is the goal, 1.
        goal: what is expected.
        unit: the length that the drawing takes for its unit.
        low: lower end of the interval, or share of the cases that count; None for -∞.
        value: observed value, or share of cases.
        high: upper end, or share of the cases that count or are open; None for ∞.
        wrong: where the wrong law lies.
    """

    kind: Literal["value", "bound", "cases"]
    goal: float
    unit: float
    low: float | None
    value: float
    high: float | None
    wrong: float | None = None

    def beside(self, other: "Place") -> "Place":
        """This place, with the mark of a wrong law: its goal, or else what it would observe."""
        return self._replace(wrong=other.goal if other.goal != self.goal else other.value)


class Outcome(NamedTuple):
    """How a rule judges numbers: the verdict, the numbers as text, the interval if there is one."""

    verdict: Verdict
    expected: str
    observed: str
    rule: str
    place: Place
    interval: Interval | None = None
    level: float | None = None

    def numbers(self) -> str:
        """Expected and observed, in one line."""
        text = f"expected {self.expected}; observed {self.observed}"
        if self.interval is None or self.level is None:
            return text
        low, high = ("±∞" if end is None else f"{end:.4g}" for end in self.interval)
        return f"{text}, {self.level:.0%} interval {low} to {high}"


@dataclass(frozen=True)
class Claim:
    """One entry of the scorecard. Make it with `claim_equal`, `claim_at_most`, `claim_holds` ….

    Args:
        id: unique name, statement first: ``prop1.exponent``.
        statement: what is claimed, one sentence; ``$…$`` is mathematics.
        source: where it is claimed: a statement, figure or equation of the paper, or of this book.
        expected: the value or bound that the statement gives.
        observed: the value computed here.
        interval: confidence interval of the observed value, an end None where it is infinite; None
            where the value is exact.
        level: confidence level of the interval; None where it is exact.
        verdict: reproduced, partly, undecided or not reproduced.
        rule: how the verdict follows from the numbers, in words.
        mutant: the wrong law that was judged by the same rule.
        mutant_verdict: its verdict; a claim is undecided if this is "reproduced".
        mutant_numbers: what was expected and observed then.
        place: where these numbers lie, to draw them.
        published: the value published for the same quantity, as text, if there is one.

    Example:
        >>> from assocmem.verdicts.claims import claim_holds
        >>> wrong = Mutant("it does not", cases=[False])
        >>> claim = claim_holds("my.claim", "It holds.", "my notes", cases=[True], rule="it does", mutant=wrong)
        >>> claim.verdict, claim.mutant_verdict
        ('reproduced', 'not reproduced')
    """

    id: str
    statement: str
    source: str
    expected: str
    observed: str
    interval: Interval | None
    level: float | None
    verdict: Verdict
    rule: str
    mutant: str
    mutant_verdict: Verdict
    mutant_numbers: str
    place: Place
    published: str | None = None

    def __post_init__(self) -> None:
        if not ID_PATTERN.fullmatch(self.id):
            raise refuse("id", self.id, "like 'prop1.exponent'")

    def __str__(self) -> str:
        return (
            f"{self.id}: {self.verdict.upper()}\n  {self.statement} ({self.source})\n"
            f"  {self._numbers()}\n  {self._could_fail()}"
        )

    def _numbers(self) -> str:
        outcome = Outcome(
            self.verdict, self.expected, self.observed, self.rule, self.place, self.interval,
            self.level,
        )  # fmt: skip
        return outcome.numbers() + (f"; published {self.published}" if self.published else "")

    def _could_fail(self) -> str:
        if self.mutant_verdict == "reproduced":
            return f"Undecided, as it would also hold at: {self.mutant} ({self.mutant_numbers})."
        return (
            f"Would have failed at: {self.mutant} ({self.mutant_numbers}: {self.mutant_verdict})."
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return _bundle([self])

    def as_json(self) -> dict[str, Any]:
        """The claim as the scorecard reads it."""
        return {**asdict(self), "place": self.place._asdict()}


#: The wrong law of a claim, or only the arguments that it changes: its words are then the book's.
Wrong = Mutant | Mapping[str, Any]


def make_claim(
    judge: Callable[..., Outcome],
    id: str,
    own: Words,
    values: Mapping[str, object] | None,
    mutant: Wrong,
    **numbers: Any,
) -> Claim:
    """Judge the numbers, and the same rule once more under the mutant.

    Args:
        judge: the rule, a function of the numbers.
        id: unique name.
        own: words that are not those of the book's claim of this id.
        values: what stands for each ``<name>`` in the words.
        mutant: the wrong law.
        **numbers: the arguments of the rule.

    Raises:
        ValueError: if the mutant changes nothing, or what is no argument of the claim.
    """
    law, changed = (mutant.law, mutant.wrong) if isinstance(mutant, Mutant) else (None, mutant)
    if not changed or changed.keys() - numbers.keys():
        raise refuse("mutant", sorted(changed), f"some of {', '.join(numbers)}")
    words = describe(id, replace(own, mutant=law, rule=numbers.get("rule")), values or {})
    if "rule" in numbers:
        if words.rule is None:
            raise refuse("rule", None, f"a text, as {id!r} has none in assocmem/verdicts/words")
        numbers["rule"] = words.rule
    found, wrong = judge(**numbers), judge(**{**numbers, **changed})
    blind = wrong.verdict == "reproduced" and found.verdict in ("reproduced", "partly")
    return Claim(
        id,
        str(words.statement),
        str(words.source),
        expected=found.expected,
        observed=found.observed,
        interval=found.interval,
        level=found.level,
        verdict="undecided" if blind else found.verdict,
        rule=found.rule,
        mutant=str(words.mutant),
        mutant_verdict=wrong.verdict,
        mutant_numbers=wrong.numbers()
        .replace("expected ", "", 1)
        .replace("; observed", " against"),
        place=found.place.beside(wrong.place),
        published=words.published,
    )


def about_number(
    verdict: Verdict, expected: str, observed: Estimate, rule: str, place: Place
) -> Outcome:
    """The outcome for one number with its interval."""
    low, high = (x if math.isfinite(x) else None for x in (observed.low, observed.high))
    place = place._replace(low=low, value=observed.value, high=high)
    return Outcome(
        verdict, expected, f"{observed.value:.4g}", rule, place, (low, high), observed.level
    )


def _bundle(claims: Sequence[Claim]) -> dict[str, Any]:
    found = [claim.as_json() for claim in claims]
    text = "\n".join(map(str, claims))
    return {"text/plain": text, "text/html": cards.claims_as_html(found), CLAIM_MIME: found}


def report(*claims: Claim) -> None:
    """Show claims under a notebook's cell; from there the scorecard takes them.

    Args:
        *claims: in the order of the text.

    Example:
        >>> from assocmem.verdicts.claims import claim_holds
        >>> wrong = Mutant("it does not", cases=[False])
        >>> claim = claim_holds("my.claim", "It holds.", "my notes", cases=[True], rule="it does", mutant=wrong)
        >>> report(claim)
        my.claim: REPRODUCED
          It holds. (my notes)
          expected all 1 cases; observed 1 of 1
          Would have failed at: it does not (all 1 cases against 0 of 1: not reproduced).
    """
    display(_bundle(claims))
