"""Sections through the grid: what is compared, where everything else is held in the middle."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from assocmem.arrays import Array
from assocmem.published_grid.results import cell_means, tuned, tuned_means, verdict_table
from assocmem.published_grid.runs import GRID_TASK
from assocmem.theory.finite_data import proposition_1_error
from assocmem.verdicts.tables import rows_at

#: The methods that are compared, by what is trained.
TRAINED = {"W": "W", "EU": "E and U", "EWU": "E, W and U"}
_AXES = ("dim", "batch_size", "n_samples", "learning_rate")


def grid_axes(runs: pd.DataFrame) -> dict[str, list[Any]]:
    """The values of the numerical axes that occur among runs, in increasing order.

    Args:
        runs: runs, as `load_grid` returns them.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> grid_axes(load_grid())["batch_size"]
        [16, 64, 256, 1024]
    """
    return {name: sorted(runs[name].unique().tolist()) for name in _AXES}


def middle(runs: pd.DataFrame) -> dict[str, Any]:
    """The middle value of each numerical axis, the lower of two.

    Args:
        runs: runs, as `load_grid` returns them.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> middle(load_grid())
        {'dim': 100, 'batch_size': 64, 'n_samples': 10240, 'learning_rate': 1.0}
    """
    return {name: values[(len(values) - 1) // 2] for name, values in grid_axes(runs).items()}


def unseen_error(n_samples: ArrayLike) -> Array:
    """The expected error of guessing the tokens of the grid's task that were not seen, and no other.

    Args:
        n_samples: T.

    Example:
        >>> float(unseen_error(0))
        0.8
    """
    return (1 - 1 / GRID_TASK.n_outputs) * proposition_1_error(GRID_TASK, n_samples)


def method_name(model: str, optimizer: str, layer_norm: bool) -> str:
    """What a method is called in figures.

    Args:
        model: ``"W"``, ``"EU"`` or ``"EWU"``.
        optimizer: ``"SGD"`` or ``"Adam"``.
        layer_norm: whether there is one.

    Example:
        >>> method_name("EU", "Adam", True)
        'E and U, Adam, layer norm'
    """
    return f"{TRAINED[model]}, {optimizer}" + ", layer norm" * layer_norm


def method_errors(runs: pd.DataFrame) -> pd.DataFrame:
    """The tuned errors of all twelve methods in the smallest, middle and largest dimension.

    Args:
        runs: runs, as `load_grid` returns them.

    Returns:
        One row per method and dimension at the middle batch size and T: columns ``method``,
        ``model``, ``optimizer``, ``layer_norm``, ``dim``, ``mean``, ``low`` and ``high`` (of 68 % of the
        seeds), ``edge`` (whether a seed has its learning rate at the edge of the grid) and
        ``diverged`` (the share of such runs); methods in the order of their mean logarithms, the best
        first.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> method_errors(load_grid())["method"].iloc[0]
        'E, W and U, Adam, layer norm'
    """
    held = middle(runs)
    dims = grid_axes(runs)["dim"]
    keys = ["model", "optimizer", "layer_norm", "dim"]
    at = {name: held[name] for name in ("batch_size", "n_samples")}
    best = rows_at(tuned(runs), **at, dim=[dims[0], held["dim"], dims[-1]])
    groups = best.groupby(keys, sort=False, observed=True)
    table = groups["error"].agg(
        mean="mean", low=lambda e: e.quantile(0.16), high=lambda e: e.quantile(0.84)
    )
    table = table.join(groups["edge"].any()).join(groups["diverged"].mean()).reset_index()
    table.insert(0, "method", _methods(table))
    logs = np.log(table["mean"].clip(lower=1e-9))
    rank = logs.groupby(table["method"]).mean().fillna(0.0)
    order = table["method"].map(rank)
    return table.assign(order=order).sort_values(["order", "dim"]).drop(columns="order")


def step_sections(runs: pd.DataFrame) -> pd.DataFrame:
    """Errors against d and against T for each step size, and for each batch size.

    Args:
        runs: runs, as `load_grid` returns them.

    Returns:
        Rows of `cell_means`, with the columns ``comparison``, ``curve`` (what is varied),
        ``against`` (``dim`` or ``n_samples``; all else is held in the middle) and ``edge`` (False).

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> step_sections(load_grid())["comparison"].unique().tolist()[0]
        'step size: SGD on W, batch 64'
    """
    cells, held = cell_means(runs), middle(runs)
    alone: dict[str, Any] = {"model": "W", "layer_norm": False}
    rate, sizes = (
        {"learning_rate": held["learning_rate"]},
        {"batch_size": grid_axes(runs)["batch_size"]},
    )
    batch, gamma = f"batch {held['batch_size']}", f"γ = {held['learning_rate']:g}"
    steps, size = "γ = {learning_rate:g}", "batch {batch_size}"
    sgd, all_ = {"optimizer": "SGD"}, {"model": "EWU"}
    parts = [
        _section(cells, held, f"step size: SGD on W, {batch}", steps, {**alone, **sgd}),
        _section(
            cells, held, f"step size: SGD on E, W and U, {batch}", steps, {**alone, **sgd, **all_}
        ),
        *(
            _section(
                cells, held, f"batch size: {name} on W, {gamma}", size,
                {**alone, **rate, **sizes, "optimizer": name},
            )
            for name in ("SGD", "Adam")
        ),
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).assign(edge=False)


def tuned_sections(runs: pd.DataFrame) -> pd.DataFrame:
    """Tuned errors against d and against T: optimizers, layer norm, and what is trained.

    Args:
        runs: runs, as `load_grid` returns them.

    Returns:
        Rows of `tuned_means`, with the columns ``comparison``, ``curve`` (the method) and ``against``,
        as in `step_sections`.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> tuned_sections(load_grid())["curve"].nunique()
        8
    """
    means, held = tuned_means(tuned(runs)), middle(runs)
    parts = [
        _section(means, held, "tuned step sizes", "", {"model": model, "layer_norm": norm})
        for model, norm in (("W", False), ("W", True), ("EU", False), ("EWU", False))
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(curve=_methods(table))


def _methods(table: pd.DataFrame) -> list[str]:
    keys = zip(table["model"], table["optimizer"], table["layer_norm"], strict=True)
    return [method_name(str(model), str(name), bool(norm)) for model, name, norm in keys]


def _section(
    cells: pd.DataFrame,
    held: Mapping[str, Any],
    comparison: str,
    name: str,
    fixed: Mapping[str, Any],
) -> pd.DataFrame:
    """Cells against d at the middle T, and against T at the middle d; at the middle batch size,
    unless one is fixed.
    """
    parts = []
    for against, other in (("dim", "n_samples"), ("n_samples", "dim")):
        wanted = {"batch_size": held["batch_size"], other: held[other], **fixed}
        rows = rows_at(cells, **wanted)
        names = [name.format_map(row) for row in rows.to_dict("records")]
        parts.append(rows.assign(comparison=comparison, against=against, curve=names))
    return pd.concat(parts, ignore_index=True)


def verdict_rows(runs: pd.DataFrame) -> pd.DataFrame:
    """Which of two choices errs less at each dimension: the comparisons of the book's chapter.

    Args:
        runs: runs, as `load_grid` returns them.

    Returns:
        The table of `verdict_table`, at the middle batch size and T.

    Example:
        >>> from assocmem.published_grid import load_grid
        >>> verdict_rows(load_grid()).loc["W, tuned: Adam against SGD", "d = 20"]
        'more'
    """
    axes, held = grid_axes(runs), middle(runs)
    cells, best = cell_means(runs), tuned(runs)
    at: dict[str, Any] = {name: held[name] for name in ("batch_size", "n_samples")}
    sgd = {**at, "model": "W", "layer_norm": False, "optimizer": "SGD"}
    adam, normed, learned = {**sgd, "optimizer": "Adam"}, {"layer_norm": True}, {"model": "EWU"}
    low, high = axes["learning_rate"][0], axes["learning_rate"][-1]
    one, all_ = axes["batch_size"][0], axes["batch_size"][-1]
    rate = {"learning_rate": held["learning_rate"]}
    choices: dict[str, tuple[pd.DataFrame, dict[str, Any], dict[str, Any]]] = {
        f"SGD on W: γ = {high:g} against {low:g}":
            (cells, {**sgd, "learning_rate": high}, {**sgd, "learning_rate": low}),
        f"SGD on W, γ = {rate['learning_rate']:g}: batches of {one} against {all_}":
            (cells, {**sgd, **rate, "batch_size": one}, {**sgd, **rate, "batch_size": all_}),
        "W, tuned: Adam against SGD": (best, adam, sgd),
        "SGD on W, tuned: layer norm against none": (best, {**sgd, **normed}, sgd),
        "SGD on E, W and U, tuned: layer norm against none":
            (best, {**sgd, **learned, **normed}, {**sgd, **learned}),
        "SGD, tuned: E, W and U against W alone": (best, {**sgd, **learned}, sgd),
        "Adam, tuned: E, W and U against W alone": (best, {**adam, **learned}, adam),
    }  # fmt: skip
    sides = {
        name: (rows_at(table, **first), rows_at(table, **second))
        for name, (table, first, second) in choices.items()
    }
    return verdict_table(runs, sides)
