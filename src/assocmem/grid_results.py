"""Results of the published grid: our own runs, kept with the module, and published cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from assocmem.parameters import refuse

__all__ = ["GRID_FILE", "load_grid"]

#: All runs, written by ``make grid``.
GRID_FILE = Path(__file__).parent / "data" / "grid.parquet"


def load_grid() -> pd.DataFrame:
    """All 40,320 runs of the published grid, as `grid_errors` computed them.

    Returns:
        One row per run: columns ``model``, ``optimizer``, ``layer_norm``, ``dim``,
        ``batch_size``, ``learning_rate``, ``n_samples``, ``seed``, ``error`` (NaN if the run
        diverged) and ``diverged``.

    Raises:
        ValueError: if the results are not there.
    """
    if not GRID_FILE.is_file():
        raise refuse("GRID_FILE", str(GRID_FILE), "the results of `make grid`")
    return pd.read_parquet(GRID_FILE)
