import math
from typing import Any

import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import Batch, batches, merge_tokens
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors, network_losses, train
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD
from assocmem.training.reduced_learners import TokenLearner

TASK = ZipfTask(1.5, 10, 4)


LABELS = torch.from_numpy(TASK.labels(TASK.tokens))


def draw(runs: int = 3, dim: int = 8) -> Network:
    generator = torch.Generator().manual_seed(0)
    return Network.draw("W", LABELS, dim, runs=runs, generator=generator)


def table(**changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "learners": {"token": TokenLearner(draw()), "W": GradientLearner(draw(), SGD())},
        "n_steps": 6, "batch_size": 4, "learning_rate": 1.0, "rng": np.random.default_rng(0),
    }  # fmt: skip
    return train(**{"task": TASK, **arguments, **changes})


def test_errors_are_sums_of_the_law() -> None:
    logits = torch.nn.functional.one_hot(LABELS, 4).double().repeat(3, 1, 1)
    logits[1, 2] = torch.tensor([9.0, 0, 0, 0]).double()  # token 3 has the label 3
    logits[2, 7, 1] = math.nan
    errors = network_errors(TASK, logits)
    np.testing.assert_allclose(errors, [0.0, TASK.probabilities[2], math.nan])


def test_losses_are_expected_cross_entropies() -> None:
    logits = torch.randn(3, 10, 4, generator=torch.Generator().manual_seed(0)).double()
    each = torch.nn.functional.cross_entropy(
        logits.reshape(30, 4), LABELS.repeat(3), reduction="none"
    )
    expected = each.reshape(3, 10).numpy() @ TASK.probabilities
    np.testing.assert_allclose(network_losses(TASK, logits), expected)


def test_learners_see_the_same_batches() -> None:
    found = table().pivot(index=["trial", "step"], columns="learner", values="error")
    np.testing.assert_allclose(found["W"], found["token"])
    assert found["W"].nunique() > 5


def test_a_row_for_each_learner_run_and_step() -> None:
    found = table(record=[0, 2, 6])
    assert list(found) == ["learner", "trial", "step", "n_samples", "error", "diverged"]
    assert len(found) == 2 * 3 * 3
    assert not found.duplicated(["learner", "trial", "step"]).any()
    assert (found["n_samples"] == 4 * found["step"]).all()
    whole = table()
    kept = whole[whole["step"].isin([0, 2, 6])].reset_index(drop=True)
    assert kept.equals(found)


def test_the_population_gradient_needs_no_samples() -> None:
    found = table(batch_size=None)
    assert np.isinf(found["n_samples"][found["step"] > 0]).all()
    again = table(batch_size=None, rng=np.random.default_rng(1))
    assert found.equals(again)


def test_a_schedule_gives_each_step_its_rate() -> None:
    rates = [2.0, 2.0, 2.0, 0.5, 0.5, 0.5]
    learner = GradientLearner(draw(), SGD())
    scheduled = table(learners={"W": learner}, learning_rate=rates)
    network = draw()
    by_hand = GradientLearner(network, SGD())
    data = batches(TASK, 4, 6, runs=3, rng=np.random.default_rng(0))
    for rate, batch in zip(rates, data, strict=True):
        by_hand.step(batch, rate)
    torch.testing.assert_close(learner.logits(), by_hand.logits())
    np.testing.assert_allclose(
        scheduled[scheduled["step"] == 6]["error"], network_errors(TASK, by_hand.logits())
    )


def test_a_diverged_run_has_no_error() -> None:
    class Exploding:
        runs, labels = 2, LABELS

        def __init__(self) -> None:
            self.steps = 0

        def step(self, batch: Batch, learning_rate: Any) -> None:
            del batch, learning_rate
            self.steps += 1

        def logits(self) -> torch.Tensor:
            scores = torch.zeros(2, 10, 4)
            scores[1] = math.nan if self.steps > 1 else 0
            return scores

    found = table(learners={"": Exploding()}, n_steps=2)
    assert found["diverged"].tolist() == [False, False, False, False, False, True]
    assert found["error"].isna().equals(found["diverged"])


def test_a_memory_learns() -> None:
    """d = 60 dimensions for 10 tokens: after 200 large steps on the law all runs are right."""
    found = table(learners={"W": TokenLearner(draw(dim=60))}, n_steps=200, batch_size=None,
                  learning_rate=10.0, record=[0, 200])  # fmt: skip
    errors = found.groupby("step")["error"].max()
    assert errors[0] > 0.3
    assert errors[200] == 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"n_steps": -1}, "n_steps"),
        ({"batch_size": 0}, "batch_size"),
        ({"learning_rate": 0.0}, r"learning_rate\[0\]"),
        ({"learning_rate": [1.0]}, "learning_rate"),
        ({"learning_rate": [1.0, 1.0, math.nan, 1.0, 1.0, 1.0]}, r"learning_rate\[2\]"),
        ({"record": [0, 7]}, r"record\[1\]"),
        ({"learners": {}}, "learners"),
        ({"task": ZipfTask(1.5, 11, 4)}, r"learners\['.*'\]"),
        ({"task": ZipfTask(1.5, 10, 5)}, r"learners\['.*'\]"),
        ({"learners": {"a": TokenLearner(draw()), "b": TokenLearner(draw(2))}}, "learners"),
    ],
)
def test_bad_values_are_refused(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        table(**changes)


@pytest.mark.parametrize("shape", [(2, 9, 4), (2, 10, 3), (10, 4)])
def test_logits_of_another_task_are_refused(shape: tuple[int, ...]) -> None:
    for measure in (network_errors, network_losses):
        with pytest.raises(
            ValueError, match=r"^logits = .* valid range: shape \(R, N = 10, M ≥ 4\)"
        ):
            measure(TASK, torch.zeros(shape))


def test_a_batch_without_samples_is_refused() -> None:
    with pytest.raises(ValueError, match="^counts = .* is not valid; valid range"):
        merge_tokens(np.array([[1, 0], [0, 0]]))
