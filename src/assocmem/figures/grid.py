"""The figures of the chapter on the grid: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from assocmem.figures.style import (
    AXIS_LABELS,
    WIDTH,
    colored,
    colors,
    label_ends,
    plot_band,
    plot_reference,
)

#: Errors of 0 are drawn here, at the bottom of the axis.
_BOTTOM = 1e-7
#: What is trained, in the order of its colours and marks.
_MODELS = {"W": "s", "EU": "^", "EWU": "o"}
#: Errors of the maps, from the lightest cell to the darkest.
_MAP = LogNorm(1e-4, 1.0)


def draw_methods(methods: pd.DataFrame, floor: float) -> Figure:
    """Draw the tuned error of each method as a row of dots, one for each dimension, the best on top.

    Args:
        methods: columns ``method``, ``model``, ``dim``, ``mean``, ``low``, ``high`` and ``edge``, in the
            order of the rows.
        floor: the error of guessing what was not seen.
    """
    names = list(dict.fromkeys(methods["method"]))
    dims = sorted(methods["dim"].unique())
    figure, ax = plt.subplots(figsize=(WIDTH, 0.24 * len(names) + 0.85))
    fills = dict(zip(dims, np.linspace(0, 1, len(dims)), strict=True))
    for color, (model, mark) in zip(colors(), _MODELS.items(), strict=False):
        mine = methods[methods["model"] == model].dropna(subset="mean")
        for row in mine.to_dict("records"):
            y, fill = names.index(row["method"]), fills[row["dim"]]
            inside = tuple(1 - fill * (1 - share) for share in to_rgb(color))
            ax.plot([row["low"], row["high"]], [y, y], color=color, lw=1.2, zorder=2)
            ax.plot(row["mean"], y, mark, ms=7, mfc=inside, mec=color, mew=1.4, zorder=3)
            if row["edge"]:
                ax.plot(row["mean"], y, "o", ms=13, mfc="none", mec="0.3", mew=0.9, zorder=3)
    ax.axvline(floor, color="black", lw=1.4)
    ax.set(xscale="log", ylim=(len(names) - 0.4, -0.6), xlabel=AXIS_LABELS["error"])
    ax.set_yticks(range(len(names)), names)
    keys = [
        Line2D(
            [],
            [],
            ls="",
            marker="o",
            ms=7,
            mec="0.2",
            mfc=str(1 - 0.8 * fills[dim]),
            label=f"$d$ = {dim}",
        )
        for dim in dims
    ]
    keys += [
        Line2D([], [], ls="", marker="o", ms=12, mfc="none", mec="0.3", label="edge of the grid"),
        Line2D([], [], color="black", lw=1.4, label="guessing the unseen"),
    ]
    figure.legend(handles=keys, ncols=len(keys), loc="outside upper center", columnspacing=1.0)
    ax.grid(visible=True, axis="y", alpha=0.4)
    return figure


def draw_maps(sections: pd.DataFrame, floor: pd.DataFrame) -> Figure:
    """Draw errors as maps with numbers: what is varied goes down; d goes across, and T beside it.

    A frame marks the least error of each column, a ring a cell whose step size is at the edge of the
    grid, a cross one in which runs diverged.

    Args:
        sections: columns ``comparison``, ``curve``, ``against`` (``dim`` or ``n_samples``), ``dim``,
            ``n_samples``, ``mean``, ``diverged`` and ``edge``.
        floor: columns ``n_samples`` and ``error`` of guessing what was not seen.
    """
    comparisons = sections.groupby("comparison", sort=False)
    columns = [sections.loc[sections["against"] == a, a].nunique() for a in ("dim", "n_samples")]
    rows = [part["curve"].nunique() for _, part in comparisons]
    figure, axes = plt.subplots(
        len(rows), 2, squeeze=False, figsize=(WIDTH, 0.27 * sum(rows) + 0.75 * len(rows) + 0.4),
        width_ratios=[columns[0], 1.35 * columns[1]], height_ratios=rows,
    )  # fmt: skip
    for pair, (name, part) in zip(axes, comparisons, strict=True):
        for ax, against in zip(pair, ("dim", "n_samples"), strict=True):
            _draw_map(ax, part[part["against"] == against], against)
        pair[0].set_title(str(name), loc="left")
        pair[1].set_yticks([])
    for ax, against in zip(axes[-1], ("dim", "n_samples"), strict=True):
        ax.set_xlabel(AXIS_LABELS[against])
    unseen = " / ".join(_percent(error) for error in floor["error"])
    axes[0, 1].set_title(f"unseen: {unseen}", fontsize="small")
    mesh = ScalarMappable(_MAP, "Blues")
    bar = figure.colorbar(mesh, ax=axes, label="error", shrink=0.7, pad=0.01, extend="min")
    bar.set_ticks([1e-4, 1e-3, 1e-2, 1e-1, 1], labels=["0.01 %", "0.1 %", "1 %", "10 %", "100 %"])
    return figure


def _draw_map(ax: Axes, part: pd.DataFrame, against: str) -> None:
    """One map; errors are told in per cent."""
    names, places = list(dict.fromkeys(part["curve"])), sorted(part[against].unique())
    for row in part.to_dict("records"):
        x, y, error = places.index(row[against]), names.index(row["curve"]), row["mean"]
        if row["diverged"] > 0:
            ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fc="0.9", ec="0.6", hatch="////"))
            ax.text(x, y, "×", ha="center", va="center", size=12)
            continue
        shade = plt.get_cmap("Blues")(float(_MAP(max(error, _MAP.vmin))))
        ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fc=shade, ec="white", lw=1))
        dark = 0.3 * shade[0] + 0.6 * shade[1] + 0.1 * shade[2] < 0.5
        ax.text(
            x, y, _percent(error), ha="center", va="center", size=9,
            color="white" if dark else "black",
        )  # fmt: skip
        if row["edge"]:
            ax.plot(x + 0.41, y - 0.33, "o", ms=4, mfc="none", mec="white" if dark else "black")
    whole = part[part["diverged"] == 0].dropna(subset="mean")
    for _, column in whole.groupby(against):
        best = column.sort_values("mean").iloc[0]
        corner = places.index(best[against]) - 0.47, names.index(best["curve"]) - 0.45
        ax.add_patch(Rectangle(corner, 0.94, 0.9, fill=False, ec=colors()[1], lw=2))
    ax.set(xlim=(-0.5, len(places) - 0.5), ylim=(len(names) - 0.5, -0.5))
    ax.set_xticks(range(len(places)), [f"{place:,}" for place in places])
    ax.set_yticks(range(len(names)), names)
    ax.grid(visible=False)
    ax.tick_params(length=0)


def _percent(error: float) -> str:
    """Two digits of an error in per cent: 31, 3.1, 0.31, 0.03, <.01.

    Example:
        >>> _percent(0.0312)
        '3.1'
    """
    share = 100 * error
    if share < 0.005:
        return "<.01"
    return f"{share:.0f}" if share >= 9.95 else f"{share:.1f}" if share >= 0.995 else f"{share:.2f}"


def draw_agreement(compared: pd.DataFrame) -> Figure:
    """Draw published means against ours, with the standard errors of their differences.

    Args:
        compared: as `compare_published` returns it.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.8))
    low = 2e-6
    for color, mark, (name, cells) in zip(
        colors(), "os", compared.groupby("optimizer"), strict=False
    ):
        x, y = cells["expected"].clip(lower=low), cells["mean"].clip(lower=low)
        ax.errorbar(
            x, y, cells["sem"], fmt=mark, ms=4.5, lw=1, mfc="none", color=color, label=str(name)
        )
    plot_reference(ax, [low, 1], [low, 1])
    ax.set(xscale="log", yscale="log", xlim=(low / 2, 1), ylim=(low / 2, 1))
    ax.set(xlabel=r"published error $\mathcal{E}$", ylabel=r"error $\mathcal{E}$ of these runs")
    ax.legend()
    return figure


