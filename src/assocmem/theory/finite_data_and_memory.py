"""Proposition 4, finite data and finite memory: the two causes of an error together."""

import math

import numpy as np
from numpy.typing import ArrayLike

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real
from assocmem.theory.finite_data import (
    proposition_1_asymptote,
    proposition_1_error,
    proposition_1_exponent,
)
from assocmem.theory.with_threshold import proposition_3_lower


def proposition_4_lower(task: ZipfTask, n_stored: ArrayLike, n_samples: ArrayLike) -> Array:
    r"""The error of the P most frequent tokens seen is at least half the larger of its two causes.

    .. math:: \mathbb E[\mathcal E] \ge \tfrac12 \max\Big(\sum_x p(x)(1 - p(x))^T,\; p(x > P)\Big)

    Args:
        task: the task, M ≥ 2, any target; N may be infinite.
        n_stored: P, any shape.
        n_samples: T, broadcast against P.

    Source: The lower half of Proposition 4; derived in the book.

    Example:
        >>> round(float(proposition_4_lower(ZipfTask(2.0, math.inf, 5), n_stored=10, n_samples=1000)), 4)
        0.0289
    """
    return np.maximum(proposition_1_error(task, n_samples) / 2, proposition_3_lower(task, n_stored))


def proposition_4_upper(
    task: ZipfTask,
    n_stored: ArrayLike,
    n_samples: ArrayLike,
    dim: int,
    beta: float | None = None,
) -> Array:
    r"""Upper bound on the error of the P most frequent tokens seen among T samples, any target.

    .. math:: \mathbb E[\mathcal E] \le \sum_x p(x)(1 - p(x))^T + p(x > P) + 4\, p(x > \lfloor P/2 \rfloor)
        + \tfrac32 d^{-β} + e^{-d/16}

    wherever :math:`c = \log M + β \log d` satisfies d ≥ 32 c and P ≤ d/(16 c). The first three terms
    bound the expected mass that is not stored, at every d.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        n_stored: P ≥ 1, any shape.
        n_samples: T ≥ 1, broadcast against P.
        dim: dimension d ≥ 1.
        beta: β > 0, α − 1 unless given.

    Returns:
        The bound, in the broadcast shape, and 1 where there is none or it exceeds 1.

    Source: The upper half of Proposition 4; derived in the book.

    Example:
        >>> task = ZipfTask(2.0, math.inf, 5)
        >>> [float(proposition_4_upper(task, 10, 1000, dim).round(3)) for dim in (100, 10**4)]
        [1.0, 0.521]
    """
    Integer(2).check("n_outputs", task.n_outputs)
    Integer(1).check("dim", dim)
    stored = np.floor(Real(at_least=1).check_all("n_stored", n_stored))
    beta = task.alpha - 1 if beta is None else beta
    Real(above=0).check("beta", beta)
    factor = math.log(task.n_outputs) + beta * math.log(dim)
    missed = task.tail(stored) + 4 * task.tail(np.floor(stored / 2))
    noise = 1.5 * float(dim) ** -beta + math.exp(-dim / 16)
    bound = proposition_1_error(task, n_samples) + missed + noise
    return np.where((dim >= 32 * factor) & (16 * factor * stored <= dim), np.minimum(bound, 1), 1.0)


def proposition_4_prediction(task: ZipfTask, n_stored: ArrayLike, n_samples: ArrayLike) -> Array:
    r"""Sum of the two laws: :math:`(1 - 1/M) \big(\sum_x p(x)(1 - p(x))^T + p(x > P)\big)`.

    Unseen and unstored tokens are guessed; those that are both are counted twice, so it is up to
    twice too large near the crossover and exact away from it.

    Args:
        task: the task, M ≥ 2.
        n_stored: P, any shape.
        n_samples: T, broadcast against P.

    Source: Proposition 4, with the constants of this book.

    Example:
        >>> round(float(proposition_4_prediction(ZipfTask(2.0, math.inf, 5), n_stored=10, n_samples=1000)), 4)
        0.0638
    """
    Integer(2).check("n_outputs", task.n_outputs)
    stored = Real(at_least=0).check_all("n_stored", n_stored)
    guess = 1 - 1 / task.n_outputs
    return guess * (proposition_1_error(task, n_samples) + task.tail(stored))


def proposition_4_crossover(alpha: float, n_stored: ArrayLike) -> Array:
    r"""The number of samples T* at which data and memory cost the same, of the order of P^α.

    .. math:: A_α T_*^{-1 + 1/α} = \frac{C_α}{α - 1} P^{-(α-1)}

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        n_stored: P ≥ 1, any shape.

    Source: Proposition 4, with the constants of this book.

    Example:
        >>> proposition_4_crossover(2.0, [10, 100]).round(1).tolist()
        [129.2, 12919.3]
    """
    normalizer = ZipfTask(alpha, math.inf, 1).normalizer
    stored = Real(at_least=1).check_all("n_stored", n_stored)
    cost = normalizer / (alpha - 1) * stored ** (1 - alpha)
    return (cost / float(proposition_1_asymptote(alpha, 1.0))) ** (
        1 / proposition_1_exponent(alpha)
    )
