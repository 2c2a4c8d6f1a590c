"""Claims: what a statement expects, what was observed, and the verdict by a rule fixed
beforehand.

Every claim names a wrong law, its *mutant*, and is judged a second time under it: a claim that its
mutant passes could not have failed, and is undecided.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from assocmem.verdicts import rules
from assocmem.verdicts.claim import Claim, Wrong, make_claim
from assocmem.verdicts.estimate import Estimate, Support
from assocmem.verdicts.words import Words


def claim_equal(
    id: str,
    statement: str | None = None,
    source: str | None = None,
    *,
    expected: float,
    observed: Estimate,
    tolerance: float,
    mutant: Wrong,
    published: str | None = None,
    words: Mapping[str, object] | None = None,
) -> Claim:
    """A claim that a quantity has a value.

    *Reproduced* if the interval contains the expected value and stays within ± ``tolerance`` of the
    observed one; *undecided* if it contains it but is wider (a wide interval contains everything);
    *partly* if it excludes it but lies within ± ``tolerance`` of it: near, not equal; *not
    reproduced* otherwise.

    Args:
        id: unique name.
        statement: what is claimed; None takes the words of the book's claim of this id.
        source: where it is claimed; likewise.
        expected: the value that the statement gives.
        observed: the value computed here, with its interval.
        tolerance: largest deviation and half-width, in the units of the value.
        mutant: the wrong law that must fail, or only the arguments that it changes.
        published: published value, as text.
        words: what stands for each ``<name>`` in the words.

    Raises:
        ValueError: for an expected value or tolerance that is no finite number.

    Example:
        >>> import assocmem as am
        >>> slope = Estimate(-1.02, -1.05, -0.99, level=0.99)
        >>> claim_equal(
        ...     "a.b", "Text.", "Here", expected=-1, observed=slope, tolerance=0.1,
        ...     mutant=am.Mutant("an exponent 10 % larger", expected=-1.1),
        ... ).verdict
        'reproduced'
    """
    return make_claim(
        rules.equal, id, Words(statement, source, published=published), words, mutant,
        expected=expected, observed=observed, tolerance=tolerance,
    )  # fmt: skip


def claim_near(
    id: str,
    statement: str | None = None,
    source: str | None = None,
    *,
    target: float,
    observed: Estimate,
    tolerance: float,
    mutant: Wrong,
    published: str | None = None,
    words: Mapping[str, object] | None = None,
) -> Claim:
    """A claim that a quantity comes near a value, as where finite sizes approach a limit.

    *Reproduced* if the whole interval is within ± ``tolerance`` of the target, *not reproduced* if
    no part of it is, *undecided* otherwise. The other arguments are those of `claim_equal`.

    Args:
        target: the value to come near.
        observed: the value computed here, with its interval.
        tolerance: largest distance, in the units of the value.

    Example:
        >>> from assocmem.verdicts.claim import Mutant
        >>> claim = claim_near(
        ...     "my.limit", "It comes near 1.", "my notes", target=1.0, tolerance=0.1,
        ...     observed=Estimate(1.02, 0.99, 1.05, 0.99), mutant=Mutant("near 2", target=2.0),
        ... )
        >>> claim.verdict, claim.mutant_verdict
        ('reproduced', 'not reproduced')
    """
    return make_claim(
        rules.near, id, Words(statement, source, published=published), words, mutant,
        target=target, observed=observed, tolerance=tolerance,
    )  # fmt: skip


def claim_at_most(
    id: str,
    statement: str | None = None,
    source: str | None = None,
    *,
    bound: float,
    observed: Estimate,
    mutant: Wrong,
    published: str | None = None,
    words: Mapping[str, object] | None = None,
) -> Claim:
    """A claim that a quantity is at most ``bound``.

    *Reproduced* if the whole interval is, *not reproduced* if no part of it is, *undecided*
    otherwise. The other arguments are those of `claim_equal`.

    Args:
        bound: the largest value that the statement allows.
        observed: the value computed here, with its interval.

    Example:
        >>> from assocmem.verdicts.claim import Mutant
        >>> claim = claim_at_most(
        ...     "my.bound", "It is at most 1.", "my notes", bound=1.0, observed=Estimate(0.5, 0.4, 0.6, 0.99),
        ...     mutant=Mutant("at most a quarter", bound=0.25),
        ... )
        >>> claim.verdict, claim.mutant_verdict
        ('reproduced', 'not reproduced')
    """
    return make_claim(
        rules.at_most,
        id,
        Words(statement, source, published=published),
        words,
        mutant,
        bound=bound,
        observed=observed,
    )


def claim_between(
    id: str,
    statement: str | None = None,
    source: str | None = None,
    *,
    observed: Sequence[Estimate],
    low: ArrayLike = -np.inf,
    high: ArrayLike = np.inf,
    rule: str | None = None,
    mutant: Wrong,
    published: str | None = None,
    words: Mapping[str, object] | None = None,
) -> Claim:
    """A claim that many quantities lie between bounds.

    A case is true if its whole interval lies between its bounds, and excluded if no part does. The
    verdict is that of `claim_holds`. The other arguments are those of `claim_equal`.

    Args:
        observed: the values computed here, n of them, with their intervals.
        low: lower bounds, one or n.
        high: upper bounds, one or n.
        rule: what the bounds are, with the false-failure rate where chance plays a part.

    Example:
        >>> from assocmem.verdicts.claim import Mutant
        >>> claim = claim_between(
        ...     "my.bounds", "It is between 0 and 1.", "my notes", observed=[Estimate(0.5, 0.4, 0.6, 0.99)],
        ...     low=0.0, high=1.0, rule="one case", mutant=Mutant("above 0.7", low=0.7),
        ... )
        >>> claim.verdict, claim.mutant_verdict
        ('reproduced', 'not reproduced')
    """
    return make_claim(
        rules.between, id, Words(statement, source, published=published), words, mutant,
        observed=observed, low=low, high=high, rule=rule,
    )  # fmt: skip


def claim_agree(
    id: str,
    statement: str | None = None,
    source: str | None = None,
    *,
    expected: ArrayLike,
    samples: ArrayLike,
    expected_sem: ArrayLike = 0.0,
    support: Support | None = None,
    false_failure: float = 0.01,
    mutant: Wrong,
    published: str | None = None,
    words: Mapping[str, object] | None = None,
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

    Example:
        >>> from assocmem.verdicts.claim import Mutant
        >>> coins = np.random.default_rng(0).integers(0, 2, (1, 1000))
        >>> claim = claim_agree(
        ...     "coin.fair", "Heads come half of the time.", "my notes", expected=[0.5], samples=coins,
        ...     support=(0, 1), mutant=Mutant("two thirds of the time", expected=[2 / 3]),
        ... )
        >>> claim.verdict, claim.mutant_verdict
        ('reproduced', 'not reproduced')
    """
    return make_claim(
        rules.agreement, id, Words(statement, source, published=published), words, mutant,
        expected=expected, samples=samples, expected_sem=expected_sem, support=support,
        false_failure=false_failure,
    )  # fmt: skip


