"""The trainings of Part III: the grid of 40,320 runs, and the other figures, against plain torch.

The plain programs train one run at a time, with torch's gradients and optimizers. They are timed on
a sample of the steps and runs, and scaled; measuring errors on the way is not counted for them.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

import assocmem as am
from assocmem.published_grid.runs import GRID, grid_errors
from benchmarks.plain_training import plain_run

#: Steps of each cell of the grid that are timed, beside the first.
GRID_STEPS = 16
#: Runs of each figure that plain is timed on.
PLAIN_RUNS = 2
#: Trainings of the figures are repeated so often, and the least time counts.
REPEATS = 3


def cpu(work: Callable[[], Any], repeats: int = 1) -> float:
    """Seconds of CPU of this process, the least of some repetitions."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def measure_grid(n_dims: str = "7") -> dict[str, float]:
    """Hours of CPU for all runs of the grid, ours and plain, from a few steps of every cell.

    Args:
        n_dims: take only so many of the dimensions, the smallest; for tests.
    """
    axes: dict[str, list[Any]] = {name: list(values) for name, values in GRID.items()}
    seeds, rates, sizes = axes["seed"], axes["learning_rate"], axes["n_samples"]
    runs = len(seeds) * len(rates)
    names = ("model", "optimizer", "layer_norm", "dim", "batch_size")
    axes["dim"] = axes["dim"][: int(n_dims)]
    grid_errors("EWU", "Adam", True, 10, 16, [1.0], [32], [42])  # first calls load libraries
    plain_run("EWU", "Adam", True, 10, 16, 1.0, 32, 42)
    ours = plain = 0.0
    for values in itertools.product(*(axes[name] for name in names)):
        cell: dict[str, Any] = dict(zip(names, values, strict=True))
        one = cell["batch_size"]
        some = one * (1 + GRID_STEPS)

        def train(count: int, cell: dict[str, Any] = cell) -> float:
            return cpu(
                lambda: grid_errors(**cell, learning_rate=rates, n_samples=[count], seed=seeds)
            )

        def train_plain(count: int, cell: dict[str, Any] = cell) -> float:
            return cpu(lambda: plain_run(**cell, learning_rate=1.0, n_samples=count, seed=42))

        start, plain_start = train(one), train_plain(one)
        step = (train(some) - start) / GRID_STEPS
        plain_step = (train_plain(some) - plain_start) / GRID_STEPS
        ours += start + step * max(sizes) / one
        plain += runs * sum(plain_start + plain_step * size / one for size in sizes)
    return {"hours": ours / 3600, "plain_hours": plain / 3600}


@dataclass(frozen=True)
class Training:
    """One training of a figure: what `train` and the plain program need to know."""

    figure: str
    alpha: float
    n_tokens: int
    n_outputs: int
    dim: int
    batch_size: int | None
    n_steps: int
    runs: int = 100
    optimizer: str = "SGD"
    model: Any = "W"
    learning_rate: float = 1.0
    together: bool = False  # with the approximate dynamics of q


def trainings() -> list[Training]:
    """Every training behind the figures of chapters 8, 9, 10 and 12."""
    fig4 = [(100, 1), (100, 1), (10, 1), (100, 10), (100, 100), (100, 1000)]
    found = [Training("figure 4", 2.0, 100, 5, d, size, 1000, together=True) for d, size in fig4]
    found += [Training("step size", 1.5, 10, 5, 5, 1, 1000)] * 4
    for size, steps in ((1, 3000), (10, 300), (100, 100), (1000, 100), (None, 300)):
        for name in ("SGD", "Adam"):
            found.append(Training("batch size", 1.5, 30, 5, 30, size, steps, optimizer=name))
    for name in ("SGD", "sign", "normalized", "Adam", "Adam"):
        found.append(Training("optimizers", 2.0, 10, 5, 10, None, 100, optimizer=name))
    for outputs in np.unique(np.geomspace(2, 100, 12).astype(int)).tolist():
        found.append(
            Training("embeddings", 2.0, 100, outputs, 2, 1000, 1000, 20, "Adam", "EWU", 0.1)
        )
    return found


OPTIMIZERS = {
    "SGD": am.SGD(), "Adam": am.Adam(), "sign": am.SignSGD(), "normalized": am.NormalizedSGD(),
}  # fmt: skip


