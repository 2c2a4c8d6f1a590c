import numpy as np
import pandas as pd
import pytest

from assocmem import ZipfTask, error_batches, fill, frequency, simulate_errors, threshold
from assocmem.comparisons import (
    closed_form_batches,
    overflow_batches,
    plain_draws,
    signal_ratios,
    theorem_1_table,
)
from assocmem.simulation import plain_law_errors
from assocmem.theory import duel_error, theorem_1_bounds, theorem_1_lower
from assocmem.verdicts import compare_law
from tests.oracles import check_mean

SCHEMES = {"fill": fill(), "frequency": frequency()}


def test_signals_over_noise_one_by_one() -> None:
    table = signal_ratios(ZipfTask(1.0, 4, 2), {**SCHEMES, "threshold": threshold(2)}, 12)
    assert table["name"].tolist() == ["fill"] * 4 + ["frequency"] * 4 + ["threshold"] * 4
    q = {"fill": [1, 1, 1, 1], "frequency": [1, 1 / 2, 1 / 3, 1 / 4], "threshold": [1, 1, 0, 0]}
    for name, x, ratio in table.itertuples(index=False):
        rest = sum(weight**2 for weight in q[name]) - q[name][x - 1] ** 2  # both outputs are noise
        assert ratio == pytest.approx(q[name][x - 1] * (12 / rest) ** 0.5)


def test_overflow_is_the_law_of_each_vocabulary() -> None:
    table = overflow_batches(1.0, 5, [100, 400], [25, 100], draws=64, seed=3)
    for (n, dim), rows in table.groupby(["n_tokens", "dim"]):
        task, rng = ZipfTask(1.0, int(n), 5), np.random.default_rng(3)
        law = error_batches(task, {"": fill()}, [25, 100], draws=64, rng=rng)
        assert rows["error"].tolist() == law.query("dim == @dim")["error"].tolist()
        assert rows["lower"].unique() == [theorem_1_lower(task, fill(), int(dim))]
        gaps = np.random.default_rng(4).normal(size=(200_000, 5))
        lead = (dim * 5 / n) ** 0.5
        lost = (gaps[:, 1:].max(axis=1) - gaps[:, 0] > lead).astype(float)
        check_mean(lost, float(rows["limit"].iloc[0]))
        check_mean((gaps[:, 1] - gaps[:, 0] > lead).astype(float), float(rows["duel"].iloc[0]))


def test_two_outputs_have_the_closed_form() -> None:
    task, rng = ZipfTask(2.0, 50, 2), np.random.default_rng(0)
    table = closed_form_batches(task, SCHEMES, [3, 50], draws=2048, rng=rng)
    settings = table.groupby(["scheme", "dim"], sort=False)
    assert len(settings) == 4
    for (name, dim), rows in settings:
        assert rows["closed"].iloc[0] == theorem_1_lower(task, SCHEMES[name], int(dim))
        check_mean(
            rows["error"].to_numpy(), rows["closed"].iloc[0], slack=0.01 * rows["closed"].iloc[0]
        )
        assert 0.7 < rows["mean_norm"].iloc[0] / rows["closed"].iloc[0] < 1


def test_plain_draws_are_those_of_each_setting_in_turn() -> None:
    task = ZipfTask(1.0, 20, 5)
    table = plain_draws(task, SCHEMES, [2, 8], draws=50, rng=np.random.default_rng(1))
    rng, rows = np.random.default_rng(1), []
    for own_noise in (False, True):
        for scheme in SCHEMES.values():
            for dim in (2, 8):
                q = scheme.weights(task.probabilities, dim)
                rows.append(plain_law_errors(task, q, dim, draws=50, rng=rng, own_noise=own_noise))
    pd.testing.assert_series_equal(
        table["plain"], pd.Series([row.mean() for row in rows[:4]]), check_names=False
    )
    assert table["selfish"].tolist() == [row.mean() for row in rows[4:]]
    errors = [(row.var() / 50) ** 0.5 for row in rows[:4]]
    assert table["plain_sem"].tolist() == pytest.approx(errors)


def test_every_row_has_the_bounds_of_its_scheme_and_dimension() -> None:
    task, rng = ZipfTask(2.0, 50, 5), np.random.default_rng(0)
    batches = error_batches(task, SCHEMES, [10, 100], draws=64, rng=rng)
    runs = simulate_errors(task, SCHEMES, [10], trials=3, rng=rng)
    table = theorem_1_table(task, SCHEMES, batches, runs)
    law = compare_law(batches, runs, by=["scheme", "dim"])
    pd.testing.assert_frame_equal(table[law.columns], law)
    for row in table.to_dict("records"):
        scheme, dim = SCHEMES[row["scheme"]], int(row["dim"])
        bounds = theorem_1_bounds(task, scheme, dim)
        assert {name: row[name] for name in bounds} == bounds
        assert row["union"] == duel_error(task, scheme, dim, rivals=4)
