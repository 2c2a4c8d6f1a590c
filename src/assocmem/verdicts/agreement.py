"""Whether the means of independent trials are those of a law."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from assocmem.parameters import Integer, refuse
from assocmem.verdicts.betting import unit_samples, wealth
from assocmem.verdicts.estimate import CAUTION, mean_interval

#: Means nearer to the law than this are equal to it: rounding.
_ROUNDING = 1e-12
#: Stands for 0 in a denominator.
_LEAST = 1e-300


def agree(
    samples: ArrayLike,
    expected: ArrayLike,
    *,
    expected_sem: ArrayLike = 0.0,
    support: tuple[float, float] | None = None,
    false_failure: float = 0.01,
) -> NDArray[np.bool_]:
    """Which means of independent trials agree with their expected values.

    If all k expected values are right, any of them is refused with a probability of at most
    ``false_failure`` (Bonferroni). With ``support`` by betting on both sides: for every law of the
    trials, also where one of a hundred is far from all others. A law that is larger than what was
    found is then refused only if so many trials could not have missed what makes it larger. Without
    ``support`` by the interval of `estimate_mean`, which is sharper and holds its level to second
    order: two thirds of ``false_failure`` are spent on it (book/measured/calibration.md has what is
    measured).

    Args:
        samples: shape (k, n), n ≥ 2 trials of each case.
        expected: the value of the law, shape (k,) or one for all.
        expected_sem: its standard error where it is itself a mean of many draws, shape (k,); half
            of ``false_failure`` is spent on it.
        support: smallest and largest value that a trial can have.
        false_failure: probability to refuse anything where all is right.

    Returns:
        Shape (k,). Deviations below 10⁻¹² agree always.

    Example:
        >>> coins = np.random.default_rng(0).integers(0, 2, (2, 1000))
        >>> agree(coins, [0.5, 0.6], support=(0, 1)).tolist()
        [True, False]
    """
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise refuse("samples", f"array of shape {values.shape}", "cases and trials")
    Integer(2).check("number of trials", values.shape[1])
    if not np.isfinite(values).all():
        raise refuse("samples", values[~np.isfinite(values)][0], "finite")
    law, sem = (
        np.broadcast_to(np.asarray(x, float), len(values)) for x in (expected, expected_sem)
    )
    if not np.isfinite(law).all():
        raise refuse("expected", law[~np.isfinite(law)][0], "finite")
    share = false_failure / len(values) / (2 if sem.any() else 1)
    reach = stats.norm.isf(share / 2) * sem
    means = values.mean(axis=1)
    # the value within reach of the law that is nearest to what was found
    nearest = np.clip(means, law - reach, law + reach)
    if support is None:
        ends = np.array([mean_interval(row, 1 - CAUTION * share) for row in values])
        found = (ends[:, 0] <= nearest) & (nearest <= ends[:, 1])
    else:
        unit = unit_samples(values, support)
        mean = np.clip((nearest - support[0]) / (support[1] - support[0]), 0, 1)
        needed = math.log(2 / share)
        over = np.where(mean > 0, wealth(unit, np.maximum(mean, _LEAST)), np.inf)
        under = np.where(mean < 1, wealth(1 - unit, np.maximum(1 - mean, _LEAST)), np.inf)
        found = (over <= needed) & (under <= needed)
    return found | (np.abs(means - nearest) <= _ROUNDING)