def draw_panels(panels: pd.DataFrame) -> Figure:
    """Draw the published figures of the grid: our curves, the published means as rings.

    Args:
        panels: columns ``panel``, ``curve``, ``dim``, ``error`` and ``published`` (NaN where nothing
            was published), one row per seed.
    """
    names = list(dict.fromkeys(panels["panel"]))
    figure, axes = plt.subplots(
        len(names), 1, figsize=(WIDTH, 2.0 * len(names)), squeeze=False, sharex=True
    )
    for ax, name in zip(axes.flat, names, strict=True):
        by_curve = panels[panels["panel"] == name].groupby("curve", sort=False)
        for place, (color, (label, curve)) in enumerate(colored(by_curve)):
            seeds = curve.groupby("dim")
            summary = seeds["error"].agg(mean="mean", std="std").reset_index()
            known = seeds["published"].mean().dropna()
            line = "-" if len(known) else ":"
            plot_band(ax, summary, "dim", label=str(label), color=color, ls=line)
            mark = "os^D"[place % 4]
            ax.plot(known.index, known, mark, ms=5.5, mfc="none", color=color, label="_")
        ax.set(title=name, xlabel="")
        label_ends(ax)
    axes[-1, 0].set_xlabel(AXIS_LABELS["dim"])
    return figure
