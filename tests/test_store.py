"""A store of results: whole after a crash at any moment, whoever reads it."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem import Store
from assocmem.parts import Section
from assocmem.store import provenance
from tests.oracles import properties

SECTION = Section("module.work", "1", (("dim", "number"), ("model", "string")))
OTHER = Section("module.work", "2", (("dim", "number"), ("model", "string")))
ORIGIN = {"python": "3", "date": "2023-10-04"}


class Crash(BaseException):
    """The process ends here: nothing that would come later happens."""


def rows(*entries: tuple[int, str, float | None, str | None]) -> pa.Table:
    columns = zip(*entries, strict=True)
    return pa.table(dict(zip(["dim", "model", "error", "error_message"], columns, strict=True)))


def content(store: Store) -> list[tuple[Any, ...]]:
    table = store.read()
    columns = ["code_version", "dim", "model", "error", "error_message"]
    table = table.astype(object).where(table.notna(), None)
    return sorted(table[columns].itertuples(index=False, name=None), key=str) if len(table) else []


def append(
    store: Store, section: Section, table: pa.Table, origin: dict[str, str] = ORIGIN
) -> None:
    with store.lock():
        store.append(section, table, origin)


def files(store: Store) -> list[Path]:
    return sorted(store.path.glob("*.parquet"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Four files of one section, two of another; one configuration failed, then succeeded."""
    store = Store(tmp_path / "store")
    append(store, SECTION, rows((10, "W", 0.5, None), (20, "W", None, "no")))
    append(store, OTHER, rows((10, "W", 0.7, None)))
    append(store, SECTION, rows((20, "W", None, "no again")))
    append(store, SECTION, rows((20, "W", 0.25, None), (10, "EU", None, "bad")))
    append(store, OTHER, rows((20, "W", 0.6, None)))
    append(store, SECTION, rows((10, "EU", None, "worse")))
    return store


CONTENT = [
    ("1", 10, "EU", None, "worse"),
    ("1", 10, "W", 0.5, None),
    ("1", 20, "W", 0.25, None),
    ("2", 10, "W", 0.7, None),
    ("2", 20, "W", 0.6, None),
]


def test_a_success_counts_before_a_failure_and_a_later_failure_before_an_earlier(
    store: Store,
) -> None:
    assert content(store) == CONTENT
    append(store, SECTION, rows((20, "W", None, "late")))
    assert content(store) == CONTENT


def test_compacting_makes_one_file_of_each_section(store: Store) -> None:
    before = store.read(SECTION)
    store.compact()
    assert len(files(store)) == 2
    assert content(store) == CONTENT
    pd.testing.assert_frame_equal(store.read(SECTION), before)
    names = files(store)
    store.compact()
    assert files(store) == names
    append(store, SECTION, rows((30, "W", 0.1, None)))
    assert len(store.read(SECTION)) == len(before) + 1


def test_the_one_file_is_plain_parquet(store: Store) -> None:
    store.compact()
    tables = [pd.read_parquet(file) for file in files(store)]
    assert [list(table) for table in tables] == [["dim", "model", "error", "error_message"]] * 2
    assert sum(map(len, tables)) == len(CONTENT)


def test_files_are_made_one_when_they_are_many(store: Store) -> None:
    with mock.patch("assocmem.store._MOST_FILES", 6):
        append(store, SECTION, rows((30, "W", 0.1, None)))
    assert len(files(store)) == 2
    assert len(store.read()) == len(CONTENT) + 1


def test_origins_of_all_rows_are_kept(store: Store) -> None:
    append(store, SECTION, rows((30, "W", 0.1, None)), {"python": "4", "date": "2024-05-07"})
    before = store.origins().sort_values(["code_version", "python"], ignore_index=True)
    assert before["python"].tolist() == ["3", "4", "3"]
    assert before["code_version"].tolist() == ["1", "1", "2"]
    store.compact()
    after = store.origins().sort_values(["code_version", "python"], ignore_index=True)
    pd.testing.assert_frame_equal(after, before)


def test_columns_of_different_files_are_brought_together(tmp_path: Path) -> None:
    store = Store(tmp_path)
    section = Section("m.w", "1", (("dim", "number"),))
    append(store, section, pa.table({"dim": [1], "x": [3], "error_message": pa.nulls(1)}))
    append(store, section, pa.table({"dim": [2], "error_message": ["failed"]}))
    append(store, section, pa.table({"dim": [2.5], "x": [0.5], "error_message": pa.nulls(1)}))
    append(store, section, pa.table({"dim": [4], "y": ["a"], "error_message": pa.nulls(1)}))
    for _ in range(2):
        table = store.read(section)
        assert list(table) == ["dim", "x", "y", "error_message"]
        assert table["dim"].tolist() == [1, 2, 2.5, 4]
        assert table["x"].dropna().tolist() == [3, 0.5]
        assert table["y"].dropna().tolist() == ["a"]
        store.compact()


def test_types_that_cannot_be_brought_together_are_not_written(store: Store) -> None:
    before = files(store)
    for other in (store, Store(store.path)):
        with other.lock(), pytest.raises(TypeError, match="differ in type"):
            other.append(SECTION, rows((30, "W", "text", None)), ORIGIN)  # type: ignore[arg-type]
    assert files(store) == before


