"""What training starts from."""

import torch

from assocmem.model.task import ZipfTask
from assocmem.training.network import Network


def empty_memories(task: ZipfTask, dim: int, *, runs: int, seed: int) -> Network:
    r"""Networks as in the paper's experiments with W: unit outputs, inputs
    :math:`\mathcal N(0, I/d)`, W = 0.

    Args:
        task: the task, which has the labels.
        dim: dimension d.
        runs: number of networks R.
        seed: seed of the embeddings.

    Example:
        >>> empty_memories(ZipfTask(1.5, 10, 5), 4, runs=3, seed=0).logits().abs().max().item()
        0.0
    """
    labels, generator = torch.from_numpy(task.labels(task.tokens)), torch.Generator()
    return Network.draw(
        "W", labels, dim, runs=runs, generator=generator.manual_seed(seed),
        zero_memory=True, unit_outputs=True,
    )  # fmt: skip
