"""Theorem 1 beside the exact law: signals over noise, overflow, closed forms, plain draws."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from assocmem.exact.law import error_batches
from assocmem.model.schemes import Scheme, fill
from assocmem.model.task import ZipfTask
from assocmem.simulation.plain import plain_law_errors
from assocmem.theory.crowding import stored_error
from assocmem.theory.finite_memory import (
    duel_error,
    duel_ratios,
    theorem_1_bounds,
    theorem_1_lower,
)
from assocmem.verdicts.tables import compare_law


def signal_ratios(task: ZipfTask, schemes: Mapping[str, Scheme], dim: int) -> pd.DataFrame:
    """Signal over noise of each token, the root of `duel_ratios`, for several schemes.

    Args:
        task: the task, M ≥ 2; N must be finite.
        schemes: the weights to compare, by name.
        dim: dimension d.

    Returns:
        One row per scheme and token: columns ``name``, ``token`` and ``ratio``.

    Example:
        >>> signal_ratios(ZipfTask(2.0, 4, 2), {"fill": fill()}, 3)["ratio"].tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    tokens = task.tokens
    ratios = {name: np.sqrt(duel_ratios(task, scheme, dim)) for name, scheme in schemes.items()}
    tables = [pd.DataFrame({"name": n, "token": tokens, "ratio": r}) for n, r in ratios.items()]
    return pd.concat(tables, ignore_index=True)


def theorem_1_table(
    task: ZipfTask, schemes: Mapping[str, Scheme], batches: pd.DataFrame, runs: pd.DataFrame
) -> pd.DataFrame:
    """The exact law, the simulation and all bounds of Theorem 1 side by side.

    Args:
        task: the task, M ≥ 4; N must be finite.
        schemes: the weights to compare, by name.
        batches: as `error_batches` returns it for these schemes.
        runs: as `simulate_errors` returns it for some of their dimensions.

    Returns:
        The table of `compare_law` for each scheme and d, with the bounds of `theorem_1_bounds` and
        the column ``union``, duels with all M − 1 rivals added up (`duel_error`).

    Example:
        >>> from assocmem import simulate_errors
        >>> task, schemes, rng = ZipfTask(2.0, 50, 5), {"fill": fill()}, np.random.default_rng(0)
        >>> law = error_batches(task, schemes, [10, 100], rng=rng, draws=256)
        >>> runs = simulate_errors(task, schemes, [10], trials=4, rng=rng)
        >>> table = theorem_1_table(task, schemes, law, runs)
        >>> bool((table["lower"] < table["law"]).all() and (table["law"] < table["upper"]).all())
        True
    """
    table = compare_law(batches, runs, by=["scheme", "dim"])
    pairs = list(table[["scheme", "dim"]].itertuples(index=False))
    bounds = pd.DataFrame([theorem_1_bounds(task, schemes[s], d) for s, d in pairs])
    rivals = task.n_outputs - 1
    union = [duel_error(task, schemes[s], d, rivals=rivals) for s, d in pairs]
    return table.join(bounds).assign(union=union)


def overflow_batches(
    alpha: float,
    n_outputs: int,
    vocabularies: Sequence[int],
    dims: Sequence[int],
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """The exact law of memories filled with ever more tokens, with its bound and its limits.

    Args:
        alpha: Zipf exponent α.
        n_outputs: M ≥ 2.
        vocabularies: numbers of tokens N ≥ M.
        dims: dimensions d.
        draws: number of draws of the exact law.
        seed: of the random draws, which all N share.

    Returns:
        One row per batch, d and N: columns ``trial``, ``dim``, ``n_tokens``, ``error``, ``lower``
        (`theorem_1_lower`), ``limit`` (`stored_error`, for large d) and ``duel`` (the same for one
        rival alone).

    Example:
        >>> table = overflow_batches(2.0, 5, [100, 1000], [25], draws=64, seed=0)
        >>> bool((table["lower"] < table["error"]).all())
        True
    """
    tables = []
    for n_tokens in vocabularies:
        task, rng = ZipfTask(alpha, n_tokens, n_outputs), np.random.default_rng(seed)
        law = error_batches(task, {"fill": fill()}, dims, draws=draws, rng=rng)
        lower = {dim: theorem_1_lower(task, fill(), dim) for dim in dims}
        tables.append(law.assign(n_tokens=n_tokens, lower=law["dim"].map(lower)))
    table = pd.concat(tables, ignore_index=True)
    # one rival of two that share the tokens: M = 2 with 2N/M of them
    loads = {
        "limit": (n_outputs, table["n_tokens"]),
        "duel": (2, table["n_tokens"] * 2 / n_outputs),
    }
    for column, (outputs, stored) in loads.items():
        table[column] = stored_error(outputs, stored, table["dim"])
    return table[["trial", "dim", "n_tokens", "error", "lower", "limit", "duel"]]


def closed_form_batches(
    task: ZipfTask,
    schemes: Mapping[str, Scheme],
    dims: Sequence[int],
    *,
    draws: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The exact law of two outputs as it is computed, with its closed form.

    Args:
        task: the task, M = 2; N must be finite.
        schemes: the weights to compare, by name.
        dims: dimensions d ≥ 2.
        draws: number of draws of the exact law.
        rng: source of randomness.

    Returns:
        The table of `error_batches` with the columns ``closed``, the closed form, and ``mean_norm``,
        that of inputs whose norms do not fluctuate.

    Example:
        >>> task, rng = ZipfTask(2.0, 50, 2), np.random.default_rng(0)
        >>> table = closed_form_batches(task, {"fill": fill()}, [50], draws=1024, rng=rng)
        >>> bool(abs(table["error"].mean() / table["closed"].mean() - 1) < 0.05)
        True
    """
    batches = error_batches(task, schemes, dims, draws=draws, rng=rng)
    settings = batches[["scheme", "dim"]].drop_duplicates()
    pairs = list(settings.itertuples(index=False))
    closed = [theorem_1_lower(task, schemes[s], d) for s, d in pairs]
    normal = [duel_error(task, schemes[s], d, fluctuating=False) for s, d in pairs]
    return batches.merge(settings.assign(closed=closed, mean_norm=normal), on=["scheme", "dim"])


def plain_draws(
    task: ZipfTask,
    schemes: Mapping[str, Scheme],
    dims: Sequence[int],
    *,
    draws: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Means of plain draws of all scores, right and with tokens that are noise to themselves.

    Args:
        task: the task; N must be finite.
        schemes: the weights to compare, by name.
        dims: dimensions d.
        draws: number of draws.
        rng: source of randomness.

    Returns:
        One row per scheme and d: columns ``scheme``, ``dim``, ``plain``, ``plain_sem`` (its standard
        error) and ``selfish``.

    Example:
        >>> task, rng = ZipfTask(1.0, 20, 5), np.random.default_rng(0)
        >>> len(plain_draws(task, {"fill": fill()}, [2, 8], draws=10, rng=rng))
        2
    """
    table = pd.DataFrame([(name, dim) for name in schemes for dim in dims])
    table.columns = ["scheme", "dim"]

    def errors(own_noise: bool) -> np.ndarray:
        found = []
        for name, dim in table.itertuples(index=False):
            q = schemes[name].weights(task.probabilities, dim)
            found.append(plain_law_errors(task, q, dim, draws=draws, rng=rng, own_noise=own_noise))
        return np.array(found)

    right, selfish = errors(own_noise=False), errors(own_noise=True)
    sem = right.std(axis=1) / draws**0.5
    return table.assign(plain=right.mean(axis=1), plain_sem=sem, selfish=selfish.mean(axis=1))
