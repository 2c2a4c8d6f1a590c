"""The mass of the stored tokens that err, class by class.

`assocmem.exact.rivals` says with which chance a token of a given weight errs, or, for one lead of its
strongest rival, on which side of a critical weight. What is here sums p(x) over tokens: at once
where all weights are equal, in constant time for weights x^(−ρα), by search in sorted tables for
any others.

The weights of a call are R *rows* of numbers, and each setting has one of them. Settings may have
several axes: rows broadcast along them.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.arrays import Array, Rows
from assocmem.exact.rivals import Errors, Usual, standard_level
from assocmem.model.power_sums import power_sum
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask
from assocmem.parameters import Real, check_memory, refuse

#: A table is used for at most this many tokens for each entry of the target's period.
_TOKENS_PER_RESIDUE = 1024
#: Logarithm of the largest token that is told from infinity.
_LOG_LARGEST = 600.0
#: Critical weights (draws × residues) that are handled at a time.
_BLOCK = 2**18


class Masses(ABC):
    """What the law needs of the weights q of R memories."""

    norms: Array  #: √Q_y, shape (M, R)
    unstored: Array  #: mass of the tokens of weight 0, shape (M, R)
    largest: Array  #: the largest weight, over the largest √Q, shape (R,)

    def unstored_error(self, errors: Usual, rows: Rows) -> Array:
        """The part of the tokens that are not stored, shape (…) as the rows or the settings.

        Of all outputs exactly one is recalled for such a token. So the mean over classes of their
        mass has no part in chance.
        """
        unstored = self.unstored.take(rows, axis=1)
        mean = unstored.sum(axis=0) / len(unstored)
        error: Array = (len(unstored) - 1) * mean
        if (excess := unstored - mean).any():
            error = error + errors.unstored(excess).sum(axis=0)
        return error

    def stored_error(self, errors: Errors, rows: Rows) -> Array:
        """The part of the tokens that are stored, shape (…) of the settings."""
        norms = self.norms.take(rows, axis=1)
        norms = np.where(norms > 0, norms, 1)  # nothing is stored of that class
        low, high, weight = errors.critical()
        masses = self.selected(low * norms, high * norms, rows)
        return (masses * weight).sum(axis=0)

    def may_be_rare(self, dims: NDArray[np.integer], rows: Rows) -> NDArray[np.bool_]:
        r"""Whether errors may be so rare that those above the level are to be found apart.

        They are not where :math:`\sqrt d \sin ψ` is below the level even for the largest weight: with
        r about √d, a δ_y below the level is enough for any token to err. This depends on d and the
        weights, and on no noise, so the mean error is the same with or without the split.
        """
        sine = self.largest.take(rows)
        return np.sqrt(dims) * sine > standard_level(len(self.norms))

    @abstractmethod
    def selected(self, low: Array, high: Array, rows: Rows) -> Array:
        """Mass of the stored tokens with q < low or q > high, shape (M, …) as both."""


def class_masses(
    task: ZipfTask, scheme: Scheme | ArrayLike, dims: Sequence[int]
) -> tuple[Masses, Rows]:
    """The masses of a scheme of p, or of an array of weights; and the row of each d, or of all."""
    first = np.zeros(1, dtype=np.intp)
    if not isinstance(scheme, Scheme):
        table = TableMasses(task, np.asarray(scheme, dtype=np.float64)[None])
        return table.equal() or table, first
    stored = [min(scheme.stored_at(dim) or math.inf, task.n_tokens) for dim in dims]
    if scheme.rho == 0:
        if math.isinf(max(stored)):
            Real(above=1 / (2 * task.alpha)).check("rho", scheme.rho)
        distinct, rows = np.unique(stored, return_inverse=True)
        numbers = task.class_sums(0, distinct).T
        masses = task.normalizer * task.class_sums(task.alpha, distinct).T
        return EqualMasses(numbers, masses, task.class_tails(distinct[:, None]).T), rows
    if task.n_tokens <= _TOKENS_PER_RESIDUE * len(task.period):
        return TableMasses(task, scheme.weights(task.probabilities, dims[0])[None]), first
    return PowerMasses(task, scheme.rho, stored[0]), first


class EqualMasses(Masses):
    """The masses where all stored tokens of a memory have the same weight.

    Args:
        numbers: how many tokens of each output are stored, shape (M, R).
        stored: their masses, shape (M, R).
        unstored: those of all others, shape (M, R).
    """

    def __init__(self, numbers: Array, stored: Array, unstored: Array) -> None:
        self.norms, self.unstored = np.sqrt(numbers), unstored
        self._stored = stored
        self._sines = 1 / np.maximum(self.norms, 1)
        self.largest = self._sines.min(axis=0)

    def stored_error(self, errors: Errors, rows: Rows) -> Array:
        """Exact for each draw: there is but one weight to ask the chance of."""
        return (
            self._stored.take(rows, axis=1) * errors.chance(self._sines.take(rows, axis=1))
        ).sum(axis=0)

    def selected(self, low: Array, high: Array, rows: Rows) -> Array:
        """Mass of the stored tokens with 1 < low or 1 > high, shape (M, …) as both."""
        return self._stored.take(rows, axis=1) * ((low > 1) | (high < 1))


class TableMasses(Masses):
    """The masses for any weights of finitely many tokens, by cumulative sums in order of weight.

    Args:
        task: the task; N must be finite.
        weights: q ≥ 0, shape (R, N), no row all 0.

    Raises:
        ValueError: for weights of another shape, negative, not finite, or all 0.
    """

    def __init__(self, task: ZipfTask, weights: Array) -> None:
        tokens = task.tokens
        check_memory(70 * len(tokens), "n_tokens", len(tokens))
        q = np.asarray(weights, dtype=np.float64)
        if q.shape[1:] != tokens.shape:
            raise refuse("weights", f"array of shape {q.shape[1:]}", f"(N,) = {tokens.shape}")
        valid = np.isfinite(q) & (q >= 0)
        if not valid.all():
            raise refuse("weights", q[~valid][0], "finite and ≥ 0")
        if not q.any(axis=1).all():
            raise refuse("weights", "all 0", "at least one > 0")
        count, size = q.shape[1], task.n_outputs
        labels, p = task.labels(tokens), task.probabilities
        # tokens by class, and by weight within a class
        order = np.argsort(q, axis=1)
        narrow = labels.astype(np.min_scalar_type(size))
        order = np.take_along_axis(order, narrow[order].argsort(axis=1, kind="stable"), axis=1)
        ordered = np.take_along_axis(q, order, axis=1) / q.max(axis=1, keepdims=True)
        bounds = np.concatenate([[0], np.cumsum(np.bincount(labels, minlength=size))])
        first, self._sizes = bounds[:-1], np.diff(bounds)
        # sums that start anew with each class, so that small ones are as exact as any
        cumulative = np.zeros((len(q), count + size))
        squares, absent = np.zeros((2, len(q), size))
        for y, (start, end) in enumerate(zip(first, bounds[1:], strict=True)):
            own = ordered[:, start:end]
            np.cumsum(
                p[order[:, start:end]], axis=1, out=cumulative[:, start + y + 1 : end + y + 1]
            )
            squares[:, y], absent[:, y] = (own**2).sum(axis=1), (own == 0).sum(axis=1)
        self._start = np.arange(len(q)) * count + first[:, None]
        self._ordered = ordered.ravel()
        self.norms = np.sqrt(squares).T
        self.largest = 1 / self.norms.max(axis=0)
        self._row = np.arange(len(q)) * (count + size) + (first + np.arange(size))[:, None]
        self._cumulative = cumulative.ravel()
        self._total = self._cumulative[self._row + self._sizes[:, None]]
        self.unstored = self._cumulative[self._row + absent.astype(np.intp).T]

    def selected(self, low: Array, high: Array, rows: Rows) -> Array:
        """Mass of the stored tokens with q < low or q > high, shape (M, …) as both."""
        y = np.broadcast_to(np.arange(len(low)).reshape(-1, *[1] * (low.ndim - 1)), low.shape)
        row = np.broadcast_to(rows, low.shape)
        masses = np.maximum(self._below(low, y, row) - self.unstored.take(rows, axis=1), 0)
        some = high < 1
        if some.any():
            y, row = y[some], row[some]
            after = np.nextafter(high[some], np.inf)  # q ≤ high
            masses[some] += self._total[y, row] - self._below(after, y, row)
        return masses

    def _below(self, weight: Array, y: Rows, row: Rows) -> Array:
        """Mass of the tokens of class y with q < weight in a row, elementwise, by bisection."""
        start, size = self._start[y, row], self._sizes[y]
        position = np.zeros(weight.shape, dtype=np.intp)
        step = 1 << int(self._sizes.max()).bit_length()
        while step := step >> 1:
            trial = position + step
            inside = self._ordered.take(start + np.minimum(trial, size) - 1, mode="wrap") < weight
            position = np.where(inside & (trial <= size), trial, position)
        return self._cumulative.take(self._row[y, row] + position)

    def equal(self) -> EqualMasses | None:
        """The same where all stored tokens of each row have the same weight, else None."""
        if not np.isin(self._ordered, (0, 1)).all():
            return None
        return EqualMasses(self.norms**2, self._total - self.unstored, self.unstored)


class PowerMasses(Masses):
    r"""The masses for :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}`, in constant time in N and P.

    Args:
        task: the task; N may be infinite.
        rho: ρ > 0; > 1/(2α) where infinitely many tokens are stored.
        n_stored: P, or ``math.inf``; cut at N.

    Raises:
        ValueError: where the weights of infinitely many tokens are not square summable.
    """

    def __init__(self, task: ZipfTask, rho: float, n_stored: float) -> None:
        self._last = min(n_stored, task.n_tokens)
        if math.isinf(self._last):
            Real(above=1 / (2 * task.alpha)).check("rho", rho)
        self._task, self._exponent = task, rho * task.alpha
        self.norms = np.sqrt(task.class_sums(2 * self._exponent, self._last))[:, None]
        self.largest = 1 / self.norms.max(axis=0)
        residues = np.arange(len(task.period))
        self._first = np.where(residues == 0, len(residues), residues).astype(np.float64)
        self.unstored = np.zeros((task.n_outputs, 1))
        if math.isfinite(self._last):
            beyond = self._next(np.asarray(self._last))
            self.unstored = self._by_class(self._sum(beyond, task.n_tokens))[:, None]

    def selected(self, low: Array, high: Array, rows: Rows) -> Array:
        """Mass of the stored tokens with q < low or q > high, shape (M, …) as both."""
        step, size = max(1, _BLOCK // len(self._first)), len(low)
        flat = low.reshape(size, -1).T, high.reshape(size, -1).T
        starts = range(0, len(flat[0]), step)
        few = [self._few(*(side[i : i + step] for side in flat)) for i in starts]
        return np.concatenate(few).T.reshape(low.shape)

    def _few(self, low: Array, high: Array) -> Array:
        """The same for few enough draws, shape (draws, M), residue by residue of the target."""
        period = self._task.period
        masses = np.zeros((len(low), len(period)))
        first = self._next(self._token(low)[:, period])
        some = (first <= self._last) & (low > 0)[:, period]
        masses[some] = self._sum(first[some], self._last)
        if np.isfinite(high).any():
            last = np.minimum(np.ceil(self._token(high)) - 1, self._last)[:, period]
            first = np.broadcast_to(self._first, last.shape)
            some = first <= last
            masses[some] += self._sum(first[some], last[some])
        return self._by_class(masses)

    def _token(self, weight: Array) -> Array:
        """The (real) x with x^(−ρα) = weight, cut at a very large one."""
        with np.errstate(divide="ignore"):
            log_token = -np.log(weight) / self._exponent
        return np.exp(np.minimum(log_token, _LOG_LARGEST))

    def _next(self, x: Array) -> Array:
        """The first token beyond x of each residue, which are the last axis."""
        step = len(self._first)
        count = np.maximum(np.floor((x - self._first) / step) + 1, 0)
        return self._first + step * count

    def _sum(self, first: Array, last: ArrayLike) -> Array:
        task = self._task
        return task.normalizer * power_sum(task.alpha, first, last, step=len(self._first))

    def _by_class(self, masses: Array) -> Array:
        period, size = self._task.period, self._task.n_outputs
        if np.array_equal(period, np.arange(size)):
            return masses
        return masses @ np.eye(size)[period]
