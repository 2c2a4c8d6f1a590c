"""Lemma 1 and Proposition 5 as functions, each under its own name: what embeddings that follow the
task need.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from assocmem.arrays import Array
from assocmem.parameters import Real

# Lemma 1: quasi-orthogonal families


def lemma_1_coherence(n: ArrayLike, dim: ArrayLike, *, failure: float = 1.0) -> Array:
    r"""The coherence of Lemma 1: P unit vectors in R^d can be η-quasi-orthogonal with this η.

    .. math:: η = 2 \sqrt{\frac{\log P}{d}} .

    More generally P independent uniform unit vectors exceed :math:`\sqrt{2 \log(P^2/δ)/d}` with a
    probability of at most :math:`δ (P-1)/P`, of which the lemma is the case δ = 1.

    Args:
        n: number of vectors P ≥ 1, any shape.
        dim: dimension d ≥ 1, broadcast against ``n``.
        failure: δ > 0 and ≤ 1.

    Returns:
        The coherence η; 1 or more says nothing. Shape of ``n`` and ``dim`` together.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Lemma 1; the proof is in the book.

    Example:
        >>> round(float(lemma_1_coherence(100, 1000)), 4)
        0.1357
    """
    Real(above=0, at_most=1).check("failure", failure)
    size, dims = _sizes(n, dim)
    return np.sqrt(2 * (2 * np.log(size) - np.log(failure)) / dims)


def welch_coherence(n: ArrayLike, dim: ArrayLike) -> Array:
    r"""The coherence that no family of P unit vectors in R^d can be below: Welch's bound.

    .. math:: η \ge \sqrt{\frac{P - d}{d\,(P - 1)}} \quad (P > d), \qquad η \ge 0 \quad (P \le d) .

    Args:
        n: number of vectors P ≥ 1, any shape.
        dim: dimension d ≥ 1, broadcast against ``n``.

    Returns:
        The bound; shape of ``n`` and ``dim`` together.

    Source: Proved in the book, in the chapter on learned embeddings.

    Example:
        >>> float(welch_coherence(3, 2))  # three vectors at 120 degrees
        0.5
    """
    size, dims = _sizes(n, dim)
    return np.sqrt(np.maximum(size - dims, 0) / (dims * np.maximum(size - 1, 1)))


def random_coherence(n: ArrayLike, dim: ArrayLike) -> Array:
    r"""The mean coherence of P random unit vectors, as if all their overlaps were independent.

    .. math:: \int_0^1 1 - (1 - \mathbb P(t^2 > τ^2))^{P(P-1)/2}\, dτ, \qquad
        t^2 \sim \mathrm{Beta}\Big(\frac12, \frac{d-1}2\Big) .

    Overlaps are independent in pairs, not all together: exact for P = 2, near from about P = 10 on.

    Args:
        n: number of vectors P ≥ 2, any shape.
        dim: dimension d ≥ 1 (where it is 1, all overlaps are), broadcast against ``n``.

    Returns:
        Shape of ``n`` and ``dim`` together.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Derived in the book, in the chapter on learned embeddings.

    Example:
        >>> round(float(random_coherence(2, 3)), 4)  # the mean of a uniform coordinate's modulus
        0.5
    """
    size = Real(at_least=2).check_all("n", n)
    dims = Real(at_least=1).check_all("dim", dim)
    size, dims = (array[..., None] for array in np.broadcast_arrays(size, dims))
    nodes, weights = np.polynomial.legendre.leggauss(400)
    # Past the bound that 10⁻¹² of all families exceed there is nothing left to integrate.
    end = np.minimum(lemma_1_coherence(size, dims, failure=1e-12), 1.0)
    place = end * (1 + nodes) / 2
    overlap = stats.beta.cdf(place**2, 0.5, np.maximum(dims - 1, 1) / 2)
    below = np.where(dims > 1, overlap ** (size * (size - 1) / 2), 0.0)
    return np.asarray((1 - below) @ weights) * end[..., 0] / 2


def _sizes(n: ArrayLike, dim: ArrayLike) -> tuple[Array, Array]:
    return Real(at_least=1).check_all("n", n), Real(at_least=1).check_all("dim", dim)


# Proposition 5: inputs that are averages of outputs


def proposition_5_margin(conditionals: NDArray[np.floating], labels: NDArray[np.integer]) -> Array:
    r"""The margin :math:`μ(x) = p(f_*(x)|x) - \max_{y \ne f_*(x)} p(y|x)` of every token.

    Args:
        conditionals: p(y|x), shape (N, M).
        labels: f*(x), shape (N,).

    Returns:
        Shape (N,); negative where f*(x) is not the most likely output. For M = 1 it is p(f*(x)|x).

    Source: Proposition 5.

    Example:
        >>> proposition_5_margin(np.array([[0.5, 0.25, 0.25]]), np.array([0])).tolist()
        [0.25]
    """
    rows = np.arange(len(labels))
    others = np.array(conditionals, dtype=np.float64)
    right = others[rows, labels]
    others[rows, labels] = 0.0
    return right - others.max(axis=1)


def proposition_5_dimension(
    n_outputs: ArrayLike, margin: ArrayLike, *, failure: float = 1.0
) -> NDArray[np.int64]:
    r"""The smallest dimension in which the coherence of Lemma 1 is at most half the margin.

    .. math:: d = \Big\lceil \frac{16 \log M}{μ^2} \Big\rceil
        \qquad \Big(\Big\lceil \frac{8 \log(M^2/δ)}{μ^2} \Big\rceil \text{ in general}\Big).

    There, some outputs (a random draw of them, except with a probability below δ) make the memory
    :math:`W = I` with inputs :math:`e_x = \sum_y p(y|x) u_y` right on every token.

    Args:
        n_outputs: M ≥ 1, any shape.
        margin: smallest margin μ > 0 and ≤ 1 of a token, broadcast against ``n_outputs``.
        failure: δ > 0 and ≤ 1.

    Returns:
        Integers d ≥ 1, shape of ``n_outputs`` and ``margin`` together.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Proposition 5, with the constants of this book.

    Example:
        >>> int(proposition_5_dimension(100, 0.5))
        295
    """
    size = Real(at_least=1).check_all("n_outputs", n_outputs)
    gap = Real(above=0, at_most=1).check_all("margin", margin)
    needed = (2 * lemma_1_coherence(size, 1.0, failure=failure) / gap) ** 2
    dim = np.maximum(np.ceil(needed), 1).astype(np.int64)
    # Where the quotient is an integer, rounding may have ended just below it.
    short = 2 * lemma_1_coherence(size, dim, failure=failure) > gap
    return np.asarray(dim + short)


def two_rivals_lower(margin: ArrayLike, dim: ArrayLike) -> Array:
    r"""The least expected error where every token has two rivals of equal probability.

    With p(y|x) = (1 + 2μ)/3 for the right output and b = (1 − μ)/3 for each of two others, random
    unit outputs, inputs :math:`e_x = \sum_y p(y|x) u_y` and W = I,

    .. math:: \mathbb E[\mathcal E] \ge \frac12\, \mathbb P\Big(t^2 > \frac{μ^2}{2 b^2}\Big),
        \qquad t^2 \sim \mathrm{Beta}\Big(\frac12, \frac{d-1}2\Big) .

    Args:
        margin: μ > 0 and < 1, any shape.
        dim: dimension d ≥ 3, broadcast against ``margin``.

    Returns:
        The bound; shape of ``margin`` and ``dim`` together.

    Raises:
        ValueError: names the argument, its value and the valid range.

    Source: Proved in the book, in the chapter on learned embeddings.

    Example:
        >>> round(float(two_rivals_lower(0.1, 100)), 5)
        0.00883
    """
    gap = Real(above=0, below=1).check_all("margin", margin)
    dims = Real(at_least=3).check_all("dim", dim)
    return stats.beta.sf(4.5 * (gap / (1 - gap)) ** 2, 0.5, (dims - 1) / 2) / 2
