"""Tests of means by betting, which hold their level for any samples in a known interval."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from assocmem.arrays import Array
from assocmem.parameters import refuse

#: The shares of the wealth that are bet: 1, 1/2, …, 2⁻¹²; every player starts with the same wealth.
_SHARES = 0.5 ** np.arange(13)
#: How far beyond the support a sample may be by rounding.
_ROUNDING = 1e-12


def unit_samples(values: ArrayLike, support: tuple[float, float]) -> Array:
    """Samples mapped from ``support`` to [0, 1], any shape.

    Raises:
        ValueError: if a sample lies outside.

    Example:
        >>> unit_samples([1.0, 3.0], (1, 5)).tolist()
        [0.0, 0.5]
    """
    low, high = support
    if not low < high:
        raise refuse("support", support, "(low, high) with low < high")
    unit = (np.asarray(values, dtype=np.float64) - low) / (high - low)
    outside = ~((unit >= -_ROUNDING) & (unit <= 1 + _ROUNDING))
    if outside.any():
        raise refuse("samples", np.asarray(values)[outside][0], f"{low} to {high}, the support")
    return np.clip(unit, 0, 1)


def wealth(samples: ArrayLike, mean: ArrayLike) -> Array:
    r"""Logarithm of the wealth of bets that the mean of samples in [0, 1] is larger than ``mean``.

    A player who bets the share θ of her wealth at fair odds has
    :math:`\prod_i (1 - \theta + \theta x_i / m)` after all samples; the players' mean is returned.
    If the samples are independent with the mean m (or less), its expectation is at most 1, so it
    exceeds 1/δ with a probability of at most δ (Markov), for every law of the samples.

    Args:
        samples: x, shape (…, n), in [0, 1].
        mean: m, shape (…), in (0, 1].

    Returns:
        Shape (…).

    Source:
        I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting",
        J. R. Statist. Soc. B 86 (2024), section 4, with a mixture of constant bets.

    Example:
        >>> bool(wealth([0.9] * 20, 0.5) > wealth([0.6] * 20, 0.5) > 0)
        True
    """
    ratio = np.asarray(samples, dtype=np.float64) / np.asarray(mean, dtype=np.float64)[..., None]
    with np.errstate(divide="ignore"):  # the player who bets all may lose all
        bets = [np.log1p(share * (ratio - 1)).sum(axis=-1) for share in _SHARES]
    return np.asarray(special.logsumexp(bets, axis=0) - math.log(len(_SHARES)))
