"""Batches of draws: what the mean is taken over, however the work is cut into pieces."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assocmem import (
    PerDimension,
    ZipfTask,
    error_batches,
    expected_errors,
    fill,
    frequency,
    threshold,
)
from assocmem.exact import batches
from assocmem.theory import stored_error

SCHEMES = {"fill": fill(), "p": frequency(), "cut": threshold(PerDimension(1 / 4), 0.3)}


def means(task: ZipfTask, draws: int, **options: Any) -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    table = error_batches(task, SCHEMES, [5, 30, 400], rng=rng, draws=draws, **options)
    return table["error"].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize("n_samples", [None, [10, 100]])
@pytest.mark.parametrize("target", [None, (0, 1, 1, 3, 2)])
def test_pieces_of_any_size_give_the_same_means(
    n_samples: Any, target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = ZipfTask(1.0, 40, 4, target)
    usual = means(task, 250, n_samples=n_samples)
    for cached in (1, 200, 2**30):
        monkeypatch.setattr(batches, "_CACHED", cached)
        np.testing.assert_allclose(means(task, 250, n_samples=n_samples), usual, rtol=1e-9)


def test_data_sets_that_are_drawn_one_by_one_have_the_same_law(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other random numbers: five standard errors, of 15 degrees of freedom each (2e-4 a value)."""
    task, tables = ZipfTask(1.0, 40, 4), []
    for counts in (2**19, 1):
        monkeypatch.setattr(batches, "_COUNTS", counts)
        rng = np.random.default_rng(counts)
        options: dict[str, Any] = {"draws": 320, "n_samples": [10, 100]}
        tables.append(expected_errors(task, SCHEMES, [5, 30], rng=rng, **options))
    one, other = tables
    sems = np.hypot(one["sem"], other["sem"])
    assert ((one["mean"] - other["mean"]).abs() < 5 * sems).all()
    assert (sems < 0.2 * one["mean"]).all()


