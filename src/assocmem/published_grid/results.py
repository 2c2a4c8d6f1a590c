"""Results of the published grid: our own runs, kept with the module, and how they compare."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from assocmem.parameters import refuse
from assocmem.sweeps.code_versions import code_version
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.tables import rows_at

_DATA = Path(__file__).parent / "data"
#: All runs, written by ``make grid``.
GRID_FILE = _DATA / "grid.parquet"

#: What makes a cell: runs of one cell differ in their seed.
CELL = ["model", "optimizer", "layer_norm", "dim", "batch_size", "learning_rate", "n_samples"]
#: A cell without its learning rate, which is chosen.
UNTUNED = [name for name in CELL if name != "learning_rate"]


def load_grid() -> pd.DataFrame:
    """All 40,320 runs of the published grid, as `grid_errors` computed them.

    Returns:
        One row per run: columns ``model``, ``optimizer``, ``layer_norm``, ``dim``,
        ``batch_size``, ``learning_rate``, ``n_samples``, ``seed``, ``error`` (NaN if the run
        diverged) and ``diverged``.

    Raises:
        ValueError: if the results are not there.

    Example:
        >>> len(load_grid())
        40320
    """
    if not GRID_FILE.is_file():
        raise refuse("GRID_FILE", str(GRID_FILE), "the results of `make grid`")
    return pd.read_parquet(GRID_FILE).astype({"model": str, "optimizer": str})


def grid_origin() -> dict[str, str]:
    """Where the runs of `load_grid` come from, and how their code relates to today's.

    Returns:
        Versions of the software by name, ``date``, the ``commit`` of this repository that computed
        them, its ``code_version`` (that of `grid_errors` then), and ``code_version_today``. Where
        the two differ, the code has been moved or changed since: some cells are computed again by
        the tests, and agree but for rounding.

    Example:
        >>> grid_origin()["runs"]
        '40320'
    """
    import pyarrow.parquet as pq

    from assocmem.published_grid.runs import grid_errors

    entry: dict[str, str] = json.loads(pq.read_metadata(GRID_FILE).metadata[b"assocmem"])
    return {**entry, "code_version_today": code_version(grid_errors)}


def cell_means(table: pd.DataFrame) -> pd.DataFrame:
    """Mean error of the runs of each cell that differ in their seeds only.

    Args:
        table: runs, as `load_grid` returns them.

    Returns:
        One row per cell: its columns, then ``mean``, ``std`` and ``sem`` over the runs that did not
        diverge, ``trials`` (all runs) and ``diverged`` (the share that did).

    Example:
        >>> table = cell_means(load_grid())
        >>> len(table), int(table["trials"].iloc[0])
        (4032, 10)
    """
    groups = table.groupby(CELL, sort=False, observed=True)
    cells = groups["error"].agg(mean="mean", std="std", sem="sem")
    shares = groups["diverged"].agg(trials="size", diverged="mean")
    return pd.DataFrame(cells.join(shares).reset_index())


def tuned(table: pd.DataFrame) -> pd.DataFrame:
    """Each run at the learning rate that is best for the *other* seeds of its cell.

    That is the one of least mean error; one at which another seed diverged is not chosen, unless all
    are such. So no run has a part in the choice of its own learning rate: a rate that is chosen and
    judged by the same runs favours whatever has the larger spread.

    Args:
        table: runs, as `load_grid` returns them, of two seeds or more.

    Returns:
        Rows of ``table``, one for each seed of each cell without its learning rate, with the column
        ``edge``: whether the chosen rate is the smallest or the largest that was tried.

    Example:
        >>> best = tuned(load_grid())
        >>> len(best) * load_grid()["learning_rate"].nunique() == len(load_grid())
        True
    """
    axes = {"index": [*UNTUNED, "seed"], "columns": "learning_rate"}
    lost = table.assign(error=table["diverged"].astype(float)).pivot(**axes, values="error")
    errors = table.pivot(**axes, values="error").fillna(1.0)
    others = [t.groupby(level=UNTUNED, sort=False).transform("sum") - t for t in (errors, lost)]
    seeds = errors.groupby(level=UNTUNED, sort=False).transform("size").iloc[0] - 1
    rank = others[0] / seeds + 2.0 * (others[1] > 0)
    best = rank.idxmin(axis=1).rename("learning_rate").reset_index()
    rates = table["learning_rate"]
    chosen = table.merge(best, on=[*UNTUNED, "seed", "learning_rate"])
    return chosen.assign(edge=chosen["learning_rate"].isin([rates.min(), rates.max()]))


def tuned_means(best: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds of runs that have learning rates of their own.

    Args:
        best: runs, as `tuned` returns them.

    Returns:
        `cell_means` of the cells without their learning rate (NaN), with the column ``edge``: whether
        any of their runs has a rate at the edge of the grid.

    Example:
        >>> table = tuned_means(tuned(load_grid()))
        >>> table["trials"].unique().tolist()
        [10]
    """
    means = cell_means(best.assign(learning_rate=0.0))
    edge = best.groupby(UNTUNED, sort=False, observed=True)["edge"].any().to_numpy()
    return means.assign(learning_rate=float("nan"), edge=edge)


