"""Weights q of the associations: what the memory stores of each token, and how strongly."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.parameters import Integer, Real


@dataclass(frozen=True)
class PerDimension:
    """A threshold that grows with the dimension: P(d) = max(1, ⌊rate · d⌋).

    Args:
        rate: stored tokens for each dimension, > 0.

    Example:
        >>> PerDimension(1 / 8)(100)
        12
    """

    rate: float

    def __post_init__(self) -> None:
        Real(above=0).check("rate", self.rate)

    def __call__(self, dim: int) -> int:
        """The number of tokens P that a memory of dimension ``dim`` stores."""
        # rounded first, so that a rate of 0.29 stores 29 tokens at d = 100, though 0.29 · 100 < 29
        return max(1, math.floor(round(self.rate * dim, 9)))


@dataclass(frozen=True)
class Scheme:
    r"""The weights
    :math:`q_{ρ,[P]}(x) = p(x)^ρ \mathbf 1\{x \text{ among the } P \text{ most frequent}\}`.

    Args:
        rho: exponent ρ ≥ 0. ρ = 0 stores every token with the same weight, ρ = 1 by frequency.
        n_stored: P, a number ≥ 1 or a function of the dimension d; None stores every token.

    Source: Section 2 of the paper; `fill`, `frequency` and `threshold` make the usual ones.

    Example:
        >>> Scheme(rho=1.0, n_stored=2).weights(np.array([0.5, 0.3, 0.2]), dim=10).tolist()
        [0.5, 0.3, 0.0]
    """

    rho: float = 0.0
    n_stored: int | Callable[[int], int] | None = None

    def __post_init__(self) -> None:
        Real(at_least=0).check("rho", self.rho)
        if not callable(self.n_stored) and self.n_stored is not None:
            Integer(1).check("n_stored", self.n_stored)

    def stored_at(self, dim: int) -> int | None:
        """The threshold P at dimension ``dim``, or None."""
        if not callable(self.n_stored):
            return self.n_stored
        n_stored = self.n_stored(dim)
        Integer(1).check(f"n_stored({dim})", n_stored)
        return n_stored

    def weights(
        self,
        frequencies: NDArray[np.number],
        dim: int,
        ties: NDArray[np.floating] | None = None,
    ) -> Array:
        """The weights q (from the law p) or q̂ (from counts) of every token.

        A token of frequency 0 was never seen and gets weight 0, for ρ = 0 too.

        Args:
            frequencies: p(x) or counts of each token, shape (..., N).
            dim: dimension d of the memory, which the threshold may depend on.
            ties: where the threshold falls among tokens of equal frequency, those with the smaller
                entry are kept, shape (N,); those that come first unless given. Counts are often
                equal, so ties broken by the order of the tokens would use what data do not tell.

        Returns:
            Shape (..., N).

        Example:
            >>> threshold(2).weights(np.array([5, 0, 3, 1]), dim=10)
            array([1., 0., 1., 0.])
        """
        values = np.asarray(frequencies, dtype=np.float64)
        weights = np.where(values > 0, values, 0.0) ** self.rho * (values > 0)
        n_stored = self.stored_at(dim)
        if n_stored is not None and n_stored < values.shape[-1]:
            keys = (-values,) if ties is None else (np.broadcast_to(ties, values.shape), -values)
            dropped = np.lexsort(keys, axis=-1)[..., n_stored:]
            np.put_along_axis(weights, dropped, 0.0, axis=-1)
        return weights


def fill() -> Scheme:
    """The weights q = 1 for every token (empirically: every token seen), which fill the memory.

    Example:
        >>> fill().weights(np.array([0.5, 0.3, 0.2]), dim=10).tolist()
        [1.0, 1.0, 1.0]
    """
    return Scheme()


def frequency(rho: float = 1.0) -> Scheme:
    """The weights q = p^ρ (empirically: counts^ρ).

    Example:
        >>> frequency(2.0).weights(np.array([0.5, 0.3, 0.2]), dim=10).round(2).tolist()
        [0.25, 0.09, 0.04]
    """
    return Scheme(rho=rho)


def threshold(n_stored: int | Callable[[int], int], rho: float = 0.0) -> Scheme:
    """The weights q = p^ρ on the P most frequent tokens only.

    Args:
        n_stored: P ≥ 1, or a function of the dimension d.
        rho: exponent ρ ≥ 0.

    Example:
        >>> threshold(PerDimension(1 / 8)).stored_at(80)
        10
    """
    return Scheme(rho=rho, n_stored=n_stored)
