"""Training on batches of the task, with the same data for every learner of a run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from assocmem.learners import Learner
from assocmem.network import Batch
from assocmem.parameters import Each, Integer, Real, refuse
from assocmem.task import ZipfTask

__all__ = ["batches", "merge_tokens", "network_errors", "network_losses", "population", "train"]

#: Numbers that are drawn at a time, for several steps.
_DRAWN = 2**17


def merge_tokens(counts: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The different tokens of each batch, and their shares of it.

    Args:
        counts: how often each token occurs in each batch, shape (..., N), no row all 0.

    Returns:
        Tokens and shares, shape (..., K), K being the largest number of different tokens in a
        batch; shorter ones are filled up with tokens of share 0, which differ too.

    Raises:
        ValueError: for a batch without samples.

    Example:
        >>> merge_tokens(np.array([[0, 3, 1], [2, 0, 0]]))[0].tolist()
        [[1, 2], [0, 1]]
    """
    sizes = counts.sum(axis=-1, keepdims=True)
    if not sizes.all():
        raise refuse("counts", "a batch without samples", "at least one sample in each batch")
    width = int((counts > 0).sum(axis=-1).max())
    tokens = np.argsort(-counts, axis=-1, kind="stable")[..., :width]
    return tokens, np.take_along_axis(counts, tokens, axis=-1) / sizes


