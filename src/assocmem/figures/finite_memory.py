"""The figures of the chapter on Theorem 1: they draw what the notebook computed."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from assocmem.figures.style import (
    AXIS_LABELS,
    SCHEMES,
    WIDTH,
    colored,
    draw_bounds,
    draw_law,
    draw_simulation,
    label_ends,
    plot_reference,
    scheme,
)


def draw_signals(
    table: pd.DataFrame, labels: Mapping[str, str], sign: str = r"q(x)\sqrt{d}"
) -> Figure:
    """Draw the signal of each token over the noise level, one curve a memory: below 1 it is lost.

    Args:
        table: columns ``name``, ``token`` and ``ratio``, the signal over the noise; tokens of a
            memory that have none are not stored.
        labels: what stands at the end of the curve of each name.
        sign: symbol of the signal.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.5))
    last, ratios = float(table["token"].max()), table["ratio"]
    seen = ratios[(ratios > 0) & np.isfinite(ratios)]
    low, high = max(min(seen.min(), 0.5) / 1.5, 0.02), 2 * max(seen.max(), 2)
    ax.set(xscale="log", yscale="log", xlim=(0.9, last), ylim=(low, high), xlabel="token $x$")
    ax.set_ylabel(f"signal ${sign}$ over noise")
    draw_bounds(ax, [0.9, last], low, 1)
    ax.axhline(1, color="black", lw=1.6)
    clear: dict[str, Any] = {"bbox": {"facecolor": "white", "lw": 0, "pad": 1}}
    under: dict[str, Any] = {
        "xytext": (-6, -4),
        "textcoords": "offset points",
        "ha": "right",
        "va": "top",
    }
    ax.annotate("noise level", (last, 1), **under, **clear)
    ax.annotate("lost, as a rule", (1.0, low**0.75), va="center", **clear)
    for k, (color, (name, label)) in enumerate(colored(labels.items())):
        plain = {"color": color, "linestyle": list(SCHEMES.values())[k % 3]["linestyle"]}
        look = scheme(name) if name in SCHEMES else plain
        curve = table[(table["name"] == name) & (table["ratio"] > 0)]
        token, ratio = curve["token"].to_numpy(float), curve["ratio"].clip(upper=high).to_numpy()
        marked = np.unique(np.geomspace(1, len(token), 12).astype(int)) - 1
        ax.plot(token, ratio, label=label, markevery=marked.tolist(), **look)
        if token[-1] < last:  # the next token is not stored
            ax.plot(token[[-1, -1]], [ratio[-1], low], color=look["color"], ls=":")
        below = np.flatnonzero(ratio < 1)
        if len(below) and below[0]:
            k = below[0]  # where the line between two tokens meets the level
            share = np.log(ratio[k - 1]) / np.log(ratio[k - 1] / ratio[k])
            meets = token[k - 1] * (token[k] / token[k - 1]) ** share
            ax.plot(meets, 1, "o", ms=9, mfc="white", mec=look["color"], mew=2, zorder=4)
    label_ends(ax)
    return figure


def draw_bracket(table: pd.DataFrame) -> Figure:
    """Draw bounds, exact law and simulation of each scheme against d, one panel a scheme.

    Args:
        table: columns ``scheme``, ``dim``, ``lower_published``, ``lower``, ``law``, ``simulated``,
            ``sem``, ``upper`` and ``upper_published``.
    """
    schemes = list(dict.fromkeys(table["scheme"]))
    size = (WIDTH, 3.4)
    figure, axes = plt.subplots(1, len(schemes), figsize=size, sharey=True, squeeze=False)
    for ax, name in zip(axes[0], schemes, strict=True):
        curve = table[table["scheme"] == name]
        dims = curve["dim"]
        draw_bounds(ax, dims, curve["lower"], curve["upper"], label="bounds, this book")
        for column in ("upper_published", "lower_published"):
            label = "bounds, published form" if column[0] == "u" else None
            plot_reference(ax, dims, curve[column], label, linestyle=":", linewidth=2)
        draw_law(ax, dims, curve["law"], label="exact law")
        draw_simulation(ax, dims, curve["simulated"], 2 * curve["sem"], label="simulation")
        ax.set(xscale="log", yscale="log", ylim=(1e-5, 2), title=name, xlabel=AXIS_LABELS["dim"])
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def draw_overflow(table: pd.DataFrame) -> Figure:
    """Draw the error of a filled memory against the number of tokens it is given.

    Args:
        table: columns ``n_tokens``, ``dim``, ``mean`` (the exact law), ``limit`` (for large d) and ``lower``.
    """
    figure, ax = plt.subplots()
    for color, (dim, curve) in colored(table.groupby("dim")):
        tokens, law = curve["n_tokens"].to_numpy(), curve["mean"].to_numpy()
        draw_law(ax, tokens, law)
        ax.plot(tokens, curve["limit"], color=color, ls=":", lw=3, zorder=3)
        ax.plot(tokens, curve["lower"], color=color, ls="--")
        middle = int(np.abs(law - 0.62).argmin())
        place: dict[str, Any] = {"xytext": (-6, 2), "textcoords": "offset points", "ha": "right"}
        ax.annotate(f"$d = {dim}$", (tokens[middle], law[middle]), color=color, **place)
    handles = [
        Line2D([], [], color="black", lw=1.6, label="exact law"),
        Line2D([], [], color="0.3", lw=3, ls=":", label="its limit for large $d$"),
        Line2D([], [], color="0.3", ls="--", label="lower bound of Theorem 1"),
    ]
    ax.legend(handles=handles, loc="upper left")
    ax.set(xscale="log", xlabel="number of tokens $N$", ylim=(0, 1))
    ax.set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    return figure
