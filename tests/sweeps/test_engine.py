"""What a sweep computes, keeps and refuses; calls run in this process here, for speed."""

import itertools
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem import sweep
from tests.oracles import properties
from tests.sweeps import work as sweep_work
from tests.sweeps.work import GRID, TOGETHER, brittle, group, logged, one, stored


def expected(grid: dict[str, list[Any]]) -> pd.DataFrame:
    """The table of `one` and `group`, by a loop."""
    rows = []
    for values in itertools.product(*grid.values()):
        named = dict(zip(grid, values, strict=True))
        rows.append({**named, "value": sweep_work.value(**named)})
    return pd.DataFrame(rows)


def calls(log: Path) -> list[str]:
    """The calls of `logged`, as task-parts, in the order of their start."""
    noted = sorted((path.name for path in log.iterdir()), key=lambda name: name.split("-")[2])
    return [name.rpartition("-")[0] for name in noted]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    directory = tmp_path / "log"
    directory.mkdir()
    return directory


def log_grid(log: Path, tasks: list[int], parts: list[int]) -> dict[str, list[Any]]:
    return {"log": [str(log)], "task": tasks, "part": parts}


# The table


@pytest.mark.parametrize(("work", "together"), [(one, ()), (group, TOGETHER)])
@pytest.mark.parametrize("stored", [True, False])
def test_one_row_per_configuration_in_the_order_of_the_grid(
    work: Any, together: tuple[str, ...], stored: bool, tmp_path: Path
) -> None:
    store = tmp_path / "store" if stored else None
    for _ in range(2):  # the second time all rows come from the store
        table = sweep(work, GRID, together=together, jobs=1, store=store)
        assert list(table) == [*GRID, "value", "error_message"]
        assert table["error_message"].isna().all()
        pd.testing.assert_frame_equal(table.drop(columns="error_message"), expected(GRID))


@pytest.mark.slow
@given(st.permutations(list(GRID)), st.sets(st.sampled_from(list(GRID))), st.data())
@settings(properties, max_examples=30)  # of 16 sets of axes
def test_any_part_of_a_grid_in_any_grouping(
    names: list[str], together: set[str], data: st.DataObject
) -> None:
    """`work` takes values and lists alike, so that every set of axes can go together."""
    grid = {
        name: data.draw(st.lists(st.sampled_from(GRID[name]), min_size=1, unique=True))
        for name in names
    }
    table = sweep(sweep_work.any_grouping, grid, together=together, jobs=1)
    pd.testing.assert_frame_equal(table.drop(columns="error_message"), expected(grid))


def test_values_may_come_from_arrays_and_ranges() -> None:
    grid = {"task": range(2), "part": np.array([3, 1]), "log": ("/nowhere",)}
    table = sweep(sweep_work.unlogged, grid, together=["part"], jobs=1)
    assert table["value"].tolist() == [3, 1, 103, 101]
    assert table["part"].tolist() == [3, 1, 3, 1]


def test_integers_and_infinity_share_an_axis(tmp_path: Path) -> None:
    for sizes in ([10, math.inf], [10, 20]):
        table = sweep(sweep_work.kind, {"size": sizes}, jobs=1, store=tmp_path)
        assert table["kind"].tolist() == [type(size).__name__ for size in sizes]
        assert table["size"].tolist() == sizes
        assert table["size"].dtype == pd.Series(sizes).dtype
    assert len(stored(tmp_path)) == 3


# The store


def test_only_what_is_missing_is_computed(log: Path, tmp_path: Path) -> None:
    def run(tasks: list[int], parts: list[int]) -> pd.DataFrame:
        return sweep(
            logged, log_grid(log, tasks, parts), together=("part",), store=tmp_path / "store",
            jobs=1,
        )  # fmt: skip

    run([1], [1, 2])
    run([1], [2, 1])
    assert calls(log) == ["1-1.2"]
    table = run([1, 2], [1, 2, 3])
    assert calls(log) == ["1-1.2", "1-3", "2-1.2.3"]
    assert table["value"].tolist() == [101, 102, 103, 201, 202, 203]
    assert len(stored(tmp_path / "store")) == 6


def test_a_group_done_in_part_is_asked_for_its_missing_values_and_never_doubled(
    tmp_path: Path,
) -> None:
    """Missing are (1, 2), (2, 1), (2, 2) of a 2 × 2 group: the smallest box holds all four."""
    store = tmp_path / "store"

    def run(a: list[int], b: list[int]) -> pd.DataFrame:
        grid = {"log": [str(tmp_path)], "a": a, "b": b}
        return sweep(sweep_work.boxed, grid, together=("a", "b"), store=store, jobs=1)

    run([1], [1])
    table = run([1, 2], [1, 2])
    assert table["size"].tolist() == [1, 4, 4, 4]  # the first row is the one that was there
    assert len(stored(store)) == 4


