"""Means of the exact law's error over batches of draws, for many settings at once."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem.arrays import Array, Rows
from assocmem.exact.counts import draw_counts
from assocmem.exact.masses import Masses, class_masses
from assocmem.exact.noise import Noise, blocks
from assocmem.exact.rivals import Drawn, rare_errors, usual_errors
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask

#: Independent groups of draws behind each standard error.
BATCHES = 16
#: One draw in so many is asked for rare errors too.
_RARE = 12
#: So many draws of a batch have the same data set.
_SHARE = 4
#: Numbers in an array that is worked on at a time: few enough for the cache.
_CACHED = 2**16
#: Counts of tokens that are held at a time.
_COUNTS = 2**19


def batch_means(
    task: ZipfTask,
    schemes: Sequence[Scheme | ArrayLike],
    dims: Sequence[int],
    sizes: Sequence[int] | None,
    draws: int,
    rng: np.random.Generator,
    *,
    stored_only: bool = False,
) -> Array:
    """The mean error over the draws of each batch, shape (BATCHES, schemes, sizes, dims).

    Args:
        task: the task.
        schemes: schemes, or arrays of weights where ``sizes`` is None.
        dims: dimensions d.
        sizes: increasing numbers T of samples; None for T = ∞.
        draws: number of draws in all batches, rounded up to full ones.
        rng: source of randomness; the noise and the data get a child of it each.
        stored_only: count the errors of stored tokens only; for T = ∞.
    """
    noise_rng, data_rng = rng.spawn(2)
    source: _Source = (
        _Law(task, schemes, dims, stored_only)
        if sizes is None
        else _Data(task, cast(Sequence[Scheme], schemes), dims, sizes, data_rng)
    )
    n_sizes, per_batch, done = len(sizes or [0]), math.ceil(draws / BATCHES), 0
    totals = np.zeros((BATCHES, len(schemes), n_sizes, len(dims)))
    for noise in blocks(task.n_outputs, per_batch, noise_rng, BATCHES):
        space = _Space(noise, np.asarray(dims))
        batch, position = np.divmod(np.arange(done, done + len(noise)), per_batch)
        # every so many draws of a batch count for all of it
        share = per_batch / math.ceil(per_batch / _RARE) * (position % _RARE == 0)
        at_once = _CACHED // (task.n_outputs * n_sizes * len(dims))
        for part in _parts(np.arange(len(noise)), source.at_once):
            pieces, correction = source.draw(batch[part] * per_batch + position[part] // _SHARE)
            errors = np.zeros((len(part), *totals.shape[1:]))
            for piece in pieces:
                for some in _parts(np.arange(len(part)), at_once):
                    piece.add_usual(errors, some, space.at(part[some, None, None], piece.dims))
                piece.add_rare(errors, space, part, share[part])
            found, first = np.unique(batch[part], return_index=True)
            totals[found] += np.add.reduceat(errors - correction, first)
        done += len(noise)
    return totals / per_batch


def _parts(positions: Rows, size: int) -> Iterator[Rows]:
    """The positions, so many at a time, and one at least."""
    size = max(1, size)
    return (positions[start : start + size] for start in range(0, len(positions), size))


class _Space:
    """Outputs and tokens of all dimensions for a block of draws."""

    def __init__(self, noise: Noise, dims: NDArray[np.integer]) -> None:
        self._noise, self.dims = noise, dims
        gram, self._radius = noise.outputs(dims), noise.norms(dims)
        distance = 1 - gram
        same = (distance <= 0) | np.eye(len(distance), dtype=bool)[..., None, None]
        inverse = np.where(same, 0, 1 / np.where(same, 1, distance))
        self._gram, self._inverse = (x.reshape(*x.shape[:2], -1) for x in (gram, inverse))

    def at(self, draws: Rows, dims: Rows) -> Drawn:
        """What was drawn for settings of these draws and (positions of) dimensions."""
        both = draws * len(self.dims) + dims
        return Drawn(
            gram=self._gram.take(both, axis=2),
            inverse=self._inverse.take(both, axis=2),
            dim=self.dims.take(dims),
            radius=self._radius.take(both),
            own=self._noise.own.take(draws, axis=1),
            rival=self._noise.rival.take(draws, axis=1),
        )


@dataclass(frozen=True)
class _Piece:
    """The weights of some schemes at the same dimensions."""

    dims: Rows
    schemes: list[tuple[int, Masses, Rows]]  # with rows of weights for each draw, T and d

    def add_usual(self, errors: Array, some: Rows, drawn: Drawn) -> None:
        """Add usual errors of some draws to all errors, shape (n, schemes, sizes, D)."""
        for scheme, masses, every in self.schemes:
            rows = every if len(every) == 1 else every[some]
            rare = masses.may_be_rare(drawn.dim, rows)
            usual = usual_errors(drawn, masses.norms.take(rows, axis=1), rare)
            found = masses.unstored_error(usual, rows) + masses.stored_error(usual, rows)
            errors[some[0] : some[-1] + 1, scheme][..., self.dims] += found

    def add_rare(self, errors: Array, space: _Space, part: Rows, share: Array) -> None:
        """Add rare errors of the draws of a part, each as often as its share says, shape (n,)."""
        asked, dims = np.flatnonzero(share), space.dims[self.dims]
        for scheme, masses, every in self.schemes:
            shape = (len(part), errors.shape[2], len(dims))
            rows = np.broadcast_to(every, shape)[asked]
            rare = np.argwhere(masses.may_be_rare(dims, rows))
            for draw, size, dim in (x.T for x in _parts(rare, _CACHED // len(masses.norms) ** 2)):
                own, drawn = rows[draw, size, dim], space.at(part[asked[draw]], self.dims[dim])
                found = rare_errors(drawn, masses.norms.take(own, axis=1))
                weighted = share[asked[draw]] * masses.stored_error(found, own)
                errors[asked[draw], scheme, size, self.dims[dim]] += weighted


class _Source(Protocol):
    """Where the weights come from."""

    at_once: int

    def draw(self, sets: Rows) -> tuple[list[_Piece], Array | float]:
        """The weights of the next draws, and what to subtract from the errors.

        Args:
            sets: the number of the data set of each draw, shape (n,), in increasing order.
        """


class _Law:
    """Weights of the law p, T = ∞: the same in every draw."""

    at_once = 2**62

    def __init__(
        self,
        task: ZipfTask,
        schemes: Sequence[Scheme | ArrayLike],
        dims: Sequence[int],
        stored_only: bool,
    ) -> None:
        every = np.arange(len(dims))
        self._pieces = [_Piece(every, [])]
        for position, scheme in enumerate(schemes):
            if isinstance(scheme, Scheme) and scheme.rho > 0 and callable(scheme.n_stored):
                stored = np.array([scheme.stored_at(dim) for dim in dims])
                for one in np.unique(stored):
                    some = every[stored == one]
                    masses, rows = class_masses(task, scheme, [dims[i] for i in some])
                    self._pieces.append(_Piece(some, [(position, masses, rows[None, None])]))
            else:
                masses, rows = class_masses(task, scheme, dims)
                self._pieces[0].schemes.append((position, masses, rows[None, None]))
        for piece in self._pieces if stored_only else []:
            for _, masses, _ in piece.schemes:
                masses.unstored = np.zeros_like(masses.unstored)

    def draw(self, sets: Rows) -> tuple[list[_Piece], Array | float]:
        """The weights of the next draws; they need no correction."""
        return self._pieces, 0.0


class _Data:
    """Weights estimated from data sets, each of which grows through the sizes T."""

    def __init__(
        self,
        task: ZipfTask,
        schemes: Sequence[Scheme],
        dims: Sequence[int],
        sizes: Sequence[int],
        rng: np.random.Generator,
    ) -> None:
        self._task, self._schemes, self._dims = task, schemes, dims
        self._sizes, self._rng = sizes, rng
        self.at_once = _COUNTS // (len(sizes) * int(task.n_tokens))
        # The mass of unseen tokens is a control variate: they err with a probability of about 1 −
        # 1/M. Its factor is 0 where a threshold cuts off more than what is not seen.
        unseen = np.exp(np.asarray(sizes)[:, None] * np.log1p(-task.probabilities))
        self._mass = (unseen @ task.probabilities)[:, None]
        n_seen = task.n_tokens - unseen.sum(axis=1)[:, None]
        stored = [[s.stored_at(d) or task.n_tokens for d in dims] for s in schemes]
        self._factor = (1 - 1 / task.n_outputs) * (np.array(stored)[:, None] >= n_seen)

    def draw(self, sets: Rows) -> tuple[list[_Piece], Array | float]:
        """The weights of the next draws, and what their unseen tokens cost beyond the mean."""
        distinct, own = np.unique(sets, return_inverse=True)
        counts = draw_counts(self._task, self._sizes, len(distinct), self._rng)
        masses = [counts.masses(scheme, self._dims) for scheme in self._schemes]
        every = np.arange(len(self._dims))
        piece = _Piece(every, [(i, found, rows[own]) for i, (found, rows) in enumerate(masses)])
        excess = counts.unseen()[own, None, :, None] - self._mass
        return [piece], self._factor * excess
