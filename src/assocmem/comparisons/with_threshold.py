"""Proposition 3 beside the exact law and simulation: bounds, the floor, the cliff, heat maps."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from assocmem.exact.law import error_batches
from assocmem.model.schemes import Scheme, fill, frequency, threshold
from assocmem.model.task import ZipfTask
from assocmem.simulation.trials import simulate_errors
from assocmem.theory.crowding import stored_error
from assocmem.theory.with_threshold import (
    proposition_3_bounds,
    proposition_3_exponent,
    proposition_3_laws,
    proposition_3_prediction,
    proposition_3_proven_scheme,
)
from assocmem.verdicts.estimate import Estimate, estimate_mean
from assocmem.verdicts.power_law import fit_power_law
from assocmem.verdicts.tables import estimate_means, summarize


def proven_errors(
    task: ZipfTask,
    rhos: Sequence[float],
    dims: Sequence[int],
    *,
    draws: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The exact law at the threshold of the proof, in batches, with the bounds of Proposition 3.

    Args:
        task: the task, M ≥ 2; N must be infinite for ρ = 0 to be the law of the proposition.
        rhos: exponents ρ ≥ 0 of the weights.
        dims: dimensions d ≥ 1.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Returns:
        One row per batch, ρ and d: columns ``trial``, ``error``, and those of
        `proposition_3_bounds`.

    Example:
        >>> task, rng = ZipfTask(2.0, math.inf, 5), np.random.default_rng(0)
        >>> table = proven_errors(task, [0.0], [1000], draws=64, rng=rng)
        >>> bool((table["lower"] < table["error"]).all() and (table["error"] < table["upper"]).all())
        True
    """
    schemes = {str(rho): proposition_3_proven_scheme(task, rho) for rho in rhos}
    batches = error_batches(task, schemes, dims, draws=draws, rng=rng)
    batches = batches.assign(rho=batches["scheme"].astype(float))[["trial", "rho", "dim", "error"]]
    return batches.merge(proposition_3_bounds(task, rhos, dims), on=["rho", "dim"])


def floor_ratios(
    task: ZipfTask,
    schemes: Mapping[str, Scheme],
    dims: Sequence[int],
    *,
    draws: int,
    rng: np.random.Generator,
) -> tuple[list[Estimate], np.ndarray]:
    """The exact law over its prediction, guesses beyond P and a floor, where P grows with d.

    Args:
        task: the task, M ≥ 2.
        schemes: weights with ρ = 0 and a threshold.
        dims: dimensions d ≥ 1.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Returns:
        The ratios, one for each scheme and d; and the ratios of a wrong prediction to the right
        one, that of the noise of all P stored tokens, not of the two classes of a duel.

    Example:
        >>> from assocmem import PerDimension, threshold
        >>> task, rng = ZipfTask(2.0, math.inf, 5), np.random.default_rng(0)
        >>> schemes = {"d": threshold(PerDimension(1))}
        >>> ratios, wrong = floor_ratios(task, schemes, [10**8], draws=4096, rng=rng)
        >>> round(ratios[0].value, 1), bool(wrong[0] > 2)
        (1.0, True)
    """
    table = error_batches(task, schemes, dims, draws=draws, rng=rng)
    table["law"], table["wrong"] = (
        proposition_3_prediction(task, table["n_stored"], table["dim"], noise)
        for noise in (1, task.n_outputs)
    )
    first = table.drop_duplicates(["scheme", "dim"])
    ratios = estimate_means(table, ["scheme", "dim"], over="law")
    return ratios, (first["wrong"] / first["law"]).to_numpy()


def smooth_thresholds(alpha: float, rho: float) -> dict[int, int]:
    """Five dimensions over many decades at which P = d^(1/(2ρα + 1)) is hardly rounded.

    A slope fitted there is not disturbed by the steps of P.

    Args:
        alpha: Zipf exponent α > 1.
        rho: exponent ρ ≥ 0 of the weights.

    Returns:
        The threshold P for each dimension d, the largest of which is about 4 · 10¹⁷.

    Example:
        >>> smooth_thresholds(2.0, 0.25)[4 * 10**16]
        200000000
    """
    power = -(alpha - 1) / proposition_3_exponent(alpha, rho)
    top = 4e17 ** (1 / power)
    stored = np.geomspace(top / 10, top, 5).astype(int).tolist()
    return {int(np.ceil(p**power)): p for p in stored}


def smooth_exponent(
    task: ZipfTask, rho: float, *, draws: int, rng: np.random.Generator
) -> Estimate:
    """The exponent of the exact law in d at P = d^(1/(2ρα + 1)), far out, where P has no steps.

    Args:
        task: the task, M ≥ 2 and N infinite.
        rho: exponent ρ > 0 of the weights.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Example:
        >>> task, rng = ZipfTask(2.0, math.inf, 5), np.random.default_rng(0)
        >>> round(smooth_exponent(task, 0.25, draws=64, rng=rng).value, 4)
        -0.5
    """
    stored = smooth_thresholds(task.alpha, rho)
    scheme = {"": threshold(stored.__getitem__, rho)}
    return fit_power_law(
        error_batches(task, scheme, list(stored), draws=draws, rng=rng), "dim"
    ).exponent


