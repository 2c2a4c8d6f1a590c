import math

import numpy as np
import pytest
import torch
from scipy import stats

from assocmem.model.task import ZipfTask
from assocmem.training.batch import Batch, batches, merge_tokens, population

TASK = ZipfTask(1.5, 10, 4)


def test_merged_tokens_are_the_counts() -> None:
    counts = np.random.default_rng(0).integers(0, 3, size=(50, 4, 10)) + np.eye(10, dtype=int)[0]
    tokens, shares = merge_tokens(counts)
    assert tokens.shape[-1] == (counts > 0).sum(axis=-1).max()
    dense = np.zeros(counts.shape)
    np.put_along_axis(dense, tokens, shares, axis=-1)
    np.testing.assert_allclose(dense, counts / counts.sum(axis=-1, keepdims=True))
    assert all(len(set(row)) == len(row) for row in tokens.reshape(200, -1))


@pytest.mark.parametrize("batch_size", [1, 3])
def test_batches_follow_the_law(batch_size: int) -> None:
    """A χ² test at level 10⁻³ over 3,000 batches of each of 2 runs."""
    total = np.zeros((2, 10))
    for batch in batches(TASK, batch_size, 3000, runs=2, rng=np.random.default_rng(0)):
        assert np.allclose(batch.weights.sum(dim=1), 1)
        for run in range(2):
            np.add.at(
                total[run], batch.tokens[run].numpy(), batch_size * batch.weights[run].numpy()
            )
    for counts in total:
        expected = TASK.probabilities * 3000 * batch_size
        assert stats.chisquare(counts, expected).pvalue > 1e-3
    assert not np.array_equal(*total)


def test_the_population_is_the_law() -> None:
    (batch,) = population(TASK, 1)
    assert batch.tokens.tolist() == [list(range(10))]
    np.testing.assert_allclose(batch.weights[0], TASK.probabilities)


def test_batches_are_refused_when_they_are_asked_for() -> None:
    """Not only once the first one is taken."""
    rng, endless = np.random.default_rng(0), ZipfTask(1.5, math.inf, 4)
    with pytest.raises(ValueError, match="^batch_size = 0 is not valid"):
        batches(TASK, 0, 1, runs=1, rng=rng)
    with pytest.raises(ValueError, match="^n_steps = -1 is not valid"):
        population(TASK, -1)
    for build in (lambda: batches(endless, 1, 1, runs=1, rng=rng), lambda: population(endless, 1)):
        with pytest.raises(ValueError, match="^n_tokens = inf is not valid"):
            build()


def test_a_batch_has_a_weight_for_each_token() -> None:
    tokens = torch.zeros(2, 3, dtype=torch.int64)
    for wrong, name in (
        ((tokens[0], torch.ones(3)), "tokens"),
        ((tokens, torch.ones(3)), "weights"),
    ):
        with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
            Batch(*wrong)
