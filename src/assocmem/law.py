r"""The exact law of the error with random embeddings: expectations without tokens or dimensions.

With :math:`e_x \sim \mathcal N(0, I_d)`, the other tokens enter the score of token x only through
one Gaussian sum for each output, so the expected error needs draws of M numbers, never of N or d.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from assocmem.critical import Masses, class_masses
from assocmem.noise import block_error, blocks, chi, unit_factor
from assocmem.parameters import Each, Integer, check_memory, refuse
from assocmem.schemes import Scheme
from assocmem.task import ZipfTask

__all__ = ["expected_errors"]

#: Independent groups of draws behind each standard error.
BATCHES = 32

Array = NDArray[np.float64]


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
        ['0.0039', '1.9e-05']
    """
    listed = checked_dims(task, dims)
    Integer(1).check("draws", draws)
    if not isinstance(schemes, Mapping) or not schemes:
        raise refuse("schemes", schemes, "a mapping of names to schemes or weights, at least one")
    check_memory(200 * task.n_outputs**2, "n_outputs", task.n_outputs)
    settings: list[tuple[str, int, Masses]] = []
    for name, scheme in schemes.items():
        fixed = None
        if not (isinstance(scheme, Scheme) and callable(scheme.n_stored)):
            fixed = class_masses(task, scheme, listed[0])
        settings += [
            (name, d, fixed if fixed is not None else class_masses(task, scheme, d)) for d in listed
        ]

    per_batch = 2 * math.ceil(draws / (2 * BATCHES))
    batches = _batch_means(settings, task.n_outputs, per_batch, rng)
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


def checked_dims(task: ZipfTask, dims: Sequence[int]) -> list[int]:
    """The dimensions as a list of integers ≥ 1; raises `ValueError` for others, or for M = 1."""
    Integer(2).check("n_outputs", task.n_outputs)
    Each(Integer(1)).check("dims", dims)
    return [int(dim) for dim in dims]


def _batch_means(
    settings: list[tuple[str, int, Masses]], n_outputs: int, draws: int, rng: np.random.Generator
) -> Array:
    """The mean error over the draws of each batch for each setting, shape (BATCHES, settings)."""
    totals = np.zeros((BATCHES, len(settings)))
    done = 0
    for noise in blocks(n_outputs, draws, rng, BATCHES):
        batch = np.arange(done, done + len(noise.xi)) // draws
        for dim in {dim for _, dim, _ in settings}:
            factor = unit_factor(noise, dim)
            gram = factor @ factor.transpose(0, 2, 1)
            radius = chi(dim, noise.radius)
            for k, (_, d, masses) in enumerate(settings):
                if d == dim:
                    errors = block_error(noise, factor, gram, radius, masses)
                    totals[:, k] += np.bincount(batch, errors, minlength=BATCHES)
        done += len(batch)
    return totals / draws
