"""The grid against a plain program with torch's autograd and optimizers, and against published cells."""

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from assocmem.published_grid import runs
from assocmem.published_grid.results import GRID_FILE
from assocmem.published_grid.runs import (
    GRID,
    GRID_TASK,
    grid_cost,
    grid_errors,
    published_stream,
)
from benchmarks.plain_training import plain_run

SHAPES = list(itertools.product(("W", "EU", "EWU"), ("SGD", "Adam"), (False, True)))


def errors(model: Any, optimizer: str, layer_norm: bool, **changes: Any) -> pd.DataFrame:
    arguments: dict[str, Any] = {
        "dim": 10, "batch_size": 128, "learning_rate": [1.0], "n_samples": [1024], "seed": [42, 43],
    }  # fmt: skip
    return grid_errors(model, optimizer, layer_norm, **{**arguments, **changes})


def test_the_grid_has_40320_runs() -> None:
    assert math.prod(len(values) for values in GRID.values()) == 40_320


def test_the_axes_are_those_of_the_runs_that_are_kept() -> None:
    kept = pd.read_parquet(GRID_FILE)
    for axis, values in GRID.items():
        assert sorted(kept[axis].unique()) == sorted(values)


def test_the_least_of_everything_is_a_run() -> None:
    found = errors("W", "SGD", False, dim=1, batch_size=1, n_samples=[1], seed=[0])
    assert found["error"].between(0, 1).tolist() == [True]
    network, tokens = published_stream("W", 1, 1, 0)
    assert network.inputs.shape == (1, 100, 1)
    assert len(tokens) == 1
    assert not network.layer_norm


@pytest.mark.slow
@pytest.mark.parametrize(("model", "optimizer", "layer_norm"), SHAPES)
def test_runs_are_those_of_the_plain_program(model: str, optimizer: str, layer_norm: bool) -> None:
    """Eight steps from the same random numbers, and no large ones where only signs count: once softmax
    saturates, gradients are rounding errors, and so are their signs.
    """
    rates = [0.1, 10.0] if optimizer == "SGD" else [0.1, 1.0]
    found = errors(model, optimizer, layer_norm, learning_rate=rates)
    for row in found.itertuples():
        plain = plain_run(
            model, optimizer, layer_norm, 10, 128, row.learning_rate, row.n_samples, row.seed
        )
        assert row.error == pytest.approx(plain, abs=1e-6, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "optimizer", "layer_norm"), SHAPES)
def test_smaller_t_are_earlier_looks_at_the_same_run(
    model: str, optimizer: str, layer_norm: bool
) -> None:
    together = errors(model, optimizer, layer_norm, n_samples=[2048, 1024])
    assert together.index.tolist() == list(range(4))
    apart = [errors(model, optimizer, layer_norm, n_samples=[n]) for n in (1024, 2048)]
    merged = together.merge(pd.concat(apart), on=["learning_rate", "seed", "n_samples"])
    assert len(merged) == 4
    np.testing.assert_allclose(merged["error_x"], merged["error_y"])


