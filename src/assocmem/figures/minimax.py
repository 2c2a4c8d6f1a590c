"""The figures of the chapter on Theorem 2: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import AXIS_LABELS, colored, colors, plot_reference


def draw_minimax(table: pd.DataFrame) -> Figure:
    """Draw the lower bounds and the best error against d, one panel for each α.

    Args:
        table: columns ``alpha``, ``dim``, ``published``, ``lower``, ``any_memory``, ``constant``
            (error of the best threshold at a constant target) and ``modulo`` (at x mod M).
    """
    alphas = sorted(table["alpha"].unique())
    width = 4.8 * len(alphas)
    figure, axes = plt.subplots(1, len(alphas), figsize=(width, 4.4), squeeze=False)
    curves = {
        "constant": ("best threshold, constant target", "-o"),
        "modulo": ("best threshold, $x$ mod $M$", "-s"),
        "lower": ("bound for weights, this book", "-"),
        "any_memory": ("bound for any $W$, this book", "--"),
        "published": ("bound for weights, published", ":"),
    }
    for ax, alpha in zip(axes[0], alphas, strict=True):
        panel = table[table["alpha"] == alpha]
        for color, (column, (label, style)) in colored(curves.items()):
            ax.plot(panel["dim"], panel[column], style, ms=4, color=color, label=label)
        ax.set(xscale="log", yscale="log", title=f"α = {alpha:g}", xlabel=AXIS_LABELS["dim"])
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    axes[0, 0].legend(fontsize="small")
    return figure


def draw_rate(rates: pd.DataFrame) -> Figure:
    """Draw the error over the lower bound of Theorem 2 against d, for several schemes.

    Args:
        rates: columns ``scheme``, ``dim``, ``ratio``, ``lower`` and ``upper`` (a proven upper bound of
            one of the schemes, 1 where there is none).
    """
    figure, ax = plt.subplots(figsize=(7.0, 4.4))
    palette = ["black", *colors()]
    for color, (name, curve) in zip(palette, rates.groupby("scheme", sort=False), strict=False):
        ax.plot(curve["dim"], curve["ratio"], "-o", ms=3, color=color, label=name)
    proven = rates.drop_duplicates("dim")
    proven = proven[proven["upper"] < 1]
    plot_reference(ax, proven["dim"], proven["upper"] / proven["lower"], "proven bound")
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["dim"])
    ax.set_ylabel("error over the bound of Theorem 2")
    ax.legend(fontsize="small")
    return figure
