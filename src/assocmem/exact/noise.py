"""Draws of the noise that the exact law of the error averages over.

All dimensions and weights share the same numbers: quantiles where their law depends on d. `Noise`
has them, and `Noise.outputs` turns them into inner products of outputs of dimension d.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from assocmem.arrays import Array

#: The least quantile: it does not matter, but is not 0.
_LEAST = 2.0**-54
#: Bytes that the random numbers of one block of draws may take.
_BLOCK_BYTES = 2**20


def chi(degrees: NDArray[np.integer] | float, quantiles: Array) -> Array:
    """Quantiles of the norm of a Gaussian vector with so many coordinates; broadcast shape.

    It is 0 for a vector without coordinates.
    """
    some = np.asarray(degrees) > 0
    squares = 2 * gammaincinv(np.where(some, degrees, 1) / 2, quantiles)
    return np.where(some, np.sqrt(squares), 0)


@dataclass(frozen=True)
class Noise:
    """Random numbers shared by all dimensions and weights; M outputs, n draws."""

    below: Array  # normals below the diagonal of Bartlett's factor, row by row, (M(M−1)/2, n)
    quantiles: Array  # of its diagonal, but for the first, (M − 1, n)
    radius: Array  # quantile of |e|², (n,)
    own: Array  # normals ξ, (M, n)
    rival: NDArray[np.intp]  # an output z ≠ y for each y, evenly among all, (M, n)

    def __len__(self) -> int:
        return len(self.radius)

    def norms(self, dims: NDArray[np.integer]) -> Array:
        """The norms of the token's embedding, shape (n, D)."""
        return chi(dims, self.radius[:, None])

    def outputs(self, dims: NDArray[np.integer]) -> Array:
        """Inner products of M uniform unit vectors of each R^d, shape (M, M, n, D).

        Bartlett's factor L of a Gram matrix of Gaussian vectors is lower triangular, and has no
        more than d columns; its rows over their norms are the unit vectors.
        """
        size = len(self.own)
        factor = np.zeros((len(self), len(dims), size, size))
        factor[..., 0, 0] = 1
        row, column = np.tril_indices(size, -1)
        # a vector of R^d has no coordinates beyond d
        factor[..., row, column] = self.below.T[:, None] * (column < dims[:, None])
        order = np.arange(1, size)
        degrees = np.maximum(dims[:, None] - order, 0)
        factor[..., order, order] = chi(degrees, self.quantiles.T[:, None])
        factor /= np.linalg.norm(factor, axis=-1, keepdims=True)
        factor[:, dims == 1] = np.sign(factor[:, dims == 1])  # so that equal outputs tie exactly
        gram = factor @ factor.swapaxes(-1, -2)
        return np.ascontiguousarray(gram.transpose(2, 3, 0, 1))


def largest_block(n_outputs: int) -> int:
    """The most draws that a block of `blocks` has."""
    return max(1, _BLOCK_BYTES // (16 * _numbers(n_outputs)))


def _numbers(n_outputs: int) -> int:
    """How many random numbers a draw takes."""
    return n_outputs * (n_outputs - 1) // 2 + 2 * n_outputs + 2


def blocks(
    n_outputs: int, draws: int, rng: np.random.Generator, batches: int = 1
) -> Iterator[Noise]:
    """The noise of batches of draws, in blocks of bounded size.

    A block has several batches, one after another, or else a part of one. Within its batch, each
    of a draw's numbers has a stratum of its own (Latin hypercube sampling), which keeps every draw
    exactly distributed, and makes their mean vary less. Blocks depend on the arguments alone, and
    no number of one batch has any influence on another.
    """
    below = n_outputs * (n_outputs - 1) // 2
    numbers, size = _numbers(n_outputs), largest_block(n_outputs)
    together = max(1, size // draws)
    for batch in range(0, batches, together):
        for start in range(0, draws, size):
            count, rows = min(together, batches - batch), min(size, draws - start)
            strata = rng.random((count, numbers, rows)).argsort(axis=2)
            uniform = np.maximum((strata + rng.random(strata.shape)) / rows, _LEAST)
            uniform = uniform.swapaxes(0, 1).reshape(numbers, count * rows)
            first, last = np.split(uniform, [below + n_outputs - 1])
            own, spare = _largest_first(last[0], last[1], last[3:])
            away = 1 + (spare * (n_outputs - 1)).astype(int)
            yield Noise(
                below=ndtri(first[:below]),
                quantiles=first[below:],
                radius=last[2],
                own=ndtri(np.maximum(own, _LEAST)),
                rival=(np.arange(n_outputs)[:, None] + away) % n_outputs,
            )


def _largest_first(largest: Array, where: Array, others: Array) -> tuple[Array, Array]:
    """M independent uniform numbers, from the quantile of their largest, and its position.

    What errs depends most on the largest ξ, so it is what to stratify.

    Args:
        largest: uniform number, shape (n,).
        where: uniform number, shape (n,).
        others: uniform numbers, shape (M, n).

    Returns:
        The numbers, shape (M, n), and the one of ``others`` that was not needed, shape (n,).
    """
    top = largest ** (1 / len(others))
    numbers, column = others * top, np.arange(len(top))
    row = (where * len(others)).astype(int)
    numbers[row, column] = top
    return numbers, others[row, column]
