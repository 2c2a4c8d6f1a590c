"""Claims: what a statement expects, what was observed, and the verdict by a rule fixed
beforehand.

Every claim names a wrong law, its *mutant*, and is judged a second time under it: a claim that its
mutant passes could not have failed, and is undecided.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.parameters import Real, refuse
from assocmem.verdicts.agreement import agree
from assocmem.verdicts.claim import Claim, Mutant, Outcome, Verdict, about_number, make_claim
from assocmem.verdicts.estimate import Estimate, Support


def claim_equal(
    id: str,
    statement: str,
    source: str,
    *,
    expected: float,
    observed: Estimate,
    tolerance: float,
    mutant: Mutant,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity has a value.

    *Reproduced* if the interval contains the expected value and stays within ± ``tolerance`` of the
    observed one; *undecided* if it contains it but is wider (a wide interval contains everything);
    *partly* if it excludes it but lies within ± ``tolerance`` of it: near, not equal; *not
    reproduced* otherwise.

    Args:
        id: unique name.
        statement: what is claimed.
        source: where it is claimed.
        expected: the value that the statement gives.
        observed: the value computed here, with its interval.
        tolerance: largest deviation and half-width, in the units of the value.
        mutant: the wrong law that must fail.
        published: published value, as text.

    Raises:
        ValueError: for an expected value or tolerance that is no finite number.

    Example:
        >>> slope = Estimate(-1.02, -1.05, -0.99, level=0.99)
        >>> claim_equal(
        ...     "a.b", "Text.", "Here", expected=-1, observed=slope, tolerance=0.1,
        ...     mutant=Mutant("an exponent 10 % larger", expected=-1.1),
        ... ).verdict
        'reproduced'
    """
    return make_claim(
        _equal, (id, statement, source), mutant, published,
        expected=expected, observed=observed, tolerance=tolerance,
    )  # fmt: skip


def _equal(expected: float, observed: Estimate, tolerance: float) -> Outcome:
    Real().check("expected", expected)
    Real(at_least=0).check("tolerance", tolerance)
    reach = max(observed.high - observed.value, observed.value - observed.low)
    verdict: Verdict
    if observed.low <= expected <= observed.high:
        verdict = "reproduced" if reach <= tolerance else "undecided"
    else:
        near = max(abs(observed.low - expected), abs(observed.high - expected)) <= tolerance
        verdict = "partly" if near else "not reproduced"
    rule = (
        f"Reproduced if the {observed.level:.0%} interval contains the expected value and stays "
        f"within ±{tolerance:g} of the observed one, undecided if it contains it but is wider; "
        f"partly if it does not, but lies within ±{tolerance:g} of the expected value."
    )
    return about_number(verdict, f"{expected:.4g}", observed, rule)


