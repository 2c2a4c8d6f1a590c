import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import population
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors, network_losses
from assocmem.training.network import Network
from assocmem.training.optimizer_courses import (
    errors_by_rate,
    gradient_spread,
    published_optimizers,
    watch_optimizers,
)
from assocmem.training.optimizers import SGD, Adam, SignSGD
from assocmem.training.starts import empty_memories

TASK = ZipfTask(1.5, 12, 4)


def start() -> Network:
    return empty_memories(TASK, 6, runs=3, seed=1)


def test_the_spread_is_that_of_the_derivatives_of_the_loss() -> None:
    network = start()
    assert network.memory is not None
    network.memory += torch.randn(network.memory.shape, generator=torch.Generator().manual_seed(0))
    slopes = np.empty(network.memory.shape)
    for i, j in np.ndindex(6, 6):  # by differences, entry by entry
        losses = []
        for shift in (1e-5, -1e-5):
            moved = Network.stack([network])
            assert moved.memory is not None
            moved.memory[:, i, j] += shift
            losses.append(network_losses(TASK, moved.logits()))
        slopes[:, i, j] = (losses[0] - losses[1]) / 2e-5
    np.testing.assert_allclose(
        gradient_spread(TASK, network), slopes.std(axis=(1, 2), ddof=1), rtol=1e-6
    )
    two = Network.draw("EU", network.labels, 6, runs=3, generator=torch.Generator())
    with pytest.raises(ValueError, match="'W'"):
        gradient_spread(TASK, two)


def test_courses_tell_of_each_step_how_it_was_made() -> None:
    optimizers = {"SGD": SGD(), "signs": SignSGD()}
    courses, memories = watch_optimizers(
        TASK, start(), optimizers, n_steps=7, learning_rate=0.5, looks=[0, 3, 7, 9]
    )
    table = courses.pivot(index=["optimizer", "trial", "step"], columns="quantity", values="error")
    sgd, signs = table.loc["SGD"], table.loc["signs"]
    np.testing.assert_allclose(sgd["change"].dropna(), 0.5 * sgd["gradient"].dropna())
    assert signs["change"].dropna().between(0.3, 0.6).all()  # all entries are ± ½
    assert table["error"].notna().all()
    assert len(table["gradient"].dropna()) == 2 * 3 * 7  # no step is made after the last look
    learner = GradientLearner(start(), SGD())
    for step, batch in enumerate([*population(TASK, 7), None]):
        errors = network_errors(TASK, learner.logits())
        np.testing.assert_allclose(sgd["error"].unstack()[step], errors)
        if step in (0, 3, 7):
            expected = torch.softmax(learner.logits()[0], -1)
            np.testing.assert_allclose(memories["SGD"][step], expected)
        if batch is not None:
            learner.step(batch, 0.5)
    assert list(memories["signs"]) == [0, 3, 7]


def test_errors_by_rate_are_those_at_the_end_of_a_course() -> None:
    optimizers, rates = {"Adam": Adam(), "SGD": SGD()}, [0.1, 3.0]
    table = errors_by_rate(TASK, start(), optimizers, rates, 9)
    assert len(table) == 2 * 2 * 3
    for rate in rates:
        courses, _ = watch_optimizers(
            TASK, start(), optimizers, n_steps=9, learning_rate=rate, looks=[]
        )
        for name, ends in courses.query("step == 9").groupby("optimizer"):
            found = table.query("optimizer == @name and learning_rate == @rate")["error"]
            np.testing.assert_array_equal(found, ends["error"])
            assert name in optimizers


def test_the_published_comparison_counts_wrong_tokens_in_two_ways() -> None:
    table = published_optimizers({"SGD": SGD()}, 5)
    task = ZipfTask(2.0, 10, 5)
    learner = GradientLearner(empty_memories(task, 10, runs=300, seed=5), SGD())
    first = gradient_spread(task, learner.network)
    for batch in population(task, 100):
        learner.step(batch, 1.0)
    wrong = (learner.logits().argmax(-1) != learner.labels).numpy()
    np.testing.assert_allclose(table["error"], wrong @ task.probabilities)
    some = wrong.any(axis=1)
    means = [task.probabilities[row].mean() for row in wrong[some]]
    np.testing.assert_allclose(table["wrong_mean"][some], means)
    assert (table["wrong_mean"][~some] == 0).all()
    np.testing.assert_allclose(table["shrink"], gradient_spread(task, learner.network) / first)
