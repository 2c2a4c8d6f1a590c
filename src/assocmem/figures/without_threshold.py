"""The figures of the chapter on Proposition 2: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import colored, colors, plot_reference


def draw_collapse(table: pd.DataFrame, simulated: pd.DataFrame) -> Figure:
    """Draw the error against d/φ(N), one panel for each ρ, one curve for each N.

    Args:
        table: columns ``rho``, ``case``, ``n_tokens``, ``ratio`` (d/φ), ``mean`` and ``exponent``.
        simulated: columns ``rho``, ``ratio`` and ``mean``.
    """
    rhos = list(dict.fromkeys(table["rho"]))
    figure, axes = plt.subplots(1, len(rhos), figsize=(3.5 * len(rhos), 4.2), squeeze=False)
    for ax, rho in zip(axes[0], rhos, strict=True):
        panel = table[table["rho"] == rho]
        for color, (n_tokens, curve) in colored(panel.groupby("n_tokens")):
            ax.plot(curve["ratio"], curve["mean"], color=color, label=f"N = {n_tokens:.0e}")
        points = simulated[simulated["rho"] == rho]
        ax.plot(points["ratio"], points["mean"], "o", color=colors()[0], ms=5, label="simulation")
        # The law goes through the point whose error is nearest to 0.03, in the middle of the window.
        mean, ratio = panel["mean"].to_numpy(float), panel["ratio"].to_numpy(float)
        middle, exponent = int(np.abs(mean - 0.03).argmin()), float(panel["exponent"].iloc[0])
        x = np.geomspace(ratio.min(), ratio.max(), 50)
        law = mean[middle] * (x / ratio[middle]) ** exponent
        plot_reference(ax, x, np.where(law < 1.5, law, np.nan), f"slope {exponent:.3g}")
        ax.set(xscale="log", yscale="log", title=panel["case"].iloc[0], ylim=(1e-4, 1.2))
        ax.set_xlabel(r"dimension over load $d / \varphi(N)$")
        ax.legend(fontsize="small", loc="lower left")
    axes[0, 0].set_ylabel(r"expected error $\mathbb{E}[\mathcal{E}]$")
    return figure


def draw_exponents(table: pd.DataFrame) -> Figure:
    """Draw measured and predicted exponents against ρ, one curve for each α.

    Args:
        table: columns ``alpha``, ``rho``, ``measured``, and ``low`` and ``high`` of its interval.
    """
    figure, ax = plt.subplots()
    for color, alpha in zip(colors(), sorted(table["alpha"].unique().tolist()), strict=False):
        curve = table[table["alpha"] == alpha]
        rho = np.linspace(curve["rho"].min(), curve["rho"].max(), 200)
        plot_reference(ax, rho, (alpha - 1) / (2 * rho * alpha), color=color)
        reach = [curve["high"] - curve["measured"], curve["measured"] - curve["low"]]
        ax.errorbar(
            curve["rho"], -curve["measured"], reach, fmt="o", color=color, ms=4, capsize=5,
            label=f"α = {alpha:g}",
        )  # fmt: skip
        ax.axvline(1 / (2 * alpha), color=color, ls=":", lw=1)
    ax.set(yscale="log", xlabel=r"exponent of the weights $\rho$")
    ax.set_ylabel("exponent of $1/d$ in the error")
    ax.legend(title="measured")
    return figure