def test_rows_of_another_version_stay_but_are_not_used(log: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    grid = log_grid(log, [1, 2], [1])
    for version in ("1", "2", "1"):
        sweep(logged, grid, together=("part",), store=store, jobs=1, version=version)
    assert len(calls(log)) == 4
    assert len(stored(store)) == 4
    for _ in range(2):
        sweep(logged, grid, together=("part",), store=store, jobs=1)
    assert len(calls(log)) == 6


def test_functions_and_axes_do_not_mix_in_a_store(tmp_path: Path) -> None:
    for work, grid in [
        (sweep_work.kind, {"size": [0, 1]}),
        (sweep_work.kind, {"size": [False, True]}),
        (sweep_work.kind, {"size": ["0", "1"]}),
        (sweep_work.kind, {"size": [0, 1], "unit": ["m"]}),
        (sweep_work.twice, {"size": [0, 1]}),
    ]:
        sweep(work, grid, store=tmp_path, jobs=1)
    assert len(stored(tmp_path)) == 10
    table = sweep(sweep_work.kind, {"size": [True, False]}, store=tmp_path, jobs=1)
    assert table["kind"].tolist() == ["bool", "bool"]


# Order and progress


def test_costly_calls_start_first(log: Path) -> None:
    def cost(task: int, part: list[int], **_: object) -> float:
        return {1: 5.0, 2: 7.0, 3: 7.0}[task] - len(part)

    sweep(logged, log_grid(log, [1, 2, 3], [8, 9]), together=("part",), cost=cost, jobs=1)
    assert calls(log) == ["2-8.9", "3-8.9", "1-8.9"]


def test_the_bar_counts_configurations_and_starts_from_what_is_there(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(tasks: list[int], progress: bool) -> str:
        grid = log_grid(log, tasks, [1, 2])
        sweep(
            logged, grid, together=("part",), store=tmp_path / "store", jobs=1,
            progress=progress,
        )  # fmt: skip
        return capsys.readouterr().err

    assert run([1, 2, 3], progress=False) == ""
    shown = run([1, 2, 3, 4, 5], progress=True)
    assert "6/10" in shown.split("\r")[1]
    assert "10/10" in shown
    assert re.search(r"logged: 100%.*\[\d\d:\d\d<\d\d:\d\d, .*configuration", shown)


# Failures


def test_a_failed_configuration_is_recorded_and_tried_again(tmp_path: Path) -> None:
    broken, store = tmp_path / "broken", tmp_path / "store"
    grid: dict[str, list[Any]] = {"broken": [str(broken)], "n": [1, 2, 3]}
    broken.touch()
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="1 of 3 configurations failed.*two is too few"):
            table = sweep(brittle, grid, store=store, jobs=1)
        failed = table[table["n"] == 2].iloc[0]
        assert re.fullmatch(r"ValueError: two is too few \(work.py:\d+\)", failed["error_message"])
        assert math.isnan(failed["square"])
        assert table["square"].tolist()[::2] == [1, 9]
    broken.unlink()
    with pytest.warns(RuntimeWarning, match="1 of 3 configurations failed"):
        sweep(brittle, grid, store=store, jobs=1, retry_failed=False)
    table = sweep(brittle, grid, store=store, jobs=1)
    assert table["square"].tolist() == [1, 4, 9]
    assert table["error_message"].isna().all()
    assert len(stored(store)) == 3


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (None, "the work returned NoneType, not a frame or mappings"),
        ([{"part": 1, "x": 0}], "the work returned no row for {'part': 2}"),
        ([{"part": p} for p in (1, 2, 2)], "returned rows not asked for: {'part': 2}"),
        ([{"part": p} for p in (1, 2, 3, 4)], "not asked for: {'part': 3} and 1 more"),
        ([{"other": 1}, {"other": 2}], r"returned no columns \['part'\]"),
        ([], r"returned no columns \['part'\]"),
        ([{"part": p, "task": 1} for p in (1, 2)], r"not results: \['task'\]"),
        ([{"part": p, "error_message": 1} for p in (1, 2)], r"not results: \['error_message'\]"),
        ([{"part": p, 3: 1} for p in (1, 2)], "are not different strings"),
        ([{"part": p, "x": [1, 2]} for p in (1, 2)], "column 'x' does not hold scalars"),
        ([{"part": p, "x": {1}} for p in (1, 2)], "column 'x' does not hold scalars"),
        (SystemExit(3), "SystemExit: 3"),
        (MemoryError("big"), "MemoryError: big"),
        (ValueError("half \ud800"), "ValueError: half ?"),
    ],
)
def test_a_work_that_does_not_return_what_was_asked_for_has_failed(
    returned: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_work, "RETURNED", returned)
    with pytest.warns(RuntimeWarning, match="4 of 4 configurations failed"):
        table = sweep(
            sweep_work.scripted, {"task": [1, 2], "part": [1, 2]}, together=["part"],
            jobs=1,
        )  # fmt: skip
    assert table["error_message"].str.contains(reason).all()


