from typing import Any

import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.theory.gradient import association_weights
from assocmem.training.batch import Batch, batches
from assocmem.training.learners import GradientLearner, Learner
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD, SignSGD
from assocmem.training.reduced_learners import (
    AssociationLearner,
    HiddenLearner,
    ProjectedLearner,
    StoringLearner,
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


def test_stored_weights_are_those_of_the_gradients_that_were_added() -> None:
    network, rate = draw(), torch.tensor([0.01, 0.7, 3.0])
    assert network.memory is not None
    plain = GradientLearner(draw(), SGD())
    expected, counts = np.zeros((2, 3, 12))
    learner = StoringLearner(network)
    for batch in data():
        missing = 1 - torch.softmax(plain.logits(), -1).gather(
            -1, LABELS[None, :, None].expand(3, -1, 1)
        )
        for run in range(3):
            for token, share in zip(batch.tokens[run], batch.weights[run], strict=True):
                expected[run, token] += rate[run] * share * missing[run, token, 0]
                counts[run, token] += share * 5
        plain.step(batch, rate)
        learner.step(batch, rate)
    np.testing.assert_allclose(learner.weights, expected)
    np.testing.assert_allclose(5 * learner.shares, counts)
    torch.testing.assert_close(learner.logits(), plain.logits())


def test_stored_weights_of_orthonormal_embeddings_are_those_of_the_margins() -> None:
    """The margin is a + a/(M − 1), and f takes it a step of γ M/(M − 1) further."""
    eye = torch.eye(12, dtype=torch.float64).expand(3, -1, -1)
    learner = StoringLearner(Network("W", eye, eye[:, :4], 0 * eye, LABELS))
    for batch in data(steps=60, batch_size=1):
        learner.step(batch, 0.5)
    draws = learner.shares.numpy().astype(int)
    margins = association_weights(0.5 * 4 / 3, 4, int(draws.max()))[draws]
    np.testing.assert_allclose(learner.weights * 4 / 3, margins)
