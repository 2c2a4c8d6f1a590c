from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import Batch, batches
from assocmem.training.learners import GradientLearner, Learner
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD, Adam, NormalizedSGD, SignSGD
from assocmem.training.reduced_learners import (
    AssociationLearner,
    HiddenLearner,
    ProjectedLearner,
    TokenLearner,
)

TASK = ZipfTask(1.5, 12, 4)


LABELS = torch.from_numpy(TASK.labels(TASK.tokens))


def draw(model: Any = "W", layer_norm: bool = False, dim: int = 6, seed: int = 0) -> Network:
    generator = torch.Generator().manual_seed(seed)
    return Network.draw(model, LABELS, dim, runs=3, generator=generator, layer_norm=layer_norm)


def data(steps: int = 20, batch_size: int = 5) -> list[Batch]:
    return list(batches(TASK, batch_size, steps, runs=3, rng=np.random.default_rng(1)))


def logits(learner: Learner, rate: Any = 0.7, **options: Any) -> torch.Tensor:
    for batch in data(**options):
        learner.step(batch, rate)
    return learner.logits()


@pytest.mark.parametrize("model", ["W", "EU", "EWU"])
@pytest.mark.parametrize("optimizer", [SGD(), SignSGD(1e-8)])
def test_rows_in_pieces_are_the_whole(
    model: str, optimizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = logits(GradientLearner(draw(model, dim=7), optimizer))
    monkeypatch.setattr("assocmem.training.learners.PIECE", 2 * 3 * 7)
    torch.testing.assert_close(logits(GradientLearner(draw(model, dim=7), optimizer)), whole)


@pytest.mark.parametrize("model", ["W", "EU", "EWU"])
@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize(
    ("optimizer", "build"),
    [
        (SGD(), lambda p: torch.optim.SGD(p, lr=0.7)),
        (SignSGD(1e-8), lambda p: torch.optim.Adam(p, lr=0.7, betas=(0.0, 0.0))),
        (Adam(), lambda p: torch.optim.Adam(p, lr=0.7)),
    ],
)
def test_steps_are_those_of_torch(
    model: Any, layer_norm: bool, optimizer: Any, build: Callable[[Any], torch.optim.Optimizer]
) -> None:
    """Against torch's own optimizers on torch's own gradients, token by token of each batch."""
    found = logits(GradientLearner(draw(model, layer_norm), optimizer), steps=4)
    network = draw(model, layer_norm)
    names = {"W": ["memory"], "EU": ["inputs", "outputs"], "EWU": ["memory", "inputs", "outputs"]}
    trained = [getattr(network, name).requires_grad_(True) for name in names[model]]
    rule = build(trained)
    for batch in data(steps=4):
        rule.zero_grad()
        every = network.logits()
        loss = torch.zeros(())
        for run in range(3):
            tokens, weights = batch.tokens[run], batch.weights[run]
            each = torch.nn.functional.cross_entropy(
                every[run, tokens], LABELS[tokens], reduction="none"
            )
            loss = loss + (each * weights).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        rule.step()
    torch.testing.assert_close(found, network.logits().detach(), rtol=1e-5, atol=1e-6)


def test_runs_do_not_see_each_other() -> None:
    """One run among three is the run alone, for the normalized step too."""
    for optimizer in (SGD(), NormalizedSGD(), Adam()):
        together = logits(GradientLearner(draw("EWU"), optimizer))
        whole = draw("EWU")
        assert whole.memory is not None
        alone = Network(
            "EWU",
            whole.inputs[1:2].clone(),
            whole.outputs[1:2].clone(),
            whole.memory[1:2].clone(),
            LABELS,
        )
        learner = GradientLearner(alone, optimizer)
        for batch in data():
            learner.step(Batch(batch.tokens[1:2], batch.weights[1:2]), 0.7)
        torch.testing.assert_close(learner.logits()[0], together[1])


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: TokenLearner(draw("EWU")), "model"),
        (lambda: TokenLearner(draw("W", True)), "layer_norm"),
        (lambda: HiddenLearner(draw("EU")), "model"),
        (lambda: AssociationLearner(draw("EWU")), "model"),
        (lambda: ProjectedLearner(draw("W", True), SGD()), "layer_norm"),
        (lambda: ProjectedLearner(draw(), Adam()), "optimizer"),
        (lambda: ProjectedLearner(draw(), SGD(), scale=0.0), "scale"),
        (lambda: GradientLearner(draw(), SGD(), {"weights": 1.0}), "scales"),
        (lambda: GradientLearner(draw(), SGD(), {"memory": 0.0}), r"scales\['memory'\]"),
    ],
)
def test_what_does_not_fit_is_refused(build: Callable[[], object], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        build()


@pytest.mark.parametrize(
    "build",
    [
        TokenLearner,
        HiddenLearner,
        AssociationLearner,
        lambda network: ProjectedLearner(network, SGD()),
        lambda network: GradientLearner(network, SGD()),
    ],
)
def test_steps_of_another_number_of_runs_are_refused(build: Callable[[Network], Learner]) -> None:
    learner = build(draw())
    one, two = torch.zeros(1, 1, dtype=torch.int64), torch.zeros(2, 1, dtype=torch.int64)
    with pytest.raises(ValueError, match=r"^batch = .*2 runs.* valid range: of 1 or R = 3 runs"):
        learner.step(Batch(two, torch.ones(2, 1)), 1.0)
    with pytest.raises(ValueError, match=r"^learning_rate = .*\(2,\).* valid range"):
        learner.step(Batch(one, torch.ones(1, 1)), torch.ones(2))
    learner.step(Batch(one, torch.ones(1, 1)), 1.0)
    assert torch.equal(learner.labels, LABELS)
