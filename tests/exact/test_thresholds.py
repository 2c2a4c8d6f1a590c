import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from assocmem import ZipfTask, best_threshold
from assocmem.exact import thresholds
from assocmem.model import Scheme
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


class Law:
    """In place of the exact law: the error P/best + best/P, and what it was asked for."""

    def __init__(self, best: float) -> None:
        self.best = best
        self.tried: dict[int, float] = {}
        self.rounds: list[int] = []
        self.numbers: set[float] = set()
        self.draws: set[int] = set()

    def __call__(
        self, task: ZipfTask, schemes: Mapping[str, Scheme], dims: list[int], *,
        rng: np.random.Generator, draws: int,
    ) -> pd.DataFrame:  # fmt: skip
        stored = [int(scheme.stored_at(dims[0]) or 0) for scheme in schemes.values()]
        assert not self.tried.keys() & stored
        self.rounds.append(len(stored))
        self.tried |= {p: p / self.best + self.best / p for p in stored}
        self.numbers.add(rng.random())
        self.draws.add(draws)
        return pd.DataFrame(
            {"mean": [self.tried[p] for p in stored], "sem": 0.01 * np.array(stored)}
        )


@pytest.mark.parametrize("dim", [1, 7, 100, 10**5])
@pytest.mark.parametrize("place", [0.0, 0.01, 0.1, 0.5, 0.8, 0.97, 0.99, 1.0])
def test_the_search_finds_the_minimum_wherever_it_is(
    dim: int, place: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any place between M and 4 M d, on a logarithmic scale, among the multiples of M = 5."""
    law = Law(5 * (4 * dim) ** place)
    monkeypatch.setattr(thresholds, "expected_errors", law)
    (row,) = best_threshold(INFINITE, [dim], rng=np.random.default_rng(0)).to_dict("records")
    multiples = 5.0 * np.arange(1, 4 * dim + 1)
    least = (multiples / law.best + law.best / multiples).min()
    assert law.tried[row["n_stored"]] == row["mean"] <= least * (1 + 2e-4)
    assert row["sem"] == pytest.approx(0.01 * row["n_stored"])
    near = [p for p, error in law.tried.items() if error <= 1.01 * row["mean"]]
    assert (row["low"], row["high"]) == (min(near), max(near))
    assert (min(law.tried), max(law.tried)) == (5, 20 * dim)
    # the same random numbers in every round
    assert len(law.numbers) == 1
    assert law.draws == {16_384}
    assert len(law.rounds) <= 3
    if dim == 10**5:
        # small multiples are those of their neighbours on the grid too
        assert 20 <= law.rounds[0] <= max(law.rounds) <= 25
        assert len(law.rounds) == 3 or place < 0.5


def test_searches_have_random_numbers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    law = Law(7.0)
    monkeypatch.setattr(thresholds, "expected_errors", law)
    rng = np.random.default_rng(0)
    for _ in range(200):
        law.tried.clear()
        best_threshold(INFINITE, [3], rng=rng)
    assert len(law.numbers) == 200


@pytest.mark.parametrize(("n_tokens", "largest"), [(5, 5), (9, 5), (23, 20), (10**4, 400)])
def test_no_more_tokens_are_tried_than_there_are(
    n_tokens: int, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = Law(1e9)
    monkeypatch.setattr(thresholds, "expected_errors", law)
    table = best_threshold(ZipfTask(2.0, n_tokens, 5), [20], rng=np.random.default_rng(0))
    assert table["n_stored"].tolist() == [max(law.tried)] == [largest]


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