def gap(
    table: pd.DataFrame, one: Mapping[str, Any], other: Mapping[str, Any], **fixed: Any
) -> Estimate:
    """The mean error of one choice minus that of another, compared seed by seed.

    Args:
        table: runs, as `load_grid` or `tuned` returns them.
        one: values of columns that make the choice.
        other: those of the choice to compare with.
        **fixed: values of other columns, for both; a choice has its own where it names the same.

    Returns:
        The difference of the mean errors of all runs that are left, over seeds, with its interval.

    Raises:
        ValueError: if no run is left of either.

    Example:
        >>> gap(load_grid(), {"learning_rate": 10.0}, {"learning_rate": 0.1}, model="W").value < 0
        True
    """
    one_side, other_side = (rows_at(table, **{**fixed, **side}) for side in (one, other))
    return seed_difference(table, one_side, other_side)


def seed_difference(runs: pd.DataFrame, one: pd.DataFrame, other: pd.DataFrame) -> Estimate:
    """The mean error of some cells minus that of others, compared seed by seed.

    Args:
        runs: runs, as `load_grid` returns them.
        one: cells, as `cell_means` returns them, or runs, as `tuned` does.
        other: the cells to compare with.

    Returns:
        The mean over seeds of the difference of the mean errors over cells, with its interval;
        diverged runs have no part in it, nor a seed of which nothing else is left.

    Raises:
        ValueError: if either has no run, or fewer than two seeds are left of both.

    Example:
        >>> runs = load_grid()
        >>> cells = cell_means(rows_at(runs, model="W", learning_rate=0.1))
        >>> seed_difference(runs, cells, cells).value
        0.0
    """
    left = _differences(runs, one, other).dropna()
    if len(left) < 2:
        raise refuse("one and other", f"cells with {len(left)} seeds left", "2 seeds or more")
    return estimate_mean(left)


def _differences(runs: pd.DataFrame, one: pd.DataFrame, other: pd.DataFrame) -> "pd.Series[float]":
    """Those of `seed_difference`, by seed, NaN where nothing is left of a seed."""
    sides = []
    for name, cells in (("one", one), ("other", other)):
        keys = [*CELL, *cells.columns.intersection(["seed"])]
        errors = runs.merge(cells[keys], on=keys).groupby("seed")["error"].mean()
        if errors.empty:
            raise refuse(name, f"{len(cells)} cells", "cells with runs")
        sides.append(errors)
    return sides[0] - sides[1]


def verdict_table(
    runs: pd.DataFrame, comparisons: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]
) -> pd.DataFrame:
    """Which of two choices errs less, at each dimension.

    Args:
        runs: runs, as `load_grid` returns them.
        comparisons: the cells, or runs, of two choices, by a name for the comparison of the first with the
            second.

    Returns:
        One row per comparison, one column per dimension: ``"less"`` or ``"more"`` where the 99 %
        interval of the difference of the errors (`seed_difference`) is on one side of 0, else
        ``"same"``; ``"diverged"`` where fewer than two seeds are left of both.

    Example:
        >>> runs = load_grid()
        >>> slow, fast = (rows_at(runs, model="W", optimizer="SGD", learning_rate=rate) for rate in (0.1, 10.0))
        >>> verdict_table(runs, {"10 against 0.1": (fast, slow)}).iloc[0, -1]
        'less'
    """
    rows = {}
    for name, (one, other) in comparisons.items():
        row = {}
        for dim in sorted(set(one["dim"]) & set(other["dim"])):
            sides = rows_at(one, dim=dim), rows_at(other, dim=dim)
            word = "diverged"
            if _differences(runs, *sides).count() >= 2:
                found = seed_difference(runs, *sides)
                word = "less" if found.high < 0 else "more" if found.low > 0 else "same"
            row[f"d = {dim}"] = word
        rows[name] = row
    return pd.DataFrame(rows).T
