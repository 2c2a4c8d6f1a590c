r"""The exact law of the error with random embeddings: expectations without tokens or dimensions.

With :math:`e_x \sim \mathcal N(0, I_d)`, the other tokens enter the score of token x only through
one Gaussian sum for each output, so the expected error needs draws of M numbers, never of N or d.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from assocmem.arrays import Array
from assocmem.exact.batches import BATCHES, batch_means
from assocmem.exact.noise import largest_block
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask
from assocmem.parameters import Each, Integer, check_memory, refuse


def expected_errors(
    task: ZipfTask,
    schemes: Mapping[str, Scheme | ArrayLike],
    dims: Sequence[int],
    *,
    rng: np.random.Generator,
    draws: int = 4096,
    n_samples: Sequence[int] | None = None,
) -> pd.DataFrame:
    r"""Expected error of memories with random embeddings, without simulating any memory.

    Let :math:`e_x \sim \mathcal N(0, I_d)` and U be independent of them, G its Gram matrix. The
    scores of a token of class y and weight q are jointly distributed as

    .. math:: s_z = q r^2 G_{zy} + r \sum_w G_{zw} σ_w ξ_w, \qquad r^2 \sim χ^2_d, \quad ξ \sim
        \mathcal N(0, I_M), \quad σ_w^2 = Q_w - q^2 \mathbf 1\{w = y\}.

    The token errs if and only if :math:`q r + σ_y ξ_y < D_y`, where the demand of the strongest
    rival, :math:`D_y = \sqrt{Q_y} ξ_y + \max_{z \ne y} (h_z - h_y) / (1 - G_{zy})` with
    :math:`h_z = \sum_w G_{zw} \sqrt{Q_w} ξ_w`, does not depend on :math:`ξ_y`: for weights below one
    *critical weight*, or above another. The error of a draw is the Zipf mass of these tokens, with
    one Gaussian number integrated out (`assocmem.exact.rivals`), in such a way that rare errors are
    seen too.

    Where ``n_samples`` is given, the weights are those of the counts in T samples, and the mean is
    over data sets too: each batch of draws has data sets of its own, one for every four draws,
    which grow through the sizes T. The mass of the tokens that do not occur in them, whose
    expectation is known, corrects the error (a control variate).

    The mean over draws is the expected error over embeddings. The spread over draws is *not* the
    spread over embeddings: for that, use `simulate_errors`. All settings share their random
    numbers, so a curve over d, P, ρ, T or N is smooth, and the same seed gives the same numbers in
    another call with as many outputs and draws (and with the same N and ``n_samples``). For the
    spread of what is computed from several settings, such as a slope, see `error_batches`.

    Args:
        task: the task, M ≥ 2; N may be infinite, unless ``n_samples`` is given.
        schemes: the weights to compare, by the name they get in the table: schemes, or for T = ∞
            also arrays q ≥ 0 of shape (N,).
        dims: dimensions d ≥ 1; the cost does not depend on them.
        rng: source of randomness; the noise and the data get a child of it each.
        draws: number of draws, a multiple of 16 (others are rounded up).
        n_samples: numbers T of samples the weights are estimated from; None uses the law p itself
            (T = ∞).

    Returns:
        One row per scheme, T and d: columns ``scheme``, ``n_samples`` (inf for the law), ``dim``,
        ``n_stored`` (P, or N where nothing is cut), ``mean``, ``sem`` (its standard error),
        ``draws`` and ``batches`` (the independent batches of noise and data behind ``sem``, which
        has ``batches`` − 1 degrees of freedom).

    Raises:
        ValueError: for an invalid size, or weights that no memory can hold, before any work.

    Source: Not in the paper; derived in the book.

    Example:
        >>> from assocmem import PerDimension, threshold
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> scheme = threshold(PerDimension(1 / 8))
        >>> rng = np.random.default_rng(0)
        >>> table = expected_errors(task, {"d/8": scheme}, [1000, 10**6], rng=rng)
        >>> [f"{mean:.1g}" for mean in table["mean"]]
        ['0.004', '2e-05']
    """
    settings, batches = _batches(task, schemes, dims, rng, draws, n_samples)
    return pd.DataFrame(
        {
            **settings,
            "mean": batches.mean(axis=1),
            "sem": batches.std(axis=1, ddof=1) / math.sqrt(BATCHES),
            "draws": math.ceil(draws / BATCHES) * BATCHES,
            "batches": BATCHES,
        }
    )


def error_batches(
    task: ZipfTask,
    schemes: Mapping[str, Scheme | ArrayLike],
    dims: Sequence[int],
    *,
    n_samples: Sequence[int] | None = None,
    draws: int = 4096,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The independent batches of `expected_errors`, as a table like that of `simulate_errors`.

    The settings of a batch share their random numbers, and batches share none. So intervals on
    slopes must come from whole batches, as those of `fit_power_law` do. The arguments are those of `expected_errors`.

    Returns:
        One row per batch, scheme, T and d: columns ``trial`` (the batch), ``scheme``,
        ``n_samples``, ``dim``, ``n_stored`` and ``error`` (its mean over the draws of the batch).

    Example:
        >>> from assocmem import frequency
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> rng = np.random.default_rng(0)
        >>> table = error_batches(task, {"p": frequency()}, [10**4, 10**6], rng=rng, draws=64)
        >>> len(table)
        32
    """
    settings, batches = _batches(task, schemes, dims, rng, draws, n_samples)
    return pd.DataFrame(
        {
            "trial": np.repeat(np.arange(BATCHES), len(batches)),
            **{name: np.tile(column, BATCHES) for name, column in settings.items()},
            "error": batches.T.ravel(),
        }
    )


