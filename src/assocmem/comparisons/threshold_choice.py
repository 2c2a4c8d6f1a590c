"""How many tokens to store: the best threshold beside its asymptote, and beside other choices."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from assocmem.exact.law import expected_errors
from assocmem.exact.thresholds import best_threshold
from assocmem.model.schemes import PerDimension, threshold
from assocmem.model.task import ZipfTask
from assocmem.theory.crowding import stored_error
from assocmem.theory.with_threshold import best_threshold_asymptote

#: P/d of the thresholds that grow with d and are compared with the best one.
SHARES = {"P = d": 1, "P = d/2": 1 / 2, "P = d/8": 1 / 8}
#: The schemes of these thresholds, with equal weights.
PROPORTIONAL = {name: threshold(PerDimension(share)) for name, share in SHARES.items()}


def best_thresholds(
    task: ZipfTask, dims: Sequence[int], *, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The best threshold by the exact law, and by the balance of what one more token saves and costs.

    Args:
        task: the task, M ≥ 2 and N infinite.
        dims: dimensions d > 1.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Returns:
        As `best_threshold`, with the columns ``n_outputs`` (M) and ``asymptote``, the P of
        `best_threshold_asymptote`.

    Example:
        >>> task, rng = ZipfTask(2.0, math.inf, 5), np.random.default_rng(0)
        >>> best_thresholds(task, [1000], draws=256, rng=rng)["asymptote"].round().tolist()
        [179.0]
    """
    table = best_threshold(task, dims, draws=draws, rng=rng)
    asymptote = best_threshold_asymptote(task, table["dim"])[0]
    return table.assign(n_outputs=task.n_outputs, asymptote=asymptote)


def among_the_best(table: pd.DataFrame, factor: float = 1.0) -> np.ndarray:
    """Where ``factor`` times the asymptote costs at most 1 % more than the best threshold.

    Thresholds are multiples of M, so M tokens more or less are allowed.

    Args:
        table: as `best_thresholds` returns it.
        factor: other than 1 for a wrong law.

    Returns:
        Booleans, one for each row.

    Example:
        >>> row = {"low": [20], "high": [30], "n_outputs": [5], "asymptote": [26.0]}
        >>> [among_the_best(pd.DataFrame(row), factor).item() for factor in (1, 2)]
        [True, False]
    """
    value, slack = factor * table["asymptote"], table["n_outputs"]
    return np.asarray((table["low"] - slack <= value) & (value <= table["high"] + slack))


def far_thresholds(alphas: Sequence[float], *, draws: int, seed: Sequence[int]) -> pd.DataFrame:
    """The table of `best_thresholds` at d = 1000, 10,000 and 100,000, M = 5, of several exponents.

    Args:
        alphas: Zipf exponents α > 1; N is infinite.
        draws: number of draws of the exact law.
        seed: seed of the draws, which all α share.

    Example:
        >>> bool(among_the_best(far_thresholds([2.0], draws=64, seed=[0])).all())
        True
    """
    tables = []
    for alpha in alphas:
        task, rng = ZipfTask(alpha, math.inf, 5), np.random.default_rng(seed)
        tables.append(best_thresholds(task, [1000, 10_000, 100_000], draws=draws, rng=rng))
    return pd.concat(tables, ignore_index=True)


def threshold_choices(
    task: ZipfTask, dims: Sequence[int], *, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The exact law of thresholds in proportion to d: equal weights, and weights that decay a little.

    Args:
        task: the task, M ≥ 2 and N infinite.
        dims: dimensions d ≥ 1.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Returns:
        The table of `expected_errors` for `PROPORTIONAL` and for 2ρα = 0.4 at P = d/2, with the
        column ``floor``, what is left of the error as d → ∞ (NaN for the decaying weights).

    Example:
        >>> task, rng = ZipfTask(2.0, math.inf, 5), np.random.default_rng(0)
        >>> threshold_choices(task, [100], draws=64, rng=rng)["scheme"].tolist()
        ['P = d', 'P = d/2', 'P = d/8', '2ρα = 0.4']
    """
    decay = {"2ρα = 0.4": threshold(PerDimension(1 / 2), 0.2 / task.alpha)}
    table = expected_errors(task, PROPORTIONAL | decay, dims, draws=draws, rng=rng)
    floors = {k: float(stored_error(task.n_outputs, c, 1)) for k, c in SHARES.items()}
    return table.assign(floor=table["scheme"].map(floors))
