"""Proposition 1 beside simulation: the exact sum, the law, and where the law holds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.model.task import ZipfTask
from assocmem.simulation.trials import simulate_unseen
from assocmem.theory.finite_data import (
    proposition_1_asymptote,
    proposition_1_error,
    proposition_1_remainder,
)
from assocmem.verdicts.tables import summarize, trial_quantiles


def unseen_curves(
    tasks: Sequence[ZipfTask], n_samples: Sequence[int], *, trials: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulated mass of the unseen tokens for several tasks, beside its exact mean and the law.

    Args:
        tasks: the tasks, with different α > 1.
        n_samples: sizes T.
        trials: number of independent data sets of each task.
        seed: of the random generator, which gives a child to each task.

    Returns:
        The table of `simulate_unseen` with the column ``alpha``; and one row per task and T: columns
        ``n_samples``, ``mean``, ``std``, ``sem``, ``trials``, ``alpha``, ``low`` and ``high``
        (`trial_quantiles`), ``exact`` and ``law``.

    Example:
        >>> task = ZipfTask(2.0, float("inf"), 5)
        >>> runs, curves = unseen_curves([task], [10, 100], trials=4, seed=0)
        >>> (len(runs), len(curves))
        (8, 2)
    """
    runs, curves = [], []
    generators = np.random.default_rng(seed).spawn(len(tasks))
    for task, rng in zip(tasks, generators, strict=True):
        table = simulate_unseen(task, n_samples, trials=trials, rng=rng)
        curve = summarize(table, by=["n_samples"]).assign(alpha=task.alpha)
        curve = curve.merge(trial_quantiles(table, by=["n_samples"]))
        curve["exact"] = proposition_1_error(task, curve["n_samples"])
        curve["law"] = proposition_1_asymptote(task.alpha, curve["n_samples"])
        runs.append(table.assign(alpha=task.alpha))
        curves.append(curve)
    return pd.concat(runs, ignore_index=True), pd.concat(curves, ignore_index=True)


def law_and_range(alpha: float, n_samples: ArrayLike, vocabularies: Sequence[int]) -> pd.DataFrame:
    """The law of the unseen mass with its remainder and its next order, and finite vocabularies.

    Args:
        alpha: Zipf exponent α > 1.
        n_samples: sizes T, shape (n,).
        vocabularies: finite numbers of tokens N.

    Returns:
        One row per T: columns ``n_samples``, ``law``, ``below`` and ``above`` (the ends of the
        remainder), ``second_order`` (the predicted ratio of error and law), and the exact error as
        ``N = …`` for each N and as ``N = inf``.

    Example:
        >>> table = law_and_range(2.0, [10, 1000], [10])
        >>> [round(float(x), 4) for x in table["N = inf"] / table["law"]]
        [0.9655, 0.9996]
    """
    sizes = np.asarray(n_samples)
    table = pd.DataFrame({"n_samples": sizes, "law": proposition_1_asymptote(alpha, sizes)})
    table["below"], table["above"] = proposition_1_remainder(alpha, sizes)
    table["second_order"] = 1 - (1 - 1 / alpha) * (2 - 1 / alpha) / (2 * sizes)
    for n_tokens in (*vocabularies, np.inf):
        error = proposition_1_error(ZipfTask(alpha, n_tokens, 1), sizes)
        table[f"N = {n_tokens}"] = error
    return table
