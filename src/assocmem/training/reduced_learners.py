r"""Learners of W alone that follow gradient steps in a smaller space: that of tokens, of hidden
vectors or of outputs, or of the weights q, where W is neither read nor written.
"""

import torch
from torch import Tensor

from assocmem.parameters import Real, refuse
from assocmem.training.batch import Batch
from assocmem.training.gradients import loss_gradient
from assocmem.training.learners import PIECE, OfNetwork, rate_column
from assocmem.training.network import Network, take_rows
from assocmem.training.optimizers import Optimizer


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

    Source: Derived in the book.

    Example:
        >>> network = Network("W", torch.eye(2)[None], torch.eye(2)[None], torch.zeros(1, 2, 2), torch.tensor([0, 1]))
        >>> learner = TokenLearner(network)
        >>> learner.step(Batch(torch.tensor([[0]]), torch.ones(1, 1)), learning_rate=2.0)
        >>> learner.logits().tolist()
        [[[1.0, -1.0], [0.0, 0.0]]]
    """

    def __init__(self, network: Network) -> None:
        _check(network, "for steps in the space of tokens", layer_norm=False)
        self.runs, self.labels = network.runs, network.labels
        self._tokens_gram = network.inputs @ network.inputs.mT
        self._outputs_gram = network.outputs @ network.outputs.mT
        # Lᵀ, since rows as long as N are what matrix products work fast on
        self._scores = network.logits().mT.clone(memory_format=torch.contiguous_format)

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self._scores.mT

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = rate_column(learning_rate, batch, self._scores)
        runs, n_outputs, n_tokens = self._scores.shape
        tokens = batch.tokens.expand(runs, -1)
        logits = self._scores.gather(2, tokens[:, None].expand(-1, n_outputs, -1)).mT
        residual = loss_gradient(logits, self.labels[tokens], batch.weights)
        moves = self._outputs_gram @ (residual.mT * rate)
        count = max(1, PIECE // (tokens.shape[1] * n_tokens))
        for first in range(0, runs, count):
            some = slice(first, first + count)
            rows = take_rows(self._tokens_gram[some], tokens[some])
            self._scores[some].baddbmm_(moves[some], rows, alpha=-1)


class StoringLearner(TokenLearner):
    r"""A `TokenLearner` that also keeps the weight that its steps gave to each association.

    From W = 0 the steps leave :math:`W = \sum_x (a(x)\, u_{f_*(x)} - \dots)\, e_x^\top`, the dots being
    wrong outputs, with

    .. math:: a(x) = γ \sum_t w_x(t)\, (1 - p_W(f_*(x)|x)),

    the sum of the shares :math:`w_x` of the batches times what was still missing: the weights that
    `AssociationLearner` approximates.

    Args:
        network: as for `TokenLearner`; its own W is not counted.

    Attributes:
        weights: a(x), shape (R, N).
        shares: sum of :math:`w_x` over steps, shape (R, N): draws of x over the batch size.

    Source: Derived in the book.

    Example:
        >>> network = Network.draw(
        ...     "W", [0, 1], 3, runs=1, generator=torch.Generator(), zero_memory=True
        ... )
        >>> learner = StoringLearner(network)
        >>> learner.step(Batch(torch.tensor([[1]]), torch.ones(1, 1)), learning_rate=10.0)
        >>> learner.weights.tolist()  # (1 − 1/M) γ
        [[0.0, 5.0]]
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.weights = torch.zeros_like(network.inputs[:, :, 0])
        self.shares = torch.zeros_like(self.weights)

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = rate_column(learning_rate, batch, self.weights)[:, 0]
        tokens = batch.tokens.expand(self.runs, -1)
        shares = batch.weights.to(self.shares).expand(self.runs, -1)
        known = torch.softmax(take_rows(self.logits(), tokens), dim=-1)
        missing = 1 - known.gather(-1, self.labels[tokens][..., None])[..., 0]
        self.weights.scatter_add_(1, tokens, rate * shares * missing)
        self.shares.scatter_add_(1, tokens, shares)
        super().step(batch, learning_rate)


