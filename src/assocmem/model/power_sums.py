"""Sums of powers over arithmetic progressions, finite or infinite, in constant time.

Every mass, tail and class sum of a Zipf law is such a sum, so nothing ever loops over tokens.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bernoulli, poch, zeta

from assocmem.arrays import Array
from assocmem.parameters import Real, refuse

#: Terms summed one by one before the Euler-Maclaurin formula takes over, and its corrections.
_HEAD = 12
_CORRECTIONS = 8
_BERNOULLI = bernoulli(2 * _CORRECTIONS)


def power_sum(
    exponent: float, first: ArrayLike, last: ArrayLike = math.inf, step: int = 1
) -> Array:
    r"""Sum :math:`\sum_{k \ge 0} (\text{first} + k\,\text{step})^{-s}` over terms up to ``last``.

    For ``last = inf`` this is ``step**-s * zeta(s, first / step)``, Hurwitz's zeta function. For a
    finite ``last`` the first terms are added one by one and the rest by the Euler-Maclaurin
    formula, which holds for every real s, also where the infinite sum diverges (s ≤ 1), to about 14
    digits.

    Args:
        exponent: s ≥ 0; s > 1 where ``last`` is infinite.
        first: first term of the progression, > 0; any shape.
        last: largest value a term may take; broadcast against ``first``. No term gives 0.
        step: distance between terms, ≥ 1.

    Returns:
        The sums, in the broadcast shape.

    Raises:
        ValueError: for a negative exponent, or if an infinite sum diverges.

    Example:
        >>> round(float(power_sum(2.0, 1)), 6)  # pi**2 / 6
        1.644934
        >>> float(power_sum(1.0, 1, 5, step=2))  # 1 + 1/3 + 1/5
        1.5333333333333332
    """
    Real(at_least=0).check("exponent", exponent)
    start, stop = np.broadcast_arrays(
        np.asarray(first, dtype=np.float64), np.asarray(last, dtype=np.float64)
    )
    infinite = np.isinf(stop)
    if infinite.any() and exponent <= 1:
        raise refuse("exponent", exponent, "> 1 for an infinite sum")
    result = np.zeros(start.shape)
    if infinite.any():
        result[infinite] = zeta(exponent, start[infinite] / step)
    finite = ~infinite
    if finite.any():
        count = np.maximum(np.floor((stop[finite] - start[finite]) / step) + 1, 0)
        result[finite] = _partial_sum(exponent, start[finite] / step, count)
    return result * float(step) ** -exponent


def _partial_sum(s: float, a: NDArray[Any], count: NDArray[Any]) -> NDArray[Any]:
    """Σ_{0 ≤ k < count} (a + k)^(-s), elementwise."""
    # from there on the formula holds to all digits without a head
    total, near = np.zeros(a.shape), a < _HEAD + s
    if near.any():
        terms = a[near] + np.arange(_HEAD)[:, None]
        few = np.arange(_HEAD)[:, None] < count[near]
        total[near] = np.power(terms, -s, where=few, out=np.zeros(terms.shape)).sum(axis=0)
    head = np.where(near, _HEAD, 0)
    length = np.maximum(count - head, 0)
    low, high = a + head, a + head + length
    # ∫ t^(-s) dt from low to high, written so that s = 1 is no special case but for the limit
    log_ratio = np.log1p(length / low)
    at_low, at_high = low**-s, high**-s
    integral = low * at_low * (np.expm1((1 - s) * log_ratio) / (1 - s) if s != 1 else log_ratio)
    total += integral + (at_low - at_high) / 2
    # one power of each end, and the others from it: powers are what such a sum costs
    at_low, at_high = at_low / low, at_high / high
    for j in range(1, _CORRECTIONS + 1):
        factor = _BERNOULLI[2 * j] / math.factorial(2 * j) * poch(s, 2 * j - 1)
        total += factor * (at_low - at_high)
        at_low, at_high = at_low / low**2, at_high / high**2
    return total
