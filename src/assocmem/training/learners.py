"""What learns from batches, and the learner that makes gradient steps on the arrays of a network."""

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from assocmem.parameters import Real, refuse
from assocmem.training.batch import Batch
from assocmem.training.network import Gradients, Network
from assocmem.training.optimizers import SGD, Optimizer

#: Entries of a matrix that are worked on at a time: what stays in the processor's second cache.
PIECE = 2**17


class Learner(Protocol):
    """What can be trained: R memories, one a run.

    Example:
        >>> class Guess:
        ...     runs, labels = 1, torch.tensor([0, 1])
        ...
        ...     def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        ...         pass  # it never learns
        ...
        ...     def logits(self) -> Tensor:
        ...         return torch.zeros(1, 2, 2)
        ...
        >>> learner: Learner = Guess()
        >>> learner.logits().shape
        torch.Size([1, 2, 2])
    """

    @property
    def runs(self) -> int:
        """The number of runs R."""

    @property
    def labels(self) -> Tensor:
        """The output f*(x) that each token is taught, shape (N,)."""

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch; the learning rate γ is one number or one for each run, shape (R,)."""

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""


class OfNetwork:
    """What follows the steps of a network has its runs and labels."""

    network: Network

    @property
    def runs(self) -> int:
        """The number of runs R."""
        return self.network.runs

    @property
    def labels(self) -> Tensor:
        """The output f*(x) that each token is taught, shape (N,)."""
        return self.network.labels


class GradientLearner(OfNetwork):
    r"""Gradient steps on the arrays of a network, :math:`θ \leftarrow θ - γ c_θ D`.

    Args:
        network: the networks to train, changed in place.
        optimizer: what turns a gradient into the direction D; what it remembers is not shared.
        scales: factors :math:`c_θ` of the learning rate for ``"memory"``, ``"inputs"`` and
            ``"outputs"``; 1 unless given.

    Raises:
        ValueError: for a scale of another name, or one that is not > 0.

    Example:
        >>> from assocmem.training.optimizers import SGD
        >>> network = Network.draw("W", [0, 1], 3, runs=1, generator=torch.Generator())
        >>> learner = GradientLearner(network, SGD())
        >>> learner.step(Batch(torch.tensor([[1]]), torch.ones(1, 1)), learning_rate=10.0)
        >>> int(learner.logits()[0, 1].argmax())
        1
    """

    def __init__(
        self, network: Network, optimizer: Optimizer, scales: Mapping[str, float] | None = None
    ) -> None:
        self.network = network
        self.optimizer = optimizer.fresh()
        self._scales = {"memory": 1.0, "inputs": 1.0, "outputs": 1.0}
        for name, scale in (scales or {}).items():
            if name not in self._scales:
                raise refuse("scales", name, f"names among {', '.join(self._scales)}")
            Real(above=0).check(f"scales[{name!r}]", scale)
            self._scales[name] = scale

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self.network.logits()

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = rate_column(learning_rate, batch, self.network.inputs)
        gradients = self.network.gradients(batch)
        if gradients.factors is not None:
            self._step_memory(*gradients.factors, rate * self._scales["memory"])
        if gradients.inputs is not None:
            self._step_inputs(gradients, gradients.inputs, rate * self._scales["inputs"])
        if gradients.outputs is not None:
            direction = self.optimizer.direction("outputs", gradients.outputs)
            self.network.outputs -= rate * self._scales["outputs"] * direction

    def _step_inputs(self, gradients: Gradients, rows: Tensor, rate: Tensor) -> None:
        inputs = self.network.inputs
        run = torch.arange(self.runs, device=inputs.device)[:, None]
        if self.optimizer.elementwise:  # rows without gradient stay as they are
            step = rate * self.optimizer.direction("inputs", rows)
            inputs.index_put_((run, gradients.tokens), -step, accumulate=True)
        else:
            dense = torch.zeros_like(inputs)
            dense.index_put_((run, gradients.tokens), rows, accumulate=True)
            inputs -= rate * self.optimizer.direction("inputs", dense)

    def _step_memory(self, left: Tensor, right: Tensor, rate: Tensor) -> None:
        """Update W by leftᵀ right; a few rows at a time, read and written once, if that is possible."""
        memory = self.network.memory
        assert memory is not None
        if not self.optimizer.elementwise:
            memory.addcmul_(self.optimizer.direction("memory", left.mT @ right), -rate)
            return
        runs, dim, _ = memory.shape
        rows = max(1, PIECE // (runs * dim))
        for first in range(0, dim, rows):
            piece, part = memory[:, first : first + rows], left[:, :, first : first + rows].mT
            if isinstance(self.optimizer, SGD):
                piece.baddbmm_(part * -rate, right)
            else:
                piece.addcmul_(self.optimizer.direction("memory", part @ right), -rate)


def rate_column(learning_rate: float | Tensor, batch: Batch, like: Tensor) -> Tensor:
    """The learning rate of each run, shape (R, 1, 1) or (1, 1, 1), where and as ``like`` is, of R runs;
    refused, as a batch is, if it is of another number of runs.
    """
    runs, given = like.shape[0], batch.tokens.shape[0]
    if given not in (1, runs):
        raise refuse("batch", f"batch of {given} runs", f"of 1 or R = {runs} runs")
    rate = torch.as_tensor(learning_rate, dtype=like.dtype, device=like.device)
    if tuple(rate.shape) not in ((), (1,), (runs,)):
        shape = f"array of shape {tuple(rate.shape)}"
        raise refuse("learning_rate", shape, f"a number, or shape (R,) with R = {runs}")
    return rate.reshape(-1, 1, 1)
