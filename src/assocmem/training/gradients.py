"""Gradients of the cross-entropy as formulas: in the logits, and of one token in W, e and u."""

import torch
from torch import Tensor


def loss_gradient(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    r""":math:`w_x (\mathrm{softmax}(s_x) - \mathbf 1_{y_x})`, the gradient of the mean cross-entropy
    in the logits; shape (..., K, M) as ``logits``, with ``labels`` and ``weights`` (..., K).
    """
    # Across a first axis torch works on many tokens at once, along a short last one on each by itself.
    residual = torch.softmax(logits.mT.contiguous(), dim=-2).mT
    index = labels.expand(residual.shape[:-1])[..., None]
    residual.scatter_add_(-1, index, residual.new_full((1,) * residual.ndim, -1.0).expand_as(index))
    return residual.mul_(weights[..., None])


def association_gradient(memory: Tensor, outputs: Tensor, embedding: Tensor, label: int) -> Tensor:
    r"""The gradient of one token's loss in W, as an association.

    .. math:: \nabla_W \ell = -(1 - p_W(y|x))\, (u_y - \hat u_W)\, e_x^\top, \qquad
        \hat u_W = \sum_{z \ne y} \frac{p_W(z|x)}{1 - p_W(y|x)}\, u_z

    Args:
        memory: W, shape (d, d).
        outputs: U, shape (M, d).
        embedding: e_x, shape (d,).
        label: y = f*(x).

    Returns:
        Shape (d, d).

    Source: Section 4 of the paper.

    Example:
        >>> association_gradient(torch.zeros(2, 2), torch.eye(2), torch.tensor([1.0, 0.0]), 0).tolist()
        [[-0.5, 0.0], [0.5, 0.0]]
    """
    wrong = torch.softmax(outputs @ memory @ embedding, 0)
    wrong[label] = 0
    miss = wrong.sum()  # 1 − p_W(y|x), without rounding to 0 where the token is known
    return -torch.outer(miss * outputs[label] - wrong @ outputs, embedding) + 0.0


def input_gradient(memory: Tensor, outputs: Tensor, embedding: Tensor, label: int) -> Tensor:
    r"""The gradient of one token's loss in its input embedding.

    .. math:: ∂\ell/∂e_x = -(1 - p_W(y|x))\, W^\top (u_y - \hat u_W)

    The arguments are those of `association_gradient`.

    Returns:
        Shape (d,).

    Source: Section 4 of the paper, for learned embeddings.

    Example:
        >>> input_gradient(torch.eye(2), torch.eye(2), torch.zeros(2), 0).tolist()
        [-0.5, 0.5]
    """
    wrong = torch.softmax(outputs @ memory @ embedding, 0)
    wrong[label] = 0
    miss = wrong.sum()  # 1 − p_W(y|x), without rounding to 0 where the token is known
    return -memory.mT @ (miss * outputs[label] - wrong @ outputs)


def output_gradients(memory: Tensor, outputs: Tensor, embedding: Tensor, label: int) -> Tensor:
    r"""The gradient of one token's loss in every output embedding.

    .. math:: ∂\ell/∂u_z = (p_W(z|x) - 1\{z = y\})\, W e_x

    The arguments are those of `association_gradient`.

    Returns:
        Shape (M, d); rows sum to 0.

    Source: Section 4 of the paper, for learned embeddings.

    Example:
        >>> output_gradients(torch.eye(2), torch.zeros(2, 2), torch.tensor([2.0, 0.0]), 0).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
    """
    hidden = memory @ embedding
    residual = torch.softmax(outputs @ hidden, 0)
    residual[label] -= 1
    return torch.outer(residual, hidden) + 0.0
