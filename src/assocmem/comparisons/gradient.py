"""Descent on W beside the approximate dynamics of its weights, on the same data."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.theory.gradient import association_weights
from assocmem.training.comparisons import memory_errors, train_beside_approximation
from assocmem.training.learners import GradientLearner, Learner
from assocmem.training.loop import network_errors, train
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD
from assocmem.training.reduced_learners import AssociationLearner, StoringLearner, TokenLearner
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.tables import by_trial

#: Weights that grow with the number n of draws, and are compared with the approximation.
RIVALS = ("n^0.4", "√n", "1 if seen")


def published_networks(
    task: ZipfTask, dim: int, *, runs: int, seed: int, zero_memory: bool = True
) -> Network:
    """Networks as in Section 4 of the paper: unit outputs, and inputs N(0, I/d) of norm about one.

    Args:
        task: the task; N must be finite.
        dim: dimension d.
        runs: number of networks.
        seed: seed of the embeddings, and of W.
        zero_memory: start from W = 0.

    Example:
        >>> network = published_networks(ZipfTask(2.0, 10, 5), 3, runs=2, seed=0)
        >>> tuple(network.inputs.shape), tuple(network.outputs.shape)
        ((2, 10, 3), (2, 5, 3))
    """
    return Network.draw(
        "W", torch.from_numpy(task.labels(task.tokens)), dim, runs=runs, unit_outputs=True,
        generator=torch.Generator().manual_seed(seed), zero_memory=zero_memory,
    )  # fmt: skip


class Descent(NamedTuple):
    """SGD on W and the approximate dynamics, on the same data.

    Args:
        errors: the table of `train`, learners ``SGD on W`` and ``approximate q``.
        sgd: the first learner; it keeps the weights that it has stored.
        approximation: the second one.
        network: where both started.

    Example:
        >>> descend(ZipfTask(1.0, 5, 2), 4, 1.0, n_steps=3, runs=2, seed=(0, 1))._fields
        ('errors', 'sgd', 'approximation', 'network')
    """

    errors: pd.DataFrame
    sgd: StoringLearner
    approximation: AssociationLearner
    network: Network


def descend(
    task: ZipfTask,
    dim: int,
    learning_rate: float,
    *,
    n_steps: int,
    runs: int,
    seed: tuple[int, int],
    record: Sequence[int] | None = None,
    batch_size: int = 1,
) -> Descent:
    """Train both from W = 0.

    Args:
        task: the task; N must be finite.
        dim: dimension d.
        learning_rate: γ.
        n_steps: number of steps.
        runs: number of embeddings and data sets.
        seed: seed of the data; the embeddings have its first entry plus 1000 times the second.
        record: after which steps the error is measured; the last unless given.
        batch_size: samples in a batch.

    Example:
        >>> descent = descend(ZipfTask(2.0, 10, 5), 5, 1.0, n_steps=3, runs=2, seed=(0, 1))
        >>> len(descent.errors)
        4
    """
    network = published_networks(task, dim, runs=runs, seed=seed[0] + 1000 * seed[1])
    errors, sgd, approximation = train_beside_approximation(
        task, network, n_steps=n_steps, batch_size=batch_size, learning_rate=learning_rate,
        rng=np.random.default_rng(seed), record=record or [n_steps],
    )  # fmt: skip
    return Descent(errors, sgd, approximation, network)


def token_space_deviations(
    task: ZipfTask, dim: int, *, runs: int, seed: int
) -> tuple[Array, Array]:
    """How far 50 steps of descent in the space of tokens are from those on W, in the logits.

    Args:
        task: the task; N must be finite.
        dim: dimension d.
        runs: number of networks.
        seed: seed of the data; the embeddings have 1000 more.

    Returns:
        The largest deviation of a logit in each run, shape (R,), and that of the approximate
        dynamics.

    Example:
        >>> exact, approximate = token_space_deviations(ZipfTask(2.0, 10, 5), 5, runs=2, seed=0)
        >>> bool((exact < 1e-9).all()), bool((approximate < 1e-9).any())
        (True, False)
    """
    network = published_networks(task, dim, runs=runs, seed=seed + 1000)
    learners: dict[str, Learner] = {
        "tokens": TokenLearner(network),
        "approximate": AssociationLearner(network),
        "W": GradientLearner(network, SGD()),
    }
    train(
        task, learners, n_steps=50, batch_size=10, learning_rate=1.0, record=[50],
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    logits = {name: learner.logits() for name, learner in learners.items()}
    exact, approximate = (
        (logits[name] - logits["W"]).abs().amax(dim=(1, 2)).numpy()
        for name in ("tokens", "approximate")
    )
    return exact, approximate


def stored_weights(descent: Descent, learning_rate: float) -> pd.DataFrame:
    """The weight that SGD has given to a token drawn n times, and f^n(0).

    Args:
        descent: as `descend` returns it, with batches of one token.
        learning_rate: γ.

    Returns:
        One row for each n > 0 with at least five tokens in all runs (or as many as there are):
        columns ``n``, ``mean``, ``count`` and ``approximation``.

    Example:
        >>> descent = descend(ZipfTask(2.0, 10, 5), 500, 1.0, n_steps=9, runs=4, seed=(0, 1))
        >>> table = stored_weights(descent, 1.0)
        >>> bool(abs(table["mean"] / table["approximation"] - 1).max() < 0.3)
        True
    """
    n, weights = descent.sgd.shares.flatten().round().int(), descent.sgd.weights.flatten()
    found = pd.DataFrame({"n": n, "weight": weights}).query("n > 0").groupby("n")["weight"]
    means = found.agg(["mean", "count"]).reset_index()
    means = means[means["count"] >= min(5, means["count"].max())]
    n_outputs = descent.network.outputs.shape[-2]
    ladder = association_weights(learning_rate, n_outputs, int(means["n"].max()))
    return means.assign(approximation=ladder[means["n"]])


def weight_ratios(descent: Descent, first: float) -> tuple[Estimate, Estimate]:
    """The weights of SGD over those of the approximation, for tokens drawn twice or more.

    Args:
        descent: as `descend` returns it.
        first: the weight after one draw.

    Returns:
        The mean ratio, and the same with the weights ``first`` · n^0.4.

    Example:
        >>> descent = descend(ZipfTask(2.0, 10, 5), 500, 1.0, n_steps=40, runs=4, seed=(0, 1))
        >>> round(weight_ratios(descent, 0.8)[0].value, 1)
        0.9
    """
    shares = descent.sgd.shares
    often = torch.where(shares > 1.5, descent.sgd.weights, torch.nan)
    right, wrong = (
        estimate_mean((often / weights).nanmean(dim=1).numpy())
        for weights in (descent.approximation.weights, first * shares**0.4)
    )
    return right, wrong


def error_gaps(
    task: ZipfTask, dim: int, rates: Mapping[int, float], *, n_steps: int, runs: int, seed: int
) -> dict[str, Array]:
    """Distances of the errors of memories with some weights from that of SGD, on the same data.

    Args:
        task: the task; N must be finite.
        dim: dimension d.
        rates: learning rates γ by the second entry of their seed.
        n_steps: number of steps.
        runs: number of embeddings and data sets.
        seed: first entry of the seeds.

    Returns:
        For the ``approximation`` and each of `RIVALS`: absolute differences, shape (rates, runs).

    Example:
        >>> gaps = error_gaps(ZipfTask(2.0, 10, 5), 20, {1: 1.0}, n_steps=9, runs=4, seed=0)
        >>> gaps["√n"].shape
        (1, 4)
    """
    gaps: dict[str, list[Array]] = {name: [] for name in ("approximation", *RIVALS)}
    for key, rate in rates.items():
        descent = descend(task, dim, rate, n_steps=n_steps, runs=runs, seed=(seed, key))
        right, n = network_errors(task, descent.sgd.logits()), descent.sgd.shares
        weights: list[Tensor] = [descent.approximation.weights, n**0.4, n**0.5, (n > 0).double()]
        for name, each in zip(gaps, weights, strict=True):
            gaps[name].append(np.abs(memory_errors(task, descent.network, each) - right))
    return {name: np.array(each) for name, each in gaps.items()}


def figure_4_samples(learning_rate: float, *, seed: int, runs: int = 100) -> Array:
    """The errors of Figure 4 after 100 steps on single tokens, by run.

    Args:
        learning_rate: γ, 1 in the figure.
        seed: first entry of the seeds.
        runs: number of embeddings and data sets.

    Returns:
        Shape (4, runs): SGD and the approximation at d = 100, and both at d = 10.

    Source: Figure 4 of the paper.

    Example:
        >>> figure_4_samples(1.0, seed=0, runs=4).shape
        (4, 4)
    """
    task = ZipfTask(2.0, 100, 5)
    tables = [
        descend(task, dim, learning_rate, n_steps=100, runs=runs, seed=(seed, 90)).errors
        for dim in (100, 10)
    ]
    return np.concatenate([by_trial(table, ["learner"]) for table in tables])
