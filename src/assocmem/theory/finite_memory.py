"""Theorem 1, infinite data and finite memory: bounds of the error for any weights."""

import math

import numpy as np
from scipy.special import ndtr

from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real
from assocmem.theory.weight_law import WeightLaw, Weights

#: The γ and κ over which the bounds of Theorems 1 and 2 are optimized.
_GAMMAS = np.geomspace(0.05, 20, 60)


KAPPAS = np.geomspace(1e-4, 60, 6000)


def theorem_1_upper(
    task: ZipfTask, weights: Weights, dim: int, gamma: float | None = None
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

    Source: Theorem 1, in the form that the book proves.

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


def theorem_1_upper_published(task: ZipfTask, weights: Weights, dim: int) -> float:
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

    Source: Theorem 1.
    """
    Integer(4).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    if dim <= 8 * math.log(task.n_outputs):
        return 1.0
    factors = math.log(task.n_outputs) + _GAMMAS * math.log(dim)
    levels = 16 * factors * (law.largest_sum + 8 * factors * law.norm / dim) / dim
    return min(1.0, float((2 * float(dim) ** -_GAMMAS + law.mass_at_most(levels)).min()))


def theorem_1_lower(task: ZipfTask, weights: Weights, dim: int) -> float:
    r"""Lower bound on the expected error of any weights q, for any distinct unit outputs.

    .. math::
        \mathbb E[\mathcal E] \ge \sup_κ \barΦ(\sqrt κ)\;
        p\big(\{x : d\,q(x)^2 \le κ (Q_\infty - q(x)^2)\}\big)

    The arguments are those of `theorem_1_upper`.

    Returns:
        The bound, with the supremum over a grid of κ (each of which is a bound).

    Source: Theorem 1, in the form that the book proves.

    Example:
        >>> from assocmem import fill
        >>> round(theorem_1_lower(ZipfTask(2.0, 1000, 5), fill(), dim=10), 3)
        0.411
    """
    Integer(2).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    mass = law.mass_at_most(KAPPAS * law.largest_sum / (dim + KAPPAS))
    return float((ndtr(-np.sqrt(KAPPAS)) * mass).max())


def theorem_1_lower_published(task: ZipfTask, weights: Weights, dim: int) -> float:
    r"""Lower bound of Theorem 1 in its published form, :math:`\tfrac1{20}\, p(\{3 (d+1) q^2 \le Q_\infty\})`.

    The arguments are those of `theorem_1_upper`, with M ≥ 4.

    Source: Theorem 1.
    """
    Integer(4).check("n_outputs", task.n_outputs)
    law = WeightLaw(task, weights, dim)
    return float(law.mass_at_most(law.largest_sum / (3 * (dim + 1)))) / 20
