"""Networks whose embeddings are trained: how their inputs move, and which outputs they can recall."""

import itertools
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from assocmem.model.task import ZipfTask
from assocmem.parameters import refuse
from assocmem.training.batch import Batch
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors
from assocmem.training.network import Network


def input_curvature(network: Network) -> Tensor:
    r"""The largest curvature of a token's loss in its input embedding.

    .. math:: Λ_e = \frac14 \max_{z, w} \|W^\top (u_z - u_w)\|^2 .

    Args:
        network: networks of the model ``"W"`` or ``"EWU"``, without layer norm.

    Returns:
        Shape (R,).

    Raises:
        ValueError: for a network without W, or with layer norm.

    Source: Derived in the book, in the chapter on learned embeddings.

    Example:
        >>> network = Network("EWU", torch.zeros(1, 2, 2), torch.eye(2)[None], torch.eye(2)[None],
        ...                   torch.tensor([0, 1]))
        >>> input_curvature(network).tolist()
        [0.5]
    """
    if network.memory is None:
        raise refuse("model", network.model, "one with a memory W")
    if network.layer_norm:
        raise refuse("layer_norm", True, "False, for the curvature in the inputs")
    pulled = network.outputs @ network.memory
    gaps = pulled[:, :, None] - pulled[:, None]
    return (gaps * gaps).sum(-1).amax((1, 2)) / 4


def pair_distances(inputs: Tensor, labels: Tensor, *, same: bool) -> Tensor:
    """Distances between the inputs of all pairs of tokens with the same output, or with two.

    Args:
        inputs: E, shape (R, N, d).
        labels: f*(x) of each token, shape (N,).
        same: whether the two tokens of a pair have the same output.

    Returns:
        Shape (R, pairs); pairs (x, x') with x < x' in the order of rows.

    Example:
        >>> inputs = torch.tensor([[[0.0], [1.0], [3.0]]])
        >>> pair_distances(inputs, torch.tensor([0, 1, 0]), same=False).tolist()
        [[1.0, 2.0]]
    """
    wanted = (labels[:, None] == labels) == same
    first, second = torch.nonzero(torch.triu(wanted, diagonal=1), as_tuple=True)
    return torch.linalg.vector_norm(inputs[:, first] - inputs[:, second], dim=-1)


def distance_ratio(inputs: Tensor, labels: Tensor) -> Tensor:
    """The mean distance of inputs with the same label, over that of inputs with two.

    Args:
        inputs: E, shape (R, N, d).
        labels: of each token, shape (N,).

    Returns:
        Shape (R,).

    Example:
        >>> distance_ratio(torch.tensor([[[0.0], [1.0], [4.0]]]), torch.tensor([0, 0, 1])).tolist()
        [0.2857142984867096]
    """
    same, two = (pair_distances(inputs, labels, same=same).mean(-1) for same in (True, False))
    return same / two


def tightening(kept: Mapping[int, Network], labels: Tensor) -> NDArray[np.floating]:
    """The `distance_ratio` at the last look over that at the first.

    Args:
        kept: networks by number of steps, as `watch` returns them.
        labels: of each token, shape (N,).

    Returns:
        Shape (R,).

    Example:
        >>> network = Network.draw("EWU", [0, 1, 0], 2, runs=2, generator=torch.Generator())
        >>> tightening({0: network, 5: network}, network.labels).tolist()
        [1.0, 1.0]
    """
    first, *_, last = kept.values()
    return (distance_ratio(last.inputs, labels) / distance_ratio(first.inputs, labels)).numpy()


def never_parted(kept: Mapping[int, Network], labels: Tensor) -> NDArray[np.bool_]:
    """In which runs no two inputs of one label ever move apart, from one look to the next.

    Args:
        kept: networks by number of steps, as `watch` returns them.
        labels: of each token, shape (N,).

    Returns:
        Shape (R,).

    Example:
        >>> kept = {
        ...     step: Network("EU", scale * torch.eye(2)[None], torch.ones(1, 1, 2), None, torch.tensor([0, 0]))
        ...     for step, scale in ((0, 1.0), (1, 0.5))
        ... }
        >>> never_parted(kept, torch.tensor([0, 0])).tolist()
        [True]
    """
    looks = [pair_distances(network.inputs, labels, same=True) for network in kept.values()]
    steps = [(after <= before + 1e-12).all(-1) for before, after in itertools.pairwise(looks)]
    return torch.stack(steps).all(0).numpy()


