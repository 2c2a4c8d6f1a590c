"""What a step on a token that is not stored does to those that are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse
from assocmem.training.batch import Batch
from assocmem.training.learners import Learner
from assocmem.training.loop import check_learner


@dataclass(frozen=True)
class FirstHit:
    """The first step of each run that hits a token that was not seen before and is wrong.

    Args:
        token: index x − 1 of that token, shape (R,); −1 in a run without such a step.
        before: probabilities of the outputs before the step, shape (R, N, M); NaN without one.
        after: the same after the step.
        lost: how many tokens that had been seen and were right are wrong after it, shape (R,).
        course: probabilities of the first run before the first and after each step,
            shape (steps + 1, N, M).

    Example:
        >>> none = FirstHit(np.array([-1]), *np.full((2, 1, 3, 2), np.nan), np.array([0]), np.ones((1, 3, 2)) / 2)
        >>> none.token.tolist(), none.lost.tolist()
        ([-1], [0])
    """

    token: NDArray[np.int64]
    before: Array
    after: Array
    lost: Array
    course: Array


def first_hit(
    task: ZipfTask,
    learner: Learner,
    data: Iterable[Batch],
    learning_rate: float,
    least_seen: int = 3,
) -> FirstHit:
    """Train on single tokens, and watch for the first one that is not stored.

    Args:
        task: the task.
        learner: what to train; it is changed.
        data: batches of one token in each run.
        learning_rate: γ > 0.
        least_seen: how many different tokens must have been seen before, so that something can be
            lost.

    Returns:
        What the steps did.

    Raises:
        ValueError: for an invalid number, a learner of other labels than those of the task, or a
            batch of more than one token in a run.

    Source: Section 4 of the paper, dynamics of the memory.

    Example:
        >>> from assocmem import Network, TokenLearner, batches
        >>> task, rng = ZipfTask(1.5, 10, 5), np.random.default_rng(0)
        >>> labels = task.labels(task.tokens)
        >>> network = Network.draw("W", labels, 5, runs=8, generator=torch.Generator())
        >>> hit = first_hit(task, TokenLearner(network), batches(task, 1, 40, runs=8, rng=rng), 10.0)
        >>> hit.before.shape
        (8, 10, 5)
    """
    Real(above=0).check("learning_rate", learning_rate)
    Integer(0).check("least_seen", least_seen)
    check_learner(task, "learner", learner)
    labels, run = task.labels(task.tokens), np.arange(learner.runs)
    now = torch.softmax(learner.logits(), -1).double().numpy()
    seen = np.zeros((learner.runs, len(labels)), dtype=bool)
    token = np.full(learner.runs, -1)
    before, after = np.full((2, *now.shape), np.nan)
    lost, course = np.full(learner.runs, np.nan), [now[0]]
    for batch in data:
        if tuple(batch.tokens.shape) != (learner.runs, 1):
            given = f"batch of shape {tuple(batch.tokens.shape)}"
            raise refuse("data", given, f"batches of shape (R, 1) = ({learner.runs}, 1)")
        drawn = batch.tokens[:, 0].numpy()
        right = now.argmax(-1) == labels
        learner.step(batch, learning_rate)
        then = torch.softmax(learner.logits(), -1).double().numpy()
        unstored = ~seen[run, drawn] & ~right[run, drawn] & (seen.sum(axis=1) >= least_seen)
        first = unstored & (token < 0)
        forgotten = (seen & right & (then.argmax(-1) != labels)).sum(axis=1)
        token[first], lost[first] = drawn[first], forgotten[first]
        before[first], after[first] = now[first], then[first]
        seen[run, drawn] = True
        now = then
        course.append(now[0])
    return FirstHit(token, before, after, lost, np.stack(course))
