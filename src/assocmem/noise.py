"""Draws of the noise that the exact law of the error averages over.

All dimensions and weights share the same numbers: quantiles where their law depends on d. `Noise`
has them, `unit_factor` turns them into outputs of dimension d, and `block_error` into errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from assocmem.critical import Masses

__all__ = ["Noise", "block_error", "blocks", "chi", "unit_factor"]

#: Bytes that the arrays of one block of draws may take: no more than the processor's cache holds.
_BLOCK_BYTES = 2**20
#: Shifted draws push the noise between two outputs up to this many standard deviations.
_LARGEST_SHIFT = 10.0

Array = NDArray[np.float64]


def chi(degrees: NDArray[np.floating] | float, quantiles: Array) -> Array:
    """Quantiles of the norm of a Gaussian vector with so many coordinates; broadcast shape."""
    norms: Array = np.sqrt(2 * gammaincinv(np.asarray(degrees) / 2, quantiles))
    return norms


@dataclass(frozen=True)
class Noise:
    """Random numbers shared by all dimensions and weights; n draws, M outputs."""

    normals: Array  # below the diagonal of Bartlett's factor, (n, M, M)
    quantiles: Array  # of its diagonal, (n, M)
    radius: Array  # quantile of |e|², (n,)
    xi: Array  # (n, M)
    rival: NDArray[np.intp]  # the output z ≠ y that draw i pushes against y, (n, M)
    shift: Array  # where to, (n, M); NaN leaves the draw as it is


def blocks(
    n_outputs: int, draws: int, rng: np.random.Generator, batches: int = 1
) -> Iterator[Noise]:
    """The noise of batches of an even number of draws, in blocks of bounded size.

    A block has several batches, one after another, or else a part of one. Blocks depend on the
    arguments alone, and no number of one batch has any influence on another.
    """
    size = max(2, _BLOCK_BYTES // (80 * n_outputs**2) // 2 * 2)
    together = max(1, size // draws)
    classes = np.arange(n_outputs)
    for batch in range(0, batches, together):
        for start in range(0, draws, size):
            count, rows = min(together, batches - batch), min(size, draws - start)
            n, half = count * rows, rows // 2
            # Every second draw is shifted; where to is stratified over classes and over the draws
            # of each batch alone, so that batches stay independent.
            position = ((np.arange(half) + rng.random((count, half))) / half).reshape(-1, 1)
            shift = np.full((n, n_outputs), np.nan)
            shift[::2] = _LARGEST_SHIFT * ((position + classes / n_outputs) % 1)
            others = rng.integers(1, n_outputs, (n, n_outputs))
            yield Noise(
                normals=rng.standard_normal((n, n_outputs, n_outputs)),
                quantiles=rng.random((n, n_outputs)),
                radius=rng.random(n),
                xi=rng.standard_normal((n, n_outputs)),
                rival=(classes + others) % n_outputs,
                shift=shift,
            )


def unit_factor(noise: Noise, dim: int) -> Array:
    """Rows with the inner products of M uniform unit vectors of R^d, shape (n, M, min(M, d))."""
    width = min(noise.normals.shape[-1], dim)
    diagonal = np.arange(width)
    factor = np.tril(noise.normals[:, :, :width])
    factor[:, diagonal, diagonal] = chi(dim - diagonal, noise.quantiles[:, :width])
    if dim == 1:
        return np.sign(factor)
    unit: Array = factor / np.linalg.norm(factor, axis=2, keepdims=True)
    return unit


def block_error(noise: Noise, factor: Array, gram: Array, radius: Array, masses: Masses) -> Array:
    """The error of every draw, shape (n,)."""
    n, size = noise.xi.shape
    draw, y = np.arange(n)[:, None], np.arange(size)
    norms = masses.norms
    some = np.where(norms > 0, norms, 1)  # a class without stored tokens has no critical weight
    # h_z = Σ_w G_zw √Q_w ξ_w, and its covariance; by the factor, so that d = 1 has exact ties
    scaled = factor * norms[:, None]
    h = (factor @ (scaled.transpose(0, 2, 1) @ noise.xi[:, :, None]))[:, :, 0]
    # A token that is not stored errs unless h_y is the largest.
    error: Array = masses.unstored.sum() - masses.unstored[h.argmax(axis=1)]

    covariance = factor @ (scaled.transpose(0, 2, 1) @ scaled) @ factor.transpose(0, 2, 1)
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    both = variance[:, :, None] + variance[:, None, :]
    spread2 = both - 2 * covariance  # of h_z − h_y, (n, y, z)
    apart = spread2 > 1e-12 * both
    inverse = np.where(apart, 1 / np.sqrt(np.where(apart, spread2, 1)), 0)
    # Push h_z − h_y to the wanted number of standard deviations, for one rival z of each y.
    z = noise.rival
    per_spread = inverse[draw, y, z]
    now = (h[draw, z] - h) * per_spread
    push = np.where(np.isnan(noise.shift) | (per_spread == 0), 0, noise.shift - now)
    step = (push * per_spread)[:, :, None]
    gaps = h[:, None, :] - h[:, :, None]
    gaps += step * (
        covariance[draw, z] - covariance[draw, y] - (covariance[draw, z, y] - variance)[:, :, None]
    )
    xi = noise.xi + step[:, :, 0] * norms * (gram[draw, z, y] - 1)
    weight = _weights(gaps * inverse, apart)

    distance = 1 - gram
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = gaps / distance
    # Equal outputs (d = 1 only): the first of them is recalled.
    same = (distance <= 0) | np.eye(size, dtype=bool)
    ratios[same] = -np.inf
    first = np.tril(np.ones((size, size), dtype=bool), -1)
    ratios[same & first] = np.inf
    lead = ratios.max(axis=2) / some
    low, high = _critical(xi, lead, radius[:, None])
    stored = masses.selected(low * some, high * some)
    error += (weight * stored).sum(axis=1)
    return error


def _weights(standard: Array, apart: NDArray[np.bool_]) -> Array:
    """Density of the draws over that of the proposal: half as it is, half with one gap pushed.

    Args:
        standard: the gaps h_z − h_y in standard deviations, shape (n, y, z).
        apart: where a gap varies at all.
    """
    size = standard.shape[-1]
    inside = (standard > 0) & (standard < _LARGEST_SHIFT)
    clipped = np.where(inside, standard, 0)
    pushed = np.where(inside, math.sqrt(2 * math.pi) / _LARGEST_SHIFT * np.exp(clipped**2 / 2), 0)
    ratio = np.where(apart, pushed, 1)
    own = np.arange(size)
    ratio[:, own, own] = 0
    weights: Array = 1 / (0.5 + 0.5 * ratio.sum(axis=2) / (size - 1))
    return weights


def _critical(xi: Array, lead: Array, radius: Array) -> tuple[Array, Array]:
    """The sines of θ below and above which r sin θ + ξ cos θ < ξ + lead; inf for none or all."""
    amplitude = np.hypot(radius, xi)
    phase = np.arctan2(xi, radius)
    level = (xi + lead) / amplitude
    arc = np.arcsin(np.clip(level, -1, 1))
    below, above = arc - phase, np.pi - arc - phase
    low = np.where(below >= np.pi / 2, np.inf, np.sin(np.clip(below, 0, np.pi / 2)))
    high = np.where(above >= np.pi / 2, np.inf, np.sin(np.clip(above, 0, np.pi / 2)))
    always, never = level >= 1, level <= -1
    low = np.where(always, np.inf, np.where(never, 0, low))
    high = np.where(always | never, np.inf, high)
    return low, high
