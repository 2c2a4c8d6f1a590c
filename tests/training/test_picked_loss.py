import math

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from assocmem import Adam, GradientLearner, Network, ZipfTask
from assocmem.training import (
    PickedNetwork,
    batches,
    chained_runs,
    chains_by_outputs,
    network_errors,
    picked_gradient,
    plane_networks,
    until_lost,
)

TASK = ZipfTask(2.0, 12, 4)
LARGEST = float(np.finfo(np.float32).max)


def network(runs: int = 3, seed: int = 0) -> Network:
    generator = torch.Generator().manual_seed(seed)
    return Network.draw("EWU", TASK.labels(TASK.tokens), 2, runs=runs, generator=generator)


def chain(share: float, runs: int = 3) -> PickedNetwork:
    drawn = network(runs)
    assert drawn.memory is not None
    arrays = (drawn.inputs.float(), drawn.outputs.float(), drawn.memory.float())
    return PickedNetwork("EWU", *arrays, drawn.labels, share=share)


def by_autograd(logits: torch.Tensor, label: int, size: int) -> torch.Tensor:
    """The picked probability, its logarithm, the mean: differentiated by torch."""
    scores = logits.clone().requires_grad_()
    picked = torch.softmax(scores, -1)[label]
    (-torch.log(picked) / size).backward()
    assert scores.grad is not None
    return scores.grad


@pytest.mark.parametrize("gap", [0.0, 3.0, 80.0, 95.0, 96.9, 97.5, 100.0, 104.0, 150.0])
@pytest.mark.parametrize("size", [1, 1000])
def test_picked_gradient_is_that_of_automatic_differentiation(gap: float, size: int) -> None:
    """In single precision, numbers and what is none alike."""
    logits = torch.tensor([0.0, gap, -1.0])
    expected = by_autograd(logits, 0, size)
    found = picked_gradient(logits[None], torch.tensor([0]), 1 / size)[0]
    torch.testing.assert_close(found, expected, equal_nan=True, rtol=1e-5, atol=0)
    belief = float(torch.softmax(logits, -1)[0])
    overflows = belief == 0 or 1 / size / belief > LARGEST
    assert bool(torch.isnan(found).any()) is overflows


def test_in_double_precision_it_is_the_stable_gradient() -> None:
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 3, 0])
    expected = (torch.softmax(logits, -1) - nn.functional.one_hot(labels, 4)) / 7
    torch.testing.assert_close(picked_gradient(logits, labels, 1 / 7), expected)


def test_a_picked_network_learns_as_a_stable_one_while_nothing_underflows() -> None:
    picked, stable = chain(0.1), network()
    for learned in (picked, stable):
        learner = GradientLearner(learned, Adam())
        for batch in batches(TASK, 10, 20, runs=3, rng=np.random.default_rng(1)):
            learner.step(batch, 0.05)
    torch.testing.assert_close(picked.logits().double(), stable.logits(), rtol=0.02, atol=0.02)


def test_it_notes_the_least_probabilities_of_sampled_tokens() -> None:
    net = chain(0.25, runs=2)
    least = torch.ones(2, 2)
    for batch in batches(TASK, 4, 6, runs=2, rng=np.random.default_rng(2)):
        beliefs = torch.softmax(net.logits(), -1)
        for run in range(2):
            for token, weight in zip(batch.tokens[run], batch.weights[run], strict=True):
                if weight > 0:
                    row = beliefs[run, token]
                    least[0, run] = min(least[0, run], row[net.labels[token]])
                    least[1, run] = min(least[1, run], row.min())
        net.gradients(batch)
    torch.testing.assert_close(net.picked, least[0])
    torch.testing.assert_close(net.least, least[1])
    net.forget()
    assert net.picked.tolist() == net.least.tolist() == [1.0, 1.0]


