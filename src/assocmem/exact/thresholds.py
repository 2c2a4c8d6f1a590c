"""The threshold at which the exact law of the error is smallest."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from assocmem.exact.law import checked_dims, expected_errors
from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask
from assocmem.parameters import Real

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
