"""Estimates with confidence intervals: the mean of independent samples, bounded or not."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import brentq

from assocmem.arrays import Array
from assocmem.parameters import Real, refuse
from assocmem.verdicts.betting import unit_samples, wealth

Support = tuple[float, float]
#: The part of a false-failure rate that is spent on intervals which hold it only to second order.
CAUTION = 2 / 3


@dataclass(frozen=True)
class Estimate:
    """A number known up to a confidence interval.

    Args:
        value: the point estimate.
        low: lower end of the interval, −∞ where nothing is known.
        high: upper end of the interval.
        level: confidence level of the interval.

    Raises:
        ValueError: unless low ≤ value ≤ high (NaN is neither).

    Example:
        >>> print(Estimate(0.5, 0.4, 0.61, level=0.99))
        0.5 (99% interval 0.4 to 0.61)
    """

    value: float
    low: float
    high: float
    level: float

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise refuse("value", self.value, f"{self.low} to {self.high}, the interval")

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.level:.0%} interval {self.low:.4g} to {self.high:.4g})"

    def __truediv__(self, divisor: float) -> Self:
        """The estimate of the quantity over a known positive number."""
        Real(above=0).check("divisor", divisor)
        return type(self)(self.value / divisor, self.low / divisor, self.high / divisor, self.level)


def estimate_mean(
    samples: ArrayLike, level: float = 0.99, support: Support | None = None
) -> Estimate:
    r"""The mean of independent samples with a confidence interval.

    Without ``support``: Student's interval, corrected for skewness by Hall's cubic. With the mean m,
    its standard error s, the estimated skewness g and a = g/(3√n), the statistic
    :math:`t + a t^2 + a^2 t^3/3 + a/2`, :math:`t = (m - \mu)/s`, is nearly symmetric; it is monotone
    in t, and solved for μ at Student's quantiles. Samples without any spread have an infinite
    interval, for nothing is known about what was not seen.

    With ``support``: all means whose `wealth` stays below 2/(1 − level) on both sides, which holds
    the level whatever the law of the samples, rare events that did not occur included.

    Args:
        samples: shape (n,), n ≥ 2.
        level: confidence level.
        support: smallest and largest value that a sample can have at all.

    Source:
        P. Hall, "On the removal of skewness by transformation", J. R. Statist. Soc. B 54 (1992).

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
    mean = math.fsum(values) / len(values)
    if support is not None:
        low, high = _bounded_interval(values, level, support)
    else:
        low, high = mean_interval(values, level)
    return Estimate(mean, min(low, mean), max(high, mean), level)


def mean_interval(values: Array, level: float) -> tuple[float, float]:
    """The interval of `estimate_mean` for samples of unknown support, shape (n,), n ≥ 2."""
    n, mean = len(values), float(values.mean())
    spread = float(values.std(ddof=1))
    if spread <= 1e-14 * abs(mean):  # rounding alone
        return -math.inf, math.inf
    a = float(np.mean((values - mean) ** 3)) / spread**3 / (3 * math.sqrt(n))
    quantile = float(stats.t.ppf((1 + level) / 2, n - 1))
    low, high = (
        z if abs(a) < 1e-9 else (math.cbrt(1 + 3 * a * (z - a / 2)) - 1) / a
        for z in (quantile, -quantile)
    )
    return mean - low * spread / math.sqrt(n), mean - high * spread / math.sqrt(n)


def _bounded_interval(values: Array, level: float, support: Support) -> tuple[float, float]:
    """All means that no bet of 2/(1 − level) to one refuses."""
    least, most = support
    unit, needed = unit_samples(values, support), math.log(2 / (1 - level))

    def lowest(x: Array) -> float:
        """The least mean that is not refused by bets on a larger one; the wealth falls with it."""
        excess: Callable[[float], float] = lambda m: float(wealth(x, m)) - needed  # noqa: E731
        top = float(x.mean())
        tiny = min(1e-15, top / 2)
        if top == 0 or excess(tiny) <= 0:
            return 0.0
        return math.exp(brentq(lambda u: excess(math.exp(u)), math.log(tiny), math.log(top)))

    low, high = lowest(unit), 1 - lowest(1 - unit)
    return least + (most - least) * low, least + (most - least) * high
