"""The figures of the chapter on Theorem 1: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import AXIS_LABELS, colored, colors


def draw_bracket(table: pd.DataFrame) -> Figure:
    """Draw bounds, exact law and simulation of each scheme against d, one panel a scheme.

    Args:
        table: columns ``scheme``, ``dim``, ``lower_published``, ``lower``, ``law``, ``simulated``,
            ``sem``, ``upper`` and ``upper_published``.
    """
    schemes = list(dict.fromkeys(table["scheme"]))
    width = 3.4 * len(schemes)
    figure, axes = plt.subplots(1, len(schemes), figsize=(width, 4.4), sharey=True, squeeze=False)
    bound, law, simulation = colors()[1], colors()[0], colors()[2]
    for ax, scheme in zip(axes[0], schemes, strict=True):
        curve = table[table["scheme"] == scheme]
        dims = curve["dim"]
        ax.fill_between(dims, curve["lower"], curve["upper"], color=bound, alpha=0.15, lw=0)
        ax.plot(dims, curve["upper"], color=bound, label="bounds, this book")
        ax.plot(dims, curve["lower"], color=bound)
        ax.plot(dims, curve["upper_published"], color=bound, ls=":", label="bounds, published form")
        ax.plot(dims, curve["lower_published"], color=bound, ls=":")
        ax.plot(dims, curve["law"], color=law, label="exact law")
        ax.errorbar(
            dims,
            curve["simulated"],
            2 * curve["sem"],
            fmt="o",
            color=simulation,
            label="simulation",
        )
        ax.set(xscale="log", yscale="log", ylim=(1e-5, 2), title=scheme, xlabel=AXIS_LABELS["dim"])
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    axes[0, 0].legend(loc="lower left", fontsize="small")
    return figure


def draw_overflow(table: pd.DataFrame) -> Figure:
    """Draw the error of a filled memory against the number of tokens it is given.

    Args:
        table: columns ``n_tokens``, ``dim``, ``law``, ``limit`` (for large d) and ``lower``.
    """
    figure, ax = plt.subplots()
    for color, (dim, curve) in colored(table.groupby("dim")):
        ax.plot(curve["n_tokens"], curve["law"], color=color, label=f"d = {dim}")
        ax.plot(curve["n_tokens"], curve["limit"], color="0.2", ls=":", lw=1.2)
        ax.plot(curve["n_tokens"], curve["lower"], color=color, ls="--")
    ax.set(xscale="log", xlabel="number of tokens $N$", ylim=(0, 1))
    ax.set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    ax.legend()
    return figure
