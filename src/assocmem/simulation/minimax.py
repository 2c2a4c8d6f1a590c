"""What Theorem 2 and its strengthening speak of, drawn: one token of a memory, and half-spaces."""

import numpy as np
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.parameters import Integer, check_memory


def simulate_one_token(
    dim: int, n_stored: int, *, n_outputs: int, n_labels: int, trials: int, rng: np.random.Generator
) -> Array:
    """Whether token 1 is wrong, in memories that store P tokens alike.

    Args:
        dim: dimension d ≥ 1.
        n_stored: P ≥ 1.
        n_outputs: M ≥ 2.
        n_labels: the target is f*(x) = (x − 1) mod n_labels, from 1, which is a constant target, to M.
        trials: number of memories, with embeddings of their own.
        rng: source of randomness.

    Returns:
        1 for an error, else 0, shape (trials,).

    Example:
        >>> options = {"n_outputs": 5, "n_labels": 1, "trials": 3, "rng": np.random.default_rng(0)}
        >>> simulate_one_token(4, 1, **options)
        array([0., 0., 0.])
    """
    for name, value in (("dim", dim), ("n_stored", n_stored), ("trials", trials)):
        Integer(1).check(name, value)
    Integer(2).check("n_outputs", n_outputs)
    Integer(1, n_outputs).check("n_labels", n_labels)
    check_memory(8 * trials * (n_stored + n_outputs + dim) * dim, "trials", trials)
    labels = np.arange(n_stored) % n_labels
    e, u = (rng.standard_normal((trials, size, dim)) for size in (n_stored, n_outputs))
    u /= np.linalg.norm(u, axis=2, keepdims=True)
    memory = np.einsum("tpd,tpc,tc->td", u[:, labels], e, e[:, 0])
    recalled: NDArray[np.intp] = np.einsum("tmd,td->tm", u, memory).argmax(axis=1)
    return (recalled != labels[0]).astype(float)


def simulate_labelings(n: int, dim: int, *, draws: int, rng: np.random.Generator) -> int:
    """How many labelings half-spaces through the origin give to n points, of those that were drawn.

    Args:
        n: number of points, whose places are Gaussian, at most 60.
        dim: dimension d of their space.
        draws: number of half-spaces.
        rng: source of randomness.

    Example:
        >>> simulate_labelings(3, 1, draws=100, rng=np.random.default_rng(0))
        2
    """
    Integer(1, 60).check("n", n)
    Integer(1).check("dim", dim)
    Integer(1).check("draws", draws)
    signs = rng.standard_normal((draws, dim)) @ rng.standard_normal((n, dim)).T > 0
    return len(np.unique(signs @ 2 ** np.arange(n)))
