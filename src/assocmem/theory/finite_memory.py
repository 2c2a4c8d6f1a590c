"""Theorem 1, infinite data and finite memory: bounds of the error for any weights."""

import math

import numpy as np
from scipy.special import ndtr, stdtr

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real
from assocmem.theory.weight_law import WeightLaw, Weights

#: The β over which the upper bounds are optimized.
_BETAS = np.geomspace(0.05, 20, 60)
#: The κ over which the lower bound of Theorem 2 is.
KAPPAS = np.geomspace(1e-4, 60, 6000)
#: Sums over so many tokens go through them one by one.
_LISTED = 10**6


def theorem_1_upper(task: ZipfTask, weights: Weights, dim: int, beta: float | None = None) -> float:
    r"""Upper bound on the expected error of any weights q, for random embeddings.

    .. math::
        \mathbb E[\mathcal E] \le d^{-β} + e^{-d/16} + \sum_x p(x) \min\Big(1,
        \frac M2 \exp\Big(-\frac{d\,q(x)^2}{8 (Q_\infty + 32 c_β \|q\|^2 / d)}\Big)\Big)

    with :math:`c_β = \log M + β \log d`, wherever :math:`d \ge 8 (2 \log M + β \log d)`. The sum is an
    upper Riemann sum over the values of the minimum, at most 0.3 % too large.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d ≥ 1.
        beta: β > 0; the best of a grid unless given.

    Returns:
        The bound, and 1 where there is none or it exceeds 1.

    Source: Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> task = ZipfTask(2.0, 10, 5)
        >>> theorem_1_upper(task, fill(), dim=10), round(theorem_1_upper(task, fill(), dim=10**4), 6)
        (1.0, 0.0)
    """
    Integer(2).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    if beta is not None:
        Real(above=0).check("beta", beta)
        return _upper(law, beta, steps=20_000)
    coarse = [_upper(law, float(value), steps=400) for value in _BETAS]
    return _upper(law, float(_BETAS[int(np.argmin(coarse))]), steps=20_000)


def _upper(law: WeightLaw, beta: float, steps: int) -> float:
    task, dim = law.task, law.dim
    log_outputs, log_dim = math.log(task.n_outputs), beta * math.log(dim)
    if dim < 8 * (2 * log_outputs + log_dim):
        return 1.0
    scale = 8 * (law.largest_sum + 32 * (log_outputs + log_dim) * law.norm / dim) / dim
    # Σ p(x) g(q(x)²) = ∫ p(g(q²) ≥ t) dt, and g(q²) ≥ t means q² ≤ scale · log(M / 2t)
    failure = np.geomspace(1.0, 1e-20, steps)
    mass = law.mass_at_most(scale * np.log(task.n_outputs / 2 / failure))
    stored = float(-np.diff(failure) @ mass[1:]) + float(failure[-1])
    return min(1.0, float(dim**-beta) + math.exp(-dim / 16) + stored)


def theorem_1_upper_published(task: ZipfTask, weights: Weights, dim: int) -> float:
    r"""Upper bound of Theorem 1 in its published form.

    .. math::
        \mathbb E[\mathcal E] \le \inf_β 2 d^{-β} + p\big(\{x : d\,q(x)^2
        \le 16 c_β (Q_\infty + 8 c_β \|q\|^2 / d)\}\big)

    Args:
        task: the task, M ≥ 4.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d; the bound needs d > 8 log M.

    Returns:
        The bound, and 1 where there is none or it exceeds 1.

    Source: Theorem 1.

    Example:
        >>> from assocmem import frequency
        >>> task = ZipfTask(2.0, 1000, 5)
        >>> [round(theorem_1_upper_published(task, frequency(), dim), 3) for dim in (10, 10**5)]
        [1.0, 0.11]
    """
    Integer(4).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    if dim <= 8 * math.log(task.n_outputs):
        return 1.0
    factors = math.log(task.n_outputs) + _BETAS * math.log(dim)
    levels = 16 * factors * (law.largest_sum + 8 * factors * law.norm / dim) / dim
    return min(1.0, float((2 * float(dim) ** -_BETAS + law.mass_at_most(levels)).min()))


