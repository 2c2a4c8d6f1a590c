from typing import Any

import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.comparisons import (
    check_sign_smoothness,
    check_smoothness,
    gradient_deviations,
    memory_errors,
    sign_smoothness,
    smoothness,
    train_beside_approximation,
    watch_descent,
)
from assocmem.training.learners import GradientLearner
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD, SignSGD

TASK = ZipfTask(1.5, 12, 4)


def draw(model: Any = "W", dim: int = 6, **options: Any) -> Network:
    labels, generator = TASK.labels(TASK.tokens), torch.Generator().manual_seed(0)
    return Network.draw(model, labels, dim, runs=3, generator=generator, **options)


def test_the_formula_is_the_gradient_and_without_wrong_outputs_it_is_not() -> None:
    found = gradient_deviations(draw())
    assert found.shape == (3, 2)
    assert (found[:, 0] < 1e-12).all()
    assert (found[:, 1] > 1e-3).all()
    with pytest.raises(ValueError, match="'W'"):
        gradient_deviations(draw("EU"))


def test_both_learners_start_alike_and_are_returned() -> None:
    options: Any = {"n_steps": 1, "batch_size": 1, "learning_rate": 2.0, "record": [1]}
    table, sgd, approximation = train_beside_approximation(
        TASK, draw(zero_memory=True), rng=np.random.default_rng(0), **options
    )
    assert table["learner"].unique().tolist() == ["SGD on W", "approximate q"]
    # the first step stores γ(1 − 1/M) in both
    torch.testing.assert_close(sgd.weights, approximation.weights)
    assert sgd.weights.sum(1).tolist() == pytest.approx([1.5] * 3)
    assert (sgd.shares.sum(1) == 1).all()


def test_errors_of_a_memory_are_those_of_its_matrix() -> None:
    network = draw(zero_memory=True)
    weights = torch.rand(3, 12, dtype=torch.float64)
    rights = network.outputs[:, network.labels]
    memory = torch.einsum("rx,rxi,rxj->rij", weights, rights, network.inputs)
    scores = torch.einsum("rzi,rij,rxj->rxz", network.outputs, memory, network.inputs)
    wrong = (scores.argmax(-1) != network.labels).numpy()
    np.testing.assert_allclose(memory_errors(TASK, network, weights), wrong @ TASK.probabilities)
    with pytest.raises(ValueError, match="weights"):
        memory_errors(TASK, network, weights[:, :5])


def test_watched_steps_gain_what_the_gradient_promises_where_they_are_short() -> None:
    seen = watch_descent(TASK, GradientLearner(draw(), SGD()), lambda norm, step: 1e-5, 4)
    np.testing.assert_allclose(seen["gain"], seen["rate"] * seen["square"], rtol=1e-3)
    assert all(values.shape == (4, 3) for values in seen.values())


def test_the_rate_of_a_watched_step_may_depend_on_the_gradient() -> None:
    seen = watch_descent(TASK, GradientLearner(draw(), SignSGD()), lambda norm, t: 1e-6 * norm, 2)
    np.testing.assert_allclose(seen["rate"], 1e-6 * seen["norm"])
    np.testing.assert_allclose(seen["gain"], 1e-6 * seen["norm"] ** 2, rtol=1e-2)
    with pytest.raises(ValueError, match="'W'"):
        watch_descent(TASK, GradientLearner(draw("EU"), SGD()), lambda norm, step: 1.0, 2)


def test_smoothness_is_what_a_loop_over_its_definition_gives() -> None:
    network = draw()
    for run, found in enumerate(smoothness(TASK, network).tolist()):
        outputs, inputs = network.outputs[run].numpy(), network.inputs[run].numpy()
        second = sum(p * np.outer(e, e) for p, e in zip(TASK.probabilities, inputs, strict=True))
        norms = [np.linalg.eigvalsh(each)[-1] for each in (outputs @ outputs.T, second)]
        assert found == pytest.approx(norms[0] * norms[1] / 2)
    for run, found in enumerate(sign_smoothness(TASK, network).tolist()):
        outputs, inputs = network.outputs[run].tolist(), network.inputs[run].tolist()
        largest = max(sum(map(abs, u)) ** 2 for u in outputs)
        mean = sum(
            p * sum(map(abs, e)) ** 2 for p, e in zip(TASK.probabilities, inputs, strict=True)
        )
        assert found == pytest.approx(largest * mean)


def test_descents_keep_the_promise_with_the_curvature_alone() -> None:
    for check in (check_smoothness, check_sign_smoothness):
        start = draw()
        assert start.memory is not None
        memory = start.memory.clone()
        kept, straight = check(TASK, start, 20)
        assert torch.equal(start.memory, memory)
        assert kept.tolist() == [True] * 3
        assert straight.tolist() == [False] * 3


def test_a_promise_of_too_little_curvature_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, check in (("", check_smoothness), ("sign_", check_sign_smoothness)):
        right = {"": smoothness, "sign_": sign_smoothness}[name]
        with monkeypatch.context() as patch:
            patch.setattr(
                f"assocmem.training.comparisons.{name}smoothness",
                lambda *arguments, right=right: right(*arguments) / 40,
            )
            kept, _ = check(TASK, draw(zero_memory=True), 60)
            assert not kept.all(), name
