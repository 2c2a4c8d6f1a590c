"""Networks in the plane of which everything is trained: the experiments on learned embeddings."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from assocmem.arrays import Array
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse
from assocmem.training.batch import Batch, batches, population
from assocmem.training.gradients import input_gradient, output_gradients
from assocmem.training.learned_embeddings import pair_distances, plane_errors, watch
from assocmem.training.learners import GradientLearner
from assocmem.training.network import Network
from assocmem.training.optimizers import SGD, Adam


def plane_networks(task: ZipfTask, *, runs: int, seed: int) -> Network:
    """Networks in d = 2 whose E, W and U are to be trained, as many outputs as the task has.

    Args:
        task: the task.
        runs: number of networks R.
        seed: seed of their entries.

    Example:
        >>> plane_networks(ZipfTask(2.0, 10, 5), runs=3, seed=0).outputs.shape
        torch.Size([3, 5, 2])
    """
    labels = torch.from_numpy(task.labels(task.tokens))
    generator = torch.Generator().manual_seed(seed)
    return Network.draw("EWU", labels, 2, runs=runs, n_outputs=task.n_outputs, generator=generator)


def descend_in_plane(
    task: ZipfTask, looks: Iterable[int], learning_rate: float, *, runs: int, seed: int
) -> dict[int, Network]:
    """Descend on the expected loss by Adam, from new networks in the plane.

    Args:
        task: the task.
        looks: after which numbers of steps a copy is kept; 0 is before the first.
        learning_rate: γ.
        runs: number of networks R.
        seed: seed of their entries.

    Returns:
        The networks by number of steps.

    Example:
        >>> list(descend_in_plane(ZipfTask(2.0, 10, 5), [0, 3], 0.1, runs=2, seed=0))
        [0, 3]
    """
    wanted = set(looks)
    learner = GradientLearner(plane_networks(task, runs=runs, seed=seed), Adam())
    return watch(learner, population(task, max(wanted)), learning_rate, wanted)


def embedding_deviations(seed: int, count: int = 20) -> Array:
    r"""The largest deviations of formulas for gradients from automatic differentiation.

    For each output y of ``count`` outputs in d = 4: of the gradient of an input, of the same without
    the factor :math:`1 - p_y`, and of the gradients of all outputs.

    Args:
        seed: seed of the networks.
        count: number of networks, and of outputs of each.

    Returns:
        Shape (count, 3).

    Example:
        >>> (embedding_deviations(0, 2) < 1e-12).tolist()
        [[True, False, True], [True, False, True]]
    """
    Integer(2).check("count", count)
    generator, rows = torch.Generator().manual_seed(seed), []
    for y in range(count):
        memory, outputs, e = (
            torch.randn(*size, generator=generator, dtype=torch.float64, requires_grad=True)
            for size in ((4, 4), (count, 4), (4,))
        )
        beliefs = torch.softmax(outputs @ memory @ e, 0)
        loss = -torch.log_softmax(outputs @ memory @ e, 0)[y]
        of_input, of_outputs = torch.autograd.grad(loss, (e, outputs))
        formula = input_gradient(memory, outputs, e, y)
        formulas = output_gradients(memory, outputs, e, y)
        apart = formula - of_input, formula / (1 - beliefs[y]) - of_input, formulas - of_outputs
        rows.append([float(difference.detach().abs().max()) for difference in apart])
    return np.array(rows)


def descend_by_rates(
    task: ZipfTask, network: Network, n_steps: int, learning_rate: float
) -> tuple[dict[int, Network], dict[int, Network]]:
    """Gradient descent on the loss with equal weights of all tokens, and with those of the task.

    Inputs have N times the learning rate, so that each has its own γ under equal weights.

    Args:
        task: the task.
        network: where both start; it is left as it is.
        n_steps: number of steps.
        learning_rate: γ.

    Returns:
        The networks before the first and after each step, of both descents.

    Example:
        >>> task = ZipfTask(2.0, 10, 5)
        >>> equal, unequal = descend_by_rates(task, plane_networks(task, runs=2, seed=0), 3, 0.05)
        >>> list(equal)
        [0, 1, 2, 3]
    """
    n_tokens = len(network.labels)
    shares = torch.full((1, n_tokens), 1 / n_tokens, dtype=torch.float64)
    evenly = Batch(torch.arange(n_tokens)[None], shares)
    kept = []
    for batch in (evenly, next(iter(population(task, 1)))):
        learner = GradientLearner(Network.stack([network]), SGD(), {"inputs": n_tokens})
        kept.append(watch(learner, [batch] * n_steps, learning_rate, range(n_steps + 1)))
    return kept[0], kept[1]


def mean_distances(runs: Mapping[str, Mapping[int, Network]]) -> pd.DataFrame:
    """The mean distance of the inputs of two tokens with one output, and with two.

    Args:
        runs: networks by number of steps, as `watch` returns them, by name of the training; of
            more than fifty about thirty are looked at, closer together at the start.

    Returns:
        Columns ``training``, ``pairs`` (``one output`` or ``two outputs``), ``step``, ``trial`` and
        ``error``, the distance.

    Example:
        >>> start = plane_networks(ZipfTask(2.0, 10, 5), runs=2, seed=0)
        >>> len(mean_distances({"none": {0: start}}))
        4
    """
    tables = []
    for name, kept in runs.items():
        looks = np.geomspace(1, max(kept), 30).astype(int).tolist() if len(kept) > 50 else kept
        for step in sorted({0, *looks} & kept.keys()):
            network = kept[step]
            for pairs, same in (("one output", True), ("two outputs", False)):
                found = pair_distances(network.inputs, network.labels, same=same).mean(-1)
                head = {"training": name, "pairs": pairs, "step": step}
                rows = {"trial": range(network.runs), "error": found.numpy()}
                tables.append(pd.DataFrame({**head, **rows}))
    return pd.concat(tables, ignore_index=True)


def train_by_outputs(
    task: ZipfTask,
    outputs: Iterable[int],
    *,
    runs: int,
    n_steps: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
    seed: int,
) -> pd.DataFrame:
    """Train networks in the plane by Adam, for several numbers of outputs on the same tokens.

    Args:
        task: the law of the tokens; its own number of outputs does not matter.
        outputs: numbers of outputs M.
        runs: number of networks for each.
        n_steps: number of steps.
        batch_size: samples in a batch.
        learning_rate: γ.
        rng: source of the batches.
        seed: seed of the networks, to which 10,000 + 1000 M is added.

    Returns:
        The rows of `plane_errors`, with ``n_outputs`` and ``when`` (``before`` or ``after`` the
        training).

    Example:
        >>> task, rng = ZipfTask(2.0, 10, 5), np.random.default_rng(0)
        >>> settings = {"runs": 2, "n_steps": 3, "batch_size": 4, "learning_rate": 0.1}
        >>> len(train_by_outputs(task, [2, 3], **settings, rng=rng, seed=0))
        32
    """
    data, tables = list(batches(task, batch_size, n_steps, runs=runs, rng=rng)), []
    for count in outputs:
        own = ZipfTask(task.alpha, task.n_tokens, count)
        start = plane_networks(own, runs=runs, seed=seed + 10_000 + 1000 * count)
        kept = watch(GradientLearner(start, Adam()), data, learning_rate, [0, n_steps])
        for step, network in kept.items():
            when = "after" if step else "before"
            tables.append(plane_errors(own, network).assign(n_outputs=count, when=when))
    return pd.concat(tables, ignore_index=True)


def recallable_in_time(
    task: ZipfTask, looks: Sequence[int], learning_rate: float, *, runs: int, seed: int
) -> pd.DataFrame:
    """How many outputs can be recalled, the longer Adam descends on the expected loss.

    Args:
        task: the task.
        looks: after which numbers of steps.
        learning_rate: γ.
        runs: number of networks R.
        seed: seed of their entries.

    Returns:
        Columns ``step``, ``trial`` and ``error``, the number of outputs that can be recalled.

    Example:
        >>> len(recallable_in_time(ZipfTask(2.0, 10, 5), [1, 5], 0.1, runs=2, seed=0))
        4
    """
    kept = descend_in_plane(task, looks, learning_rate, runs=runs, seed=seed)
    tables = [plane_errors(task, net).assign(step=step) for step, net in kept.items()]
    found = pd.concat(tables, ignore_index=True)
    return found[found["quantity"] == "recallable"]


def constant_error(task: ZipfTask, n_outputs: int, residue: int) -> float:
    r"""The error of saying, for every token, the output of those with :math:`x \equiv r \bmod M`.

    Args:
        task: the law of the tokens; N must be finite.
        n_outputs: M.
        residue: r, from 0 to M − 1.

    Example:
        >>> constant_error(ZipfTask(1.0, 2, 2), 2, 1)  # token 1 is right, token 2 is wrong
        0.33333333333333337
    """
    Real(at_least=0, below=n_outputs).check("residue", residue)
    right = np.arange(residue or n_outputs, len(task.tokens) + 1, n_outputs)
    return float(1 - task.mass(right).sum())


def constant_errors(task: ZipfTask, outputs: Iterable[int], residue: int) -> Array:
    """`constant_error` for several numbers of outputs.

    Args:
        task: the law of the tokens; N must be finite.
        outputs: numbers of outputs M, n of them.
        residue: r, from 0 to M − 1.

    Returns:
        Shape (n,).

    Example:
        >>> constant_errors(ZipfTask(1.0, 2, 2), [2, 2], 1).round(3).tolist()
        [0.333, 0.333]
    """
    return np.array([constant_error(task, int(count), residue) for count in outputs])


def plane_view(network: Network) -> tuple[Array, Array]:
    """The outputs and the hidden vectors W e of the first run, as a picture of the plane shows them.

    Args:
        network: networks with a memory W.

    Returns:
        Shapes (M, d) and (N, d).

    Raises:
        ValueError: for a network without W.

    Example:
        >>> [part.shape for part in plane_view(plane_networks(ZipfTask(2.0, 9, 5), runs=1, seed=0))]
        [(5, 2), (9, 2)]
    """
    if network.memory is None:
        raise refuse("model", network.model, "one with a memory W")
    hidden = network.inputs[0] @ network.memory[0].mT
    return network.outputs[0].double().numpy(), hidden.double().numpy()


def plane_ends(
    kept: Mapping[int, Network],
) -> tuple[dict[str, tuple[Array, Array]], dict[str, Array]]:
    """What a picture shows of the first and the last of some networks: the planes, and the inputs.

    Args:
        kept: networks with a memory W by number of steps, as `watch` returns them.

    Returns:
        `plane_view` of both, and the inputs E of the last, shape (N, d), of the first run; by title.

    Example:
        >>> network = plane_networks(ZipfTask(2.0, 9, 5), runs=1, seed=0)
        >>> [list(part) for part in plane_ends({0: network, 500: network, 1000: network})]
        [['step 0', 'step 1,000'], ['inputs e, step 1,000']]
    """
    (first, start), *_, (last, end) = kept.items()
    planes = {f"step {first:,}": plane_view(start), f"step {last:,}": plane_view(end)}
    return planes, {f"inputs e, step {last:,}": end.inputs[0].double().numpy()}
