"""The statements of the paper as functions, each under its own name: laws, exponents, constants,
bounds.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, log_ndtr, ndtr

from assocmem.parameters import Integer, Real
from assocmem.schemes import Scheme, threshold
from assocmem.task import ZipfTask
from assocmem.weights import WeightLaw

__all__ = [
    "proposition_2_exponent",
    "proposition_3_exponent",
    "proposition_3_lower",
    "proposition_3_prediction",
    "proposition_3_proven_threshold",
    "proposition_3_threshold",
    "proposition_3_upper",
    "stored_error",
    "theorem_1_lower",
    "theorem_1_lower_published",
    "theorem_1_upper",
    "theorem_1_upper_published",
    "theorem_2_any_memory",
    "theorem_2_lower",
    "theorem_2_lower_published",
]

#: The γ and κ over which the bounds of Theorems 1 and 2 are optimized.
_GAMMAS = np.geomspace(0.05, 20, 60)
_KAPPAS = np.geomspace(1e-4, 60, 6000)


# Theorem 1: infinite data, finite memory


def theorem_1_upper(
    task: ZipfTask,
    weights: Scheme | NDArray[np.floating],
    dim: int,
    gamma: float | None = None,
) -> float:
    r"""Upper bound on the expected error of any weights q, for random embeddings.

    .. math::
        \mathbb E[\mathcal E] \le d^{-γ} + e^{-d/16} + \sum_x p(x) \min\Big(1,
        \frac M2 \exp\Big(-\frac{d\,q(x)^2}{8 (Q_\infty + 32 c_γ \|q\|^2 / d)}\Big)\Big)

    with :math:`c_γ = \log M + γ \log d`, wherever :math:`d \ge 8 (2 \log M + γ \log d)`. The sum is an
    upper Riemann sum over the values of the minimum, at most 0.3 % too large.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d ≥ 1.
        gamma: γ > 0; the best of a grid unless given.

    Returns:
        The bound, and 1 where there is none or it exceeds 1.

    Source:
        Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> task = ZipfTask(2.0, 10, 5)
        >>> theorem_1_upper(task, fill(), dim=10), round(theorem_1_upper(task, fill(), dim=10**4), 6)
        (1.0, 0.0)
    """
    Integer(2).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    if gamma is not None:
        Real(above=0).check("gamma", gamma)
        return _upper(law, gamma, steps=20_000)
    coarse = [_upper(law, float(value), steps=400) for value in _GAMMAS]
    return _upper(law, float(_GAMMAS[int(np.argmin(coarse))]), steps=20_000)


def _upper(law: WeightLaw, gamma: float, steps: int) -> float:
    task, dim = law.task, law.dim
    log_outputs, log_dim = math.log(task.n_outputs), gamma * math.log(dim)
    if dim < 8 * (2 * log_outputs + log_dim):
        return 1.0
    scale = 8 * (law.largest_sum + 32 * (log_outputs + log_dim) * law.norm / dim) / dim
    # Σ p(x) g(q(x)²) = ∫ p(g(q²) ≥ t) dt, and g(q²) ≥ t means q² ≤ scale · log(M / 2t)
    failure = np.geomspace(1.0, 1e-20, steps)
    mass = law.mass_at_most(scale * np.log(task.n_outputs / 2 / failure))
    stored = float(-np.diff(failure) @ mass[1:]) + float(failure[-1])
    return min(1.0, float(dim**-gamma) + math.exp(-dim / 16) + stored)


def theorem_1_upper_published(
    task: ZipfTask, weights: Scheme | NDArray[np.floating], dim: int
) -> float:
    r"""Upper bound of Theorem 1 in its published form.

    .. math::
        \mathbb E[\mathcal E] \le \inf_γ 2 d^{-γ} + p\big(\{x : d\,q(x)^2
        \le 16 c_γ (Q_\infty + 8 c_γ \|q\|^2 / d)\}\big)

    Args:
        task: the task, M ≥ 4.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d; the bound needs d > 8 log M.

    Returns:
        The bound, and 1 where there is none or it exceeds 1.

    Source:
        Theorem 1.
    """
    Integer(4).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    if dim <= 8 * math.log(task.n_outputs):
        return 1.0
    factors = math.log(task.n_outputs) + _GAMMAS * math.log(dim)
    levels = 16 * factors * (law.largest_sum + 8 * factors * law.norm / dim) / dim
    return min(1.0, float((2 * float(dim) ** -_GAMMAS + law.mass_at_most(levels)).min()))


def theorem_1_lower(task: ZipfTask, weights: Scheme | NDArray[np.floating], dim: int) -> float:
    r"""Lower bound on the expected error of any weights q, for any distinct unit outputs.

    .. math::
        \mathbb E[\mathcal E] \ge \sup_κ \barΦ(\sqrt κ)\;
        p\big(\{x : d\,q(x)^2 \le κ (Q_\infty - q(x)^2)\}\big)

    Args:
        task: the task, M ≥ 2; N may be infinite.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d ≥ 1.

    Returns:
        The bound, with the supremum over a grid of κ (each of which is a bound).

    Source:
        Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> round(theorem_1_lower(ZipfTask(2.0, 1000, 5), fill(), dim=10), 3)
        0.411
    """
    Integer(2).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    mass = law.mass_at_most(_KAPPAS * law.largest_sum / (dim + _KAPPAS))
    return float((ndtr(-np.sqrt(_KAPPAS)) * mass).max())


def theorem_1_lower_published(
    task: ZipfTask, weights: Scheme | NDArray[np.floating], dim: int
) -> float:
    r"""Lower bound of Theorem 1 in its published form, :math:`\tfrac1{20}\, p(\{3 (d+1) q^2 \le Q_\infty\})`.

    Args:
        task: the task, M ≥ 4.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d ≥ 1.

    Source:
        Theorem 1.
    """
    Integer(4).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    return float(law.mass_at_most(law.largest_sum / (3 * (dim + 1)))) / 20


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
    r"""Upper bound on the expected error of the weights :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}`.

    This is `theorem_1_upper` for a threshold; tokens beyond P count as wrong.

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
    Real(at_least=0).check("rho", rho)
    Integer(1).check("n_stored", n_stored)
    gamma = task.alpha - 1 if gamma is None else gamma
    return theorem_1_upper(task, threshold(n_stored, rho), dim, gamma)


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


# Theorem 2: what no memory can do better


def theorem_2_lower(alpha: float, dim: int) -> float:
    r"""For any weights there is a target with at least this expected error (random embeddings).

    .. math:: \mathbb E[\mathcal E] \ge \sup_κ \barΦ(\sqrt κ)\; p(x > \lceil d/κ \rceil)

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        dim: dimension d ≥ 1.

    Source:
        Theorem 2, in the form that the book proves.

    Example:
        >>> round(1000 * theorem_2_lower(2.0, 1000), 3)
        0.101
    """
    Integer(1).check("dim", dim)
    task = ZipfTask(alpha, math.inf, 2)
    return float((ndtr(-np.sqrt(_KAPPAS)) * task.tail(np.ceil(dim / _KAPPAS))).max())


def theorem_2_lower_published(alpha: float, dim: int) -> float:
    r"""Theorem 2 in its published form, :math:`c_α (d+1)^{-α+1}`, :math:`c_α = C_α 3^{-α+1} / (20 (α-1))`.

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        dim: dimension d ≥ 1.

    Source:
        Theorem 2.
    """
    Integer(1).check("dim", dim)
    normalizer = ZipfTask(alpha, math.inf, 2).normalizer
    return float(normalizer * (3.0 * (dim + 1)) ** (1 - alpha) / (20 * (alpha - 1)))


def theorem_2_any_memory(alpha: float, dim: int) -> float:
    r"""For any embeddings there is a target on which every matrix W errs at least this much.

    By Cover's count, half-spaces of R^d give n points at most :math:`2 \sum_{i<d} \binom{n-1}{i}` of their
    :math:`2^n` labelings. If the labelings at a distance below m from one of these are fewer than
    :math:`2^n`, some labeling is missed on m points by all half-spaces. On every block of n
    consecutive tokens such a labeling costs m of them: :math:`\mathcal E \ge m\, n^{-α}`.

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        dim: dimension d ≥ 1.

    Returns:
        The bound, the best over a grid of n from 2d to 60d.

    Source:
        Strengthening of Theorem 2 by this book.

    Example:
        >>> round(100 * theorem_2_any_memory(2.0, 100), 4)
        0.0127
    """
    Real(above=1).check("alpha", alpha)
    Integer(1).check("dim", dim)
    sizes = np.unique(np.geomspace(2 * dim, 60 * dim, 80).astype(int))
    costs = [_missed_points(int(n), dim) * float(n) ** -alpha for n in sizes]
    return float(max(costs))


def _missed_points(n: int, dim: int) -> int:
    """The largest m such that 2 Σ_{i<d} C(n−1, i) · Σ_{j<m} C(n, j) < 2^n; sums of logarithms."""

    def log_sums(size: int) -> NDArray[np.float64]:
        k = np.arange(size + 1)
        sums: NDArray[np.float64] = np.logaddexp.accumulate(
            gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
        )
        return sums

    realizable = math.log(2) + log_sums(n - 1)[min(dim, n) - 1]
    # the margin covers rounding: sums of logarithms of numbers up to 2^n have an error of about 1e-12 n
    room = n * math.log(2) * (1 - 1e-10) - realizable
    return int(np.searchsorted(log_sums(n), room))
