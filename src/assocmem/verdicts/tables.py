"""Tables with one row per run: their rows, and their summary over trials."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from assocmem.parameters import refuse
from assocmem.verdicts.estimate import Estimate, estimate_mean


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


def trial_quantiles(
    table: pd.DataFrame,
    by: Sequence[str] = ("scheme", "n_samples", "dim"),
    levels: tuple[float, float] = (0.16, 0.84),
) -> pd.DataFrame:
    """Between which errors most trials of each setting lie: a spread for logarithmic axes.

    Args:
        table: as `simulate_errors` returns it.
        by: the columns that make up a setting.
        levels: the two quantiles, those of ± 1 standard deviation of a normal law unless told.

    Returns:
        Columns ``by``, then ``low`` and ``high``.

    Example:
        >>> runs = pd.DataFrame({"dim": [9, 9, 9], "error": [0.1, 0.2, 0.4]})
        >>> trial_quantiles(runs, by=["dim"], levels=(0, 0.5)).to_numpy().tolist()
        [[9.0, 0.1, 0.2]]
    """
    grouped = table.groupby(list(by), sort=False)["error"]
    low, high = (grouped.quantile(level) for level in levels)
    return pd.DataFrame({"low": low, "high": high}).reset_index()


def by_trial(
    table: pd.DataFrame,
    by: Sequence[str] = ("scheme", "n_samples", "dim"),
    at: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The errors of a table of runs as samples: one row per setting, one column per trial.

    Args:
        table: columns ``trial``, ``error`` and ``by``; the same trials in every setting.
        by: the columns that make up a setting.
        at: the settings that are wanted, one a row in the columns ``by``; all unless given.

    Returns:
        The errors, shape (settings, trials), settings in the order of ``at``, or of ``table``.

    Raises:
        ValueError: if a setting lacks a trial or has it twice, or one that is wanted is missing.

    Example:
        >>> runs = pd.DataFrame({"dim": [9, 5, 9, 5], "trial": [0, 0, 1, 1], "error": [1, 2, 3, 4]})
        >>> by_trial(runs, by=["dim"]).to_numpy().tolist()
        [[1, 3], [2, 4]]
    """
    if at is not None:
        table = at[list(by)].merge(table, on=list(by), how="left")
        if table["trial"].isna().any():
            raise refuse("at", at.to_dict("records"), "settings of the table")
    counts = table.groupby(list(by), sort=False, dropna=False)["trial"].agg(["size", "nunique"])
    trials = table["trial"].nunique()
    if not (counts == trials).all(axis=None):
        raise refuse("table", f"{len(table)} rows", f"each of {trials} trials once in each setting")
    numbers = table.groupby(list(by), sort=False, dropna=False).ngroup()
    samples = table.assign(setting=numbers).pivot(index="setting", columns="trial", values="error")
    return samples.set_axis(counts.index, axis=0)


def estimate_means(
    table: pd.DataFrame,
    by: Sequence[str] = ("scheme", "n_samples", "dim"),
    *,
    at: pd.DataFrame | None = None,
    over: str | None = None,
) -> list[Estimate]:
    """The mean error of each setting, with an interval from its independent trials.

    Args:
        table: as for `by_trial`; batches of the exact law are trials too.
        by: the columns that make up a setting.
        at: the settings that are wanted, as for `by_trial`.
        over: a column of ``table`` to divide the errors by, for ratios to a prediction.

    Returns:
        One estimate for each setting, in the order of ``at``, or of ``table``.

    Example:
        >>> runs = pd.DataFrame({"dim": [9, 5, 9, 5], "trial": [0, 0, 1, 1], "error": [1, 2, 3, 4]})
        >>> [mean.value for mean in estimate_means(runs, by=["dim"])]
        [2.0, 3.0]
    """
    if over is not None:
        table = table.assign(error=table["error"] / table[over])
    return [estimate_mean(errors) for errors in by_trial(table, by, at).to_numpy()]


def compare_law(
    batches: pd.DataFrame,
    runs: pd.DataFrame,
    by: Sequence[str] = ("scheme", "n_samples", "dim"),
) -> pd.DataFrame:
    """The exact law beside the simulation, where there is one: one row per setting of the law.

    Args:
        batches: as `error_batches` returns it.
        runs: as `simulate_errors` returns it, for some of the settings.
        by: the columns that make up a setting.

    Returns:
        Columns ``by``, ``law`` and ``law_sem`` (its standard error), ``simulated`` and ``sem``,
        which are NaN where nothing was simulated.

    Example:
        >>> law = pd.DataFrame({"dim": [9, 9, 5, 5], "error": [0.1, 0.3, 0.4, 0.4]})
        >>> runs = pd.DataFrame({"dim": [5, 5], "error": [0.5, 0.25]})
        >>> compare_law(law, runs, by=["dim"])[["law", "simulated"]].round(3).to_numpy().tolist()
        [[0.2, nan], [0.4, 0.375]]
    """
    keys, columns = list(by), ["mean", "sem"]
    law = summarize(batches, by)[[*keys, *columns]].set_axis([*keys, "law", "law_sem"], axis=1)
    means = summarize(runs, by)[[*keys, *columns]].set_axis([*keys, "simulated", "sem"], axis=1)
    return law.merge(means, on=keys, how="left")


def paired_difference(table: pd.DataFrame, one: Any, other: Any, by: str, **fixed: Any) -> Estimate:
    """The mean error of one choice minus that of another, trial by trial.

    Args:
        table: columns ``trial``, ``error`` and ``by``; each trial once for each choice.
        one: value of the column that makes the choice.
        other: that of the choice to compare with.
        by: the column of choices.
        **fixed: values of other columns; rows that have others are left out.

    Raises:
        ValueError: if a choice is not in the table.

    Example:
        >>> runs = pd.DataFrame({"rate": [1, 1, 9, 9], "trial": [0, 1, 0, 1], "error": [3, 5, 1, 2]})
        >>> paired_difference(runs, 9, 1, "rate").value
        -2.5
    """
    errors = rows_at(table, **fixed).pivot(index="trial", columns=by, values="error")
    for name, value in (("one", one), ("other", other)):
        if value not in errors:
            raise refuse(name, value, f"one of {', '.join(map(str, errors))}")
    return estimate_mean(errors[one] - errors[other])


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
