"""Power laws fitted to simulated errors, with intervals that respect shared draws."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.arrays import Array
from assocmem.parameters import Real, refuse
from assocmem.verdicts.estimate import CAUTION, Estimate, mean_interval
from assocmem.verdicts.tables import rows_at


@dataclass(frozen=True)
class PowerLaw:
    """A fitted law error ≈ constant · x^exponent.

    Args:
        exponent: slope of log(mean error) against log x, by least squares, with its interval.
        constant: the factor in front.
        x_range: smallest and largest x of the fit.
        n_points: number of distinct x of the fit.

    Example:
        >>> law = PowerLaw(Estimate(-1.0, -1.1, -0.9, 0.99), constant=2.0, x_range=(1, 100), n_points=5)
        >>> law([1, 10]).tolist()
        [2.0, 0.2]
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
    x_min: float = 0.0,
    x_max: float = np.inf,
    level: float = 0.99,
) -> PowerLaw:
    r"""Fit the mean error over trials against ``x`` on a log-log scale.

    Points of one trial share their random draws, so a trial is one observation: the slope of the
    log of the mean error is, to first order, the slope at the true errors plus the mean over trials
    i of the slopes of :math:`\mathcal E_i(x) / \bar{\mathcal E}(x)`. Its interval is that of
    `estimate_mean`, a little wider (two thirds of 1 − level), for what the first order leaves out.

    Args:
        table: columns ``trial``, ``error`` and ``x``; one row per trial and x.
        x: name of the column to fit against, ``dim`` or ``n_samples``.
        x_min: smallest x of the fit.
        x_max: largest x of the fit.
        level: confidence level of the interval.

    Returns:
        The fitted law.

    Raises:
        ValueError: if the table holds several curves, fewer than two x or two trials are left, or a
            mean error is zero.

    Example:
        >>> table = pd.DataFrame({"trial": [0, 0, 1, 1], "dim": [1, 10, 1, 10]})
        >>> table["error"] = 1 / table["dim"]
        >>> round(fit_power_law(table, "dim").exponent.value, 6)
        -1.0
    """
    Real(above=0, below=1).check("level", level)
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
    slopes = _slope(log_x, values / values.mean(axis=0))
    low, high = mean_interval(exponent + slopes - slopes.mean(), 1 - CAUTION * (1 - level))
    return PowerLaw(
        exponent=Estimate(exponent, low, high, level),
        constant=float(np.exp(log_mean.mean() - exponent * log_x.mean())),
        x_range=(float(np.exp(log_x[0])), float(np.exp(log_x[-1]))),
        n_points=len(log_x),
    )


def _slope(log_x: np.ndarray, log_y: np.ndarray) -> np.ndarray:
    """Least-squares slope along the last axis."""
    centred = log_x - log_x.mean()
    return np.asarray(log_y @ centred / (centred @ centred))


def fit_exponent(table: pd.DataFrame, x: str, **where: Any) -> Estimate:
    """The exponent of `fit_power_law` for one curve of a table of many.

    Args:
        table: as for `fit_power_law`, with more columns.
        x: name of the column to fit against.
        **where: which rows, as for `rows_at`: a value for a column, or a list of them.

    Example:
        >>> table = pd.DataFrame({"trial": [0, 0, 1, 1], "dim": [1, 10, 1, 10], "scheme": "q"})
        >>> table["error"] = 1 / table["dim"]
        >>> round(fit_exponent(table, "dim", scheme="q").value, 6)
        -1.0
    """
    return fit_power_law(rows_at(table, **where), x).exponent


def near_share(target: float, observed: Estimate, share: float, wrong: float) -> dict[str, Any]:
    """The arguments of `claim_near` for a tolerance that is a share of the target.

    Args:
        target: the exponent to come near.
        observed: the one computed here.
        share: the tolerance over the size of the target.
        wrong: the target of the wrong law.

    Example:
        >>> near_share(-2.0, Estimate(-2.0, -2.1, -1.9, 0.99), 0.04, -1.0)["tolerance"]
        0.08
    """
    Real(at_least=0).check("share", share)
    numbers = {"target": target, "observed": observed, "tolerance": share * abs(target)}
    return {**numbers, "mutant": {"target": wrong}}
