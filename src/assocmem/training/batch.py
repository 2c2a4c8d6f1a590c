"""Batches of tokens: what they are, and how they are drawn for many runs at once."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, refuse


@dataclass(frozen=True)
class Batch:
    """The tokens of one batch in each run, repeated ones merged.

    Args:
        tokens: indices x − 1 of *different* tokens, shape (R, K) or (1, K) for all runs.
        weights: share of the batch that each token has, shape of ``tokens``; rows sum to 1. A token
            of weight 0 only fills its row.

    Raises:
        ValueError: for arrays that are not of one shape, with two axes.

    Example:
        >>> batch = Batch(torch.tensor([[0, 3]]), torch.tensor([[0.75, 0.25]]))
        >>> batch.tokens.shape
        torch.Size([1, 2])
    """

    tokens: Tensor
    weights: Tensor

    def __post_init__(self) -> None:
        shape = tuple(self.tokens.shape)
        if len(shape) != 2:
            raise refuse("tokens", f"array of shape {shape}", "shape (R, K)")
        if tuple(self.weights.shape) != shape:
            given = f"array of shape {tuple(self.weights.shape)}"
            raise refuse("weights", given, f"shape {shape}, as tokens")


#: Numbers that are drawn at a time, for several steps.
_DRAWN = 2**17


def merge_tokens(counts: NDArray[np.integer]) -> tuple[NDArray[np.int64], Array]:
    """The different tokens of each batch, and their shares of it.

    Args:
        counts: how often each token occurs in each batch, shape (..., N), no row all 0.

    Returns:
        Tokens and shares, shape (..., K), K being the largest number of different tokens in a
        batch; shorter ones are filled up with tokens of share 0, which differ too.

    Raises:
        ValueError: for a batch without samples.

    Example:
        >>> merge_tokens(np.array([[0, 3, 1], [2, 0, 0]]))[0].tolist()
        [[1, 2], [0, 1]]
    """
    sizes = counts.sum(axis=-1, keepdims=True)
    if not sizes.all():
        raise refuse("counts", "a batch without samples", "at least one sample in each batch")
    width = int((counts > 0).sum(axis=-1).max())
    tokens = np.argsort(-counts, axis=-1, kind="stable")[..., :width]
    return tokens, np.take_along_axis(counts, tokens, axis=-1) / sizes


def batches(
    task: ZipfTask,
    batch_size: int,
    n_steps: int,
    *,
    runs: int,
    rng: np.random.Generator,
    device: str | torch.device = "cpu",
) -> Iterator[Batch]:
    """Batches of independent samples of the task, one for each run and step.

    Args:
        task: the task; N must be finite.
        batch_size: samples in a batch.
        n_steps: number of batches.
        runs: number of runs R.
        rng: source of randomness; it is asked for several steps at a time.
        device: where the batches are wanted.

    Raises:
        ValueError: for an invalid number or infinite N, when called.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=10, n_outputs=2)
        >>> found = list(batches(task, 4, 3, runs=2, rng=np.random.default_rng(0)))
        >>> len(found), bool((found[0].weights.sum(dim=1) == 1).all())
        (3, True)
    """
    Integer(1).check("batch_size", batch_size)
    Integer(0).check("n_steps", n_steps)
    Integer(1).check("runs", runs)
    law = task.probabilities
    together = max(1, _DRAWN // (runs * (1 if batch_size == 1 else len(law))))

    def draw() -> Iterator[Batch]:
        for first in range(0, n_steps, together):
            steps = min(together, n_steps - first)
            if batch_size == 1:
                tokens = task.sample(steps * runs, rng).reshape(steps, runs, 1) - 1
                shares = np.ones(tokens.shape)
            else:
                tokens, shares = merge_tokens(rng.multinomial(batch_size, law, (steps, runs)))
            widths = np.count_nonzero(shares, axis=-1).max(axis=-1)
            where = torch.from_numpy(tokens).to(device), torch.from_numpy(shares).to(device)
            for token, share, width in zip(*where, widths.tolist(), strict=True):
                yield Batch(token[:, :width], share[:, :width])

    return draw()


def population(
    task: ZipfTask, n_steps: int, *, device: str | torch.device = "cpu"
) -> Iterator[Batch]:
    """The whole law p as the batch of every step: the gradient of the expected loss.

    Args:
        task: the task; N must be finite.
        n_steps: number of steps.
        device: where the batches are wanted.

    Raises:
        ValueError: for an invalid number or infinite N, when called.

    Example:
        >>> task = ZipfTask(alpha=1.0, n_tokens=2, n_outputs=2)
        >>> [batch.weights.tolist() for batch in population(task, 1)]
        [[[0.6666666666666666, 0.3333333333333333]]]
    """
    Integer(0).check("n_steps", n_steps)
    tokens = torch.from_numpy(task.tokens - 1)[None].to(device)
    shares = torch.from_numpy(task.probabilities)[None].to(device)
    return itertools.repeat(Batch(tokens, shares), n_steps)
