"""Weights estimated from data: what the exact law needs of them, data set by data set."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array, Rows
from assocmem.exact.masses import EqualMasses, Masses, TableMasses
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask


@dataclass(frozen=True)
class Counts:
    """How often each token occurs in n data sets, which grow through the sizes T."""

    task: ZipfTask
    numbers: NDArray[np.int64]  # (n, T, N)
    ties: Array  # the order of equal counts, from 0 to 1, (n, N)

    def unseen(self) -> Array:
        """The mass of the tokens that do not occur, shape (n, T)."""
        return (self.numbers == 0) @ self.task.probabilities

    def masses(self, scheme: Scheme, dims: Sequence[int]) -> tuple[Masses, Rows]:
        """The masses of a scheme's weights, and the row of each data set, T and d (or all d)."""
        stored = [scheme.stored_at(dim) or int(self.task.n_tokens) for dim in dims]
        distinct, columns = np.unique(np.minimum(stored, self.task.n_tokens), return_inverse=True)
        sets = self.numbers.shape[:2]
        if scheme.rho == 0:
            masses: Masses = self._equal(distinct)
        elif scheme.n_stored is None and self.numbers.max(axis=2).sum() < self.numbers.size:
            masses = CountMasses(
                self.task, self.numbers.reshape(-1, self.numbers.shape[2]), scheme.rho
            )
        else:
            first = [dims[column] for column in np.unique(columns, return_index=True)[1]]
            weights = [scheme.weights(self.numbers, dim, self.ties[:, None]) for dim in first]
            stacked = np.stack(weights, axis=2).reshape(-1, self.numbers.shape[2])
            masses = TableMasses(self.task, stacked)
        rows = np.arange(sets[0] * sets[1] * len(distinct)).reshape(*sets, -1)
        return masses, rows if len(distinct) == 1 else rows[..., columns]

    def _equal(self, stored: NDArray[np.int64]) -> EqualMasses:
        """The masses of weights 1 on the P most frequent tokens that occur, for each P."""
        p, labels = self.task.probabilities, self.task.labels(self.task.tokens)
        classes = np.arange(self.task.n_outputs)[:, None]
        if stored[0] == len(p):
            seen = self.numbers > 0
            unstored = np.moveaxis(~seen @ ((labels == classes) * p).T, -1, 0)[..., None]
            found = np.stack(
                [seen @ x.T for x in ((labels == classes) * 1.0, (labels == classes) * p)]
            )
            found = np.moveaxis(found, -1, 1)[..., None]
        else:
            keys = self.ties[:, None] - self.numbers
            top = np.argsort(keys, axis=2)[..., : stored[-1]]
            kept = np.take_along_axis(self.numbers, top, axis=2) > 0
            members = (labels[top] == classes[..., None, None]) & kept
            masses = members * p[top]
            found = np.stack([np.cumsum(members, axis=3), np.cumsum(masses, axis=3)])
            found = found[..., stored - 1]
            # what is not stored is summed by itself, as it may be little: from the last token on
            rest = np.ones(self.numbers.shape, dtype=bool)
            np.put_along_axis(rest, top, ~kept, axis=2)
            rest = np.moveaxis(rest @ ((labels == classes) * p).T, -1, 0)
            last = np.concatenate([masses, rest[..., None]], axis=3)
            unstored = np.cumsum(last[..., ::-1], axis=3)[..., ::-1][..., stored]
        return EqualMasses(*(x.reshape(len(classes), -1) for x in (*found, unstored)))


class CountMasses(Masses):
    """The masses for weights counts^ρ of all tokens, in tables by count: for small counts.

    Args:
        task: the task; N must be finite.
        numbers: how often each token occurs, shape (R, N).
        rho: ρ > 0.
    """

    def __init__(self, task: ZipfTask, numbers: NDArray[np.int64], rho: float) -> None:
        labels, size = task.labels(task.tokens), task.n_outputs
        square, self._most = np.zeros((2, size, len(numbers)))
        for y in range(size):
            own = numbers[:, labels == y]
            square[y], self._most[y] = (own ** (2 * rho)).sum(axis=1), own.max(axis=1, initial=0)
        width = self._most.astype(np.intp) + 1
        end = np.cumsum(width)
        self._first = end.reshape(width.shape) - width  # of count 0, (M, R)
        entry = self._first.T[:, labels] + numbers
        mass = np.bincount(
            entry.ravel(), np.broadcast_to(task.probabilities, entry.shape).ravel(), end[-1]
        )
        self.norms, self.unstored = np.sqrt(square), mass[self._first]
        self.largest = self._most.max(axis=0) ** rho / self.norms.max(axis=0)
        # sums from the first count of each output and row on, which lose nothing to those before
        running = np.cumsum(mass, dtype=np.longdouble)
        before = (running - mass)[self._first.ravel()]
        self._cumulative = (running - np.repeat(before, width.ravel())).astype(np.float64)
        self._power = 1 / rho

    def selected(self, low: Array, high: Array, rows: Rows) -> Array:
        """Mass of the stored tokens with q < low or q > high, shape (M, …) as both."""
        first, most = self._first.take(rows, axis=1), self._most.take(rows, axis=1)
        count = np.ceil(low**self._power)  # the least that is not below
        np.minimum(np.maximum(count, 1, out=count), most + 1, out=count)
        entry = count.astype(np.intp)
        entry += first - 1
        mass: Array = self._cumulative.take(entry)
        mass -= self._cumulative.take(first)
        if (above := np.isfinite(high)).any():
            first, most = (np.broadcast_to(x, low.shape)[above] for x in (first, most))
            last = np.minimum(high[above] ** self._power, most)
            beyond = self._cumulative.take(first + last.astype(np.intp))
            mass[above] += self._cumulative.take(first + most.astype(np.intp)) - beyond
        return mass


def draw_counts(task: ZipfTask, sizes: Sequence[int], n: int, rng: np.random.Generator) -> Counts:
    """Independent data sets, each of which grows from the smallest size T to the largest.

    Args:
        task: the task; N must be finite.
        sizes: increasing numbers T of samples.
        n: number of data sets.
        rng: source of randomness.
    """
    steps = np.diff([0, *sizes])
    growth = [rng.multinomial(step, task.probabilities, size=n) for step in steps]
    numbers = np.cumsum(np.stack(growth, axis=1), axis=1)
    return Counts(task, numbers, rng.random((n, int(task.n_tokens))))
