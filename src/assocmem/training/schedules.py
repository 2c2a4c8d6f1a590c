"""Descent on batches: schedules of the learning rate, and sizes of the batch."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Each, Integer, Real
from assocmem.training.learners import Learner
from assocmem.training.loop import train
from assocmem.training.network import Network
from assocmem.training.reduced_learners import TokenLearner
from assocmem.training.starts import empty_memories


def step_schedules(large: float, small: float, n_steps: int) -> dict[str, list[float]]:
    """Four schedules of the learning rate: ``large`` and ``small`` throughout, and the large one with
    each of the two published decays, by 0.1 after each tenth of the run and by 0.03 once, after the
    first.

    Args:
        large: the large learning rate, > 0.
        small: the small learning rate, > 0.
        n_steps: number of steps.

    Returns:
        The learning rate of each step, by the name of the schedule.

    Example:
        >>> step_schedules(10.0, 0.1, 1000)["× 0.03 after a tenth"][98:102]
        [10.0, 10.0, 0.3, 0.3]
    """
    for name, rate in (("large", large), ("small", small)):
        Real(above=0).check(name, rate)
    Integer(1).check("n_steps", n_steps)
    return {
        "large": [large] * n_steps,
        "small": [small] * n_steps,
        "× 0.1 each tenth": [large * 0.1 ** (10 * step // n_steps) for step in range(n_steps)],
        "× 0.03 after a tenth": [
            large * (0.03 if 10 * t >= n_steps else 1) for t in range(n_steps)
        ],
    }


def train_by_schedule(
    task: ZipfTask,
    network: Network,
    schedules: Mapping[str, Sequence[float]],
    *,
    seed: int | Sequence[int],
    record: Sequence[int] | None = None,
) -> pd.DataFrame:
    """SGD on single tokens with several schedules of the learning rate, on the same data.

    Args:
        task: the task.
        network: where all start.
        schedules: the learning rate of each step, by name; of one length.
        seed: seed of the data.
        record: after which steps the error is measured; about two hundred of equal distance, with a
            tenth of all steps and the last, unless given.

    Returns:
        The table of `train`, with ``schedule`` in place of ``learner``.

    Example:
        >>> import torch
        >>> task = ZipfTask(1.5, 10, 5)
        >>> labels, generator = task.labels(task.tokens), torch.Generator()
        >>> network = Network.draw("W", labels, 5, runs=2, generator=generator)
        >>> schedules = step_schedules(10.0, 0.1, 20)
        >>> len(train_by_schedule(task, network, schedules, seed=0, record=[10, 20]))
        16
    """
    n_steps = len(next(iter(schedules.values())))
    if record is None:
        record = sorted({*range(0, n_steps, max(1, n_steps // 200)), n_steps // 10, n_steps})
    tables = [
        train(
            task, {name: TokenLearner(network)}, n_steps=len(rates), batch_size=1,
            learning_rate=rates, rng=np.random.default_rng(seed), record=record,
        )
        for name, rates in schedules.items()
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True).rename(columns={"learner": "schedule"})


def published_schedules(
    seed: int, *, data_seed: int | Sequence[int], runs: int = 100
) -> pd.DataFrame:
    """The four schedules in the setting of the published means, and in that of the single run.

    α = 1.5, M = 5, d = 5, 1000 steps, large steps of γ = 10 and small ones of γ = 0.1.

    Args:
        seed: seed of the embeddings.
        data_seed: seed of the data.
        runs: number of runs, 100 as published.

    Returns:
        The table of `train_by_schedule` after 100 and 1000 steps, with the column ``n_tokens``: 30,
        the N of the published means, and 10, that of the published single run.

    Source: Section 4 of the paper, step size.

    Example:
        >>> published_schedules(0, data_seed=0, runs=2).groupby("n_tokens").size().to_dict()
        {10: 16, 30: 16}
    """
    tables = []
    for n_tokens in (30, 10):
        task = ZipfTask(1.5, n_tokens, 5)
        start, schedules = (
            empty_memories(task, 5, runs=runs, seed=seed),
            step_schedules(10, 0.1, 1000),
        )
        table = train_by_schedule(task, start, schedules, seed=data_seed, record=[100, 1000])
        tables.append(table.assign(n_tokens=n_tokens))
    return pd.concat(tables, ignore_index=True)


def least_loss_errors(task: ZipfTask, network: Network) -> Array:
    """The errors near the least expected loss: after 1000 steps of γ = 10 on its gradient.

    Args:
        task: the task.
        network: where the descent starts.

    Returns:
        Shape (R,).

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> start = empty_memories(task, 5, runs=2, seed=0)
        >>> least_loss_errors(task, start).shape
        (2,)
    """
    rng = np.random.default_rng(0)  # nothing is drawn
    table = train(
        task, {"SGD": TokenLearner(network)}, n_steps=1000, batch_size=None, learning_rate=10.0,
        rng=rng, record=[1000],
    )  # fmt: skip
    return table["error"].to_numpy()


def final_errors(runs: pd.DataFrame) -> pd.DataFrame:
    """How each schedule ends, and how often it was right on all tokens on the way.

    Args:
        runs: as `train_by_schedule` returns them.

    Returns:
        One row per schedule: columns ``final error``, the mean over runs, and ``once right``, the
        share of the runs that made no error at some look.

    Example:
        >>> runs = {"schedule": "a", "trial": [0, 0, 1, 1], "step": [1, 2, 1, 2], "error": [0, 4, 1, 2]}
        >>> final_errors(pd.DataFrame(runs)).values.tolist()
        [[3.0, 0.5]]
    """
    ends = runs[runs["step"] == runs["step"].max()].groupby("schedule", sort=False)["error"].mean()
    least = runs.groupby(["schedule", "trial"], sort=False)["error"].min()
    right = (least == 0).groupby("schedule", sort=False).mean()
    return pd.DataFrame({"final error": ends, "once right": right})


def trembling(runs: pd.DataFrame, after: float) -> pd.DataFrame:
    """The mean change of the error from one look to the next.

    Args:
        runs: as `train_by_schedule` returns them.
        after: looks after later steps than this count.

    Returns:
        One row per schedule and trial: columns ``schedule``, ``trial`` and ``error``, the mean of
        the moduli.

    Example:
        >>> runs = {"schedule": "a", "trial": 0, "step": [1, 2, 3, 4], "error": [9, 1, 3, 2]}
        >>> trembling(pd.DataFrame(runs), after=1)["error"].tolist()
        [1.5]
    """
    late = runs[runs["step"] > after].groupby(["schedule", "trial"])["error"]
    return late.agg(lambda errors: errors.diff().abs().mean()).reset_index()


def train_by_batch_size(
    task: ZipfTask,
    network: Network,
    methods: Mapping[str, tuple[Callable[[Network], Learner], float]],
    batch_sizes: Sequence[int],
    n_samples: int,
    *,
    seed: int | Sequence[int],
) -> pd.DataFrame:
    """Several methods with several batch sizes and with all tokens, at equal samples and steps.

    Args:
        task: the task.
        network: where all start; it is left as it is.
        methods: what makes a learner of a network, and its learning rate γ, by name.
        batch_sizes: samples in a batch.
        n_samples: how many samples are seen, about; a hundred steps at least are made.
        seed: seed of the data.

    Returns:
        The table of `train` at steps that are evenly spaced in their logarithm, with the columns
        ``batch`` (the batch size as text, ``all tokens`` for the gradient of the expected loss),
        ``equal_steps`` (of which the step is the hundredth) and ``equal_samples`` (of which the step
        ends with as many samples as fill the largest batches, up to ``n_samples``).

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> import torch
        >>> options = {"runs": 2, "generator": torch.Generator(), "zero_memory": True}
        >>> network = Network.draw("W", task.labels(task.tokens), 5, **options)
        >>> curves = train_by_batch_size(
        ...     task, network, {"SGD": (TokenLearner, 1.0)}, [1, 10], 200, seed=0
        ... )
        >>> curves[curves["equal_samples"]].groupby("batch")["step"].max().to_dict()
        {'1': 200, '10': 20, 'all tokens': 1}
    """
    Each(Integer(1, n_samples)).check("batch_sizes", batch_sizes)
    common = max(batch_sizes) * (n_samples // max(batch_sizes))
    curves = []
    for size in [*batch_sizes, None]:
        last = max(100, n_samples // (size or 10))
        filled = common // (size or common)
        record = np.union1d(np.geomspace(1, last, 25).round().astype(int), [100, filled]).tolist()
        for name, (make, rate) in methods.items():
            table = train(
                task, {name: make(Network.stack([network]))}, n_steps=last, batch_size=size,
                learning_rate=rate, rng=np.random.default_rng(seed), record=record,
            )  # fmt: skip
            marks = {"equal_steps": table["step"] == 100, "equal_samples": table["step"] == filled}
            curves.append(table.assign(batch=str(size or "all tokens"), **marks))
    return pd.concat(curves, ignore_index=True)