@pytest.mark.parametrize("size", [1, 10**9])
def test_runs_do_not_depend_on_their_company(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = errors("EWU", "SGD", True, learning_rate=[0.1, 1.0])
    monkeypatch.setattr(runs, "_TOGETHER", size)
    other = errors("EWU", "SGD", True, learning_rate=[0.1, 1.0])
    np.testing.assert_allclose(other["error"], usual["error"])


class Counted:
    """A learner that counts its steps and how often it is looked at."""

    def __init__(self, learner: Any) -> None:
        self.learner, self.runs, self.steps, self.looks = learner, learner.runs, 0, 0

    def step(self, *arguments: Any) -> None:
        self.steps += 1
        self.learner.step(*arguments)

    def logits(self) -> torch.Tensor:
        self.looks += 1
        return self.learner.logits()


@pytest.fixture
def learners(monkeypatch: pytest.MonkeyPatch) -> list[Counted]:
    found: list[Counted] = []
    learner = runs._learner

    def counted(*arguments: Any) -> Any:
        found.append(Counted(learner(*arguments)))
        return found[-1]

    monkeypatch.setattr(runs, "_learner", counted)
    return found


def test_arrays_that_are_trained_together_fit_into_the_cache(learners: list[Counted]) -> None:
    """2¹⁹ numbers: of a d × d matrix, or of 100 × d inputs, for every run."""
    short = {"batch_size": 64, "n_samples": [64], "learning_rate": [0.1, 1.0, 10.0]}
    for dim, together in ((200, [13, 5]), (50, [18]), (1000, [1] * 18)):
        learners.clear()
        errors("EU", "SGD", False, dim=dim, seed=[*range(42, 48)], **short)
        assert [learner.runs for learner in learners] == together
    learners.clear()
    errors("W", "SGD", False, dim=10, seed=[*range(42, 222)], **short)
    assert [learner.runs for learner in learners] == [524, 16]


def test_training_is_looked_at_every_64_steps_and_ends_when_all_runs_have_diverged(
    learners: list[Counted],
) -> None:
    some: dict[str, Any] = {"batch_size": 16, "n_samples": [3200]}
    errors("EWU", "SGD", False, learning_rate=[100.0], **some)
    assert [(learner.steps, learner.looks) for learner in learners] == [(64, 1)]
    learners.clear()
    errors("EWU", "SGD", False, learning_rate=[0.1, 100.0], **some)
    # three looks, and one at the end
    assert [(learner.steps, learner.looks) for learner in learners] == [(200, 4)]


@pytest.mark.parametrize(
    ("rate", "dim", "n_samples", "batch_size", "mean", "std"),
    [(0.1, 200, 1024, 64, 0.164464, 0.087290), (1.0, 50, 10_240, 256, 0.070503, 0.018697)],
)
def test_published_cells_of_sgd_on_w_come_out_to_the_last_digit(
    rate: float, dim: int, n_samples: int, batch_size: int, mean: float, std: float
) -> None:
    """Cabannes, Dohmatob, Bietti (2024): mean and standard deviation over ten seeds."""
    found = errors(
        "W", "SGD", False, dim=dim, batch_size=batch_size, learning_rate=[rate],
        n_samples=[n_samples], seed=list(GRID["seed"]),
    )["error"]  # fmt: skip
    assert found.mean() == pytest.approx(mean, abs=1e-6)
    assert found.std() == pytest.approx(std, abs=1e-6)


@pytest.mark.slow
def test_diverged_runs_have_no_error() -> None:
    found = errors(
        "EWU", "SGD", False, learning_rate=[0.1, 100.0], batch_size=64, n_samples=[10_240]
    )
    by_rate = found.groupby("learning_rate")["diverged"].all()
    assert by_rate[100.0]
    assert not by_rate[0.1]
    assert found["error"].isna().equals(found["diverged"])


def test_a_smaller_sample_is_the_beginning_of_a_larger_one() -> None:
    network, tokens = published_stream("W", 7, 1000, 42)
    again, first = published_stream("W", 7, 100, 42)
    assert torch.equal(tokens[:100], first)
    assert torch.equal(network.logits(), again.logits())
    counts = np.bincount(tokens, minlength=100)[:3]
    # within four standard deviations of each count
    expected = 1000 * GRID_TASK.probabilities[:3]
    assert (np.abs(counts - expected) < 4 * np.sqrt(expected)).all()


def test_labels_start_with_class_zero() -> None:
    """A network that predicts class 0 everywhere has the error 0.358608 of published diverged runs."""
    wrong = GRID_TASK.labels(GRID_TASK.tokens) != 0
    assert GRID_TASK.probabilities[wrong].sum() == pytest.approx(0.358608, abs=1e-6)


def test_large_work_costs_more() -> None:
    for model, optimizer in itertools.product(("W", "EU", "EWU"), ("SGD", "Adam")):
        cost = {(d, b): grid_cost(dim=d, batch_size=b, model=model, optimizer=optimizer)
                for d in (10, 1000) for b in (16, 1024)}  # fmt: skip
        assert cost[1000, 16] > cost[1000, 1024] > cost[10, 1024]


def test_matrices_of_memories_cost_more_in_large_dimensions() -> None:
    """All of W is trained, unless it is by SGD on the few directions that tokens have."""
    cost = {
        (model, optimizer): grid_cost(1000, 16, model, optimizer)
        for model, optimizer in itertools.product(("W", "EU", "EWU"), ("SGD", "Adam"))
    }
    dense = [("EWU", "SGD"), ("EWU", "Adam"), ("W", "Adam")]
    least = min(cost[shape] for shape in dense)
    assert all(cost[shape] < least for shape in cost if shape not in dense)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"model": "E"}, "model"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"dim": 0}, "dim"),
        ({"batch_size": 16.0}, "batch_size"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": [0.0]}, r"learning_rate\[0\]"),
        ({"n_samples": [1000]}, r"n_samples\[0\]"),
        ({"n_samples": [1024, 0]}, r"n_samples\[1\]"),
        ({"seed": [-1]}, r"seed\[0\]"),
        ({"seed": []}, "seed"),
    ],
)
def test_bad_values_are_refused(changes: dict[str, Any], name: str) -> None:
    shape = {"model": "W", "optimizer": "SGD", "layer_norm": False}
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        errors(**{**shape, **changes})


def test_a_stream_of_bad_values_is_refused() -> None:
    good: dict[str, Any] = {"model": "W", "dim": 3, "n_samples": 4, "seed": 42}
    for name, value in {"model": "E", "dim": 0, "n_samples": 0, "seed": -1}.items():
        with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
            published_stream(**{**good, name: value})
