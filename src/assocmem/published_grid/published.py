"""Published errors of the grid, run by run, beside ours."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assocmem.published_grid.results import CELL
from assocmem.verdicts.estimate import Estimate, estimate_mean

#: Errors of Cabannes, Dohmatob and Bietti (2024), one row per cell, one column per seed; its first
#: lines say where they come from.
PUBLISHED_FILE = Path(__file__).parent / "data" / "published_seeds.csv"
#: Published errors have six digits: nearer than this is the same.
_SIX_DIGITS = 1.1e-6
#: The published figures of the grid, by the names that their panels have here.
PANELS = {
    "step_size": "step size: SGD",
    "adam_tuned": "Adam and SGD, tuned",
    "layer_norm": "layer norm",
    "batch_size": "batch size (titled SGD)",
    "embeddings": "learned embeddings",
}


def load_published() -> pd.DataFrame:
    """Published errors: the cells of five figures, and a sample of 72 others.

    Returns:
        One row per run and panel: columns ``panel`` (a key of `PANELS`, or ``sample``), those of
        the cell, ``seed`` and ``published``, the error.

    Source: Cabannes, Dohmatob, Bietti (2024), the stored results of the grid of Section 4.

    Example:
        >>> len(load_published())
        2120
    """
    wide = pd.read_csv(PUBLISHED_FILE, comment="#")
    long = wide.melt(["panel", *CELL], var_name="seed", value_name="published")
    return long.astype({"seed": int})


def pair_published(runs: pd.DataFrame) -> pd.DataFrame:
    """Published errors beside those of the same cells and seeds here.

    Args:
        runs: runs, as `load_grid` returns them.

    Returns:
        The rows of `load_published` that are among ``runs``, with ``error`` and ``diverged`` of
        ours. A run that diverged has no error here, though it has one there.

    Example:
        >>> from assocmem.published_grid.results import load_grid
        >>> pairs = pair_published(load_grid())
        >>> len(pairs) <= len(load_published()), {"error", "published"} <= set(pairs)
        (True, True)
    """
    return load_published().merge(runs, on=[*CELL, "seed"])


def same_errors(pairs: pd.DataFrame) -> NDArray[np.bool_]:
    """Which runs have the published error, to six digits.

    Args:
        pairs: as `pair_published` returns them.

    Returns:
        One entry per row; False where a run diverged.

    Example:
        >>> pairs = pd.DataFrame({"error": [0.1234561, 0.2], "published": [0.123456, 0.3]})
        >>> same_errors(pairs).tolist()
        [True, False]
    """
    return ((pairs["error"] - pairs["published"]).abs() < _SIX_DIGITS).to_numpy()


def total_excess(pairs: pd.DataFrame) -> Estimate:
    """By how much the errors of all runs together exceed the published ones, in units of these.

    Args:
        pairs: as `pair_published` returns them; a run of two panels counts once.

    Returns:
        The mean of (sum of ours)/(sum of theirs) − 1 over seeds, with its interval.

    Example:
        >>> from assocmem.published_grid.results import load_grid
        >>> excess = total_excess(pair_published(load_grid()))
        >>> abs(excess.value) < 0.01
        True
    """
    once = pairs.drop_duplicates([*CELL, "seed"]).dropna(subset="error")
    sums = once.groupby("seed")[["error", "published"]].sum()
    return estimate_mean(sums["error"] / sums["published"] - 1)


def compare_published(runs: pd.DataFrame) -> pd.DataFrame:
    """Published cells beside ours, seed by seed.

    Args:
        runs: runs, as `load_grid` returns them; those of all ten seeds of a cell, or none.

    Returns:
        One row per published cell that ``runs`` has: the cell; means and standard deviations over
        seeds, ``expected`` and ``published_std`` of the published errors, ``mean`` and ``std`` of
        ours; ``difference``, the mean of ours minus the published ones seed by seed, and ``sem``,
        its standard error; ``same``, how many runs are the same to six digits; ``diverged``, how
        many have no error here, and are left out of all of these; and ``trials``, all runs.

    Source: Cabannes, Dohmatob, Bietti (2024), the grid of Section 4.

    Example:
        >>> from assocmem.published_grid.results import load_grid
        >>> table = compare_published(load_grid())
        >>> len(table), int(table["trials"].min())
        (206, 10)
    """
    both = pair_published(runs).drop_duplicates([*CELL, "seed"])
    both = both.assign(published=both["published"].where(~both["diverged"]))
    both["difference"] = both["error"] - both["published"]
    both["same"] = same_errors(both)
    table = both.groupby(CELL, sort=False, observed=True).agg(
        expected=("published", "mean"), published_std=("published", "std"),
        mean=("error", "mean"), std=("error", "std"),
        difference=("difference", "mean"), sem=("difference", "sem"),
        same=("same", "sum"), diverged=("diverged", "sum"), trials=("seed", "size"),
    ).reset_index()  # fmt: skip
    seeds = load_published()["seed"].nunique()
    return table[table["trials"] == seeds].reset_index(drop=True)


def published_panels(runs: pd.DataFrame) -> pd.DataFrame:
    """What the five published figures of the grid show, theirs beside ours.

    In the figure of tuned step sizes every seed has the one of its own least error, as published.
    That of batch sizes has curves of true SGD besides, which were not published.

    Args:
        runs: all runs, as `load_grid` returns them.

    Returns:
        One row per panel, curve, dimension and seed: columns ``panel`` and ``curve`` (names for the
        reader), ``dim``, ``seed``, ``published`` (NaN where nothing was) and ``error``.

    Example:
        >>> from assocmem.published_grid.results import load_grid
        >>> published_panels(load_grid())["panel"].nunique()
        5
    """
    both = pair_published(runs)
    both = both[both["panel"].isin(PANELS)]
    settings = both.query("panel == 'batch_size'").assign(optimizer="SGD", published=np.nan)
    both = pd.concat([both, settings[["panel", "published", *CELL, "seed"]].merge(runs)])
    names = [_curve_name(dict(row)) for _, row in both.iterrows()]
    both = both.assign(curve=names, panel=both["panel"].map(PANELS))
    axes = ["panel", "curve", "dim", "seed"]
    least = both.groupby(axes, sort=False)[["published", "error"]].min()
    return pd.DataFrame(least.reset_index())


def _curve_name(run: Mapping[str, object]) -> str:
    """What tells the curves of a panel apart."""
    names = {
        "step_size": "γ = {learning_rate:g}",
        "adam_tuned": "{optimizer}",
        "layer_norm": "{optimizer}, layer norm" if run["layer_norm"] else "{optimizer}",
        "batch_size": "{optimizer}, batch {batch_size}, γ = {learning_rate:g}",
        "embeddings": "{model} learned",
    }
    return names[str(run["panel"])].format(**run)
