"""The errors of one draw of embeddings for many weights and all dimensions, in one pass without W."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.embeddings import normalize_gram
from assocmem.model.task import ZipfTask
from assocmem.parameters import refuse
from assocmem.simulation.normals import standard_normals

#: Bytes that one block of coordinates of all embeddings may take.
_BLOCK_BYTES = 2**25


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

    Example:
        >>> blocks = embedding_blocks(100, 5, np.array([10, 30]), np.random.default_rng(0))
        >>> [(dim, inputs.shape, outputs.shape) for dim, inputs, outputs in blocks]
        [(10, (10, 100), (10, 5)), (30, (20, 100), (20, 5))]
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
) -> Array:
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

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=100, n_outputs=5)
        >>> errors = sweep_errors(task, np.ones((1, 100)), np.array([10, 1000]), np.random.default_rng(0))
        >>> errors.shape, bool(errors[0, 1] < errors[0, 0])
        ((1, 2), True)
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
    return classes * scaled[:, None]


def sweep_bytes(n_memories: int, task: ZipfTask) -> float:
    """Estimated peak memory of `sweep_errors` in bytes: weights, running sums, and a block."""
    per_token = 4 * n_memories * (4 * task.n_outputs + 6) + 64
    return math.inf if math.isinf(task.n_tokens) else per_token * task.n_tokens + 2 * _BLOCK_BYTES


def mistakes(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which tokens J memories recall wrong: the same as ``logits.argmax(axis=0) != labels``.

    A maximum and comparisons go through whole rows, and take a tenth of the time of an argmax.

    Args:
        logits: score of each output, in each memory, for each token, shape (M, J, N).
        labels: f*(x), shape (N,).

    Returns:
        Shape (J, N).

    Example:
        >>> mistakes(np.array([[[2.0, 1.0, 0.0]], [[1.0, 1.0, 0.0]]]), np.array([0, 1, 0]))
        array([[False,  True, False]])
    """
    best = logits == logits.max(axis=0)
    if np.count_nonzero(best) > logits[0].size:
        # Of equal scores the first one wins.
        first: NDArray[np.bool_] = logits.argmax(axis=0) != labels
        return first
    right = labels == np.arange(len(logits))[:, None]
    return ~(best & right[:, None]).any(axis=0)
