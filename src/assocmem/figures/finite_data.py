"""The figures of the chapter on Proposition 1: they draw what the notebook computed."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assocmem.figures.style import (
    AXIS_LABELS,
    WIDTH,
    colored,
    draw_bounds,
    draw_law,
    draw_simulation,
    label_ends,
    plot_reference,
)
from assocmem.figures.zipf_strip import draw_zipf_strip


def draw_unseen(masses: NDArray[np.floating], n_samples: Sequence[int]) -> Figure:
    """Draw a Zipf strip for each number of samples: each token filled as far as it is seen.

    Args:
        masses: p(x) of the tokens 1, …, n, shape (n,).
        n_samples: sizes T, the smallest first.
    """
    figure, axes = plt.subplots(len(n_samples), 1, figsize=(WIDTH, 0.95 * len(n_samples) + 0.2))
    for ax, size in zip(np.atleast_1d(axes), n_samples, strict=True):
        draw_zipf_strip(ax, masses, 1 - (1 - masses) ** size, title=f"$T = {size}$")
    ax.set_xlabel("token $x$; its cell is as wide as $p(x)$")
    return figure


def draw_error(curves: pd.DataFrame) -> Figure:
    """Draw simulated and exact error and asymptotic law against T.

    Args:
        curves: columns ``alpha``, ``n_samples``, ``mean``, ``low`` and ``high`` (quantiles over
            trials), ``exact`` and ``law``.
    """
    figure, ax = plt.subplots()
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["n_samples"], ylabel=AXIS_LABELS["error"])
    for color, (alpha, curve) in colored(curves.groupby("alpha")):
        sizes, mean = curve["n_samples"], curve["mean"]
        # where trials are few or skewed the mean may lie outside of the quantiles
        spread = [(mean - curve["low"]).clip(lower=0), (curve["high"] - mean).clip(lower=0)]
        plot_reference(ax, sizes, curve["law"], color=color)
        draw_law(ax, sizes, curve["exact"], label=f"$α = {alpha:g}$")
        draw_simulation(ax, sizes, mean, spread, color=color)
    label_ends(ax)
    return figure


def draw_range(curves: pd.DataFrame, alpha: float) -> Figure:
    """Draw, left, exact error over law with the proven remainder, and, right, finite vocabularies.

    Args:
        curves: columns ``n_samples``, ``law``, ``below``, ``above``, ``second_order`` and, for each
            number of tokens N, ``N = …`` with the exact error.
        alpha: Zipf exponent α, which places the mark T = N^α.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.4))
    sizes, law = curves["n_samples"], curves["law"]
    draw_bounds(left, sizes, 1 + curves["below"] / law, 1 + curves["above"] / law, label="proven")
    draw_law(left, sizes, curves["N = inf"] / law, label="exact")
    plot_reference(left, sizes, curves["second_order"], "second order", color="C1", linewidth=2.2)
    left.set(ylim=(0.6, 1.2), ylabel="expected error / asymptotic law")
    left.legend(loc="lower right")

    names = [str(name) for name in curves.columns]
    finite = [name for name in names if name.startswith("N = ") and name != "N = inf"]
    right.set(yscale="log", ylim=(1e-7, 1.5), ylabel=r"expected error $\mathbb{E}[\mathcal{E}]$")
    for color, name in colored(finite):
        n_tokens = int(name.removeprefix("N = "))
        right.plot(sizes, curves[name], color=color)
        right.axvline(n_tokens**alpha, color=color, ls=":", lw=1.2)
        right.annotate(
            f"$N = {n_tokens}$", (n_tokens**alpha, 1e-7), xytext=(-3, 4), rotation=90,
            textcoords="offset points", color=color, ha="right", va="bottom",
        )  # fmt: skip
    plot_reference(right, sizes, law, "law, $N = ∞$")
    right.legend(loc="upper right")
    for ax in (left, right):
        ax.set(xscale="log", xlabel="number of samples $T$")
    return figure
