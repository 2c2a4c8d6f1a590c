"""Signal and noise in the scores of a token, over independent draws of the embeddings."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.embeddings import gaussian_embeddings, spherical_embeddings
from assocmem.model.memory import factorized_scores, generalization_error, recall
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, check_memory, refuse


class Interference(NamedTuple):
    """What `simulate_interference` finds, each of shape (trials, N).

    Args:
        signal: q(x) ‖e_x‖² (1 − G_zy), what token x itself adds to its lead over its rival.
        noise: what all other tokens add to it.
        variance: the variance of the noise given the outputs and e_x.
        own_variance: the part of the variance that comes without the tokens of the rival's class.
        mean_variance: the variance with d for ‖e_x‖² and 1 + G_zy² for (1 − G_zy)², which has the
            same mean and spreads less.

    Example:
        >>> zero = np.zeros((1, 2))
        >>> Interference(zero, zero, zero, zero, zero).signal.shape
        (1, 2)
    """

    signal: Array
    noise: Array
    variance: Array
    own_variance: Array
    mean_variance: Array


def simulate_interference(
    task: ZipfTask,
    weights: NDArray[np.floating],
    rivals: NDArray[np.integer],
    dim: int,
    *,
    trials: int,
    rng: np.random.Generator,
) -> Interference:
    r"""The lead :math:`s_y - s_z` of the right output over a rival, split into signal and noise.

    .. math::
        s_y - s_z = q(x)\,\|e_x\|^2 (1 - G_{zy}) + \sum_{x' \ne x} q(x')\,(u_y - u_z)^\top
        u_{f_*(x')}\; e_{x'}^\top e_x

    Args:
        task: the task; N must be finite.
        weights: q, shape (N,).
        rivals: the output z ≠ f*(x) that each token is compared with, shape (N,).
        dim: dimension d.
        trials: independent draws of the embeddings.
        rng: source of randomness; each trial gets its own child.

    Raises:
        ValueError: for an invalid size, or a rival that is the right output.

    Example:
        >>> task = ZipfTask(1.0, 10, 5)
        >>> rivals = (task.labels(task.tokens) + 1) % 5
        >>> rng = np.random.default_rng(0)
        >>> found = simulate_interference(task, np.ones(10), rivals, 50, trials=100, rng=rng)
        >>> bool(abs(found.signal.mean() / 50 - 1) < 0.05)
        True
    """
    Integer(1).check("trials", trials)
    labels = task.labels(task.tokens)
    if np.shape(rivals) != labels.shape or (rivals == labels).any():
        raise refuse("rivals", rivals, "an output other than f*(x) for each token")
    check_memory(8 * 5 * trials * len(labels), "trials", trials)
    tokens, n = np.arange(len(labels)), task.n_outputs
    sums = np.bincount(labels, weights**2, n)
    pair = sums[labels] + sums[rivals] - weights**2
    found = Interference(*np.empty((5, trials, len(labels))))
    for trial, child in enumerate(rng.spawn(trials)):
        e = gaussian_embeddings(len(labels), dim, child)
        u = spherical_embeddings(n, dim, child)
        logits, gram, square = factorized_scores(weights, labels, e, u), u @ u.T, (e**2).sum(axis=1)
        cosine = gram[labels, rivals]
        rest = (gram[labels] - gram[rivals]) ** 2
        rest[tokens, labels] = rest[tokens, rivals] = 0
        found.signal[trial] = weights * square * (1 - cosine)
        lead = logits[tokens, labels] - logits[tokens, rivals]
        found.noise[trial] = lead - found.signal[trial]
        found.variance[trial] = square * ((1 - cosine) ** 2 * pair + rest @ sums)
        theirs = square * (1 - cosine) ** 2 * sums[rivals]
        found.own_variance[trial] = found.variance[trial] - theirs
        found.mean_variance[trial] = dim * ((1 + cosine**2) * pair + rest @ sums)
    return found


def simulate_spherical(
    task: ZipfTask,
    weights: NDArray[np.floating],
    dim: int,
    *,
    trials: int,
    rng: np.random.Generator,
) -> Array:
    """Errors with Gaussian inputs, and with the same inputs divided by their norms.

    Args:
        task: the task; N must be finite.
        weights: q, shape (N,).
        dim: dimension d.
        trials: independent draws of the embeddings.
        rng: source of randomness; each trial gets its own child.

    Returns:
        Gaussian and spherical error of each trial, shape (trials, 2).

    Example:
        >>> task, rng = ZipfTask(2.0, 20, 5), np.random.default_rng(0)
        >>> simulate_spherical(task, np.ones(20), 2, trials=3, rng=rng).shape
        (3, 2)
    """
    Integer(1).check("trials", trials)
    labels, errors = task.labels(task.tokens), np.empty((trials, 2))
    for trial, child in enumerate(rng.spawn(trials)):
        e = gaussian_embeddings(len(labels), dim, child)
        u = spherical_embeddings(task.n_outputs, dim, child)
        for column, norm in enumerate((1.0, np.linalg.norm(e, axis=1, keepdims=True))):
            logits = factorized_scores(weights, labels, e / norm, u)
            errors[trial, column] = generalization_error(recall(logits), task)
    return errors
