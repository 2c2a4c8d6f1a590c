"""The figures of the chapter on Theorem 2: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import (
    AXIS_LABELS,
    WIDTH,
    colored,
    draw_law,
    label_ends,
    plot_reference,
    scheme,
)


def draw_shares(shares: pd.DataFrame, level: float) -> Figure:
    """Draw the share that each token has in its class, and the level above which it is not lost.

    Args:
        shares: columns ``weights`` (a name, one panel each), ``token`` and ``share``.
        level: κ/(d + κ).
    """
    names = list(dict.fromkeys(shares["weights"]))
    figure, axes = plt.subplots(1, len(names), figsize=(WIDTH, 3.1), sharey=True, squeeze=False)
    for ax, name in zip(axes[0], names, strict=True):
        bars = shares[(shares["weights"] == name) & (shares["share"] > level / 100)]
        for stands, part in bars.groupby(bars["share"] > level):
            look = (
                {"fc": scheme("threshold")["color"]} if stands else {"fc": "white", "hatch": "////"}
            )
            ax.bar(part["token"], part["share"], width=0.8, ec="0.35", lw=0.5, **look)
        ax.axhline(level, color="black", lw=1.4)
        count = int((bars["share"] > level).sum())
        ax.set(yscale="log", xlabel="token $x$", title=f"{name}: {count} above")
        ax.set(xlim=(0.2, shares["token"].max() + 0.8), ylim=(level / 30, 1.3))
        ax.grid(visible=False, axis="x")
    axes[0, 0].set_ylabel(r"share $q(x)^2 / \|q\|^2$")
    axes[0, -1].annotate(
        r"$\frac{\kappa}{d + \kappa}$", (1, level), xycoords=("axes fraction", "data"),
        xytext=(5, 0), textcoords="offset points", va="center", annotation_clip=False, fontsize=13,
    )  # fmt: skip
    return figure


def draw_minimax(table: pd.DataFrame) -> Figure:
    """Draw the lower bounds and the best error against d, one panel for each α.

    Args:
        table: as `best_memories` returns it.
    """
    alphas = sorted(table["alpha"].unique())
    figure, axes = plt.subplots(1, len(alphas), figsize=(WIDTH, 3.5), squeeze=False)
    look = scheme("threshold")
    for ax, alpha in zip(axes[0], alphas, strict=True):
        panel = table[table["alpha"] == alpha]
        draw_law(ax, panel["dim"], panel["constant"], marker="o", ms=4, label="one class")
        ax.plot(panel["dim"], panel["modulo"], ms=5, label="$x$ mod $M$", **look)
        ax.plot(panel["dim"], panel["lower"], color="0.35", lw=1.2, label="Theorem 2")
        lowest = 0.3 * panel["any_memory"].min()
        ax.fill_between(
            panel["dim"], lowest, panel["lower"],
            facecolor="0.93", edgecolor="0.7", hatch="///", linewidth=0, zorder=1,
        )  # fmt: skip
        plot_reference(ax, panel["dim"], panel["any_memory"], "any matrix", color="#9a4c95")
        plot_reference(ax, panel["dim"], panel["published"], "published", linestyle=":")
        ax.set(xscale="log", yscale="log", title=f"α = {alpha:g}", xlabel=AXIS_LABELS["dim"])
        ax.set_ylim(bottom=lowest)
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    label_ends(axes[0, -1])
    return figure


def draw_rate(rates: pd.DataFrame) -> Figure:
    """Draw the error over the lower bound of Theorem 2 against d, for several schemes.

    Args:
        rates: as `decay_errors` returns it; the first scheme is drawn in black.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.5))
    curves = list(rates.groupby("scheme", sort=False))
    name, curve = curves[0]
    draw_law(ax, curve["dim"], curve["ratio"], marker="o", ms=3, label=name)
    for color, (name, curve) in colored(curves[1:]):
        ax.plot(
            curve["dim"], curve["ratio"], ls=(0, (5, 2)), marker="^", ms=3, color=color, label=name
        )
    proven = rates.drop_duplicates("dim")
    proven = proven[proven["upper"] < 1]
    if len(proven):
        plot_reference(ax, proven["dim"], proven["upper"] / proven["lower"], "proven, 0.4")
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["dim"])
    ax.set_ylabel("error over the bound of Theorem 2")
    label_ends(ax)
    return figure
