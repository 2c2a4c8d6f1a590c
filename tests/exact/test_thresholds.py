import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from assocmem import ZipfTask, best_threshold, expected_errors
from assocmem.exact import error_by_threshold, thresholds
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


def test_the_causes_of_an_error_are_those_of_real_memories() -> None:
    """2000 memories, whose errors are counted token by token; each part within 5 standard errors."""
    task, dim, n, rng = ZipfTask(1.2, 30, 3), 6, 2000, np.random.default_rng(1)
    labels, stored = np.arange(1, 31) % 3, [1, 4, 12, 30]
    e, u = rng.standard_normal((n, 30, dim)), rng.standard_normal((n, 3, dim))
    u /= np.linalg.norm(u, axis=2, keepdims=True)
    table = error_by_threshold(task, dim, n_stored=stored, rng=rng, draws=20_000)
    for p, row in zip(stored, table.itertuples(), strict=True):
        memory = np.einsum("txi,txj->tij", u[:, labels[:p]], e[:, :p])
        scores = np.einsum("tmi,tij,txj->txm", u, memory, e)
        wrong = scores.argmax(axis=2) != labels
        for part, found in (
            (slice(p, None), row.not_stored), (slice(p), row.crowded_out)
        ):  # fmt: skip
            lost = wrong[:, part] @ task.probabilities[part]
            assert found == pytest.approx(lost.mean(), abs=5 * lost.std() / n**0.5 + 1e-3)
    np.testing.assert_allclose(table["not_stored"] + table["crowded_out"], table["error"])
    assert table["not_stored"].iloc[-1] == pytest.approx(0, abs=1e-15)


def test_the_error_is_that_of_the_law_whatever_the_threshold() -> None:
    """To the last digit, from the same random numbers."""
    seed = int(np.random.default_rng(4).integers(2**62))
    table = error_by_threshold(INFINITE, 20, n_stored=[3, 25], rng=np.random.default_rng(4))
    law = expected_errors(
        INFINITE,
        {"3": Scheme(0.0, 3), "25": Scheme(0.0, 25)},
        [20],
        rng=np.random.default_rng(seed),
    )
    np.testing.assert_allclose(table["error"], law["mean"], rtol=1e-12)
    # guesses, where P is a multiple of M, but for chance
    assert table["not_stored"][1] == pytest.approx(0.8 * float(INFINITE.tail(25)), rel=1e-3)


@pytest.mark.parametrize(("n_tokens", "largest"), [(52, 50), (10**6, 400), (math.inf, 400)])
def test_thresholds_that_are_tried_unless_told(n_tokens: float, largest: int) -> None:
    task, rng = ZipfTask(2.0, n_tokens, 5), np.random.default_rng(0)
    stored = error_by_threshold(task, 20, rng=rng, draws=16)["n_stored"]
    assert stored.iloc[0] == 1
    assert stored.iloc[-1] == largest
    assert (np.diff(stored) > 0).all()
    assert all(p < 5 or p % 5 == 0 for p in stored)


@pytest.mark.parametrize(
    ("options", "name"), [({"n_stored": [0]}, "n_stored"), ({"draws": 0}, "draws")]
)
def test_causes_of_nothing_are_refused(options: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        error_by_threshold(INFINITE, 10, rng=np.random.default_rng(0), **options)


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
