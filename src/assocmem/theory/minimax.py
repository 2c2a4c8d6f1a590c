"""Theorem 2: what no memory can do better, and the weights that reach it."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, ndtr, stdtr

from assocmem.arrays import Array
from assocmem.model.power_sums import power_sum
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, check_memory
from assocmem.theory.finite_memory import KAPPAS

#: The blocks of `theorem_2_any_memory` have n = 2d to 4000d tokens: the best n/d is 9 at α = 2, 1604 at α = 1.05.
_BLOCKS = np.geomspace(2, 4000, 180)
#: Sums of binomials of up to so many points are added up; of more points they are bounded.
_LARGEST_SUM = 20_000


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


def theorem_2_kappa(alpha: float) -> float:
    r"""The κ at which the bound of Theorem 2 is largest for large d.

    It is the maximum of :math:`κ^{α-1} \barΦ(\sqrt κ)`, where
    :math:`\sqrt κ\, φ(\sqrt κ) = 2 (α-1) \barΦ(\sqrt κ)` with the normal density φ.

    Args:
        alpha: Zipf exponent α > 1.

    Source: Theorem 2, in the form that the book proves.

    Example:
        >>> round(theorem_2_kappa(2.0), 3)
        1.418
    """
    Real(above=1).check("alpha", alpha)

    def excess(root: float) -> float:
        density = math.exp(-(root**2) / 2) / math.sqrt(2 * math.pi)
        return root * density / float(ndtr(-root)) - 2 * (alpha - 1)

    return float(brentq(excess, 0, 2 * math.sqrt(alpha))) ** 2


def theorem_2_lower_published(alpha: float, dim: int) -> float:
    r"""Theorem 2 in its published form, :math:`c_α (d+1)^{-α+1}`, :math:`c_α = C_α 3^{-α+1} / (20 (α-1))`.

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        dim: dimension d ≥ 1.

    Source: Theorem 2.

    Example:
        >>> round(theorem_2_lower_published(2.0, dim=100), 6)
        0.0001
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
        The bound, the best over grids of n from 2d to 4000d (enough for α ≥ 1.05).

    Source: Strengthening of Theorem 2 by this book.

    Example:
        >>> round(100 * theorem_2_any_memory(2.0, 100), 4)
        0.0127
    """
    Real(above=1).check("alpha", alpha)
    Integer(1).check("dim", dim)
    costs: dict[int, float] = {}
    ratios = _BLOCKS
    for _ in range(2):  # the second time around the best of the first
        for n in np.unique((ratios * dim).astype(int)).tolist():
            costs[n] = _missed_points(n, dim) * float(n) ** -alpha
        best = max(costs, key=costs.__getitem__) / dim
        ratios = np.geomspace(max(0.96 * best, 2), 1.04 * best, 15)
    return max(costs.values())


def _missed_points(n: int, dim: int) -> int:
    """The largest m such that 2 Σ_{i<d} C(n−1, i) · Σ_{j<m} C(n, j) < 2^n, or a little less.

    Sums of logarithms; for many points, of C(n, k) and the geometric series that bounds what is below
    it, Σ_{j≤k} C(n, j) ≤ C(n, k) (n − k + 1) / (n − 2k + 1) for k ≤ n/2: the m found is then valid, and
    at most a few points too small.
    """
    # the margin covers rounding: sums of logarithms of numbers up to 2^n have an error of about 1e-12 n
    room = n * math.log(2) * (1 - 1e-10) - math.log(2)
    if n <= _LARGEST_SUM:
        return int(np.searchsorted(_log_sums(n), room - _log_sums(n - 1)[min(dim, n) - 1]))
    room -= _log_sum_bound(n - 1, dim - 1)
    low, high = 0, n // 2  # m = low is valid, m = high is not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _log_sum_bound(n, middle - 1) < room else (low, middle)
    return low


def _log_sums(n: int) -> Array:
    """The logarithms of Σ_{j≤k} C(n, j) for all k from 0 to n, shape (n + 1,)."""
    k = np.arange(n + 1)
    return np.logaddexp.accumulate(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _log_sum_bound(n: int, k: int) -> float:
    """An upper bound of the logarithm of Σ_{j≤k} C(n, j), k ≤ n/2."""
    largest = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return float(largest + math.log((n - k + 1) / (n - 2 * k + 1)))


def theorem_2_entropy_constant(alpha: float, total: float = 1.0) -> float:
    r"""The constant of :math:`d^{-(α-1)}` to which `theorem_2_any_memory` tends for large d.

    .. math:: \sup\; δ\, θ^{-(α-1)} \quad \text{over} \quad H(1/θ) + H(δ) < 1, \quad θ \ge 2, \quad δ \le
        \tfrac12

    with the binary entropy H: blocks of n = θd tokens, of which any half-space misses m = δn.

    Args:
        alpha: Zipf exponent α ≥ 1.05.
        total: what stands in place of 1; with more than 1 it is no bound.

    Source: Strengthening of Theorem 2 by this book.

    Example:
        >>> round(theorem_2_entropy_constant(2.0), 4)
        0.0121
    """
    Real(at_least=1.05).check("alpha", alpha)

    def minus(log_theta: float) -> float:
        room = min(total - _entropy(math.exp(-log_theta)), 1.0)
        share = brentq(lambda x: _entropy(x) - room, 1e-12, 0.5)
        return -float(share) * math.exp(log_theta * (1 - alpha))

    bounds = (math.log(2.01), math.log(_BLOCKS[-1]))
    return -float(minimize_scalar(minus, bounds=bounds, method="bounded").fun)


def _entropy(share: float) -> float:
    """The binary entropy in bits, 0 < share < 1."""
    return -share * math.log2(share) - (1 - share) * math.log2(1 - share)


def weight_shares(alpha: float, rho: float, n_stored: float, tokens: ArrayLike) -> Array:
    r"""The share :math:`q(x)^2 / \|q\|^2` of each token in the squares of all weights.

    In a class of its own a token stands out of the noise by :math:`\sqrt κ` standard deviations if
    its share is κ/(d + κ). Shares add up to 1, so at most d/κ + 1 tokens do.

    Args:
        alpha: Zipf exponent α > 0.
        rho: exponent ρ ≥ 0 of the weights :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}`.
        n_stored: P ≥ 1, may be infinite for 2ρα > 1.
        tokens: x ≥ 1, any shape.

    Source: Theorem 2, in the form that the book proves.

    Example:
        >>> weight_shares(2.0, 0.0, 4, [1, 4, 5]).tolist()
        [0.25, 0.25, 0.0]
    """
    Integer(1, or_infinite=True).check("n_stored", n_stored)
    x, exponent = Real(at_least=1).check_all("tokens", tokens), 2 * rho * alpha
    return np.where(x <= n_stored, x**-exponent / power_sum(exponent, 1, n_stored), 0.0)


def one_class_error(alpha: float, rho: float, n_stored: ArrayLike, dim: int) -> Array:
    r"""The expected error of a threshold scheme at a constant target, exactly.

    A token errs if :math:`q \|e_x\| + \sqrt{\|q\|^2 - q^2}\, ξ < 0` with :math:`ξ \sim \mathcal
    N(0, 1)`, whatever the outputs are, so with Student's variable :math:`t_d` of d degrees of freedom

    .. math:: \mathbb E[\mathcal E] = \sum_{x \le P} p(x)\, \mathbb P\Big(t_d >
        \sqrt{\frac{d\, q(x)^2}{\|q\|^2 - q(x)^2}}\Big) + \frac12\, p(x > P), \qquad q(x) = x^{-ρα}.

    For M = 2 it is the error at every target; for M ≥ 3 that of a constant one.

    Args:
        alpha: Zipf exponent α > 1; N is infinite.
        rho: exponent ρ ≥ 0 of the weights.
        n_stored: P ≥ 1, any shape; the cost grows with P where ρ > 0.
        dim: dimension d ≥ 1.

    Returns:
        The error, in the shape of ``n_stored``.

    Source: Not in the paper; derived in the book.

    Example:
        >>> [round(float(error), 4) for error in one_class_error(2.0, 0.0, [3, 4], dim=10)]
        [0.1067, 0.1096]
    """
    Integer(1).check("dim", dim)
    Real(at_least=0).check("rho", rho)
    task, stored = ZipfTask(alpha, math.inf, 2), Real(at_least=1).check_all("n_stored", n_stored)
    stored = np.floor(stored)
    unstored = task.tail(stored)
    if rho == 0:
        return (1 - unstored) * _student_tail(stored, dim) + unstored / 2
    check_memory(50 * stored.max(), "n_stored", int(stored.max()))
    exponent, errors = 2 * rho * alpha, np.empty(stored.shape)
    for position, last in np.ndenumerate(stored):
        squares = np.arange(1.0, last + 1) ** -exponent
        shares = float(power_sum(exponent, 1, last)) / squares
        masses = task.mass(np.arange(1.0, last + 1))
        errors[position] = masses @ _student_tail(shares, dim) + unstored[position] / 2
    return errors


def _student_tail(shares: Array, dim: int) -> Array:
    """P(t_d > √(d / (s − 1))) for s = ‖q‖²/q² ≥ 1; 0 at s = 1, where there is no noise."""
    with np.errstate(divide="ignore"):
        return np.asarray(stdtr(dim, -np.sqrt(dim / np.maximum(shares - 1, 0.0))))


def minimax_upper(
    task: ZipfTask, rho: float, n_stored: ArrayLike, dim: int, beta: float | None = None
) -> Array:
    r"""Upper bound on the error of :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}` with 0 < 2ρα < 1, for every target.

    With :math:`r = 2ρα`, :math:`c = \log M + β \log d`, :math:`b = (1 - r) d / (16 P)` and d ≥ 32 c

    .. math:: \mathbb E[\mathcal E] \le d^{-β} + e^{-d/16} + C_α \Big(\frac1{α-1} + \frac M2\, g(b)\Big)
        P^{-(α-1)}, \qquad g(b) = \max_{0 < v \le 1} v^{-α} e^{-b v^{-r}},

    that is :math:`g(b) = e^{-b}` for b ≥ α/r, and :math:`(α / (e\, r\, b))^{α/r}` otherwise. For P in
    proportion to d, b is fixed and the bound falls like :math:`d^{-(α-1)}`, without a logarithm.

    Args:
        task: the task, M ≥ 2 and N infinite; any target.
        rho: exponent ρ of the weights, 0 < ρ < 1/(2α).
        n_stored: P ≥ 1, any shape.
        dim: dimension d ≥ 1.
        beta: β > 0, α − 1 unless given.

    Returns:
        The bound, in the shape of ``n_stored``, and 1 where there is none or it exceeds 1.

    Source: Not in the paper; derived in the book.

    Example:
        >>> task = ZipfTask(2.0, math.inf, 5)
        >>> float(minimax_upper(task, 0.1, 1000, dim=10**6)) < 1e-3
        True
    """
    Integer(2).check("n_outputs", task.n_outputs)
    Integer(1).check("dim", dim)
    Real(above=0, below=1 / (2 * task.alpha)).check("rho", rho)
    beta = task.alpha - 1 if beta is None else beta
    Real(above=0).check("beta", beta)
    stored = np.floor(Real(at_least=1).check_all("n_stored", n_stored))
    r, factor = 2 * rho * task.alpha, math.log(task.n_outputs) + beta * math.log(dim)
    if dim < 32 * factor:
        return np.ones(stored.shape)
    b = (1 - r) * dim / (16 * stored)
    peak = np.minimum(b * r / task.alpha, 1.0)  # v^r at the maximum
    largest = np.exp(-b / peak - task.alpha / r * np.log(peak))
    tail = 1 / (task.alpha - 1) + task.n_outputs / 2 * largest
    bound = float(dim) ** -beta + math.exp(-dim / 16)
    return np.minimum(1.0, bound + task.normalizer * tail * stored ** (1 - task.alpha))
