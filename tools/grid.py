"""Run all of the published grid, and keep its results with the module: `make grid`.

The sweep is stored under `build/grid`, so that an interrupted one goes on where it stopped.
"""

import json
import os
import resource
import subprocess
import time

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assocmem import sweep
from assocmem.published_grid.results import GRID_FILE
from assocmem.published_grid.runs import GRID, grid_cost, grid_errors
from assocmem.sweeps import code_version, provenance
from tools.layout import BuildError, Tree, run

#: Columns with few different values, which take next to no room as dictionaries.
CATEGORIES = ("model", "optimizer")


def write(table: pd.DataFrame, origin: dict[str, str]) -> None:
    """Write the results in one small file, with where they come from in its metadata."""
    narrow = {"dim": "int16", "batch_size": "int16", "n_samples": "int32", "seed": "int16"}
    columns = table.astype({**narrow, **dict.fromkeys(CATEGORIES, "category")})
    arrow = pa.Table.from_pandas(columns, preserve_index=False)
    arrow = arrow.replace_schema_metadata(
        {**arrow.schema.metadata, b"assocmem": json.dumps(origin)}
    )
    part = GRID_FILE.with_suffix(".part")
    GRID_FILE.parent.mkdir(exist_ok=True)
    pq.write_table(arrow, part, compression="zstd", compression_level=19)
    part.replace(GRID_FILE)


def main() -> None:
    """Sweep, check that every run has a result, and write them."""
    start = time.monotonic()
    table = sweep(
        grid_errors,
        GRID,
        store=Tree().root / "build" / "grid",
        together=("learning_rate", "n_samples", "seed"),
        cost=grid_cost,
        progress=True,
    )
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN)
    if table["error_message"].notna().any():
        raise BuildError("some runs failed; see the warning above, and start again")
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    origin = {**provenance(), "commit": head.stdout.strip() or "unknown"}
    origin |= {"code_version": code_version(grid_errors), "runs": str(len(table))}
    write(table.drop(columns="error_message"), origin)
    print(f"{len(table):,} runs in {GRID_FILE}")
    print(f"this start: {(time.monotonic() - start) / 60:.1f} minutes on {os.cpu_count()} cores,")
    print(f"{(seconds.ru_utime + seconds.ru_stime) / 3600:.2f} hours of CPU in finished processes")


if __name__ == "__main__":
    run(main)
