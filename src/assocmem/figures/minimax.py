"""The figure of the chapter on Theorem 2: it draws what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import AXIS_LABELS, colors


def draw_minimax(table: pd.DataFrame) -> Figure:
    """Draw the lower bounds and the best error against d, one panel for each α.

    Args:
        table: columns ``alpha``, ``dim``, ``published``, ``lower``, ``any_memory``, ``worst`` (error
            of the best threshold at a constant target) and ``best`` (at x mod M).
    """
    alphas = sorted(table["alpha"].unique())
    width = 4.8 * len(alphas)
    figure, axes = plt.subplots(1, len(alphas), figsize=(width, 4.4), squeeze=False)
    curves = {
        "worst": ("best threshold, constant target", "-o"),
        "best": ("best threshold, $x$ mod $M$", "-s"),
        "lower": ("bound for weights, this book", "-"),
        "any_memory": ("bound for any $W$, this book", "--"),
        "published": ("bound for weights, published", ":"),
    }
    for ax, alpha in zip(axes[0], alphas, strict=True):
        panel = table[table["alpha"] == alpha]
        for color, (column, (label, style)) in zip(colors(), curves.items(), strict=False):
            ax.plot(panel["dim"], panel[column], style, ms=4, color=color, label=label)
        ax.set(xscale="log", yscale="log", title=f"α = {alpha:g}", xlabel=AXIS_LABELS["dim"])
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    axes[0, 0].legend(fontsize="small")
    return figure
