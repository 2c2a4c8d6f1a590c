"""Signal and noise in the scores of a memory with random embeddings."""

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, refuse


def noise_variance(
    task: ZipfTask, weights: NDArray[np.floating], rivals: NDArray[np.integer], dim: int
) -> Array:
    r"""Variance of the noise in the lead of the right output y over a rival z, for each token.

    .. math:: \mathbb E\,ε^2 = (d + 1) \big(Q_y + Q_z - q(x)^2\big) + 2 \sum_{w \ne y, z} Q_w

    on average over the embeddings; the signal is q(x) d.

    Args:
        task: the task; N must be finite.
        weights: q, shape (N,).
        rivals: the output z ≠ f*(x) that each token is compared with, shape (N,).
        dim: dimension d.

    Returns:
        Shape (N,).

    Raises:
        ValueError: for an invalid d, or a rival that is the right output.

    Source: Not in the paper; derived in the book.

    Example:
        >>> task = ZipfTask(0.5, 400, 5)
        >>> rivals = (task.labels(task.tokens) + 1) % 5
        >>> float(noise_variance(task, np.ones(400), rivals, 150)[0])  # the signal is 150
        24489.0
    """
    Integer(1).check("dim", dim)
    labels = task.labels(task.tokens)
    if np.shape(rivals) != labels.shape or (rivals == labels).any():
        raise refuse("rivals", rivals, "an output other than f*(x) for each token")
    squares = np.square(np.asarray(weights, dtype=np.float64))
    sums = np.bincount(labels, squares, task.n_outputs)
    two = sums[labels] + sums[rivals]
    result: Array = (dim + 1) * (two - squares) + 2 * (sums.sum() - two)
    return result
