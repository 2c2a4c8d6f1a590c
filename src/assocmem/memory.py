r"""The associative memory: :math:`W = \sum_x q(x)\, u_{f_*(x)} e_x^\top` and what it recalls.

`association_matrix`, `scores` and `recall` are the model as the paper writes it. `sweep_errors`
computes the same errors for many weights and dimensions in one pass, without ever forming W.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assocmem.embeddings import normalize_gram
from assocmem.parameters import refuse
from assocmem.task import ZipfTask

__all__ = [
    "association_matrix",
    "embedding_blocks",
    "factorized_scores",
    "generalization_error",
    "recall",
    "scores",
    "sweep_errors",
]

#: Bytes that one block of coordinates of all embeddings may take.
_BLOCK_BYTES = 2**25


def association_matrix(
    weights: NDArray[np.floating],
    labels: NDArray[np.integer],
    inputs: NDArray[np.floating],
    outputs: NDArray[np.floating],
) -> NDArray[np.floating]:
    r"""The memory matrix :math:`W = \sum_x q(x)\, u_{f_*(x)} e_x^\top`.

    Args:
        weights: q, shape (N,).
        labels: f*(x), shape (N,).
        inputs: embeddings e, shape (N, d).
        outputs: unembeddings u, shape (M, d).

    Returns:
        Shape (d, d).
    """
    stored: NDArray[np.floating] = (outputs[labels] * weights[:, None]).T @ inputs
    return stored


def scores(
    matrix: NDArray[np.floating], inputs: NDArray[np.floating], outputs: NDArray[np.floating]
) -> NDArray[np.floating]:
    """The score (logit) u_y^T W e_x of every output y for every token x.

    Args:
        matrix: W, shape (d, d).
        inputs: embeddings e, shape (N, d).
        outputs: unembeddings u, shape (M, d).

    Returns:
        Shape (N, M).
    """
    logits: NDArray[np.floating] = inputs @ matrix.T @ outputs.T
    return logits


def factorized_scores(
    weights: NDArray[np.floating],
    labels: NDArray[np.integer],
    inputs: NDArray[np.floating],
    outputs: NDArray[np.floating],
) -> NDArray[np.floating]:
    r"""The same scores without W: :math:`(E B)(U U^\top)`, with
    :math:`B_y = \sum_{f_*(x)=y} q(x) e_x`.

    It costs NdM + NM² + M²d multiplications, in place of N d² for `scores`: a gain for M < d.

    Args:
        weights: q, shape (N,).
        labels: f*(x), shape (N,).
        inputs: embeddings e, shape (N, d).
        outputs: unembeddings u, shape (M, d).

    Returns:
        Shape (N, M).
    """
    class_inputs = np.zeros(outputs.shape)
    np.add.at(class_inputs, labels, weights[:, None] * inputs)
    logits: NDArray[np.floating] = (inputs @ class_inputs.T) @ (outputs @ outputs.T)
    return logits


def recall(logits: NDArray[np.floating]) -> NDArray[np.intp]:
    """The recalled outputs f_W(x) = argmax_y of the scores, shape (..., N) from (..., N, M)."""
    recalled: NDArray[np.intp] = logits.argmax(axis=-1)
    return recalled


def generalization_error(recalled: NDArray[np.integer], task: ZipfTask) -> NDArray[np.float64]:
    """The error E(f) = Σ_x p(x) 1{f(x) ≠ f*(x)} of recalled outputs.

    Args:
        recalled: f(x) of the tokens 1, …, N, shape (..., N).
        task: the task; N must be finite.

    Returns:
        Shape (...).
    """
    wrong = recalled != task.labels(task.tokens)
    error: NDArray[np.float64] = wrong @ task.probabilities
    return error


def embedding_blocks(
    n_tokens: int, n_outputs: int, dims: NDArray[np.integer], rng: np.random.Generator
) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
    """Gaussian embeddings of tokens and outputs, a block of coordinates at a time.

    Coordinates are drawn one after the other, each for all tokens and outputs at once, so that a
    seed gives the same embeddings whichever ``dims`` are asked for: those at d are the first d
    coordinates of those at any larger d. Single precision halves the time, and moves a score by
    10⁻⁷ of its size.

    Args:
        n_tokens: N.
        n_outputs: M.
        dims: increasing dimensions, where blocks must end, shape (D,).
        rng: source of randomness.

    Yields:
        The number of coordinates so far, the block of inputs (b, N) and of outputs (b, M).
    """
    largest = max(1, _BLOCK_BYTES // (4 * (n_tokens + n_outputs)))
    done = 0
    for dim in dims:
        while done < dim:
            width = min(largest, int(dim) - done)
            block = rng.standard_normal((width, n_tokens + n_outputs), dtype=np.float32)
            done += width
            yield done, block[:, :n_tokens], block[:, n_tokens:]


def sweep_errors(
    task: ZipfTask,
    weights: NDArray[np.floating],
    dims: NDArray[np.integer],
    rng: np.random.Generator,
    wanted: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    r"""Errors of one draw of the random embeddings, for many weights and dimensions in one pass.

    Adding coordinates to the embeddings adds to :math:`E B` and to :math:`Z Z^\top`, where Z are
    the Gaussian vectors whose normalization gives U. So one pass over the coordinates up to the
    largest d serves every smaller one; the unit norm of u at each d enters through the M × M Gram
    matrix alone.

    Args:
        task: the task; N must be finite.
        weights: q of each of J memories, shape (J, N).
        dims: increasing dimensions, shape (D,).
        rng: source of randomness.
        wanted: which errors are needed, shape (J, D); all unless given. A memory is dropped after
            the last dimension at which it is wanted.

    Returns:
        Shape (J, D), NaN where not wanted.

    Raises:
        ValueError: for dimensions that do not increase, or weights of another shape.
    """
    if np.shape(weights)[1:] != (task.n_tokens,):
        raise refuse("weights", f"array of shape {np.shape(weights)}", f"(J, N = {task.n_tokens})")
    if len(dims) == 0 or dims[0] < 1 or (np.diff(dims) <= 0).any():
        raise refuse("dims", dims, "increasing, each ≥ 1")
    n_memories, n_tokens = weights.shape
    n_outputs = task.n_outputs
    wanted = np.ones((n_memories, len(dims)), dtype=bool) if wanted is None else wanted
    labels = task.labels(task.tokens)
    # Tokens in the order of their classes, so that a class is a slice; the columns of each block
    # are permuted alike, so that column x of a draw stays the embedding of token x.
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(n_outputs + 1))
    sorted_labels, sorted_mass = labels[order], task.probabilities[order]
    # Predictions do not depend on the scale of q, and scale 1 cannot overflow single precision.
    scale = np.abs(weights).max(axis=1, keepdims=True)
    sorted_weights = (weights / np.where(scale > 0, scale, 1))[:, order].astype(np.float32)

    errors = np.full(wanted.shape, np.nan)
    last_wanted = np.where(wanted.any(axis=1), wanted.shape[1] - wanted[:, ::-1].argmax(axis=1), 0)
    alive = np.flatnonzero(last_wanted > 0)
    summed = np.zeros((len(alive), n_outputs, n_tokens), dtype=np.float32)
    gram = np.zeros((n_outputs, n_outputs))
    position = 0
    for done, inputs_block, outputs_block in embedding_blocks(n_tokens, n_outputs, dims, rng):
        inputs = inputs_block[:, order]
        class_inputs = np.empty((len(alive), n_outputs, len(inputs)), dtype=np.float32)
        for y in range(n_outputs):
            members = slice(bounds[y], bounds[y + 1])
            class_inputs[:, y] = sorted_weights[alive, members] @ inputs[:, members].T
        summed += (class_inputs.reshape(-1, len(inputs)) @ inputs).reshape(summed.shape)
        gram += outputs_block.T.astype(np.float64) @ outputs_block
        if done < dims[position]:
            continue
        cosines = normalize_gram(gram).astype(np.float32)
        for row, memory in enumerate(alive):
            if wanted[memory, position]:
                wrong = (cosines @ summed[row]).argmax(axis=0) != sorted_labels
                errors[memory, position] = sorted_mass @ wrong
        position += 1
        keep = last_wanted[alive] > position
        if not keep.all():
            alive, summed = alive[keep], summed[keep]
    return errors


def sweep_bytes(n_memories: int, task: ZipfTask, n_outputs: int | None = None) -> float:
    """Estimated peak memory of `sweep_errors` in bytes: running sums, their update, and a block."""
    outputs = task.n_outputs if n_outputs is None else n_outputs
    per_token = 4 * (2 * n_memories * outputs + n_memories) + 16 * n_memories + 64
    return math.inf if math.isinf(task.n_tokens) else per_token * task.n_tokens + 3 * _BLOCK_BYTES
