"""What a step of signs stores."""

import numpy as np
from scipy.special import gammaln

from assocmem.parameters import Integer


def sign_step_moments(dim: int) -> tuple[float, float]:
    r"""The mean signal and the mean squared interference of a step of signs.

    For independent uniform unit vectors and :math:`Δ = \mathrm{sign}(u e^\top)`,

    .. math:: \mathbb E[u^\top Δ e] = d^2 b_d^2, \qquad
        \mathbb E(u^\top Δ e')^2 = 1 + \frac2π (d - 1), \qquad
        b_d = \frac{Γ(d/2)}{\sqrtπ\, Γ((d+1)/2)} .

    Args:
        dim: dimension d ≥ 1.

    Source: Proved in the book, in the chapter on adaptive steps.

    Example:
        >>> [round(moment, 3) for moment in sign_step_moments(10)]
        [6.692, 6.73]
    """
    Integer(1).check("dim", dim)
    mean_entry = np.exp(gammaln(dim / 2) - gammaln((dim + 1) / 2)) / np.sqrt(np.pi)
    return float(dim * mean_entry) ** 2, float(1 + 2 / np.pi * (dim - 1))
