"""What a step on a token that is not stored does to those that are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse
from assocmem.training.batch import Batch, batches
from assocmem.training.learners import Learner
from assocmem.training.loop import check_learner
from assocmem.training.network import Network
from assocmem.training.reduced_learners import TokenLearner


@dataclass(frozen=True)
class FirstHit:
    """The first step of each run that hits a token that was not seen before and is wrong.

    Args:
        token: index x − 1 of that token, shape (R,); −1 in a run without such a step.
        before: probabilities of the outputs before the step, shape (R, N, M); NaN without one.
        after: the same after the step.
        stored: whether that token is right after the step, shape (R,); False without one.
        lost: how many tokens that had been seen and were right are wrong after it, shape (R,).
        course: probabilities of the first run before the first and after each step,
            shape (steps + 1, N, M).
        margins: by how much the right output of each token scores more than the best of the others,
            in the same run at the same times, shape (steps + 1, N).

    Example:
        >>> none, nothing = np.array([-1]), np.full((1, 3, 2), np.nan)
        >>> hit = FirstHit(none, nothing, nothing, none > 0, none + 1.0, nothing, nothing[..., 0])
        >>> hit.token.tolist(), hit.stored.tolist()
        ([-1], [False])
    """

    token: NDArray[np.int64]
    before: Array
    after: Array
    stored: NDArray[np.bool_]
    lost: Array
    course: Array
    margins: Array


def score_margins(logits: Tensor, labels: NDArray[np.integer]) -> Array:
    r"""The margins :math:`s_y(x) - \max_{z \ne y} s_z(x)` of the right outputs.

    Args:
        logits: scores of the outputs for every token, shape (..., N, M).
        labels: right output y of each token, shape (N,).

    Returns:
        Shape (..., N); positive where the token is recalled.

    Example:
        >>> score_margins(torch.tensor([[3.0, 1.0], [2.0, 0.5]]), np.array([0, 1])).tolist()
        [2.0, -1.5]
    """
    right = torch.nn.functional.one_hot(torch.from_numpy(labels), logits.shape[-1]).bool()
    own = torch.where(right, logits, 0).sum(-1)
    margins: Array = (own - logits.masked_fill(right, -torch.inf).amax(-1)).double().numpy()
    return margins


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
    logits = learner.logits()
    now = torch.softmax(logits, -1).double().numpy()
    seen = np.zeros((learner.runs, len(labels)), dtype=bool)
    token = np.full(learner.runs, -1)
    before, after = np.full((2, *now.shape), np.nan)
    lost = np.full(learner.runs, np.nan)
    course, margins = [now[0]], [score_margins(logits[0], labels)]
    for batch in data:
        if tuple(batch.tokens.shape) != (learner.runs, 1):
            given = f"batch of shape {tuple(batch.tokens.shape)}"
            raise refuse("data", given, f"batches of shape (R, 1) = ({learner.runs}, 1)")
        drawn = batch.tokens[:, 0].numpy()
        right = now.argmax(-1) == labels
        learner.step(batch, learning_rate)
        logits = learner.logits()
        then = torch.softmax(logits, -1).double().numpy()
        unstored = ~seen[run, drawn] & ~right[run, drawn] & (seen.sum(axis=1) >= least_seen)
        first = unstored & (token < 0)
        forgotten = (seen & right & (then.argmax(-1) != labels)).sum(axis=1)
        token[first], lost[first] = drawn[first], forgotten[first]
        before[first], after[first] = now[first], then[first]
        seen[run, drawn] = True
        now = then
        course.append(now[0])
        margins.append(score_margins(logits[0], labels))
    right = after[run, token].argmax(-1) == labels[token]
    return FirstHit(
        token, before, after, right & (token >= 0), lost, np.stack(course), np.stack(margins)
    )


def first_hits(
    task: ZipfTask,
    network: Network,
    rates: Mapping[str, float],
    *,
    seed: int | Sequence[int],
    n_steps: int = 60,
) -> tuple[dict[str, FirstHit], NDArray[np.int64], NDArray[np.int64]]:
    """`first_hit` of SGD with several learning rates, from the same start and on the same data.

    Args:
        task: the task.
        network: where all start; it is left as it is.
        rates: learning rates γ by name.
        seed: seed of the data.
        n_steps: number of steps at least; more are made until two runs have such a step at every
            rate, up to 100,000.

    Returns:
        What the steps did, by name of the rate; the runs that have such a step at every rate; and
        the token that each step of the first run learned from, x − 1.

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> options = {"runs": 20, "generator": torch.Generator(), "zero_memory": True}
        >>> network = Network.draw("W", task.labels(task.tokens), 5, **options)
        >>> hits, both, drawn = first_hits(task, network, {"large": 10.0, "small": 0.1}, seed=0)
        >>> sorted(hits), len(drawn), len(both) > 1
        (['large', 'small'], 60, True)
    """
    hits: dict[str, FirstHit] = {}
    for length in sorted({n_steps, 1000, 10_000, 100_000}):
        rng = np.random.default_rng(seed)
        data = list(batches(task, 1, length, runs=network.runs, rng=rng))
        hits = {
            name: first_hit(task, TokenLearner(network), data, rate) for name, rate in rates.items()
        }
        both = np.flatnonzero(np.all([hit.token >= 0 for hit in hits.values()], axis=0))
        if len(both) > 1:
            break
    return hits, both, np.array([int(batch.tokens[0, 0]) for batch in data])


def margins_at_first_sight(
    hits: Mapping[str, FirstHit], rates: Mapping[str, float], drawn: NDArray[np.integer]
) -> pd.DataFrame:
    """The margins of all tokens around the steps of the first run that met a new one.

    Args:
        hits: as `first_hits` returns them.
        rates: their learning rates γ.
        drawn: the token that each step learned from, x − 1, shape (steps,).

    Returns:
        One row per rate, such step and token: columns ``rate`` (its name), ``step``, ``learned`` (the
        token that the step learned from), ``token``, and ``before`` and ``after``, the margins in
        units of γ.

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> options = {"runs": 20, "generator": torch.Generator(), "zero_memory": True}
        >>> network = Network.draw("W", task.labels(task.tokens), 5, **options)
        >>> hits, _, drawn = first_hits(task, network, {"large": 10.0}, seed=0)
        >>> table = margins_at_first_sight(hits, {"large": 10.0}, drawn)
        >>> table.query("step == 1")["learned"].unique().tolist() == [drawn[0] + 1]
        True
    """
    steps = np.sort(np.unique(drawn, return_index=True)[1]) + 1
    tables = []
    for name, hit in hits.items():
        for step in steps.tolist():
            margins = {"before": hit.margins[step - 1], "after": hit.margins[step]}
            table = pd.DataFrame({k: margin / rates[name] for k, margin in margins.items()})
            head = {"rate": name, "step": step, "learned": int(drawn[step - 1]) + 1}
            tables.append(table.assign(token=range(1, len(table) + 1), **head))
    return pd.concat(tables, ignore_index=True)


def hit_memories(
    hits: Mapping[str, FirstHit], titles: Mapping[str, str], run: int
) -> tuple[dict[str, Array], list[int]]:
    """The memories of one run before and after the first hit, at each learning rate.

    Args:
        hits: as `first_hits` returns them.
        titles: what to call each rate.
        run: index of the run.

    Returns:
        Probabilities, shape (N, M) each, by ``before, TITLE`` and ``after, TITLE``; and the token
        that was learned, x − 1, one entry for each.

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> options = {"runs": 20, "generator": torch.Generator(), "zero_memory": True}
        >>> network = Network.draw("W", task.labels(task.tokens), 5, **options)
        >>> hits, both, _ = first_hits(task, network, {"large": 10.0}, seed=0)
        >>> list(hit_memories(hits, {"large": "γ = 10"}, both[0])[0])
        ['before, γ = 10', 'after, γ = 10']
    """
    memories: dict[str, Array] = {}
    tokens: list[int] = []
    for name, title in titles.items():
        hit = hits[name]
        memories |= {f"before, {title}": hit.before[run], f"after, {title}": hit.after[run]}
        tokens += [int(hit.token[run])] * 2
    return memories, tokens
