import math

import numpy as np
import pytest

from assocmem import ZipfTask, best_threshold
from assocmem.theory import stored_error

INFINITE = ZipfTask(2.0, math.inf, 5)


@pytest.mark.slow
def test_best_threshold_of_the_exact_law() -> None:
    table = best_threshold(INFINITE, [100, 1000, 10**4], rng=np.random.default_rng(0), draws=8192)
    assert table["dim"].tolist() == [100, 1000, 10**4]
    assert (table["n_stored"] % 5 == 0).all()
    assert table["n_stored"][0] == 25
    assert 170 <= table["n_stored"][1] <= 190
    assert 1310 <= table["n_stored"][2] <= 1420
    assert (table["low"] <= table["n_stored"]).all()
    assert (table["n_stored"] <= table["high"]).all()
    assert table["mean"].to_numpy() == pytest.approx([0.02170, 0.003055, 0.000393], rel=0.01)
    assert (table["sem"] < 0.01 * table["mean"]).all()


@pytest.mark.slow
def test_best_threshold_minimizes_the_law_of_large_dimensions() -> None:
    dim = 10**6
    grid = 5 * np.arange(1, 40_000, 10)
    errors = 0.8 * INFINITE.tail(grid) + stored_error(5, grid, dim)
    table = best_threshold(INFINITE, [dim], rng=np.random.default_rng(0), draws=4096)
    assert table["mean"][0] == pytest.approx(errors.min(), rel=0.01)
    assert table["low"][0] <= grid[errors.argmin()] <= table["high"][0]


def test_few_tokens_are_all_stored() -> None:
    table = best_threshold(ZipfTask(2.0, 10, 5), [10**4], rng=np.random.default_rng(0), draws=256)
    assert table["n_stored"][0] == 10
    assert table["mean"][0] < 1e-9


@pytest.mark.parametrize(
    ("task", "dims", "rho", "name"),
    [
        (INFINITE, [0], 0.0, "dims"),
        (INFINITE, [], 0.0, "dims"),
        (INFINITE, [10], -1.0, "rho"),
        (ZipfTask(2.0, 10, 1), [10], 0.0, "n_outputs"),
    ],
)
def test_bad_input(task: ZipfTask, dims: list[int], rho: float, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        best_threshold(task, dims, rng=np.random.default_rng(0), rho=rho)
