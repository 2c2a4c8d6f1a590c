import math
import statistics

import numpy as np
import pandas as pd
import pytest

from assocmem.published_grid import results
from assocmem.published_grid.results import (
    cell_means,
    compare_published,
    grid_origin,
    load_grid,
    seed_difference,
    tuned,
    verdict_table,
)
from assocmem.published_grid.runs import GRID, grid_errors
from assocmem.sweeps.code_versions import code_version
from assocmem.verdicts.tables import rows_at


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return load_grid()


def test_every_run_is_there_once(runs: pd.DataFrame) -> None:
    axes = list(GRID)
    assert not runs.duplicated(axes).any()
    assert len(runs) == 40_320
    for axis, values in GRID.items():
        assert set(runs[axis]) == set(values)
    assert runs["error"].isna().equals(runs["diverged"])
    assert runs["error"].dropna().between(0, 1).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "optimizer", "layer_norm", "dim", "batch_size"),
    [
        ("W", "SGD", False, 50, 1024),
        ("W", "SGD", True, 20, 256),
        ("EU", "SGD", False, 20, 256),
        ("EWU", "SGD", False, 10, 1024),
        ("W", "Adam", False, 100, 1024),
        ("EWU", "Adam", True, 50, 1024),
    ],
)
def test_stored_runs_come_out_again(
    model: str, optimizer: str, layer_norm: bool, dim: int, batch_size: int, runs: pd.DataFrame
) -> None:
    """Few enough steps that rounding on another machine does not decide a sign: SGD, or ten steps."""
    again = grid_errors(
        model, optimizer, layer_norm, dim, batch_size, [0.1, 1.0], [1024, 10_240], [42, 47]
    )
    if optimizer == "Adam":
        again = rows_at(again, n_samples=1024)
    cell = {"model": model, "optimizer": optimizer, "layer_norm": layer_norm, "dim": dim}
    stored = rows_at(runs, **cell, batch_size=batch_size)
    both = again.merge(stored, on=["learning_rate", "n_samples", "seed"])
    assert len(both) == len(again)
    np.testing.assert_allclose(both["error_x"], both["error_y"], atol=2e-3)
    assert (both["error_x"] - both["error_y"]).abs().median() < 1e-6


CELL = ["model", "optimizer", "layer_norm", "learning_rate", "dim", "n_samples", "batch_size"]


def test_published_cells_agree(runs: pd.DataFrame) -> None:
    """All 72, most of them to the last digit, and the others within four standard errors."""
    compared = compare_published(runs)
    assert compared.index.tolist() == list(range(72))
    numbers = ["expected", "published_std", "mean", "std", "sem", "trials"]
    assert sorted(compared) == sorted([*CELL, *numbers])
    exact = 0
    for row in compared.to_dict("records"):
        errors = rows_at(runs, **{name: row[name] for name in CELL})["error"].tolist()
        assert len(errors) == row["trials"] == 10
        assert row["mean"] == round(statistics.fmean(errors), 6)
        assert row["std"] == pytest.approx(statistics.stdev(errors), rel=1e-9)
        sem = math.hypot(row["std"], row["published_std"]) / math.sqrt(10)
        assert row["sem"] == pytest.approx(sem, rel=1e-9)
        difference = abs(row["mean"] - row["expected"])
        assert difference <= 4 * sem + 1.5e-6
        exact += difference < 1.5e-6
    assert exact >= 50


def test_diverged_runs_count_as_the_first_class_everywhere(runs: pd.DataFrame) -> None:
    """The tokens of ranks 1, 6, 11, … are of the first class; all others err."""
    squares = [rank**-2.0 for rank in range(1, 101)]
    error = 1 - math.fsum(squares[::5]) / math.fsum(squares)
    compared = compare_published(runs.assign(error=np.nan))
    assert len(compared) == 72
    assert compared["mean"].unique().tolist() == [round(error, 6)] == [0.358608]
    assert compared["std"].to_numpy() == pytest.approx(0, abs=1e-12)


def test_published_cells_need_all_their_seeds(runs: pd.DataFrame) -> None:
    assert compare_published(rows_at(runs, seed=[42, 43])).empty


def small() -> pd.DataFrame:
    rows = [
        (rate, seed, error)
        for rate, errors in {0.1: [0.4, 0.6], 1.0: [0.2, 0.4], 10.0: [0.1, np.nan]}.items()
        for seed, error in enumerate(errors)
    ]
    table = pd.DataFrame(rows, columns=["learning_rate", "seed", "error"])
    fixed = {"model": "W", "optimizer": "SGD", "layer_norm": False, "dim": 10, "batch_size": 16,
             "n_samples": 1024}  # fmt: skip
    return table.assign(**fixed, diverged=table["error"].isna())


