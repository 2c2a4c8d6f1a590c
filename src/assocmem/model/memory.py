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

    Example:
        >>> inputs, outputs = np.eye(3), np.eye(2, 3)
        >>> association_matrix(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 0]), inputs, outputs).tolist()
        [[1.0, 0.0, 3.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]
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

    Example:
        >>> matrix = np.array([[0.0, 1.0], [1.0, 0.0]])
        >>> scores(matrix, inputs=np.eye(2), outputs=np.eye(2)).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
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

    Example:
        >>> rng = np.random.default_rng(0)
        >>> e, u, q, y = rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), np.ones(4), np.array([0, 1, 0, 1])
        >>> bool(np.allclose(factorized_scores(q, y, e, u), scores(association_matrix(q, y, e, u), e, u)))
        True
    """
    class_inputs = np.zeros(outputs.shape)
    np.add.at(class_inputs, labels, weights[:, None] * inputs)
    return (inputs @ class_inputs.T) @ (outputs @ outputs.T)


def recall(logits: NDArray[np.floating]) -> NDArray[np.intp]:
    """The recalled outputs f_W(x) = argmax_y of the scores, shape (..., N) from (..., N, M).

    Example:
        >>> recall(np.array([[0.1, 0.9], [2.0, 1.0]])).tolist()
        [1, 0]
    """
    return logits.argmax(axis=-1)


def generalization_error(recalled: NDArray[np.integer], task: ZipfTask) -> Array:
    """The error E(f) = Σ_x p(x) 1{f(x) ≠ f*(x)} of recalled outputs.

    Args:
        recalled: f(x) of the tokens 1, …, N, shape (..., N).
        task: the task; N must be finite.

    Returns:
        Shape (...).

    Example:
        >>> task = ZipfTask(alpha=1.0, n_tokens=2, n_outputs=2)  # p = 2/3, 1/3 and f* = 1, 0
        >>> round(float(generalization_error(np.array([1, 1]), task)), 3)
        0.333
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