@pytest.mark.parametrize(("draws", "sets"), [(16, 1), (64, 1), (65, 2), (128, 2), (240, 4)])
def test_each_batch_has_data_sets_of_its_own_one_for_every_four_draws(
    draws: int, sets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    draw_counts = batches.draw_counts

    def counted(task: ZipfTask, sizes: list[int], n: int, rng: np.random.Generator) -> object:
        drawn.append(n)
        return draw_counts(task, sizes, n, rng)

    monkeypatch.setattr(batches, "draw_counts", counted)
    means(ZipfTask(1.0, 40, 4), draws, n_samples=[10])
    assert sum(drawn) == 16 * sets


def test_unseen_tokens_are_no_matter_of_chance() -> None:
    """In a large memory of all tokens seen, nothing else errs: Σ p (1 − p)^T, and about a guess, as
    long as outputs are seen about equally often.
    """
    task, sizes = ZipfTask(1.0, 50, 5), [1, 10, 100]
    rng = np.random.default_rng(0)
    table = expected_errors(task, {"": fill()}, [10**7], rng=rng, draws=512, n_samples=sizes)
    p = 1 / np.arange(1, 51)
    p /= p.sum()
    for size, mean, sem in zip(sizes, table["mean"], table["sem"], strict=True):
        expected = 0.8 * (p * (1 - p) ** size).sum()
        assert mean == pytest.approx(expected, rel=0.02)
        # without what is known of the unseen tokens, three times as much or more
        assert sem < (0.005 if size == 1 else 0.002) * expected


def test_the_unseen_are_known_where_a_threshold_keeps_all_that_is_seen() -> None:
    """Of 50 tokens, 40 are stored, and 16 seen in 30 samples. Without what is known of the others,
    the standard error is ten times as large.
    """
    task, size = ZipfTask(1.0, 50, 5), 30
    rng = np.random.default_rng(0)
    scheme = {"": threshold(40)}
    table = expected_errors(task, scheme, [10**7], rng=rng, draws=512, n_samples=[size])
    p = 1 / np.arange(1, 51)
    p /= p.sum()
    assert table["sem"][0] < 0.002 * 0.8 * (p * (1 - p) ** size).sum()


def test_the_mean_is_right_where_a_threshold_cuts_off_more_than_what_is_not_seen() -> None:
    """One token of each output is stored, of samples that show all tokens: the others are guessed."""
    task = ZipfTask(1.0, 50, 5)
    rng = np.random.default_rng(0)
    scheme = {"": threshold(5)}
    table = expected_errors(task, scheme, [10**7], rng=rng, draws=512, n_samples=[10**6])
    p = 1 / np.arange(1, 51)
    p /= p.sum()
    assert table["mean"][0] == pytest.approx(0.8 * p[5:].sum(), rel=1e-3)


@pytest.mark.parametrize("draws", [16, 32, 208])
def test_rare_errors_are_asked_for_in_every_batch(draws: int) -> None:
    """One in twelve draws of a batch counts for all of it, also where the batch is one draw. All
    other errors together are 10⁻²³ here, and these 10⁻¹⁷.
    """
    task, dim = ZipfTask(2.0, 100, 5), 3000
    rng = np.random.default_rng(0)
    table = error_batches(task, {"": fill()}, [dim], rng=rng, draws=draws)
    assert 0.05 < table["error"].mean() / float(stored_error(5, 100, dim)) < 20


@pytest.mark.parametrize(
    ("size", "lengths"), [(0, [1] * 5), (1, [1] * 5), (2, [2, 2, 1]), (9, [5])]
)
def test_parts_have_one_draw_at_least(size: int, lengths: list[int]) -> None:
    parts = list(batches._parts(np.arange(5), size))
    assert [len(part) for part in parts] == lengths
    assert np.concatenate(parts).tolist() == list(range(5))


def recorded(monkeypatch: pytest.MonkeyPatch, name: str, size: Any) -> list[int]:
    """The sizes of what a function of the module is called with, by a function of its arguments."""
    found: list[int] = []
    function = getattr(batches, name)

    def call(*arguments: Any) -> Any:
        found.append(size(*arguments))
        return function(*arguments)

    monkeypatch.setattr(batches, name, call)
    return found


@pytest.mark.slow
def test_no_array_is_larger_than_the_cache_and_pieces_are_as_few_as_that_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Arrays of 2¹⁶ numbers: 409 draws of 8 outputs in 20 dimensions, or 1024 settings of 8 × 8."""
    usual = recorded(monkeypatch, "usual_errors", lambda drawn, norms, rare: drawn.own.size * 20)
    rare = recorded(monkeypatch, "rare_errors", lambda drawn, norms: drawn.gram.size)
    dims = list(range(100, 120))
    rng = np.random.default_rng(0)
    expected_errors(ZipfTask(1.0, 40, 8), {"": fill()}, dims, rng=rng, draws=3200)
    # Blocks have 7, 7 and 2 batches of 200 draws, 17 of which are asked for rare errors.
    assert usual == [8 * 20 * n for n in [409, 409, 409, 173] * 2 + [400]]
    assert rare == [64 * n for n in [1024, 1024, 7 * 17 * 20 - 2048] * 2 + [2 * 17 * 20]]


def test_counts_are_held_for_a_limited_number_of_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """2¹⁹ counts: 65 draws of 2000 tokens and four sizes, also if each had a data set of its own."""
    sets = recorded(monkeypatch, "draw_counts", lambda task, sizes, n, rng: n)
    options: dict[str, Any] = {"draws": 1600, "n_samples": [1, 2, 3, 4]}
    rng = np.random.default_rng(0)
    expected_errors(ZipfTask(1.0, 2000, 8), {"": fill()}, [3], rng=rng, **options)
    # blocks of 14 batches and of 2
    assert len(sets) == math.ceil(1400 / 65) + math.ceil(200 / 65)
    assert max(sets) <= 65 // 4 + 2


def test_draws_are_rounded_up_to_full_batches() -> None:
    task = ZipfTask(1.0, 40, 4)
    np.testing.assert_array_equal(means(task, 97), means(task, 112))
    rng = np.random.default_rng(0)
    for draws, rounded in ((1, 16), (16, 16), (97, 112)):
        table = expected_errors(task, {"": fill()}, [3], rng=rng, draws=draws)
        assert table["draws"].tolist() == [rounded]
