"""Proposition 2 beside the exact law and simulation: its collapse over the load, its exponents."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from assocmem.exact.law import error_batches, expected_errors
from assocmem.model.schemes import frequency
from assocmem.model.task import ZipfTask
from assocmem.simulation.trials import simulate_errors
from assocmem.theory.without_threshold import (
    proposition_2_asymptote,
    proposition_2_exponent,
    vocabulary_load,
)
from assocmem.verdicts.power_law import fit_power_law
from assocmem.verdicts.tables import summarize

#: N that stands for infinitely many tokens where φ(N) must be finite.
_HUGE = 10**18


def collapse_batches(
    alpha: float,
    n_outputs: int,
    cases: Mapping[str, float],
    vocabularies: Sequence[int],
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    r"""The exact law of weights p^ρ for several ρ and N, over the load φ(N).

    Args:
        alpha: Zipf exponent α > 1.
        n_outputs: M ≥ 2.
        cases: exponents r = 2ρα of the squared weights, by name.
        vocabularies: numbers of tokens N.
        draws: number of draws of the exact law.
        seed: of the random draws, which all settings share.

    Returns:
        One row per batch, case, N and d, with 20 dimensions from φ/3 to where the vocabulary ends:
        columns ``trial``, ``case``, ``rho``, ``n_tokens``, ``dim``, ``error``, ``ratio`` (d/φ),
        ``exponent``, ``first`` ((d/‖q‖²)^(1/r), the order of the first token to be lost), ``sharp``
        (`proposition_2_asymptote`) and ``root`` (the same with the load √φ, which is wrong).

    Example:
        >>> cases = {"r = 2": 2.0}
        >>> table = collapse_batches(2.0, 5, cases, [1000], draws=64, seed=0)
        >>> bool(table["error"].between(0, 1).all())
        True
    """
    rows = []
    for case, r in cases.items():
        rho = r / (2 * alpha)
        for n_tokens in sorted(vocabularies):
            task, phi = ZipfTask(alpha, n_tokens, n_outputs), vocabulary_load(n_tokens, r)
            window = max(10, phi / 3), phi * min(float(n_tokens) ** r, 1e6)
            dims = np.unique(np.geomspace(*window, 20).astype(np.int64)).tolist()
            law = error_batches(
                task, {case: frequency(rho)}, dims, draws=draws, rng=np.random.default_rng(seed)
            )
            dim, squares = law["dim"], task.class_sums(r).sum()  # ‖q‖²
            law = law.assign(
                rho=rho,
                case=case,
                n_tokens=n_tokens,
                ratio=dim / phi,
                exponent=proposition_2_exponent(alpha, rho),
                first=(dim / squares) ** (1 / r),
                sharp=proposition_2_asymptote(task, rho, dim),
                root=proposition_2_asymptote(task, rho, dim * squares**0.5),
            )
            rows.append(law.drop(columns=["scheme", "n_samples", "n_stored"]))
    return pd.concat(rows, ignore_index=True)


def collapse_runs(
    task: ZipfTask,
    cases: Mapping[str, float],
    dims: Sequence[int],
    *,
    draws: int,
    trials: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulated errors of weights p^ρ for several ρ, and their means beside the exact law.

    Args:
        task: the task; N must be finite.
        cases: exponents r = 2ρα of the squared weights, by name.
        dims: dimensions d.
        draws: number of draws of the exact law.
        trials: number of simulated memories.
        seed: of the random numbers, which all cases share.

    Returns:
        The table of `simulate_errors`, with the case as ``scheme``; and one row per case and d:
        that of `summarize` with ``rho``, ``ratio`` (d/φ), ``law``, ``law_sem`` and ``double``, the law
        of twice the dimension.

    Example:
        >>> task, cases = ZipfTask(2.0, 50, 5), {"r = 2": 2.0}
        >>> runs, points = collapse_runs(task, cases, [10, 40], draws=64, trials=4, seed=0)
        >>> (len(runs), len(points))
        (8, 2)
    """
    runs, points = [], []
    for case, r in cases.items():
        rho, ordered = r / (2 * task.alpha), sorted(dims)
        scheme = {case: frequency(rho)}
        direct = simulate_errors(
            task, scheme, dims, trials=trials, rng=np.random.default_rng([seed, 1])
        )
        law, double = (
            expected_errors(
                task, scheme, [k * dim for dim in ordered], draws=draws,
                rng=np.random.default_rng(seed),
            )
            for k in (1, 2)
        )  # fmt: skip
        point = summarize(direct).assign(rho=rho, law=law["mean"], law_sem=law["sem"])
        load = vocabulary_load(task.n_tokens, r)
        points.append(point.assign(double=double["mean"], ratio=point["dim"] / load))
        runs.append(direct)
    return pd.concat(runs, ignore_index=True), pd.concat(points, ignore_index=True)


def measured_exponents(
    alphas: Sequence[float],
    rhos: Sequence[float],
    n_outputs: int,
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    r"""Slopes of the exact law of weights p^ρ, each over five dimensions in the middle of its window.

    For 2ρα > 1.05 the vocabulary is infinite and d goes from 10⁶ to 10⁹; else N = 10¹⁸ and d goes
    from :math:`φ N^{0.4 \cdot 2ρα}` to :math:`φ N^{0.7 \cdot 2ρα}`.

    Args:
        alphas: Zipf exponents α > 1.
        rhos: exponents ρ > 0 of the weights.
        n_outputs: M ≥ 2.
        draws: number of draws of the exact law.
        seed: of the random draws, which all settings share.

    Returns:
        One row per α and ρ: columns ``alpha``, ``rho``, ``n_tokens``, ``dim_min``, ``dim_max``,
        ``measured`` with its interval ``low``, ``high``, ``level``; ``predicted``, ``cut`` (the
        exponent with a threshold) and ``clear``, whether the range begins at 2 M φ(N) or beyond.

    Example:
        >>> table = measured_exponents([2.0], [0.5], 5, draws=256, seed=0)
        >>> round(float(table["measured"][0]), 2), float(table["predicted"][0])
        (-0.5, -0.5)
    """
    slopes = []
    for alpha in alphas:
        for rho in rhos:
            r = 2 * rho * alpha
            infinite = r > 1.05
            n_tokens = math.inf if infinite else _HUGE
            load = 1.0 if infinite else vocabulary_load(_HUGE, r)
            low, high = (
                (1e6, 1e9)
                if infinite
                else (load * float(_HUGE) ** (r * part) for part in (0.4, 0.7))
            )
            dims = np.geomspace(low, high, 5).astype(np.int64).tolist()
            task, rng = ZipfTask(alpha, n_tokens, n_outputs), np.random.default_rng(seed)
            law = error_batches(task, {"": frequency(rho)}, dims, draws=draws, rng=rng)
            slope = fit_power_law(law, "dim").exponent
            slopes.append(
                {
                    "alpha": alpha,
                    "rho": rho,
                    "n_tokens": n_tokens,
                    "dim_min": dims[0],
                    "dim_max": dims[-1],
                    "measured": slope.value,
                    "low": slope.low,
                    "high": slope.high,
                    "level": slope.level,
                    "predicted": proposition_2_exponent(alpha, rho),
                    "cut": -(alpha - 1) / (r + 1),
                    "clear": dims[0] >= 2 * n_outputs * load,
                }
            )
    return pd.DataFrame(slopes)
