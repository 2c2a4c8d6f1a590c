import math
import statistics

import numpy as np
import pandas as pd
import pytest

from assocmem.published_grid import (
    CELL,
    GRID,
    PANELS,
    PUBLISHED_FILE,
    compare_published,
    load_published,
    pair_published,
    published_panels,
    same_errors,
    total_excess,
)
from assocmem.verdicts.tables import rows_at


def test_the_file_says_where_it_comes_from() -> None:
    head = [line for line in PUBLISHED_FILE.read_text().splitlines() if line.startswith("#")]
    for word in ("Cabannes", "Dohmatob", "Bietti", "2310.02984", "published"):
        assert word in " ".join(head)


def test_every_published_run_is_one_of_the_grid() -> None:
    """Five panels and 72 cells, each with the seeds 42 to 51."""
    table = load_published()
    assert not table.duplicated(["panel", *CELL, "seed"]).any()
    assert table["published"].between(0, 1).all()
    for axis, values in GRID.items():
        assert set(table[axis]) <= set(values)
    sizes = table.groupby("panel").size().to_dict()
    assert sizes == {"step_size": 280, "adam_tuned": 560, "layer_norm": 280, "batch_size": 140,
                     "embeddings": 140, "sample": 720}  # fmt: skip
    assert set(PANELS) == set(sizes) - {"sample"}
    assert (
        table.groupby(["panel", *CELL])["seed"].agg(["min", "max", "size"]) == [42, 51, 10]
    ).all(axis=None)


def test_runs_are_paired_by_cell_and_seed(runs: pd.DataFrame) -> None:
    few = rows_at(runs, seed=[43, 50], batch_size=256)
    pairs = pair_published(few)
    assert set(pairs["seed"]) == {43, 50}
    assert set(pairs["batch_size"]) == {256}
    ours = few.set_index([*CELL, "seed"])["error"]
    theirs = load_published().set_index(["panel", *CELL, "seed"])["published"]
    for row in pairs.sample(30, random_state=0).to_dict("records"):
        key = tuple(row[name] for name in [*CELL, "seed"])
        assert row["error"] == ours[key]
        assert row["published"] == theirs[(row["panel"], *key)]


def test_sgd_is_the_same_run_by_run_and_adam_in_most_runs(runs: pd.DataFrame) -> None:
    pairs = pair_published(runs)
    for optimizer, least in (("SGD", 1.0), ("Adam", 0.8)):
        assert same_errors(rows_at(pairs, optimizer=optimizer)).mean() >= least
    excess = total_excess(rows_at(pairs, optimizer="Adam"))
    assert -0.02 < excess.low < excess.high < 0.02


def test_six_digits_are_the_same_and_no_fewer() -> None:
    pairs = pd.DataFrame(
        {"published": 0.25, "error": [0.25, 0.2500009, 0.249999, 0.2500013, np.nan]}
    )
    assert same_errors(pairs).tolist() == [True, True, True, False, False]


def test_total_excess_by_hand() -> None:
    """A run of two panels counts once, one that diverged not at all."""
    cell = {"model": "W", "optimizer": "SGD", "layer_norm": False, "batch_size": 16,
            "learning_rate": 1.0, "n_samples": 1024}  # fmt: skip
    rows = [(10, 42, 0.1, 0.2), (20, 42, 0.3, 0.3), (20, 42, 0.3, 0.3), (10, 43, 0.2, 0.2), (20, 43, 0.2, 0.3),
            (50, 43, 0.9, np.nan)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["dim", "seed", "published", "error"]).assign(**cell)
    assert total_excess(table).value == pytest.approx((0.5 / 0.4 + 0.5 / 0.4) / 2 - 1)