class HiddenLearner(OfNetwork):
    r"""SGD on W alone in the space of hidden vectors :math:`h_x = W e_x`, with or without layer norm.

    The step :math:`W \leftarrow W - γ \sum_x g_x e_x^\top` moves the rows of :math:`H = E W^\top` by

    .. math:: H \leftarrow H - γ\, (E E^\top)\, G, \qquad G_x = g_x,

    which takes N·K·d operations where W takes K·d·d.

    Args:
        network: the networks of the model ``"W"`` to start from; they are left as they are.

    Raises:
        ValueError: for another model.

    Source: Derived in the book.

    Example:
        >>> network = Network("W", torch.eye(2)[None], torch.eye(2)[None], torch.zeros(1, 2, 2), torch.tensor([0, 1]))
        >>> learner = HiddenLearner(network)
        >>> learner.step(Batch(torch.tensor([[0]]), torch.ones(1, 1)), learning_rate=2.0)
        >>> learner.logits().tolist()
        [[[1.0, -1.0], [0.0, 0.0]]]
    """

    def __init__(self, network: Network) -> None:
        _check(network, "for steps in the space of hidden vectors")
        assert network.memory is not None
        self.network = network
        self._tokens_gram = network.inputs @ network.inputs.mT
        self._hidden = network.inputs @ network.memory.mT

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self.network.normalized(self._hidden)[0] @ self.network.outputs.mT

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        rate = rate_column(learning_rate, batch, self._hidden)
        back, _, _ = self.network.backward(take_rows(self._hidden, batch.tokens), batch)
        gram = take_rows(self._tokens_gram, batch.tokens)
        self._hidden.baddbmm_(gram.mT, back * rate, alpha=-1)


class ProjectedLearner(OfNetwork):
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

    Source: Derived in the book.

    Example:
        >>> from assocmem.training.optimizers import SignSGD
        >>> network = Network("W", torch.eye(2)[None], torch.eye(2)[None], torch.zeros(1, 2, 2), torch.tensor([0, 1]))
        >>> learner = ProjectedLearner(network, SignSGD())
        >>> learner.step(Batch(torch.tensor([[0]]), torch.ones(1, 1)), learning_rate=2.0)
        >>> learner.logits().round(decimals=4).tolist()
        [[[2.0, -2.0], [0.0, 0.0]]]
    """

    def __init__(self, network: Network, optimizer: Optimizer, scale: float = 1.0) -> None:
        _check(network, "for steps on U W", layer_norm=False)
        if not optimizer.elementwise:
            raise refuse("optimizer", optimizer, "an element-wise one")
        Real(above=0).check("scale", scale)
        assert network.memory is not None
        self.network, self._optimizer, self._scale = network, optimizer.fresh(), scale
        self._projected = network.outputs @ network.memory

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self.network.inputs @ self._projected.mT

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        outputs = self.network.outputs
        rate = rate_column(learning_rate, batch, outputs) * self._scale
        rows = take_rows(self.network.inputs, batch.tokens)
        logits = (self._projected @ rows.mT).mT
        residual = loss_gradient(logits, self.network.labels[batch.tokens], batch.weights)
        gradient = residual.mT @ rows  # B, (R, M, d)
        scaled = outputs * -rate
        runs, _, dim = outputs.shape
        height = max(1, PIECE // (runs * dim))
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

    Source: Section 4 of the paper.

    Example:
        >>> network = Network("W", torch.eye(2)[None], torch.eye(2)[None], torch.zeros(1, 2, 2), torch.tensor([0, 1]))
        >>> learner = AssociationLearner(network)
        >>> learner.step(Batch(torch.tensor([[0]]), torch.ones(1, 1)), learning_rate=2.0)
        >>> learner.weights.tolist()
        [[1.0, 0.0]]
    """

    def __init__(self, network: Network) -> None:
        _check(network, "for the dynamics of q")
        one_hot = torch.nn.functional.one_hot(network.labels, network.outputs.shape[-2])
        self.runs, self.labels = network.runs, network.labels
        self._targets = one_hot.to(network.inputs.dtype)
        self._tokens_gram = network.inputs @ network.inputs.mT
        self._outputs_gram = network.outputs @ network.outputs.mT
        self.weights = torch.zeros_like(network.inputs[:, :, 0])

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self._tokens_gram @ (self.weights[:, :, None] * self._targets) @ self._outputs_gram

    def step(self, batch: Batch, learning_rate: float | Tensor) -> None:
        """Learn one batch."""
        n_others = self._targets.shape[1] - 1
        rate = rate_column(learning_rate, batch, self.weights)[:, 0]
        tokens = batch.tokens.expand(self.runs, -1)
        before = self.weights.gather(1, tokens)
        gain = rate * batch.weights * torch.sigmoid(before.new_tensor(n_others).log() - before)
        self.weights.scatter_add_(1, tokens, gain)


def _check(network: Network, purpose: str, layer_norm: bool = True) -> None:
    if network.model != "W":
        raise refuse("model", network.model, f"'W', {purpose}")
    if network.layer_norm and not layer_norm:
        raise refuse("layer_norm", True, f"False, {purpose}")
