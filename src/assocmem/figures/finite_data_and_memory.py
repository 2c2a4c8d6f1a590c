"""The figures of the chapter on Proposition 4: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from assocmem.figures.style import AXIS_LABELS, colored, plot_band, plot_reference


def draw_cuts(summary: pd.DataFrame, variant: pd.DataFrame, alpha: float) -> Figure:
    """Draw the error against d for each T, and against T for each d, with the slopes of the laws.

    Args:
        summary: as `summarize` returns it, with the column ``prediction`` (sum of the two laws).
        variant: the same for another threshold at one T, drawn as crosses against d.
        alpha: Zipf exponent α, for the slopes.
    """
    figure, axes = plt.subplots(1, 2, figsize=(9.6, 4.4), sharey=True)
    views = (("dim", "n_samples", "T", 1 - alpha), ("n_samples", "dim", "d", -1 + 1 / alpha))
    for ax, (x, other, symbol, slope) in zip(axes, views, strict=True):
        for color, (value, curve) in colored(summary.groupby(other)):
            label = f"{symbol} = {value:g}"
            plot_band(ax, curve, x, label=label, marker="o", ms=4, ls="", color=color)
            ordered = curve.sort_values(x)
            ax.plot(ordered[x], ordered["prediction"], color=color, lw=1)
        best = summary[summary[other] == summary[other].max()].sort_values(x)
        line = best["mean"].iloc[0] * (best[x] / best[x].iloc[0]) ** slope
        plot_reference(ax, best[x], line, f"slope {slope:g}")
        ax.legend(fontsize="small")
    axes[0].plot(
        variant["dim"], variant["mean"], "x", color="black", label=variant["scheme"].iloc[0]
    )
    axes[0].legend(fontsize="small")
    axes[1].set_ylabel("")
    return figure


def draw_surface(surface: pd.DataFrame, crossover: pd.DataFrame) -> Figure:
    """Draw the simulated error over (d, T) as a heat map, with the line where both laws are equal.

    Args:
        surface: columns ``dim``, ``n_samples`` and ``mean``, on a grid.
        crossover: columns ``dim`` and ``n_samples``.
    """
    grid = surface.pivot(index="n_samples", columns="dim", values="mean")
    figure, ax = plt.subplots(figsize=(6.4, 4.6))
    norm = LogNorm(vmin=max(float(grid.min().min()), 1e-4), vmax=1)
    mesh = ax.pcolormesh(
        grid.columns, grid.index, grid.to_numpy(), norm=norm, cmap="viridis", shading="nearest"
    )
    mesh.set_rasterized(True)
    ax.plot(crossover["dim"], crossover["n_samples"], color="white", lw=2, label="$T_*(d)$")
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["dim"], ylabel=AXIS_LABELS["n_samples"])
    ax.set_ylim(float(np.min(grid.index)), float(np.max(grid.index)))
    ax.grid(visible=False)
    ax.legend(labelcolor="white", facecolor="0.3")
    figure.colorbar(mesh, label=AXIS_LABELS["error"])
    return figure
