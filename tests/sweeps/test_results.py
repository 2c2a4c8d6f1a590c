"""What a sweep leaves in its store."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from assocmem import sweep
from assocmem.sweeps import code_version, provenance
from assocmem.sweeps.grid import Call, Grid
from assocmem.sweeps.results import Results
from tests.sweeps import work
from tests.sweeps.work import GRID, TOGETHER, group, one, stored


def results(store: Path, version: str = "1") -> Results:
    return Results(store, group, version, Grid.of(group, GRID, TOGETHER), retry_failed=True)


def rows(value: float) -> dict[Any, dict[str, Any]]:
    call = Grid.of(group, GRID, TOGETHER).calls()[0]
    return {key: {"value": value, "error_message": None} for key in call.combinations()}


def first_call() -> Call:
    return Grid.of(group, GRID, TOGETHER).calls()[0]


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    assert results(tmp_path).add(first_call(), rows(0.1)) == 6
    again = results(tmp_path)
    assert len(again.done) == 6
    assert [row["value"] for row in again._rows.values()] == [0.1] * 6
    assert not results(tmp_path, version="2").done


def test_rows_that_are_there_are_kept(tmp_path: Path) -> None:
    held = results(tmp_path)
    held.add(first_call(), rows(0.1))
    assert held.add(first_call(), rows(0.2)) == 0
    assert {row["value"] for row in stored(tmp_path)} == {0.1}


@pytest.mark.parametrize("damage", [b"", b"\x80\x04", b"text"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    results(tmp_path).add(first_call(), rows(0.1))
    (path,) = tmp_path.rglob("output.pkl")
    path.write_bytes(damage)
    table = sweep(group, GRID, together=TOGETHER, store=tmp_path, jobs=1, version="1")
    assert table["value"].min() > 1
    assert len(stored(tmp_path)) == len(table)


@pytest.mark.parametrize("step", range(1, 8))
def test_a_crash_while_a_group_is_written_leaves_the_old_one_or_the_new_one(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second writing of a group ends at the n-th step that touches the disk."""
    half = dict(list(rows(0.1).items())[:3])
    results(tmp_path).add(first_call(), half)
    count = 0

    def crash(real: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for name in ("open", "mkdir", "makedirs", "replace", "rename"):
            patched.setattr(f"os.{name}", crash(getattr(__import__("os"), name)))
        patched.setattr("builtins.open", crash(open))
        with contextlib.suppress(KeyboardInterrupt):
            results(tmp_path).add(first_call(), rows(0.2))
    found = sorted(row["value"] for row in stored(tmp_path))
    assert found in ([0.1] * 3, [0.1] * 3 + [0.2] * 3)
    results(tmp_path).add(first_call(), rows(0.2))
    assert len(results(tmp_path).done) == 6


def test_one_table_is_left_with_its_provenance(tmp_path: Path) -> None:
    table = sweep(one, GRID, store=tmp_path, jobs=1)
    path = tmp_path / "one.parquet"
    read = pd.read_parquet(path)
    assert list(read) == list(table)
    pd.testing.assert_frame_equal(read[[*GRID, "value"]], table[[*GRID, "value"]])
    assert read["error_message"].isna().all()
    entry = json.loads(pq.read_metadata(path).metadata[b"assocmem"])
    assert entry["work"] == "tests.sweeps.work.one"
    assert entry["code_version"] == code_version(one)
    (origin,) = entry["origins"]
    assert origin["numpy"] == np.__version__
    assert set(origin) == set(provenance())


def test_origins_of_all_rows_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n, date in ((1, "2026-01-01"), (2, "2026-01-02"), (3, "2026-01-02")):
        monkeypatch.setattr("assocmem.sweeps.results.provenance", lambda date=date: {"date": date})
        sweep(work.kind, {"size": list(range(n))}, store=tmp_path, jobs=1)
    entry = json.loads(pq.read_metadata(tmp_path / "kind.parquet").metadata[b"assocmem"])
    assert entry["origins"] == [{"date": "2026-01-01"}, {"date": "2026-01-02"}]


def test_provenance_names_versions_and_a_date() -> None:
    found = provenance()
    assert {"assocmem", "numpy", "torch", "pandas", "python", "platform"} < set(found)
    assert found["date"].endswith("+00:00")