@pytest.mark.slow
def test_cells_are_compared_seed_by_seed(runs: pd.DataFrame) -> None:
    compared = compare_published(runs)
    assert compared.index.tolist() == list(range(206))
    assert list(compared)[: len(CELL)] == CELL
    pairs = pair_published(runs).drop_duplicates([*CELL, "seed"])
    for row in compared.iloc[::3].to_dict("records"):  # of all panels
        mine = rows_at(pairs, **{name: row[name] for name in CELL})
        errors, published = mine["error"].tolist(), mine["published"].tolist()
        differences = [a - b for a, b in zip(errors, published, strict=True)]
        assert len(errors) == row["trials"] == 10
        assert row["mean"] == pytest.approx(statistics.fmean(errors))
        assert row["expected"] == pytest.approx(statistics.fmean(published))
        assert row["std"] == pytest.approx(statistics.stdev(errors))
        assert row["published_std"] == pytest.approx(statistics.stdev(published), abs=1e-12)
        assert row["difference"] == pytest.approx(statistics.fmean(differences), abs=1e-12)
        assert row["sem"] == pytest.approx(statistics.stdev(differences) / math.sqrt(10), abs=1e-12)
        assert row["same"] == sum(abs(d) < 1.1e-6 for d in differences)
        assert row["diverged"] == 0


def test_diverged_runs_have_no_error_and_no_part(runs: pd.DataFrame) -> None:
    """Two seeds of one cell diverge: its means are those of the eight others, theirs too."""
    cell = {"model": "W", "optimizer": "SGD", "layer_norm": False, "dim": 50, "batch_size": 256,
            "learning_rate": 1.0, "n_samples": 10_240}  # fmt: skip
    table = rows_at(runs, **cell).copy()
    lost = table["seed"].isin([42, 47])
    table.loc[lost, "error"], table.loc[lost, "diverged"] = np.nan, True
    (row,) = compare_published(table).to_dict("records")
    kept = pair_published(table[~lost]).drop_duplicates("seed")
    assert (row["diverged"], row["trials"], row["same"]) == (2, 10, 8)
    assert row["mean"] == pytest.approx(kept["error"].mean())
    assert row["expected"] == pytest.approx(kept["published"].mean())


def test_cells_need_all_their_seeds(runs: pd.DataFrame) -> None:
    assert compare_published(rows_at(runs, seed=[42, 43])).empty


def test_panels_have_the_published_curves(runs: pd.DataFrame) -> None:
    table = published_panels(runs)
    assert list(dict.fromkeys(table["panel"])) == list(PANELS.values())
    curves = table.groupby("panel")["curve"].unique().map(set).to_dict()
    assert curves[PANELS["step_size"]] == {"γ = 0.1", "γ = 1", "γ = 10", "γ = 100"}
    assert curves[PANELS["adam_tuned"]] == {"Adam", "SGD"}
    assert curves[PANELS["layer_norm"]] == {"Adam", "SGD", "Adam, layer norm", "SGD, layer norm"}
    assert curves[PANELS["embeddings"]] == {"EWU learned", "W learned"}
    assert curves[PANELS["batch_size"]] == {
        f"{name}, batch {size}, γ = {rate}" for name in ("Adam", "SGD") for size, rate in ((16, 1), (1024, 10))
    }  # fmt: skip
    assert (table.groupby(["panel", "curve"]).size() == 70).all()
    normed = rows_at(table, panel=PANELS["layer_norm"], curve="SGD, layer norm", dim=50, seed=42)
    some = rows_at(runs, model="W", optimizer="SGD", dim=50, seed=42)
    assert some.loc[some["error"] == normed["error"].item(), "layer_norm"].tolist() == [True]
    nothing = table[table["published"].isna()]
    assert set(nothing["curve"]) == {"SGD, batch 16, γ = 1", "SGD, batch 1024, γ = 10"}
    mean = nothing.groupby(["curve", "dim"])["error"].mean().round(3)
    assert mean["SGD, batch 16, γ = 1"].loc[[10, 1000]].tolist() == [0.106, 0.027]
    assert mean["SGD, batch 1024, γ = 10"].loc[[10, 1000]].tolist() == [0.221, 0.061]


def test_tuned_curves_have_the_least_error_of_every_seed(runs: pd.DataFrame) -> None:
    table = rows_at(published_panels(runs), panel=PANELS["adam_tuned"])
    cells = rows_at(runs, model="W", layer_norm=False, batch_size=256, n_samples=10_240)
    least = cells.groupby(["optimizer", "dim", "seed"])["error"].min()
    for row in table.to_dict("records"):
        assert row["error"] == least[row["curve"], row["dim"], row["seed"]]
