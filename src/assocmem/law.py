r"""The exact law of the error with random embeddings: expectations without tokens or dimensions.

With :math:`e_x \sim \mathcal N(0, I_d)`, the other tokens enter the score of token x only through
one Gaussian sum for each output, so the expected error needs draws of M numbers, never of N or d.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from assocmem.critical import Masses, class_masses
from assocmem.parameters import Each, Integer, check_memory, refuse
from assocmem.schemes import Scheme
from assocmem.task import ZipfTask

__all__ = ["expected_errors"]

#: Bytes that the arrays of one block of draws may take.
_BLOCK_BYTES = 2**23
#: Independent blocks behind each standard error.
BATCHES = 32
#: Shifted draws push the noise between two outputs up to this many standard deviations.
_LARGEST_SHIFT = 10.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Noise:
    """Random numbers shared by all dimensions and weights; n draws, M outputs."""

    normals: Array  # below the diagonal of Bartlett's factor, (n, M, M)
    quantiles: Array  # of its diagonal, (n, M)
    radius: Array  # quantile of |e|², (n,)
    xi: Array  # (n, M)
    rival: NDArray[np.intp]  # the output z ≠ y that draw i pushes against y, (n, M)
    shift: Array  # where to, (n, M); NaN leaves the draw as it is


def expected_errors(
    task: ZipfTask,
    schemes: Mapping[str, Scheme | ArrayLike],
    dims: Sequence[int],
    *,
    rng: np.random.Generator,
    draws: int = 4096,
) -> pd.DataFrame:
    r"""Expected error of memories with random embeddings, without simulating any memory.

    Let :math:`e_x \sim \mathcal N(0, I_d)` and U be independent of them, G its Gram matrix. The
    scores of a token of class y and weight q are jointly distributed as

    .. math:: s_z = q r^2 G_{zy} + r \sum_w G_{zw} σ_w ξ_w, \qquad r^2 \sim χ^2_d, \quad ξ \sim
        \mathcal N(0, I_M), \quad σ_w^2 = Q_w - q^2 \mathbf 1\{w = y\}.

    With :math:`q = \sqrt{Q_y} \sin θ`, the token errs if and only if :math:`r \sin θ + ξ_y \cos θ <
    ρ_y`, where :math:`ρ_y = ξ_y + \max_{z \ne y} (h_z - h_y) / ((1 - G_{zy}) \sqrt{Q_y})` and
    :math:`h_z = \sum_w G_{zw} \sqrt{Q_w} ξ_w`: below one *critical weight*, or above another. The
    error of a draw is the Zipf mass of these tokens. Half of the draws push the noise between two
    outputs towards large values and are weighted accordingly, so that rare errors are seen too.

    The mean over draws is the expected error over embeddings. The spread over draws is *not* the
    spread over embeddings: for that, use `simulate_errors`. All settings share their random
    numbers, so a curve over d, P, ρ or N is smooth, and the same seed gives the same numbers in
    another call with as many outputs and draws.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        schemes: the weights to compare, by the name they get in the table: schemes of the law p, or
            arrays q ≥ 0 of shape (N,), for instance estimated ones.
        dims: dimensions d ≥ 1; the cost does not depend on them.
        rng: source of randomness.
        draws: number of draws, a multiple of 64 (others are rounded up).

    Returns:
        One row per scheme and d: columns ``scheme``, ``dim``, ``n_stored`` (P, or N where nothing
        is cut), ``mean``, ``sem`` (its standard error), ``draws`` and ``batches`` (the independent
        batches behind ``sem``, which has ``batches`` − 1 degrees of freedom).

    Raises:
        ValueError: for an invalid size, or weights that no memory can hold, before any work.

    Source:
        Not in the paper; derived in the book.

    Example:
        >>> from assocmem import PerDimension, threshold
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> scheme = threshold(PerDimension(1 / 8))
        >>> rng = np.random.default_rng(0)
        >>> table = expected_errors(task, {"d/8": scheme}, [1000, 10**6], rng=rng)
        >>> [f"{mean:.2g}" for mean in table["mean"]]
        ['0.0038', '1.9e-05']
    """
    Integer(2).check("n_outputs", task.n_outputs)
    listed = list(dims) if isinstance(dims, range | np.ndarray) else dims
    Each(Integer(1)).check("dims", listed)
    Integer(1).check("draws", draws)
    if not isinstance(schemes, Mapping) or not schemes:
        raise refuse("schemes", schemes, "a mapping of names to schemes or weights, at least one")
    check_memory(200 * task.n_outputs**2, "n_outputs", task.n_outputs)
    settings: list[tuple[str, int, Masses]] = []
    for name, scheme in schemes.items():
        fixed = None
        if not (isinstance(scheme, Scheme) and callable(scheme.n_stored)):
            fixed = class_masses(task, scheme, int(listed[0]))
        settings += [
            (name, int(d), fixed if fixed is not None else class_masses(task, scheme, int(d)))
            for d in listed
        ]

    per_batch = 2 * math.ceil(draws / (2 * BATCHES))
    batches = np.empty((BATCHES, len(settings)))
    for batch, child in enumerate(rng.spawn(BATCHES)):
        batches[batch] = _batch_means(settings, task.n_outputs, per_batch, child)
    return pd.DataFrame(
        {
            "scheme": [name for name, _, _ in settings],
            "dim": [dim for _, dim, _ in settings],
            "n_stored": [masses.n_stored for _, _, masses in settings],
            "mean": batches.mean(axis=0),
            "sem": batches.std(axis=0, ddof=1) / math.sqrt(BATCHES),
            "draws": per_batch * BATCHES,
            "batches": BATCHES,
        }
    )


def _batch_means(
    settings: list[tuple[str, int, Masses]], n_outputs: int, draws: int, rng: np.random.Generator
) -> Array:
    """The mean error over the draws of one batch, for each setting."""
    totals = np.zeros(len(settings))
    for noise in _blocks(n_outputs, draws, rng):
        for dim in {dim for _, dim, _ in settings}:
            factor = _unit_factor(noise, dim)
            gram = factor @ factor.transpose(0, 2, 1)
            radius = np.sqrt(2 * gammaincinv(dim / 2, noise.radius))
            for k, (_, d, masses) in enumerate(settings):
                if d == dim:
                    totals[k] += _block_error(noise, factor, gram, radius, masses).sum()
    return totals / draws


def _blocks(n_outputs: int, draws: int, rng: np.random.Generator) -> Iterator[_Noise]:
    """The noise of one batch in blocks of bounded size, which depend on M and draws alone."""
    size = max(2, _BLOCK_BYTES // (80 * n_outputs**2) // 2 * 2)
    classes = np.arange(n_outputs)
    for start in range(0, draws, size):
        n = min(size, draws - start)
        # Every second draw is shifted; where to is stratified over draws and over classes.
        position = (np.arange(n // 2) + rng.random(n // 2)) / (n // 2)
        shift = np.full((n, n_outputs), np.nan)
        shift[::2] = _LARGEST_SHIFT * ((position[:, None] + classes / n_outputs) % 1)
        others = rng.integers(1, n_outputs, (n, n_outputs))
        yield _Noise(
            normals=rng.standard_normal((n, n_outputs, n_outputs)),
            quantiles=rng.random((n, n_outputs)),
            radius=rng.random(n),
            xi=rng.standard_normal((n, n_outputs)),
            rival=(classes + others) % n_outputs,
            shift=shift,
        )


def _unit_factor(noise: _Noise, dim: int) -> Array:
    """Rows with the inner products of M uniform unit vectors of R^d, shape (n, M, min(M, d))."""
    width = min(noise.normals.shape[-1], dim)
    diagonal = np.arange(width)
    factor = np.tril(noise.normals[:, :, :width])
    squares = 2 * gammaincinv((dim - diagonal) / 2, noise.quantiles[:, :width])
    factor[:, diagonal, diagonal] = np.sqrt(squares)
    if dim == 1:
        return np.sign(factor)
    unit: Array = factor / np.linalg.norm(factor, axis=2, keepdims=True)
    return unit


def _block_error(noise: _Noise, factor: Array, gram: Array, radius: Array, masses: Masses) -> Array:
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
