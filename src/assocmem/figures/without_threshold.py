"""The figures of the chapter on Proposition 2: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import (
    WIDTH,
    colored,
    draw_simulation,
    label_ends,
    plot_reference,
)

_DASHES = ("-", (0, (5, 2)), (0, (1, 1)), (0, (5, 1, 1, 1)))


def draw_collapse(table: pd.DataFrame, simulated: pd.DataFrame) -> Figure:
    """Draw the error against d/φ(N), one panel for each ρ, one curve for each N.

    Args:
        table: columns ``rho``, ``case``, ``n_tokens``, ``ratio`` (d/φ), ``mean`` and ``exponent``.
        simulated: columns ``rho``, ``ratio`` and ``mean``.
    """
    rhos = list(dict.fromkeys(table["rho"]))
    size = (WIDTH, 3.6)
    figure, axes = plt.subplots(1, len(rhos), figsize=size, sharey=True, squeeze=False)
    for ax, rho in zip(axes[0], rhos, strict=True):
        panel = table[table["rho"] == rho]
        for k, (color, (n_tokens, curve)) in enumerate(colored(panel.groupby("n_tokens"))):
            name = rf"exact law, $N = 10^{{{np.log10(n_tokens):.3g}}}$"
            look = {"color": color, "linestyle": _DASHES[k % len(_DASHES)], "label": name}
            ax.plot(curve["ratio"], curve["mean"], **look)
        points = simulated[simulated["rho"] == rho]
        draw_simulation(ax, points["ratio"], points["mean"], label="simulation")
        # The law goes through the point whose error is nearest to 0.03, in the middle of the window.
        mean, ratio = panel["mean"].to_numpy(float), panel["ratio"].to_numpy(float)
        middle, exponent = int(np.abs(mean - 0.03).argmin()), float(panel["exponent"].iloc[0])
        x = np.geomspace(ratio.min(), ratio.max(), 50)
        law = mean[middle] * (x / ratio[middle]) ** exponent
        plot_reference(ax, x, np.where(law < 1.5, law, np.nan), "slope of Proposition 2")
        ax.set(xscale="log", yscale="log", title=panel["case"].iloc[0], ylim=(1e-4, 1.2))
        ax.annotate(f"slope {exponent:.3g}", (0.05, 0.05), xycoords="axes fraction")
        ax.set_xlabel(r"dimension over load $d / \varphi(N)$")
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def draw_exponents(table: pd.DataFrame) -> Figure:
    """Draw measured and predicted exponents against ρ, one curve for each α.

    Args:
        table: columns ``alpha``, ``rho``, ``measured``, and ``low`` and ``high`` of its interval.
    """
    figure, ax = plt.subplots()
    ax.set(yscale="log", xlabel=r"exponent of the weights $\rho$")
    ax.set_ylabel("exponent of $1/d$ in the error")
    for color, alpha in colored(sorted(table["alpha"].unique().tolist())):
        curve = table[table["alpha"] == alpha]
        rho = np.linspace(curve["rho"].min(), curve["rho"].max(), 200)
        label = f"$α = {alpha:g}$"
        plot_reference(ax, rho, (alpha - 1) / (2 * rho * alpha), label, color=color)
        reach = [curve["high"] - curve["measured"], curve["measured"] - curve["low"]]
        draw_simulation(ax, curve["rho"], -curve["measured"], reach, color=color, capsize=5)
        ax.axvline(1 / (2 * alpha), color=color, ls=":", lw=1)
    label_ends(ax)
    return figure
