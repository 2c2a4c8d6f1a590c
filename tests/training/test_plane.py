import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import batches, population
from assocmem.training.learned_embeddings import plane_errors, recallable_outputs
from assocmem.training.learners import GradientLearner
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD, Adam
from assocmem.training.plane import (
    constant_error,
    constant_errors,
    descend_by_rates,
    descend_in_plane,
    embedding_deviations,
    mean_distances,
    plane_ends,
    plane_networks,
    plane_view,
    recallable_in_time,
    train_by_outputs,
)

TASK = ZipfTask(2.0, 12, 4)


def test_networks_have_all_outputs_even_those_without_a_token() -> None:
    few = ZipfTask(2.0, 7, 7, target=(0,) * 7)
    assert plane_networks(few, runs=2, seed=1).outputs.shape == (2, 7, 2)
    assert plane_networks(TASK, runs=2, seed=1).model == "EWU"


def test_formulas_are_the_gradients_and_without_a_factor_they_are_not() -> None:
    found = embedding_deviations(3, 6)
    assert found.shape == (6, 3)
    assert (found[:, [0, 2]] < 1e-12).all()
    assert (found[:, 1] > 1e-6).all()


def test_equal_rates_move_each_input_by_its_own_gradient() -> None:
    start = plane_networks(TASK, runs=2, seed=1)
    equal, unequal = descend_by_rates(TASK, start, 2, 0.05)
    torch.testing.assert_close(equal[0].inputs, start.inputs)
    for kept, weights in ((equal, np.full(12, 1 / 12)), (unequal, TASK.probabilities)):
        variables = [each[1].clone().requires_grad_() for each in (start.inputs, start.outputs)]
        memory = start.memory
        assert memory is not None
        logits = variables[0] @ memory[1].T @ variables[1].T
        losses = torch.nn.functional.cross_entropy(logits, start.labels, reduction="none")
        (losses @ torch.from_numpy(weights)).backward()
        moved = start.inputs[1] - 12 * 0.05 * variables[0].grad  # type: ignore[operator]
        torch.testing.assert_close(kept[1].inputs[1], moved)
        turned = start.outputs[1] - 0.05 * variables[1].grad  # type: ignore[operator]
        torch.testing.assert_close(kept[1].outputs[1], turned)


def test_distances_are_means_over_pairs() -> None:
    start = plane_networks(TASK, runs=2, seed=1)
    table = mean_distances({"a": {0: start, 5: start}})
    inputs, labels = start.inputs[1].numpy(), start.labels.tolist()
    for row in table.query("trial == 1").to_dict("records"):
        same = row["pairs"] == "one output"
        found = [
            np.linalg.norm(inputs[x] - inputs[z])
            for x in range(12) for z in range(x) if (labels[x] == labels[z]) == same
        ]  # fmt: skip
        assert row["error"] == pytest.approx(np.mean(found))
    assert table["step"].unique().tolist() == [0, 5]
    many = mean_distances({"all": dict.fromkeys(range(101), start)})["step"].unique().tolist()
    assert many == sorted(many)
    assert {0, 1, 2, 3, 100} <= set(many)
    assert 20 <= len(many) <= 31


def test_networks_descend_from_new_starts_to_each_look() -> None:
    kept = descend_in_plane(TASK, [5, 0], 0.1, runs=2, seed=3)
    assert list(kept) == [0, 5]
    assert torch.equal(kept[0].inputs, plane_networks(TASK, runs=2, seed=3).inputs)
    planes, inputs = plane_ends(kept)
    assert list(planes) == ["step 0", "step 5"]
    outputs, hidden = planes["step 5"]
    np.testing.assert_allclose(outputs, kept[5].outputs[0].numpy())
    np.testing.assert_allclose(hidden, plane_view(kept[5])[1])
    np.testing.assert_allclose(inputs["inputs e, step 5"], kept[5].inputs[0].numpy())


def test_all_numbers_of_outputs_see_the_same_data() -> None:
    settings = {"runs": 2, "n_steps": 4, "batch_size": 5, "learning_rate": 0.1}
    table = train_by_outputs(TASK, [3, 6], **settings, rng=np.random.default_rng(2), seed=9)  # type: ignore[arg-type]
    own = ZipfTask(2.0, 12, 6)
    learner = GradientLearner(plane_networks(own, runs=2, seed=9 + 16_000), Adam())
    for batch in batches(TASK, 5, 4, runs=2, rng=np.random.default_rng(2)):
        learner.step(batch, 0.1)
    expected = plane_errors(own, learner.network)["error"]
    found = table.query("n_outputs == 6 and when == 'after'")["error"]
    np.testing.assert_allclose(found, expected)
    assert table.groupby(["n_outputs", "when"]).size().eq(8).all()


def test_outputs_that_can_be_recalled_are_counted_on_the_way() -> None:
    table = recallable_in_time(TASK, [0, 7], 0.1, runs=3, seed=5)
    learner = GradientLearner(plane_networks(TASK, runs=3, seed=5), Adam())
    for batch in population(TASK, 7):
        learner.step(batch, 0.1)
    counts = recallable_outputs(learner.network.outputs.numpy()).sum(-1)
    np.testing.assert_array_equal(table.query("step == 7")["error"], counts)


@pytest.mark.parametrize("residue", [0, 1, 2])
def test_a_constant_output_errs_on_all_others(residue: int) -> None:
    right = sum(p for x, p in enumerate(TASK.probabilities, 1) if x % 3 == residue)
    assert constant_error(TASK, 3, residue) == pytest.approx(1 - right)
    some = [constant_error(TASK, m, residue) for m in (3, 5)]
    assert constant_errors(TASK, [3, 5], residue).tolist() == some


def test_a_start_is_left_as_it_is() -> None:
    start = plane_networks(TASK, runs=2, seed=1)
    copy = Network.stack([start])
    descend_by_rates(TASK, start, 2, 0.5)
    torch.testing.assert_close(start.inputs, copy.inputs, rtol=0, atol=0)
    learner = GradientLearner(copy, SGD())
    learner.step(next(iter(population(TASK, 1))), 0.5)
    assert not torch.equal(start.inputs, copy.inputs)


def test_a_view_has_the_hidden_vectors_of_the_first_run() -> None:
    network = plane_networks(TASK, runs=2, seed=1)
    assert network.memory is not None
    outputs, hidden = plane_view(network)
    for x in range(12):
        torch.testing.assert_close(
            torch.from_numpy(hidden[x]), network.memory[0] @ network.inputs[0, x]
        )
    assert outputs.tolist() == network.outputs[0].tolist()
    with pytest.raises(ValueError, match="memory W"):
        plane_view(Network.draw("EU", [0, 1], 2, runs=1, generator=torch.Generator()))
