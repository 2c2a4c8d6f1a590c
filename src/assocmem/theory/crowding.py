"""How often stored tokens crowd each other out, where their number grows with the dimension."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr

from assocmem.arrays import Array
from assocmem.parameters import Integer, Real


def stored_error(n_outputs: int, n_stored: ArrayLike, dim: ArrayLike) -> Array:
    r"""Probability to err on a stored token when P tokens share a memory of large dimension d with
    q = 1.

    .. math::
        \mathbb P\Big(\max_{z \ne y} (ξ_z - ξ_y) > \sqrt{dM/P}\Big)
        = 1 - \int φ(s)\, Φ\big(s + \sqrt{dM/P}\big)^{M-1} ds

    with independent standard normals ξ: the limit d → ∞ at fixed P/d, for outputs that share the P
    tokens evenly. It is the floor below which a threshold P = cd cannot bring the error.

    Args:
        n_outputs: M ≥ 2.
        n_stored: P ≥ 1.
        dim: d ≥ 1; broadcast against P.

    Returns:
        The probability, in the broadcast shape.

    Source: Not in the paper; derived in the book.

    Example:
        >>> round(float(stored_error(5, 1, 1)), 3)  # P = d
        0.161
    """
    Integer(2).check("n_outputs", n_outputs)
    positive = Real(above=0)
    loads = positive.check_all("n_stored", n_stored) / positive.check_all("dim", dim)
    ratio = np.sqrt(n_outputs / loads)[..., None]
    # The trapezoidal rule converges faster than any power of the step for such an integrand.
    grid = np.linspace(-9.0, 9.0, 721)
    density = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi) * (grid[1] - grid[0])
    # 1 − Φ^(M−1), without cancellation where Φ is near 1
    beaten = -np.expm1((n_outputs - 1) * log_ndtr(grid + ratio))
    return beaten @ density
