"""The mass of the tokens on the wrong side of a critical weight, class by class.

`assocmem.law` turns a draw of the noise into two critical weights for each output; what is here
sums p(x) over the tokens they select: in constant time for weights x^(−ρα), by search in sorted
tables for any others.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.parameters import Real, check_memory, refuse
from assocmem.powersums import power_sum
from assocmem.schemes import Scheme
from assocmem.task import ZipfTask

__all__ = ["Masses", "PowerMasses", "TableMasses", "class_masses"]

#: A table is used for at most this many tokens for each entry of the target's period.
_TOKENS_PER_RESIDUE = 32
#: Logarithm of the largest token that is told from infinity.
_LOG_LARGEST = 600.0
#: Critical weights (draws × residues) that are handled at a time.
_BLOCK = 2**18


class Masses(Protocol):
    """What the law needs of a memory's weights q."""

    n_stored: float
    norms: NDArray[np.float64]
    unstored: NDArray[np.float64]

    def selected(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mass of the stored tokens with q < low or q > high, shape (draws, M) as both."""


def class_masses(task: ZipfTask, scheme: Scheme | ArrayLike, dim: int) -> Masses:
    """The masses of a scheme at dimension d, or of an array of weights."""
    if not isinstance(scheme, Scheme):
        return TableMasses(task, scheme)
    if task.n_tokens <= _TOKENS_PER_RESIDUE * len(task.period):
        return TableMasses(task, scheme.weights(task.probabilities, dim))
    return PowerMasses(task, scheme.rho, scheme.stored_at(dim) or math.inf)


class TableMasses:
    """The masses for any weights of finitely many tokens, by cumulative sums in order of weight.

    Args:
        task: the task; N must be finite.
        weights: q ≥ 0, shape (N,), not all 0.

    Raises:
        ValueError: for weights of another shape, negative, not finite, or all 0.
    """

    def __init__(self, task: ZipfTask, weights: ArrayLike) -> None:
        tokens = task.tokens
        check_memory(100 * len(tokens), "n_tokens", len(tokens))
        q = np.asarray(weights, dtype=np.float64)
        if q.shape != tokens.shape:
            raise refuse("weights", f"array of shape {q.shape}", f"(N,) = {tokens.shape}")
        valid = np.isfinite(q) & (q >= 0)
        if not valid.all():
            raise refuse("weights", q[~valid][0], "finite and ≥ 0")
        if not q.any():
            raise refuse("weights", "all 0", "at least one > 0")
        q = q / q.max()
        labels, p = task.labels(tokens), task.probabilities
        self.n_stored: float = int(np.count_nonzero(q))
        size = task.n_outputs
        self.norms = np.sqrt(np.bincount(labels, weights=q**2, minlength=size))
        self.unstored = np.bincount(labels, weights=p * (q == 0), minlength=size).astype(float)
        order = np.lexsort((q, labels))
        order = order[q[order] > 0]
        bounds = np.searchsorted(labels[order], np.arange(size + 1))
        self._tables = []
        for y in range(size):
            members = order[bounds[y] : bounds[y + 1]]
            self._tables.append((q[members], np.concatenate([[0.0], np.cumsum(p[members])])))

    def selected(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mass of the stored tokens with q < low or q > high, shape (draws, M) as both."""
        masses = np.empty(low.shape)
        for y, (q, cumulative) in enumerate(self._tables):
            below = cumulative[np.searchsorted(q, low[:, y])]
            not_above = cumulative[np.searchsorted(q, high[:, y], side="right")]
            masses[:, y] = below + cumulative[-1] - not_above
        return masses


class PowerMasses:
    r"""The masses for :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}`, in constant time in N and P.

    Args:
        task: the task; N may be infinite.
        rho: ρ ≥ 0; > 1/(2α) where infinitely many tokens are stored.
        n_stored: P, or ``math.inf``; cut at N.

    Raises:
        ValueError: where the weights of infinitely many tokens are not square summable.
    """

    def __init__(self, task: ZipfTask, rho: float, n_stored: float) -> None:
        self.n_stored = min(n_stored, task.n_tokens)
        if math.isinf(self.n_stored):
            Real(above=1 / (2 * task.alpha)).check("rho", rho)
        self._task, self._exponent = task, rho * task.alpha
        self.norms = np.sqrt(task.class_sums(2 * self._exponent, self.n_stored))
        self._stored = task.normalizer * task.class_sums(task.alpha, self.n_stored)
        residues = np.arange(len(task.period))
        self._first = np.where(residues == 0, len(residues), residues).astype(np.float64)
        beyond = self._next(np.asarray(self.n_stored)) if math.isfinite(self.n_stored) else None
        self.unstored = self._by_class(
            np.zeros(len(residues)) if beyond is None else self._sum(beyond, task.n_tokens)
        )

    def selected(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mass of the stored tokens with q < low or q > high, shape (draws, M) as both."""
        if self._exponent == 0:
            return self._stored * ((low > 1) | (high < 1))
        rows = max(1, _BLOCK // len(self._first))
        starts = range(0, len(low), rows)
        return np.concatenate([self._few(low[i : i + rows], high[i : i + rows]) for i in starts])

    def _few(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for few enough draws, residue by residue of the target."""
        period = self._task.period
        masses = np.zeros((len(low), len(period)))
        first = self._next(self._token(low)[:, period])
        some = first <= self.n_stored
        masses[some] = self._sum(first[some], self.n_stored)
        if np.isfinite(high).any():
            last = np.minimum(np.ceil(self._token(high)) - 1, self.n_stored)[:, period]
            first = np.broadcast_to(self._first, last.shape)
            some = first <= last
            masses[some] += self._sum(first[some], last[some])
        return self._by_class(masses)

    def _token(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The (real) x with x^(−ρα) = weight, cut at a very large one."""
        with np.errstate(divide="ignore"):
            log_token = -np.log(weight) / self._exponent
        token: NDArray[np.float64] = np.exp(np.minimum(log_token, _LOG_LARGEST))
        return token

    def _next(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The first token beyond x of each residue, which are the last axis."""
        step = len(self._first)
        count = np.maximum(np.floor((x - self._first) / step) + 1, 0)
        following: NDArray[np.float64] = self._first + step * count
        return following

    def _sum(self, first: NDArray[np.float64], last: ArrayLike) -> NDArray[np.float64]:
        task = self._task
        return task.normalizer * power_sum(task.alpha, first, last, step=len(self._first))

    def _by_class(self, masses: NDArray[np.float64]) -> NDArray[np.float64]:
        period, size = self._task.period, self._task.n_outputs
        if np.array_equal(period, np.arange(size)):
            return masses
        summed: NDArray[np.float64] = masses @ np.eye(size)[period]
        return summed
