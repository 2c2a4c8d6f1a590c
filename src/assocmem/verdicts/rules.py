"""The rules by which numbers become verdicts, one for each kind of claim."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.parameters import Real, refuse
from assocmem.verdicts.agreement import agree
from assocmem.verdicts.claim import Outcome, Place, Verdict, about_number
from assocmem.verdicts.estimate import Estimate, Support

#: Verdicts on a case that is decided.
_ENDS: tuple[Verdict, Verdict] = ("reproduced", "not reproduced")


def equal(expected: float, observed: Estimate, tolerance: float) -> Outcome:
    """The rule of `claim_equal`."""
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
    place = Place("value", expected, tolerance or reach or 1.0, None, 0.0, None)
    return about_number(verdict, f"{expected:.4g}", observed, rule, place)


def near(target: float, observed: Estimate, tolerance: float) -> Outcome:
    """The rule of `claim_near`."""
    Real().check("target", target)
    Real(at_least=0).check("tolerance", tolerance)
    low, high = target - tolerance, target + tolerance
    rule = (
        f"Reproduced if the whole {observed.level:.0%} interval is within ±{tolerance:g} of the "
        "expected value, which holds in a limit; not reproduced if no part of it is."
    )
    verdict = inside(observed, low, high)
    place = Place("value", target, tolerance or 1.0, None, 0.0, None)
    return about_number(verdict, f"{target:.4g}", observed, rule, place)


def at_most(bound: float, observed: Estimate) -> Outcome:
    """The rule of `claim_at_most`."""
    Real().check("bound", bound)
    rule = (
        f"Reproduced if the whole {observed.level:.0%} interval is at most the expected bound; "
        "not reproduced if no part of it is."
    )
    place = Place("bound", bound, abs(bound) or abs(observed.value) or 1.0, None, 0.0, None)
    verdict = inside(observed, -np.inf, bound)
    return about_number(verdict, f"≤ {bound:.4g}", observed, rule, place)


def inside(observed: Estimate, low: float, high: float) -> Verdict:
    """Where an interval lies: reproduced if inside, not reproduced if outside, else undecided."""
    if low <= observed.low and observed.high <= high:
        return "reproduced"
    return "undecided" if observed.low <= high and low <= observed.high else "not reproduced"


def between(observed: Sequence[Estimate], low: ArrayLike, high: ArrayLike, rule: str) -> Outcome:
    """The rule of `claim_between`."""
    lows, highs = (np.broadcast_to(np.asarray(x, float), len(observed)) for x in (low, high))
    if np.isnan([lows, highs]).any():
        raise refuse("low and high", [low, high], "numbers")
    cases = [inside(*each) for each in zip(observed, lows, highs, strict=True)]
    true, excluded = ([case == verdict for case in cases] for verdict in _ENDS)
    return holds(true, rule, excluded)


def agreement(
    expected: ArrayLike,
    samples: ArrayLike,
    expected_sem: ArrayLike,
    support: Support | None,
    false_failure: float,
) -> Outcome:
    """The rule of `claim_agree`."""
    how = "its interval, corrected for skewness" if support is None else "what a fair bet allows"
    rule = (
        f"the simulated mean has the value of the law within {how}; if the law is exact, any of "
        f"all cases fails with a probability of at most {false_failure:.0%}"
    )
    cases = agree(
        samples, expected, expected_sem=expected_sem, support=support, false_failure=false_failure
    )
    return holds(cases, rule, None)


def holds(cases: ArrayLike, rule: str, excluded: ArrayLike | None) -> Outcome:
    """The rule of `claim_holds`."""
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
    share, reach = true.mean(), 1 - false.mean()
    place = Place("cases", 1.0, 1.0, float(share), float(share), float(reach))
    return Outcome(verdict, f"all {true.size} cases", observed, text, place)


def _booleans(name: str, values: ArrayLike) -> NDArray[np.bool_]:
    found = np.asarray(values)
    if found.ndim == 0 or not found.size or found.dtype != np.bool_:
        raise refuse(name, values, "an array of booleans, with at least one case")
    return found
