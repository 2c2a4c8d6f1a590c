"""Embeddings that were trained in the plane beside what is stated of them, and under a wrong law."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike

from assocmem.model.task import ZipfTask
from assocmem.training.learned_embeddings import input_curvature, never_parted, tightening
from assocmem.training.network import Network
from assocmem.training.picked_loss import until_lost
from assocmem.training.plane import constant_errors
from assocmem.verdicts.estimate import estimate_mean

#: In which cases something holds, and in which it would under a wrong law.
Cases = tuple[ArrayLike, ArrayLike]


def cluster_cases(
    equal: Mapping[int, Network], unequal: Mapping[int, Network], learning_rate: float
) -> Cases:
    """In which runs inputs of one output never move apart while γ ≤ 2/Λ: at equal and unequal rates.

    Args:
        equal: networks by step, as `descend_by_rates` returns them.
        unequal: likewise, with the rates of the expected loss.
        learning_rate: γ.

    Returns:
        Booleans as stated and under the wrong law, shape (R,) both.

    Example:
        >>> network = Network.draw("EWU", [0, 1, 0], 2, runs=2, generator=torch.Generator())
        >>> cluster_cases({0: network, 1: network}, {0: network, 1: network}, 0.01)[0].tolist()
        [True, True]
    """
    labels = equal[0].labels
    short = [(learning_rate <= 2 / input_curvature(net)).numpy() for net in equal.values()]
    return never_parted(equal, labels) & np.all(short, axis=0), never_parted(unequal, labels)


def cluster_ratios(kept: Mapping[int, Network], n_outputs: int) -> dict[str, Any]:
    """By how much inputs with one output come together beside those with two, after over before; under
    the wrong law, the same for tokens of nearly one frequency.

    Args:
        kept: networks by step, as `watch` returns them.
        n_outputs: M, the number of groups.

    Returns:
        ``observed`` and ``mutant``, arguments of a claim on the mean over runs.

    Example:
        >>> network = Network.draw("EWU", [0, 1, 0], 2, runs=2, generator=torch.Generator())
        >>> cluster_ratios({0: network, 1: network}, 2)["observed"].value
        1.0
    """
    labels = kept[0].labels
    ranks = torch.arange(len(labels)) * n_outputs // len(labels)
    return _means(*(tightening(kept, each) for each in (labels, ranks)))


def hull_cases(trained: pd.DataFrame) -> Cases:
    """Which trained runs with M ≥ 26 err at least on the outputs out of reach; and on those that do
    not win at themselves.

    Args:
        trained: as `train_by_outputs` returns it.

    Returns:
        Booleans as stated and under the wrong law, one entry per run, shape (n,) both.

    Example:
        >>> runs = {"n_outputs": 30, "trial": 0, "when": "after", "error": [0.2, 0.1, 0.3],
        ...         "quantity": ["error", "lost", "shadowed"]}
        >>> [case.tolist() for case in hull_cases(pd.DataFrame(runs))]
        [[True], [False]]
    """
    ended = trained[(trained["when"] == "after") & (trained["n_outputs"] >= 26)]
    ended = ended.pivot(index=["n_outputs", "trial"], columns="quantity", values="error")
    lost, shadowed = (ended["error"] >= ended[name] - 1e-12 for name in ("lost", "shadowed"))
    return lost.to_numpy(), shadowed.to_numpy()


def constant_ratios(task: ZipfTask, trained: pd.DataFrame, chains: pd.DataFrame) -> dict[str, Any]:
    """The errors in units of that of a constant output: of fresh runs with M ≥ 26, by trial; under the
    wrong law, at the sixth trial of chains with M = 32.

    Args:
        task: the law of the tokens.
        trained: as `train_by_outputs` returns it.
        chains: as `chains_by_outputs` returns it.

    Returns:
        ``observed`` and ``mutant``, arguments of a claim on the mean over runs.

    Example:
        >>> task = ZipfTask(2.0, 100, 5)
        >>> runs = {"n_outputs": [26, 26], "trial": [0, 1], "when": "after", "quantity": "error"}
        >>> trained = pd.DataFrame({**runs, "error": 0.0})
        >>> chains = pd.DataFrame({"n_outputs": 32, "link": 5, "error": [0.0, 0.0]})
        >>> constant_ratios(task, trained, chains)["observed"].value
        0.0
    """
    after = trained[(trained["when"] == "after") & (trained["quantity"] == "error")]
    after = after[after["n_outputs"] >= 26]
    units = after["error"] / constant_errors(task, after["n_outputs"], 1)
    late = chains[(chains["n_outputs"] == 32) & (chains["link"] == 5)]
    chained = late["error"] / constant_errors(task, late["n_outputs"], 1)
    return _means(units.groupby(after["trial"]).mean(), chained)


def time_ratios(longer: pd.DataFrame) -> dict[str, Any]:
    """Outputs that can be recalled at the first look over those at the last; under the wrong law, over
    those of the next run at the same look.

    Args:
        longer: as `recallable_in_time` returns it.

    Returns:
        ``observed`` and ``mutant``, arguments of a claim on the mean over runs.

    Example:
        >>> longer = {"trial": [0, 0, 1, 1], "step": [1, 9, 1, 9], "error": [2, 4, 3, 3]}
        >>> time_ratios(pd.DataFrame(longer))["observed"].value
        0.75
    """
    grown = longer.pivot(index="trial", columns="step", values="error").sort_index(axis=1)
    first, last = grown.iloc[:, 0].to_numpy(), grown.iloc[:, -1].to_numpy()
    return _means(first / last, first / np.roll(first, 1))


def jump_cases(task: ZipfTask, chains: pd.DataFrame, batch_size: int) -> dict[str, Cases]:
    """Whether chains are lost where a picked probability overflows, and err as a constant then.

    Args:
        task: the law of the tokens.
        chains: as `chains_by_outputs` returns it.
        batch_size: samples in a batch.

    Returns:
        By the ids of the claims, booleans as stated and under the wrong law, shape (n,); that of the
        error only if some run is lost.

    Example:
        >>> task = ZipfTask(2.0, 100, 5)
        >>> chains = {"n_outputs": 5, "trial": 0, "link": 0, "lost": [False], "picked": 0.1,
        ...           "least": 0.0, "error": 0.0}
        >>> [case.tolist() for case in jump_cases(task, pd.DataFrame(chains), 10)["learn.cause"]]
        [[True], [False]]
    """
    lost, going = chains[chains["lost"]], chains[until_lost(chains)]
    tiny = 1 / (batch_size * float(np.finfo(np.float32).max))
    overflow = (going["lost"] == (going["picked"] < tiny)).to_numpy()
    zero = (going["lost"] == (going["least"] == 0)).to_numpy()
    found: dict[str, Cases] = {"learn.cause": (overflow, zero)}
    if len(lost):
        says = [constant_errors(task, lost["n_outputs"], residue) for residue in (1, 0)]
        first, other = (np.isclose(lost["error"], e, rtol=0, atol=1e-12) for e in says)
        found["learn.jump"] = first, other
    return found


def _means(stated: ArrayLike, wrong: ArrayLike) -> dict[str, Any]:
    """The mean over runs, and that under the wrong law, as arguments of a claim."""
    return {"observed": estimate_mean(stated), "mutant": {"observed": estimate_mean(wrong)}}
