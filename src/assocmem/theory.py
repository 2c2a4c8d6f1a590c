"""The statements of the paper as functions, each under its own name: laws, exponents, constants,
bounds.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import binom, gamma, log_ndtr

from assocmem.parameters import Integer, Real, check_memory, refuse
from assocmem.powersums import power_sum
from assocmem.task import ZipfTask

__all__ = [
    "proposition_1_asymptote",
    "proposition_1_error",
    "proposition_1_exponent",
    "proposition_1_remainder",
    "proposition_2_exponent",
    "proposition_3_exponent",
    "proposition_3_lower",
    "proposition_3_prediction",
    "proposition_3_proven_threshold",
    "proposition_3_threshold",
    "proposition_3_upper",
    "stored_error",
]

#: Terms of the alternating series in the tail of Proposition 1. With T p ≤ 1/2 the next is < 1e-15.
_SERIES_TERMS = 14


# Proposition 1: finite data, infinite memory


def proposition_1_error(task: ZipfTask, n_samples: ArrayLike) -> NDArray[np.float64]:
    r"""Expected error of a memory that is right on the tokens seen and wrong on all others.

    .. math:: \mathbb E[\mathcal E] = \sum_x p(x) (1 - p(x))^T

    exactly, also for infinite N. Tokens with T p(x) > 1/2 are summed one by one; for the others
    :math:`(1-p)^T` is expanded in powers of p, and each power summed by `power_sum`.

    Args:
        task: the task.
        n_samples: T ≥ 0, any shape.

    Returns:
        The error for each T. Multiply by 1 − 1/M where unseen tokens get a uniform random guess.

    Source:
        Proposition 1.

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
    expected: NDArray[np.float64] = np.vectorize(partial(_unseen_mass, task), otypes=[float])(sizes)
    return expected


def _unseen_mass(task: ZipfTask, size: int) -> float:
    size = int(size)
    # up to the token with T p(x) = 1/2, or the last one; the logarithm cannot overflow
    log_head = math.log(max(2 * task.normalizer * size, 1)) / task.alpha
    head = task.n_tokens if log_head > math.log(task.n_tokens) else math.ceil(math.exp(log_head))
    check_memory(24 * head, "n_samples", size)
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


def proposition_1_asymptote(alpha: float, n_samples: ArrayLike) -> NDArray[np.float64]:
    r"""The law of Proposition 1 with its sharp constant, for infinite N and large T.

    .. math:: \mathbb E[\mathcal E] \sim \frac{C_α^{1/α}}{α}\, Γ(1 - 1/α)\, T^{-1 + 1/α}

    Args:
        alpha: Zipf exponent α > 1.
        n_samples: T > 0, any shape.

    Returns:
        The asymptotic error for each T.

    Source:
        Proposition 1; the constant is derived in the book.

    Example:
        >>> round(float(proposition_1_asymptote(2.0, 100)), 5)
        0.0691
    """
    exponent = proposition_1_exponent(alpha)
    normalizer = ZipfTask(alpha=alpha, n_tokens=math.inf, n_outputs=1).normalizer
    constant = normalizer ** (1 / alpha) / alpha * gamma(1 - 1 / alpha)
    law: NDArray[np.float64] = (
        constant * Real(above=0).check_all("n_samples", n_samples) ** exponent
    )
    return law


