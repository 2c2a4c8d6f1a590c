"""The figures of the chapter on Proposition 1: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import colored, plot_band, plot_reference


def draw_error(curves: pd.DataFrame) -> Figure:
    """Draw simulated and exact error and asymptotic law against T.

    Args:
        curves: columns ``alpha``, ``n_samples``, ``mean``, ``std``, ``exact`` and ``law``.
    """
    figure, ax = plt.subplots()
    for color, (alpha, curve) in colored(curves.groupby("alpha")):
        sizes = curve["n_samples"]
        plot_band(ax, curve, "n_samples", label=f"α = {alpha:g}", marker="o", ls="", color=color)
        ax.plot(sizes, curve["exact"], color=color)
        plot_reference(ax, sizes, curve["law"], color=color)
    ax.legend(title="simulation")
    return figure


def draw_range(curves: pd.DataFrame, alpha: float) -> Figure:
    """Draw, left, exact error over law with the proven remainder, and, right, finite vocabularies.

    Args:
        curves: columns ``n_samples``, ``law``, ``below``, ``above``, ``second_order`` and, for each
            number of tokens N, ``N = …`` with the exact error.
        alpha: Zipf exponent α, which places the mark T = N^α.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2))
    sizes, law = curves["n_samples"], curves["law"]
    left.plot(sizes, curves["N = inf"] / law, "o", ms=4, label="exact")
    left.plot(sizes, curves["second_order"], color="C1", label="second order")
    band = (1 + curves["below"] / law, 1 + curves["above"] / law)
    left.fill_between(sizes, *band, color="0.5", alpha=0.2, lw=0, label="proven")
    left.set(ylim=(0.6, 1.2), ylabel="expected error / asymptotic law")

    names = [str(name) for name in curves.columns]
    finite = [name for name in names if name.startswith("N = ") and name != "N = inf"]
    for color, name in colored(finite):
        right.plot(sizes, curves[name], color=color, label=name)
        right.axvline(int(name.removeprefix("N = ")) ** alpha, color=color, ls=":", lw=1.2)
    plot_reference(right, sizes, law, "law, N = ∞")
    right.set(yscale="log", ylim=(1e-7, 1.5), ylabel=r"expected error $\mathbb{E}[\mathcal{E}]$")
    for ax in (left, right):
        ax.set(xscale="log", xlabel="number of samples $T$")
        ax.legend()
    return figure
