r"""The memory of Proposition 5, W = I with inputs :math:`e_x = \sum_y p(y|x)\, u_y`, beyond its bounds:
one rival's exact chance, the worst conditionals, and outputs for which no smaller factor will do.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from assocmem.arrays import Array
from assocmem.model.embeddings import spherical_gram
from assocmem.parameters import Integer, Real, refuse

#: Nodes of the quadrature over the overlap of two outputs.
_NODES = 400


def rival_chance(margin: ArrayLike, dim: ArrayLike) -> Array:
    r"""The probability that one of two rivals scores more than the right output.

    With p(y|x) = (1 + 2μ)/3 for the right output, b = (1 − μ)/3 for each of two others, random unit
    outputs and G the overlap of the right one and the rival,

    .. math:: \frac12\, \mathbb E\, F\Big(\frac{μ^2}{b^2} \cdot \frac{1-G}{2}\Big), \qquad
        F(v) = \mathbb P(t^2 > v),\quad t^2 \sim \mathrm{Beta}\Big(\frac12, \frac{d-1}2\Big),\quad
        \frac{1-G}2 \sim \mathrm{Beta}\Big(\frac{d-1}2, \frac{d-1}2\Big) .

    Args:
        margin: μ > 0 and < 1, any shape.
        dim: dimension d ≥ 2, broadcast against ``margin``.

    Returns:
        Shape of ``margin`` and ``dim`` together.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Proved in the book, in the chapter on learned embeddings.

    Example:
        >>> round(float(rival_chance(0.1, 100)), 5)
        0.00933
    """
    gap = Real(above=0, below=1).check_all("margin", margin)[..., None]
    half = (Real(at_least=2).check_all("dim", dim)[..., None] - 1) / 2
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    apart = stats.beta.ppf((1 + nodes) / 2, half, half)
    wins = stats.beta.sf((3 * gap / (1 - gap)) ** 2 * apart, 0.5, half)
    return np.asarray(wins @ weights / 4)


def worst_gap(
    gram: Array, margin: float, *, centred: bool = False, right: ArrayLike | None = None
) -> float:
    r"""The least score difference :math:`s_y - s_z` over all conditionals of a margin of at least μ.

    The difference is linear in the conditional. At its least, k outputs have the same probability
    b, and the right one a = b + μ, so that a = (1 + kμ)/(1 + k); they are z and those with the
    least :math:`G_{yw} - G_{zw}`:

    .. math:: \min_{y \ne z,\, k}\; a\,(1 - G_{yz}) + b \sum_{k \text{ least}} (G_{yw} - G_{zw}) .

    Args:
        gram: Gram matrix of M ≥ 2 unit outputs, shape (M, M).
        margin: μ > 0 and ≤ 1.
        centred: whether the inputs are :math:`\sum_y p(y|x) u_y - \bar u`, without the mean output.
        right: the outputs y that are looked at; all unless given.

    Returns:
        The least difference: positive if and only if every token with such a conditional is
        recalled.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Derived in the book, in the chapter on learned embeddings.

    Example:
        >>> round(worst_gap(np.eye(3), 0.5), 12)  # orthogonal outputs: the margin itself
        0.5
    """
    Real(above=0, at_most=1).check("margin", margin)
    n = len(gram)
    if gram.shape != (n, n) or n < 2:
        raise refuse("gram", f"array of shape {gram.shape}", "shape (M, M), M ≥ 2")
    count = np.arange(1, n)
    a, b = (1 + count * margin) / (1 + count), (1 - margin) / (1 + count)
    mean = gram.mean(axis=0)
    least = math.inf
    for y in range(n) if right is None else np.asarray(right).tolist():
        others = np.delete(np.arange(n), y)
        apart = 1 - gram[y, others]
        pulls = gram[y, others] - gram[np.ix_(others, others)]  # (z, w): G_yw − G_zw
        rows = apart[:, None] * a + b * np.cumsum(np.sort(pulls, axis=1), axis=1)
        if centred:
            rows = rows - (mean[y] - mean[others])[:, None]
        least = min(least, float(rows.min()))
    return least


def adverse_gram(rivals: int, eta: float, *, opposite: int = 0) -> NDArray[np.float64]:
    r"""Outputs of coherence η that make Proposition 5's factors necessary, as a Gram matrix.

    y and z are orthogonal; each rival w has :math:`G_{yw} = -η` and :math:`G_{zw} = η`, each
    opposite output the reverse; apart from that they are orthogonal to each other:

    .. math:: u_w = -η\, u_y + η\, u_z + \sqrt{1 - 2η^2}\, f_w .

    Args:
        rivals: number of rivals, ≥ 1.
        eta: η > 0 and ≤ 1/2.
        opposite: number of opposite outputs, ≥ 0.

    Returns:
        Shape (M, M) with M = 2 + rivals + opposite: y, z, the rivals, the opposite ones.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Derived in the book, in the chapter on learned embeddings.

    Example:
        >>> adverse_gram(1, 0.5).tolist()
        [[1.0, 0.0, -0.5], [0.0, 1.0, 0.5], [-0.5, 0.5, 1.0]]
    """
    Integer(1).check("rivals", rivals)
    Real(above=0, at_most=0.5).check("eta", eta)
    Integer(0).check("opposite", opposite)
    sides = np.concatenate([-np.ones(rivals), np.ones(opposite)])
    n = 2 + len(sides)
    gram = np.zeros((n, n))
    gram[0, 2:] = gram[2:, 0] = eta * sides
    gram[1, 2:] = gram[2:, 1] = -eta * sides
    gram[2:, 2:] = 2 * eta**2 * np.outer(sides, sides)
    np.fill_diagonal(gram, 1.0)
    return gram


def adverse_recall(
    margins: Sequence[float], factor: float, *, opposite: int = 0
) -> NDArray[np.bool_]:
    r"""Whether the right output wins with the outputs for which no smaller factor will do, if
    :math:`\text{factor} \cdot η = μ`.

    There are 50 rivals (`adverse_gram`). Inputs are averages, or those of one gradient step where
    there are opposite outputs.

    Args:
        margins: the margins μ.
        factor: of the coherence.
        opposite: number of opposite outputs.

    Returns:
        One entry per margin, shape (n,).

    Source: Derived in the book, in the chapter on learned embeddings.

    Example:
        >>> adverse_recall([0.01], 2.0).tolist(), adverse_recall([0.01], 1.8).tolist()
        ([True], [False])
    """
    gaps = [
        worst_gap(
            adverse_gram(50, margin / factor, opposite=opposite), margin,
            centred=opposite > 0, right=[0],
        )
        for margin in margins
    ]  # fmt: skip
    return np.array(gaps) > 0


def worst_recall(
    n_outputs: int,
    margins: Sequence[float],
    dims: Sequence[int],
    *,
    families: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Whether random outputs recall the worst conditional of each margin (`worst_gap`).

    Args:
        n_outputs: M.
        margins: the margins μ.
        dims: dimension d for each margin.
        families: independent families of outputs for each margin.
        rng: source of randomness.

    Returns:
        One entry per margin and family, shape (n · families,).

    Source: Proposition 5, for outputs drawn at random.

    Example:
        >>> worst_recall(5, [0.5], [500], families=2, rng=np.random.default_rng(0)).tolist()
        [True, True]
    """
    gaps = [
        worst_gap(gram, margin)
        for margin, dim in zip(margins, dims, strict=True)
        for gram in spherical_gram(n_outputs, dim, rng, size=families)
    ]
    return np.array(gaps) > 0
