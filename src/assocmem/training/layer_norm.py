"""What steps with layer norm do to the lengths of hidden vectors."""

from collections.abc import Iterable

import pandas as pd
import torch

from assocmem.parameters import refuse
from assocmem.training.batch import Batch
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
