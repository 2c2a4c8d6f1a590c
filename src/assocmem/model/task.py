"""The task: tokens drawn from a Zipf law, each with one right output."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.arrays import Array
from assocmem.model.power_sums import power_sum
from assocmem.parameters import Integer, Real, check_memory, refuse

#: Tokens up to here are sampled one by one; it takes α < 1.3 for the others to have a mass of 10⁻⁴.
_LARGEST = 2**40


@dataclass(frozen=True)
class ZipfTask:
    r"""Tokens :math:`x \in \{1, …, N\}` with :math:`p(x) = C_α x^{-α}` and outputs
    :math:`y = f_*(x)`.

    The target is periodic, :math:`f_*(x) = \text{target}[x \bmod \text{len(target)}]`: one entry is
    a constant target, N entries are an arbitrary one. Outputs are numbered 0, …, M − 1.

    Args:
        alpha: Zipf exponent α > 0; α > 1 where N is infinite.
        n_tokens: number of tokens N ≥ 1, or ``math.inf``.
        n_outputs: number of outputs M, from 1 to N.
        target: one period of f*; ``range(n_outputs)``, that is f*(x) = x mod M, unless given.

    Raises:
        ValueError: names the parameter, its value and the valid range.

    Source: Section 2 of the paper.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> round(float(task.tail(10)), 4)
        0.0579
    """

    alpha: float
    n_tokens: int | float
    n_outputs: int
    target: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        Integer(1, or_infinite=True).check("n_tokens", self.n_tokens)
        if math.isinf(self.n_tokens) and isinstance(self.alpha, int | float) and self.alpha <= 1:
            raise refuse("alpha", self.alpha, "> 1 where n_tokens is infinite")
        Real(above=0).check("alpha", self.alpha)
        Integer(1, "n_tokens").check("n_outputs", self.n_outputs, {"n_tokens": self.n_tokens})
        if self.target is not None:
            if not isinstance(self.target, tuple) or not self.target:
                raise refuse("target", self.target, "a tuple of outputs")
            for position, output in enumerate(self.target):
                Integer(0, self.n_outputs - 1).check(f"target[{position}]", output)

    @property
    def period(self) -> NDArray[np.intp]:
        """One period of the target, shape (period,): f*(x) = period[x mod len(period)]."""
        return np.asarray(self.target if self.target is not None else range(self.n_outputs))

    @cached_property
    def normalizer(self) -> float:
        r"""The constant :math:`C_α = 1 / \sum_x x^{-α}` (1/ζ(α) where N is infinite)."""
        return 1.0 / float(power_sum(self.alpha, 1, self.n_tokens))

    def mass(self, x: ArrayLike) -> Array:
        """The probability p(x) of each token; 0 beyond N. Shape of ``x``."""
        tokens = np.asarray(x, dtype=np.float64)
        return np.where(
            (tokens >= 1) & (tokens <= self.n_tokens),
            self.normalizer * np.maximum(tokens, 1.0) ** -self.alpha,
            0.0,
        )

    def tail(self, x: ArrayLike) -> Array:
        """The probability P(X > x) of all tokens beyond each ``x`` ≥ 0; shape of ``x``."""
        beyond = np.floor(np.asarray(x, dtype=np.float64)) + 1
        return self.normalizer * power_sum(self.alpha, beyond, self.n_tokens)

    def labels(self, x: ArrayLike) -> NDArray[np.intp]:
        """The right output f*(x) of each token, an integer from 0 to M − 1; shape of ``x``."""
        period = self.period
        return period[np.asarray(x) % len(period)]

    def class_sums(self, exponent: float, n_stored: ArrayLike = math.inf) -> Array:
        r"""Sums :math:`\sum_{x \le P,\, f_*(x) = y} x^{-s}` over the tokens of each output.

        With s = 2ρα they are, up to a constant factor, the :math:`Q_y` of the weights
        :math:`q_{ρ,[P]}`; their maximum is :math:`Q_\infty`.

        Args:
            exponent: s ≥ 0; s > 1 where the sum is infinite.
            n_stored: P, any shape; all tokens unless given.

        Returns:
            Shape (..., M), the leading axes those of P.
        """
        residues = np.arange(len(self.period))
        first = np.where(residues == 0, len(residues), residues)
        last = np.minimum(n_stored, self.n_tokens)[..., None]
        sums = power_sum(exponent, first, last, step=len(residues))
        by_class = np.zeros((*sums.shape[:-1], self.n_outputs))
        for y in range(self.n_outputs):
            by_class[..., y] = sums[..., self.period == y].sum(axis=-1)
        return by_class

    def class_tails(self, x: ArrayLike) -> Array:
        """The probability P(X > x_y, f*(X) = y) of the tokens of each output beyond some x_y ≥ 0.

        It is summed from the first of these tokens on: so small ones are as exact as any, and
        there is none, and 0, beyond N.

        Args:
            x: shape (..., M), or (..., 1) for all outputs alike.

        Returns:
            Shape (..., M).
        """
        last = np.asarray(x, dtype=np.float64)
        last = np.broadcast_to(last, (*last.shape[:-1], self.n_outputs))
        size, masses = len(self.period), np.zeros(last.shape)
        for residue, y in enumerate(self.period.tolist()):
            first = residue or size
            beyond = first + size * np.maximum(np.floor((last[..., y] - first) / size) + 1, 0)
            masses[..., y] += power_sum(self.alpha, beyond, self.n_tokens, step=size)
        return self.normalizer * masses

    @property
    def tokens(self) -> NDArray[np.int64]:
        """The tokens 1, …, N, shape (N,); N must be finite and fit in memory."""
        if math.isinf(self.n_tokens):
            raise refuse("n_tokens", self.n_tokens, "finite, to list every token")
        check_memory(8 * self.n_tokens, "n_tokens", int(self.n_tokens))
        return np.arange(1, int(self.n_tokens) + 1)

    @cached_property
    def probabilities(self) -> Array:
        """The law p of all tokens, shape (N,); N must be finite."""
        return self.mass(self.tokens)

    def sample_counts(self, n_samples: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """How often each token occurs among T independent draws, shape (N,); N must be finite.

        Args:
            n_samples: T ≥ 0.
            rng: source of randomness.
        """
        Integer(0).check("n_samples", n_samples)
        return rng.multinomial(n_samples, self.probabilities)

    def sample(self, n_samples: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """T independent tokens, shape (T,); works for infinite N too.

        For infinite N, the tokens beyond 2⁴⁰ (they matter for α near 1 only) are all returned as
        2⁴⁰ + 1: none of them is likely to be drawn twice.

        Args:
            n_samples: T ≥ 0.
            rng: source of randomness.
        """
        Integer(0).check("n_samples", n_samples)
        check_memory(40 * n_samples, "n_samples", n_samples)
        if math.isinf(self.n_tokens):
            # NumPy's rejection sampler loses accuracy where 1 + 1/x rounds, so it is asked for the
            # law up to 2⁴⁰ only, and the mass beyond is put back.
            drawn: NDArray[np.int64] = rng.zipf(self.alpha, n_samples)
            while (large := drawn > _LARGEST).any():
                drawn[large] = rng.zipf(self.alpha, np.count_nonzero(large))
            drawn[rng.random(n_samples) < self.tail(_LARGEST)] = _LARGEST + 1
            return drawn
        cumulative = np.cumsum(self.probabilities)
        below = np.searchsorted(cumulative, cumulative[-1] * rng.random(n_samples), side="right")
        return below.astype(np.int64) + 1
