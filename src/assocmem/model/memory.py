r"""The associative memory as the paper writes it: :math:`W = \sum_x q(x)\, u_{f_*(x)} e_x^\top` and
what it recalls.
"""

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask


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
    return (outputs[labels] * weights[:, None]).T @ inputs


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
    return inputs @ matrix.T @ outputs.T


def factorized_scores(
    weights: NDArray[np.floating],
    labels: NDArray[np.integer],
    inputs: NDArray[np.floating],
    outputs: NDArray[np.floating],
) -> NDArray[np.floating]:
    r"""The same scores without W: :math:`(E B)(U U^\top)`, with
    :math:`B_y = \sum_{f_*(x)=y} q(x) e_x`.

    It costs NdM + NM² + M²d multiplications, in place of N d² for `scores`: a gain for M < d. The
    arguments are those of `association_matrix`.

    Returns:
        Shape (N, M).
    """
    class_inputs = np.zeros(outputs.shape)
    np.add.at(class_inputs, labels, weights[:, None] * inputs)
    return (inputs @ class_inputs.T) @ (outputs @ outputs.T)


def recall(logits: NDArray[np.floating]) -> NDArray[np.intp]:
    """The recalled outputs f_W(x) = argmax_y of the scores, shape (..., N) from (..., N, M)."""
    return logits.argmax(axis=-1)


def generalization_error(recalled: NDArray[np.integer], task: ZipfTask) -> Array:
    """The error E(f) = Σ_x p(x) 1{f(x) ≠ f*(x)} of recalled outputs.

    Args:
        recalled: f(x) of the tokens 1, …, N, shape (..., N).
        task: the task; N must be finite.

    Returns:
        Shape (...).
    """
    wrong = recalled != task.labels(task.tokens)
    return wrong @ task.probabilities


def output_probabilities(
    logits: NDArray[np.floating], dim: int, sharpness: float = 1.0
) -> NDArray[np.floating]:
    r"""What the memory believes: probabilities of the outputs, proportional to
    :math:`\exp(a\,s_y / d)`.

    Args:
        logits: scores, shape (..., N, M).
        dim: dimension d, by which random embeddings make the scores larger.
        sharpness: factor a > 0.

    Returns:
        Shape (..., N, M); they add up to 1 over the outputs.

    Example:
        >>> output_probabilities(np.array([[0.0, 0.0]]), dim=10)
        array([[0.5, 0.5]])
    """
    scaled = sharpness * logits / dim
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
