"""Schedules and batch sizes of gradient descent beside each other: each difference as it is stated,
and under a wrong law.
"""

from collections.abc import Sequence

import pandas as pd

from assocmem.arrays import Array
from assocmem.training.schedules import trembling
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.tables import paired_difference

#: The decays of the published figures, and the two constant step sizes.
_ONCE, _OFTEN = "× 0.03 after a tenth", "× 0.1 each tenth"


def schedule_gaps(
    published: pd.DataFrame, runs: pd.DataFrame
) -> dict[str, tuple[Estimate, Estimate]]:
    """Differences of schedules, with those of a wrong law.

    Args:
        published: as `published_schedules` returns it.
        runs: as `train_by_schedule` returns it, with the looks at the error.

    Returns:
        By the id of the claim, for N = 30, d = 5: large minus small steps after 1000 steps (for
        N = 10); large minus small after 100 steps (large minus a single decay after 1000); a single
        decay minus large steps (repeated decay minus a single one); and, in the second half of
        ``runs``, the trembling of a single decay minus that of large steps (of repeated decay).

    Example:
        >>> from assocmem.training import published_schedules
        >>> published = published_schedules(0, data_seed=0, runs=4)
        >>> runs = published[published["n_tokens"] == 30]
        >>> list(schedule_gaps(published, pd.concat([runs, runs.assign(step=950 + runs["step"])])))
        ['step.even', 'step.large', 'step.decay', 'step.trembling']
    """

    def gap(one: str, other: str, n_tokens: int = 30, step: int = 1000) -> Estimate:
        at = {"n_tokens": n_tokens, "step": step}
        return paired_difference(published, one, other, "schedule", **at)

    shaken = trembling(runs, after=runs["step"].max() / 2)
    calm = [paired_difference(shaken, _ONCE, other, "schedule") for other in ("large", _OFTEN)]
    return {
        "step.even": (gap("large", "small"), gap("large", "small", n_tokens=10)),
        "step.large": (gap("large", "small", step=100), gap("large", _ONCE)),
        "step.decay": (gap(_ONCE, "large"), gap(_OFTEN, _ONCE)),
        "step.trembling": (calm[0], calm[1]),
    }


def best_looks(runs: pd.DataFrame, least: Array) -> tuple[Estimate, Estimate]:
    """The error of large steps at the best look minus that near the least loss, and at the last look.

    Args:
        runs: as `train_by_schedule` returns it.
        least: errors near the least loss, shape (R,).

    Example:
        >>> import numpy as np
        >>> looks = {"schedule": "large", "trial": [0, 0, 1, 1], "error": [0.1, 0.4, 0.2, 0.6]}
        >>> [round(gap.value, 2) for gap in best_looks(pd.DataFrame(looks), np.array([0.3, 0.3]))]
        [-0.15, 0.2]
    """
    looks = runs[runs["schedule"] == "large"].groupby("trial")["error"]
    return estimate_mean(looks.min() - least), estimate_mean(looks.last() - least)


def batch_gaps(
    curves: pd.DataFrame, batch_sizes: Sequence[int], methods: Sequence[str]
) -> dict[str, tuple[Estimate, Estimate]]:
    """By how much small batches are ahead at equal samples, and large ones at equal steps.

    Args:
        curves: as `train_by_batch_size` returns it.
        batch_sizes: samples in a batch; the smallest and the largest are compared.
        methods: which learners.

    Returns:
        By ``batch.samples-METHOD``, the error of the smallest batches minus that of the largest at
        equal samples (and at equal steps); by ``batch.steps-METHOD``, that of the largest minus that
        of the smallest at equal steps (and at equal samples).

    Example:
        >>> rows = {"learner": "SGD", "trial": [0, 1, 0, 1], "batch": ["1", "1", "9", "9"],
        ...         "error": [0.1, 0.2, 0.4, 0.3], "equal_steps": True, "equal_samples": True}
        >>> gaps = batch_gaps(pd.DataFrame(rows), [1, 9], ["SGD"])
        >>> [round(gap[0].value, 2) for gap in gaps.values()]
        [-0.2, 0.2]
    """
    small, large = str(min(batch_sizes)), str(max(batch_sizes))
    looks, found = ("samples", "steps"), {}
    for at, other, pair in ((*looks, (small, large)), (*looks[::-1], (large, small))):
        for name in methods:
            gaps = [
                paired_difference(
                    curves, *pair, "batch", **{"learner": name, f"equal_{look}": True}
                )
                for look in (at, other)
            ]
            found[f"batch.{at}-{name.lower()}"] = gaps[0], gaps[1]
    return found