class Cliff(NamedTuple):
    """An error beyond the end of a power law, and what would be there without the end.

    Args:
        bound: a tenth of p(x > P) at N = ∞.
        beyond: the error for N tokens.
        law: the error for infinitely many.
    """

    bound: float
    beyond: Estimate
    law: Estimate


def cliff_errors(
    task: ZipfTask, scheme: Scheme, dim: int, *, draws: int, seed: Sequence[int]
) -> Cliff | None:
    """The error beyond the dimension where all N tokens are stored, where a power law would go on.

    Args:
        task: the task, M ≥ 2; N must be finite.
        scheme: the weights, ρ = 0 and with a threshold of N or more at that dimension.
        dim: dimension d.
        draws: number of draws of the exact law.
        seed: seed of the draws.

    Returns:
        The errors; None where stored tokens err so often that there is no cliff to see.

    Example:
        >>> from assocmem import threshold
        >>> options = {"draws": 64, "seed": [0, 6]}
        >>> bound, beyond, law = cliff_errors(ZipfTask(2.0, 50, 5), threshold(60), 600, **options)
        >>> beyond.high < bound < law.low
        True
    """
    endless = ZipfTask(task.alpha, math.inf, task.n_outputs)
    bound = float(endless.tail(scheme.stored_at(dim) or math.inf)) / 10
    if float(stored_error(task.n_outputs, task.n_tokens, dim)) >= bound / 2:
        return None
    batches = [
        error_batches(each, {"": scheme}, [dim], draws=draws, rng=np.random.default_rng(seed))
        for each in (task, endless)
    ]
    return Cliff(bound, *(estimate_mean(table["error"]) for table in batches))


def quiet_dims(task: ZipfTask, scheme: Scheme, dims: Sequence[int]) -> list[int]:
    """The dimensions where what a threshold leaves out makes the error, and nothing else does.

    There at most half of the tokens are stored, and `stored_error` is below 1 % of p(x > P): rare
    losses of frequent tokens do not matter.

    Args:
        task: the task, M ≥ 2.
        scheme: the weights, ρ = 0 and with a threshold.
        dims: dimensions d ≥ 1.

    Example:
        >>> from assocmem import threshold
        >>> quiet_dims(ZipfTask(2.0, 1000, 5), threshold(50), [100, 300, 1000])
        [1000]
    """
    table = proposition_3_laws(task, scheme, dims)
    noise = stored_error(task.n_outputs, table["n_stored"], table["dim"])
    quiet = noise < 0.01 * task.tail(table["n_stored"])
    return table.loc[quiet & (table["n_stored"] <= task.n_tokens / 2), "dim"].tolist()


def frequency_window(task: ZipfTask, dims: Sequence[int]) -> bool:
    """Whether q = p errs by its power law, without a threshold, at all of these dimensions.

    About d^(1/(2α)) tokens stand out of the noise: that must be more than two, and so few that
    those beyond N hardly count; and d must be large against M.

    Args:
        task: the task; N must be finite.
        dims: dimensions d ≥ 1.

    Example:
        >>> [frequency_window(ZipfTask(2.0, n, 5), [50, 400]) for n in (100, 1000)]
        [False, True]
    """
    low, high = min(dims), max(dims)
    first, last = (dim ** (1 / (2 * task.alpha)) for dim in (low, high))
    far = (last / task.n_tokens) ** (task.alpha - 1) < 0.02
    return far and first > 2.5 and low >= 10 * task.n_outputs and high >= 80 * task.n_outputs


def small_vocabulary_maps(points: int, *, trials: int, rng: np.random.Generator) -> pd.DataFrame:
    """The simulated error over d and T of all seen tokens and of counts, α = 0.5, N = 100, M = 5.

    Args:
        points: of each axis, d from 10 to 1000 and T from 10 to 10,000.
        trials: independent draws of embeddings and data.
        rng: source of randomness.

    Returns:
        The table of `summarize`; the schemes are called q̂₀ and q̂₁.

    Example:
        >>> maps = small_vocabulary_maps(3, trials=2, rng=np.random.default_rng(0))
        >>> maps["dim"].unique().tolist(), maps["n_samples"].unique().tolist()
        ([10, 100, 1000], [10, 316, 10000])
    """
    task, pair = ZipfTask(0.5, 100, 5), {"q̂₀": fill(), "q̂₁": frequency()}
    grids = [np.geomspace(10, top, points).round().astype(int) for top in (1e3, 1e4)]
    dims, samples = (np.unique(grid).tolist() for grid in grids)
    return summarize(simulate_errors(task, pair, dims, n_samples=samples, trials=trials, rng=rng))