def proposition_1_remainder(
    alpha: float, n_samples: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""How far the exact error may lie below and above the asymptote, for every T and infinite N.

    .. math::
        -\Big( \frac1{eT} + \frac{C_α^{1/α}}{α}\, Γ(3 - 1/α)\, T^{-2 + 1/α} + \frac{27}{e^3 T^2} +
        e^{-T/2} \Big) \le \mathbb E[\mathcal E] - \text{asymptote} \le \frac1{eT}

    Args:
        alpha: Zipf exponent α > 1.
        n_samples: T > 0, any shape.

    Returns:
        The lower (negative) and upper bound of the difference, for each T.

    Source:
        Proposition 1; derived in the book.
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
    """
    Real(above=1).check("alpha", alpha)
    return -1 + 1 / alpha


# Propositions 2 and 3: finite memory


def proposition_2_exponent(alpha: float, rho: float) -> float:
    """The exponent −(α − 1)/(2ρα) of d without thresholding, where 2ρα > 1.

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ of the weights q = p^ρ, with 2ρα > 1.

    Source:
        Proposition 2.
    """
    Real(above=1).check("alpha", alpha)
    Real(above=1 / (2 * alpha)).check("rho", rho)
    return -(alpha - 1) / (2 * rho * alpha)


def proposition_3_exponent(alpha: float, rho: float = 0.0) -> float:
    """The exponent −(α − 1)/(2ρα + 1) of d with a threshold P ≃ d^(1/(2ρα + 1)).

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ ≥ 0 of the weights.

    Source:
        Proposition 3.

    Example:
        >>> proposition_3_exponent(2.0)
        -1.0
    """
    Real(above=1).check("alpha", alpha)
    Real(at_least=0).check("rho", rho)
    return -(alpha - 1) / (2 * rho * alpha + 1)


def proposition_3_threshold(alpha: float, rho: float, dim: ArrayLike) -> NDArray[np.float64]:
    """The threshold P = d^(1/(2ρα + 1)) of Proposition 3, up to a constant and logarithms.

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ ≥ 0 of the weights.
        dim: dimension d, any shape.
    """
    exponent = -proposition_3_exponent(alpha, rho) / (alpha - 1)
    stored: NDArray[np.float64] = Real(above=0).check_all("dim", dim) ** exponent
    return stored


def proposition_3_lower(task: ZipfTask, n_stored: ArrayLike) -> NDArray[np.float64]:
    """The error of any threshold scheme is at least p(x > P)/2, whatever d is (M ≥ 2).

    Args:
        task: the task.
        n_stored: P, any shape.

    Source:
        The lower half of Proposition 3.
    """
    Integer(2).check("n_outputs", task.n_outputs)
    return task.tail(Real(at_least=0).check_all("n_stored", n_stored)) / 2


def proposition_3_upper(
    task: ZipfTask, rho: float, n_stored: int, dim: int, gamma: float | None = None
) -> float:
    r"""Upper bound on the expected error of the weights
    :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}`.

    .. math::
        \mathbb E[\mathcal E] \le d^{-γ} + e^{-d/16} + p(x > P) + \sum_{x \le P} p(x) \min\Big(1,
        \frac M2 \exp\Big(-\frac{d\,q(x)^2}{8 (Q_\infty + 32 c_γ \|q\|^2 / d)}\Big)\Big)

    with :math:`c_γ = \log M + γ \log d`, wherever :math:`d \ge 8 (2 \log M + γ \log d)`.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        rho: exponent ρ ≥ 0 of the weights.
        n_stored: P ≥ 1.
        dim: dimension d ≥ 1.
        gamma: γ > 0, α − 1 unless given: then d^(−γ) is no larger than the law itself.

    Returns:
        The bound, and 1 where there is none or it exceeds 1.

    Source:
        The upper half of Proposition 3; derived in the book.
    """
    Integer(2).check("n_outputs", task.n_outputs)
    Real(at_least=0).check("rho", rho)
    Integer(1).check("n_stored", n_stored)
    Integer(1).check("dim", dim)
    gamma = task.alpha - 1 if gamma is None else gamma
    Real(above=0).check("gamma", gamma)
    log_outputs, log_dim = math.log(task.n_outputs), gamma * math.log(dim)
    if dim < 8 * (2 * log_outputs + log_dim):
        return 1.0
    exponent = 2 * rho * task.alpha
    class_sums = task.class_sums(exponent, n_stored)
    noise = class_sums.max() + 32 * (log_outputs + log_dim) * class_sums.sum() / dim
    check_memory(40 * min(n_stored, task.n_tokens), "n_stored", n_stored)
    stored = np.arange(1, min(n_stored, task.n_tokens) + 1)
    failure = task.n_outputs / 2 * np.exp(-dim * stored**-exponent / (8 * noise))
    stored_part = float(task.mass(stored) @ np.minimum(1.0, failure))
    missed = float(dim**-gamma) + math.exp(-dim / 16)
    return min(1.0, missed + float(task.tail(n_stored)) + stored_part)


def proposition_3_proven_threshold(task: ZipfTask, rho: float, dim: int) -> int:
    r"""The threshold of the proof, :math:`P = \lfloor (d / (16 c_{α-1}))^{1/(2ρα+1)} \rfloor`, at
    least 1.

    With it, and d ≥ 32 c, the upper bound is :math:`p(x > P) + \tfrac32 d^{-(α-1)} + e^{-d/16}` or
    less.

    Args:
        task: the task, M ≥ 2 and α > 1.
        rho: exponent ρ ≥ 0 of the weights.
        dim: dimension d ≥ 1.

    Source:
        Proposition 3; derived in the book.
    """
    log_factor = math.log(task.n_outputs) + (task.alpha - 1) * math.log(dim)
    return max(1, int(float(proposition_3_threshold(task.alpha, rho, dim / (16 * log_factor)))))


def stored_error(n_outputs: int, n_stored: ArrayLike, dim: ArrayLike) -> NDArray[np.float64]:
    r"""Probability to err on a stored token when P tokens share a memory of large dimension d with
    q = 1.

    .. math:: \mathbb P\Big(\max_{z \ne y} (ξ_z - ξ_y) > \sqrt{dM/P}\Big) = 1 - \int φ(s)\, Φ\big(s
    + \sqrt{dM/P}\big)^{M-1} ds

    with independent standard normals ξ: the limit d → ∞ at fixed P/d, for outputs that share the P
    tokens evenly. It is the floor below which a threshold P = cd cannot bring the error.

    Args:
        n_outputs: M ≥ 2.
        n_stored: P ≥ 1.
        dim: d ≥ 1; broadcast against P.

    Returns:
        The probability, in the broadcast shape.

    Source:
        Not in the paper; derived in the book.

    Example:
        >>> round(float(stored_error(5, 1, 1)), 3)  # P = d
        0.161
    """
    Integer(2).check("n_outputs", n_outputs)
    positive = Real(above=0)
    loads = positive.check_all("n_stored", n_stored) / positive.check_all("dim", dim)
    ratio = np.sqrt(n_outputs / loads)[..., None]
    # The trapezoidal rule converges faster than any power of the step for such an integrand.
    grid = np.linspace(-9.0, 9.0, 721)
    density = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi) * (grid[1] - grid[0])
    # 1 − Φ^(M−1), without cancellation where Φ is near 1
    beaten = -np.expm1((n_outputs - 1) * log_ndtr(grid + ratio))
    probability: NDArray[np.float64] = beaten @ density
    return probability


def proposition_3_prediction(
    task: ZipfTask, n_stored: ArrayLike, dim: ArrayLike
) -> NDArray[np.float64]:
    """Large-d prediction of the error for q = 1 on the P most frequent tokens and f*(x) = x mod M.

    A token beyond P is guessed, so wrong with probability 1 − 1/M; one below P errs by
    `stored_error`.

    Args:
        task: the task, M ≥ 2.
        n_stored: P ≥ 1, any shape; P > N stores all N tokens.
        dim: d, broadcast against P.

    Returns:
        The predicted error, in the broadcast shape.

    Source:
        Not in the paper; derived in the book.
    """
    stored = np.minimum(Real(at_least=1).check_all("n_stored", n_stored), task.n_tokens)
    tail = task.tail(stored)
    guess = 1 - 1 / task.n_outputs
    return guess * tail + (1 - tail) * stored_error(task.n_outputs, stored, dim)
