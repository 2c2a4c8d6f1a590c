"""Proposition 4 and Table 1 beside the exact law: the two causes of an error, and every exponent."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assocmem.arrays import Array
from assocmem.exact.law import error_batches, expected_errors
from assocmem.model.schemes import PerDimension, Scheme, frequency, threshold
from assocmem.model.task import ZipfTask
from assocmem.theory.crowding import stored_error
from assocmem.theory.finite_data import proposition_1_error
from assocmem.theory.finite_data_and_memory import (
    proposition_4_crossover,
    proposition_4_lower,
    proposition_4_prediction,
)
from assocmem.theory.with_threshold import best_threshold_asymptote, proposition_3_exponent
from assocmem.theory.without_threshold import proposition_2_exponent
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.power_law import fit_power_law
from assocmem.verdicts.tables import summarize

#: The published errors of Figure 1 at T = 10⁴: P/d and d; mean and standard deviation of 100 trials.
FIGURE_1: Mapping[tuple[float, int], tuple[float, float]] = {
    (1 / 12, 100): (0.0575, 0.0050),
    (1 / 12, 200): (0.0291, 0.0021),
    (1 / 12, 1000): (0.0075, 0.0006),
    (1 / 8, 100): (0.0384, 0.0032),
    (1 / 8, 1000): (0.0058, 0.0006),
}
#: Student's 99 % quantile of a mean of 100 trials.
_REACH = 2.63


def with_sum_of_laws(task: ZipfTask, table: pd.DataFrame) -> pd.DataFrame:
    """Simulated errors of a threshold scheme, with the sum of the two laws and the lower bound.

    Args:
        task: the task, M ≥ 2.
        table: as `simulate_errors` returns it, for one scheme and given n_samples.

    Returns:
        As `summarize`, with the columns ``n_stored``, ``prediction`` and ``lower``.

    Example:
        >>> row = {"dim": 80, "n_samples": 100.0, "n_stored": 10, "trial": 0, "error": 0.1}
        >>> with_sum_of_laws(ZipfTask(2.0, 1000, 5), pd.DataFrame([row]))["prediction"].round(4).item()
        0.1004
    """
    summary = summarize(table, by=["dim", "n_samples", "n_stored"])
    stored, samples = summary["n_stored"], summary["n_samples"].astype(int)
    return summary.assign(
        prediction=proposition_4_prediction(task, stored, samples),
        lower=proposition_4_lower(task, stored, samples),
    )


def budget_maps(
    task: ZipfTask,
    stored: PerDimension,
    alphas: Sequence[float],
    dims: Sequence[int],
    n_samples: Sequence[int],
    *,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, list[object]]:
    """The error of a threshold scheme over d and T, with its two causes, for several exponents α.

    Args:
        task: N < ∞ and M ≥ 2; its α is not used.
        stored: the number P of stored tokens at each d.
        alphas: exponents α > 1.
        dims: dimensions d ≥ 1, increasing.
        n_samples: numbers T of samples, increasing.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Returns:
        What the interactive figure ``budget`` draws: ``alphas``, ``dims``, ``samples``, and for each
        α ``law`` (the exact law, shape (d, T)), ``unseen`` (the mass of unseen tokens at each T),
        ``late`` (that of tokens beyond P at each d) and ``crossover`` (T* at each d).

    Example:
        >>> task, rng = ZipfTask(2.0, 100, 5), np.random.default_rng(0)
        >>> maps = budget_maps(task, PerDimension(1 / 8), [2.0], [16, 80], [10], draws=16, rng=rng)
        >>> maps["late"][0].round(3).tolist()
        [0.235, 0.052]
    """
    cuts = [stored(dim) for dim in dims]
    maps: dict[str, list[object]] = {key: [] for key in ("law", "unseen", "late", "crossover")}
    for alpha in alphas:
        each = ZipfTask(alpha, task.n_tokens, task.n_outputs)
        table = expected_errors(
            each, {"": threshold(stored)}, dims, n_samples=n_samples, draws=draws, rng=rng
        )
        law = table.pivot(index="dim", columns="n_samples", values="mean")
        maps["law"].append(law.to_numpy())
        maps["unseen"].append(proposition_1_error(each, np.asarray(n_samples)))
        maps["late"].append(each.tail(np.asarray(cuts)))
        maps["crossover"].append(proposition_4_crossover(alpha, cuts))
    return {"alphas": [*alphas], "dims": [*dims], "samples": [*n_samples], **maps}


class Crossing(NamedTuple):
    """Errors at the T where both causes cost the same, and what they are compared with.

    Args:
        errors: by the exact law, one for each dimension that was fit.
        larger: the larger of the two laws.
        added: their sum.
    """

    errors: list[Estimate]
    larger: Array
    added: Array


def crossing_errors(
    task: ZipfTask, cut: PerDimension, dims: Sequence[int], *, draws: int, seed: Sequence[int]
) -> Crossing:
    """The exact law where unseen and unstored tokens weigh the same, and stored ones add no noise.

    Args:
        task: the task, M ≥ 2; N must be finite.
        cut: the threshold.
        dims: dimensions d; those are left out where P is below 2 M or above N/4, stored tokens err, or
            no T up to 10⁷ makes the causes equal.
        draws: number of draws of the exact law.
        seed: seed of the draws, the same at each d.

    Example:
        >>> options = {"draws": 64, "seed": [0, 4]}
        >>> errors, larger, added = crossing_errors(
        ...     ZipfTask(2.0, 200, 5), PerDimension(1 / 8), [20, 100], **options
        ... )
        >>> len(errors), bool((larger < added).all())
        (1, True)
    """
    errors, larger, added = [], [], []
    tried, guess = np.unique(np.geomspace(1, 1e7, 400).astype(int)), 1 - 1 / task.n_outputs
    logs = np.log(np.maximum(proposition_1_error(task, tried), 1e-300))
    for dim in sorted(dims):
        stored, late = cut(dim), float(task.tail(cut(dim)))
        size = int(tried[np.abs(logs - math.log(max(late, 1e-300))).argmin()])
        quiet = float(stored_error(task.n_outputs, stored, dim)) < 0.01 * late
        if 2 * task.n_outputs <= stored <= task.n_tokens / 4 and 10 < size < 1e7 and quiet:
            law = error_batches(
                task, {"": threshold(cut)}, [dim], n_samples=[size], draws=draws,
                rng=np.random.default_rng(seed),
            )  # fmt: skip
            errors.append(estimate_mean(law["error"]))
            unseen = float(proposition_1_error(task, size))
            larger.append(guess * max(unseen, late))
            added.append(guess * (unseen + late))
    return Crossing(errors, np.array(larger), np.array(added))


def figure_1_overlaps(
    seed: int, shares: Mapping[float, float] | None = None, *, sets: int = 40
) -> NDArray[np.bool_]:
    """Whether each published mean of Figure 1 is one that some rule for ties of counts gives.

    The rules are the two extreme ones: of tokens with equal counts, keep those with smaller numbers,
    or those with larger ones.

    Args:
        seed: seed of the data sets and of the draws of the exact law.
        shares: other P/d in place of the published ones, for a wrong law.
        sets: number of data sets.

    Returns:
        One for each entry of `FIGURE_1`: whether the 99 % intervals overlap.

    Source: Figure 1 of the paper.

    Example:
        >>> figure_1_overlaps(0, {1 / 8: 1 / 4}, sets=2).shape
        (5,)
    """
    task, order, rng = ZipfTask(2.0, 1000, 5), np.arange(1000.0), np.random.default_rng(seed)
    children = np.random.default_rng([seed, 3]).spawn(sets)
    counts, found = [task.sample_counts(10_000, child) for child in children], []
    for (share, dim), (mean, std) in FIGURE_1.items():
        scheme = threshold(PerDimension((shares or {}).get(share, share)))
        ends = []
        for ties in (order, -order):
            weights = [scheme.weights(n, dim, ties=ties) for n in counts]
            errors = [expected_errors(task, {"": q}, [dim], draws=64, rng=rng) for q in weights]
            ends.append(estimate_mean([float(e["mean"].item()) for e in errors]))
        reach = _REACH * std / 10
        low, high = min(e.low for e in ends), max(e.high for e in ends)
        found.append(low <= mean + reach and mean - reach <= high)
    return np.array(found)


class Measured(NamedTuple):
    """A row of Table 1: exponents in d and in T, by law and measured.

    Args:
        name: the weights.
        law: exponent of d.
        memory: the same, measured by the exact law at infinite data.
        wrong: what it would be under another law.
        data_law: exponent of T.
        data: the same, measured from counts.
    """

    name: str
    law: float
    memory: Estimate
    wrong: float
    data_law: float
    data: Estimate


#: The rows of Table 1: by name, decades of d for the law in d, and the d for the law in T.
_ROWS = {
    "frequency": ("q = p", (8, 12), 10**10),
    "root": ("q = √p", (8, 12), 10**6),
    "threshold": ("best threshold", (4, 6), 10**6),
    "decay": ("P = d/2, 2ρα = 0.4", (4, 6), 10**6),
}


def table_1(
    alpha: float, n_outputs: int, *, draws: int, seed: Sequence[int]
) -> dict[str, Measured]:
    """The exponents of four schemes, in d and in T.

    Args:
        alpha: Zipf exponent α > 1.
        n_outputs: M ≥ 2.
        draws: number of draws of the exact law.
        seed: seed of the draws; each row has a child of it.

    Returns:
        One row for each of ``frequency`` (q = p), ``root`` (√p), ``threshold`` (the best one) and
        ``decay`` (2ρα = 0.4 on P = d/2 tokens).

    Source: Table 1 of the paper, with two rows more.

    Example:
        >>> rows = table_1(2.0, 5, draws=16, seed=[0, 10])
        >>> rows["frequency"].law, round(rows["frequency"].memory.value, 2)
        (-0.25, -0.25)
    """
    infinite, many = ZipfTask(alpha, math.inf, n_outputs), ZipfTask(alpha, 20_000, n_outputs)
    schemes = {
        "frequency": frequency(),
        "root": frequency(0.5),
        "threshold": threshold(lambda d: int(best_threshold_asymptote(infinite, d)[0])),
        "decay": threshold(PerDimension(1 / 2), 0.2 / alpha),
    }
    far, plain = np.geomspace(1e4, 1e6, 5), proposition_3_exponent(alpha)
    logged = _slope(far, best_threshold_asymptote(infinite, far)[1])
    half, whole = (proposition_2_exponent(alpha, rho) for rho in (0.5, 1.0))
    laws = {"frequency": whole, "root": half, "threshold": logged, "decay": plain}
    wrong = {
        "frequency": proposition_3_exponent(alpha, 1.0),
        "root": proposition_3_exponent(alpha, 0.5),
        "threshold": plain,
        "decay": logged,
    }
    sizes = [100, 300, 1000, 3000, 10_000]
    data_law = _slope(sizes, proposition_1_error(many, sizes))
    children = np.random.default_rng(seed).spawn(len(schemes))
    rows = {}
    for (kind, scheme), child in zip(schemes.items(), children, strict=True):
        name, decades, dim = _ROWS[kind]
        memory, data = _measure(infinite, many, scheme, decades, dim, sizes, draws, child)
        rows[kind] = Measured(name, laws[kind], memory, wrong[kind], data_law, data)
    return rows


def _measure(
    infinite: ZipfTask,
    many: ZipfTask,
    scheme: Scheme,
    decades: tuple[int, int],
    dim: int,
    sizes: list[int],
    draws: int,
    rng: np.random.Generator,
) -> tuple[Estimate, Estimate]:
    """The exponent in d over some decades, and in T at one d."""
    wide = np.geomspace(10.0 ** decades[0], 10.0 ** decades[1], 5).astype(int).tolist()
    enough = max(draws, 5000 // infinite.n_outputs)
    memory = error_batches(infinite, {"": scheme}, wide, draws=enough, rng=rng)
    data = error_batches(many, {"": scheme}, [dim], n_samples=sizes, draws=draws, rng=rng)
    return fit_power_law(memory, "dim").exponent, fit_power_law(data, "n_samples").exponent


def _slope(x: Sequence[float] | Array, y: Array) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
