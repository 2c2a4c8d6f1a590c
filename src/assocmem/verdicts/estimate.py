"""Estimates with confidence intervals, and the comparison of many of them at one false-failure
rate.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from assocmem.parameters import Integer, Real, refuse


@dataclass(frozen=True)
class Estimate:
    """A number known up to a confidence interval.

    Args:
        value: the point estimate.
        low: lower end of the interval.
        high: upper end of the interval.
        level: confidence level of the interval.

    Example:
        >>> print(Estimate(0.5, 0.4, 0.61, level=0.99))
        0.5 (99% interval 0.4 to 0.61)
    """

    value: float
    low: float
    high: float
    level: float

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.level:.0%} interval {self.low:.4g} to {self.high:.4g})"

    def __truediv__(self, divisor: float) -> Self:
        """The estimate of the quantity over a known positive number."""
        return type(self)(self.value / divisor, self.low / divisor, self.high / divisor, self.level)


def estimate_mean(samples: ArrayLike, level: float = 0.99) -> Estimate:
    """The mean of independent samples with Student's interval.

    Args:
        samples: shape (n,), n ≥ 2.
        level: confidence level.

    Example:
        >>> estimate_mean([1.0, 2.0, 3.0]).value
        2.0
    """
    Real(above=0, below=1).check("level", level)
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise refuse("samples", f"array of shape {values.shape}", "one axis, at least 2 entries")
    if not np.isfinite(values).all():
        raise refuse("samples", values[~np.isfinite(values)][0], "finite")
    half = stats.t.ppf((1 + level) / 2, len(values) - 1) * stats.sem(values)
    mean = float(values.mean())
    return Estimate(mean, mean - float(half), mean + float(half), level)


def agree(
    means: ArrayLike, sems: ArrayLike, expected: ArrayLike, trials: int, false_failure: float = 0.01
) -> NDArray[np.bool_]:
    """Which simulated means agree with their expected values.

    Each of n means has a Student interval of level 1 − ``false_failure``/n (Bonferroni), so that if
    all expected values are right, any one of them is refused with a probability of at most
    ``false_failure``.

    Args:
        means: simulated means, shape (n,).
        sems: their standard errors, shape (n,).
        expected: exact values, shape (n,).
        trials: number of independent trials behind each mean, ≥ 2.
        false_failure: probability to refuse anything where all is right.

    Returns:
        Shape (n,). Deviations below 10⁻¹² agree always: a mean without spread has no interval.
    """
    Integer(2).check("trials", trials)
    deviations = np.abs(np.asarray(means) - np.asarray(expected))
    critical = stats.t.ppf(1 - false_failure / (2 * deviations.size), trials - 1)
    return deviations <= critical * np.asarray(sems) + 1e-12
