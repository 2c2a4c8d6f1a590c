import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem.training.batch import Batch
from assocmem.training.network import MODELS, Network

LABELS = [0, 1, 2, 0, 1, 2, 0]


def draw(model: Any, layer_norm: bool = False, **changes: Any) -> Network:
    arguments = {"runs": 3, "generator": torch.Generator().manual_seed(0), **changes}
    return Network.draw(model, LABELS, 4, layer_norm=layer_norm, **arguments)


def batch() -> Batch:
    tokens = torch.tensor([[0, 3, 6], [1, 2, 5], [4, 0, 1]])
    weights = torch.tensor([[0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3], [0.75, 0.25, 0.0]])
    return Batch(tokens, weights.double())


def plain_logits(network: Network, run: int, tokens: Tensor) -> Tensor:
    """As the paper writes it, one run at a time."""
    hidden = network.inputs[run][tokens]
    if network.memory is None:
        hidden = torch.relu(hidden)
    else:
        hidden = torch.stack([network.memory[run] @ row for row in hidden])
    if network.layer_norm:
        hidden = hidden / ((hidden**2).sum(dim=1, keepdim=True) + 1e-6).sqrt()
    return torch.stack([network.outputs[run] @ row for row in hidden])


@pytest.mark.parametrize(("model", "layer_norm"), list(itertools.product(MODELS, (False, True))))
def test_logits_are_those_of_the_formula(model: str, layer_norm: bool) -> None:
    network = draw(model, layer_norm)
    expected = torch.stack([plain_logits(network, run, torch.arange(7)) for run in range(3)])
    torch.testing.assert_close(network.logits(), expected)


@pytest.mark.parametrize(("model", "layer_norm"), list(itertools.product(MODELS, (False, True))))
def test_gradients_are_those_of_autograd(model: str, layer_norm: bool) -> None:
    network = draw(model, layer_norm)
    gradients = network.gradients(batch())
    arrays = {"inputs": network.inputs, "outputs": network.outputs}
    if network.memory is not None:
        arrays["memory"] = network.memory
    for array in arrays.values():
        array.requires_grad_(True)
    tokens, weights = batch().tokens, batch().weights
    loss = torch.zeros((), dtype=torch.float64)
    for run in range(3):
        logits = plain_logits(network, run, tokens[run])
        right = network.labels[tokens[run]]
        each = torch.nn.functional.cross_entropy(logits, right, reduction="none")
        loss = loss + (weights[run] * each).sum()
    found = dict(zip(arrays, torch.autograd.grad(loss, list(arrays.values())), strict=True))

    if model == "EU":
        assert gradients.factors is None
    else:
        assert gradients.factors is not None
        left, right_factor = gradients.factors
        torch.testing.assert_close(left.mT @ right_factor, found["memory"])
    if model == "W":
        assert gradients.inputs is None
        assert gradients.outputs is None
        return
    assert gradients.inputs is not None
    dense = torch.zeros_like(network.inputs)
    for run, slot in itertools.product(range(3), range(3)):
        dense[run, tokens[run, slot]] += gradients.inputs[run, slot]
    torch.testing.assert_close(dense, found["inputs"])
    torch.testing.assert_close(gradients.outputs, found["outputs"])


def test_one_batch_serves_all_runs() -> None:
    network = draw("W")
    one = Batch(torch.tensor([[2, 5]]), torch.tensor([[0.25, 0.75]]).double())
    each = Batch(one.tokens.expand(3, 2), one.weights.expand(3, 2))
    for left, right in zip(
        network.gradients(one).factors, network.gradients(each).factors, strict=True
    ):
        torch.testing.assert_close(left.expand_as(right), right)


def test_entries_are_standard_normal_over_the_root_of_the_dimension() -> None:
    network = draw("EWU", runs=4000)
    for array in (network.memory, network.inputs, network.outputs):
        assert array is not None
        values = (array * 2).flatten()  # √d = 2
        error = 4 / len(values) ** 0.5  # four standard errors: fails once in 16,000
        assert abs(float(values.mean())) < error
        assert abs(float(values.var()) - 1) < 2**0.5 * error


def test_a_generator_gives_the_same_networks_again() -> None:
    again = draw("EWU"), draw("EWU")
    torch.testing.assert_close(again[0].logits(), again[1].logits(), rtol=0, atol=0)
    assert not torch.equal(
        draw("W").logits(), draw("W", generator=torch.Generator().manual_seed(1)).logits()
    )


def test_stacked_networks_are_the_runs_of_one() -> None:
    one, two = draw("EWU", runs=1), draw("EWU", runs=2)
    both = Network.stack([one, two])
    torch.testing.assert_close(both.logits(), torch.cat([one.logits(), two.logits()]))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"model": "W U"}, "model"),
        ({"model": "EU"}, "memory"),
        ({"memory": None}, "memory"),
        ({"memory": torch.zeros(3, 4, 5)}, "memory"),
        ({"outputs": torch.zeros(2, 3, 4)}, "outputs"),
        ({"labels": torch.zeros(6)}, "labels"),
        ({"labels": torch.zeros(7)}, "labels"),
        ({"labels": torch.full((7,), 9)}, "labels"),
        ({"labels": torch.full((7,), -1)}, "labels"),
        ({"memory": torch.zeros(3, 4, 4, dtype=torch.float32)}, "memory"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, Any], name: str) -> None:
    network = draw("W")
    arguments: dict[str, Any] = {**vars(network), **changes}
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        Network(**arguments)


def test_unit_embeddings_have_norm_one() -> None:
    network = draw("W", unit_inputs=True, unit_outputs=True)
    for array in (network.inputs, network.outputs):
        norms = array.norm(dim=-1)
        torch.testing.assert_close(norms, torch.ones_like(norms))


@pytest.mark.parametrize(
    ("labels", "options", "name"),
    [
        ([], {}, "labels"),
        ([0.0, 1.0], {}, "labels"),
        ([0, -1], {}, "labels"),
        ([0, 4], {"n_outputs": 4}, "labels"),
        ([0, 1], {"n_outputs": 0}, "n_outputs"),
    ],
)
def test_labels_that_are_no_outputs_are_refused(labels: Any, options: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        Network.draw("W", labels, 3, runs=1, generator=torch.Generator(), **options)


def test_networks_of_two_kinds_are_not_stacked() -> None:
    for others in ([], [draw("W"), draw("EWU")], [draw("W"), draw("W", layer_norm=True)]):
        with pytest.raises(ValueError, match=r"^networks.* is not valid; valid range"):
            Network.stack(others)
