import numpy as np
import pandas as pd
import pytest

from assocmem import PerDimension, ZipfTask, expected_errors, threshold
from assocmem.comparisons import (
    FIGURE_1,
    budget_maps,
    crossing_errors,
    figure_1_overlaps,
    table_1,
    with_sum_of_laws,
)

TASK = ZipfTask(2.0, 200, 5)


def test_a_summary_with_the_sum_of_both_laws() -> None:
    runs = pd.DataFrame({"trial": [0, 1], "error": [0.2, 0.4]})
    table = runs.assign(dim=80, n_samples=50.0, n_stored=10, scheme="threshold")
    (row,) = with_sum_of_laws(TASK, table).to_dict("records")
    assert (row["dim"], row["n_samples"], row["mean"]) == (80, 50.0, pytest.approx(0.3))
    p = TASK.probabilities
    unseen, late = p @ (1 - p) ** 50, p[10:].sum()
    assert row["prediction"] == pytest.approx(0.8 * (unseen + late))
    assert row["lower"] == pytest.approx(max(unseen, late) / 2)


def test_maps_of_a_budget_hold_the_law_and_its_two_causes() -> None:
    cut, dims, sizes = PerDimension(1 / 8), [16, 100], [10, 1000]
    maps = budget_maps(
        TASK, cut, [1.5, 2.0], dims, sizes, draws=64, rng=np.random.default_rng(0)
    )  # the task's own α comes second
    assert (maps["alphas"], maps["dims"], maps["samples"]) == ([1.5, 2.0], dims, sizes)
    p = TASK.probabilities
    assert np.allclose(maps["unseen"][1], [(1 - p) ** T @ p for T in sizes])
    assert np.allclose(maps["late"][1], [p[2:].sum(), p[12:].sum()])
    assert np.shape(maps["crossover"]) == (2, 2)
    rng = np.random.default_rng(0)
    for alpha, law in zip((1.5, 2.0), maps["law"], strict=True):
        task = ZipfTask(alpha, 200, 5)
        for d, row in zip(dims, law, strict=True):
            for size, error in zip(sizes, row, strict=True):
                told = expected_errors(
                    task, {"": threshold(cut(d))}, [d], n_samples=[size], draws=256, rng=rng
                )
                # two means of 64 and 256 draws: six times their spread, never by chance
                assert abs(error - told["mean"].item()) < 13 * told["sem"].item() + 1e-4


def test_errors_where_both_laws_cross() -> None:
    cut, dims = PerDimension(1 / 8), [8, 100, 200, 300, 1000]
    p, sizes = TASK.probabilities, np.arange(1, 10_000)
    unseen = (1 - p) ** sizes[:, None] @ p
    found = crossing_errors(TASK, cut, dims, draws=512, seed=[0, 4])
    # P = 1 and P = 125 are left out, and d = 100, 200, 300 have P = 12, 25, 37
    assert len(found.errors) == len(found.larger) == len(found.added) == 3
    for dim, error, larger, added in zip((100, 200, 300), *found, strict=True):
        late = TASK.probabilities[cut(dim) :].sum()
        assert larger == pytest.approx(0.8 * late, rel=0.03)
        assert added == pytest.approx(1.6 * late, rel=0.03)
        size = int(sizes[np.argmax(unseen <= late)])
        law = expected_errors(
            TASK, {"": threshold(cut)}, [dim], n_samples=[size], draws=512,
            rng=np.random.default_rng([0, 4]),
        )  # fmt: skip
        assert error.value == pytest.approx(law["mean"].item(), rel=0.03)
        assert larger < error.low < error.high < added


def test_there_is_no_crossing_where_stored_tokens_err() -> None:
    found = crossing_errors(TASK, PerDimension(1 / 2), [60], draws=64, seed=[0])
    assert not found.errors


def test_published_errors_are_those_of_the_published_thresholds() -> None:
    assert len(FIGURE_1) == 5
    assert figure_1_overlaps(0).all()
    exchanged = figure_1_overlaps(0, {1 / 8: 1 / 12, 1 / 12: 1 / 8}, sets=10)
    assert not exchanged[:2].any()


def test_table_1_has_the_exponents_of_the_laws() -> None:
    rows = table_1(2.0, 5, draws=64, seed=[0, 10])
    assert list(rows) == ["frequency", "root", "threshold", "decay"]
    assert [row.law for row in rows.values()] == pytest.approx(
        [-1 / 4, -1 / 2, -0.922, -1], abs=1e-3
    )
    assert [row.wrong for row in rows.values()] == pytest.approx(
        [-1 / 5, -1 / 3, -1, -0.922], abs=1e-3
    )
    sizes = [100, 300, 1000, 3000, 10_000]
    p = ZipfTask(2.0, 20_000, 5).probabilities
    unseen = [p @ (1 - p) ** size for size in sizes]
    slope = np.polyfit(np.log(sizes), np.log(unseen), 1)[0]
    for row in rows.values():
        assert row.memory.value == pytest.approx(row.law, rel=0.02)
        assert row.data_law == pytest.approx(slope, rel=1e-9)
        assert row.data.value == pytest.approx(row.data_law, rel=0.1)
