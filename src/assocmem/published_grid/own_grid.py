"""The experiment of the published grid on a grid of one's own.

Apart from `grid_errors`: what a stored run depends on ends with that function, and has no part in how runs are spread.
"""

from collections.abc import Sequence

import pandas as pd

from assocmem.published_grid.runs import GRID, grid_cost, grid_errors
from assocmem.sweeps.engine import sweep


def run_grid(
    dims: Sequence[int],
    batch_sizes: Sequence[int],
    learning_rates: Sequence[float],
    n_samples: Sequence[int],
    seeds: int,
    *,
    jobs: int | None = None,
) -> pd.DataFrame:
    """Run all models and optimizers, with and without layer norm, on a grid of one's own.

    Args:
        dims: dimensions d.
        batch_sizes: samples in a batch.
        learning_rates: γ.
        n_samples: sample sizes T, multiples of every batch size.
        seeds: how many runs of each cell, with the seeds 42, 43, ….
        jobs: number of processes; None means one for each core, 1 this process itself.

    Returns:
        One row per run, as `load_grid` returns them.

    Example:
        >>> len(run_grid([4], [16], [1.0], [16], seeds=2, jobs=1))
        24
    """
    grid: dict[str, Sequence[str | bool | float | int]] = {
        **GRID, "dim": dims, "batch_size": batch_sizes, "learning_rate": learning_rates,
        "n_samples": n_samples, "seed": range(42, 42 + seeds),
    }  # fmt: skip
    together = ("learning_rate", "n_samples", "seed")
    return sweep(grid_errors, grid, together=together, cost=grid_cost, jobs=jobs)