def batches(
    task: ZipfTask,
    batch_size: int,
    n_steps: int,
    *,
    runs: int,
    rng: np.random.Generator,
    device: str | torch.device = "cpu",
) -> Iterator[Batch]:
    """Batches of independent samples of the task, one for each run and step.

    Args:
        task: the task; N must be finite.
        batch_size: samples in a batch.
        n_steps: number of batches.
        runs: number of runs R.
        rng: source of randomness; it is asked for several steps at a time.
        device: where the batches are wanted.

    Raises:
        ValueError: for an invalid number or infinite N, when called.
    """
    Integer(1).check("batch_size", batch_size)
    Integer(0).check("n_steps", n_steps)
    Integer(1).check("runs", runs)
    law = task.probabilities
    together = max(1, _DRAWN // (runs * (1 if batch_size == 1 else len(law))))

    def draw() -> Iterator[Batch]:
        for first in range(0, n_steps, together):
            steps = min(together, n_steps - first)
            if batch_size == 1:
                tokens = task.sample(steps * runs, rng).reshape(steps, runs, 1) - 1
                shares = np.ones(tokens.shape)
            else:
                tokens, shares = merge_tokens(rng.multinomial(batch_size, law, (steps, runs)))
            widths = np.count_nonzero(shares, axis=-1).max(axis=-1)
            where = torch.from_numpy(tokens).to(device), torch.from_numpy(shares).to(device)
            for token, share, width in zip(*where, widths.tolist(), strict=True):
                yield Batch(token[:, :width], share[:, :width])

    return draw()


def population(
    task: ZipfTask, n_steps: int, *, device: str | torch.device = "cpu"
) -> Iterator[Batch]:
    """The whole law p as the batch of every step: the gradient of the expected loss.

    Args:
        task: the task; N must be finite.
        n_steps: number of steps.
        device: where the batches are wanted.

    Raises:
        ValueError: for an invalid number or infinite N, when called.
    """
    Integer(0).check("n_steps", n_steps)
    tokens = torch.from_numpy(task.tokens - 1)[None].to(device)
    shares = torch.from_numpy(task.probabilities)[None].to(device)
    return itertools.repeat(Batch(tokens, shares), n_steps)


def network_errors(task: ZipfTask, logits: Tensor) -> NDArray[np.float64]:
    r"""The generalization error :math:`\sum_x p(x) 1\{\arg\max_y s_y(x) \ne f_*(x)\}` of each run.

    Args:
        task: the task.
        logits: scores of the outputs for every token, shape (R, N, M).

    Returns:
        Shape (R,); NaN for a run that has diverged (a score that is not finite): what it predicts
        is an accident of how NaN compares.

    Raises:
        ValueError: for logits that are not of the tokens and outputs of the task.
    """
    labels = _labels(task, logits)
    wrong = (logits.argmax(dim=-1) != labels).cpu().numpy()
    errors: NDArray[np.float64] = wrong @ task.probabilities
    finite = torch.isfinite(logits).all(dim=-1).all(dim=-1).cpu().numpy()
    return np.where(finite, errors, np.nan)


def network_losses(task: ZipfTask, logits: Tensor) -> NDArray[np.float64]:
    r"""The expected cross-entropy :math:`-\sum_x p(x) \log p_W(f_*(x) | x)` of each run.

    Args:
        task: the task.
        logits: scores of the outputs for every token, shape (R, N, M).

    Returns:
        Shape (R,).

    Raises:
        ValueError: for logits that are not of the tokens and outputs of the task.
    """
    labels = _labels(task, logits)
    right = labels.expand(logits.shape[:2])[..., None]
    surprise = -torch.log_softmax(logits, dim=-1).gather(-1, right)[..., 0]
    losses: NDArray[np.float64] = surprise.double().cpu().numpy() @ task.probabilities
    return losses


def _labels(task: ZipfTask, logits: Tensor) -> Tensor:
    """The right output of each token, where the logits are, if they fit the task."""
    labels = task.labels(task.tokens)
    shape = tuple(logits.shape)
    if len(shape) != 3 or shape[1] != len(labels) or shape[2] <= labels.max():
        valid = f"shape (R, N = {len(labels)}, M ≥ {labels.max() + 1})"
        raise refuse("logits", f"array of shape {shape}", valid)
    return torch.from_numpy(labels).to(logits.device)


def check_learner(task: ZipfTask, name: str, learner: Learner) -> None:
    """Raise `ValueError` unless a learner is taught the outputs of the task."""
    wanted, given = task.labels(task.tokens), learner.labels.cpu().numpy()
    if not np.array_equal(wanted, given):
        valid = f"f* of the N = {len(wanted)} tokens of the task"
        raise refuse(name, f"learner of the labels {given.tolist()[:6]}, …", valid)


def train(
    task: ZipfTask,
    learners: Mapping[str, Learner],
    *,
    n_steps: int,
    batch_size: int | None,
    learning_rate: float | Sequence[float],
    rng: np.random.Generator,
    record: Sequence[int] | None = None,
    progress: bool = False,
    device: str | torch.device = "cpu",
) -> pd.DataFrame:
    """Train several learners on the same batches, and measure their errors on the way.

    Args:
        task: the task; N must be finite.
        learners: what to train, by the name it gets in the table; all have the same number of runs.
            They are changed, and can be looked at afterwards or trained further.
        n_steps: number of steps.
        batch_size: samples in a batch; None for the population gradient, whose batch is the law p.
        learning_rate: γ, or one for each step.
        rng: source of the batches.
        record: after which steps the error is measured; after each, and before the first, unless
            given.
        progress: show a bar of steps.
        device: where the learners have their arrays.

    Returns:
        One row per learner, run and recorded step: columns ``learner``, ``trial``, ``step``,
        ``n_samples`` (seen so far; infinite for the population), ``error`` (NaN if the run has
        diverged) and ``diverged``.

    Raises:
        ValueError: for an invalid number, learners with unequal numbers of runs, or learners of other
            labels than those of the task, before any work.

    Example:
        >>> from assocmem import SGD, GradientLearner, Network
        >>> task = ZipfTask(alpha=1.5, n_tokens=10, n_outputs=5)
        >>> labels = task.labels(task.tokens)
        >>> network = Network.draw("W", labels, 5, runs=3, generator=torch.Generator())
        >>> sgd = {"SGD": GradientLearner(network, SGD())}
        >>> rng = np.random.default_rng(0)
        >>> table = train(task, sgd, n_steps=4, batch_size=2, learning_rate=1.0, rng=rng)
        >>> len(table)
        15
    """
    Integer(0).check("n_steps", n_steps)
    rates = [learning_rate] * n_steps if isinstance(learning_rate, int | float) else learning_rate
    if len(rates) != n_steps:
        raise refuse(
            "learning_rate", f"{len(rates)} values", f"a number, or n_steps = {n_steps} of them"
        )
    for position, rate in enumerate(rates):
        Real(above=0).check(f"learning_rate[{position}]", rate)
    wanted = range(n_steps + 1) if record is None else record
    Each(Integer(0, n_steps)).check("record", wanted)
    runs = {learner.runs for learner in learners.values()}
    if len(runs) != 1:
        raise refuse(
            "learners", f"runs {sorted(runs)}", "at least one, all with the same number of runs"
        )
    for name, learner in learners.items():
        check_learner(task, f"learners[{name!r}]", learner)
    data = population(task, n_steps, device=device)
    if batch_size is not None:
        data = batches(task, batch_size, n_steps, runs=runs.pop(), rng=rng, device=device)

    keep = set(wanted)
    frames = []
    bar = tqdm(total=n_steps, desc="steps", disable=not progress)
    steps = itertools.chain([(None, 0.0)], zip(data, rates, strict=True))
    for step, (batch, rate) in enumerate(steps):
        for name, learner in learners.items():
            if batch is not None:
                learner.step(batch, rate)
            if step in keep:
                errors = network_errors(task, learner.logits())
                rows = {"learner": name, "trial": np.arange(len(errors)), "step": step}
                frames.append(pd.DataFrame({**rows, "error": errors}))
        bar.update(batch is not None)
    bar.close()
    table = pd.concat(frames, ignore_index=True)
    seen = table["step"] * (np.inf if batch_size is None else batch_size)
    table.insert(3, "n_samples", seen.where(table["step"] > 0, 0.0))
    return table.assign(diverged=table["error"].isna())
