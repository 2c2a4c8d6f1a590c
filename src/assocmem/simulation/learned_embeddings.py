"""Random families of outputs, and the memory whose inputs are averages of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.model.embeddings import coherence, spherical_gram
from assocmem.parameters import Integer, Real


def simulate_coherence(
    counts: Sequence[int], dims: Sequence[int], *, families: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The coherence of families of independent uniform unit vectors.

    Args:
        counts: numbers of vectors P.
        dims: dimensions d.
        families: independent families for each P and d.
        rng: source of randomness.

    Returns:
        One row per family: columns ``n_vectors``, ``dim``, ``trial`` and ``coherence``.

    Source: Lemma 1.

    Example:
        >>> len(simulate_coherence([5, 10], [100], families=3, rng=np.random.default_rng(0)))
        6
    """
    Integer(1).check("families", families)
    rows = [
        {"n_vectors": n, "dim": dim, "trial": trial, "coherence": coherence(gram)}
        for n in counts
        for dim in dims
        for trial, gram in enumerate(spherical_gram(n, dim, rng, size=families))
    ]
    return pd.DataFrame(rows)


def circle_embeddings(n: int) -> Array:
    """Unit vectors at equal angles in the plane.

    Args:
        n: number of vectors.

    Returns:
        Shape (n, 2).

    Source: Proposition 5, without noise.

    Example:
        >>> circle_embeddings(2).round(12).tolist()
        [[1.0, 0.0], [-1.0, 0.0]]
    """
    Integer(1).check("n", n)
    angles = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def circle_margins(counts: Sequence[int]) -> pd.DataFrame:
    r"""The least difference of scores where M outputs are on a circle, e_x is the right one and W = I.

    .. math:: \min_{z \ne y}\, (u_y - u_z) \cdot u_y = 1 - \cos(2π/M) = 2 \sin^2(π/M)

    Args:
        counts: numbers of outputs M ≥ 2.

    Returns:
        Columns ``n_outputs``, ``measured`` (the least over all pairs of vectors) and ``law``.

    Source: Proposition 5, without noise.

    Example:
        >>> circle_margins([4]).round(12).values.tolist()
        [[4.0, 1.0, 1.0]]
    """
    rows = []
    for n in counts:
        Integer(2).check("counts", n)
        u = circle_embeddings(n)
        rivals = u @ u.T
        right = np.diagonal(rivals).copy()
        np.fill_diagonal(rivals, -np.inf)
        least = float((right - rivals.max(axis=1)).min())
        rows.append({"n_outputs": n, "measured": least, "law": 2 * np.sin(np.pi / n) ** 2})
    return pd.DataFrame(rows)


def rival_conditionals(
    labels: NDArray[np.integer], n_outputs: int, margin: float, rng: np.random.Generator
) -> Array:
    r"""Noisy conditionals p(y|x) with two random rivals for each token.

    The right output has the probability (1 + 2μ)/3, two others (1 − μ)/3 each: the margin is μ.

    Args:
        labels: f*(x) of each token, shape (N,).
        n_outputs: M ≥ 3.
        margin: μ > 0 and ≤ 1.
        rng: source of randomness.

    Returns:
        Shape (N, M); rows sum to 1.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> rival_conditionals(np.array([1]), 3, 0.4, rng).round(2).tolist()
        [[0.2, 0.6, 0.2]]
    """
    Integer(3).check("n_outputs", n_outputs)
    Real(above=0, at_most=1).check("margin", margin)
    tokens = np.arange(len(labels))
    order = rng.random((len(labels), n_outputs))
    order[tokens, labels] = np.inf  # the right output is no rival of itself
    rivals = np.argpartition(order, 1, axis=1)[:, :2]
    conditionals = np.zeros((len(labels), n_outputs))
    conditionals[tokens[:, None], rivals] = (1 - margin) / 3
    conditionals[tokens, labels] = (1 + 2 * margin) / 3
    return conditionals