def theorem_1_lower(task: ZipfTask, weights: Weights, dim: int) -> float:
    r"""Lower bound on the expected error of any weights q, for any distinct unit outputs.

    .. math::
        \mathbb E[\mathcal E] \ge \sum_x p(x)\, \mathbb P(t_d > \sqrt{κ_x})
        \ge \sup_κ \barΦ(\sqrt κ)\, p(\{x : κ_x \le κ\}), \qquad
        κ_x = \frac{d\,q(x)^2}{Q_y + Q_z - q(x)^2}

    where y = f*(x), z is the heaviest other output and :math:`t_d` has Student's law with d degrees
    of freedom. This returns the sum, which is the expected error itself for M = 2 and d ≥ 2. At d = 1
    outputs are equal, and all of them with probability :math:`2^{1-M}`: then a memory may be right
    whatever it stores, so the sum is multiplied by :math:`1 - 2^{1-M}`. For more than 10⁶ tokens
    the sum is a lower Riemann sum over the values of the probability, at most 0.3 % too small.

    The arguments are those of `theorem_1_upper`.

    Source: Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> round(theorem_1_lower(ZipfTask(2.0, 1000, 5), fill(), dim=10), 3)
        0.439
    """
    Integer(2).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    pairs = law.pair_sums
    if task.n_tokens <= _LISTED:
        bound = float(task.probabilities @ stdtr(dim, -np.sqrt(_ratios(law))))
    else:
        # Σ p(x) g(κ_x) = ∫ p(g(κ) ≥ t) dt, at values t of g that differ by 0.3 %
        roots = np.geomspace(1e-4, 1e20, 6000)
        logs = np.log(np.maximum(stdtr(dim, -roots), 1e-300))
        roots = np.interp(np.arange(-logs[0], 46, 0.003), -logs, roots)
        mass = law.class_mass_at_most(roots[:, None] ** 2 * pairs / (dim + roots[:, None] ** 2))
        bound = float(-np.diff(stdtr(dim, -roots), append=0) @ mass.sum(axis=1))
    return bound * (1 - 2.0 ** (1 - task.n_outputs)) if dim == 1 else bound


def duel_ratios(task: ZipfTask, weights: Weights, dim: int) -> Array:
    r"""Squared ratio of signal and noise of each token, against the heaviest other output alone.

    .. math:: κ_x = \frac{d\,q(x)^2}{Q_y + Q_z - q(x)^2}

    with y = f*(x) and z the heaviest other output; ∞ where x alone is stored. In that duel the token
    is lost with the probability :math:`\mathbb P(t_d > \sqrt{κ_x})`, :math:`t_d` of Student's law.

    Args:
        task: the task, M ≥ 2; N must be finite.
        weights: a scheme (of the law p), or q token by token, shape (N,).
        dim: dimension d ≥ 1.

    Returns:
        Shape (N,).

    Source: Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> duel_ratios(ZipfTask(2.0, 4, 2), fill(), dim=30)
        array([10., 10., 10., 10.])
    """
    Integer(2).check("n_outputs", task.n_outputs)
    return _ratios(WeightLaw(task, weights, dim))


def duel_error(
    task: ZipfTask, weights: Weights, dim: int, *, rivals: int = 1, fluctuating: bool = True
) -> float:
    r"""The error if every token fought a number of equal duels, each against the heaviest other output.

    .. math:: \sum_x p(x)\, \min\big(1 - 1/M,\; k\, \mathbb P(t_d > \sqrt{κ_x})\big)

    One duel is the lower bound of Theorem 1, and the error itself for M = 2; M − 1 duels added up
    are what a bound from above by these duels would be. The arguments are those of `duel_ratios`.

    Args:
        rivals: number k of duels.
        fluctuating: whether the norms of the inputs fluctuate; else Student's law is a normal one.

    Source: Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> round(duel_error(ZipfTask(2.0, 1000, 5), fill(), dim=10), 3)
        0.439
    """
    Integer(1).check("rivals", rivals)
    roots = np.sqrt(duel_ratios(task, weights, dim))
    chance = stdtr(dim, -roots) if fluctuating else ndtr(-roots)
    return float(task.probabilities @ np.minimum(1 - 1 / task.n_outputs, rivals * chance))


def _ratios(law: WeightLaw) -> Array:
    squares = law.squares
    room = law.pair_sums[law.task.labels(law.task.tokens)] - squares
    return np.divide(law.dim * squares, room, where=room > 0, out=np.full(room.shape, math.inf))


def theorem_1_lower_published(task: ZipfTask, weights: Weights, dim: int) -> float:
    r"""Lower bound of Theorem 1 in its published form, :math:`\tfrac1{20}\, p(\{3 (d+1) q^2 \le Q_\infty\})`.

    The arguments are those of `theorem_1_upper`, with M ≥ 4.

    Source: Theorem 1.

    Example:
        >>> from assocmem import fill
        >>> round(theorem_1_lower_published(ZipfTask(2.0, 1000, 5), fill(), dim=10), 3)
        0.05
    """
    Integer(4).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    return float(law.mass_at_most(law.largest_sum / (3 * (dim + 1)))) / 20


def theorem_1_bounds(task: ZipfTask, weights: Weights, dim: int) -> dict[str, float]:
    """All bounds of Theorem 1 by name, those of the book and those in the published form.

    The arguments are those of `theorem_1_upper`, with M ≥ 4.

    Returns:
        ``lower_published``, ``lower``, ``upper`` and ``upper_published``.

    Source: Theorem 1.

    Example:
        >>> from assocmem import fill
        >>> bounds = theorem_1_bounds(ZipfTask(2.0, 1000, 5), fill(), dim=10)
        >>> {name: round(bound, 2) for name, bound in bounds.items()}
        {'lower_published': 0.05, 'lower': 0.44, 'upper': 1.0, 'upper_published': 1.0}
    """
    return {
        "lower_published": theorem_1_lower_published(task, weights, dim),
        "lower": theorem_1_lower(task, weights, dim),
        "upper": theorem_1_upper(task, weights, dim),
        "upper_published": theorem_1_upper_published(task, weights, dim),
    }