def checked_dims(task: ZipfTask, dims: Sequence[int]) -> list[int]:
    """The dimensions as a list of integers ≥ 1; raises `ValueError` for others, or for M = 1."""
    Integer(2).check("n_outputs", task.n_outputs)
    Each(Integer(1)).check("dims", dims)
    return [int(dim) for dim in dims]


def _batches(
    task: ZipfTask,
    schemes: Mapping[str, Scheme | ArrayLike],
    dims: Sequence[int],
    rng: np.random.Generator,
    draws: int,
    n_samples: Sequence[int] | None,
) -> tuple[dict[str, NDArray[Any]], Array]:
    """The columns of the settings, and the mean error of each batch, shape (settings, BATCHES)."""
    listed = checked_dims(task, dims)
    Integer(1).check("draws", draws)
    if not isinstance(schemes, Mapping) or not schemes:
        raise refuse("schemes", schemes, "a mapping of names to schemes or weights, at least one")
    sizes: Sequence[float] = [math.inf]
    if n_samples is not None:
        Each(Integer(1)).check("n_samples", n_samples)
        if math.isinf(task.n_tokens):
            raise refuse("n_tokens", task.n_tokens, "finite, to count every token")
        for name, scheme in schemes.items():
            if not isinstance(scheme, Scheme):
                raise refuse(f"schemes[{name!r}]", scheme, "a scheme, where n_samples is given")
        sizes = sorted(n_samples)
        check_memory(100 * len(sizes) * task.n_tokens, "n_tokens", int(task.n_tokens))
    settings = len(sizes) * len(listed)
    rounded = math.ceil(draws / BATCHES) * BATCHES
    together = max(min(rounded, largest_block(task.n_outputs)), len(sizes))
    check_memory(100 * task.n_outputs**2 * together * len(listed), "n_outputs", task.n_outputs)

    counted = None if n_samples is None else [int(size) for size in sizes]
    means = batch_means(task, list(schemes.values()), listed, counted, draws, rng)
    stored = [[_n_stored(task, scheme, dim) for dim in listed] for scheme in schemes.values()]
    columns = {
        "scheme": np.repeat(np.array(list(schemes), dtype=object), settings),
        "n_samples": np.tile(np.repeat(sizes, len(listed)), len(schemes)),
        "dim": np.tile(listed, len(schemes) * len(sizes)),
        "n_stored": np.repeat(stored, len(sizes), axis=0).ravel(),
    }
    return columns, np.ascontiguousarray(means.reshape(BATCHES, -1).T)


def _n_stored(task: ZipfTask, scheme: Scheme | ArrayLike, dim: int) -> float:
    """P, or N where nothing is cut; for an array, how many weights are not 0."""
    if not isinstance(scheme, Scheme):
        return int(np.count_nonzero(scheme))
    return min(scheme.stored_at(dim) or task.n_tokens, task.n_tokens)
