"""Theorem 2: what no memory with random embeddings, and what no memory at all, can do better."""

import math

import numpy as np
from scipy.special import gammaln, ndtr

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real
from assocmem.theory.finite_memory import KAPPAS


def theorem_2_lower(alpha: float, dim: int) -> float:
    r"""For any weights there is a target with at least this expected error (random embeddings).

    .. math:: \mathbb E[\mathcal E] \ge \sup_κ \barΦ(\sqrt κ)\; p(x > \lceil d/κ \rceil)

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        dim: dimension d ≥ 1.

    Source: Theorem 2, in the form that the book proves.

    Example:
        >>> round(1000 * theorem_2_lower(2.0, 1000), 3)
        0.101
    """
    Integer(1).check("dim", dim)
    task = ZipfTask(alpha, math.inf, 2)
    return float((ndtr(-np.sqrt(KAPPAS)) * task.tail(np.ceil(dim / KAPPAS))).max())


def theorem_2_lower_published(alpha: float, dim: int) -> float:
    r"""Theorem 2 in its published form, :math:`c_α (d+1)^{-α+1}`, :math:`c_α = C_α 3^{-α+1} / (20 (α-1))`.

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        dim: dimension d ≥ 1.

    Source: Theorem 2.
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

    Source: Strengthening of Theorem 2 by this book.

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

    def log_sums(size: int) -> Array:
        k = np.arange(size + 1)
        return np.logaddexp.accumulate(gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1))

    realizable = math.log(2) + log_sums(n - 1)[min(dim, n) - 1]
    # the margin covers rounding: sums of logarithms of numbers up to 2^n have an error of about 1e-12 n
    room = n * math.log(2) * (1 - 1e-10) - realizable
    return int(np.searchsorted(log_sums(n), room))
