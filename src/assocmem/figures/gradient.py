"""The figures of the chapter on gradient descent: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import colored, plot_band, plot_reference


def draw_descent(curves: pd.DataFrame) -> Figure:
    """Draw the error of SGD and of the approximate dynamics against steps, one panel a setting.

    Args:
        curves: columns ``panel``, ``learner``, ``step``, ``mean`` and ``std`` (NaN for one run).
    """
    panels = list(dict.fromkeys(curves["panel"]))
    columns = 3
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(10.2, 3.3 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, panel in zip(axes.flat, panels, strict=False):
        shown = curves[curves["panel"] == panel]
        for color, (name, curve) in colored(shown.groupby("learner", sort=False)):
            plot_band(ax, curve.fillna({"std": 0.0}), "step", label=str(name), color=color)
        ax.set(title=panel, xlabel="step $t$")
        ax.label_outer()
    for ax in list(axes.flat)[len(panels) :]:
        ax.set_visible(False)
    axes[0, 0].legend()
    return figure


def draw_stored(stored: pd.DataFrame) -> Figure:
    """Draw the weights that descent gave to its tokens against their draws, one panel a dimension.

    Args:
        stored: columns ``d``, ``learning_rate``, ``n``, ``mean`` and ``approximation``, the weight
            f^n(0), drawn as a line.
    """
    dims = list(dict.fromkeys(stored["d"]))
    figure, axes = plt.subplots(
        1, len(dims), figsize=(4.8 * len(dims), 4.0), sharex=True, sharey=True, squeeze=False
    )
    for ax, dim in zip(axes[0], dims, strict=True):
        panel = stored[stored["d"] == dim]
        for color, (rate, points) in colored(panel.groupby("learning_rate")):
            ax.plot(points["n"], points["mean"], ".", ms=5, color=color, label=f"γ = {rate:g}")
            plot_reference(ax, points["n"], points["approximation"], color=color, linestyle="-")
        ax.set(title=f"d = {dim}", xscale="log", yscale="log", xlabel="number of draws $n$")
    axes[0, 0].set_ylabel("weight of the association")
    axes[0, 0].legend(title="points: SGD; lines: $f^n(0)$", fontsize="small")
    return figure


def draw_weights(iterates: pd.DataFrame, associations: pd.DataFrame, rhos: list[float]) -> Figure:
    """Draw, left, the weight of a token against its number of steps, and, right, against p.

    Args:
        iterates: columns ``learning_rate``, ``n``, ``weight`` and ``limit``.
        associations: columns ``learning_rate``, ``p`` and ``weight``, one row per token.
        rhos: exponents of the powers of p drawn for comparison.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.2))
    for color, (rate, curve) in colored(iterates.groupby("learning_rate")):
        left.plot(curve["n"], curve["weight"], color=color, label=f"γ = {rate:g}")
        plot_reference(left, curve["n"], curve["limit"], color=color)
        tokens = associations[associations["learning_rate"] == rate]
        right.plot(tokens["p"], tokens["weight"] / tokens["weight"].max(), ".", ms=4, color=color)
    p = np.sort(associations["p"].unique())
    for rho in rhos:
        plot_reference(right, p, (p / p.max()) ** rho)
        middle = p[len(p) // 2]
        box = {"fc": "white", "ec": "none", "pad": 1}
        right.annotate(f"ρ = {rho:g}", (middle, (middle / p.max()) ** rho), va="center", bbox=box)
    left.set(xscale="log", yscale="log", xlabel="number of draws $n$", ylabel="weight $f^n(0)$")
    right.set(xscale="log", yscale="log", xlabel="probability $p(x)$")
    right.set_ylabel(r"weight over the largest, $q_\gamma(x) / \max q_\gamma$")
    left.legend(title="solid: steps; dashed: limit", fontsize="small")
    return figure


def draw_rho(slopes: pd.DataFrame, limit: pd.DataFrame) -> Figure:
    """Draw the local exponent ρ of the weights against γn, for steps of several sizes.

    Args:
        slopes: columns ``learning_rate``, ``gain`` (γn) and ``rho``.
        limit: columns ``gain`` and ``rho``, for small steps.
    """
    figure, ax = plt.subplots()
    for color, (rate, curve) in colored(slopes.groupby("learning_rate")):
        ax.plot(curve["gain"], curve["rho"], ".", ms=5, color=color, label=f"γ = {rate:g}")
    plot_reference(ax, limit["gain"], limit["rho"], "limit of small steps")
    ax.set(
        xscale="log", ylim=(-0.03, 1.08), xlabel=r"learning rate times number of draws $\gamma n$"
    )
    ax.set_ylabel(r"local exponent $\rho = d\log q / d\log n$")
    ax.legend()
    return figure
