"""Steps of signs on random associations."""

import numpy as np

from assocmem.arrays import Array
from assocmem.model.embeddings import spherical_embeddings


def simulate_sign_steps(dim: int, draws: int, rng: np.random.Generator) -> Array:
    r"""Signal and squared interference of steps of signs, :math:`Δ = \mathrm{sign}(u e^\top)`.

    Args:
        dim: dimension d of independent uniform unit vectors u, e and e'.
        draws: number of draws.
        rng: source of randomness.

    Returns:
        :math:`u^\top Δ e` and :math:`(u^\top Δ e')^2`, shape (2, draws).

    Example:
        >>> simulate_sign_steps(1, 3, np.random.default_rng(0)).tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    u, e, other = (spherical_embeddings(draws, dim, child) for child in rng.spawn(3))
    size = np.abs(u).sum(1)
    return np.stack([size * np.abs(e).sum(1), (size * (np.sign(e) * other).sum(1)) ** 2])