def recallable_outputs(outputs: ArrayLike) -> NDArray[np.bool_]:
    r"""Which outputs win at some point of the plane: :math:`u_z \cdot h > u_w \cdot h` for some h
    and all w ≠ z.

    It takes an h whose angle with all differences :math:`u_z - u_w` is acute: there is one if and
    only if these leave a gap of more than half a turn.

    Args:
        outputs: U in the plane, shape (..., M, 2).

    Returns:
        Shape (..., M): True for the vertices of the convex hull.

    Raises:
        ValueError: for outputs that are not in the plane.

    Source: Proved in the book, in the chapter on learned embeddings.

    Example:
        >>> recallable_outputs([[0, 0], [2, 0], [0, 2], [0.5, 0.5]]).tolist()
        [True, True, True, False]
    """
    points = np.asarray(outputs, dtype=np.float64)
    if points.ndim < 2 or points.shape[-1] != 2:
        raise refuse("outputs", f"array of shape {points.shape}", "shape (..., M, 2)")
    n_outputs = points.shape[-2]
    if n_outputs == 1:
        return np.ones(points.shape[:-1], dtype=bool)
    gaps = points[..., :, None, :] - points[..., None, :, :]
    others = ~np.eye(n_outputs, dtype=bool)
    apart = gaps[..., others, :].reshape(*points.shape[:-1], n_outputs - 1, 2)
    angles = np.sort(np.arctan2(apart[..., 1], apart[..., 0]), axis=-1)
    turns = np.diff(angles, axis=-1, append=angles[..., :1] + 2 * np.pi)
    twins = (apart == 0).all(axis=-1).any(axis=-1)
    return (turns.max(axis=-1) > np.pi) & ~twins


def plane_errors(task: ZipfTask, network: Network) -> pd.DataFrame:
    r"""The error of networks in the plane, and how much of it no input could avoid.

    Args:
        task: the task.
        network: networks with d = 2.

    Returns:
        Four rows a run, columns ``trial``, ``quantity`` and ``error``: the ``error``; the mass
        ``lost`` of the tokens whose output is not recallable, and the mass ``shadowed`` of those
        whose output does not win at :math:`h = u_y`; and the number of ``recallable`` outputs.

    Raises:
        ValueError: for networks that are not in the plane.

    Source: Section 4 of the paper, for learned embeddings.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=6, n_outputs=3)
        >>> labels = task.labels(task.tokens)
        >>> network = Network.draw("EWU", labels, 2, runs=4, generator=torch.Generator())
        >>> len(plane_errors(task, network))
        16
    """
    reach = recallable_outputs(network.outputs.numpy())
    own = (network.outputs @ network.outputs.mT).argmax(-1).numpy()
    outside, labels = own != np.arange(own.shape[1]), task.labels(task.tokens)
    measured = {
        "error": network_errors(task, network.logits()),
        "lost": ~reach[:, labels] @ task.probabilities,
        "shadowed": outside[:, labels] @ task.probabilities,
        "recallable": reach.sum(axis=1),
    }
    return pd.concat(
        [
            pd.DataFrame({"trial": range(network.runs), "quantity": name, "error": values})
            for name, values in measured.items()
        ],
        ignore_index=True,
    )


def watch(
    learner: GradientLearner, data: Iterable[Batch], learning_rate: float, looks: Iterable[int]
) -> dict[int, Network]:
    """Train, and keep copies of the networks on the way.

    Args:
        learner: what to train; it is changed.
        data: batches, one a step.
        learning_rate: γ.
        looks: after which numbers of steps a copy is kept; 0 is before the first.

    Returns:
        The networks by number of steps, in the order of the steps.

    Raises:
        ValueError: if there are not as many batches as steps looked for.

    Example:
        >>> from assocmem.training.optimizers import SGD
        >>> network = Network.draw("EWU", [0, 1], 2, runs=3, generator=torch.Generator())
        >>> batch = Batch(torch.tensor([[0, 1]]), torch.full((1, 2), 0.5))
        >>> list(watch(GradientLearner(network, SGD()), [batch] * 5, 0.1, [0, 5]))
        [0, 5]
    """
    wanted = set(looks)
    kept = {0: Network.stack([learner.network])} if 0 in wanted else {}
    step = 0
    for step, batch in enumerate(data, start=1):
        learner.step(batch, learning_rate)
        if step in wanted:
            kept[step] = Network.stack([learner.network])
    if lost := sorted(wanted - kept.keys()):
        raise refuse("looks", lost[0], f"0 to {step}, the number of batches")
    return kept
