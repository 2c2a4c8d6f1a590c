"""The published algorithm, written from its description and as plainly as it reads.

A trial draws embeddings of the largest dimension. Then, for every T and every d one after the
other: slice them, form the dense d × d matrix W = Σ q(x) u e_xᵀ, multiply all N tokens by it
(N d² products), score the outputs, take the argmax, and sum the mass of the tokens that are wrong.

A slice of a unit vector u is no unit vector, so slices are normalized again: the estimates then have
the expectation of those of `assocmem.simulate_errors`. Its random numbers are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
#: Weights q of all tokens, from their frequencies, the dimension d, and an order of equal tokens.
Weights = Callable[[Array, int, Array], Array]


def fill_weights(frequencies: Array, dim: int, ties: Array) -> Array:
    """The weight 1 of every token that occurs."""
    return (frequencies > 0).astype(float)


def frequency_weights(frequencies: Array, dim: int, ties: Array) -> Array:
    """The frequencies themselves."""
    return frequencies


def threshold_weights(frequencies: Array, dim: int, ties: Array) -> Array:
    """The weight 1 of the d/8 most frequent tokens that occur, of one at least."""
    most_frequent = np.lexsort((ties, -frequencies))[: max(1, dim // 8)]
    weights = np.zeros(len(frequencies))
    weights[most_frequent] = frequencies[most_frequent] > 0
    return weights


WEIGHTS = {
    "fill": fill_weights,
    "frequency": frequency_weights,
    "threshold": threshold_weights,
}


def plain_errors(
    alpha: float,
    n_tokens: int,
    n_outputs: int,
    schemes: Sequence[Weights],
    dims: Sequence[int],
    n_samples: Sequence[int] | None,
    trials: int,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> NDArray[np.float64]:
    """Errors of every trial, scheme, T (T = ∞ where ``n_samples`` is None) and d.

    The products are in ``dtype``: single precision takes half the time of double.
    """
    tokens = np.arange(1, n_tokens + 1)
    p = tokens**-alpha / (tokens**-alpha).sum()
    labels = tokens % n_outputs
    sizes = [0] if n_samples is None else list(n_samples)
    errors = np.empty((trials, len(schemes), len(sizes), len(dims)))
    for trial in range(trials):
        all_inputs = rng.standard_normal((n_tokens, max(dims)), dtype=np.float32).astype(dtype)
        all_outputs = rng.standard_normal((n_outputs, max(dims)), dtype=np.float32).astype(dtype)
        ties = rng.permutation(n_tokens)
        data = rng.choice(n_tokens, size=max(sizes), p=p) if n_samples is not None else None
        for t, size in enumerate(sizes):
            seen = p if data is None else np.bincount(data[:size], minlength=n_tokens)
            for i, dim in enumerate(dims):
                inputs = all_inputs[:, :dim]
                outputs = all_outputs[:, :dim]
                outputs = outputs / np.linalg.norm(outputs, axis=1, keepdims=True)
                for s, scheme in enumerate(schemes):
                    q = scheme(seen, dim, ties).astype(dtype)
                    memory = (q[:, None] * outputs[labels]).T @ inputs
                    scores = inputs @ memory.T @ outputs.T
                    wrong = scores.argmax(axis=1) != labels
                    errors[trial, s, t, i] = p[wrong].sum()
    return errors
