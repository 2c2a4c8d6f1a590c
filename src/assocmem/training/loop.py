"""Training: learners on the same batches, and the errors that they make, as a tidy table."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Each, Integer, Real, refuse
from assocmem.training.batch import batches, population
from assocmem.training.learners import Learner


def network_errors(task: ZipfTask, logits: Tensor) -> Array:
    r"""The generalization error :math:`\sum_x p(x) 1\{\arg\max_y s_y(x) \ne f_*(x)\}` of each run.

    Args:
        task: the task.
        logits: scores of the outputs for every token, shape (R, N, M).

    Returns:
        Shape (R,); NaN for a run that has diverged (a score that is not finite): what it predicts
        is an accident of how NaN compares.

    Raises:
        ValueError: for logits that are not of the tokens and outputs of the task.

    Example:
        >>> task = ZipfTask(alpha=1.0, n_tokens=2, n_outputs=2)  # p = 2/3, 1/3 and f* = 1, 0
        >>> network_errors(task, torch.tensor([[[0.0, 1.0], [0.0, 1.0]]])).round(3).tolist()
        [0.333]
    """
    labels = _labels(task, logits)
    wrong = (logits.argmax(dim=-1) != labels).cpu().numpy()
    errors: Array = wrong @ task.probabilities
    finite = torch.isfinite(logits).all(dim=-1).all(dim=-1).cpu().numpy()
    return np.where(finite, errors, np.nan)


def network_losses(task: ZipfTask, logits: Tensor) -> Array:
    r"""The expected cross-entropy :math:`-\sum_x p(x) \log p_W(f_*(x) | x)` of each run.

    Args:
        task: the task.
        logits: scores of the outputs for every token, shape (R, N, M).

    Returns:
        Shape (R,).

    Raises:
        ValueError: for logits that are not of the tokens and outputs of the task.

    Example:
        >>> task = ZipfTask(alpha=1.0, n_tokens=2, n_outputs=2)
        >>> network_losses(task, torch.zeros(1, 2, 2)).round(4).tolist()  # log 2
        [0.6931]
    """
    labels = _labels(task, logits)
    right = labels.expand(logits.shape[:2])[..., None]
    surprise = -torch.log_softmax(logits, dim=-1).gather(-1, right)[..., 0]
    return surprise.double().cpu().numpy() @ task.probabilities


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