def simulate_averages(
    n_outputs: int,
    margins: Sequence[float],
    dims: Sequence[int],
    *,
    families: int,
    rng: np.random.Generator,
    centred: bool = False,
) -> pd.DataFrame:
    r"""The error of the memory W = I with inputs :math:`e_x = \sum_y p(y|x) u_y` and random outputs.

    Each output is right for two tokens, which have two random rivals each (`rival_conditionals`).
    The expected error is then the same for every law p of the tokens; here they are equally likely.

    Args:
        n_outputs: M ≥ 3.
        margins: the margins μ.
        dims: dimensions d.
        families: independent families of outputs for each d; all margins share them.
        rng: source of randomness.
        centred: whether the inputs are those of one gradient step, :math:`e_x - \bar u`, without the
            mean output.

    Returns:
        One row per margin, dimension and family: columns ``margin``, ``dim``, ``trial``,
        ``coherence`` of the family, ``error``, and ``rival``, the share of all rivals that score
        more than the right output of their token.

    Source: Proposition 5.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> table = simulate_averages(10, [0.2, 0.5], [8, 10_000], families=3, rng=rng)
        >>> float(table.query("dim == 10_000")["error"].max())
        0.0
    """
    Integer(1).check("families", families)
    labels = np.arange(2 * n_outputs) % n_outputs
    noisy = {margin: rival_conditionals(labels, n_outputs, margin, rng) for margin in margins}
    tokens = np.arange(len(labels))
    rows = []
    for dim in dims:
        grams = spherical_gram(n_outputs, dim, rng, size=families)
        eta = [coherence(gram) for gram in grams]
        for margin, conditionals in noisy.items():
            scores = conditionals @ grams  # e U^T = p U U^T
            if centred:
                scores = scores - grams.mean(axis=1, keepdims=True)
            errors = (scores.argmax(axis=-1) != labels).mean(axis=1)
            rivals = conditionals > 0
            rivals[tokens, labels] = False
            ahead = (scores > scores[:, tokens, labels][..., None]) & rivals
            row = {"margin": margin, "dim": dim, "trial": range(families)}
            found = {"coherence": eta, "error": errors, "rival": ahead.sum((1, 2)) / rivals.sum()}
            rows.append(pd.DataFrame({**row, **found}))
    return pd.concat(rows, ignore_index=True)


def exceedances(
    coherences: pd.DataFrame, failure: float = 0.5, *, pairs: bool = True
) -> list[NDArray[np.bool_]]:
    r"""Which random families are more coherent than :math:`\sqrt{2 \log(P^2/δ)/d}`.

    Args:
        coherences: as `simulate_coherence` returns it.
        failure: δ > 0 and ≤ 1.
        pairs: whether the union is over pairs of vectors; else P takes the place of P².

    Returns:
        One array, shape (families,), for each P and d for which the bound over pairs is below 1.

    Source: Lemma 1.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> families = simulate_coherence([5, 10], [2, 100], families=3, rng=rng)
        >>> [len(part) for part in exceedances(families)]
        [3, 3]
    """
    Real(above=0, at_most=1).check("failure", failure)
    logs = np.log(coherences["n_vectors"])
    says = 2 * (2 * logs - np.log(failure)) < coherences["dim"]
    bound = np.sqrt(2 * ((2 if pairs else 1) * logs - np.log(failure)) / coherences["dim"])
    beyond = (coherences["coherence"] > bound)[says]
    keys = [coherences["n_vectors"][says], coherences["dim"][says]]
    return [part.to_numpy() for _, part in beyond.groupby(keys)]


def plane_recall(
    n_outputs: int, families: int, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each output of a random family in the plane wins at itself, W = I and e_x = u_y.

    Args:
        n_outputs: M.
        families: number of families.
        rng: source of randomness.

    Returns:
        For families of unit vectors, and for those of normal ones, of any length: shape (families,).

    Source: Proposition 5, without noise.

    Example:
        >>> unit, other = plane_recall(50, 3, np.random.default_rng(0))
        >>> unit.tolist(), other.tolist()
        ([True, True, True], [False, False, False])
    """
    drawn = rng.standard_normal((families, n_outputs, 2))
    grams = spherical_gram(n_outputs, 2, rng, size=families), drawn @ drawn.transpose(0, 2, 1)
    unit, other = ((gram.argmax(-1) == np.arange(n_outputs)).all(-1) for gram in grams)
    return unit, other
