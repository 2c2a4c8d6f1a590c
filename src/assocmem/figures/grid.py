"""The figures of the chapter on the grid: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assocmem.figures.style import AXIS_LABELS, colored, colors, plot_band, plot_reference

#: Errors of 0 are drawn here, at the bottom of the axis.
_BOTTOM = 1e-7


def draw_comparisons(curves: pd.DataFrame, floor: pd.DataFrame) -> Figure:
    """Draw error against d and against T, one row of panels for each comparison.

    Args:
        curves: columns ``comparison``, ``curve``, ``against`` (``dim`` or ``n_samples``), ``dim``,
            ``n_samples``, ``mean``, ``std``, ``diverged`` and ``edge``.
        floor: columns ``n_samples`` and ``error`` of guessing the tokens that were not seen.
    """
    comparisons = list(dict.fromkeys(curves["comparison"]))
    figure, axes = plt.subplots(
        len(comparisons), 2, figsize=(10.0, 3.4 * len(comparisons)), sharey=True, squeeze=False
    )
    for row, comparison in zip(axes, comparisons, strict=True):
        shown = curves[curves["comparison"] == comparison]
        for ax, against in zip(row, ("dim", "n_samples"), strict=True):
            panel = shown[shown["against"] == against]
            by_curve = panel.groupby("curve", sort=False)
            for color, (name, curve) in colored(by_curve):
                _draw_curve(ax, curve, against, str(name), color)
            if against == "n_samples":
                plot_reference(ax, floor["n_samples"], floor["error"], "guessing the unseen")
            ax.set(title=comparison, ylim=(_BOTTOM, 1.5), xlabel=AXIS_LABELS[against])
        row[1].set_ylabel("")
        row[1].legend(fontsize="x-small", loc="lower left", ncols=2)
    return figure


def _draw_curve(ax: Axes, curve: pd.DataFrame, against: str, name: str, color: str) -> None:
    """One curve; what diverged is a cross at the top, a tuned rate at the edge of its grid a ring."""
    whole = curve[curve["diverged"] == 0].assign(mean=lambda c: c["mean"].clip(lower=_BOTTOM))
    ax.plot([], [], color=color, label=name)
    if len(whole):
        plot_band(ax, whole, against, label="_", marker="o", ms=3.5, color=color)
        edge = whole[whole["edge"]]
        ax.plot(edge[against], edge["mean"], "o", ms=8, mfc="none", color=color)
    lost = curve[curve["diverged"] > 0]
    ax.plot(lost[against], [1.0] * len(lost), "x", ms=8, mew=2, color=color)
    ax.set(xscale="log", yscale="log", ylabel=AXIS_LABELS["error"])


def draw_agreement(compared: pd.DataFrame) -> Figure:
    """Draw published means against ours, with the standard errors of their differences.

    Args:
        compared: as `compare_published` returns it.
    """
    figure, ax = plt.subplots(figsize=(5.6, 5.2))
    low = 2e-6
    for color, mark, (name, cells) in zip(
        colors(), "os", compared.groupby("optimizer"), strict=False
    ):
        x, y = cells["expected"].clip(lower=low), cells["mean"].clip(lower=low)
        ax.errorbar(
            x, y, cells["sem"], fmt=mark, ms=4, lw=1, mfc="none", color=color, label=str(name)
        )
    plot_reference(ax, [low, 1], [low, 1])
    ax.set(xscale="log", yscale="log", xlim=(low / 2, 1), ylim=(low / 2, 1))
    ax.set(xlabel=r"published error $\mathcal{E}$", ylabel=r"error $\mathcal{E}$ of these runs")
    ax.legend()
    return figure


def draw_panels(panels: pd.DataFrame) -> Figure:
    """Draw the published figures of the grid: our curves, the published means as marks.

    Args:
        panels: columns ``panel``, ``curve``, ``dim``, ``error`` and ``published`` (NaN where nothing
            was published), one row per seed.
    """
    names = list(dict.fromkeys(panels["panel"]))
    rows = -(-len(names) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(10.0, 3.9 * rows), squeeze=False)
    for ax in axes.flat[len(names) :]:
        ax.axis("off")
    for ax, name in zip(axes.flat, names, strict=False):
        by_curve = panels[panels["panel"] == name].groupby("curve", sort=False)
        for color, (label, curve) in colored(by_curve):
            seeds = curve.groupby("dim")
            summary = seeds["error"].agg(mean="mean", std="std").reset_index()
            known = seeds["published"].mean().dropna()
            line = "-" if len(known) else ":"
            plot_band(ax, summary, "dim", label=str(label), color=color, ls=line)
            ax.plot(known.index, known, "o", ms=5, mfc="none", color=color)
        ax.set(title=name)
        ax.legend(fontsize="x-small")
    return figure
