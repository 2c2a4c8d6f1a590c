"""Lemma 1 and Proposition 5 beside what was drawn: each comparison as it is stated, and under a wrong
law.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.simulation.learned_embeddings import exceedances, plane_recall, simulate_averages
from assocmem.theory.averaged_inputs import adverse_recall, rival_chance, worst_recall
from assocmem.theory.learned_embeddings import (
    lemma_1_coherence,
    proposition_5_dimension,
    random_coherence,
    two_rivals_lower,
    welch_coherence,
)
from assocmem.verdicts.estimate import estimate_mean
from assocmem.verdicts.tables import by_trial, summarize

#: In which cases something holds, and in which it would under a wrong law.
Cases = tuple[ArrayLike, ArrayLike]


def coherence_table(families: pd.DataFrame) -> pd.DataFrame:
    """The coherence of random families beside Lemma 1, Welch's bound and independent overlaps.

    Args:
        families: columns ``n_vectors``, ``dim`` and ``coherence``, as `simulate_coherence` returns
            them.

    Returns:
        One row per P and d: columns ``n_vectors``, ``dim``, ``mean``, ``low`` and ``high`` (of the
        families), ``lemma``, ``welch`` and ``law``.

    Example:
        >>> families = {"n_vectors": 5, "dim": 100, "coherence": [0.2, 0.3]}
        >>> table = coherence_table(pd.DataFrame(families))
        >>> bool((table["welch"] <= table["low"]).all())
        True
    """
    drawn = families.groupby(["n_vectors", "dim"])["coherence"]
    table = drawn.agg(mean="mean", low="min", high="max").reset_index()
    sizes = table["n_vectors"], table["dim"]
    laws = {"lemma": lemma_1_coherence, "welch": welch_coherence, "law": random_coherence}
    return table.assign(**{name: law(*sizes) for name, law in laws.items()})


def coherence_cases(table: pd.DataFrame) -> Cases:
    """Where some of the largest families are as coherent as Lemma 1 says, and half of that.

    Args:
        table: as `coherence_table` returns it; dimensions where the lemma says something count.

    Returns:
        Booleans as stated and under the wrong law, one entry per dimension, shape (n,) both.

    Example:
        >>> table = {"n_vectors": 5, "dim": [1, 90], "low": 0.2, "lemma": [2.0, 0.3]}
        >>> [case.tolist() for case in coherence_cases(pd.DataFrame(table))]
        [[True], [False]]
    """
    law = table[(table["n_vectors"] == table["n_vectors"].max()) & (table["lemma"] < 1)]
    return (law["low"] <= law["lemma"]).to_numpy(), (law["low"] <= law["lemma"] / 2).to_numpy()


def tail_shares(families: pd.DataFrame) -> dict[str, Any]:
    """The shares of families beyond the bound of Lemma 1 for δ = ½; under the wrong law, with a union
    over vectors in place of pairs.

    Args:
        families: as `simulate_coherence` returns it.

    Returns:
        ``observed`` and ``mutant``, arguments of `claim_between`.

    Example:
        >>> families = {"n_vectors": 5, "dim": 100, "trial": [0, 1], "coherence": [0.2, 0.3]}
        >>> [share.value for share in tail_shares(pd.DataFrame(families))["observed"]]
        [0.5]
    """
    pairs, vectors = (
        [estimate_mean(part, support=(0, 1)) for part in exceedances(families, pairs=over)]
        for over in (True, False)
    )
    return {"observed": pairs, "mutant": {"observed": vectors}}


def coherence_ratio(families: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """The coherence of the largest families over that of Lemma 1, for independent overlaps and as
    drawn; under the wrong law, it is 1.

    Args:
        families: as `simulate_coherence` returns it.
        table: as `coherence_table` returns it.

    Returns:
        ``target``, ``observed`` and ``mutant``, arguments of `claim_near`.

    Example:
        >>> families = {"n_vectors": 5, "dim": 100, "trial": [0, 1], "coherence": [0.2, 0.3]}
        >>> drawn = pd.DataFrame(families)
        >>> round(coherence_ratio(drawn, coherence_table(drawn))["observed"].value, 2)
        0.99
    """
    law = table[(table["n_vectors"] == table["n_vectors"].max()) & (table["lemma"] < 1)]
    both = families.merge(law, on=["n_vectors", "dim"])
    ratios = (both["coherence"] / both["lemma"]).groupby(both["trial"]).mean()
    target = float((law["law"] / law["lemma"]).mean())
    return {"target": target, "observed": estimate_mean(ratios), "mutant": {"target": 1.0}}


def noisy_table(recalled: pd.DataFrame, n_outputs: int) -> pd.DataFrame:
    """The error of averaged inputs beside the lower bound of two rivals and Proposition 5.

    Args:
        recalled: as `simulate_averages` returns it.
        n_outputs: M.

    Returns:
        The columns of `summarize` for each ``margin`` and ``dim``, ``lower``, and ``needed``, the
        dimension of the proposition.

    Example:
        >>> recalled = {"margin": 0.2, "dim": 8, "error": [0.3, 0.4]}
        >>> noisy_table(pd.DataFrame(recalled), 100)["needed"].tolist()
        [1843]
    """
    noisy = summarize(recalled, by=["margin", "dim"])
    lower = two_rivals_lower(noisy["margin"], noisy["dim"])
    return noisy.assign(lower=lower, needed=proposition_5_dimension(n_outputs, noisy["margin"]))


def shared_vector_errors(families: int, rng: np.random.Generator) -> pd.DataFrame:
    """The errors of averaged inputs and of inputs of one step, for M = 5, d = 2 and μ = 0.999.

    Args:
        families: random families of outputs for each.
        rng: source of randomness.

    Returns:
        One row for each kind of inputs, columns ``mean`` and ``sem``.

    Example:
        >>> shared_vector_errors(4, np.random.default_rng(0)).index.tolist()
        ['averages', 'inputs of one step']
    """
    rows = {}
    for name, centred in (("averages", False), ("inputs of one step", True)):
        drawn = simulate_averages(5, [0.999], [2], families=families, rng=rng, centred=centred)
        rows[name] = drawn["error"].agg(["mean", "sem"])
    return pd.DataFrame(rows).T


def recall_cases(
    n_outputs: int,
    margins: Sequence[float],
    needed: Sequence[int],
    *,
    families: int,
    rng: np.random.Generator,
) -> dict[str, Cases]:
    """Which random outputs recall the worst conditionals, and whether the factors are enough.

    Args:
        n_outputs: M.
        margins: the margins μ.
        needed: the dimension of Proposition 5 for each margin; the wrong law has the plane for all.
        families: independent families of outputs for each margin.
        rng: source of randomness.

    Returns:
        By the ids of the claims, booleans as stated and under the wrong law, shape (n,).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> found = recall_cases(10, [0.5], [148], families=2, rng=rng)
        >>> found["prop5.noisy"][0].tolist(), found["prop5.factor"][1].tolist()
        ([True, True], [False, False, False])
    """
    worst, plane = (
        worst_recall(n_outputs, margins, dims, families=families, rng=rng)
        for dims in (needed, [2] * len(margins))
    )
    averages, one_step = (
        tuple(adverse_recall((0.005, 0.01, 0.02), factor * f, opposite=opposite) for f in (1, 0.9))
        for factor, opposite in ((2.0, 0), (4.0, 1000))
    )
    found: dict[str, Cases] = {"prop5.noisy": (worst, plane)}
    return {
        **found,
        "prop5.factor": (averages[0], averages[1]),
        "prop5.one-step": (one_step[0], one_step[1]),
    }


def two_rivals(recalled: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The chance that a given rival wins, and how often rivals did, where it is above 2 %; under the
    wrong law, twice the chance.

    Args:
        recalled: as `simulate_averages` returns it.

    Returns:
        By the id of the claim, the arguments of `claim_agree`; nothing if the chance is small
        everywhere.

    Example:
        >>> recalled = {"margin": 0.2, "dim": 8, "trial": [0, 1], "rival": [0.2, 0.1], "error": 0.0}
        >>> two_rivals(pd.DataFrame(recalled))["prop5.two-rivals"]["samples"].to_numpy().tolist()
        [[0.2, 0.1]]
    """
    often = rival_chance(recalled["margin"], recalled["dim"]) > 0.02
    likely = recalled.assign(error=recalled["rival"])[often]
    shares = by_trial(likely, by=["margin", "dim"])
    if shares.empty:
        return {}
    places = shares.index.to_frame().to_numpy()
    chance = rival_chance(places[:, 0], places[:, 1])
    found = {"expected": chance, "samples": shares, "support": (0, 1)}
    return {"prop5.two-rivals": {**found, "mutant": {"expected": 2 * chance}}}


def noiseless_cases(
    circle: pd.DataFrame, n_outputs: int, families: int, rng: np.random.Generator
) -> Cases:
    """Where outputs in the plane are all recalled: on circles and in random families of unit
    vectors, and in families of vectors of any length.

    Args:
        circle: as `circle_margins` returns it.
        n_outputs: M of the random families.
        families: number of families.
        rng: source of randomness.

    Returns:
        Booleans as stated and under the wrong law, shapes (n + families,) and (families,).

    Example:
        >>> circle = pd.DataFrame({"measured": [0.5]})
        >>> noiseless_cases(circle, 30, 2, np.random.default_rng(0))[0].tolist()
        [True, True, True]
    """
    unit, other = plane_recall(n_outputs, families, rng)
    return np.r_[circle["measured"] > 0, unit], other
