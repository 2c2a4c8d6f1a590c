"""Proposition 2, all tokens stored with the weights p^ρ: exponent and sharp constant."""

import math

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike
from scipy.special import log_ndtr

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse


def proposition_2_exponent(alpha: float, rho: float) -> float:
    """The exponent −(α − 1)/(2ρα) of d/φ(N) without thresholding.

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ > 0 of the weights q = p^ρ.

    Source: Proposition 2.

    Example:
        >>> proposition_2_exponent(2.0, rho=1.0)
        -0.25
    """
    Real(above=1).check("alpha", alpha)
    Real(above=0).check("rho", rho)
    return -(alpha - 1) / (2 * rho * alpha)


def vocabulary_load(n_tokens: float, exponent: float) -> float:
    r"""The order φ(N) of :math:`\|q\|^2 = \sum_{x \le N} x^{-r}`, with r = 2ρα for q = p^ρ.

    .. math:: φ(N) = 1, \quad \log N, \quad N^{1-r} \qquad \text{for } r > 1, \; r = 1, \; r < 1

    Args:
        n_tokens: N ≥ 2; may be infinite for r > 1.
        exponent: r > 0.

    Source: Proposition 2.

    Example:
        >>> vocabulary_load(10**4, 0.5)
        100.0
    """
    Real(above=0).check("exponent", exponent)
    Integer(2, or_infinite=True).check("n_tokens", n_tokens)
    if exponent > 1:
        return 1.0
    if math.isinf(n_tokens):
        raise refuse("n_tokens", n_tokens, f"finite, for an exponent of {exponent:g}")
    return math.log(n_tokens) if exponent == 1 else float(n_tokens) ** (1 - exponent)


def proposition_2_asymptote(task: ZipfTask, rho: float, dim: ArrayLike) -> Array:
    r"""The law of Proposition 2 with its sharp constant, for q = p^ρ and large d.

    .. math:: \mathbb E[\mathcal E] \sim \frac{C_α}{α-1} \sum_y t_y\, \Big( \mathbb E\big[
        (Δ_y)_+^{(α-1)/(ρα)} \big]\, d^{-(α-1)/(2ρα)} - \mathbb P(Δ_y > 0)\, N^{-(α-1)} \Big)

    with :math:`Δ_y = \max_{z \ne y} \sqrt{Q_z} ξ_z - \sqrt{Q_y} ξ_y`, independent standard normals ξ,
    :math:`Q_z = \sum_{f_*(x)=z} x^{-2ρα}`, and t_y the fraction of one period of the target that is
    y: its share of the rare tokens. The second term is the mass beyond a finite N. The moments are
    integrals over the value of the maximum.

    Args:
        task: the task, M ≥ 2, every output the target of some token.
        rho: exponent ρ > 0 of the weights, > 1/(2α) for infinite N.
        dim: dimension d > 0, any shape. For finite N it must be in the window: with x = (d/‖q‖²)^(1/(2ρα))
            the order of the first token to be lost, 1 ≪ x ≪ N.

    Returns:
        The asymptotic error for each d.

    Raises:
        ValueError: for infinite N and ρ ≤ 1/(2α), or an output that is no token's.

    Source: Proposition 2; the constant is derived in the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> round(float(proposition_2_asymptote(task, 0.5, 10**4)), 5)
        0.00395
    """
    Integer(2).check("n_outputs", task.n_outputs)
    exponent = proposition_2_exponent(task.alpha, rho)
    if math.isinf(task.n_tokens):
        Real(above=1 / (2 * task.alpha)).check("rho", rho)
    shares = np.bincount(task.period, minlength=task.n_outputs) / len(task.period)
    if not shares.all():
        raise refuse("target", task.target, "every output at least once")
    scales = np.sqrt(task.class_sums(2 * rho * task.alpha))
    lost = float(shares @ _moments(scales, -2 * exponent))
    beyond = float(shares @ _moments(scales, 0)) * (task.n_tokens + 0.5) ** (1 - task.alpha)
    front = task.normalizer / (task.alpha - 1)
    result: Array = front * (lost * Real(above=0).check_all("dim", dim) ** exponent - beyond)
    return result


def _moments(scales: Array, power: float) -> Array:
    """E[(max_{z≠y} s_z ξ_z − s_y ξ_y)_+^k] for each y, shape (M,)."""
    # Every feature of the integrand lies around 0, at one of the scales: so x = s sinh(t), on which
    # the trapezoidal rule converges fast. (The smallest scales of many count for little.)
    smallest = float(scales.min())
    largest = math.asinh(12 * float(scales.max()) / smallest)
    grid = np.linspace(-largest, largest, 2 * math.ceil(largest / 0.02) + 1)
    x, step = smallest * np.sinh(grid), grid[1] - grid[0]
    width = smallest * np.cosh(grid) * step
    moments = np.empty(len(scales))
    for y, scale in enumerate(scales):
        standard = x[:, None] / np.delete(scales, y)
        logs = log_ndtr(standard)
        hazard = np.exp(-(standard**2) / 2 - logs) / math.sqrt(2 * math.pi)
        density = np.exp(logs.sum(axis=1)) * (hazard / np.delete(scales, y)).sum(axis=1)
        moments[y] = scale**power * ((density * width) @ _partial_moment(x / scale, power))
    return moments


def _partial_moment(shift: Array, power: float) -> Array:
    """E[(a + ξ)_+^k] of a standard normal ξ for each a, shape of ``shift``."""
    nodes, weights = hermegauss(60)
    result = np.zeros(shift.shape)
    far, near = shift > 8, np.abs(shift) <= 8
    powers = np.maximum(shift[far][:, None] + nodes, 0) ** power
    result[far] = powers @ weights / math.sqrt(2 * math.pi)
    logs = np.arange(-40 / (power + 1), math.log(24), 0.02)
    integrand = np.exp((power + 1) * logs - (np.exp(logs) - shift[near][:, None]) ** 2 / 2)
    result[near] = integrand.sum(axis=1) * 0.02 / math.sqrt(2 * math.pi)
    return result