# Crashes


def crash_at(step: int) -> list[Any]:
    """Patches that end the process at the n-th operation on files, just before it is done."""
    left = [step]
    write_table = pq.write_table

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Crash
            return real(*arguments, **options)

        return operation

    def half(table: pa.Table, file: Any, **options: Any) -> None:
        """Writing is two steps, with half of a file between them."""
        written = io.BytesIO()
        write_table(table, written, **options)
        data = written.getvalue()
        for part in (data[:100], data[100:]):
            counted(file.write)(part)
            file.flush()

    return [
        *(
            mock.patch.object(Path, name, counted(getattr(Path, name)))
            for name in ("open", "replace", "unlink")
        ),
        mock.patch("os.fsync", counted(lambda _: None)),
        mock.patch("pyarrow.parquet.write_table", half),
    ]


@pytest.mark.parametrize("limit", [6, 100])
def test_a_crash_at_any_step_of_writing_loses_and_doubles_nothing(store: Store, limit: int) -> None:
    """With the limit of 6 files, the same call also makes the files of each section one."""
    new = ("1", 30, "W", 0.1, None)
    for step in range(1, 100):
        copy = Store(shutil.copytree(store.path, store.path.with_name(f"{limit}-{step}")))
        patches = [*crash_at(step), mock.patch("assocmem.store._MOST_FILES", limit)]
        try:
            for patch in patches:
                patch.start()
            append(copy, SECTION, rows(new[1:]))  # type: ignore[arg-type]
            crashed = False
        except Crash:
            crashed = True
        finally:
            mock.patch.stopall()
        written = content(Store(copy.path)) == sorted([*CONTENT, new], key=str)
        assert written or (crashed and content(Store(copy.path)) == CONTENT)
        for _ in range(2):  # the next writer cleans up, and adds the row if it is not there
            again = Store(copy.path)
            if not written:
                append(again, SECTION, rows(new[1:]))  # type: ignore[arg-type]
                written = True
            again.compact()
            assert content(again) == sorted([*CONTENT, new], key=str)
            assert sum(pq.read_metadata(f).num_rows for f in files(again)) == len(CONTENT) + 1
            assert not (copy.path / ".new").exists()
        if not crashed:
            break
    assert not crashed
    assert step > (12 if limit == 6 else 3)


def test_a_reader_looks_again_when_files_are_replaced_under_it(store: Store) -> None:
    reader = Store(store.path)
    real = pq.read_table
    compacted = []

    def read(path: Path, **options: Any) -> pa.Table:
        if not compacted:
            compacted.append(True)
            store.compact()
        return real(path, **options)

    with mock.patch("pyarrow.parquet.read_table", read):
        assert content(reader) == CONTENT
    assert compacted


def test_a_damaged_file_is_named(store: Store) -> None:
    first = files(store)[0]
    first.write_bytes(first.read_bytes()[:-10])
    with pytest.raises(ValueError, match=rf"^store = .* is not valid; .*delete {first.name} to"):
        store.read()


def test_other_files_in_the_directory_are_left_alone(store: Store) -> None:
    for name in ("notes.txt", "table.parquet"):
        (store.path / name).write_text("mine")
    store.compact()
    assert content(store) == CONTENT
    assert (store.path / "table.parquet").read_text() == "mine"


# Properties

names = st.text(st.characters(codec="utf-8"), max_size=5)


@given(
    st.lists(
        st.tuples(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False), names, st.booleans()),
        min_size=1, max_size=8,
    ),
    st.integers(1, 3),
)  # fmt: skip
@properties
def test_rows_come_back_as_they_went_in(entries: list[tuple[float, str, bool]], most: int) -> None:
    """A dictionary is the oracle: a success replaces anything, a failure only a failure."""
    import tempfile

    expected: dict[tuple[float, str], tuple[float, str | None]] = {}
    with tempfile.TemporaryDirectory() as directory:
        store = Store(directory)
        with mock.patch("assocmem.store._MOST_FILES", most), store.lock():
            for number, (dim, model, failed) in enumerate(entries):
                value, reason = (None, f"reason {number}") if failed else (float(number), None)
                store.append(SECTION, rows((dim, model, value, reason)), ORIGIN)  # type: ignore[arg-type]
                old = expected.get((dim, model), (0, "none"))
                if not failed or old[1] is not None:
                    expected[dim, model] = (number, reason)
        found = {
            (row.dim, row.model): (row.error, row.error_message)
            for row in store.read(SECTION).itertuples()
        }
        assert set(found) == set(expected)
        for key, (number, reason) in expected.items():
            assert found[key][1] == reason if reason else found[key][0] == number


def test_provenance_names_versions_and_a_date() -> None:
    import numpy as np
    import torch

    found = provenance()
    assert found["numpy"] == np.__version__
    assert torch.__version__.startswith(found["torch"].split("+")[0])
    assert pd.Timestamp(found["date"]).utcoffset() == pd.Timedelta(0)