def ours(training: Training) -> None:
    """Train all runs, with the errors of forty steps."""
    task = am.ZipfTask(training.alpha, training.n_tokens, training.n_outputs)
    network = am.Network.draw(
        training.model, torch.from_numpy(task.labels(task.tokens)), training.dim, runs=training.runs,
        generator=torch.Generator().manual_seed(0), n_outputs=training.n_outputs,
    )  # fmt: skip
    learners: dict[str, am.training.Learner]
    if training.model == "W" and training.optimizer == "SGD":
        learners = {"SGD": am.TokenLearner(network)}
    else:
        learners = {"": am.GradientLearner(network, OPTIMIZERS[training.optimizer])}
    if training.together:
        learners["q"] = am.training.AssociationLearner(network)
    record = np.unique(np.geomspace(1, training.n_steps, 40).astype(int)).tolist()
    am.train(
        task, learners, n_steps=training.n_steps, batch_size=training.batch_size, record=record,
        learning_rate=training.learning_rate, rng=np.random.default_rng(0),
    )  # fmt: skip


def plain(training: Training, runs: int) -> None:
    """Train so many runs, one after the other."""
    law = torch.arange(1, training.n_tokens + 1).double() ** -training.alpha
    law /= law.sum()
    labels = torch.arange(1, training.n_tokens + 1) % training.n_outputs
    for seed in range(runs):
        torch.manual_seed(seed)
        d = training.dim
        inputs, outputs = torch.randn(training.n_tokens, d), torch.randn(training.n_outputs, d)
        arrays = [torch.randn(d, d) / d**0.5, inputs / d**0.5, outputs / d**0.5]
        trained = arrays[:1] if training.model == "W" else arrays
        for array in trained:
            array.requires_grad_(True)
        kind = torch.optim.Adam if training.optimizer == "Adam" else torch.optim.SGD
        rule = kind(trained, lr=training.learning_rate)
        for _ in range(training.n_steps):
            rule.zero_grad()
            if training.batch_size is None:
                tokens, weights = torch.arange(training.n_tokens), law.float()
            else:
                tokens = torch.multinomial(law, training.batch_size, replacement=True)
                weights = torch.full((training.batch_size,), 1 / training.batch_size)
            logits = arrays[1][tokens] @ arrays[0].T @ arrays[2].T
            losses = torch.nn.functional.cross_entropy(logits, labels[tokens], reduction="none")
            (losses * weights).sum().backward()  # type: ignore[no-untyped-call]
            if training.optimizer in ("sign", "normalized"):
                for array in trained:
                    assert array.grad is not None
                    sign = training.optimizer == "sign"
                    array.grad = array.grad.sign() if sign else array.grad / array.grad.std()
            rule.step()


def measure_figures(fraction: str = "1") -> dict[str, list[list[Any]]]:
    """Seconds of CPU for the trainings behind each figure, ours and plain.

    Args:
        fraction: share of the steps that is timed, and scaled; for tests.
    """
    totals: dict[str, list[float]] = {}
    share = float(fraction)
    ours(Training("", 2.0, 10, 5, 5, 1, 2))  # first calls load libraries
    plain(Training("", 2.0, 10, 5, 5, 1, 2), 1)
    for each in trainings():
        steps = max(2, round(share * each.n_steps))
        short = Training(**{**vars(each), "n_steps": steps})
        scale = each.n_steps / steps
        seconds = scale * cpu(partial(ours, short), REPEATS)
        plainly = scale * cpu(partial(plain, short, PLAIN_RUNS), REPEATS)
        known = totals.setdefault(each.figure, [0.0, 0.0])
        known[0] += seconds
        known[1] += plainly * each.runs / PLAIN_RUNS
    return {"figures": [[name, *pair] for name, pair in totals.items()]}


def section(
    run: Callable[..., dict[str, Any]], table: Callable[[list[str], list[list[str]]], str]
) -> str:
    """The section of the report on training.

    Args:
        run: makes one measurement in a process of its own.
        table: makes a table in Markdown.
    """
    grid, figures = run("grid"), run("figures")["figures"]
    rows = [[name, f"{theirs:.0f}", f"{mine:.1f}"] for name, mine, theirs in figures]
    total, plain_total = (sum(each[column] for each in figures) for column in (1, 2))
    rows = [
        [*row, f"{other / mine:.0f}×"] for row, (_, mine, other) in zip(rows, figures, strict=True)
    ]
    rows.append(
        ["**all**", f"{plain_total:.0f}", f"**{total:.1f}**", f"**{plain_total / total:.0f}×**"]
    )
    ratio = grid["plain_hours"] / grid["hours"]
    return f"""## Training

*Plain* trains one run at a time with torch's gradients and optimizers (`plain_training.py`, and
`plain` in `training.py`); both programs have one thread.

The grid of 40,320 runs, from {GRID_STEPS} steps of every cell: {grid["hours"]:.2f} hours of CPU, against
{grid["plain_hours"]:.1f} of plain: **{ratio:.1f}×**. (`make grid` took less than this estimate, since it
ends runs that have diverged.)

CPU seconds for the other trainings of Part III, the least of {REPEATS} repetitions; plain on
{PLAIN_RUNS} runs of each, scaled to all:

{table(["figure", "plain (s)", "ours (s)", "ratio"], rows)}
"""