def claim_near(
    id: str,
    statement: str,
    source: str,
    *,
    target: float,
    observed: Estimate,
    tolerance: float,
    mutant: Mutant,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity comes near a value, as where finite sizes approach a limit.

    *Reproduced* if the whole interval is within ± ``tolerance`` of the target, *not reproduced* if
    no part of it is, *undecided* otherwise. The other arguments are those of `claim_equal`.

    Args:
        target: the value to come near.
        observed: the value computed here, with its interval.
        tolerance: largest distance, in the units of the value.
    """
    return make_claim(
        _near, (id, statement, source), mutant, published,
        target=target, observed=observed, tolerance=tolerance,
    )  # fmt: skip


def _near(target: float, observed: Estimate, tolerance: float) -> Outcome:
    Real().check("target", target)
    Real(at_least=0).check("tolerance", tolerance)
    low, high = target - tolerance, target + tolerance
    rule = (
        f"Reproduced if the whole {observed.level:.0%} interval is within ±{tolerance:g} of the "
        "expected value, which holds in a limit; not reproduced if no part of it is."
    )
    verdict = _inside(observed, low, high)
    return about_number(verdict, f"{target:.4g}", observed, rule)


def claim_at_most(
    id: str,
    statement: str,
    source: str,
    *,
    bound: float,
    observed: Estimate,
    mutant: Mutant,
    published: str | None = None,
) -> Claim:
    """A claim that a quantity is at most ``bound``.

    *Reproduced* if the whole interval is, *not reproduced* if no part of it is, *undecided*
    otherwise. The other arguments are those of `claim_equal`.

    Args:
        bound: the largest value that the statement allows.
        observed: the value computed here, with its interval.
    """
    return make_claim(
        _at_most, (id, statement, source), mutant, published, bound=bound, observed=observed
    )


def _at_most(bound: float, observed: Estimate) -> Outcome:
    Real().check("bound", bound)
    rule = (
        f"Reproduced if the whole {observed.level:.0%} interval is at most the expected bound; "
        "not reproduced if no part of it is."
    )
    return about_number(_inside(observed, -np.inf, bound), f"≤ {bound:.4g}", observed, rule)


def _inside(observed: Estimate, low: float, high: float) -> Verdict:
    if low <= observed.low and observed.high <= high:
        return "reproduced"
    return "undecided" if observed.low <= high and low <= observed.high else "not reproduced"


def claim_between(
    id: str,
    statement: str,
    source: str,
    *,
    observed: Sequence[Estimate],
    low: ArrayLike = -np.inf,
    high: ArrayLike = np.inf,
    rule: str,
    mutant: Mutant,
    published: str | None = None,
) -> Claim:
    """A claim that many quantities lie between bounds.

    A case is true if its whole interval lies between its bounds, and excluded if no part does. The
    verdict is that of `claim_holds`. The other arguments are those of `claim_equal`.

    Args:
        observed: the values computed here, n of them, with their intervals.
        low: lower bounds, one or n.
        high: upper bounds, one or n.
        rule: what the bounds are, with the false-failure rate where chance plays a part.
    """
    return make_claim(
        _between, (id, statement, source), mutant, published,
        observed=observed, low=low, high=high, rule=rule,
    )  # fmt: skip


def _between(observed: Sequence[Estimate], low: ArrayLike, high: ArrayLike, rule: str) -> Outcome:
    lows, highs = (np.broadcast_to(np.asarray(x, float), len(observed)) for x in (low, high))
    if np.isnan([lows, highs]).any():
        raise refuse("low and high", [low, high], "numbers")
    cases = [_inside(*each) for each in zip(observed, lows, highs, strict=True)]
    true, excluded = ([case == verdict for case in cases] for verdict in _ENDS)
    return _holds(true, rule, excluded)


#: Verdicts on a case that is decided.
_ENDS: tuple[Verdict, Verdict] = ("reproduced", "not reproduced")


def claim_agree(
    id: str,
    statement: str,
    source: str,
    *,
    expected: ArrayLike,
    samples: ArrayLike,
    expected_sem: ArrayLike = 0.0,
    support: Support | None = None,
    false_failure: float = 0.01,
    mutant: Mutant,
    published: str | None = None,
) -> Claim:
    """A claim that many simulated means have the values a law gives for them.

    A case is true where `agree` says so; the verdict is that of `claim_holds`.

    The other arguments are those of `claim_equal`.

    Args:
        expected: the value of the law in each case, shape (k,).
        samples: independent trials of each case, shape (k, n), as `by_trial` makes them.
        expected_sem: standard error of a law that is itself a mean of draws, shape (k,).
        support: smallest and largest value of a trial, (0, 1) for errors.
        false_failure: probability that any case fails where the law is exact.
    """
    return make_claim(
        _agree, (id, statement, source), mutant, published, expected=expected, samples=samples,
        expected_sem=expected_sem, support=support, false_failure=false_failure,
    )  # fmt: skip


def _agree(
    expected: ArrayLike,
    samples: ArrayLike,
    expected_sem: ArrayLike,
    support: Support | None,
    false_failure: float,
) -> Outcome:
    how = "its interval, corrected for skewness" if support is None else "what a fair bet allows"
    rule = (
        f"the simulated mean has the value of the law within {how}; if the law is exact, any of "
        f"all cases fails with a probability of at most {false_failure:.0%}"
    )
    cases = agree(
        samples, expected, expected_sem=expected_sem, support=support, false_failure=false_failure
    )
    return _holds(cases, rule, None)


def claim_holds(
    id: str,
    statement: str,
    source: str,
    *,
    cases: ArrayLike,
    rule: str,
    excluded: ArrayLike | None = None,
    mutant: Mutant,
    published: str | None = None,
) -> Claim:
    """A claim about many cases, each of which is true or false.

    *Reproduced* if all are true; *undecided* if some are neither true nor excluded, and none is;
    else *partly* if more than half are true, *not reproduced* otherwise. The other arguments are
    those of `claim_equal`.

    Args:
        cases: in which cases it is true: booleans, any shape of one axis or more, at least one.
        rule: what makes a case true, with its false-failure rate where chance plays a part.
        excluded: in which cases it is false; those that are not true, unless told.
    """
    return make_claim(
        _holds, (id, statement, source), mutant, published,
        cases=cases, rule=rule, excluded=excluded,
    )  # fmt: skip


def _holds(cases: ArrayLike, rule: str, excluded: ArrayLike | None) -> Outcome:
    true = _booleans("cases", cases)
    false = ~true if excluded is None else _booleans("excluded", excluded)
    if false.shape != true.shape or (true & false).any():
        raise refuse("excluded", excluded, "one entry for each case, of those that are not true")
    verdict: Verdict = "partly" if 2 * true.sum() > true.size else "not reproduced"
    if not false.any():
        verdict = "reproduced" if true.all() else "undecided"
    open_cases = int((~true & ~false).sum())
    observed = f"{true.sum()} of {true.size}" + f", {open_cases} open" * bool(open_cases)
    text = f"A case counts where {rule}. Reproduced if all cases do, partly if more than half."
    return Outcome(verdict, f"all {true.size} cases", observed, text)


def _booleans(name: str, values: ArrayLike) -> NDArray[np.bool_]:
    found = np.asarray(values)
    if found.ndim == 0 or not found.size or found.dtype != np.bool_:
        raise refuse(name, values, "an array of booleans, with at least one case")
    return found
