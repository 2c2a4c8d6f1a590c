"""Proposition 3, the P most frequent tokens stored: exponents, bounds, and where P is best."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.arrays import Array
from assocmem.model.schemes import Scheme, threshold
from assocmem.model.task import ZipfTask
from assocmem.parameters import Integer, Real, refuse
from assocmem.theory.crowding import stored_error
from assocmem.theory.finite_memory import theorem_1_upper


def proposition_3_exponent(alpha: float, rho: float = 0.0) -> float:
    """The exponent −(α − 1)/(2ρα + 1) of d with a threshold P ≃ d^(1/(2ρα + 1)).

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ ≥ 0 of the weights.

    Source: Proposition 3.

    Example:
        >>> proposition_3_exponent(2.0)
        -1.0
    """
    Real(above=1).check("alpha", alpha)
    Real(at_least=0).check("rho", rho)
    return -(alpha - 1) / (2 * rho * alpha + 1)


def proposition_3_threshold(alpha: float, rho: float, dim: ArrayLike) -> Array:
    """The threshold P = d^(1/(2ρα + 1)) of Proposition 3, up to a constant and logarithms.

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ ≥ 0 of the weights.
        dim: dimension d, any shape.

    Example:
        >>> proposition_3_threshold(2.0, rho=0.25, dim=[16, 100]).round(6).tolist()
        [4.0, 10.0]
    """
    exponent = -proposition_3_exponent(alpha, rho) / (alpha - 1)
    return Real(above=0).check_all("dim", dim) ** exponent


def proposition_3_lower(task: ZipfTask, n_stored: ArrayLike) -> Array:
    """The error of any threshold scheme is at least p(x > P)/2, whatever d is (M ≥ 2).

    Args:
        task: the task.
        n_stored: P, any shape.

    Source: The lower half of Proposition 3.

    Example:
        >>> round(float(proposition_3_lower(ZipfTask(2.0, float('inf'), 5), n_stored=10)), 4)
        0.0289
    """
    Integer(2).check("n_outputs", task.n_outputs)
    return task.tail(Real(at_least=0).check_all("n_stored", n_stored)) / 2


def proposition_3_upper(
    task: ZipfTask, rho: float, n_stored: int, dim: int, beta: float | None = None
) -> float:
    r"""Upper bound on the expected error of the weights :math:`q(x) = x^{-ρα} \mathbf 1\{x \le P\}`.

    This is `theorem_1_upper` for a threshold; tokens beyond P count as wrong.

    Args:
        task: the task, M ≥ 2; N may be infinite.
        rho: exponent ρ ≥ 0 of the weights.
        n_stored: P ≥ 1.
        dim: dimension d ≥ 1.
        beta: β > 0, α − 1 unless given: then d^(−β) is no larger than the law itself.

    Returns:
        The bound, and 1 where there is none or it exceeds 1.

    Source: The upper half of Proposition 3; derived in the book.

    Example:
        >>> task = ZipfTask(2.0, float("inf"), 5)
        >>> [round(proposition_3_upper(task, 0.0, n_stored=dim // 100, dim=dim), 3) for dim in (10**3, 10**5)]
        [0.059, 0.001]
    """
    beta = task.alpha - 1 if beta is None else beta
    return theorem_1_upper(task, threshold(n_stored, rho), dim, beta)


def proposition_3_proven_threshold(task: ZipfTask, rho: float, dim: int) -> int:
    r"""The threshold of the proof, :math:`P = \lfloor (d / (16 c_{α-1}))^{1/(2ρα+1)} \rfloor`, at
    least 1.

    With it, and d ≥ 32 c, the upper bound is :math:`p(x > P) + \tfrac32 d^{-(α-1)} + e^{-d/16}` or
    less.

    Args:
        task: the task, M ≥ 2 and α > 1.
        rho: exponent ρ ≥ 0 of the weights.
        dim: dimension d ≥ 1.

    Source: Proposition 3; derived in the book.

    Example:
        >>> proposition_3_proven_threshold(ZipfTask(2.0, float("inf"), 5), rho=0.0, dim=10**4)
        57
    """
    log_factor = math.log(task.n_outputs) + (task.alpha - 1) * math.log(dim)
    return max(1, int(float(proposition_3_threshold(task.alpha, rho, dim / (16 * log_factor)))))


def proposition_3_proven_scheme(task: ZipfTask, rho: float) -> Scheme:
    """The weights p^ρ on the tokens up to `proposition_3_proven_threshold`.

    Args:
        task: the task, M ≥ 2 and α > 1.
        rho: exponent ρ ≥ 0 of the weights.

    Source: Proposition 3.

    Example:
        >>> proposition_3_proven_scheme(ZipfTask(2.0, math.inf, 5), 0.0).stored_at(10**4)
        57
    """
    return threshold(lambda dim: proposition_3_proven_threshold(task, rho, dim), rho)


def proposition_3_bounds(
    task: ZipfTask, rhos: Sequence[float], dims: Sequence[int]
) -> pd.DataFrame:
    """Both bounds at the threshold of the proof, and what guessing costs there.

    Args:
        task: the task, M ≥ 2 and α > 1.
        rhos: exponents ρ ≥ 0 of the weights.
        dims: dimensions d ≥ 1.

    Returns:
        One row per ρ and d: columns ``rho``, ``dim``, ``n_stored`` (P), ``lower``, ``upper`` and
        ``guesses``, (1 − 1/M) p(x > P).

    Source: Proposition 3; derived in the book.

    Example:
        >>> bounds = proposition_3_bounds(ZipfTask(2.0, math.inf, 5), [0.0], [10**4, 10**6])
        >>> bool((bounds["lower"] < bounds["guesses"]).all())
        True
    """
    rows = [
        (rho, int(d), proposition_3_proven_threshold(task, rho, int(d)))
        for rho in rhos
        for d in dims
    ]
    table = pd.DataFrame(rows, columns=["rho", "dim", "n_stored"])
    table["lower"] = proposition_3_lower(task, table["n_stored"])
    table["upper"] = [proposition_3_upper(task, rho, stored, dim) for rho, dim, stored in rows]
    table["guesses"] = 2 * (1 - 1 / task.n_outputs) * table["lower"]
    return table


def proposition_3_prediction(
    task: ZipfTask, n_stored: ArrayLike, dim: ArrayLike, noise: float = 1.0
) -> Array:
    """Large-d prediction of the error for q = 1 on the P most frequent tokens and f*(x) = x mod M.

    A token beyond P is guessed, so wrong with probability 1 − 1/M; one below P errs by
    `stored_error`.

    Args:
        task: the task, M ≥ 2.
        n_stored: P ≥ 1, any shape; P > N stores all N tokens.
        dim: d, broadcast against P.
        noise: its variance over that of the law, for comparison.

    Returns:
        The predicted error, in the broadcast shape.

    Source: Not in the paper; derived in the book.

    Example:
        >>> task = ZipfTask(2.0, float("inf"), 5)
        >>> proposition_3_prediction(task, [5, 25, 100], dim=100).round(3).tolist()
        [0.088, 0.022, 0.165]
    """
    stored = np.minimum(Real(at_least=1).check_all("n_stored", n_stored), task.n_tokens)
    tail = task.tail(stored)
    guess = 1 - 1 / task.n_outputs
    return guess * tail + (1 - tail) * stored_error(task.n_outputs, noise * stored, dim)


def proposition_3_laws(task: ZipfTask, scheme: Scheme, dims: Sequence[int]) -> pd.DataFrame:
    """`proposition_3_prediction` over d, for a threshold scheme and for all tokens stored alike.

    Args:
        task: the task, M ≥ 2; N must be finite.
        scheme: the weights, ρ = 0 and with a threshold.
        dims: dimensions d ≥ 1.

    Returns:
        One row per d, in increasing order: columns ``n_tokens`` (N), ``dim``, ``n_stored`` (P, or
        N where it is less), ``threshold`` and ``fill`` (predicted errors).

    Source: Not in the paper; derived in the book.

    Example:
        >>> laws = proposition_3_laws(ZipfTask(2.0, 50, 5), threshold(25), [100, 10])
        >>> laws[["dim", "n_stored"]].to_numpy().tolist()
        [[10, 25], [100, 25]]
    """
    listed, size = sorted(dims), task.n_tokens
    stored = [min(scheme.stored_at(dim) or size, size) for dim in listed]
    table = pd.DataFrame({"n_tokens": size, "dim": listed, "n_stored": stored})
    table["threshold"] = proposition_3_prediction(task, stored, listed)
    table["fill"] = proposition_3_prediction(task, size, listed)
    return table


def best_threshold_asymptote(task: ZipfTask, dim: ArrayLike) -> tuple[Array, Array]:
    r"""Best threshold and its error for q = 1, infinite N and large d: where one more token costs as
    much as it saves.

    .. math:: P^* = \frac{M d}{4 L}, \qquad L + \big(α - \tfrac32\big) \log L = (α - 1) \log d +
        \log \frac{M\, (M/4)^{α-1}}{2 \sqrt π\, C_α}, \qquad \mathbb E[\mathcal E] \approx \Big(1 -
        \frac1M\Big) C_α\, \Big(\frac1{α - 1} + \frac1L\Big) (P^*)^{-(α - 1)}

    The leading term, :math:`P^* \sim M d / (4 (α - 1) \log d)`, is 40 % too large at α = 1.5 and
    d = 1000, and 30 % too small at α = 4: logarithms of logarithms.

    Args:
        task: the task, M ≥ 2 and N infinite, with f*(x) = x mod M or another target that shares
            the tokens evenly.
        dim: dimension d > 1, any shape, large enough for a balance.

    Returns:
        P* and the error, each in the shape of ``dim``.

    Raises:
        ValueError: where d is so small that a stored token saves more than it costs at every P.

    Source: Proposition 3; derived in the book.

    Example:
        >>> task = ZipfTask(alpha=2.0, n_tokens=math.inf, n_outputs=5)
        >>> stored, error = best_threshold_asymptote(task, 10**4)
        >>> round(float(stored)), round(float(error), 6)
        (1364, 0.000396)
    """
    n_outputs, alpha = task.n_outputs, task.alpha
    Integer(2).check("n_outputs", n_outputs)
    if math.isfinite(task.n_tokens):
        raise refuse("n_tokens", task.n_tokens, "inf, for the asymptote in d")
    dims = Real(above=1).check_all("dim", dim)
    constant = math.log(n_outputs / (2 * math.sqrt(math.pi) * task.normalizer))
    level = constant + (alpha - 1) * (math.log(n_outputs / 4) + np.log(dims))
    k = alpha - 1.5
    least = -k + k * math.log(-k) if k < 0 else -math.inf  # of L + k log L
    if not (level > least).all():
        valid = math.exp((least - constant) / (alpha - 1)) * 4 / n_outputs
        raise refuse("dim", float(dims.min()), f"> {valid:.3g} for a balance")
    log_l = np.log(2 * np.maximum(level, 1.0) + 4)
    # Newton's iteration for a convex function, from the right of its larger zero
    for _ in range(60):
        value = np.exp(log_l)
        log_l = log_l - (value + k * log_l - level) / (value + k)
    balance = np.exp(log_l)
    stored: Array = n_outputs * dims / (4 * balance)
    error: Array = (1 / (alpha - 1) + 1 / balance) * stored ** (1 - alpha)
    return stored, (1 - 1 / n_outputs) * task.normalizer * error
