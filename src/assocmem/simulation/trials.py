"""Monte Carlo over trials: the error of memories with random embeddings, as a tidy table."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from tqdm import tqdm

from assocmem.model.schemes import Scheme
from assocmem.model.task import ZipfTask
from assocmem.parameters import Each, Integer, check_memory, refuse
from assocmem.simulation.nested import sweep_bytes, sweep_errors

#: Bytes that a row of a table takes, while it is made.
_ROW_BYTES = 100


def simulate_errors(
    task: ZipfTask,
    schemes: Mapping[str, Scheme],
    dims: Sequence[int],
    *,
    trials: int,
    rng: np.random.Generator,
    n_samples: Sequence[int] | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Errors of associative memories over independent draws of embeddings (and of data).

    A trial draws embeddings e and u once and, where ``n_samples`` is given, one data set that grows
    from the smallest T to the largest, and the order in which thresholds break ties of counts. All
    schemes, dimensions and T of a trial share these draws, so points of a curve are correlated:
    intervals on slopes must resample whole trials (`fit_power_law` does). Trials are independent,
    and the k-th is the same however many there are.

    Args:
        task: the task; N must be finite.
        schemes: the weights to compare, by the name they get in the table.
        dims: dimensions d.
        trials: number of independent draws.
        rng: source of randomness; each trial gets its own child.
        n_samples: numbers T of samples the weights are estimated from; None uses the law p itself
            (T = ∞).
        progress: show a bar of trials.

    Returns:
        One row per trial, scheme, T and d: columns ``trial``, ``scheme``, ``n_samples`` (inf for
        the law), ``dim``, ``n_stored`` (P, or N where nothing is cut) and ``error``.

    Raises:
        ValueError: for an invalid size, or one that does not fit in memory, before any work.

    Example:
        >>> from assocmem import ZipfTask, fill
        >>> task = ZipfTask(alpha=2.0, n_tokens=20, n_outputs=5)
        >>> rng = np.random.default_rng(0)
        >>> table = simulate_errors(task, {"fill": fill()}, [10, 40], trials=3, rng=rng)
        >>> len(table)
        6
    """
    Integer(1).check("trials", trials)
    Each(Integer(1)).check("dims", dims)
    if n_samples is not None:
        Each(Integer(1)).check("n_samples", n_samples)
    named = isinstance(schemes, Mapping) and all(isinstance(s, Scheme) for s in schemes.values())
    if not named or not schemes:
        raise refuse("schemes", schemes, "a mapping of names to schemes, at least one")
    if math.isinf(task.n_tokens):
        raise refuse("n_tokens", task.n_tokens, "finite, to simulate every token")
    n_tokens = int(task.n_tokens)
    sorted_dims = np.sort(np.asarray(dims, dtype=np.int64))
    sizes = [math.inf] if n_samples is None else sorted(n_samples)
    plan = _plan(schemes, sorted_dims, sizes)
    check_memory(sweep_bytes(len(plan), task), "n_tokens", n_tokens)
    wanted = np.array([row_wanted for _, _, _, row_wanted in plan])
    check_memory(_ROW_BYTES * trials * wanted.size, "trials", trials)

    records = []
    law = _weights(plan, schemes, {math.inf: task.probabilities}) if n_samples is None else None
    for child in tqdm(_children(rng, trials), total=trials, desc="trials", disable=not progress):
        weights = law if law is not None else _counted(task, plan, schemes, sizes, child)
        records.append(sweep_errors(task, weights, sorted_dims, child, wanted))

    rows, columns = np.nonzero(wanted)
    keys = pd.DataFrame(
        {
            "scheme": [plan[row][0] for row in rows],
            "n_samples": [plan[row][1] for row in rows],
            "dim": sorted_dims[columns],
            "n_stored": [
                min(schemes[plan[row][0]].stored_at(int(sorted_dims[column])) or n_tokens, n_tokens)
                for row, column in zip(rows, columns, strict=True)
            ],
        }
    )
    table = pd.concat([keys] * trials, ignore_index=True)
    table.insert(0, "trial", np.repeat(np.arange(trials), len(keys)))
    table["error"] = np.concatenate([errors[rows, columns] for errors in records])
    return table


