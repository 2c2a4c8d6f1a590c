"""Tables with one row per run: their rows, and their summary over trials."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from assocmem.parameters import refuse


def summarize(
    table: pd.DataFrame, by: Sequence[str] = ("scheme", "n_samples", "dim")
) -> pd.DataFrame:
    """Mean, standard deviation and standard error of the error over trials, one row per setting.

    Args:
        table: as `simulate_errors` returns it.
        by: the columns that make up a setting.

    Returns:
        Columns ``by``, then ``mean``, ``std`` (spread over trials), ``sem`` (= std/√trials) and
        ``trials``.

    Example:
        >>> table = pd.DataFrame({"scheme": "fill", "n_samples": 10, "dim": 5, "error": [0.2, 0.4]})
        >>> summarize(table)["mean"].round(2).tolist()
        [0.3]
    """
    grouped = table.groupby(list(by), sort=False)["error"]
    return grouped.agg(mean="mean", std="std", sem="sem", trials="count").reset_index()


def by_trial(
    table: pd.DataFrame, by: Sequence[str] = ("scheme", "n_samples", "dim")
) -> pd.DataFrame:
    """The errors of a table of runs as samples: one row per setting, one column per trial.

    Args:
        table: columns ``trial``, ``error`` and ``by``; the same trials in every setting.
        by: the columns that make up a setting.

    Returns:
        The errors, shape (settings, trials), settings in the order in which they occur first.

    Raises:
        ValueError: if a setting lacks a trial or has it twice.

    Example:
        >>> runs = pd.DataFrame({"dim": [9, 5, 9, 5], "trial": [0, 0, 1, 1], "error": [1, 2, 3, 4]})
        >>> by_trial(runs, by=["dim"]).to_numpy().tolist()
        [[1, 3], [2, 4]]
    """
    counts = table.groupby(list(by), sort=False, dropna=False)["trial"].agg(["size", "nunique"])
    trials = table["trial"].nunique()
    if not (counts == trials).all(axis=None):
        raise refuse("table", f"{len(table)} rows", f"each of {trials} trials once in each setting")
    numbers = table.groupby(list(by), sort=False, dropna=False).ngroup()
    samples = table.assign(setting=numbers).pivot(index="setting", columns="trial", values="error")
    return samples.set_axis(counts.index, axis=0)


def rows_at(table: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """The rows with these values in these columns.

    Args:
        table: any table.
        **values: a value for each column, or a list, of which any will do.

    Example:
        >>> rows_at(pd.DataFrame({"dim": [10, 20, 30]}), dim=[10, 30])["dim"].tolist()
        [10, 30]
    """
    for name, value in values.items():
        wanted = value if isinstance(value, list | tuple | range) else [value]
        table = table[table[name].isin(list(wanted))]
    return table
