import math

import numpy as np
import pandas as pd
import pytest

from assocmem.published_grid import (
    grid_axes,
    load_grid,
    method_errors,
    middle,
    step_sections,
    tuned,
    tuned_sections,
    unseen_error,
    verdict_rows,
)
from assocmem.verdicts.tables import rows_at


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    """A corner of the grid: no axis has a middle of its own."""
    return rows_at(load_grid(), dim=[10, 50, 200], batch_size=[64, 1024], n_samples=[1024, 10_240])


def test_the_middle_is_the_lower_of_two(runs: pd.DataFrame) -> None:
    assert grid_axes(runs)["dim"] == [10, 50, 200]
    wanted = {"dim": 50, "batch_size": 64, "n_samples": 1024, "learning_rate": 1.0}
    assert middle(runs) == wanted


def test_what_was_not_seen_is_guessed() -> None:
    masses = np.array([x**-2.0 for x in range(1, 101)])
    masses /= math.fsum(masses)
    for count in (1, 1024):
        assert unseen_error(count) == pytest.approx(0.8 * float(masses @ (1 - masses) ** count))


def test_methods_are_ranked_by_their_tuned_errors(runs: pd.DataFrame) -> None:
    table = method_errors(runs)
    assert len(table) == 12 * 3
    assert table["method"].nunique() == 12
    means = table.groupby("method", sort=False)["mean"].agg(lambda m: np.log(m).mean())
    assert means.is_monotonic_increasing
    best = tuned(runs)
    for row in table.sample(8, random_state=1).to_dict("records"):
        fixed = {name: row[name] for name in ("model", "optimizer", "layer_norm", "dim")}
        own = rows_at(best, **fixed, batch_size=64, n_samples=1024)
        assert len(own) == 10
        assert row["mean"] == pytest.approx(own["error"].mean())
        assert row["high"] == pytest.approx(np.nanquantile(own["error"], 0.84))
        assert row["edge"] == own["edge"].any()
        words = row["method"].split(", ")
        assert ("layer norm" in words) == row["layer_norm"]
        assert row["optimizer"] in words


def test_sections_vary_one_thing_and_hold_the_rest(runs: pd.DataFrame) -> None:
    steps = step_sections(runs)
    assert steps["comparison"].nunique() == 4
    for (name, against), part in steps.groupby(["comparison", "against"]):
        other = {"dim": "n_samples", "n_samples": "dim"}[str(against)]
        assert set(part[other]) == {middle(runs)[other]}
        varied = "learning_rate" if str(name).startswith("step") else "batch_size"
        assert part.groupby("curve")[varied].nunique().eq(1).all()
        assert part["curve"].nunique() == runs[varied].nunique()
        assert part["optimizer"].nunique() == part["model"].nunique() == 1
    row = steps[steps["curve"] == "batch 1024"].iloc[0]
    cell = rows_at(runs, model="W", optimizer="SGD", layer_norm=False, dim=row["dim"],
                   batch_size=1024, n_samples=1024, learning_rate=1.0)  # fmt: skip
    assert row["mean"] == pytest.approx(cell["error"].mean())


def test_tuned_sections_have_eight_methods(runs: pd.DataFrame) -> None:
    table = tuned_sections(runs)
    assert table["curve"].nunique() == 8
    assert not table.duplicated(["curve", "against", "dim", "n_samples"]).any()
    assert len(table) == 8 * (3 + 2)


def test_verdicts_are_those_of_the_named_choices(runs: pd.DataFrame) -> None:
    table = verdict_rows(runs)
    assert table.shape == (7, 3)
    assert set(table.to_numpy().ravel()) <= {"less", "more", "same", "diverged"}
    assert table.loc["SGD on W: γ = 100 against 0.1"].eq("less").all()
    best = rows_at(tuned(runs), batch_size=64, n_samples=1024, layer_norm=False, dim=10,
                   optimizer="Adam")  # fmt: skip
    errors = best.pivot(index="seed", columns="model", values="error")
    assert (errors["EWU"] < errors["W"]).all()
    assert table.loc["Adam, tuned: E, W and U against W alone", "d = 10"] == "less"
