r"""The weights q that gradient descent gives to its associations, as functions of the number of steps.

In the approximate dynamics a token that has been drawn n times has the weight :math:`f^n(0)` with

.. math:: f(q) = q + \frac{γ}{1 + e^q / (M - 1)} .
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, softmax, wrightomega

from assocmem.arrays import Array
from assocmem.parameters import Integer, Real


def association_weights(
    learning_rate: float, n_outputs: int, n_steps: int, start: float = 0.0
) -> Array:
    r"""The weights :math:`q(n) = f^n(q(0))` after n = 0, 1, … steps on one token.

    Args:
        learning_rate: γ > 0.
        n_outputs: M ≥ 2.
        n_steps: largest n.
        start: q(0) ≥ 0.

    Returns:
        Shape (n_steps + 1,), from q(0).

    Source: Section 4 of the paper.

    Example:
        >>> association_weights(10.0, 5, 2).round(3).tolist()
        [0.0, 8.0, 8.013]
    """
    Real(above=0).check("learning_rate", learning_rate)
    Integer(2).check("n_outputs", n_outputs)
    Integer(0).check("n_steps", n_steps)
    Real(at_least=0).check("start", start)
    weights = np.full(n_steps + 1, float(start))
    log_others = math.log(n_outputs - 1)
    for step in range(n_steps):
        weights[step + 1] = weights[step] + learning_rate * expit(log_others - weights[step])
    return weights


def association_weight_limit(learning_rate: float, n_outputs: int, n_steps: ArrayLike) -> Array:
    r"""The weight after n small steps, in closed form.

    As γ → 0 with γn fixed, q obeys :math:`q' = 1 / (1 + e^q / (M - 1))` in time γn, so that
    :math:`q + e^q / (M - 1) = c` with :math:`c = γn + 1/(M - 1)`, and

    .. math:: q(n) = c - ω(c - \log(M - 1))

    with the Wright omega function, :math:`ω(z) + \log ω(z) = z`.

    Args:
        learning_rate: γ > 0.
        n_outputs: M ≥ 2.
        n_steps: n ≥ 0, any shape; real numbers are valid.

    Returns:
        Shape of ``n_steps``.

    Source: Derived in the book.

    Example:
        >>> float(association_weight_limit(1e-3, 10, 1000).round(5))
        0.85091
    """
    Real(above=0).check("learning_rate", learning_rate)
    Integer(2).check("n_outputs", n_outputs)
    gain = learning_rate * Real(at_least=0).check_all("n_steps", n_steps)
    others = n_outputs - 1
    omega = wrightomega(gain + 1 / others - math.log(others)).real
    weight = math.log(others) + np.log(omega)
    excess = weight + np.expm1(weight) / others - gain
    return weight - excess / (1 + np.exp(weight) / others)


def effective_rho(gained: ArrayLike, n_outputs: int) -> Array:
    r"""The local exponent ρ of the weights :math:`q ∝ p^ρ` that small steps lead to.

    A token with γn = g has the weight q(g) of `association_weight_limit`, and g is proportional to p:

    .. math:: ρ(g) = \frac{d \log q}{d \log g} = \frac{g}{q\, (1 + e^q / (M - 1))},

    which falls from 1 (g → 0: :math:`q ∝ p`) to 0 (g → ∞: all tokens are stored alike).

    Args:
        gained: g = γn > 0, any shape.
        n_outputs: M ≥ 2.

    Returns:
        Shape of ``gained``.

    Source: Derived in the book.

    Example:
        >>> effective_rho([1e-6, 1e6], 5).round(3).tolist()
        [1.0, 0.066]
    """
    gain = Real(above=0).check_all("gained", gained)
    weight = association_weight_limit(1.0, n_outputs, gain)
    return gain * expit(math.log(n_outputs - 1) - weight) / weight


def local_exponents(
    learning_rate: float, n_outputs: int, n_steps: int, ratio: float = 1.05
) -> tuple[Array, Array]:
    r"""Slopes of log q against log n between neighbouring n, of weights after n steps.

    Args:
        learning_rate: γ > 0.
        n_outputs: M ≥ 2.
        n_steps: largest n.
        ratio: the greater n of a pair over the smaller one, > 1 (n + 1 where that is greater).

    Returns:
        γ times the geometric mean of the pair, and the slope, at up to 40 places.

    Source: Derived in the book.

    Example:
        >>> gained, slopes = local_exponents(0.01, 10, 1000)
        >>> float(abs(slopes - effective_rho(gained, 10)).max()) < 1e-3
        True
    """
    Real(above=1).check("ratio", ratio)
    Integer(2).check("n_steps", n_steps)
    weights = association_weights(learning_rate, n_outputs, n_steps)
    near = np.unique(np.geomspace(1, max(1, (n_steps - 1) / ratio), 40).astype(int))
    far = np.maximum(near + 1, (ratio * near).astype(int))
    slopes = np.log(weights[far] / weights[near]) / np.log(far / near)
    return learning_rate * np.sqrt(near * far), slopes


def figure_5_weights(learning_rates: Sequence[float]) -> pd.DataFrame:
    r"""The weights of the 100 tokens of Figure 5, each after its own number of draws.

    The tokens have :math:`p(x) \propto (x + 3)^{-2}`, :math:`n_x = p(x)/p(N)` draws, rounded, and
    10 outputs.

    Args:
        learning_rates: γ > 0.

    Returns:
        One row per γ and token, the most frequent first: columns ``learning_rate``, ``p``, ``n`` and
        ``weight``.

    Source: Figure 5 of the paper.

    Example:
        >>> figure_5_weights([10.0])["n"].iloc[[0, -1]].tolist()
        [663, 1]
    """
    p = (np.arange(1, 101) + 3.0) ** -2
    draws = np.round(p / p[-1]).astype(int)
    columns = {"p": p / p.sum(), "n": draws}
    ladders = {rate: association_weights(rate, 10, int(draws[0])) for rate in learning_rates}
    return pd.concat(
        [
            pd.DataFrame({"learning_rate": rate, **columns, "weight": ladder[draws]})
            for rate, ladder in ladders.items()
        ]
    )


def weight_ladders(
    learning_rates: Sequence[float], n_steps: ArrayLike, n_outputs: int
) -> pd.DataFrame:
    """The weights after n steps on one token, and their limit for small steps.

    Args:
        learning_rates: γ > 0.
        n_steps: n ≥ 0, shape (k,).
        n_outputs: M ≥ 2.

    Returns:
        One row per γ and n: columns ``learning_rate``, ``n``, ``weight`` and ``limit``.

    Source: Section 4 of the paper; the limit is derived in the book.

    Example:
        >>> weight_ladders([10.0], [1], 5).round(1).to_numpy().tolist()
        [[10.0, 1.0, 8.0, 3.3]]
    """
    n, parts = np.asarray(n_steps), []
    for rate in learning_rates:
        weights = association_weights(rate, n_outputs, int(n.max()))[n]
        limit = association_weight_limit(rate, n_outputs, n)
        columns = {"learning_rate": rate, "n": n, "weight": weights, "limit": limit}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts)


def gradient_step(
    outputs: ArrayLike, memory: ArrayLike, right: int, learning_rate: float
) -> tuple[Array, Array]:
    r"""What one step of descent adds to :math:`W e_x`, for an input of norm one.

    .. math:: W e_x \leftarrow W e_x + γ\, (1 - p_W(y|x))\, (u_y - \hat u_W)

    Args:
        outputs: the u, shape (M, d), M ≥ 2.
        memory: :math:`W e_x`, shape (d,).
        right: y, from 0 to M − 1.
        learning_rate: γ > 0.

    Returns:
        The step, and :math:`\hat u_W`, the mean of the wrong outputs; shape (d,) each.

    Source: Section 4 of the paper.

    Example:
        >>> step, wrong = gradient_step([[1.0, 0.0], [-1.0, 0.0]], [0.0, 0.0], 0, 1.0)
        >>> step.tolist(), wrong.tolist()
        ([1.0, 0.0], [-1.0, 0.0])
    """
    Real(above=0).check("learning_rate", learning_rate)
    u, h = np.asarray(outputs, dtype=float), np.asarray(memory, dtype=float)
    Integer(0, len(u) - 1).check("right", right)
    belief = softmax(u @ h)
    others = np.delete(np.arange(len(u)), right)
    wrong = np.asarray(softmax(u[others] @ h) @ u[others])
    return learning_rate * (1 - belief[right]) * (u[right] - wrong), wrong


def small_step_gaps(
    learning_rates: Sequence[float], n_steps: ArrayLike, n_outputs: int = 10
) -> NDArray[np.bool_]:
    """Whether weights after n steps are above their closed form, by at most γ (1 − 1/M), M = 10.

    Args:
        learning_rates: γ > 0.
        n_steps: n, shape (k,).
        n_outputs: M in the closed form; other than 10 for a wrong law.

    Returns:
        Shape (rates, k).

    Source: Derived in the book.

    Example:
        >>> small_step_gaps([0.1], [1, 10]).tolist(), small_step_gaps([0.1], [1, 10], 11).all().item()
        ([[True, True]], False)
    """
    n = np.asarray(n_steps)
    gaps = [
        association_weights(rate, 10, int(n.max()))[n]
        - association_weight_limit(rate, n_outputs, n)
        for rate in learning_rates
    ]
    most = 0.9 * np.asarray(learning_rates)[:, None]
    return (np.array(gaps) >= -1e-9) & (np.array(gaps) <= most + 1e-9)


def figure_5_slopes(
    shift: int = 3,
    truncate: bool = False,
    at_most: int | None = None,
    before: int = 0,
    n_outputs: int = 10,
) -> Array:
    r"""Slopes of log q against log p in the setting of Figure 5, γ = 10⁻³, 10⁻¹ and 1.

    Its 100 tokens have :math:`p(x) \propto (x + 3)^{-2}` and :math:`n_x = p(x)/p(N)` draws. Tokens
    with q = 0 are left out of the fit. The other arguments are what the published program does.

    Args:
        shift: what is added to x.
        truncate: whether :math:`n_x` is truncated to an integer, not rounded.
        at_most: where it is cut, if it is.
        before: how many draws earlier q is read.
        n_outputs: M; one more is M in place of M − 1 in the update.

    Returns:
        Shape (3,).

    Source: Figure 5 of the paper, and its program.

    Example:
        >>> published = {"shift": 2, "truncate": True, "at_most": 100, "before": 1, "n_outputs": 11}
        >>> figure_5_slopes(**published).round(2).tolist()
        [0.97, 0.81, 0.4]
    """
    p = (np.arange(1, 101) + float(shift)) ** -2
    draws = (np.floor if truncate else np.round)(p / p[-1])
    n = (draws if at_most is None else np.minimum(draws, at_most)).astype(int) - before
    log_p, n = np.log(p[n > 0]), n[n > 0]
    weights = [association_weights(rate, n_outputs, int(n.max())) for rate in (1e-3, 1e-1, 1.0)]
    return np.array([np.polyfit(log_p, np.log(each[n]), 1)[0] for each in weights])
