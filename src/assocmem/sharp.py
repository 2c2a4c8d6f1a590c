"""Sharp constants: what the exact law of the error becomes for large dimensions, and the threshold
at which it is smallest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr

from assocmem.law import checked_dims, expected_errors
from assocmem.parameters import Integer, Real, refuse
from assocmem.schemes import Scheme
from assocmem.task import ZipfTask
from assocmem.theory import proposition_2_exponent

__all__ = ["best_threshold", "best_threshold_asymptote", "proposition_2_asymptote"]

Array = NDArray[np.float64]

#: Thresholds tried in each of the rounds of a search.
_TRIED = 25


def proposition_2_asymptote(task: ZipfTask, rho: float, dim: ArrayLike) -> Array:
    r"""The law of Proposition 2 with its sharp constant, for q = p^ρ, infinite N and large d.

    .. math:: \mathbb E[\mathcal E] \sim \frac{C_α}{α-1} \sum_y t_y\, \mathbb E\Big[ \Big( \max_{z
        \ne y} \sqrt{Q_z} ξ_z - \sqrt{Q_y} ξ_y \Big)_+^{(α-1)/(ρα)} \Big] d^{-(α-1)/(2ρα)}

    with independent standard normals ξ, :math:`Q_z = \sum_{f_*(x)=z} x^{-2ρα}`, and t_y the
    fraction of one period of the target that is y: its share of the rare tokens. The expectation
    is one integral over the value of the maximum.

    Args:
        task: the task, M ≥ 2, N infinite, every output the target of some token.
        rho: exponent ρ > 1/(2α) of the weights.
        dim: dimension d > 0, any shape.

    Returns:
        The asymptotic error for each d.

    Raises:
        ValueError: for finite N, ρ ≤ 1/(2α), or an output that is no token's.

    Source:
        Proposition 2; the constant is derived in the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> round(float(proposition_2_asymptote(task, 0.5, 10**4)), 5)
        0.00395
    """
    Integer(2).check("n_outputs", task.n_outputs)
    if math.isfinite(task.n_tokens):
        raise refuse("n_tokens", task.n_tokens, "inf, for the asymptote in d")
    exponent = proposition_2_exponent(task.alpha, rho)
    shares = np.bincount(task.period, minlength=task.n_outputs) / len(task.period)
    if not shares.all():
        raise refuse("target", task.target, "every output at least once")
    moments = _moments(np.sqrt(task.class_sums(2 * rho * task.alpha)), -2 * exponent)
    constant = task.normalizer / (task.alpha - 1) * float(shares @ moments)
    law: Array = constant * Real(above=0).check_all("dim", dim) ** exponent
    return law


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


def best_threshold(
    task: ZipfTask,
    dims: Sequence[int],
    *,
    rng: np.random.Generator,
    rho: float = 0.0,
    draws: int = 16384,
) -> pd.DataFrame:
    """The threshold P with the smallest expected error, for each dimension d.

    Searches the multiples of M up to 4 M d (or N), on grids that get finer, by `expected_errors`
    with common random numbers. The error is flat around its minimum, so P is known less well than
    the error is: ``low`` and ``high`` say how far P may go for one percent more.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        dims: dimensions d.
        rng: source of randomness.
        rho: exponent ρ ≥ 0 of the weights.
        draws: number of draws, as for `expected_errors`.

    Returns:
        One row per d: columns ``dim``, ``n_stored`` (the best P), ``low`` and ``high`` (smallest
        and largest P tried whose error is at most 1.01 of the best one's), ``mean`` and ``sem``.

    Source:
        Proposition 3; by the exact law of the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> table = best_threshold(task, [100], rng=np.random.default_rng(0), draws=2048)
        >>> int(table["n_stored"][0])
        25
    """
    listed = checked_dims(task, dims)
    Real(at_least=0).check("rho", rho)
    seed = int(rng.integers(2**62))
    return pd.DataFrame([_best(task, rho, dim, seed, draws) for dim in listed])


def _best(task: ZipfTask, rho: float, dim: int, seed: int, draws: int) -> dict[str, float]:
    """The row of one dimension; P is counted in multiples of M while it is searched."""
    tried: dict[int, tuple[float, float]] = {}
    low, high = 1, max(1, int(min(task.n_tokens / task.n_outputs, 4 * dim)))
    for _ in range(3):
        counts = np.unique(np.rint(np.geomspace(low, high, _TRIED)).astype(int)).tolist()
        schemes = {str(c): Scheme(rho, c * task.n_outputs) for c in counts if c not in tried}
        if schemes:
            # the same seed in each round: common random numbers
            table = expected_errors(
                task, schemes, [dim], rng=np.random.default_rng(seed), draws=draws
            )
            for count, mean, sem in zip(schemes, table["mean"], table["sem"], strict=True):
                tried[int(count)] = (float(mean), float(sem))
        best = min(tried, key=lambda count: tried[count])
        ordered = sorted(tried)
        position = ordered.index(best)
        low, high = ordered[max(position - 2, 0)], ordered[min(position + 2, len(ordered) - 1)]
    mean, sem = tried[best]
    near = [count for count in tried if tried[count][0] <= 1.01 * mean]
    size = task.n_outputs
    return {
        "dim": dim,
        "n_stored": best * size,
        "low": min(near) * size,
        "high": max(near) * size,
        "mean": mean,
        "sem": sem,
    }


def best_threshold_asymptote(task: ZipfTask, dim: ArrayLike) -> tuple[Array, Array]:
    r"""Best threshold and its error for q = 1, infinite N and very large d.

    .. math:: P^* \sim \frac{M d}{4 (α - 1) \log d}, \qquad \mathbb E[\mathcal E] \sim \Big(1 -
        \frac1M\Big) \frac{C_α}{α - 1} (P^*)^{-(α - 1)}

    Relative corrections fall like log log d / log d. For α = 2 and M = 5, P* is right to 2 % from d
    = 10⁴ on, and the error is 10 % too small there.

    Args:
        task: the task, M ≥ 2 and N infinite, with f*(x) = x mod M or another target that shares
            the tokens evenly.
        dim: dimension d > 1, any shape.

    Returns:
        P* and the error, each in the shape of ``dim``.

    Source:
        Proposition 3; derived in the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> stored, error = best_threshold_asymptote(task, 10**4)
        >>> round(float(stored))
        1357
    """
    Integer(2).check("n_outputs", task.n_outputs)
    if math.isfinite(task.n_tokens):
        raise refuse("n_tokens", task.n_tokens, "inf, for the asymptote in d")
    dims = Real(above=1).check_all("dim", dim)
    stored: Array = task.n_outputs * dims / (4 * (task.alpha - 1) * np.log(dims))
    guess = 1 - 1 / task.n_outputs
    error: Array = guess * task.normalizer / (task.alpha - 1) * stored ** (1 - task.alpha)
    return stored, error
