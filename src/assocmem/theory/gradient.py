r"""The weights q that gradient descent gives to its associations, as functions of the number of steps.

In the approximate dynamics a token that has been drawn n times has the weight :math:`f^n(0)` with

.. math:: f(q) = q + \frac{γ}{1 + e^q / (M - 1)} .
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, wrightomega

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
