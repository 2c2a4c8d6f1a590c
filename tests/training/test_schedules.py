import numpy as np
import pandas as pd
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import population
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors, train
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD
from assocmem.training.reduced_learners import TokenLearner
from assocmem.training.schedules import (
    final_errors,
    least_loss_errors,
    published_schedules,
    step_schedules,
    train_by_batch_size,
    train_by_schedule,
    trembling,
)
from assocmem.training.starts import empty_memories

TASK = ZipfTask(1.5, 12, 4)


def draw() -> Network:
    labels, generator = TASK.labels(TASK.tokens), torch.Generator().manual_seed(0)
    return Network.draw("W", labels, 6, runs=3, generator=generator)


def test_schedules_decay_where_they_should() -> None:
    schedules = step_schedules(10.0, 0.1, 50)
    assert all(len(rates) == 50 for rates in schedules.values())
    assert set(schedules["large"]) == {10.0}
    assert set(schedules["small"]) == {0.1}
    assert schedules["× 0.1 each tenth"][4:6] == pytest.approx([10.0, 1.0])
    assert schedules["× 0.1 each tenth"][-1] == pytest.approx(1e-8)
    assert schedules["× 0.03 after a tenth"][4:6] == pytest.approx([10.0, 0.3])


def test_schedules_see_the_same_data() -> None:
    schedules = {"one": [0.5] * 9, "other": [0.5] * 9, "stronger": [50.0] * 9}
    table = train_by_schedule(TASK, draw(), schedules, seed=[0, 1], record=range(10))
    errors = table.pivot(index=["trial", "step"], columns="schedule", values="error")
    assert (errors["one"] == errors["other"]).all()
    assert (errors["one"] != errors["stronger"]).any()


def test_looks_are_at_equal_distances_at_a_tenth_and_at_the_end() -> None:
    looks = train_by_schedule(TASK, draw(), {"one": [0.5] * 605}, seed=0)["step"].unique()
    assert sorted(looks) == sorted({*range(0, 605, 3), 60, 605})


def test_batch_sizes_are_compared_from_one_start_at_equal_steps_and_samples() -> None:
    start = draw()
    memory = start.memory.clone() if start.memory is not None else None
    methods = {
        "tokens": (TokenLearner, 2.0),
        "matrix": (lambda network: GradientLearner(network, SGD()), 2.0),
    }
    curves = train_by_batch_size(TASK, start, methods, [1, 20], 110, seed=[3])
    assert start.memory is not None
    assert memory is not None
    assert torch.equal(start.memory, memory)
    both = curves.pivot(index=["batch", "step", "trial"], columns="learner", values="error")
    np.testing.assert_allclose(both["tokens"], both["matrix"])  # two ways to make the same steps
    assert set(curves[curves["equal_steps"]]["step"]) == {100}
    filled = curves[curves["equal_samples"]].groupby("batch")["step"].unique().map(list).to_dict()
    assert filled == {"1": [100], "20": [5], "all tokens": [1]}  # 5 batches of 20 are 100 samples
    rng = np.random.default_rng([3])
    alone = train(TASK, {"tokens": TokenLearner(start)}, n_steps=100, batch_size=20,
                  learning_rate=2.0, rng=rng, record=[5, 100])  # fmt: skip
    same = curves.query("learner == 'tokens' and batch == '20'").merge(alone, on=["step", "trial"])
    pd.testing.assert_series_equal(same["error_x"], same["error_y"], check_names=False)
    assert len(same) == 6


def test_a_batch_of_more_samples_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="^batch_sizes"):
        train_by_batch_size(TASK, draw(), {"SGD": (TokenLearner, 1.0)}, [9], 8, seed=0)


def test_the_published_means_are_of_thirty_tokens_in_five_dimensions() -> None:
    table = published_schedules(7, data_seed=[7, 4], runs=20)
    assert table.groupby(["n_tokens", "schedule", "step"])["trial"].nunique().eq(20).all()
    task, schedules = ZipfTask(1.5, 10, 5), step_schedules(10.0, 0.1, 1000)
    start = empty_memories(task, 5, runs=20, seed=7)
    few = {"small": schedules["small"][:100]}
    again = train_by_schedule(task, start, few, seed=[7, 4], record=[100])["error"]
    kept = table.query("n_tokens == 10 and schedule == 'small' and step == 100")["error"]
    np.testing.assert_array_equal(kept, again)


def test_trembling_is_the_mean_change_of_the_error_between_late_looks() -> None:
    runs = train_by_schedule(
        TASK, draw(), {"a": [9.0] * 8, "b": [0.1] * 8}, seed=0, record=range(9)
    )
    found = trembling(runs, after=3).set_index(["schedule", "trial"])["error"]
    groups = runs[runs["step"] > 3].groupby(["schedule", "trial"])["error"]
    assert len(found) == len(groups) == 6
    for key, errors in groups:
        assert found[key] == pytest.approx(sum(abs(np.diff(errors))) / 4)


def test_the_least_loss_is_that_of_a_descent_on_its_gradient() -> None:
    start = draw()
    learner = GradientLearner(Network.stack([start]), SGD())
    for batch in population(TASK, 1000):
        learner.step(batch, 10.0)
    errors = network_errors(TASK, learner.logits())
    np.testing.assert_allclose(least_loss_errors(TASK, start), errors)


def test_schedules_end_at_the_mean_of_their_last_looks() -> None:
    runs = train_by_schedule(
        TASK, draw(), {"a": [9.0] * 30, "b": [0.1] * 30}, seed=0, record=[10, 20, 30]
    )
    found = final_errors(runs)
    for name, rows in runs.groupby("schedule"):
        assert found.loc[name, "final error"] == pytest.approx(rows["error"].to_numpy()[-3:].mean())
        once = [(errors == 0).any() for _, errors in rows.groupby("trial")["error"]]
        assert found.loc[name, "once right"] == np.mean(once)
