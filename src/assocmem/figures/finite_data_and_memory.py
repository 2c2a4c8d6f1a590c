"""The figures of the chapter on Proposition 4: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from assocmem.figures.style import (
    AXIS_LABELS,
    WIDTH,
    colored,
    draw_law,
    label_ends,
    plot_band,
    plot_reference,
    scheme,
)
from assocmem.figures.ticks import round_ticks

#: Errors at which the map has lines.
_LEVELS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


def draw_map(surface: pd.DataFrame, crossover: pd.DataFrame) -> Figure:
    """Draw the error over (d, T) as a heat map with lines of equal error, and T*(d).

    Args:
        surface: columns ``dim``, ``n_samples`` and ``mean``, on a grid.
        crossover: columns ``dim`` and ``n_samples``, where both causes cost the same.
    """
    grid = surface.pivot(index="n_samples", columns="dim", values="mean")
    figure, ax = plt.subplots(figsize=(WIDTH, 3.75))
    norm = LogNorm(vmin=max(float(grid.min().min()), 1e-4), vmax=1)
    mesh = ax.pcolormesh(
        grid.columns, grid.index, grid.to_numpy(), norm=norm, cmap="viridis", shading="gouraud"
    )
    mesh.set_rasterized(True)
    levels = sorted(x for x in _LEVELS if grid.min().min() < x < grid.max().max())
    if levels:
        lines = ax.contour(
            grid.columns, grid.index, grid, levels=levels, colors="white", linewidths=1
        )
        ax.clabel(lines, fmt=lambda x: f"{100 * x:g} %", fontsize=9, inline_spacing=1)
    ax.plot(crossover["dim"], crossover["n_samples"], color="#ffb000", lw=2.5, ls=(0, (4, 1.5)))
    inside = crossover[crossover["n_samples"] <= float(np.max(grid.index))]
    box = {"boxstyle": "round", "fc": "black", "ec": "none", "alpha": 0.6}
    if len(inside):
        place = inside.iloc[len(inside) // 8]
        ax.annotate(
            "$T_*(d)$", (place["dim"], place["n_samples"]), color="#ffb000", fontsize=11, bbox=box,
            xytext=(-42, 8), textcoords="offset points",
        )  # fmt: skip
    for text, spot, align in (
        ("too little memory:\nmore data do not help", (0.03, 0.95), "top"),
        ("too few data:\nmore memory does not help", (0.45, 0.06), "bottom"),
    ):
        ax.text(*spot, text, transform=ax.transAxes, color="white", va=align, bbox=box)
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["dim"], ylabel=AXIS_LABELS["n_samples"])
    ax.set_ylim(float(np.min(grid.index)), float(np.max(grid.index)))
    ax.grid(visible=False)
    round_ticks(ax.xaxis)
    figure.colorbar(mesh, label=AXIS_LABELS["error"])
    return figure


def draw_cuts(summary: pd.DataFrame, variant: pd.DataFrame, alpha: float) -> Figure:
    """Draw the error against d for each T, and against T for each d, with the slopes of the laws.

    Args:
        summary: as `with_sum_of_laws` returns it.
        variant: as `summarize` returns it, for another threshold at one T, drawn as crosses against d.
        alpha: Zipf exponent α, for the slopes.
    """
    figure, axes = plt.subplots(1, 2, figsize=(WIDTH, 3.75), sharey=True)
    views = (("dim", "n_samples", "T", 1 - alpha), ("n_samples", "dim", "d", -1 + 1 / alpha))
    for ax, (x, other, symbol, slope) in zip(axes, views, strict=True):
        for color, (value, curve) in colored(summary.groupby(other)):
            plot_band(ax, curve, x, label=f"_{value}", marker="o", ms=4, ls="", color=color)
            ordered = curve.sort_values(x)
            label = f"{symbol} = {value:g}"
            ax.plot(ordered[x], ordered["prediction"], color=color, lw=1, label=label)
        best = summary[summary[other] == summary[other].max()].sort_values(x)
        line = best["mean"].iloc[0] * (best[x] / best[x].iloc[0]) ** slope
        plot_reference(ax, best[x], line, f"_slope {slope:g}")
    axes[0].plot(variant["dim"], variant["mean"], "x", color="black", label="_variant", zorder=4)
    axes[1].set_ylabel("")
    round_ticks(axes[0].xaxis, axes[0].yaxis)
    for ax in axes:
        label_ends(ax)
    return figure


def draw_overflow(errors: pd.DataFrame, dim: int) -> Figure:
    """Draw the error at one d against T, of all seen tokens stored and of a threshold.

    Args:
        errors: as `expected_errors` returns it, with the schemes ``fill`` and ``threshold``.
        dim: dimension d.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 2.9))
    for name, curve in errors.groupby("scheme", sort=False):
        look = scheme(str(name))
        draw_law(ax, curve["n_samples"], curve["mean"], label=str(name), ms=5, **look)
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["n_samples"], title=f"d = {dim}")
    ax.set_ylabel(AXIS_LABELS["error"])
    round_ticks(ax.yaxis)
    label_ends(ax)
    return figure
