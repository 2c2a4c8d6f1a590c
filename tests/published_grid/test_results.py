import numpy as np
import pandas as pd
import pytest

from assocmem.published_grid import results
from assocmem.published_grid.results import (
    cell_means,
    gap,
    grid_origin,
    load_grid,
    seed_difference,
    tuned,
    tuned_means,
    verdict_table,
)
from assocmem.published_grid.runs import GRID, grid_errors
from assocmem.sweeps.code_versions import code_version
from assocmem.verdicts.tables import rows_at


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


def small() -> pd.DataFrame:
    return one_cell({0.1: [0.4, 0.6], 1.0: [0.2, 0.4], 10.0: [0.1, np.nan]})


def one_cell(found: dict[float, list[float]]) -> pd.DataFrame:
    """Runs with the errors of seeds 0, 1, … at each learning rate."""
    rows = [
        (rate, seed, error) for rate, errors in found.items() for seed, error in enumerate(errors)
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
    assert tuned(table)["batch_size"].tolist() == [64, 16, 16, 64]


def test_tuning_uses_the_other_seeds_alone() -> None:
    """Two seeds: each takes the rate that is best for the other one."""
    table = small()
    table["error"] = [
        0.4,
        0.1,
        0.2,
        0.5,
        0.3,
        0.6,
    ]  # rates .1, .1, 1, 1, 10, 10; seeds 0, 1, 0, 1, …
    table["diverged"] = False
    best = tuned(table).set_index("seed")
    assert best.loc[0, ["learning_rate", "error"]].tolist() == [0.1, 0.4]  # .1 is best for seed 1
    assert best.loc[1, ["learning_rate", "error"]].tolist() == [1.0, 0.5]  # 1 is best for seed 0
    assert best["edge"].tolist() == [True, False]


def test_tuning_takes_the_least_mean_of_the_others(runs: pd.DataFrame) -> None:
    """All cells of two batch sizes, by a loop over seeds and rates."""
    cells = {"batch_size": [16, 64], "dim": [10, 200]}
    some = rows_at(runs, model="W", optimizer="Adam", layer_norm=False, n_samples=1024, **cells)
    best = tuned(some)
    assert len(best) == 4 * 10
    for row in best.to_dict("records"):
        cell = rows_at(some, batch_size=row["batch_size"], dim=row["dim"])
        others = cell[cell["seed"] != row["seed"]].groupby("learning_rate")["error"].mean()
        assert row["learning_rate"] == others.idxmin()
        own = rows_at(cell, seed=row["seed"], learning_rate=row["learning_rate"])
        assert row["error"] == own["error"].item()
        assert row["edge"] == (row["learning_rate"] in (0.1, 100.0))


def test_tuning_avoids_rates_at_which_another_seed_diverged() -> None:
    """At 10 the error of seed 0 is the least, and seed 1 has none."""
    best = tuned(small()).set_index("seed")["learning_rate"].to_dict()
    assert best == {0: 1.0, 1: 10.0}
    table = small().assign(error=np.nan, diverged=True)
    table.loc[[2, 3], ["error", "diverged"]] = [0.9, False]
    assert set(tuned(table)["learning_rate"]) == {1.0}
    everything = table.assign(error=np.nan, diverged=True)
    assert len(tuned(everything)) == 2


def test_tuning_puts_rates_with_lost_runs_behind_all_others_and_counts_a_lost_run_as_one() -> None:
    """Four seeds: 1.0 is far better, but for the others of seeds 0 to 2 one run is lost."""
    lost = np.nan
    best = tuned(one_cell({0.1: [0.9] * 4, 1.0: [0.1, 0.1, 0.1, lost]})).set_index("seed")
    assert best["learning_rate"].to_dict() == {0: 0.1, 1: 0.1, 2: 0.1, 3: 1.0}
    # for seed 0 the others have 1 + 1 + 0, and 1 + 0.6 + 0.6
    best = tuned(one_cell({0.1: [0.5, lost, lost, 0.0], 1.0: [0.5, lost, 0.6, 0.6]}))
    assert best.set_index("seed")["learning_rate"][0] == 0.1


def test_a_cell_is_at_the_edge_if_one_of_its_runs_is() -> None:
    best = tuned(small())
    assert best["edge"].tolist() == [False, True]
    for optimizer in (best["optimizer"], pd.Categorical(best["optimizer"], ["Adam", "SGD"])):
        assert tuned_means(best.assign(optimizer=optimizer))["edge"].tolist() == [True]


def test_means_of_tuned_runs_mark_the_edge(runs: pd.DataFrame) -> None:
    best = tuned(rows_at(runs, model="W", layer_norm=False, n_samples=10_240, batch_size=256))
    means = tuned_means(best)
    assert len(means) == 2 * 7
    assert means["trials"].eq(10).all()
    assert means["learning_rate"].isna().all()
    for row in means.to_dict("records"):
        mine = rows_at(best, optimizer=row["optimizer"], dim=row["dim"])
        assert row["mean"] == pytest.approx(mine["error"].mean())
        assert row["edge"] == mine["edge"].any()
    assert means.loc[means["optimizer"] == "SGD", "edge"].all()
    assert not means.loc[means["optimizer"] == "Adam", "edge"].all()


def test_gap_is_the_difference_of_two_choices_seed_by_seed(runs: pd.DataFrame) -> None:
    cell = {
        "model": "W",
        "optimizer": "SGD",
        "layer_norm": False,
        "n_samples": 10_240,
        "dim": [50, 100],
    }
    found = gap(
        runs,
        {"batch_size": 16, "learning_rate": 1.0},
        {"batch_size": 64, "learning_rate": 10.0},
        **cell,
    )
    errors = rows_at(runs, **cell).groupby(["batch_size", "learning_rate", "seed"])["error"].mean()
    assert found.value == pytest.approx((errors[16, 1.0] - errors[64, 10.0]).mean())
    best = tuned(runs)
    panel = {"model": "W", "layer_norm": False, "n_samples": 10_240, "batch_size": 256}
    found = gap(best, {"optimizer": "Adam"}, {"optimizer": "SGD"}, **panel)
    chosen = rows_at(best, **panel).groupby(["optimizer", "seed"])["error"].mean()
    assert found.value == pytest.approx((chosen["Adam"] - chosen["SGD"]).mean())
    assert found.high < 0
    with pytest.raises(ValueError, match="^one = '0 cells' is not valid"):
        gap(runs, {"dim": 11}, {"dim": 10})


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


@pytest.mark.slow
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


def test_seeds_without_a_run_left_have_no_part() -> None:
    """Of three seeds at rate 10 one diverged; of two, none is left to compare with."""
    rows = [(rate, seed, 0.1 * seed + rate / 100) for rate in (1.0, 10.0) for seed in (1, 2, 3)]
    table = pd.DataFrame(rows, columns=["learning_rate", "seed", "error"]).assign(
        model="EWU", optimizer="SGD", layer_norm=False, dim=10, batch_size=16, n_samples=1024, diverged=False
    )  # fmt: skip
    table["error"] += table["seed"] ** 2 * table["learning_rate"] / 1000
    table.loc[3, ["error", "diverged"]] = np.nan, True
    one, other = (rows_at(cell_means(table), learning_rate=rate) for rate in (1.0, 10.0))
    found = seed_difference(table, one, other)
    assert found.value == pytest.approx(-0.09 - 0.009 * (4 + 9) / 2)
    assert verdict_table(table, {"": (one, other)}).iloc[0, 0] in ("less", "same")
    table.loc[4, ["error", "diverged"]] = np.nan, True
    assert verdict_table(table, {"": (one, other)}).iloc[0, 0] == "diverged"
    with pytest.raises(ValueError, match="^one and other = 'cells with 1 seeds left' is not valid"):
        seed_difference(table, one, other)
