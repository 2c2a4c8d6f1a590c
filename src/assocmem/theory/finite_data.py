"""Proposition 1, finite data and infinite memory: the mass of the tokens not seen."""

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import binom, gamma

from assocmem.arrays import Array
from assocmem.model.power_sums import power_sum
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, check_memory, refuse

#: Terms of the alternating series in the tail of Proposition 1. With T p ≤ 1/2 the next is < 1e-15.
_SERIES_TERMS = 14


def proposition_1_error(task: ZipfTask, n_samples: ArrayLike) -> Array:
    r"""Expected error of a memory that is right on the tokens seen and wrong on all others.

    .. math:: \mathbb E[\mathcal E] = \sum_x p(x) (1 - p(x))^T

    exactly, also for infinite N. Tokens with T p(x) > 1/2 are summed one by one; for the others
    :math:`(1-p)^T` is expanded in powers of p, and each power summed by `power_sum`.

    Args:
        task: the task.
        n_samples: T ≥ 0, any shape.

    Returns:
        The error for each T. Multiply by 1 − 1/M where unseen tokens get a uniform random guess.

    Source: Proposition 1.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> float(proposition_1_error(task, 0))
        1.0
        >>> round(float(proposition_1_error(task, 100)), 5)
        0.06884
    """
    sizes = np.asarray(n_samples)
    if not np.issubdtype(sizes.dtype, np.integer) or (sizes < 0).any():
        raise refuse("n_samples", n_samples, "integers ≥ 0")
    return np.vectorize(partial(_unseen_mass, task), otypes=[float])(sizes)


def _unseen_mass(task: ZipfTask, size: int) -> float:
    size = int(size)
    # up to the token with T p(x) = 1/2, or the last one; the logarithm cannot overflow
    log_head = math.log(max(2 * task.normalizer * size, 1)) / task.alpha
    head = task.n_tokens if log_head > math.log(task.n_tokens) else math.ceil(math.exp(log_head))
    check_memory(40 * head, "n_samples", size)
    p = task.mass(np.arange(1, head + 1))
    with np.errstate(divide="ignore"):  # p = 1 for the only token of N = 1
        log_missed = np.log1p(-p)
    seen_often = float(p @ np.exp(size * log_missed)) if size else float(p.sum())
    powers = np.arange(_SERIES_TERMS)
    tails = np.array(
        [float(power_sum(task.alpha * (j + 1), head + 1, task.n_tokens)) for j in powers]
    )
    terms = (-1.0) ** powers * binom(size, powers) * task.normalizer ** (powers + 1.0) * tails
    return seen_often + float(terms.sum())


def proposition_1_asymptote(alpha: float, n_samples: ArrayLike) -> Array:
    r"""The law of Proposition 1 with its sharp constant, for infinite N and large T.

    .. math:: \mathbb E[\mathcal E] \sim \frac{C_α^{1/α}}{α}\, Γ(1 - 1/α)\, T^{-1 + 1/α}

    Args:
        alpha: Zipf exponent α > 1.
        n_samples: T > 0, any shape.

    Returns:
        The asymptotic error for each T.

    Source: Proposition 1; the constant is derived in the book.

    Example:
        >>> round(float(proposition_1_asymptote(2.0, 100)), 5)
        0.0691
    """
    exponent = proposition_1_exponent(alpha)
    normalizer = ZipfTask(alpha=alpha, n_tokens=math.inf, n_outputs=1).normalizer
    constant = normalizer ** (1 / alpha) / alpha * gamma(1 - 1 / alpha)
    return constant * Real(above=0).check_all("n_samples", n_samples) ** exponent


