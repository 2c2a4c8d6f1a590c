"""Run every chapter with other seeds and other parameters, and keep the verdicts: `make variations`.

The runs are those of `book/variations.yml`. Each is papermill's, in a process of its own; they go through the sweep
engine, so that an interrupted run goes on, on all cores or on a Dask cluster. A run is done again where its chapter or
the library that it uses has changed.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import papermill

from assocmem import sweep
from assocmem.sweeps import provenance
from tools import profiles
from tools.collect import claims
from tools.execute import environment, kernel_environment, sockets
from tools.files import write_atomically
from tools.layout import BuildError, Tree, run
from tools.parameters import check_values
from tools.plan import notebook_key
from tools.sync import sync

#: Number of seeds that each chapter runs with, from 1 on; the book has seed 0.
SEEDS = 20
#: The chapter that has no seed: its runs start from the published ones.
WITHOUT_SEED = {"11_grid"}


def plan(tree: Tree) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield every run: chapter, what is special about it, and all of its parameters."""
    path = tree.book / "variations.yml"
    entries = profiles.read(path.read_text(encoding="utf-8"), "book/variations.yml")
    smoke = profiles.load(tree, "smoke")
    if entries.keys() != smoke.keys():
        raise BuildError(f"book/variations.yml: expected one entry for each of {', '.join(smoke)}")
    for name, entry in entries.items():
        base = {**smoke[name], **entry.get("base", {})}
        seeds = [{}] if name in WITHOUT_SEED else [{"seed": seed} for seed in range(1, SEEDS + 1)]
        for special in [*seeds, *entry["settings"]]:
            yield name, special, {**base, **special}


def perform(task: str) -> dict[str, Any]:
    """Execute one chapter, and return its verdicts by the ids of its claims, as JSON.

    Args:
        task: JSON with the name of the chapter, its parameters, and a digest of its sources.
    """
    started, tree, asked = os.times(), Tree(), json.loads(task)
    folder = "/tmp" if os.access("/tmp", os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(dir=folder) as scratch,
        environment(kernel_environment(tree, Path(scratch))),
    ):
        executed = papermill.execute_notebook(
            tree.notebooks / f"{asked['chapter']}.ipynb",
            None,
            parameters=asked["parameters"],
            kernel_name="python3",
            progress_bar=False,
            cwd=tree.root,
            config=sockets(Path(scratch)),
        )
    verdicts = {claim["id"]: claim["verdict"] for claim in claims(asked["chapter"], executed)}
    # of this process and of the kernel: user and system
    seconds = sum(after - before for before, after in zip(started[:4], os.times()[:4], strict=True))
    return {"verdicts": json.dumps(verdicts), "seconds": seconds}


def vary(
    tree: Tree, store: Path, *, limit: int | None = None, client: Any = None
) -> list[dict[str, Any]]:
    """Perform all runs, or what is left of them, and return a record of each.

    Args:
        tree: the sources.
        store: where finished runs are kept.
        limit: of each chapter, the first so many runs with a seed and with a setting only.
        client: a Dask client; all cores of this machine without.

    Returns:
        For each run: chapter, special parameters, verdicts by claim, error or None, CPU seconds.
    """
    runs, digests = (
        list(plan(tree)),
        {name: notebook_key(tree, "", name, {}) for name in tree.names()},
    )
    for name in tree.names():
        sync(tree, name)
    if limit is not None:
        kinds = Counter[tuple[str, bool]]()
        numbered = [(kinds.update([k := (one[0], "seed" in one[1])]), kinds[k]) for one in runs]
        runs = [one for one, (_, number) in zip(runs, numbered, strict=True) if number <= limit]
    for name, _, parameters in runs:
        check_values(tree, name, parameters)
    tasks = [
        json.dumps(
            {"chapter": name, "parameters": values, "sources": digests[name]}, sort_keys=True
        )
        for name, _, values in runs
    ]
    table = sweep(perform, {"task": tasks}, store=store, version="1", progress=True, client=client)
    found: dict[Any, dict[Any, Any]] = table.set_index("task").to_dict("index")
    records = []
    for (name, special, _), task in zip(runs, tasks, strict=True):
        row = found[task]
        failed = isinstance(row["error_message"], str)
        records.append(
            {
                "chapter": name,
                "special": special,
                "verdicts": {} if failed else json.loads(row["verdicts"]),
                "error": row["error_message"] if failed else None,
                "seconds": None if failed else round(float(row["seconds"]), 1),
            }
        )
    return records


def main() -> None:
    """Command line: `python -m tools.variations`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dask", metavar="ADDRESS", help="scheduler of an existing Dask cluster")
    parser.add_argument("--limit", type=int, help="so many seeds and settings of each chapter only")
    asked = parser.parse_args()
    tree, client = Tree(), None
    if asked.dask:
        from distributed import Client

        client = Client(asked.dask)  # type: ignore[no-untyped-call]
    records = vary(tree, tree.root / "build" / "variations", limit=asked.limit, client=client)
    seconds = sum(record["seconds"] or 0 for record in records)
    failed = [record for record in records if record["error"]]
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    origin = {**provenance(), "cpu_hours": f"{seconds / 3600:.2f}"}
    origin["commit"] = head.stdout.strip() or "unknown"
    text = json.dumps({"origin": origin, "runs": records}, ensure_ascii=False, indent=0)
    write_atomically(tree.book / "measured" / "variations.json", text + "\n")
    print(f"{len(records)} runs, {seconds / 3600:.2f} hours of CPU, {len(failed)} failed")
    for record in failed:
        print(f"{record['chapter']} {record['special']}: {record['error']}")


if __name__ == "__main__":
    run(main)
