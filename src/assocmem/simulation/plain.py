"""The plain ways to what this library computes fast: short, slow, and without any of its shortcuts."""

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.embeddings import spherical_embeddings
from assocmem.model.memory import association_matrix, generalization_error, recall, scores
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, check_memory, refuse
from assocmem.simulation.nested import embedding_blocks


def plain_sweep_errors(
    task: ZipfTask,
    weights: NDArray[np.floating],
    dims: NDArray[np.integer],
    rng: np.random.Generator,
    *,
    normalized: bool = True,
) -> Array:
    """The errors of `sweep_errors`, with the matrix W of every memory formed at every dimension.

    Args:
        task: the task; N must be finite.
        weights: q of each of J memories, shape (J, N).
        dims: increasing dimensions, shape (D,).
        rng: source of randomness; the same seed gives the embeddings of `sweep_errors`.
        normalized: whether the outputs are divided by their norms, as they must be.

    Returns:
        Shape (J, D).

    Example:
        >>> task, q = ZipfTask(1.0, 20, 5), np.ones((1, 20))
        >>> plain_sweep_errors(task, q, np.array([2, 500]), np.random.default_rng(0)).shape
        (1, 2)
    """
    labels = task.labels(task.tokens)
    blocks = list(embedding_blocks(len(labels), task.n_outputs, dims, rng))
    inputs, outputs = (np.vstack([b[k] for b in blocks]).T.astype(float) for k in (1, 2))
    errors = np.empty((len(weights), len(dims)))
    for column, dim in enumerate(dims):
        e, u = inputs[:, :dim], outputs[:, :dim]
        if normalized:
            u = u / np.linalg.norm(u, axis=1, keepdims=True)
        for row, q in enumerate(weights):
            logits = scores(association_matrix(q, labels, e, u), e, u)
            errors[row, column] = generalization_error(recall(logits), task)
    return errors


def plain_law_errors(
    task: ZipfTask,
    weights: NDArray[np.floating],
    dim: int,
    *,
    draws: int,
    rng: np.random.Generator,
    own_noise: bool = False,
) -> Array:
    r"""Errors of draws of all scores of all tokens, by the law that `expected_errors` averages.

    .. math:: s_z / r = q\,r\,G_{zy} + \sum_w G_{zw} σ_w ξ_w, \qquad σ_w^2 = Q_w - q^2 1\{w = y\}

    with r, ξ and the outputs behind G drawn anew each time. Their mean is the expected error, and a
    rare error takes many draws: `expected_errors` has the same mean from fewer.

    Args:
        task: the task; N must be finite.
        weights: q ≥ 0, shape (N,).
        dim: dimension d.
        draws: number n of draws.
        rng: source of randomness.
        own_noise: whether a token is noise to itself, :math:`σ_y^2 = Q_y`, as it must not be.

    Returns:
        Shape (n,).

    Raises:
        ValueError: for an invalid size, weights of another shape, or draws that do not fit in memory.

    Source: Not in the paper; derived in the book.

    Example:
        >>> task, rng = ZipfTask(1.0, 20, 5), np.random.default_rng(0)
        >>> plain_law_errors(task, np.ones(20), 8, draws=3, rng=rng).shape
        (3,)
    """
    Integer(1).check("dim", dim)
    Integer(1).check("draws", draws)
    labels, size = task.labels(task.tokens), task.n_outputs
    if np.shape(weights) != labels.shape:
        raise refuse("weights", f"array of shape {np.shape(weights)}", f"(N,) = {labels.shape}")
    check_memory(16 * draws * size * (dim + len(labels)), "draws", draws)
    u = spherical_embeddings(draws * size, dim, rng).reshape(draws, size, dim)
    gram = u @ u.swapaxes(1, 2)
    r, xi = np.sqrt(rng.chisquare(dim, draws)), rng.normal(size=(draws, size))
    sums = np.bincount(labels, weights**2, size)
    others = sums[labels] if own_noise else np.maximum(sums[labels] - weights**2, 0)
    # the class of the token: its own signal, and its noise with σ_y in place of √Q_y
    alone = weights * r[:, None] - (np.sqrt(sums[labels]) - np.sqrt(others)) * xi[:, labels]
    logits = alone[..., None] * gram[:, labels]
    logits += np.einsum("nzw,nw->nz", gram, xi * np.sqrt(sums))[:, None]
    wrong: Array = recall(logits) != labels
    return wrong @ task.probabilities
