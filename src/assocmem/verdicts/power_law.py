"""Power laws fitted to simulated errors, with bootstrap intervals that respect shared draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from assocmem.arrays import Array
from assocmem.parameters import Integer, Real, refuse
from assocmem.verdicts.estimate import Estimate


@dataclass(frozen=True)
class PowerLaw:
    """A fitted law error ≈ constant · x^exponent.

    Args:
        exponent: slope of log(mean error) against log x, by least squares, with its interval.
        constant: the factor in front.
        x_range: smallest and largest x of the fit.
        n_points: number of distinct x of the fit.
    """

    exponent: Estimate
    constant: float
    x_range: tuple[float, float]
    n_points: int

    def __call__(self, x: ArrayLike) -> Array:
        """The fitted error at ``x``, any shape."""
        return self.constant * np.asarray(x, dtype=float) ** self.exponent.value


def fit_power_law(
    table: pd.DataFrame,
    x: str,
    *,
    rng: np.random.Generator | None = None,
    x_min: float = 0.0,
    x_max: float = np.inf,
    level: float = 0.99,
    resamples: int | None = 2000,
) -> PowerLaw:
    r"""Fit the mean error over trials against ``x`` on a log-log scale.

    Points of one trial share their random draws, so the bootstrap resamples whole trials. Few
    trials that are means of many draws, such as those of `error_batches`, are too few to resample
    but nearly Gaussian: for them ``resamples=None`` gives Student's interval, by the spread over
    trials i of the slopes of :math:`\mathcal E_i(x) / \bar{\mathcal E}(x)`, to which the slope of
    the log mean is linear.

    Args:
        table: columns ``trial``, ``error`` and ``x``; one row per trial and x.
        x: name of the column to fit against, ``dim`` or ``n_samples``.
        rng: source of randomness of the bootstrap; not needed without.
        x_min: smallest x of the fit.
        x_max: largest x of the fit.
        level: confidence level of the interval.
        resamples: number of bootstrap resamples, ≥ 1; None for Student's interval.

    Returns:
        The fitted law.

    Raises:
        ValueError: if the table holds several curves, fewer than two x or two trials are left, a
            mean error is zero, or the bootstrap has no ``rng``.

    Example:
        >>> table = pd.DataFrame({"trial": [0, 0, 1, 1], "dim": [1, 10, 1, 10]})
        >>> table["error"] = 1 / table["dim"]
        >>> law = fit_power_law(table, "dim", rng=np.random.default_rng(0))
        >>> round(law.exponent.value, 6)
        -1.0
    """
    Real(above=0, below=1).check("level", level)
    if resamples is not None:
        Integer(1).check("resamples", resamples)
        if rng is None:
            raise refuse("rng", rng, "a numpy.random.Generator, unless resamples is None")
    if x not in table:
        raise refuse("x", x, f"a column of the table: {', '.join(map(str, table.columns))}")
    if table.duplicated(["trial", x]).any():
        raise refuse("table", f"{len(table)} rows", f"one row per trial and {x}: select one curve")
    kept = table[table[x].between(x_min, x_max)]
    errors = kept.pivot(index="trial", columns=x, values="error")
    log_x = np.log(errors.columns.to_numpy(dtype=float))
    if len(log_x) < 2 or len(errors) < 2:
        raise refuse(f"number of {x} and trials", errors.shape[::-1], "≥ 2 each, for a slope")
    values = errors.to_numpy()
    if not (values.mean(axis=0) > 0).all():
        zeros = errors.columns[~(values.mean(axis=0) > 0)].tolist()
        raise refuse(x, zeros, "where the mean error is > 0")
    log_mean = np.log(values.mean(axis=0))
    exponent = float(_slope(log_x, log_mean))
    if rng is None or resamples is None:
        slopes = _slope(log_x, values / values.mean(axis=0))
        spread = stats.sem(slopes) * stats.t.ppf((1 + level) / 2, len(slopes) - 1)
        low, high = exponent - spread, exponent + spread
    else:
        weights = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), resamples)
        with np.errstate(divide="ignore"):  # a resample may miss every trial with an error
            resampled = np.log(weights @ values / len(values))
        slopes = _slope(log_x, resampled[np.isfinite(resampled).all(axis=1)])
        low, high = np.quantile(slopes, [(1 - level) / 2, (1 + level) / 2])
    return PowerLaw(
        exponent=Estimate(exponent, float(low), float(high), level),
        constant=float(np.exp(log_mean.mean() - exponent * log_x.mean())),
        x_range=(float(np.exp(log_x[0])), float(np.exp(log_x[-1]))),
        n_points=len(log_x),
    )


def _slope(log_x: np.ndarray, log_y: np.ndarray) -> np.ndarray:
    """Least-squares slope along the last axis."""
    centred = log_x - log_x.mean()
    return np.asarray(log_y @ centred / (centred @ centred))