def simulate_unseen(
    task: ZipfTask, n_samples: Sequence[int], *, trials: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Errors of a memory that is right on exactly the tokens it has seen; N may be infinite.

    A trial draws one sequence of tokens, of which the first T are the data set of size T.

    Args:
        task: the task.
        n_samples: sizes T.
        trials: number of independent sequences.
        rng: source of randomness; each trial gets its own child.

    Returns:
        One row per trial and T: columns ``trial``, ``n_samples`` and ``error``, the mass of the
        tokens not seen.

    Raises:
        ValueError: for an invalid size, or one that does not fit in memory, before any work.

    Source: Proposition 1.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> table = simulate_unseen(task, [10, 1000], trials=50, rng=np.random.default_rng(0))
        >>> table.groupby("n_samples")["error"].mean().round(2).tolist()
        [0.19, 0.02]
    """
    Integer(1).check("trials", trials)
    Each(Integer(1)).check("n_samples", n_samples)
    sizes = np.sort(np.asarray(n_samples, dtype=np.int64))
    check_memory(40 * int(sizes[-1]), "n_samples", int(sizes[-1]))
    check_memory(_ROW_BYTES * trials * len(sizes), "trials", trials)
    head = _head(task, int(sizes[-1]))
    masses, beyond = task.mass(np.arange(1, head + 1)), float(task.tail(head))
    errors = np.empty((trials, len(sizes)))
    for trial, child in enumerate(_children(rng, trials)):
        seen, first = np.unique(task.sample(int(sizes[-1]), child), return_index=True)
        gained = np.bincount(first, weights=task.mass(seen), minlength=int(sizes[-1]) + 1)
        # what is never seen, and before that what is seen later: sums of what is missing
        never = np.ones(head, dtype=bool)
        never[seen[seen <= head] - 1] = False
        gained[-1] = masses @ never + max(beyond - task.mass(seen[seen > head]).sum(), 0)
        errors[trial] = np.cumsum(gained[::-1])[::-1][sizes]
    return pd.DataFrame(
        {
            "trial": np.repeat(np.arange(trials), len(sizes)),
            "n_samples": np.tile(sizes, trials),
            "error": errors.ravel(),
        }
    )


def _head(task: ZipfTask, n_samples: int) -> int:
    """The last token that is expected half a time at least among T samples: beyond, most are unseen."""
    log_head = math.log(max(2 * task.normalizer * n_samples, 1)) / task.alpha
    return int(min(task.n_tokens, math.ceil(math.exp(log_head))))


def _children(rng: np.random.Generator, trials: int) -> Iterator[np.random.Generator]:
    """One generator a trial, made when it is needed."""
    for _ in range(trials):
        yield rng.spawn(1)[0]


def _plan(
    schemes: Mapping[str, Scheme], dims: np.ndarray, sizes: Sequence[float]
) -> list[tuple[str, float, int, np.ndarray]]:
    """One row per memory to sweep: scheme, T, the d that fixes its P, and the d at which it is
    wanted.

    A scheme whose P does not depend on d is one memory for all dimensions; otherwise each P is one.
    """
    rows = []
    for name, scheme in schemes.items():
        stored = np.array([scheme.stored_at(int(dim)) or 0 for dim in dims])
        for size in sizes:
            for n_stored in np.unique(stored):
                wanted = stored == n_stored
                rows.append((name, size, int(dims[wanted][0]), wanted))
    return rows


def _counts(
    task: ZipfTask, sizes: Sequence[float], rng: np.random.Generator
) -> dict[float, np.ndarray]:
    """How often each token occurs in a growing data set, by T."""
    increments = np.diff([0, *sizes]).astype(int)
    growth = (task.sample_counts(step, rng) for step in increments)
    return dict(zip(sizes, np.cumsum(list(growth), axis=0), strict=True))


def _counted(
    task: ZipfTask,
    plan: list[tuple[str, float, int, np.ndarray]],
    schemes: Mapping[str, Scheme],
    sizes: Sequence[float],
    rng: np.random.Generator,
) -> np.ndarray:
    """The weights of the memories in the plan, shape (J, N), from the counts of one data set."""
    counts = _counts(task, sizes, rng)
    return _weights(plan, schemes, counts, ties=rng.random(int(task.n_tokens)))


def _weights(
    plan: list[tuple[str, float, int, np.ndarray]],
    schemes: Mapping[str, Scheme],
    frequencies: Mapping[float, np.ndarray],
    ties: np.ndarray | None = None,
) -> np.ndarray:
    """The weights of the memories in the plan, shape (J, N), from the frequencies by T."""
    stacked = np.stack(list(frequencies.values()))
    # A scheme weighs all T in one call.
    by_memory = {
        (name, dim): dict(zip(frequencies, schemes[name].weights(stacked, dim, ties), strict=True))
        for name, dim in {(name, dim) for name, _, dim, _ in plan}
    }
    return np.stack([by_memory[name, dim][size] for name, size, dim, _ in plan])