def proposition_1_remainder(alpha: float, n_samples: ArrayLike) -> tuple[Array, Array]:
    r"""How far the exact error may lie below and above the asymptote, for every T and infinite N.

    .. math::
        -\Big( \frac1{eT} + \frac{C_α^{1/α}}{α}\, Γ(3 - 1/α)\, T^{-2 + 1/α} + \frac{27}{e^3 T^2} +
        e^{-T/2} \Big) \le \mathbb E[\mathcal E] - \text{asymptote} \le \frac1{eT}

    Args:
        alpha: Zipf exponent α > 1.
        n_samples: T > 0, any shape.

    Returns:
        The lower (negative) and upper bound of the difference, for each T.

    Source: Proposition 1; derived in the book.

    Example:
        >>> low, high = proposition_1_remainder(2.0, 1000)
        >>> round(float(low), 5), round(float(high), 5)
        (-0.00039, 0.00037)
    """
    size = Real(above=0).check_all("n_samples", n_samples)
    leading = proposition_1_asymptote(alpha, size) / gamma(1 - 1 / alpha)
    upper = 1 / (math.e * size)
    quadratic = gamma(3 - 1 / alpha) * leading / size + 27 * math.exp(-3) / size**2
    return -(upper + quadratic + np.exp(-size / 2)), upper


def proposition_1_exponent(alpha: float) -> float:
    """The exponent −1 + 1/α of T in Proposition 1.

    Args:
        alpha: Zipf exponent α > 1.

    Example:
        >>> proposition_1_exponent(2.0)
        -0.5
    """
    Real(above=1).check("alpha", alpha)
    return -1 + 1 / alpha


def proposition_1_samples(task: ZipfTask, error: float) -> int:
    """The least number of samples after which the expected error is at most ``error``.

    Args:
        task: the task.
        error: a probability > 0.

    Source: Proposition 1.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=1)
        >>> size = proposition_1_samples(task, 0.1)
        >>> bool(proposition_1_error(task, size) <= 0.1 < proposition_1_error(task, size - 1))
        True
    """
    Real(above=0).check("error", error)
    low, high = -1, 1  # the error falls with T; it is above at ``low``, and not at ``high``
    while proposition_1_error(task, high) > error:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if proposition_1_error(task, middle) > error else (low, middle)
    return high


def unseen_bounds(
    task: ZipfTask, n_samples: ArrayLike, token: int | None = None
) -> tuple[Array, Array]:
    r"""Bounds of the unseen mass of finitely many tokens by one of them, the rarest unless given.

    .. math:: p(x) (1 - p(x))^T \le \mathbb E[\mathcal E] \le (1 - p(x))^T

    The left side is one term of the sum, so it holds for every x; the right one for the rarest.

    Args:
        task: the task; N must be finite.
        n_samples: T ≥ 0, any shape.
        token: x; N unless given.

    Returns:
        The lower and the upper bound, for each T.

    Source: Proposition 1, for a vocabulary that ends; derived in the book.

    Example:
        >>> low, high = unseen_bounds(ZipfTask(2.0, 10, 1), 1000)
        >>> bool(low <= proposition_1_error(ZipfTask(2.0, 10, 1), 1000) <= high)
        True
    """
    size = Real(at_least=0).check_all("n_samples", n_samples)
    mass = task.mass(task.tokens[-1] if token is None else token)
    with np.errstate(divide="ignore", invalid="ignore"):  # p = 1 for the only token of N = 1
        missed = np.where(size > 0, np.exp(size * np.log1p(-mass)), 1.0)
    return mass * missed, missed


def unseen_rate_holds(task: ZipfTask, token: int, n_sizes: int = 60) -> NDArray[np.bool_]:
    """Whether the unseen mass is within the `unseen_bounds` of a token at T up to its collapse.

    Args:
        task: the task; N must be finite.
        token: the token whose rate is tried; N is the right one.
        n_sizes: number of sizes T, spread evenly in their logarithm from 1 to 600 / p(N).

    Returns:
        Shape (n_sizes,).

    Source: Proposition 1, for a vocabulary that ends; derived in the book.

    Example:
        >>> task = ZipfTask(2.0, 5, 1)
        >>> [bool(unseen_rate_holds(task, token).all()) for token in (4, 5)]
        [False, True]
    """
    Integer(1).check("n_sizes", n_sizes)
    sizes = np.geomspace(1, 600 / task.mass(task.tokens[-1]), n_sizes).astype(int)
    low, high = unseen_bounds(task, sizes, token)
    error = proposition_1_error(task, sizes)
    holds: NDArray[np.bool_] = (low <= error * (1 + 1e-9)) & (error <= high * (1 + 1e-9))
    return holds
