from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from assocmem.associations import association_weights
from assocmem.learners import (
    AssociationLearner,
    GradientLearner,
    HiddenLearner,
    Learner,
    ProjectedLearner,
    TokenLearner,
)
from assocmem.network import Batch, Network
from assocmem.optimizers import SGD, Adam, NormalizedSGD, SignSGD
from assocmem.task import ZipfTask
from assocmem.training import batches

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


RATES = [0.7, torch.tensor([0.01, 0.7, 3.0])]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("dim", [1, 6, 40])
def test_token_space_gives_the_logits_of_plain_sgd(rate: Any, dim: int) -> None:
    found = logits(TokenLearner(draw(dim=dim)), rate)
    torch.testing.assert_close(found, logits(GradientLearner(draw(dim=dim), SGD()), rate))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("layer_norm", [False, True])
def test_hidden_space_gives_the_logits_of_plain_sgd(rate: Any, layer_norm: bool) -> None:
    found = logits(HiddenLearner(draw("W", layer_norm)), rate)
    expected = logits(GradientLearner(draw("W", layer_norm), SGD()), rate)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("optimizer", [SGD(), SignSGD(), SignSGD(1e-3)])
def test_projected_steps_give_the_logits_of_steps_on_w(optimizer: Any) -> None:
    found = logits(ProjectedLearner(draw(), optimizer, scale=0.5))
    expected = logits(GradientLearner(draw(), optimizer, {"memory": 0.5}))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("model", ["W", "EU", "EWU"])
@pytest.mark.parametrize("optimizer", [SGD(), SignSGD(1e-8)])
def test_rows_in_pieces_are_the_whole(
    model: str, optimizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = logits(GradientLearner(draw(model, dim=7), optimizer))
    monkeypatch.setattr("assocmem.learners._PIECE", 2 * 3 * 7)
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


def test_a_learner_in_token_space_leaves_its_network_alone() -> None:
    network = draw()
    before = network.logits().clone()
    for learner in (
        TokenLearner(network),
        HiddenLearner(network),
        ProjectedLearner(network, SGD()),
    ):
        assert not torch.equal(logits(learner), before)
        assert torch.equal(network.logits(), before)


def test_weights_follow_the_recursion() -> None:
    """Drawn one at a time, a token's weight depends on how often it was drawn alone."""
    learner = AssociationLearner(draw())
    logits(learner, rate=2.0, batch_size=1, steps=30)
    climbed = association_weights(2.0, 4, 30)
    for run in range(3):
        drawn = np.bincount([int(batch.tokens[run]) for batch in data(30, 1)], minlength=12)
        np.testing.assert_allclose(learner.weights[run].numpy(), climbed[drawn], rtol=1e-12)


def test_weights_stay_where_there_is_but_one_output() -> None:
    network = Network.draw("W", [0, 0], 3, runs=2, generator=torch.Generator())
    learner = AssociationLearner(network)
    learner.step(Batch(torch.tensor([[1]]), torch.ones(1, 1)), 1.0)
    assert not learner.weights.any()


def test_scores_of_the_weights_are_those_of_the_memory() -> None:
    network = draw()
    learner = AssociationLearner(network)
    found = logits(learner)
    for run in range(3):
        memory = sum(
            learner.weights[run, x]
            * torch.outer(network.outputs[run, LABELS[x]], network.inputs[run, x])
            for x in range(12)
        )
        expected = network.inputs[run] @ memory.T @ network.outputs[run].T
        torch.testing.assert_close(found[run], expected)


def test_margin_of_orthonormal_embeddings_has_a_larger_step() -> None:
    """With orthonormal E and U the margin climbs by γM/(M − 1) where q climbs by γ."""
    network = Network(
        "W", torch.eye(5)[None], torch.eye(5)[None], torch.zeros(1, 5, 5), torch.arange(5)
    )
    learner = TokenLearner(network)
    margins = []
    for _ in range(3):
        learner.step(Batch(torch.tensor([[2]]), torch.ones(1, 1)), 0.5)
        scores = learner.logits()[0, 2]
        margins.append(float(scores[2] - scores[0]))
    np.testing.assert_allclose(margins, association_weights(0.5 * 5 / 4, 5, 3)[1:], rtol=1e-6)
    np.testing.assert_allclose(margins, [0.5, 0.943, 1.323], atol=1e-3)


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: TokenLearner(draw("EWU")), "model"),
        (lambda: TokenLearner(draw("W", True)), "layer_norm"),
        (lambda: HiddenLearner(draw("EU")), "model"),
        (lambda: AssociationLearner(draw("EWU")), "model"),
        (lambda: ProjectedLearner(draw("W", True), SGD()), "model"),
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