def test_means_leave_diverged_runs_out() -> None:
    cells = cell_means(small()).set_index("learning_rate")
    assert cells["mean"].to_dict() == pytest.approx({0.1: 0.5, 1.0: 0.3, 10.0: 0.1})
    assert cells["diverged"].to_dict() == {0.1: 0.0, 1.0: 0.0, 10.0: 0.5}
    assert cells["trials"].eq(2).all()


def test_cells_stay_in_the_order_of_the_runs_and_no_others_join_them() -> None:
    table = small().iloc[::-1].assign(optimizer=pd.Categorical(["SGD"] * 6, ["Adam", "SGD"]))
    table["batch_size"] = [64, 64, 16, 16, 64, 64]
    cells = cell_means(table)
    assert cells["learning_rate"].tolist() == [10.0, 1.0, 0.1]
    assert tuned(table)["batch_size"].tolist() == [64, 16]


def test_tuning_prefers_any_run_that_converges() -> None:
    """Three learning rates: all runs diverge, one does, none does."""
    table = small()
    table.loc[table["learning_rate"] == 0.1, "error"] = np.nan
    table["diverged"] = table["error"].isna()
    for rates, best in (([0.1, 1.0, 10.0], 1.0), ([0.1, 10.0], 10.0), ([0.1], 0.1)):
        assert tuned(rows_at(table, learning_rate=rates))["learning_rate"].tolist() == [best]


def test_tuning_avoids_divergence_and_marks_the_edge() -> None:
    (best,) = tuned(small()).to_dict("records")
    assert best["learning_rate"] == 1.0
    assert not best["edge"]
    (best,) = tuned(rows_at(small(), learning_rate=[0.1, 1.0])).to_dict("records")
    assert best["edge"]
    falling = small().assign(learning_rate=-small()["learning_rate"])
    (best,) = tuned(rows_at(falling, learning_rate=[-0.1, -1.0])).to_dict("records")
    assert best["edge"]
    (best,) = tuned(rows_at(small(), learning_rate=10.0)).to_dict("records")
    assert best["learning_rate"] == 10.0


def test_the_origin_of_the_runs_is_told() -> None:
    origin = grid_origin()
    assert origin["runs"] == "40320"
    assert {"date", "commit", "code_version", "torch"} <= origin.keys()
    assert origin["code_version_today"] == code_version(grid_errors)


def test_missing_results_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(results, "GRID_FILE", results.GRID_FILE.with_name("none"))
    with pytest.raises(ValueError, match="^GRID_FILE = .* is not valid; valid range: the results"):
        load_grid()


def test_differences_are_paired_by_seed(runs: pd.DataFrame) -> None:
    cell = {"model": "W", "optimizer": "SGD", "layer_norm": False, "n_samples": 10_240}
    cells = rows_at(cell_means(runs), **cell, learning_rate=1.0, dim=[50, 100])
    small, large = rows_at(cells, batch_size=16), rows_at(cells, batch_size=1024)
    found = seed_difference(runs, small, large)
    errors = rows_at(runs, **cell, learning_rate=1.0, dim=[50, 100]).pivot_table(
        index="seed", columns="batch_size", values="error"
    )
    expected = errors[16] - errors[1024]
    assert found.value == pytest.approx(expected.mean())
    assert found.low < found.value < found.high
    with pytest.raises(ValueError, match="^one = '0 cells' is not valid"):
        seed_difference(runs, small.iloc[:0], large)


def test_verdicts_have_a_word_for_each_dimension(runs: pd.DataFrame) -> None:
    cells = rows_at(
        cell_means(runs), model="W", optimizer="SGD", layer_norm=False, n_samples=10_240
    )
    small, large = (rows_at(cells, learning_rate=1.0, batch_size=size) for size in (16, 1024))
    table = verdict_table(
        runs, {"small": (small, large), "large": (large, small), "itself": (small, small)}
    )
    assert list(table) == [f"d = {d}" for d in GRID["dim"]]
    assert set(table.loc["small"]) == {"less"}
    assert set(table.loc["large"]) == {"more"}
    assert set(table.loc["itself"]) == {"same"}


def test_verdicts_are_on_the_dimensions_of_both_choices(runs: pd.DataFrame) -> None:
    cells = rows_at(
        cell_means(runs), model="W", optimizer="SGD", layer_norm=False, n_samples=10_240,
        learning_rate=1.0,
    )  # fmt: skip
    one, other = rows_at(cells, batch_size=16, dim=[10, 20, 50]), rows_at(cells, dim=[100, 50, 20])
    table = verdict_table(runs, {"": (one, rows_at(other, batch_size=1024))})
    assert list(table) == ["d = 20", "d = 50"]
