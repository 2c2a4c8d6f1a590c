"""How the weights of a memory are spread over its tokens: all that bounds on its error need to know."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.arrays import Array
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse

#: A scheme (of the law p), or q token by token, shape (N,).
Weights = Scheme | NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class WeightLaw:
    """The law of q(X)² and its sums over classes, for a scheme of p or for weights token by token.

    A scheme is taken as q(x) = x^(−ρα) 1{x ≤ P}, the weights p^ρ up to a factor, which changes neither
    predictions nor bounds; N may then be infinite, and nothing loops over tokens.

    Args:
        task: the task.
        weights: a scheme, or an array of shape (N,).
        dim: dimension d, which the threshold of a scheme may depend on.

    Raises:
        ValueError: for an infinite ‖q‖² or an array of another shape.

    Example:
        >>> from assocmem import threshold
        >>> task = ZipfTask(2.0, math.inf, 5)
        >>> law = WeightLaw(task, threshold(10), dim=100)
        >>> float(law.norm), float(law.largest_sum)
        (10.0, 2.0)
    """

    task: ZipfTask
    weights: Weights
    dim: int

    def __post_init__(self) -> None:
        Integer(1).check("dim", self.dim)
        if isinstance(self.weights, Scheme):
            if math.isinf(self.n_stored) and 2 * self.weights.rho * self.task.alpha <= 1:
                least = 1 / (2 * self.task.alpha)
                raise refuse("rho", self.weights.rho, f"> {least:g} for N = ∞ without threshold")
        elif np.shape(self.weights) != (self.task.n_tokens,):
            shape = f"array of shape {np.shape(self.weights)}"
            raise refuse("weights", shape, f"a scheme or shape (N,) = ({self.task.n_tokens},)")

    @property
    def n_stored(self) -> float:
        """The number of tokens P that have a weight; N, possibly infinite, for an array."""
        if not isinstance(self.weights, Scheme):
            return self.task.n_tokens
        return min(self.weights.stored_at(self.dim) or math.inf, self.task.n_tokens)

    @cached_property
    def class_sums(self) -> Array:
        """The sums Q_y = Σ q(x)² over the tokens of each output, shape (M,)."""
        if isinstance(self.weights, Scheme):
            return self.task.class_sums(2 * self.weights.rho * self.task.alpha, self.n_stored)
        labels, size = self.task.labels(self.task.tokens), self.task.n_outputs
        return np.bincount(labels, weights=self.squares, minlength=size).astype(float)

    @property
    def largest_sum(self) -> float:
        """Q_∞ = max_y Q_y."""
        return float(self.class_sums.max())

    @property
    def norm(self) -> float:
        """‖q‖² = Σ_y Q_y."""
        return float(self.class_sums.sum())

    @property
    def pair_sums(self) -> Array:
        """The sums Q_y + Q_z, with z the heaviest other output of each y, shape (M,); M ≥ 2."""
        order = np.argsort(self.class_sums)
        rivals = np.full(len(order), self.class_sums[order[-1]])
        rivals[order[-1]] = self.class_sums[order[-2]]
        return self.class_sums + rivals

    @cached_property
    def squares(self) -> Array:
        """The q(x)² of every token, shape (N,); N must be finite."""
        if not isinstance(self.weights, Scheme):
            return np.square(np.asarray(self.weights, dtype=np.float64))
        tokens = self.task.tokens
        powers = tokens.astype(np.float64) ** (-2 * self.weights.rho * self.task.alpha)
        return np.where(tokens <= self.n_stored, powers, 0.0)

    def class_mass_at_most(self, levels: ArrayLike) -> Array:
        """The probability p({x : f*(x) = y, q(x)² ≤ level_y}) of each output, for a scheme.

        Args:
            levels: a level ≥ 0 for each output, shape (n, M).

        Returns:
            Shape (n, M).
        """
        level = Real(at_least=0).check_all("levels", levels)
        return self.task.class_tails(np.minimum(self._last_above(level), self.n_stored))

    def mass_at_most(self, levels: ArrayLike) -> Array:
        """The probability p({x : q(x)² ≤ level}) for each level ≥ 0; shape of ``levels``."""
        level = Real(at_least=0).check_all("levels", levels)
        if isinstance(self.weights, Scheme):
            return self.task.tail(np.minimum(self._last_above(level), self.n_stored))
        order = np.argsort(self.squares)
        cumulative = np.concatenate([[0.0], np.cumsum(self.task.probabilities[order])])
        return cumulative[np.searchsorted(self.squares[order], level, side="right")]

    def _last_above(self, level: Array) -> Array:
        """The last token whose weight, were it stored, has a square above ``level``; 0 if none has."""
        assert isinstance(self.weights, Scheme)
        exponent = 2 * self.weights.rho * self.task.alpha
        if exponent == 0:
            return np.where(level < 1, math.inf, 0.0)
        with np.errstate(divide="ignore", over="ignore"):
            boundary = level ** (-1 / exponent)
        return np.maximum(np.ceil(boundary) - 1, 0.0)
