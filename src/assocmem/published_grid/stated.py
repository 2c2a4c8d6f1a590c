"""What the book states of the grid, at the paper's own settings: each difference, and under a wrong
law.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assocmem.published_grid.published import pair_published
from assocmem.published_grid.results import gap, tuned
from assocmem.published_grid.runs import GRID, grid_errors
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.tables import rows_at

_W: dict[str, Any] = {"model": "W", "layer_norm": False}


def stated_gaps(runs: pd.DataFrame) -> dict[str, tuple[Estimate, Estimate]]:
    """Differences of mean errors that the book states to be at most 0, with those of a wrong law.

    Args:
        runs: all runs, as `load_grid` returns them.

    Returns:
        By the id of the claim: batches of 16 (γ = 1) against those of 1024 (γ = 10) after T = 1024
        samples (at equal numbers of steps); γ = 100 against 10 for SGD on W (on E and U); tuned
        Adam against tuned SGD (at d = 10 alone); layer norm for Adam on W at γ = 1 (at γ = 10) and
        for SGD on W at γ = 1 (at γ = 100).

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> gaps = stated_gaps(load_grid())
        >>> [gap.value < 0 for gap in gaps["grid.adam"]]
        [True, False]
    """
    Settings = dict[str, Any]
    best = tuned(runs)
    adam, sgd = {**_W, "optimizer": "Adam"}, {**_W, "optimizer": "SGD"}
    small: Settings = {"batch_size": 16, "learning_rate": 1.0, "n_samples": 1024}
    large: Settings = {"batch_size": 1024, "learning_rate": 10.0, "n_samples": 1024}
    more = {**large, "n_samples": 102_400}  # as many steps as the small batches make
    steps: Settings = {**sgd, "n_samples": 10_240, "batch_size": 64}
    rates: tuple[Settings, Settings] = {"learning_rate": 100.0}, {"learning_rate": 10.0}
    tuned_at: Settings = {"n_samples": 10_240, "batch_size": 256}
    normed: Settings = {"model": "W", "n_samples": 10_240, "batch_size": 1024}
    found = {
        "grid.small-batches": (gap(runs, small, large, **adam), gap(runs, small, more, **adam)),
        "grid.large-steps": tuple(
            gap(runs, *rates, **{**steps, "model": model}) for model in ("W", "EU")
        ),
        "grid.adam": tuple(gap(best, adam, sgd, **tuned_at, **at) for at in ({}, {"dim": 10})),
    }
    for name, optimizer, larger in (("adam", "Adam", 10.0), ("w", "SGD", 100.0)):
        found[f"grid.layer-norm-{name}"] = tuple(
            gap(
                runs, {"layer_norm": True}, {"layer_norm": False},
                **normed, optimizer=optimizer, learning_rate=rate,
            )
            for rate in (1.0, larger)
        )  # fmt: skip
    return {name: (stated, wrong) for name, (stated, wrong) in found.items()}


def learned_gaps(runs: pd.DataFrame, model: str) -> list[Estimate]:
    """The error of learned embeddings with d = 10 minus that of W alone with d = 1000, for each T.

    SGD in batches of 16 with γ = 1, without layer norm.

    Args:
        runs: all runs, as `load_grid` returns them.
        model: what is trained, ``"EU"`` or ``"EWU"``.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> [gap.value < 0 for gap in learned_gaps(load_grid(), "EWU")]
        [True, True, True]
    """
    fixed: dict[str, Any] = {
        "optimizer": "SGD",
        "layer_norm": False,
        "batch_size": 16,
        "learning_rate": 1.0,
    }
    one, other = {"model": model, "dim": 10}, {"model": "W", "dim": 1000}
    return [gap(runs, one, other, **fixed, n_samples=count) for count in GRID["n_samples"]]


def diverged_shares(runs: pd.DataFrame, *models: str) -> list[Estimate]:
    """The share of SGD runs without layer norm that diverged, at γ = 10 and at γ = 100, over seeds.

    Args:
        runs: all runs, as `load_grid` returns them.
        *models: what is trained.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> [round(share.value, 2) for share in diverged_shares(load_grid(), "EU", "EWU")]
        [0.35, 0.46]
    """
    fixed: dict[str, Any] = {"optimizer": "SGD", "layer_norm": False, "model": list(models)}
    parts = [rows_at(runs, **fixed, learning_rate=rate) for rate in (10.0, 100.0)]
    return [estimate_mean(part.groupby("seed")["diverged"].mean()) for part in parts]


def diverged_kinds(runs: pd.DataFrame, *models: str) -> NDArray[np.bool_]:
    """Which of the diverged runs are of SGD with γ of 10 or more, without layer norm.

    Args:
        runs: all runs, as `load_grid` returns them.
        *models: what they train.

    Returns:
        One entry per diverged run.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> bool(diverged_kinds(load_grid(), "EU", "EWU").all())
        True
    """
    lost = runs[runs["diverged"]]
    kind = (lost["optimizer"] == "SGD") & ~lost["layer_norm"] & (lost["learning_rate"] >= 10)
    return (kind & lost["model"].isin(models)).to_numpy()


def best_at_edge(runs: pd.DataFrame, optimizer: str) -> NDArray[np.bool_]:
    """Whether the published choice of step size, that of least error, is the largest of the grid.

    On W, with batches of 256 and T = 10,240, without layer norm.

    Args:
        runs: all runs, as `load_grid` returns them.
        optimizer: ``"SGD"`` or ``"Adam"``.

    Returns:
        One entry per dimension and seed.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> bool(best_at_edge(load_grid(), "SGD").all())
        True
    """
    rows = rows_at(runs, **_W, n_samples=10_240, batch_size=256, optimizer=optimizer)
    best = rows.groupby(["dim", "seed"])["error"].idxmin()
    return (rows.loc[best, "learning_rate"] == max(GRID["learning_rate"])).to_numpy()


def rerun_sample() -> pd.DataFrame:
    """Three cells of SGD on W, run here and now with the published seeds, beside the published errors.

    Returns:
        As `pair_published` does.

    Example:
        >>> sorted(rerun_sample()["dim"].unique().tolist())
        [50, 200, 1000]
    """
    cells = ((50, 256, 1.0, 10_240), (200, 64, 0.1, 1024), (1000, 1024, 100.0, 1024))
    runs = [
        grid_errors("W", "SGD", False, dim, size, [rate], [count], range(42, 52)).assign(
            **_W, optimizer="SGD", dim=dim, batch_size=size
        )
        for dim, size, rate, count in cells
    ]
    return pd.concat([pair_published(each) for each in runs], ignore_index=True)
