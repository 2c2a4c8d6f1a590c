"""What happens to the tokens that no sample has shown."""

import numpy as np

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, check_memory


def simulate_frequent_guess(
    task: ZipfTask,
    n_samples: int,
    *,
    trials: int,
    rng: np.random.Generator,
    n_listed: int = 100_000,
) -> Array:
    """Share of the unseen mass that is answered wrongly by the output that was most frequent.

    Args:
        task: the task; N may be infinite.
        n_samples: T ≥ 1.
        trials: number of independent data sets.
        rng: source of randomness; each trial gets its own child.
        n_listed: tokens that are looked at one by one; all later ones are taken to be unseen, so
            T p(x) should be small there.

    Returns:
        Shape (trials,).

    Example:
        >>> task = ZipfTask(2.0, float("inf"), 5)
        >>> rng = np.random.default_rng(0)
        >>> simulate_frequent_guess(task, 100, trials=2, rng=rng, n_listed=1000).shape
        (2,)
    """
    Integer(1).check("n_samples", n_samples)
    Integer(1).check("trials", trials)
    Integer(1).check("n_listed", n_listed)
    check_memory(40 * n_listed, "n_listed", n_listed)
    listed = np.arange(1, int(min(n_listed, task.n_tokens)) + 1)
    labels, masses, beyond = task.labels(listed), task.mass(listed), task.class_tails([len(listed)])
    shares = np.empty(trials)
    for trial, child in enumerate(rng.spawn(trials)):
        tokens, unseen = task.sample(n_samples, child), np.ones(len(listed), dtype=bool)
        answer = np.bincount(task.labels(tokens)).argmax()
        unseen[tokens[tokens <= len(listed)] - 1] = False
        missing = np.bincount(labels, masses * unseen, task.n_outputs) + beyond
        shares[trial] = 1 - missing[answer] / missing.sum()
    return shares
