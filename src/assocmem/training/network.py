r"""A network of one token, :math:`x \mapsto U\,h(e_x)`, and the gradients of its loss, for many
runs at once.

Arrays lead with the axis of runs: R independent networks are trained in one pass. The gradient of W
stays in two thin factors, and that of E has the rows of the batch only, so that no step needs
N·d·d operations.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor

from assocmem.parameters import Integer, OneOf, check_memory, refuse
from assocmem.training.batch import Batch
from assocmem.training.gradients import loss_gradient

#: What is trained: W alone; E and U, with a ReLU and without W; or E, W and U.
Model = Literal["W", "EU", "EWU"]


#: All of them: the networks that are trained, by what of them is trained.
MODELS: tuple[Model, ...] = ("W", "EU", "EWU")


#: Added to ‖h‖² under the root of the layer norm.
NORM_EPSILON = 1e-6


@dataclass(frozen=True)
class Gradients:
    r"""The gradients of the mean loss of a batch; what is not trained is None.

    Args:
        tokens: the rows of E that ``inputs`` belongs to, shape (R, K).
        inputs: :math:`∂\ell/∂e_x` of these rows, shape (R, K, d).
        outputs: :math:`∂\ell/∂U`, shape (R, M, d).
        factors: G and E', the K vectors :math:`g_x` and :math:`e_x` of each run, shape (R, K, d) both:
            :math:`∂\ell/∂W = \sum_x g_x e_x^\top = G^\top E'`.

    Example:
        >>> network = Network.draw("W", [0, 1], 3, runs=1, generator=torch.Generator())
        >>> gradients = network.gradients(Batch(torch.tensor([[0]]), torch.ones(1, 1)))
        >>> gradients.outputs is None, gradients.factors[0].shape
        (True, torch.Size([1, 1, 3]))
    """

    tokens: Tensor
    inputs: Tensor | None
    outputs: Tensor | None
    factors: tuple[Tensor, Tensor] | None


@dataclass
class Network:
    r"""R networks with logits :math:`U h`, where :math:`h = W e_x`, or :math:`\mathrm{ReLU}(e_x)`
    without W, and :math:`h / \sqrt{\|h\|^2 + 10^{-6}}` with layer norm.

    Args:
        model: what is trained: ``"W"`` (E and U are fixed), ``"EU"`` (there is no W) or ``"EWU"``.
        inputs: embeddings E, shape (R, N, d).
        outputs: unembeddings U, shape (R, M, d).
        memory: W, shape (R, d, d); None for the model ``"EU"``.
        labels: f*(x) of each token, integers of shape (N,).
        layer_norm: whether h is divided by its norm.

    Raises:
        ValueError: for an unknown model, arrays whose shapes or types do not fit each other, or
            labels that are not integers from 0 to M − 1.

    Source: Section 4 of the paper.

    Example:
        >>> labels = torch.tensor([0, 1])
        >>> network = Network("W", torch.eye(2)[None], torch.eye(2)[None], torch.eye(2)[None], labels)
        >>> network.logits().tolist()
        [[[1.0, 0.0], [0.0, 1.0]]]
    """

    model: Model
    inputs: Tensor
    outputs: Tensor
    memory: Tensor | None
    labels: Tensor
    layer_norm: bool = False

    def __post_init__(self) -> None:
        OneOf(*MODELS).check("model", self.model)
        runs, n_tokens, dim = self.inputs.shape
        wanted = {
            "outputs": (self.outputs, (runs, self.outputs.shape[-2], dim)),
            "labels": (self.labels, (n_tokens,)),
        }
        if self.model == "EU":
            if self.memory is not None:
                raise refuse("memory", "an array", "None for the model 'EU'")
        elif self.memory is None:
            raise refuse("memory", None, f"an array of shape {(runs, dim, dim)}")
        else:
            wanted["memory"] = (self.memory, (runs, dim, dim))
        for name, (array, shape) in wanted.items():
            if tuple(array.shape) != shape:
                raise refuse(name, f"array of shape {tuple(array.shape)}", f"shape {shape}")
            if name != "labels" and array.dtype != self.inputs.dtype:
                raise refuse(name, array.dtype, f"{self.inputs.dtype}, as inputs")
        check_labels(self.labels, self.outputs.shape[-2])

    @classmethod
    def draw(
        cls,
        model: Model,
        labels: Sequence[int] | Tensor,
        dim: int,
        *,
        runs: int,
        generator: torch.Generator,
        n_outputs: int | None = None,
        layer_norm: bool = False,
        zero_memory: bool = False,
        unit_inputs: bool = False,
        unit_outputs: bool = False,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device = "cpu",
    ) -> Self:
        r"""Networks with all entries of W, E and U drawn from :math:`\mathcal N(0, 1/d)`.

        Args:
            model: ``"W"``, ``"EU"`` or ``"EWU"``.
            labels: f*(x) of each token, from 0 to M − 1.
            dim: dimension d.
            runs: number of networks R.
            generator: source of randomness.
            n_outputs: M; the largest label + 1 unless given.
            layer_norm: whether h is divided by its norm.
            zero_memory: start from W = 0.
            unit_inputs: divide each row of E by its norm, so that it is uniform on the sphere.
            unit_outputs: the same for U.
            dtype: of all arrays.
            device: of all arrays; numbers are drawn on the generator's device.

        Raises:
            ValueError: for a value out of range, or a size that does not fit in memory, before any
                work.

        Example:
            >>> network = Network.draw("W", [0, 1, 2], 4, runs=5, generator=torch.Generator())
            >>> network.logits().shape
            torch.Size([5, 3, 3])
        """
        OneOf(*MODELS).check("model", model)
        Integer(1).check("dim", dim)
        Integer(1).check("runs", runs)
        given = torch.as_tensor(labels)
        if given.ndim != 1 or not len(given):
            raise refuse("labels", f"array of shape {tuple(given.shape)}", "shape (N,), N ≥ 1")
        size = int(given.max()) + 1 if n_outputs is None else n_outputs
        Integer(1).check("n_outputs", size)
        check_labels(given, size)
        right = given.to(torch.int64)
        check_memory(16 * runs * dim * (dim + len(right) + size), "runs", runs)

        def normals(*shape: int) -> Tensor:
            drawn = torch.randn(*shape, generator=generator, dtype=dtype, device=generator.device)
            return (drawn / math.sqrt(dim)).to(device)

        memory = None
        if model != "EU":
            square = (runs, dim, dim)
            memory = (
                torch.zeros(square, dtype=dtype, device=device) if zero_memory else normals(*square)
            )
        inputs, outputs = normals(runs, len(right), dim), normals(runs, size, dim)
        if unit_inputs:
            inputs /= inputs.norm(dim=-1, keepdim=True)
        if unit_outputs:
            outputs /= outputs.norm(dim=-1, keepdim=True)
        return cls(model, inputs, outputs, memory, right.to(device), layer_norm)

    @property
    def runs(self) -> int:
        """The number of networks R."""
        return self.inputs.shape[0]

    def logits(self) -> Tensor:
        """The score of each output for every token, shape (R, N, M)."""
        return self.normalized(self._hidden(self.inputs))[0] @ self.outputs.mT

    def gradients(self, batch: Batch) -> Gradients:
        r"""The gradients of the mean cross-entropy of a batch.

        With :math:`a_x = w_x (\mathrm{softmax}(U h_x) - \mathbf 1_{f_*(x)})`: :math:`∂\ell/∂U =
        \sum_x a_x h_x^\top`, :math:`g_x = ∂\ell/∂h_x = U^\top a_x`, :math:`∂\ell/∂W = \sum_x g_x
        e_x^\top` and :math:`∂\ell/∂e_x = W^\top g_x`. Layer norm turns g into
        :math:`(g - (g \cdot \hat h)\,\hat h) / \sqrt{\|h\|^2 + 10^{-6}}`, with :math:`\hat h` for the
        normalized h.

        Args:
            batch: of R runs, or of one for all.
        """
        rows = take_rows(self.inputs, batch.tokens)
        back, residual, hidden = self.backward(self._hidden(rows), batch)
        trains_embeddings = self.model != "W"
        inputs = None
        if trains_embeddings:
            inputs = back * (rows > 0) if self.memory is None else back @ self.memory
        return Gradients(
            tokens=batch.tokens,
            inputs=inputs,
            outputs=residual.mT @ hidden if trains_embeddings else None,
            factors=None if self.memory is None else (back, rows),
        )

    def backward(self, hidden: Tensor, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """The gradient in h of the tokens of a batch, shape (R, K, d), that in the logits, (R, K, M),
        and h after the norm, for h before the norm.
        """
        unit, scale = self.normalized(hidden)
        residual = self.residual((self.outputs @ unit.mT).mT, batch)
        back = residual @ self.outputs
        if scale is not None:
            back = (back - (back * unit).sum(-1, keepdim=True) * unit) * scale
        return back, residual, unit

    def residual(self, logits: Tensor, batch: Batch) -> Tensor:
        """The gradient of the mean loss of a batch in the logits of its tokens, shape (R, K, M)."""
        return loss_gradient(logits, self.labels[batch.tokens], batch.weights)

    def normalized(self, hidden: Tensor) -> tuple[Tensor, Tensor | None]:
        """Vectors h after the layer norm, if there is one, and what they were multiplied with."""
        if not self.layer_norm:
            return hidden, None
        scale = torch.rsqrt((hidden * hidden).sum(-1, keepdim=True) + NORM_EPSILON)
        return hidden * scale, scale

    @classmethod
    def stack(cls, networks: Sequence[Self]) -> Self:
        """Networks of one model, labels and layer norm as the runs of one, copied.

        Args:
            networks: at least one.

        Raises:
            ValueError: for networks that differ in more than their arrays.
        """
        if not networks:
            raise refuse("networks", networks, "at least one")
        first = networks[0]
        for position, network in enumerate(networks):
            same = network.model == first.model and network.layer_norm == first.layer_norm
            if not (same and torch.equal(network.labels, first.labels)):
                valid = "the model, labels and layer norm of the first"
                raise refuse(f"networks[{position}]", f"network of model {network.model}", valid)
        memories = [network.memory for network in networks if network.memory is not None]
        return cls(
            first.model,
            torch.cat([network.inputs for network in networks]),
            torch.cat([network.outputs for network in networks]),
            torch.cat(memories) if memories else None,
            first.labels,
            first.layer_norm,
        )

    def _hidden(self, rows: Tensor) -> Tensor:
        """The vectors h, before the layer norm, of embeddings of shape (R, K, d)."""
        return torch.relu(rows) if self.memory is None else rows @ self.memory.mT


def check_labels(labels: Tensor, n_outputs: int) -> None:
    """Raise `ValueError` unless all labels are integers from 0 to M − 1."""
    if labels.is_floating_point() or labels.dtype == torch.bool:
        raise refuse("labels", labels.dtype, "integers")
    for label in (int(labels.min()), int(labels.max())):
        Integer(0, n_outputs - 1).check("labels", label)


def take_rows(arrays: Tensor, tokens: Tensor) -> Tensor:
    """The rows of an array that belong to tokens, run by run.

    Args:
        arrays: shape (R, N, D).
        tokens: indices of rows, shape (R, K), or (1, K) for all runs.

    Returns:
        Shape (R, K, D).
    """
    runs, n_rows, width = arrays.shape
    index = tokens + torch.arange(0, runs * n_rows, n_rows, device=arrays.device)[:, None]
    # much faster than arrays[run, tokens], for rows of any width
    return arrays.reshape(-1, width).index_select(0, index.flatten()).view(*index.shape, width)
