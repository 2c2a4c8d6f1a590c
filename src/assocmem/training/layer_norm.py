"""What steps with layer norm do to the lengths of hidden vectors."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import torch

from assocmem.model.task import ZipfTask
from assocmem.parameters import refuse
from assocmem.training.batch import Batch, batches
from assocmem.training.learners import GradientLearner
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD


def step_lengths(network: Network, data: Iterable[Batch], learning_rate: float) -> pd.DataFrame:
    r"""Train W by SGD, and see how each step changes the lengths :math:`\|W e_x\|`.

    Args:
        network: networks of the model ``"W"``, changed by the training.
        data: batches, one a step.
        learning_rate: γ.

    Returns:
        One row per step and run: columns ``step``, ``trial``, ``cosine`` (between W and its
        gradient, in modulus) and ``ratio``, the least :math:`\|W_{t+1} e_x\|/\|W_t e_x\|` of any token.

    Raises:
        ValueError: for another model.

    Source: Proved in the book, in the chapter on the grid, for networks with layer norm.

    Example:
        >>> network = Network.draw("W", [0, 1], 3, runs=4, generator=torch.Generator())
        >>> batch = Batch(torch.tensor([[0, 1]]), torch.full((1, 2), 0.5))
        >>> len(step_lengths(network, [batch] * 5, 0.1))
        20
    """
    if network.model != "W" or network.memory is None:
        raise refuse("model", network.model, "'W'")
    learner, frames = GradientLearner(network, SGD()), []
    for step, batch in enumerate(data, start=1):
        before = network.memory.clone()
        lengths = torch.linalg.vector_norm(network.inputs @ before.mT, dim=-1)
        learner.step(batch, learning_rate)
        change = network.memory - before
        size = torch.linalg.matrix_norm(change) * torch.linalg.matrix_norm(before)
        after = torch.linalg.vector_norm(network.inputs @ network.memory.mT, dim=-1)
        numbers = {
            "cosine": (change * before).sum((1, 2)).abs() / size,
            "ratio": (after / lengths).amin(-1),
        }
        row = {"step": step, "trial": range(network.runs)}
        frames.append(pd.DataFrame({**row, **{k: v.numpy() for k, v in numbers.items()}}))
    return pd.concat(frames, ignore_index=True)


def lengths_by_inputs(seed: int = 42) -> pd.DataFrame:
    """Large steps with layer norm, on orthogonal inputs and on random ones.

    SGD on W with γ = 100 and batches of 16 makes 50 steps in each of ten runs; N = d = 20, M = 5,
    α = 2.

    Args:
        seed: seed of the embeddings and the data.

    Returns:
        One row per kind of ``inputs`` (``orthogonal`` or ``correlated``) and ``trial``: columns
        ``cosine``, the largest of any step, and ``least``, the least ``ratio`` of any step
        (`step_lengths`).

    Example:
        >>> lengths_by_inputs().groupby("inputs")["least"].min().round(2).to_dict()
        {'correlated': 0.87, 'orthogonal': 1.0}
    """
    task, tables = ZipfTask(2.0, 20, 5), {}
    for inputs in ("orthogonal", "correlated"):
        network = Network.draw(
            "W", torch.from_numpy(task.labels(task.tokens)), 20, runs=10, layer_norm=True,
            generator=torch.Generator().manual_seed(seed),
        )  # fmt: skip
        if inputs == "orthogonal":
            network.inputs = torch.linalg.qr(network.inputs).Q
        data = batches(task, 16, 50, runs=10, rng=np.random.default_rng(seed))
        steps = step_lengths(network, data, 100.0).groupby("trial")
        tables[inputs] = steps.agg(cosine=("cosine", "max"), least=("ratio", "min"))
    return pd.concat(tables, names=["inputs"]).reset_index()
