"""Results of the published grid: our own runs, kept with the module, and published cells."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from assocmem.parameters import refuse
from assocmem.sweeps.code_versions import code_version
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.tables import rows_at

_DATA = Path(__file__).parent / "data"
#: All runs, written by ``make grid``.
GRID_FILE = _DATA / "grid.parquet"
#: Cells of the grid of Cabannes, Dohmatob and Bietti (2024): mean and standard deviation over seeds.
_PUBLISHED_FILE = _DATA / "published_grid.csv"

#: What makes a cell: runs of one cell differ in their seed.
_CELL = ["model", "optimizer", "layer_norm", "dim", "batch_size", "learning_rate", "n_samples"]


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
    """
    groups = table.groupby(_CELL, sort=False, observed=True)
    cells = groups["error"].agg(mean="mean", std="std", sem="sem")
    shares = groups["diverged"].agg(trials="size", diverged="mean")
    return pd.DataFrame(cells.join(shares).reset_index())


def tuned(table: pd.DataFrame) -> pd.DataFrame:
    """The best learning rate of each cell: that of the least mean error over seeds.

    A learning rate at which a run diverged is not chosen, unless all are such. The published figures
    choose seed by seed, by the error that they then show; that favours whatever has the larger spread.

    Args:
        table: runs, as `load_grid` returns them.

    Returns:
        Rows of `cell_means`, one for each cell without its learning rate, with the column ``edge``:
        whether the best one is the smallest or the largest that was tried.
    """
    cells = cell_means(table)
    rank = cells["mean"].fillna(1.0) + 2.0 * (cells["diverged"] > 0)
    keys = [name for name in _CELL if name != "learning_rate"]
    best = cells.loc[rank.groupby([cells[key] for key in keys], sort=False, observed=True).idxmin()]
    rates = table["learning_rate"]
    return best.assign(edge=best["learning_rate"].isin([rates.min(), rates.max()]))


def compare_published(table: pd.DataFrame) -> pd.DataFrame:
    """Published cells beside ours.

    A diverged run counts with the error of a network that predicts the first class for every token,
    as it does in the published values; means are rounded to six digits, as they are.

    Args:
        table: runs, as `load_grid` returns them; those of all ten seeds of a cell, or none.

    Returns:
        One row per published cell that ``table`` has: the cell, ``expected`` and
        ``published_std`` (published mean and standard deviation), ``mean``, ``std`` (ours),
        ``sem`` (the standard error of the difference, seeds taken as independent) and ``trials``.

    Source: Cabannes, Dohmatob, Bietti (2024), the grid of Section 4.
    """
    first_class = 1 - sum(x**-2.0 for x in range(1, 101, 5)) / sum(x**-2.0 for x in range(1, 101))
    scored = table.assign(error=table["error"].fillna(first_class))
    published = pd.read_csv(_PUBLISHED_FILE)
    published = published.rename(columns={"mean": "expected", "std": "published_std"})
    both = published.merge(cell_means(scored).drop(columns="diverged"), on=_CELL)
    both = both[both["trials"] == both["seeds"]].drop(columns="seeds")
    spread = (both["std"] ** 2 + both["published_std"] ** 2) / both["trials"]
    return both.assign(sem=np.sqrt(spread), mean=both["mean"].round(6)).reset_index(drop=True)


def seed_difference(runs: pd.DataFrame, one: pd.DataFrame, other: pd.DataFrame) -> Estimate:
    """The mean error of some cells minus that of others, compared seed by seed.

    Args:
        runs: runs, as `load_grid` returns them.
        one: cells, as `cell_means` or `tuned` returns them.
        other: the cells to compare with.

    Returns:
        The mean over seeds of the difference of the mean errors over cells, with its interval;
        diverged runs have no part in it.

    Raises:
        ValueError: if either has no run.
    """
    sides = []
    for name, cells in (("one", one), ("other", other)):
        errors = runs.merge(cells[_CELL], on=_CELL).groupby("seed")["error"].mean()
        if errors.empty:
            raise refuse(name, f"{len(cells)} cells", "cells with runs")
        sides.append(errors)
    return estimate_mean(sides[0] - sides[1])


def verdict_table(
    runs: pd.DataFrame, comparisons: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]
) -> pd.DataFrame:
    """Which of two choices errs less, at each dimension.

    Args:
        runs: runs, as `load_grid` returns them.
        comparisons: the cells of two choices, by a name for the comparison of the first with the
            second.

    Returns:
        One row per comparison, one column per dimension: ``"less"`` or ``"more"`` where the 99 %
        interval of the difference of the errors (`seed_difference`) is on one side of 0, else
        ``"same"``.
    """
    rows = {}
    for name, (one, other) in comparisons.items():
        row = {}
        for dim in sorted(set(one["dim"]) & set(other["dim"])):
            found = seed_difference(runs, rows_at(one, dim=dim), rows_at(other, dim=dim))
            row[f"d = {dim}"] = "less" if found.high < 0 else "more" if found.low > 0 else "same"
        rows[name] = row
    return pd.DataFrame(rows).T
