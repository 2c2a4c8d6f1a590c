r"""Memories that learn from batches: by gradient steps on their arrays, or by the same steps seen in
the space of tokens, where the dimension d does not appear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from assocmem.network import Batch, Gradients, Network, loss_gradient, take_rows
from assocmem.optimizers import SGD, Optimizer
from assocmem.parameters import Real, refuse

__all__ = [
    "AssociationLearner",
    "GradientLearner",
    "HiddenLearner",
    "Learner",
    "ProjectedLearner",
    "TokenLearner",
]

#: Entries of a matrix that are worked on at a time: what stays in the processor's second cache.
_PIECE = 2**17


class Learner(Protocol):
    """What can be trained: R memories, one a run."""

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


class GradientLearner:
    r"""Gradient steps on the arrays of a network, :math:`θ \leftarrow θ - γ c_θ D`.

    Args:
        network: the networks to train, changed in place.
        optimizer: what turns a gradient into the direction D; what it remembers is not shared.
        scales: factors :math:`c_θ` of the learning rate for ``"memory"``, ``"inputs"`` and
            ``"outputs"``; 1 unless given.

    Raises:
        ValueError: for a scale of another name, or one that is not > 0.

    Example:
        >>> from assocmem.optimizers import SGD
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

    @property
    def runs(self) -> int:
        """The number of runs R."""
        return self.network.runs

    @property
    def labels(self) -> Tensor:
        """The output f*(x) that each token is taught, shape (N,)."""
        return self.network.labels

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self.network.logits()

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = _column(learning_rate, batch, self.network.inputs)
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
        rows = max(1, _PIECE // (runs * dim))
        for first in range(0, dim, rows):
            piece, part = memory[:, first : first + rows], left[:, :, first : first + rows].mT
            if isinstance(self.optimizer, SGD):
                piece.baddbmm_(part * -rate, right)
            else:
                piece.addcmul_(self.optimizer.direction("memory", part @ right), -rate)


class TokenLearner:
    r"""SGD on W alone, without layer norm, in the space of tokens.

    With :math:`L = E W^\top U^\top` (N × M logits) and :math:`A = \mathrm{diag}(w)
    (\mathrm{softmax}(L) - Y)`, the step :math:`W \leftarrow W - γ U^\top A^\top E` is

    .. math:: L \leftarrow L - γ\, (E E^\top)\, A\, (U U^\top),

    in which d does not appear.

    Args:
        network: the networks of the model ``"W"`` to start from; they are left as they are.

    Raises:
        ValueError: for another model, or with layer norm.

    Source:
        Derived in the book.
    """

    def __init__(self, network: Network) -> None:
        if network.model != "W":
            raise refuse("model", network.model, "'W', for steps in the space of tokens")
        if network.layer_norm:
            raise refuse("layer_norm", True, "False, for steps in the space of tokens")
        self.labels = network.labels
        self._tokens_gram = network.inputs @ network.inputs.mT
        self._outputs_gram = network.outputs @ network.outputs.mT
        # Lᵀ, since rows as long as N are what matrix products work fast on
        self._scores = network.logits().mT.clone(memory_format=torch.contiguous_format)

    @property
    def runs(self) -> int:
        """The number of runs R."""
        return self._scores.shape[0]

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self._scores.mT

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = _column(learning_rate, batch, self._scores)
        runs, n_outputs, n_tokens = self._scores.shape
        tokens = batch.tokens.expand(runs, -1)
        logits = self._scores.gather(2, tokens[:, None].expand(-1, n_outputs, -1)).mT
        residual = loss_gradient(logits, self.labels[tokens], batch.weights)
        moves = self._outputs_gram @ (residual.mT * rate)
        count = max(1, _PIECE // (tokens.shape[1] * n_tokens))
        for first in range(0, runs, count):
            some = slice(first, first + count)
            rows = take_rows(self._tokens_gram[some], tokens[some])
            self._scores[some].baddbmm_(moves[some], rows, alpha=-1)


class HiddenLearner:
    r"""SGD on W alone in the space of hidden vectors :math:`h_x = W e_x`, with or without layer norm.

    The step :math:`W \leftarrow W - γ \sum_x g_x e_x^\top` moves the rows of :math:`H = E W^\top` by

    .. math:: H \leftarrow H - γ\, (E E^\top)\, G, \qquad G_x = g_x,

    which takes N·K·d operations where W takes K·d·d.

    Args:
        network: the networks of the model ``"W"`` to start from; they are left as they are.

    Raises:
        ValueError: for another model.

    Source:
        Derived in the book.
    """

    def __init__(self, network: Network) -> None:
        if network.model != "W":
            raise refuse("model", network.model, "'W', for steps in the space of hidden vectors")
        assert network.memory is not None
        self._network = network
        self._tokens_gram = network.inputs @ network.inputs.mT
        self._hidden = network.inputs @ network.memory.mT

    @property
    def runs(self) -> int:
        """The number of runs R."""
        return self._network.runs

    @property
    def labels(self) -> Tensor:
        """The output f*(x) that each token is taught, shape (N,)."""
        return self._network.labels

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self._network.normalized(self._hidden)[0] @ self._network.outputs.mT

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = _column(learning_rate, batch, self._hidden)
        back, _, _ = self._network.backward(take_rows(self._hidden, batch.tokens), batch)
        gram = take_rows(self._tokens_gram, batch.tokens)
        self._hidden.baddbmm_(gram.mT, back * rate, alpha=-1)


class ProjectedLearner:
    r"""Steps of any element-wise optimizer on W alone, without layer norm, seen in :math:`P = U W`.

    The gradient of W is :math:`U^\top B` with the M × d matrix :math:`B = A^\top E`, and the logits
    need P only:

    .. math:: P \leftarrow P - γ\, U\, D(U^\top B), \qquad L = E P^\top .

    W is never read or written; :math:`U^\top B` is formed a few rows at a time.

    Args:
        network: the networks of the model ``"W"`` to start from; they are left as they are.
        optimizer: an element-wise one, as `SignSGD`.
        scale: factor of the learning rate, > 0.

    Raises:
        ValueError: for another model, with layer norm, for an optimizer that is not element-wise, or
            for a scale that is not > 0.

    Source:
        Derived in the book.
    """

    def __init__(self, network: Network, optimizer: Optimizer, scale: float = 1.0) -> None:
        if network.model != "W" or network.layer_norm:
            raise refuse("model", network.model, "'W' without layer norm, for steps on U W")
        if not optimizer.elementwise:
            raise refuse("optimizer", optimizer, "an element-wise one")
        Real(above=0).check("scale", scale)
        assert network.memory is not None
        self._network, self._optimizer, self._scale = network, optimizer.fresh(), scale
        self._projected = network.outputs @ network.memory

    @property
    def runs(self) -> int:
        """The number of runs R."""
        return self._network.runs

    @property
    def labels(self) -> Tensor:
        """The output f*(x) that each token is taught, shape (N,)."""
        return self._network.labels

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self._network.inputs @ self._projected.mT

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        outputs = self._network.outputs
        rate = _column(learning_rate, batch, outputs) * self._scale
        rows = take_rows(self._network.inputs, batch.tokens)
        logits = (self._projected @ rows.mT).mT
        residual = loss_gradient(logits, self._network.labels[batch.tokens], batch.weights)
        gradient = residual.mT @ rows  # B, (R, M, d)
        scaled = outputs * -rate
        runs, _, dim = outputs.shape
        height = max(1, _PIECE // (runs * dim))
        for first in range(0, dim, height):
            piece = slice(first, first + height)
            direction = self._optimizer.direction("memory", outputs[:, :, piece].mT @ gradient)
            self._projected.baddbmm_(scaled[:, :, piece], direction)


class AssociationLearner:
    r"""The approximate dynamics of the weights q, for quasi-orthogonal embeddings.

    .. math:: q(x) \leftarrow q(x) + \frac{γ\,w_x}{1 + e^{q(x)} / (M - 1)},

    :math:`w_x` being the share of the batch that x has: every token climbs by itself, and the
    memory is :math:`W = \sum_x q(x) u_{f_*(x)} e_x^\top` with real embeddings.

    Args:
        network: the networks whose E and U are used, of the model ``"W"``; W counts as 0, and layer
            norm is not used.

    Raises:
        ValueError: for another model.

    Source:
        Section 4 of the paper.
    """

    def __init__(self, network: Network) -> None:
        if network.model != "W":
            raise refuse("model", network.model, "'W', for the dynamics of q")
        one_hot = torch.nn.functional.one_hot(network.labels, network.outputs.shape[-2])
        self.labels = network.labels
        self._targets = one_hot.to(network.inputs.dtype)
        self._tokens_gram = network.inputs @ network.inputs.mT
        self._outputs_gram = network.outputs @ network.outputs.mT
        self.weights = torch.zeros_like(network.inputs[:, :, 0])

    @property
    def runs(self) -> int:
        """The number of runs R."""
        return self.weights.shape[0]

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self._tokens_gram @ (self.weights[:, :, None] * self._targets) @ self._outputs_gram

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        n_others = self._targets.shape[1] - 1
        rate = _column(learning_rate, batch, self.weights)[:, 0]
        tokens = batch.tokens.expand(self.runs, -1)
        before = self.weights.gather(1, tokens)
        gain = rate * batch.weights * torch.sigmoid(before.new_tensor(n_others).log() - before)
        self.weights.scatter_add_(1, tokens, gain)


def _column(learning_rate: float | Tensor, batch: Batch, like: Tensor) -> Tensor:
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
