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
from assocmem.mistakes import mistakes
from assocmem.normals import standard_normals
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

    A coordinate is drawn for all tokens and outputs at once, one coordinate after the other, so that
    a seed gives the same embeddings whichever ``dims`` are asked for: those at d are the first d
    coordinates of those at any larger d. Single precision moves a score by 10⁻⁷ of its size.

    Args:
        n_tokens: N.
        n_outputs: M.
        dims: increasing dimensions, where blocks must end, shape (D,).
        rng: source of randomness.

    Yields:
        The number of coordinates so far, the block of inputs (b, N) and of outputs (b, M).
    """
    n_columns = n_tokens + n_outputs
    done, largest = 0, max(1, _BLOCK_BYTES // (4 * n_columns))
    ahead = np.empty((0, n_columns), dtype=np.float32)
    for dim in dims:
        while done < dim:
            if len(ahead) == 0:
                ahead = standard_normals(min(largest, int(dims[-1]) - done), n_columns, rng)
            block, ahead = np.split(ahead, [dim - done])
            done += len(block)
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
    n_tokens, n_outputs = weights.shape[1], task.n_outputs
    wanted = np.ones((len(weights), len(dims)), dtype=bool) if wanted is None else wanted
    labels = task.labels(np.arange(1, n_tokens + 1))
    errors = np.full(wanted.shape, np.nan)
    last_wanted = np.where(wanted.any(axis=1), wanted.shape[1] - wanted[:, ::-1].argmax(axis=1), 0)
    # The memories that are wanted longest come first: those still wanted are a slice, not a copy.
    alive = np.argsort(-last_wanted, kind="stable")
    # Tokens that no memory stores are left out of B, where that saves more than it costs.
    kept = np.flatnonzero(weights.any(axis=0))
    tokens = kept if 2 * len(kept) < n_tokens else slice(None)
    stored = _weights_by_class(weights[alive][:, tokens], labels[tokens], n_outputs)
    summed = np.zeros((len(alive), n_outputs, n_tokens), dtype=np.float32)
    gram = np.zeros((n_outputs, n_outputs))
    position = 0
    for done, inputs, outputs in embedding_blocks(n_tokens, n_outputs, dims, rng):
        still = np.count_nonzero(last_wanted > position)
        if still == 0:
            break
        alive, stored, summed = alive[:still], stored[:still], summed[:still]
        # Two products serve all memories and classes at once: B as columns, then E B as rows.
        class_inputs = inputs[:, tokens] @ stored.reshape(still * n_outputs, -1).T
        summed += (class_inputs.T @ inputs).reshape(summed.shape)
        gram += outputs.T.astype(np.float64) @ outputs
        if done == dims[position]:
            asked = np.flatnonzero(wanted[alive, position])
            cosines = normalize_gram(gram).astype(np.float32)
            logits = np.tensordot(cosines, summed[asked], axes=(1, 1))
            errors[alive[asked], position] = mistakes(logits, labels) @ task.probabilities
            position += 1
    return errors


def _weights_by_class(
    weights: NDArray[np.floating], labels: NDArray[np.intp], n_outputs: int
) -> NDArray[np.float32]:
    """Weights with zeros but at the tokens of one class, shape (J, M, n), from (J, n)."""
    # Predictions do not depend on the scale of q, and scale 1 cannot overflow single precision.
    scale = np.abs(weights).max(axis=1, keepdims=True, initial=0)
    scaled = (weights / np.where(scale > 0, scale, 1)).astype(np.float32)
    classes = labels == np.arange(n_outputs)[:, None]
    by_class: NDArray[np.float32] = classes * scaled[:, None]
    return by_class


def sweep_bytes(n_memories: int, task: ZipfTask) -> float:
    """Estimated peak memory of `sweep_errors` in bytes: weights, running sums, and a block."""
    per_token = 4 * n_memories * (4 * task.n_outputs + 6) + 64
    return math.inf if math.isinf(task.n_tokens) else per_token * task.n_tokens + 2 * _BLOCK_BYTES