def test_results_of_two_types_in_one_column_are_a_failure(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="1 of 3 configurations failed.*differ in type"):
        table = sweep(sweep_work.fickle, {"n": [1, 2, 3]}, jobs=1, store=tmp_path)
    assert table["result"].tolist()[:2] == [1, 2.5]
    assert math.isnan(table["result"][2])


# Refusals


def refused(message: str, work: Any = one, **changes: Any) -> None:
    arguments: dict[str, Any] = {"grid": GRID, "jobs": 1, **changes}
    with pytest.raises(ValueError, match=message):
        sweep(work, **arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": []}, r"^seed = \[\] is not valid; valid range: list, each .*at least 1"),
        ({"seed": [1, 2, 1]}, r"^seed = \[1, 2, 1\] is not valid; .*\(no entry twice\)"),
        ({"seed": [1, 1.0]}, r"^seed = \[1, 1.0\] is not valid; .*\(no entry twice\)"),
        ({"seed": 3}, r"^seed = 3 is not valid; valid range: list"),
        ({"seed": "abc"}, r"^seed = 'abc' is not valid; valid range: list"),
        ({"rate": [0.1, math.nan]}, r"^rate\[1\] = nan is not valid; .* a float other than NaN"),
        ({"seed": [1, None]}, r"^seed\[1\] = None is not valid"),
        ({"seed": [[1], [2]]}, r"^seed\[0\] = \[1\] is not valid"),
        ({"seed": [1j]}, r"^seed\[0\] = 1j is not valid"),
        ({"seed": [2**53 + 1]}, r"^seed\[0\] = 9007199254740993 is not valid"),
        ({"model": ["W", "\ud800"]}, r"^model\[1\] = '\\ud800' is not valid"),
        ({"model": ["W", 1]}, r"^model = \['W', 1\] is not valid; .* values of one kind"),
        ({"layer_norm": [False, 1]}, r"^layer_norm = .* values of one kind"),
        ({"sede": [1]}, r"= 'sede' is not valid; valid range: parameters of one: .*mean seed\?"),
        ({3: [1]}, r"axis of grid = 3 is not valid"),
        ({"error_message": ["x"]}, r"axis of grid = 'error_message' is not valid"),
        ({"seed": range(40_000), "rate": range(40_000)}, r"^configurations of grid = 6400000000 "),
    ],
)
def test_a_bad_axis_is_refused(change: dict[Any, Any], message: str) -> None:
    refused(message, grid={**GRID, **change})


def test_a_grid_must_name_every_parameter() -> None:
    refused(r"axes of grid = .* missing: \['rate'\]", grid={k: GRID[k] for k in list(GRID)[:3]})
    for grid in ({}, None, [("seed", [1])]):
        refused("^grid = .* is not valid; valid range: a mapping", grid=grid)


def local() -> Any:
    def inner(seed: int) -> None: ...

    return inner


@pytest.mark.parametrize("work", [lambda seed: seed, local(), len, None, dict, "".join])
def test_only_plain_functions_can_be_swept(work: Any) -> None:
    refused("^work = .* is not valid; valid range: a plain function", work, grid={"seed": [1]})


def test_parameters_must_have_names() -> None:
    refused("^work = .* be given by name", sweep_work.positional, grid={"seed": [1]})


@pytest.mark.parametrize("together", [("sede",), ("seed", "seed"), "seed", None, 3])
def test_together_names_axes(together: Any) -> None:
    message = "^together = .* is not valid; valid range: different names of axes: model, seed"
    refused(message, group, together=together)


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True, "2"])
def test_jobs_is_a_positive_integer(jobs: Any) -> None:
    refused("^jobs = .* is not valid; valid range: 1 to 10000", jobs=jobs)


def test_other_arguments_are_checked(tmp_path: Path) -> None:
    refused("^jobs = 1 is not valid; valid range: None together with a client", client=object())
    refused("^client = 'localhost:8786' is not valid", client="localhost:8786", jobs=None)
    refused("^version = '' is not valid", version="")
    refused("^version = 1 is not valid", version=1)
    refused("^cost = nan is not valid", cost=lambda **_: math.nan)
    refused("^cost = 1 is not valid; valid range: a function", cost=1)
    file = tmp_path / "file"
    file.touch()
    refused("^store = '.*file' is not valid; valid range: a directory", store=file)
    refused("^store = '.*file/below' is not valid", store=file / "below")
    refused("^store = 3 is not valid; valid range: a path", store=3)
