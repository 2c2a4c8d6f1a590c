"""Theorem 2 beside the best memories: bounds, the logarithm, and what decaying weights save."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, stdtr

from assocmem.arrays import Array
from assocmem.exact.thresholds import best_threshold
from assocmem.model.task import ZipfTask
from assocmem.theory.minimax import (
    minimax_upper,
    one_class_error,
    theorem_2_any_memory,
    theorem_2_entropy_constant,
    theorem_2_kappa,
    theorem_2_lower,
    theorem_2_lower_published,
    weight_shares,
)


def best_memories(
    alphas: Sequence[float], n_outputs: int, dims: Sequence[int], *, draws: int, seed: Sequence[int]
) -> pd.DataFrame:
    """The lower bounds of Theorem 2 and of its kin, and the best thresholds at two targets.

    Args:
        alphas: Zipf exponents α > 1; N is infinite.
        n_outputs: M ≥ 2, of the target x mod M.
        dims: dimensions d ≥ 1.
        draws: number of draws of the exact law at x mod M.
        seed: seed of these draws.

    Returns:
        One row per α and d: columns ``alpha``, ``dim``, the bounds ``published``, ``lower`` and
        ``any_memory``, and the errors ``constant`` and ``modulo`` at the thresholds ``P_constant``
        and ``P_modulo``, the best ones.

    Example:
        >>> best_memories([2.0], 5, [100], draws=64, seed=[0]).eval("lower < constant").item()
        True
    """
    rows = []
    for alpha in alphas:
        task, rng = ZipfTask(alpha, math.inf, n_outputs), np.random.default_rng(seed)
        best = best_threshold(task, sorted(dims), draws=draws, rng=rng)
        for dim, stored, mean in zip(best["dim"], best["n_stored"], best["mean"], strict=True):
            errors = one_class_error(alpha, 0.0, np.arange(1, 2 * dim), dim)
            rows.append(
                {
                    "alpha": alpha,
                    "dim": dim,
                    "published": theorem_2_lower_published(alpha, dim),
                    "lower": theorem_2_lower(alpha, dim),
                    "any_memory": theorem_2_any_memory(alpha, dim),
                    "constant": errors.min(),
                    "P_constant": 1 + errors.argmin(),
                    "modulo": mean,
                    "P_modulo": stored,
                }
            )
    return pd.DataFrame(rows)


def decay_errors(task: ZipfTask, decays: Mapping[str, float], dims: Sequence[int]) -> pd.DataFrame:
    """The error of decaying weights at a constant target, over the lower bound of Theorem 2.

    Args:
        task: the task, M ≥ 2 and N infinite.
        decays: 2ρα by name; 0 has the best threshold, the others P = d/2.
        dims: dimensions d ≥ 2.

    Returns:
        One row per d and name: columns ``scheme``, ``dim``, ``error``, ``lower``, ``ratio`` and
        ``upper``, the proven bound at 2ρα = 0.4 and its best P, 1 where there is none.

    Example:
        >>> task = ZipfTask(2.0, math.inf, 5)
        >>> decay_errors(task, {"equal": 0.0}, [100])["ratio"].round(1).tolist()
        [23.8]
    """
    rows, alpha = [], task.alpha
    for dim in dims:
        upper = minimax_upper(task, 0.2 / alpha, np.geomspace(1, dim, 400), dim).min()
        for name, decay in decays.items():
            tried = np.unique(np.geomspace(1, dim, 1000).astype(int))
            stored = np.array([dim / 2]) if decay else tried
            error = one_class_error(alpha, decay / (2 * alpha), stored, dim).min()
            lower = theorem_2_lower(alpha, dim)
            rows.append((name, dim, error, lower, error / lower, upper))
    return pd.DataFrame(rows, columns=["scheme", "dim", "error", "lower", "ratio", "upper"])


def class_shares(alpha: float, dim: int) -> pd.DataFrame:
    """The share of each token in the squares of all weights, for three weights: q = p, √p, and equal.

    The equal ones have as many tokens as can stand above the level κ/(d + κ), with the best κ.

    Args:
        alpha: Zipf exponent α > 1.
        dim: dimension d ≥ 1.

    Returns:
        Columns ``weights``, ``token`` and ``share``; the tokens end ten beyond the equal ones, or at
        2010.

    Example:
        >>> shares = class_shares(2.0, 20)
        >>> shares.query("weights == 'equal' and share > 0")["token"].max().item()
        15
    """
    room = math.ceil(dim / theorem_2_kappa(alpha))
    tokens = np.arange(1, min(room, 2000) + 11)
    weights = {"q = p": (1.0, math.inf), "q = √p": (0.5, math.inf), "equal": (0.0, room)}
    tables = [
        pd.DataFrame({"token": tokens, "share": weight_shares(alpha, rho, last, tokens)})
        for rho, last in weights.values()
    ]
    return pd.concat(tables, keys=weights, names=["weights"]).reset_index("weights")


class TokenErrors(NamedTuple):
    """Errors of single tokens at a constant target, of several weights and dimensions.

    Args:
        exact: by Student's law.
        lower: the bound of the proof, :math:`\\barΦ(\\sqrt κ)` at the token's own κ.
        wrong: the same with d − 1 for d, which is no bound.
    """

    exact: Array
    lower: Array
    wrong: Array


def token_errors(alpha: float, dims: Sequence[int]) -> TokenErrors:
    """Token by token, the error at a constant target and the bound in the proof of Theorem 2.

    The weights are q = p, √p, and 2ρα = 0.4 and 0.8 on d/2 tokens; the tokens some 400 from 1 on.

    Args:
        alpha: Zipf exponent α > 1.
        dims: dimensions d ≥ 2.

    Example:
        >>> exact, lower, wrong = token_errors(2.0, [10])
        >>> bool((exact >= lower).all()), bool((exact >= wrong).all())
        (True, False)
    """
    found: list[list[Array]] = []
    for dim in dims:
        x = np.unique(np.geomspace(1, 1000 * dim, 400).astype(int)).astype(float)
        for decay, last in (
            (2 * alpha, math.inf),
            (alpha, math.inf),
            (0.4, dim // 2),
            (0.8, dim // 2),
        ):
            share = weight_shares(alpha, decay / (2 * alpha), last, x[x <= last])
            kappa = dim * share / (1 - share)
            laws = (kappa, stdtr), (kappa, None), (kappa * (dim - 1) / dim, None)
            found.append(
                [ndtr(-np.sqrt(k)) if law is None else law(dim, -np.sqrt(k)) for k, law in laws]
            )
    return TokenErrors(*(np.concatenate(part) for part in zip(*found, strict=True)))


def published_gains(alphas: Sequence[float], dims: Sequence[int]) -> Array:
    """The bound of Theorem 2 over its published form, shape (alphas, dims).

    Args:
        alphas: Zipf exponents α > 1.
        dims: dimensions d ≥ 1.

    Example:
        >>> published_gains([2.0], [10**6]).round(1)
        array([[9.9]])
    """
    pairs = [[(a, d) for d in dims] for a in alphas]
    return np.array(
        [[theorem_2_lower(*p) / theorem_2_lower_published(*p) for p in row] for row in pairs]
    )


def logarithm_power(alpha: float) -> float:
    """The k in :math:`d^{-(α-1)} (\\log d)^{k (α-1)}`, the error of the best threshold, d = 10⁶ to 10¹².

    At a constant target and with equal weights; k = 1 in the limit.

    Args:
        alpha: Zipf exponent α > 1.

    Example:
        >>> round(logarithm_power(2.0), 2)
        1.04
    """
    dims, least = 10.0 ** np.arange(6, 13, 2), []
    for dim in dims:

        def log_error(log_stored: float, dim: int = int(dim)) -> float:
            return math.log(float(one_class_error(alpha, 0.0, math.exp(log_stored), dim)))

        bounds = (math.log(dim / 1000), math.log(dim))
        least.append(minimize_scalar(log_error, bounds=bounds, method="bounded").fun)
    excess = np.array(least) + (alpha - 1) * np.log(dims)
    return float(np.polyfit(np.log(np.log(dims)), excess, 1)[0]) / (alpha - 1)


def decay_slope(alpha: float) -> float:
    """The exponent in d, over α − 1, with 2ρα = 0.4 and P = d/2 at a constant target, d = 10⁴ to 10⁶.

    Args:
        alpha: Zipf exponent α > 1.

    Example:
        >>> round(decay_slope(2.0), 3)
        -0.998
    """
    dims = (10**4, 10**6)
    ends = [float(one_class_error(alpha, 0.2 / alpha, dim / 2, dim)) for dim in dims]
    return math.log(ends[1] / ends[0]) / math.log(100) / (alpha - 1)


def counted_constants(alphas: Sequence[float], dims: Sequence[int]) -> pd.DataFrame:
    """The bound for any matrix by exact counts, over d^(−(α−1)), and the constants of its limit.

    Args:
        alphas: Zipf exponents α ≥ 1.05.
        dims: dimensions d ≥ 1.

    Returns:
        One row per α and d: columns ``alpha``, ``dim``, ``counted``, ``limit`` (by the entropy bound) and
        ``wrong``, the same under a condition that is no condition.

    Example:
        >>> counted_constants([2.0], [100]).eval("limit <= counted < wrong").item()
        True
    """
    table = pd.DataFrame([(a, d) for a in alphas for d in dims], columns=["alpha", "dim"])
    counted = [theorem_2_any_memory(a, d) * d ** (a - 1) for a in alphas for d in dims]
    for name, total in (("limit", 1.0), ("wrong", 1.1)):
        constants = {a: theorem_2_entropy_constant(a, total) for a in alphas}
        table[name] = table["alpha"].map(constants)
    return table.assign(counted=counted)
