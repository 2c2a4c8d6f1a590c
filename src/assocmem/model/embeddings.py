"""Random embeddings of tokens and outputs, and their Gram matrices."""

import numpy as np

from assocmem.arrays import Array
from assocmem.parameters import Integer, check_memory


def gaussian_embeddings(n: int, dim: int, rng: np.random.Generator) -> Array:
    """Rows e ~ N(0, I_d): the random input embeddings of the paper.

    Predictions do not depend on the scale of e, so no factor 1/√d is applied.

    Args:
        n: number of vectors.
        dim: dimension d.
        rng: source of randomness.

    Returns:
        Shape (n, d).

    Example:
        >>> gaussian_embeddings(3, 2, np.random.default_rng(0)).shape
        (3, 2)
    """
    Integer(1).check("n", n)
    Integer(1).check("dim", dim)
    check_memory(8 * n * dim, "n", n)
    return rng.standard_normal((n, dim))


def spherical_embeddings(n: int, dim: int, rng: np.random.Generator) -> Array:
    """Rows u uniform on the unit sphere of R^d: the random output embeddings of the paper.

    Args:
        n: number of vectors.
        dim: dimension d.
        rng: source of randomness.

    Returns:
        Shape (n, d), every row of norm 1.

    Example:
        >>> u = spherical_embeddings(3, 2, np.random.default_rng(0))
        >>> bool(np.allclose(np.linalg.norm(u, axis=1), 1))
        True
    """
    z = gaussian_embeddings(n, dim, rng)
    return z / np.linalg.norm(z, axis=1, keepdims=True)


def spherical_gram(n: int, dim: int, rng: np.random.Generator, size: int | None = None) -> Array:
    r"""Gram matrices :math:`G_{zw} = \langle u_z, u_w \rangle` of uniform unit vectors, without the
    vectors.

    For a Gaussian Z (n × d), Bartlett's decomposition :math:`Z Z^\top = L L^\top` has independent
    entries: standard normals below the diagonal and :math:`L_{ii}^2 \sim χ^2_{d-i}` (i = 0, …) on
    it. Rows of L over their norms give G, so a draw costs n² normals whatever d is; for d < n, L is
    n × d (trapezoidal).

    Args:
        n: number of vectors.
        dim: dimension d ≥ 1.
        rng: source of randomness.
        size: number of independent matrices; None gives one, without the leading axis.

    Returns:
        Shape (n, n), or (size, n, n).

    Example:
        >>> spherical_gram(5, 10**6, np.random.default_rng(0)).shape
        (5, 5)
    """
    Integer(1).check("n", n)
    Integer(1).check("dim", dim)
    if size is not None:
        Integer(0).check("size", size)
    draws, width = 1 if size is None else size, min(n, dim)
    factor = np.tril(rng.standard_normal((draws, n, width)))
    diagonal = np.arange(width)
    factor[:, diagonal, diagonal] = np.sqrt(rng.chisquare(dim - diagonal, (draws, width)))
    gram = normalize_gram(factor @ factor.transpose(0, 2, 1))
    return gram if size is not None else gram[0]


def normalize_gram(gram: Array) -> Array:
    """Cosines :math:`G_{zw} / \\sqrt{G_{zz} G_{ww}}` from inner products; shape (..., n, n).

    Example:
        >>> normalize_gram(np.array([[4.0, 1.0], [1.0, 1.0]])).tolist()
        [[1.0, 0.5], [0.5, 1.0]]
    """
    scale = 1.0 / np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    return gram * scale[..., :, None] * scale[..., None, :]


def coherence(gram: Array) -> float:
    r"""The coherence :math:`η = \max_{z \ne w} |G_{zw}|` of unit vectors with Gram matrix ``gram``,
    shape (n, n).

    Source: Definition 1: the vectors are η-quasi-orthogonal.

    Example:
        >>> coherence(np.eye(3))
        0.0
    """
    return float(np.abs(gram - np.diag(np.diagonal(gram))).max())