def claim_holds(
    id: str,
    statement: str | None = None,
    source: str | None = None,
    *,
    cases: ArrayLike,
    rule: str | None = None,
    excluded: ArrayLike | None = None,
    mutant: Wrong,
    published: str | None = None,
    words: Mapping[str, object] | None = None,
) -> Claim:
    """A claim about many cases, each of which is true or false.

    *Reproduced* if all are true; *undecided* if some are neither true nor excluded, and none is;
    else *partly* if more than half are true, *not reproduced* otherwise. The other arguments are
    those of `claim_equal`.

    Args:
        cases: in which cases it is true: booleans, any shape of one axis or more, at least one.
        rule: what makes a case true, with its false-failure rate where chance plays a part.
        excluded: in which cases it is false; those that are not true, unless told.

    Example:
        >>> from assocmem.verdicts.claim import Mutant
        >>> claim = claim_holds(
        ...     "my.claim", "Squares are not negative.", "my notes", cases=np.arange(-3, 4) ** 2 >= 0,
        ...     rule="one case for each number", mutant=Mutant("cubes", cases=np.arange(-3, 4) ** 3 >= 0),
        ... )
        >>> claim.verdict, claim.mutant_verdict
        ('reproduced', 'partly')
    """
    return make_claim(
        rules.holds, id, Words(statement, source, published=published), words, mutant,
        cases=cases, rule=rule, excluded=excluded,
    )  # fmt: skip
