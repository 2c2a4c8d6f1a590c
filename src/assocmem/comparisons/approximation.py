"""The weights that descent leaves, beside what is stated of them and under a wrong law."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.arrays import Array
from assocmem.comparisons.gradient import RIVALS
from assocmem.theory.gradient import (
    effective_rho,
    figure_5_slopes,
    gradient_step,
    local_exponents,
)
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.tables import summarize

#: In which cases something holds, and in which it would under a wrong law.
Cases = tuple[ArrayLike, ArrayLike]
#: In what the published program of Figure 5 differs from the text, as arguments of `figure_5_slopes`.
FIGURE_5_PROGRAM: dict[str, Any] = {
    "shift": 2, "truncate": True, "at_most": 100, "before": 1, "n_outputs": 11
}  # fmt: skip


def step_points(outputs: ArrayLike, before: ArrayLike, right: int) -> dict[str, Array]:
    """Where W e_x is before and after a step with γ = 1, and the mean of the wrong outputs.

    Args:
        outputs: the u, shape (M, d).
        before: W e_x, shape (d,).
        right: the right output, from 0 to M − 1.

    Returns:
        ``before``, ``after`` and ``wrong``, shape (d,) each.

    Example:
        >>> points = step_points([[1.0], [-1.0]], [0.0], 0)
        >>> {name: point.tolist() for name, point in points.items()}
        {'before': [0.0], 'after': [1.0], 'wrong': [-1.0]}
    """
    start = np.asarray(before, dtype=float)
    step, wrong = gradient_step(outputs, start, right, 1.0)
    return {"before": start, "after": start + step, "wrong": wrong}


def descent_curves(tables: Mapping[tuple[int, float, int], pd.DataFrame]) -> pd.DataFrame:
    """The mean errors of several descents, a panel for each; of the first one run alone.

    Args:
        tables: tables of `train` by dimension, learning rate and batch size.

    Returns:
        The columns of `summarize` for each ``learner`` and ``step``, and ``panel``.

    Example:
        >>> table = {"learner": "SGD on W", "step": 1, "trial": [0, 1], "error": [0.5, 0.3]}
        >>> both = {(9, 1.0, 1): pd.DataFrame(table), (9, 1.0, 10): pd.DataFrame(table)}
        >>> descent_curves(both)[["panel", "mean"]].to_numpy().tolist()
        [['d = 9, γ = 1, one run', 0.5], ['d = 9, γ = 1, batch 10', 0.4]]
    """
    curves: list[pd.DataFrame] = []
    for (dim, rate, size), table in tables.items():
        shown, name = table, f"batch {size}"
        if not curves:
            shown, name = table[table["trial"] == 0], "one run"
        means = summarize(shown, by=["learner", "step"])
        curves.append(means.assign(panel=f"d = {dim}, γ = {rate:g}, {name}"))
    return pd.concat(curves, ignore_index=True)


def exponent_table(
    learning_rates: Sequence[float], n_outputs: int, n_steps: int, ratio: float
) -> pd.DataFrame:
    """The local exponents of the weights for several learning rates.

    Args:
        learning_rates: γ > 0.
        n_outputs: M ≥ 2.
        n_steps: largest number of draws n.
        ratio: the greater n of a pair over the smaller one, > 1.

    Returns:
        Columns ``learning_rate``, ``gain`` (γn) and ``rho``.

    Source: Derived in the book.

    Example:
        >>> exponent_table([1e-3], 10, 100, 1.25)["rho"].round(2).unique().tolist()
        [1.0]
    """
    tables = []
    for rate in learning_rates:
        gain, rho = local_exponents(rate, n_outputs, n_steps, ratio)
        tables.append(pd.DataFrame({"learning_rate": rate, "gain": gain, "rho": rho}))
    return pd.concat(tables, ignore_index=True)


def exponent_cases(learning_rate: float, n_steps: int) -> Cases:
    """Where the local exponent for M = 10 is that of small steps to a thousandth; and that for M = 11.

    Args:
        learning_rate: γ > 0.
        n_steps: largest number of draws n.

    Returns:
        Booleans as stated and under the wrong law, shape (k,) both.

    Example:
        >>> stated, wrong = exponent_cases(0.01, 1000)
        >>> bool(np.all(stated)), bool(np.all(wrong))
        (True, False)
    """
    gained, exponents = local_exponents(learning_rate, 10, n_steps)
    stated, wrong = (np.abs(exponents - effective_rho(gained, m)) < 0.001 for m in (10, 11))
    return stated, wrong


def figure_5_programs() -> pd.DataFrame:
    """The slopes of Figure 5 by the text, with each change of the published program, and with all.

    Returns:
        One row per program, the text's being ``this chapter``, one column per learning rate.

    Source: Figure 5 of the paper, and its program.

    Example:
        >>> figure_5_programs().loc["all five"].round(2).tolist()
        [0.97, 0.81, 0.4]
    """
    programs: dict[str, dict[str, Any]] = {"this chapter": {}}
    programs |= {f"{name} = {value}": {name: value} for name, value in FIGURE_5_PROGRAM.items()}
    programs["all five"] = FIGURE_5_PROGRAM
    programs["all but at_most"] = FIGURE_5_PROGRAM | {"at_most": None}
    slopes = {name: figure_5_slopes(**changes) for name, changes in programs.items()}
    columns = ["γ = 0.001", "γ = 0.1", "γ = 1"]
    return pd.DataFrame.from_dict(slopes, orient="index", columns=columns)


def nearer_by(gaps: Mapping[str, Array]) -> tuple[list[Estimate], list[Estimate]]:
    """By how much one memory is farther from SGD than the powers n^0.4 and √n, at each learning rate.

    Args:
        gaps: distances of the errors, as `error_gaps` returns them.

    Returns:
        The mean differences, negative where it is nearer, of the approximation, and of equal weights
        of all tokens that were seen.

    Example:
        >>> gaps = {"approximation": 0.1, "n^0.4": 0.3, "√n": 0.2, "1 if seen": 0.6}
        >>> found = nearer_by({name: np.full((1, 4), gap) for name, gap in gaps.items()})
        >>> [[round(each.value, 1) for each in part] for part in found]
        [[-0.2, -0.1], [0.3, 0.4]]
    """
    *powers, seen = RIVALS
    stated, wrong = (
        [estimate_mean(row) for power in powers for row in gaps[name] - gaps[power]]
        for name in ("approximation", seen)
    )
    return stated, wrong
