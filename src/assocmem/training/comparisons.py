"""Descent beside what it is compared with: its approximation, and its promises."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, refuse
from assocmem.training.batch import population
from assocmem.training.gradients import association_gradient
from assocmem.training.learners import GradientLearner
from assocmem.training.loop import network_errors, network_losses, train
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD, SignSGD
from assocmem.training.reduced_learners import AssociationLearner, StoringLearner

Cases = NDArray[np.bool_]


def gradient_deviations(network: Network) -> Array:
    r"""The largest deviations from automatic differentiation, one token a run, of two formulas: the
    gradient :math:`-(1 - p_W(y|x))(u_y - \hat u_W) e_x^\top`, and the same without :math:`\hat u_W`.

    Args:
        network: the networks, of the model ``"W"``.

    Returns:
        Shape (R, 2).

    Example:
        >>> network = Network.draw("W", [0, 1, 2], 4, runs=2, generator=torch.Generator())
        >>> (gradient_deviations(network) < 1e-12).tolist()
        [[True, False], [True, False]]
    """
    memories = network.memory
    if memories is None:
        raise refuse("model", network.model, "'W'")
    deviations = []
    for run, memory in enumerate(memories):
        token = run % len(network.labels)
        e, u, y = network.inputs[run, token], network.outputs[run], network.labels[token]
        variable = memory.clone().requires_grad_()
        loss = torch.nn.functional.cross_entropy(u @ variable @ e, y)
        automatic = torch.autograd.grad(loss, variable)[0]
        missing = 1 - torch.softmax(u @ memory @ e, 0)[y]
        formulas = association_gradient(memory, u, e, int(y)), -missing * torch.outer(u[y], e)
        deviations.append([float((each - automatic).abs().max()) for each in formulas])
    return np.array(deviations)


def train_beside_approximation(
    task: ZipfTask,
    network: Network,
    *,
    n_steps: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
    record: Sequence[int],
) -> tuple[pd.DataFrame, StoringLearner, AssociationLearner]:
    """SGD on W and the approximate dynamics of q, on the same data.

    Args:
        task: the task.
        network: where both start; its W should be 0.
        n_steps: number of steps.
        batch_size: samples in a batch.
        learning_rate: γ.
        rng: source of the batches.
        record: after which steps the error is measured.

    Returns:
        The table of `train`, learners ``SGD on W`` and ``approximate q``, and the two learners.

    Example:
        >>> task, rng = ZipfTask(1.5, 10, 5), np.random.default_rng(0)
        >>> options = {"runs": 2, "generator": torch.Generator(), "zero_memory": True}
        >>> network = Network.draw("W", task.labels(task.tokens), 5, **options)
        >>> table, _, _ = train_beside_approximation(
        ...     task, network, n_steps=4, batch_size=1, learning_rate=1.0, rng=rng, record=[4]
        ... )
        >>> len(table)
        4
    """
    sgd, approximation = StoringLearner(network), AssociationLearner(network)
    table = train(
        task, {"SGD on W": sgd, "approximate q": approximation}, n_steps=n_steps,
        batch_size=batch_size, learning_rate=learning_rate, rng=rng, record=record,
    )  # fmt: skip
    return table, sgd, approximation


def memory_errors(task: ZipfTask, network: Network, weights: Tensor) -> Array:
    r"""The errors of the memories :math:`\sum_x q(x) u_{f_*(x)} e_x^\top`.

    Args:
        task: the task.
        network: whose E and U are used, of the model ``"W"``.
        weights: q, shape (R, N).

    Returns:
        Shape (R,).

    Example:
        >>> task, eye = ZipfTask(1.0, 4, 4), torch.eye(4)[None]
        >>> labels = torch.from_numpy(task.labels(task.tokens))
        >>> memory_errors(task, Network("W", eye, eye, 0 * eye, labels), torch.ones(1, 4)).tolist()
        [0.0]
    """
    learner = AssociationLearner(network)
    if weights.shape != learner.weights.shape:
        valid = f"shape {tuple(learner.weights.shape)}"
        raise refuse("weights", f"array of shape {tuple(weights.shape)}", valid)
    learner.weights = weights
    return network_errors(task, learner.logits())


def watch_descent(
    task: ZipfTask,
    learner: GradientLearner,
    choose_rate: Callable[[Tensor, int], ArrayLike],
    n_steps: int,
) -> dict[str, Array]:
    r"""Descend on the expected loss, and note what each step gained.

    Args:
        task: the task.
        learner: what to train, of the model ``"W"``; it is changed.
        choose_rate: the learning rates, shape (R,) or one for all, of the norms
            :math:`\|\nabla\|_1`, shape (R,), and the number of steps before.
        n_steps: number of steps.

    Returns:
        ``gain``, by which the loss fell, the learning ``rate``, ``norm``, :math:`\|\nabla\|_1`, and
        ``square``, :math:`\|\nabla\|_F^2`; shape (n_steps, R) each.

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> labels, generator = task.labels(task.tokens), torch.Generator()
        >>> network = Network.draw("W", labels, 5, runs=2, generator=generator)
        >>> seen = watch_descent(task, GradientLearner(network, SGD()), lambda norm, step: 0.1, 3)
        >>> bool((seen["gain"] > 0).all())
        True
    """
    Integer(1).check("n_steps", n_steps)
    rows: dict[str, list[Array]] = {"gain": [], "rate": [], "norm": [], "square": []}
    for step, batch in enumerate(population(task, n_steps)):
        factors = learner.network.gradients(batch).factors
        if factors is None:
            raise refuse("model", learner.network.model, "'W'")
        gradient = factors[0].mT @ factors[1]
        norm, square = gradient.abs().sum(dim=(1, 2)), gradient.square().sum(dim=(1, 2))
        rate = torch.as_tensor(choose_rate(norm, step), dtype=norm.dtype).expand(len(norm))
        before = network_losses(task, learner.logits())
        learner.step(batch, rate)
        rows["gain"].append(before - network_losses(task, learner.logits()))
        for name, values in (("rate", rate), ("norm", norm), ("square", square)):
            rows[name].append(values.double().cpu().numpy())
    return {name: np.array(values) for name, values in rows.items()}


def smoothness(task: ZipfTask, network: Network) -> Tensor:
    r"""The scale of the curvature of the expected loss: a step of γ ≤ 2/Λ never increases it.

    .. math:: Λ = \frac12 \|U U^\top\|\, \Big\|\sum_x p(x) e_x e_x^\top\Big\|

    with operator norms.

    Args:
        task: the task, which has the probabilities p.
        network: the networks, of the model ``"W"``.

    Returns:
        Shape (R,).

    Source: Proved in the book, in the chapter on step and batch size.

    Example:
        >>> task, eye = ZipfTask(1.0, 2, 2), torch.eye(2, dtype=torch.float64)[None]
        >>> network = Network("W", eye, eye, 0 * eye, torch.tensor([1, 0]))
        >>> smoothness(task, network).tolist()  # half the largest probability, 2/3
        [0.3333333333333333]
    """
    weighted = torch.from_numpy(task.probabilities).sqrt()[:, None] * network.inputs
    norms = [torch.linalg.matrix_norm(each, 2) for each in (network.outputs, weighted)]
    return (norms[0] * norms[1]) ** 2 / 2


def sign_smoothness(task: ZipfTask, network: Network) -> Tensor:
    r"""The same for steps of signs, :math:`Λ_1 = \max_z \|u_z\|_1^2 \sum_x p(x) \|e_x\|_1^2`.

    Args:
        task: the task, which has the probabilities p.
        network: the networks, of the model ``"W"``.

    Returns:
        Shape (R,).

    Source: Proved in the book, in the chapter on adaptive steps.

    Example:
        >>> task, eye = ZipfTask(1.0, 2, 2), torch.eye(2, dtype=torch.float64)[None]
        >>> sign_smoothness(task, Network("W", eye, 3 * eye, 0 * eye, torch.tensor([1, 0]))).tolist()
        [9.0]
    """
    inputs = network.inputs.abs().sum(-1) ** 2 @ torch.from_numpy(task.probabilities)
    return network.outputs.abs().sum(-1).amax(-1) ** 2 * inputs


def check_smoothness(task: ZipfTask, network: Network, n_steps: int) -> tuple[Cases, Cases]:
    r"""Which descents on the expected loss keep the promise of `smoothness`, and which keep that of
    a loss without curvature.

    Steps of γ = 1/Λ and 1.99/Λ in turn shall each lower the loss by at least
    :math:`γ(1 - γΛ/2)\|\nabla\|_F^2`; without the curvature, by :math:`γ\|\nabla\|_F^2`.

    Args:
        task: the task.
        network: where the descents start, of the model ``"W"``; it is left as it is.
        n_steps: number of steps.

    Returns:
        Two arrays of booleans, shape (R,).

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> labels, generator = task.labels(task.tokens), torch.Generator()
        >>> network = Network.draw("W", labels, 5, runs=2, generator=generator)
        >>> [kept.tolist() for kept in check_smoothness(task, network, 3)]
        [[True, True], [False, False]]
    """
    curvature = smoothness(task, network)
    learner = GradientLearner(Network.stack([network]), SGD())
    seen = watch_descent(task, learner, lambda _, step: (1.0, 1.99)[step % 2] / curvature, n_steps)
    straight = seen["rate"] * seen["square"]
    curved = straight * (1 - seen["rate"] * curvature.numpy() / 2)
    return _kept(seen["gain"], curved), _kept(seen["gain"], straight)


def check_sign_smoothness(task: ZipfTask, network: Network, n_steps: int) -> tuple[Cases, Cases]:
    r"""The same for descents by signs with the step that promises most, :math:`γ = \|\nabla\|_1/Λ_1`.

    They shall lower the loss by :math:`\|\nabla\|_1^2/(2Λ_1)`; without the curvature, by twice that.
    The arguments are those of `check_smoothness`.

    Example:
        >>> task = ZipfTask(1.5, 10, 5)
        >>> labels, generator = task.labels(task.tokens), torch.Generator()
        >>> network = Network.draw("W", labels, 5, runs=2, generator=generator)
        >>> [kept.tolist() for kept in check_sign_smoothness(task, network, 3)]
        [[True, True], [False, False]]
    """
    curvature = sign_smoothness(task, network)
    learner = GradientLearner(Network.stack([network]), SignSGD())
    seen = watch_descent(task, learner, lambda norm, _: norm / curvature, n_steps)
    straight = seen["rate"] * seen["norm"]
    return _kept(seen["gain"], straight / 2), _kept(seen["gain"], straight)


def _kept(gains: Array, promised: Array) -> Cases:
    """In which runs no step gains less than was promised, but for rounding."""
    return np.asarray((gains >= promised - 1e-12).all(axis=0))
