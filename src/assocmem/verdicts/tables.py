"""Tables with one row per run: their rows, and their summary over trials."""

from collections.abc import Sequence
from typing import Any

import pandas as pd


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
    """
    grouped = table.groupby(list(by), sort=False)["error"]
    return grouped.agg(mean="mean", std="std", sem="sem", trials="count").reset_index()


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
