r"""The loss as it was published, :math:`-\log p_W(y|x)` with the probability picked first, and what it
does in single precision where a run goes on from the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real
from assocmem.training.batch import Batch, batches
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors
from assocmem.training.network import Network
from assocmem.training.optimizers import Adam
from assocmem.training.plane import plane_networks


def picked_gradient(logits: Tensor, labels: Tensor, share: float) -> Tensor:
    r"""The gradient of :math:`-\log p_y` for one sample, by the rules of automatic differentiation.

    The logarithm passes on :math:`g = -\mathrm{share}/p_y`, and the softmax

    .. math:: \frac{∂\ell}{∂s_z} = p_z\, (g\, 1\{z = y\} - g\, p_y) ,

    in this order. In exact arithmetic this is share · (p_z − 1{z = y}); in single precision g is
    infinite where :math:`p_y <` share/3.4·10³⁸, and the gradient is not a number.

    Args:
        logits: shape (..., K, M).
        labels: y of each token, shape (..., K).
        share: what a sample counts in the mean, 1/|B|.

    Returns:
        Shape of ``logits``.

    Example:
        >>> picked_gradient(torch.tensor([[0.0, 0.0], [-60.0, 60.0]]), torch.tensor([0, 0]), 1.0)
        tensor([[-0.5000,  0.5000],
                [    nan,     nan]])
    """
    beliefs = torch.softmax(logits, dim=-1)
    index = labels.expand(beliefs.shape[:-1])[..., None]
    picked = beliefs.gather(-1, index)
    # not share times a reciprocal: 1/p may overflow
    pull = torch.full_like(picked, -share) / picked
    right = torch.zeros_like(beliefs).scatter_(-1, index, pull)
    return beliefs * (right - pull * picked)


@dataclass
class PickedNetwork(Network):
    """Networks with `picked_gradient` for a loss, which note the least probabilities they meet:
    ``picked``, of the right output of a sample, and ``least``, of any output of it, shape (R,).

    Args:
        model: as for a `Network`, and so are the five that follow.
        inputs: embeddings E, shape (R, N, d).
        outputs: unembeddings U, shape (R, M, d).
        memory: W, shape (R, d, d), or None.
        labels: f*(x) of each token, shape (N,).
        layer_norm: whether h is divided by its norm.
        share: what a sample counts in the mean of a batch, 1/|B|.

    Example:
        >>> labels, eye = torch.tensor([0, 1]), torch.eye(2)[None]
        >>> network = PickedNetwork("W", eye, eye, torch.zeros(1, 2, 2), labels, share=1.0)
        >>> _ = network.gradients(Batch(torch.tensor([[0]]), torch.ones(1, 1)))
        >>> network.picked.tolist()
        [0.5]
    """

    share: float = 1.0
    picked: Tensor = field(init=False)
    least: Tensor = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        Real(above=0, at_most=1).check("share", self.share)
        self.forget()

    def forget(self) -> None:
        """Start the notes anew."""
        self.picked = self.least = torch.ones(self.runs)

    def residual(self, logits: Tensor, batch: Batch) -> Tensor:
        """The gradient of the mean loss of a batch in the logits, sample by sample."""
        labels = self.labels[batch.tokens]
        gradient = picked_gradient(logits, labels, self.share)
        sampled = batch.weights > 0
        beliefs = torch.softmax(logits.detach(), dim=-1)
        right = beliefs.gather(-1, labels.expand(beliefs.shape[:-1])[..., None])[..., 0]
        for name, found in (("picked", right), ("least", beliefs.amin(-1))):
            lowest = torch.where(sampled, found, 1.0).amin(-1)
            # what is not a number does not count
            setattr(self, name, torch.fmin(getattr(self, name), lowest))
        times = (batch.weights / self.share)[..., None].to(gradient.dtype)
        return torch.where(sampled[..., None], times * gradient, 0.0)


def chained_runs(
    task: ZipfTask,
    network: Network,
    *,
    links: int,
    n_steps: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    r"""Train with Adam again and again, each run going on from the end of the one before.

    This is the published order of things: single precision, the picked loss, and no initialisation
    between the trials of a number of outputs; the moments of Adam are new in each.

    Args:
        task: the task; N must be finite.
        network: where the first run starts, R chains; it is not changed.
        links: runs of each chain.
        n_steps: steps of a run.
        batch_size: samples in a batch.
        learning_rate: γ.
        rng: source of the batches.

    Returns:
        One row per link and chain: columns ``link``, ``trial`` (the chain), ``lost`` (whether its
        arrays are no longer numbers), ``error`` (as published: then the first output counts as the
        largest), and the least probability of a sample's right output, ``picked``, and of any
        output, ``least``, in that run.

    Raises:
        ValueError: for a value out of range.

    Source: Section 4, error against the number of outputs; the published order of operations.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=6, n_outputs=3)
        >>> network = Network.draw("EWU", task.labels(task.tokens), 2, runs=4,
        ...                        generator=torch.Generator())
        >>> len(chained_runs(task, network, links=3, n_steps=5, batch_size=10, learning_rate=0.1,
        ...                  rng=np.random.default_rng(0)))
        12
    """
    Integer(1).check("links", links)
    Integer(1).check("n_steps", n_steps)
    Integer(1).check("batch_size", batch_size)
    chain = PickedNetwork(
        network.model,
        network.inputs.to(torch.float32, copy=True),
        network.outputs.to(torch.float32, copy=True),
        None if network.memory is None else network.memory.to(torch.float32, copy=True),
        network.labels,
        network.layer_norm,
        share=1 / batch_size,
    )
    frames = []
    for link in range(links):
        chain.forget()
        learner = GradientLearner(chain, Adam())
        for batch in batches(task, batch_size, n_steps, runs=chain.runs, rng=rng):
            learner.step(batch, learning_rate)
        logits = chain.logits()
        lost = ~torch.isfinite(logits).all(-1).all(-1)
        logits[lost] = 0.0  # the first of equal scores wins
        error = network_errors(task, logits)
        row = {"link": link, "trial": range(chain.runs), "error": error, "lost": lost.numpy()}
        notes = {name: getattr(chain, name).numpy() for name in ("picked", "least")}
        frames.append(pd.DataFrame({**row, **notes}))
    return pd.concat(frames, ignore_index=True)


def until_lost(chains: pd.DataFrame) -> NDArray[np.bool_]:
    """Which links of chains of runs started from numbers: up to the one in which a chain is lost.

    Args:
        chains: columns ``n_outputs``, ``trial``, ``link`` and ``lost``, links in their order.

    Returns:
        One entry per row.

    Example:
        >>> chains = {"n_outputs": 5, "trial": 0, "link": [0, 1, 2], "lost": [False, True, True]}
        >>> until_lost(pd.DataFrame(chains)).tolist()
        [True, True, False]
    """
    before = chains.groupby(["n_outputs", "trial"])["lost"].shift(1, fill_value=False)
    return ~before.to_numpy(dtype=np.bool_)


def chains_by_outputs(
    task: ZipfTask,
    outputs: Sequence[int],
    *,
    runs: int,
    seed: int,
    links: int,
    n_steps: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """`chained_runs` in the plane for several numbers of outputs, numbered as published: the token
    of rank 1 has the first output.

    Args:
        task: the law of the tokens; its own number of outputs does not matter.
        outputs: numbers of outputs M.
        runs: chains of each.
        seed: seed of the networks, to which 200,000 + 1000 M is added.
        links: runs of each chain.
        n_steps: steps of a run.
        batch_size: samples in a batch.
        learning_rate: γ.
        rng: source of the batches.

    Returns:
        The table of `chained_runs`, with the column ``n_outputs``.

    Example:
        >>> task, rng = ZipfTask(2.0, 10, 5), np.random.default_rng(0)
        >>> settings = {"n_steps": 3, "batch_size": 4, "learning_rate": 0.1, "rng": rng}
        >>> len(chains_by_outputs(task, [2, 5], runs=2, seed=0, links=3, **settings))
        12
    """
    tables = []
    for count in outputs:
        own = ZipfTask(task.alpha, task.n_tokens, count, target=(count - 1, *range(count - 1)))
        start = plane_networks(own, runs=runs, seed=seed + 200_000 + 1000 * count)
        table = chained_runs(
            own, start, links=links, n_steps=n_steps, batch_size=batch_size,
            learning_rate=learning_rate, rng=rng,
        )  # fmt: skip
        tables.append(table.assign(n_outputs=count))
    return pd.concat(tables, ignore_index=True)
