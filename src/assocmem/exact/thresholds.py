"""The error as a function of the threshold, by the exact law: its two causes, and where it is least."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from assocmem.exact.batches import batch_means
from assocmem.exact.law import checked_dims, expected_errors
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask
from assocmem.parameters import Each, Integer, Real

#: Thresholds tried in each of the rounds of a search.
_TRIED = 25


def best_threshold(
    task: ZipfTask,
    dims: Sequence[int],
    *,
    rng: np.random.Generator,
    rho: float = 0.0,
    draws: int = 16384,
) -> pd.DataFrame:
    """The threshold P with the smallest expected error, for each dimension d.

    Searches the multiples of M up to 4 M d (or N), on grids that get finer, by `expected_errors`
    with common random numbers. The error is flat around its minimum, so P is known less well than
    the error is: ``low`` and ``high`` say how far P may go for one percent more.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        dims: dimensions d.
        rng: source of randomness.
        rho: exponent ρ ≥ 0 of the weights.
        draws: number of draws, as for `expected_errors`.

    Returns:
        One row per d: columns ``dim``, ``n_stored`` (the best P), ``low`` and ``high`` (smallest
        and largest P tried whose error is at most 1.01 of the best one's), ``mean`` and ``sem``.

    Source: Proposition 3; by the exact law of the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=float("inf"), n_outputs=5)
        >>> table = best_threshold(task, [100], rng=np.random.default_rng(0), draws=2048)
        >>> int(table["n_stored"][0])
        25
    """
    listed = checked_dims(task, dims)
    Real(at_least=0).check("rho", rho)
    seed = int(rng.integers(2**62))
    return pd.DataFrame([_best(task, rho, dim, seed, draws) for dim in listed])


def _best(task: ZipfTask, rho: float, dim: int, seed: int, draws: int) -> dict[str, float]:
    """The row of one dimension; P is counted in multiples of M while it is searched."""
    tried: dict[int, tuple[float, float]] = {}
    low, high = 1, max(1, int(min(task.n_tokens / task.n_outputs, 4 * dim)))
    for _ in range(3):
        counts = np.unique(np.rint(np.geomspace(low, high, _TRIED)).astype(int)).tolist()
        schemes = {str(c): Scheme(rho, c * task.n_outputs) for c in counts if c not in tried}
        if schemes:
            # the same seed in each round: common random numbers
            table = expected_errors(
                task, schemes, [dim], rng=np.random.default_rng(seed), draws=draws
            )
            for count, mean, sem in zip(schemes, table["mean"], table["sem"], strict=True):
                tried[int(count)] = (float(mean), float(sem))
        best = min(tried, key=lambda count: tried[count])
        ordered = sorted(tried)
        position = ordered.index(best)
        low, high = ordered[max(position - 2, 0)], ordered[min(position + 2, len(ordered) - 1)]
    mean, sem = tried[best]
    near = [count for count in tried if tried[count][0] <= 1.01 * mean]
    size = task.n_outputs
    return {
        "dim": dim,
        "n_stored": best * size,
        "low": min(near) * size,
        "high": max(near) * size,
        "mean": mean,
        "sem": sem,
    }


def error_by_threshold(
    task: ZipfTask,
    dim: int,
    *,
    rng: np.random.Generator,
    draws: int = 4096,
    n_stored: Sequence[int] | None = None,
) -> pd.DataFrame:
    r"""The expected error of q = 1 on the P most frequent tokens, split into its two causes.

    .. math:: \mathbb E[\mathcal E] = \underbrace{\sum_{x > P} p(x)\, \mathbb P(x \text{ errs})}_{\text{not
        stored}} + \underbrace{\sum_{x \le P} p(x)\, \mathbb P(x \text{ errs})}_{\text{crowded out}}

    More stored tokens make the first part smaller and the second one larger.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        dim: dimension d ≥ 1.
        rng: source of randomness.
        draws: number of draws, as for `expected_errors`; common to all P.
        n_stored: thresholds P ≥ 1, cut at N; unless given, about 60 from 1 to N or 4 M d, beyond M
            the multiples of M.

    Returns:
        One row per P: columns ``n_stored``, ``error``, ``not_stored`` and ``crowded_out``, which
        add up to the error.

    Source: Not in the paper; by the exact law of the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=1000, n_outputs=5)
        >>> parts = error_by_threshold(task, 100, rng=np.random.default_rng(0), n_stored=[25, 1000])
        >>> parts[["not_stored", "crowded_out"]].round(2).to_numpy().tolist()
        [[0.02, 0.0], [0.0, 0.6]]
    """
    (listed,), size = checked_dims(task, [dim]), task.n_outputs
    if n_stored is None:
        tried = np.geomspace(1, min(task.n_tokens, 4 * size * listed), 60).round().astype(int)
        n_stored = np.unique(np.where(tried < size, tried, tried // size * size)).tolist()
    Each(Integer(1)).check("n_stored", n_stored)
    Integer(1).check("draws", draws)
    schemes, seed = [Scheme(0.0, int(p)) for p in n_stored], int(rng.integers(2**62))
    # the same seed twice: the parts are those of the same draws
    error, crowded_out = (
        batch_means(
            task, schemes, [listed], None, draws, np.random.default_rng(seed), stored_only=only
        ).mean(axis=(0, 2, 3))
        for only in (False, True)
    )
    return pd.DataFrame(
        {
            "n_stored": list(n_stored),
            "error": error,
            "not_stored": error - crowded_out,
            "crowded_out": crowded_out,
        }
    )
