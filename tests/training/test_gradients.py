import itertools
from typing import Any

import numpy as np
import pytest
import torch

from assocmem.training import (
    input_gradient,
    output_gradients,
)
from assocmem.training.batch import Batch
from assocmem.training.gradients import association_gradient, loss_gradient
from assocmem.training.network import Network

LABELS = [0, 1, 2, 0, 1, 2, 0]


def draw(model: Any, layer_norm: bool = False, **changes: Any) -> Network:
    arguments = {"runs": 3, "generator": torch.Generator().manual_seed(0), **changes}
    return Network.draw(model, LABELS, 4, layer_norm=layer_norm, **arguments)


def test_loss_gradient_does_not_overflow() -> None:
    logits = torch.tensor([[[1e4, -1e4]]])
    found = loss_gradient(logits, torch.tensor([[1]]), torch.ones(1, 1))
    assert found.tolist() == [[[1.0, -1.0]]]


def test_the_gradient_of_one_token_is_an_association() -> None:
    network = draw("W")
    assert network.memory is not None
    for run, x in itertools.product(range(3), range(7)):
        memory = network.memory[run].clone().requires_grad_(True)
        scores = network.outputs[run] @ memory @ network.inputs[run, x]
        loss = torch.nn.functional.cross_entropy(scores, network.labels[x])
        (expected,) = torch.autograd.grad(loss, memory)
        found = association_gradient(
            memory.detach(), network.outputs[run], network.inputs[run, x], LABELS[x]
        )
        torch.testing.assert_close(found, expected)


def test_the_gradient_of_a_known_token_is_zero() -> None:
    """Scores of 400 against 0: 1 − p rounds to 0."""
    eye = torch.eye(2, dtype=torch.float64)
    found = association_gradient(400 * eye, eye, eye[0], 0)
    torch.testing.assert_close(found, torch.zeros_like(eye), atol=1e-100, rtol=0)
    found = input_gradient(800 * eye, eye, eye[0], 0)
    torch.testing.assert_close(found, torch.zeros_like(found), atol=1e-100, rtol=0)


LABELS = torch.arange(12) % 4


def network(model: str = "EWU", dim: int = 3, runs: int = 5, seed: int = 0) -> Network:
    generator = torch.Generator().manual_seed(seed)
    return Network.draw(model, LABELS, dim, runs=runs, generator=generator)  # type: ignore[arg-type]


def token(x: int, runs: int) -> Batch:
    return Batch(torch.full((runs, 1), x), torch.ones(runs, 1, dtype=torch.float64))


@pytest.mark.parametrize("x", range(12))
def test_gradients_of_the_embeddings_by_finite_differences(x: int) -> None:
    drawn, y = network(), int(LABELS[x])
    assert drawn.memory is not None
    W, U, e = drawn.memory[0], drawn.outputs[0], drawn.inputs[0, x]

    def loss(outputs: torch.Tensor, embedding: torch.Tensor) -> float:
        scores = (outputs @ W @ embedding).numpy()
        return float(np.log(np.exp(scores).sum()) - scores[y])

    step = 1e-6
    for i in range(3):
        h = torch.eye(3, dtype=torch.float64)[i] * step
        slope = (loss(U, e + h) - loss(U, e - h)) / (2 * step)
        assert float(input_gradient(W, U, e, y)[i]) == pytest.approx(slope, abs=1e-8)
        for z in range(4):
            H = torch.zeros_like(U)
            H[z, i] = step
            slope = (loss(U + H, e) - loss(U - H, e)) / (2 * step)
            assert float(output_gradients(W, U, e, y)[z, i]) == pytest.approx(slope, abs=1e-8)


def test_gradients_of_the_embeddings_are_those_of_the_engine() -> None:
    drawn = network()
    assert drawn.memory is not None
    for x in range(12):
        engine = drawn.gradients(token(x, 5))
        assert engine.inputs is not None
        assert engine.outputs is not None
        for r in range(5):
            given = drawn.memory[r], drawn.outputs[r], drawn.inputs[r, x], int(LABELS[x])
            torch.testing.assert_close(input_gradient(*given), engine.inputs[r, 0])
            torch.testing.assert_close(output_gradients(*given), engine.outputs[r])


def test_gradients_of_the_outputs_sum_to_zero() -> None:
    drawn = network()
    assert drawn.memory is not None
    total = output_gradients(drawn.memory[0], drawn.outputs[0], drawn.inputs[0, 0], 0).sum(0)
    torch.testing.assert_close(total, torch.zeros(3, dtype=torch.float64), atol=1e-15, rtol=0)
