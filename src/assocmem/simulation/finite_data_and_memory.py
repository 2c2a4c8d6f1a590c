"""What the P most frequent tokens of a data set miss, and why."""

import numpy as np
import pandas as pd

from assocmem.model.schemes import threshold
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer


def simulate_missed(
    task: ZipfTask, n_stored: int, n_samples: int, *, trials: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The mass that the P most frequent tokens of a data set miss, by cause.

    A token that is not stored was never seen; or it is late, beyond the P most frequent of the law;
    or it was overtaken by later tokens that happened to occur as often.

    Args:
        task: the task; N must be finite.
        n_stored: P ≥ 1.
        n_samples: T ≥ 1.
        trials: number of data sets.
        rng: source of randomness; each data set gets a child of it.

    Returns:
        One row per data set: the masses ``unseen``, ``late`` (and seen) and ``overtaken``, and
        whether token P is ``unseen_last`` or ``missed_last``.

    Example:
        >>> task, rng = ZipfTask(2.0, 100, 5), np.random.default_rng(0)
        >>> table = simulate_missed(task, 25, 800, trials=50, rng=rng)
        >>> bool(table["unseen"].mean() > table["overtaken"].mean())
        True
    """
    Integer(1).check("n_stored", n_stored)
    Integer(1).check("n_samples", n_samples)
    Integer(1).check("trials", trials)
    scheme, late, p, rows = threshold(n_stored), task.tokens > n_stored, task.probabilities, []
    for child in rng.spawn(trials):
        counts = task.sample_counts(n_samples, child)
        lost = scheme.weights(counts, 1, ties=child.random(len(p))) == 0
        unseen = counts == 0
        rows.append(
            {
                "unseen": p[lost & unseen].sum(),
                "late": p[lost & ~unseen & late].sum(),
                "overtaken": p[lost & ~unseen & ~late].sum(),
                "unseen_last": unseen[n_stored - 1],
                "missed_last": lost[n_stored - 1],
            }
        )
    return pd.DataFrame(rows)
