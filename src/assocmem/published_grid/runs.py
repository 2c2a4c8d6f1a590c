"""The published grid of optimisation experiments: 40,320 runs on one small task.

The random numbers are the published ones, drawn in the same order from the same seeds, so that a
run here is the published run but for the rounding of single precision.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Each, Integer, OneOf, Real, refuse
from assocmem.training.batch import Batch, merge_tokens
from assocmem.training.learners import GradientLearner, Learner
from assocmem.training.loop import network_errors
from assocmem.training.network import MODELS, Model, Network
from assocmem.training.optimizers import SGD, SignSGD
from assocmem.training.reduced_learners import HiddenLearner, ProjectedLearner, TokenLearner

#: α = 2, N = 100, M = 5; the token of rank x has the output x − 1 mod M.
GRID_TASK = ZipfTask(2.0, 100, 5, target=(4, 0, 1, 2, 3))

#: Every axis of the published grid.
GRID: Mapping[str, Sequence[str | bool | float | int]] = {
    "model": MODELS,
    "optimizer": ("SGD", "Adam"),
    "layer_norm": (False, True),
    "dim": (10, 20, 50, 100, 200, 500, 1000),
    "batch_size": (16, 64, 256, 1024),
    "learning_rate": (0.1, 1.0, 10.0, 100.0),
    "n_samples": (1024, 10_240, 102_400),
    "seed": tuple(range(42, 52)),
}

#: Adam with β₁ = β₂ = 0, as published, is descent by signs.
_ADAM = SignSGD(epsilon=1e-8)
#: Numbers that the arrays of all runs trained together may have: what stays in the processor's cache.
_TOGETHER = 2**19
#: Steps between two looks at whether a run has diverged.
_LOOK = 64


def published_stream(
    model: Model, dim: int, n_samples: int, seed: int, *, layer_norm: bool = False
) -> tuple[Network, Tensor]:
    """The random numbers of one published run.

    After ``torch.manual_seed(seed)`` come a d × d matrix (the transpose of W) unless the model is
    "EU", E (N × d) and the transpose of U (d × M), all standard normal and then divided by √d, and
    then all T tokens at once. A smaller T gives the first tokens of a larger one.

    Args:
        model: ``"W"``, ``"EU"`` or ``"EWU"``.
        dim: dimension d.
        n_samples: T.
        seed: the published ones are 42 to 51.
        layer_norm: whether h is divided by its norm.

    Returns:
        One network (R = 1) in single precision, and the tokens' indices x − 1, shape (T,).

    Raises:
        ValueError: for a value out of range.

    Example:
        >>> network, tokens = published_stream("W", dim=8, n_samples=5, seed=42)
        >>> network.inputs.shape, tokens.shape
        (torch.Size([1, 100, 8]), torch.Size([5]))
    """
    OneOf(*MODELS).check("model", model)
    Integer(1).check("dim", dim)
    Integer(1).check("n_samples", n_samples)
    Integer(0).check("seed", seed)
    generator = torch.Generator().manual_seed(seed)

    def normals(rows: int, columns: int) -> Tensor:
        return torch.randn(rows, columns, generator=generator) / math.sqrt(dim)

    memory = None if model == "EU" else normals(dim, dim).T.contiguous()[None]
    inputs = normals(GRID_TASK.tokens.size, dim)
    outputs = normals(dim, GRID_TASK.n_outputs).T.contiguous()
    law = torch.from_numpy(GRID_TASK.probabilities).float()
    tokens = torch.multinomial(law, n_samples, replacement=True, generator=generator)
    labels = torch.from_numpy(GRID_TASK.labels(GRID_TASK.tokens))
    return Network(model, inputs[None], outputs[None], memory, labels, layer_norm), tokens


def grid_cost(dim: int, batch_size: int, model: Model, optimizer: str, **_: object) -> float:
    """About how long `grid_errors` takes, in any unit: longest first keeps all cores busy.

    Args:
        dim: dimension d.
        batch_size: samples in a batch.
        model: what is trained.
        optimizer: ``"SGD"`` or ``"Adam"``.

    Example:
        >>> grid_cost(dim=64, batch_size=16, model="EWU", optimizer="SGD")
        256.0
    """
    dense = model == "EWU" or (model == "W" and optimizer == "Adam")
    return (dim**2 if dense else 100 * dim) / batch_size


def grid_errors(
    model: Model,
    optimizer: str,
    layer_norm: bool,
    dim: int,
    batch_size: int,
    learning_rate: Sequence[float],
    n_samples: Sequence[int],
    seed: Sequence[int],
) -> pd.DataFrame:
    """Errors of runs of the published grid that share their shapes, trained together.

    A run goes once through T samples in batches, and its error is measured at the end; the same
    run, looked at earlier, is the run of a smaller T.

    Args:
        model: what is trained, one of `MODELS`.
        optimizer: ``"SGD"``, or ``"Adam"`` (with β₁ = β₂ = 0), whose step is γ/d for W and γ/√d for E
            and U.
        layer_norm: whether h is divided by its norm.
        dim: dimension d.
        batch_size: samples in a batch, a divisor of every T.
        learning_rate: learning rates γ.
        n_samples: numbers of samples T.
        seed: seeds; the published ones are 42 to 51.

    Returns:
        One row per learning rate, seed and T: columns ``learning_rate``, ``seed``, ``n_samples``,
        ``error`` (NaN if the run diverged) and ``diverged``.

    Raises:
        ValueError: for a value out of range, before any work.

    Source: Section 4 and its appendix.

    Example:
        >>> table = grid_errors("W", "SGD", False, 10, 256, [1.0], [1024], [42, 43])
        >>> table["error"].between(0, 1).all()
        np.True_
    """
    OneOf(*MODELS).check("model", model)
    OneOf("SGD", "Adam").check("optimizer", optimizer)
    Integer(1).check("dim", dim)
    Integer(1).check("batch_size", batch_size)
    Each(Real(above=0)).check("learning_rate", learning_rate)
    Each(Integer(0)).check("seed", seed)
    Each(Integer(1)).check("n_samples", n_samples)
    sizes = sorted(n_samples)
    for position, size in enumerate(n_samples):
        if size % batch_size:
            raise refuse(f"n_samples[{position}]", size, f"multiples of batch_size = {batch_size}")
    streams = [published_stream(model, dim, sizes[-1], s, layer_norm=layer_norm) for s in seed]
    tokens, shares = _slots(torch.stack([drawn for _, drawn in streams]), batch_size)
    runs = [(rate, k) for rate in learning_rate for k in range(len(seed))]
    together = max(1, _TOGETHER // (dim * max(dim, len(GRID_TASK.tokens))))
    pieces = [runs[i : i + together] for i in range(0, len(runs), together)]
    frames = []
    for piece in pieces:
        network = Network.stack([streams[k][0] for _, k in piece])
        which = [k for _, k in piece]
        rates = torch.tensor([rate for rate, _ in piece])
        data = (Batch(t, s) for t, s in zip(tokens[:, which], shares[:, which], strict=True))
        errors = _run(
            _learner(network, optimizer, dim), data, rates, [s // batch_size for s in sizes]
        )
        frames += [
            pd.DataFrame(
                {"learning_rate": rate, "seed": seed[k], "n_samples": sizes, "error": error}
            )
            for (rate, k), error in zip(piece, errors.T, strict=True)
        ]
    table = pd.concat(frames, ignore_index=True)
    return table.assign(diverged=table["error"].isna())


def _slots(tokens: Tensor, batch_size: int) -> tuple[Tensor, Tensor]:
    """The different tokens and their shares in each batch of each stream, (steps, streams, K)."""
    n_tokens = GRID_TASK.tokens.size
    streams, n_samples = tokens.shape
    steps = n_samples // batch_size
    cell = tokens.reshape(streams, steps, batch_size).transpose(0, 1)
    place = torch.arange(steps * streams).reshape(steps, streams, 1) * n_tokens
    counts = torch.bincount((cell + place).flatten(), minlength=steps * streams * n_tokens)
    kept, shares = merge_tokens(counts.reshape(steps, streams, n_tokens).numpy())
    return torch.from_numpy(kept), torch.from_numpy(shares).float()


def _learner(network: Network, optimizer: str, dim: int) -> Learner:
    """The learner that takes the least work for these steps."""
    if optimizer == "SGD":
        if network.model != "W":
            return GradientLearner(network, SGD())
        return HiddenLearner(network) if network.layer_norm else TokenLearner(network)
    if network.model == "W" and not network.layer_norm:
        return ProjectedLearner(network, _ADAM, scale=1 / dim)
    scales = {"memory": 1 / dim, "inputs": dim**-0.5, "outputs": dim**-0.5}
    return GradientLearner(network, _ADAM, scales)


def _run(
    learner: Learner, data: Iterable[Batch], rates: Tensor, checkpoints: Sequence[int]
) -> Array:
    """Errors of every run after so many steps, shape (checkpoints, R), NaN where it diverged."""
    errors = np.full((len(checkpoints), learner.runs), np.nan)
    for step, batch in enumerate(data, start=1):
        learner.step(batch, rates)
        if step in checkpoints:
            errors[checkpoints.index(step)] = network_errors(GRID_TASK, learner.logits())
        if step % _LOOK == 0 and not torch.isfinite(learner.logits()).any():
            break
    return errors
