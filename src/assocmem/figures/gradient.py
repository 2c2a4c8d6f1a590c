"""The figures of the chapter on gradient descent: they draw what the notebook computed."""

from collections.abc import Iterator, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assocmem.arrays import Array
from assocmem.figures.style import (
    WIDTH,
    colored,
    colors,
    draw_law,
    label_ends,
    plot_band,
    plot_reference,
)
from assocmem.figures.ticks import round_ticks

#: Learning rates look the same in all panels: dashes and markers, in increasing order.
_DASHES = ("-", (0, (5, 2)), (0, (5, 1, 1, 1)), (0, (2, 1)), ":")
_MARKERS = "os^Dv"


def draw_step(
    outputs: Array, right: int, points: Mapping[str, Array], weights: pd.DataFrame
) -> Figure:
    """Draw, left, a gradient step in the plane of the outputs, and, right, the weights it leads to.

    Args:
        outputs: the u, shape (M, 2).
        right: the right output.
        points: ``before`` and ``after``, W e_x around the step, and ``wrong``, the mean of the wrong
            outputs; shape (2,) each.
        weights: as `figure_5_weights` returns it.
    """
    figure, (left, ax) = plt.subplots(1, 2, figsize=(WIDTH, 3.4), width_ratios=(1, 1.15))
    green, orange = colors()[2], colors()[1]
    for z, (x, y) in enumerate(outputs):
        color = green if z == right else "0.6"
        _arrow(left, (0, 0), (x, y), color=color, lw=1.4)
        left.text(1.17 * x, 1.17 * y, f"$u_{z}$", color=color, ha="center", va="center")
    wrong, before, after = points["wrong"], points["before"], points["after"]
    left.plot(*wrong, "X", color="0.3", ms=7)
    left.annotate(
        r"$\hat u_W$", wrong, xytext=(-4, 4), textcoords="offset points", color="0.3", ha="right"
    )
    left.plot(*np.transpose([wrong, outputs[right]]), color="0.5", ls=":", lw=1)
    _arrow(left, (0, 0), before, color="black", lw=2)
    left.annotate("$We_x$", before / 2, xytext=(5, -8), textcoords="offset points", ha="left")
    _arrow(left, before, after, color=orange, lw=2.6)
    middle = (before + after) / 2
    left.annotate(
        "step", middle, xytext=(4, 5), textcoords="offset points", color=orange, weight="bold"
    )
    left.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal")
    left.set_title("a step adds a piece of association")
    left.axis("off")
    for look, (rate, curve) in _by_rate(weights):
        ordered = curve.sort_values("p", ascending=False)
        share = ordered["weight"] / ordered["weight"].max()
        ax.plot(ordered["p"], share, ms=3, markevery=6, label=f"γ = {rate:g}", **look)
    ax.set(xscale="log", yscale="log", xlabel="probability $p(x)$, from frequent to rare")
    ax.set_title("weight over the largest")
    ax.invert_xaxis()
    label_ends(ax)
    return figure


def draw_descent(curves: pd.DataFrame) -> Figure:
    """Draw the error of SGD and of the approximate dynamics against steps, one panel a setting.

    Args:
        curves: columns ``panel``, ``learner``, ``step``, ``mean`` and ``std`` (NaN for one run).
    """
    panels = list(dict.fromkeys(curves["panel"]))
    columns = 3
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, 2.4 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, panel in zip(axes.flat, panels, strict=False):
        shown = curves[curves["panel"] == panel].fillna({"std": 0.0})
        pairs = zip(("-", (0, (5, 2))), shown.groupby("learner", sort=False), strict=True)
        for color, (dash, (name, curve)) in colored(pairs):
            plot_band(ax, curve, "step", label=str(name), color=color, ls=dash)
        ax.set_title(panel, fontsize=9)
        ax.set(xlabel="step $t$", ylabel=r"error $\mathcal{E}$")
        ax.label_outer()
    for position in range(len(panels), axes.size):
        axes.flat[position].set_visible(False)
        above = axes.flat[position - columns]  # now the last one of its column
        above.tick_params(labelbottom=True)
        above.set_xlabel("step $t$")
    axes[0, 0].legend(loc="upper right")
    round_ticks(axes[0, 0].yaxis)
    return figure