def test_tokens_of_weight_0_do_not_spoil_a_step() -> None:
    net = chain(0.5, runs=1)
    net.inputs[0, 3] = 1e6  # its probabilities are 0 or 1
    fill = next(
        batch
        for batch in batches(TASK, 2, 300, runs=1, rng=np.random.default_rng(0))
        if 3 not in batch.tokens
    )
    padded = type(fill)(
        torch.cat([fill.tokens, torch.tensor([[3]])], 1),
        torch.cat([fill.weights, torch.zeros(1, 1, dtype=torch.float64)], 1),
    )
    gradients = net.gradients(padded)
    assert gradients.outputs is not None
    assert torch.isfinite(gradients.outputs).all()


def test_a_chain_goes_on_from_the_end_of_the_last_run() -> None:
    settings = {"n_steps": 8, "batch_size": 5, "learning_rate": 0.1}
    start = network(runs=2)
    before = start.inputs.clone()
    table = chained_runs(TASK, start, links=3, rng=np.random.default_rng(3), **settings)  # type: ignore[arg-type]
    assert torch.equal(start.inputs, before)
    assert table.groupby("link").size().tolist() == [2, 2, 2]
    net, rng = chain(0.2, runs=2), np.random.default_rng(3)
    for link in range(3):
        learner = GradientLearner(net, Adam())
        for batch in batches(TASK, 5, 8, runs=2, rng=rng):
            learner.step(batch, 0.1)
        row = table[table["link"] == link]
        assert row["error"].tolist() == network_errors(TASK, net.logits()).tolist()
        assert not row["lost"].any()
    assert (table["least"] <= table["picked"]).all()


def test_a_lost_run_says_the_first_output_and_stays_lost() -> None:
    """Scores of hundreds from the start: a picked probability is 0 at once."""
    start = network(runs=4, seed=1)
    start.inputs *= 1e3
    table = chained_runs(
        TASK, start, links=2, n_steps=3, batch_size=50, learning_rate=0.1, rng=np.random.default_rng(0)
    )  # fmt: skip
    assert table["lost"].all()
    first = 1 - math.fsum(float(TASK.mass(x)) for x in (4, 8, 12))
    np.testing.assert_allclose(table["error"], first)
    assert (table[table["link"] == 0]["picked"] * 50 < 1 / LARGEST).all()


@pytest.mark.parametrize(("name", "value"), [("links", 0), ("n_steps", 0), ("batch_size", 0)])
def test_bad_values_are_refused(name: str, value: int) -> None:
    settings = {"links": 1, "n_steps": 1, "batch_size": 1, "learning_rate": 0.1} | {name: value}
    with pytest.raises(ValueError, match=f"^{name} = {value} is not valid"):
        chained_runs(TASK, network(), rng=np.random.default_rng(0), **settings)  # type: ignore[arg-type]


def test_a_share_is_at_most_one() -> None:
    with pytest.raises(ValueError, match="^share = 2"):
        chain(2.0)


def test_a_chain_counts_until_it_is_lost() -> None:
    rows = [
        (m, trial, link, link >= at)
        for m, trial, at in ((5, 0, 2), (5, 1, 9), (7, 0, 0)) for link in range(3)
    ]  # fmt: skip
    chains = pd.DataFrame(rows, columns=["n_outputs", "trial", "link", "lost"])
    expected = [True, True, True, True, True, True, True, False, False]
    assert until_lost(chains).tolist() == expected


def test_chains_of_several_numbers_of_outputs_are_numbered_as_published() -> None:
    settings = {"n_steps": 3, "batch_size": 4, "learning_rate": 0.1, "links": 2}
    table = chains_by_outputs(
        TASK, [3, 5], runs=2, seed=1, rng=np.random.default_rng(4), **settings
    )  # type: ignore[arg-type]
    rng, tables = np.random.default_rng(4), []
    for m in (3, 5):
        own = ZipfTask(2.0, 12, m, target=(m - 1, *range(m - 1)))
        assert own.labels([1])[0] == 0  # x = 1 mod M: the first output
        start = plane_networks(own, runs=2, seed=1 + 200_000 + 1000 * m)
        tables.append(chained_runs(own, start, rng=rng, **settings).assign(n_outputs=m))  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(table, pd.concat(tables, ignore_index=True))
