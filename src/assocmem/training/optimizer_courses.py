"""Optimizers side by side on the expected loss: their memories, errors, gradients and steps."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse
from assocmem.training.batch import population
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors, train
from assocmem.training.network import Network
from assocmem.training.optimizers import Optimizer
from assocmem.training.starts import empty_memories

#: Probabilities of the outputs, shape (N, M), by optimizer and step.
Snapshots = dict[str, dict[int, Array]]


def gradient_spread(task: ZipfTask, network: Network) -> Array:
    """The standard deviation of the entries of the gradient of the expected loss.

    Args:
        task: the task.
        network: the networks, of the model ``"W"``.

    Returns:
        Shape (R,).

    Raises:
        ValueError: for another model.

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> gradient_spread(task, empty_memories(task, 4, runs=3, seed=0)).shape
        (3,)
    """
    factors = network.gradients(next(iter(population(task, 1)))).factors
    if factors is None:
        raise refuse("model", network.model, "'W'")
    spread: Array = (factors[0].mT @ factors[1]).std(dim=(1, 2)).double().numpy()
    return spread


def watch_optimizers(
    task: ZipfTask,
    network: Network,
    optimizers: Mapping[str, Optimizer],
    *,
    n_steps: int,
    learning_rate: float,
    looks: Sequence[int],
) -> tuple[pd.DataFrame, Snapshots]:
    """Descend on the expected loss with several optimizers, and note how each step was made.

    Args:
        task: the task.
        network: where all start, of the model ``"W"``; it is left as it is.
        optimizers: what makes a step of a gradient, by name.
        n_steps: number of steps.
        learning_rate: γ of all.
        looks: after which steps the memory of the first run is kept; later ones than the last are
            left out.

    Returns:
        One row per optimizer, run, step and quantity: columns ``optimizer``, ``trial``, ``step``,
        ``quantity`` and ``error``, the value of the quantity: the ``error`` of the memory before the
        step, the spread (standard deviation over entries) of its ``gradient``, and that of the
        ``change`` that the step makes of W; the error after the last step as well. And the kept
        memories.

    Example:
        >>> from assocmem.training.optimizers import SGD
        >>> task = ZipfTask(1.5, 10, 5)
        >>> start = empty_memories(task, 4, runs=3, seed=0)
        >>> courses, memories = watch_optimizers(
        ...     task, start, {"SGD": SGD()}, n_steps=5, learning_rate=1.0, looks=[0, 5]
        ... )
        >>> len(courses), memories["SGD"][5].shape
        (48, (10, 5))
    """
    Integer(1).check("n_steps", n_steps)
    Real(above=0).check("learning_rate", learning_rate)
    rows: list[pd.DataFrame] = []
    snapshots: Snapshots = {}
    for name, optimizer in optimizers.items():
        trained = Network.stack([network])
        learner, snapshots[name] = GradientLearner(trained, optimizer), {}
        head = {"optimizer": name, "trial": range(trained.runs)}
        for step, batch in enumerate([*population(task, n_steps), None]):
            logits = learner.logits()
            if step in looks:
                snapshots[name][step] = torch.softmax(logits[0], -1).double().numpy()
            values = {"error": network_errors(task, logits)}
            if batch is not None and trained.memory is not None:
                values["gradient"] = gradient_spread(task, trained)
                old = trained.memory.clone()
                learner.step(batch, learning_rate)
                values["change"] = (trained.memory - old).std(dim=(1, 2)).double().numpy()
            rows += [
                pd.DataFrame({**head, "step": step, "quantity": quantity, "error": found})
                for quantity, found in values.items()
            ]
    return pd.concat(rows, ignore_index=True), snapshots


def errors_by_rate(
    task: ZipfTask,
    network: Network,
    optimizers: Mapping[str, Optimizer],
    rates: Sequence[float],
    n_steps: int,
) -> pd.DataFrame:
    """The errors of several optimizers after all steps on the expected loss, at many learning rates.

    Args:
        task: the task.
        network: where all start; it is left as it is.
        optimizers: what makes a step of a gradient, by name.
        rates: learning rates γ.
        n_steps: number of steps.

    Returns:
        The table of `train` after the last step, with ``optimizer`` in place of ``learner`` and the
        column ``learning_rate``.

    Example:
        >>> from assocmem.training.optimizers import SGD
        >>> task = ZipfTask(1.5, 10, 5)
        >>> start = empty_memories(task, 4, runs=3, seed=0)
        >>> len(errors_by_rate(task, start, {"SGD": SGD()}, [0.1, 1.0], 5))
        6
    """
    rng = np.random.default_rng(0)  # nothing is drawn
    tables = []
    for rate in rates:
        for name, optimizer in optimizers.items():
            learner = {name: GradientLearner(Network.stack([network]), optimizer)}
            table = train(
                task, learner, n_steps=n_steps, batch_size=None, learning_rate=float(rate),
                rng=rng, record=[n_steps],
            )  # fmt: skip
            tables.append(table.assign(learning_rate=float(rate)))
    return pd.concat(tables, ignore_index=True).rename(columns={"learner": "optimizer"})


def published_optimizers(
    optimizers: Mapping[str, Optimizer], seed: int, runs: int = 300
) -> pd.DataFrame:
    """The published comparison of optimizers: N = d = 10, M = 5, α = 2, 100 steps of γ = 1.

    Args:
        optimizers: what makes a step of a gradient, by name.
        seed: seed of the embeddings.
        runs: number of runs; the published means are over 100.

    Returns:
        One row per optimizer and trial: columns ``optimizer``, ``trial``, ``error``;
        ``wrong_mean``, the mean probability of the tokens that are wrong in place of the sum, which is
        what the published program reports; and ``shrink``, the `gradient_spread` at the end over that
        at the start.

    Source: Section 4 of the paper, optimizers.

    Example:
        >>> from assocmem.training.optimizers import SGD
        >>> bool((published_optimizers({"SGD": SGD()}, 0, runs=2)["shrink"] < 0.2).all())
        True
    """
    task = ZipfTask(2.0, 10, 5)
    start = empty_memories(task, 10, runs=runs, seed=seed)
    tables = []
    for name, optimizer in optimizers.items():
        learner = GradientLearner(Network.stack([start]), optimizer)
        for batch in population(task, 100):
            learner.step(batch, 1.0)
        wrong = (learner.logits().argmax(-1) != learner.labels).sum(-1).numpy()
        errors = network_errors(task, learner.logits())
        spreads = [gradient_spread(task, network) for network in (learner.network, start)]
        found = {"error": errors, "wrong_mean": errors / np.maximum(wrong, 1)}
        head = {"optimizer": name, "trial": range(runs), "shrink": spreads[0] / spreads[1]}
        tables.append(pd.DataFrame({**head, **found}))
    return pd.concat(tables, ignore_index=True)