def draw_stored(stored: pd.DataFrame) -> Figure:
    """Draw the weights that descent gave to its tokens against their draws, one panel a dimension.

    Args:
        stored: columns ``d``, ``learning_rate``, ``n``, ``mean`` and ``approximation``, the weight
            f^n(0), drawn as a line.
    """
    dims = list(dict.fromkeys(stored["d"]))
    figure, axes = plt.subplots(
        1, len(dims), figsize=(WIDTH, 3.3), sharex=True, sharey=True, squeeze=False
    )
    for ax, dim in zip(axes[0], dims, strict=True):
        for look, (rate, points) in _by_rate(stored[stored["d"] == dim]):
            color, marker = look["color"], look["marker"]
            ax.plot(points["n"], points["mean"], marker, ms=3.5, mfc="white", color=color)
            label = f"γ = {rate:g}"
            ax.plot(points["n"], points["approximation"], color=color, lw=1.2, label=label)
        ax.set(title=f"d = {dim}", xscale="log", yscale="log", xlabel="number of draws $n$")
    axes[0, 0].set_ylabel("weight of the association")
    round_ticks(axes[0, 0].xaxis)
    label_ends(axes[0, -1])
    return figure


def draw_weights(iterates: pd.DataFrame, associations: pd.DataFrame, rhos: list[float]) -> Figure:
    """Draw, left, the weight of a token against its number of steps, and, right, against p.

    Args:
        iterates: columns ``learning_rate``, ``n``, ``weight`` and ``limit``.
        associations: as `figure_5_weights` returns it.
        rhos: exponents of the powers of p drawn for comparison.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.4))
    for look, (rate, curve) in _by_rate(iterates):
        left.plot(curve["n"], curve["weight"], color=look["color"], label=f"γ = {rate:g}")
        plot_reference(left, curve["n"], curve["limit"], "_limit", color=look["color"])
        tokens = associations[associations["learning_rate"] == rate]
        share = tokens["weight"] / tokens["weight"].max()
        right.plot(tokens["p"], share, look["marker"], ms=3, mfc="white", color=look["color"])
    p = np.sort(associations["p"].unique())
    for rho in rhos:
        plot_reference(right, p, (p / p.max()) ** rho)
        middle = p[len(p) // 2]
        box = {"fc": "white", "ec": "none", "pad": 1}
        right.annotate(f"ρ = {rho:g}", (middle, (middle / p.max()) ** rho), va="center", bbox=box)
    left.set(xscale="log", yscale="log", xlabel="number of draws $n$", ylabel="weight $f^n(0)$")
    right.set(xscale="log", yscale="log", xlabel="probability $p(x)$")
    right.set_ylabel(r"$q_\gamma(x) / \max q_\gamma$")
    label_ends(left)
    return figure


def draw_rho(slopes: pd.DataFrame, limit: pd.DataFrame) -> Figure:
    """Draw the local exponent ρ of the weights against γn, for steps of several sizes.

    Args:
        slopes: columns ``learning_rate``, ``gain`` (γn) and ``rho``.
        limit: columns ``gain`` and ``rho``, for small steps.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.3))
    for look, (rate, curve) in _by_rate(slopes):
        color, marker = look["color"], look["marker"]
        ax.plot(
            curve["gain"],
            curve["rho"],
            marker,
            ms=4,
            mfc="white",
            color=color,
            label=f"γ = {rate:g}",
        )
    draw_law(ax, limit["gain"], limit["rho"], label="limit of small steps")
    ax.set(
        xscale="log", ylim=(-0.03, 1.08), xlabel=r"learning rate times number of draws $\gamma n$"
    )
    ax.set_ylabel(r"local exponent $\rho = d\log q / d\log n$")
    ax.legend(loc="upper right")
    return figure


def _by_rate(table: pd.DataFrame) -> Iterator[tuple[dict[str, Any], tuple[float, pd.DataFrame]]]:
    """The rows of each learning rate, with colour, dash and marker, in increasing order."""
    rates = sorted(table["learning_rate"].unique())
    for position, (color, rate) in enumerate(colored(rates)):
        k = position % len(_MARKERS)
        yield (
            {"color": color, "linestyle": _DASHES[k], "marker": _MARKERS[k]},
            (
                rate,
                table[table["learning_rate"] == rate],
            ),
        )


def _arrow(
    ax: Axes, start: tuple[float, float] | Array, end: tuple[float, float] | Array, **line: object
) -> None:
    """An arrow between two points of the plane."""
    style = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **line}
    ax.annotate("", xy=tuple(end), xytext=tuple(start), arrowprops=style)
