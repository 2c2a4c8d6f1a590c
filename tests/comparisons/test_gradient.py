import numpy as np
import pytest
import torch

from assocmem import ZipfTask, by_trial
from assocmem.comparisons import (
    RIVALS,
    descend,
    error_gaps,
    figure_4_samples,
    published_networks,
    stored_weights,
    token_space_deviations,
    weight_ratios,
)
from assocmem.theory import association_weights
from assocmem.training import memory_errors, network_errors

TASK = ZipfTask(2.0, 12, 4)


def test_published_networks_have_unit_outputs_and_inputs_of_norm_about_one() -> None:
    network = published_networks(TASK, 200, runs=3, seed=1)
    np.testing.assert_allclose(network.outputs.norm(dim=-1), 1)
    np.testing.assert_allclose(network.inputs.norm(dim=-1), 1, atol=0.3)
    assert network.labels.tolist() == [x % 4 for x in range(1, 13)]
    memory = network.memory
    assert memory is not None
    assert not memory.any()
    drawn = published_networks(TASK, 200, runs=3, seed=1, zero_memory=False)
    assert torch.equal(drawn.labels, network.labels)
    assert drawn.memory is not None
    assert drawn.memory.any()


def test_a_descent_has_seeds_of_its_own_and_records_its_end() -> None:
    options = {"n_steps": 6, "runs": 2}
    one, same, other = (
        descend(TASK, 9, 1.0, seed=seed, **options) for seed in ((0, 1), (0, 1), (0, 2))
    )
    assert one.errors["step"].unique().tolist() == [6]
    assert torch.equal(one.sgd.shares, same.sgd.shares)
    assert not torch.equal(one.sgd.shares, other.sgd.shares)
    assert torch.equal(one.network.inputs, published_networks(TASK, 9, runs=2, seed=1000).inputs)
    more = descend(TASK, 9, 1.0, seed=(0, 1), record=[2, 6], batch_size=3, **options)
    assert sorted(more.errors["step"].unique()) == [2, 6]
    assert float(more.sgd.shares.sum(dim=1)[0]) == pytest.approx(6)


def test_the_space_of_tokens_is_that_of_the_matrix_and_the_approximation_is_not() -> None:
    exact, approximate = token_space_deviations(TASK, 6, runs=3, seed=0)
    assert exact.shape == approximate.shape == (3,)
    assert exact.max() < 1e-9
    assert approximate.min() > 1e-3


def test_stored_weights_are_means_over_tokens_with_so_many_draws() -> None:
    run = descend(TASK, 30, 0.5, n_steps=20, runs=6, seed=(0, 3))
    table = stored_weights(run, 0.5)
    draws, weights = run.sgd.shares.round().int().numpy(), run.sgd.weights.numpy()
    counts = {n: int((draws == n).sum()) for n in range(1, 21)}
    assert table["n"].tolist() == [n for n, count in counts.items() if count >= 5]
    for _, row in table.iterrows():
        n = int(row["n"])
        assert row["count"] == counts[n]
        assert row["mean"] == pytest.approx(weights[draws == n].mean())
        assert row["approximation"] == association_weights(0.5, 4, 20)[n]


def test_ratios_of_weights_are_those_of_tokens_drawn_twice_or_more() -> None:
    run = descend(TASK, 30, 0.5, n_steps=20, runs=6, seed=(0, 3))
    draws, weights = run.sgd.shares.round().numpy(), run.sgd.weights.numpy()
    often = draws >= 2
    right, wrong = weight_ratios(run, 0.4)
    shares = [weights[i][often[i]] for i in range(6)]
    laws = [run.approximation.weights.numpy()[i][often[i]] for i in range(6)]
    powers = [0.4 * draws[i][often[i]] ** 0.4 for i in range(6)]
    for found, others in ((right, laws), (wrong, powers)):
        means = [np.mean(share / other) for share, other in zip(shares, others, strict=True)]
        assert found.value == pytest.approx(np.mean(means))


def test_gaps_are_distances_of_errors_on_the_same_data() -> None:
    gaps = error_gaps(TASK, 10, {1: 0.5, 2: 5.0}, n_steps=15, runs=4, seed=7)
    assert list(gaps) == ["approximation", *RIVALS]
    for row, (key, rate) in enumerate(((1, 0.5), (2, 5.0))):
        run = descend(TASK, 10, rate, n_steps=15, runs=4, seed=(7, key))
        right, n = network_errors(TASK, run.sgd.logits()), run.sgd.shares
        weights = [run.approximation.weights, n**0.4, n.sqrt(), (n > 0).double()]
        for name, each in zip(gaps, weights, strict=True):
            error = memory_errors(TASK, run.network, each)
            np.testing.assert_allclose(gaps[name][row], np.abs(error - right), atol=1e-12)


def test_samples_of_figure_4_are_in_its_order() -> None:
    found = figure_4_samples(1.0, seed=2, runs=3)
    task = ZipfTask(2.0, 100, 5)
    for rows, dim in ((slice(0, 2), 100), (slice(2, 4), 10)):
        errors = descend(task, dim, 1.0, n_steps=100, runs=3, seed=(2, 90)).errors
        table = by_trial(errors, ["learner"]).loc[["SGD on W", "approximate q"]]
        np.testing.assert_array_equal(found[rows], table.to_numpy())
