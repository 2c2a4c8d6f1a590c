"""The figures of the chapter on Proposition 3: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assocmem.figures.style import (
    AXIS_LABELS,
    WIDTH,
    colored,
    draw_law,
    label_ends,
    plot_band,
    plot_reference,
    scheme,
)
from assocmem.figures.style import (
    draw_bounds as shade_bounds,
)
from assocmem.figures.ticks import round_ticks


def draw_split(parts: pd.DataFrame, dim: int) -> Figure:
    """Draw the error against the threshold P as two stacked areas, its causes.

    Args:
        parts: as `error_by_threshold` returns it.
        dim: dimension d of the memory.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.3))
    stored, error = parts["n_stored"], parts["error"]
    guessed, crowd = scheme("threshold")["color"], scheme("fill")["color"]
    look = {"facecolor": "none", "edgecolor": guessed, "hatch": "////", "linewidth": 0}
    ax.fill_between(stored, 0, parts["not_stored"], **look)
    ax.fill_between(stored, parts["not_stored"], error, color=crowd, alpha=0.35, linewidth=0)
    draw_law(ax, stored, error)
    first, last, least = (parts.iloc[i] for i in (0, -1, int(error.argmin())))
    ax.plot(least["n_stored"], least["error"], "o", color="black", zorder=4)
    ax.annotate(
        f"P = {least['n_stored']:.0f}: {least['error']:.1%}", (least["n_stored"], least["error"]),
        xytext=(0, 40), textcoords="offset points", ha="center", va="bottom",
        arrowprops={"arrowstyle": "-", "color": "0.3"},
    )  # fmt: skip
    if first["n_stored"] < dim < last["n_stored"]:
        height = float(np.interp(dim, stored, error))
        ax.plot(dim, height, "o", color="black", mfc="white", zorder=4)
        ax.annotate(
            f"P = d: {height:.0%}", (dim, height),
            xytext=(7, -3), textcoords="offset points", va="top",
        )  # fmt: skip
    ax.text(1.1, 0.93 * first["error"], "  not stored: guessed", color=guessed, va="bottom")
    ax.text(0.8 * last["n_stored"], 0.25 * last["error"], "crowded out", color=crowd, ha="right")
    ax.annotate(f"{last['error']:.0%} ", (last["n_stored"], last["error"]), ha="right", va="bottom")
    ax.set(xscale="log", xlim=(stored.min(), stored.max()), ylim=(0, 1.15 * error.max()))
    ax.set(xlabel="number of stored tokens $P$", ylabel=AXIS_LABELS["error"], title=f"d = {dim}")
    return figure


def draw_schemes(summary: pd.DataFrame, laws: pd.DataFrame, slope: float) -> Figure:
    """Draw the error of the schemes against d, one panel for each number of tokens.

    Args:
        summary: as `summarize` returns it, with the columns ``n_tokens`` and ``scheme``.
        laws: as `proposition_3_laws` returns it, for each number of tokens.
        slope: exponent of the frequency scheme, drawn as a line through its last point.
    """
    sizes = sorted(summary["n_tokens"].unique())
    figure, axes = _panels(len(sizes), 3.4)
    for ax, n_tokens in zip(axes, sizes, strict=True):
        panel, law = (table[table["n_tokens"] == n_tokens] for table in (summary, laws))
        for name in ("fill", "frequency", "threshold"):
            curve, look = panel[panel["scheme"] == name], scheme(name, "color", "marker")
            plot_band(ax, curve, "dim", label=name, ls="", ms=4, **look)
            x, y = (
                curve["dim"],
                curve["mean"].iloc[-1] * (curve["dim"] / curve["dim"].max()) ** slope,
            )
            if name in law:
                x, y = law["dim"], law[name]
            plot_reference(ax, x, y, color=look["color"])
        full = law.loc[law["n_stored"] >= n_tokens, "dim"]
        if len(full):
            ax.axvline(full.min(), color="0.4", ls=":", lw=1.2)
            ax.annotate("P = N ", (full.min(), 2e-5), ha="right", color="0.3")
        ax.set(title=f"N = {n_tokens}", ylim=(1e-5, 1.2))
        ax.label_outer()
    label_ends(axes[-1])
    return figure


def draw_bounds(bounds: pd.DataFrame, proven: pd.DataFrame) -> Figure:
    """Draw the proven bounds of Proposition 3 over d, with the exact law between them.

    Args:
        bounds: as `proposition_3_bounds` returns it.
        proven: the exact law, as `proven_errors` returns it.
    """
    rhos = sorted(bounds["rho"].unique())
    figure, axes = _panels(len(rhos), 3.2)
    for ax, rho in zip(axes, rhos, strict=True):
        bound = bounds[bounds["rho"] == rho]
        means = proven[proven["rho"] == rho].groupby("dim")["error"].mean()
        shade_bounds(ax, bound["dim"], bound["lower"], bound["upper"])
        plot_reference(ax, bound["dim"], bound["guesses"], "guessing")
        ax.plot(means.index, means, "o", color="black", label="exact law")
        ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["dim"], title=f"ρ = {rho:g}")
    axes[0].set_ylabel(AXIS_LABELS["error"])
    axes[-1].legend(loc="lower left")
    return figure


def draw_choice(best: pd.DataFrame, choice: pd.DataFrame, alpha: float) -> Figure:
    """Draw, left, the error times d^(α−1) of several thresholds, and, right, the best threshold.

    Args:
        best: as `best_thresholds` returns it.
        choice: columns ``scheme``, ``dim``, ``mean`` and ``floor`` (NaN where there is none).
        alpha: Zipf exponent α.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.4), width_ratios=(4, 3))
    smallest = best["mean"].to_numpy(float) * best["dim"].to_numpy(float) ** (alpha - 1)
    dashes = ["--", "-.", (0, (5, 1, 1, 1)), (0, (2, 1))]
    draw_law(left, best["dim"], smallest, marker="o", ms=4, label="best P")
    curves = zip(dashes, choice.groupby("scheme", sort=False), strict=False)
    top = 30 * smallest.min()
    for color, (dash, (name, curve)) in colored(curves):
        factor = curve["dim"].to_numpy(float) ** (alpha - 1)
        inside = curve["mean"] * factor <= top
        left.plot(
            curve["dim"][inside], (curve["mean"] * factor)[inside], color=color, ls=dash, label=name
        )
        left.plot(curve["dim"], curve["floor"] * factor, color=color, ls=":", lw=1.2)
    left.set(ylim=(0.7 * smallest.min(), top), yscale="log")
    left.set_ylabel(r"expected error times $d^{\alpha-1}$")
    reach = [best["n_stored"] - best["low"], best["high"] - best["n_stored"]]
    right.errorbar(best["dim"], best["n_stored"], reach, fmt="o", color="black", label="best P")
    plot_reference(right, best["dim"], best["asymptote"], "balance")
    right.set(yscale="log", ylabel="number of stored tokens $P$")
    right.legend()
    for ax in (left, right):
        ax.set(xscale="log", xlabel=AXIS_LABELS["dim"])
    round_ticks(left.yaxis)
    label_ends(left)
    return figure


def draw_maps(summary: pd.DataFrame) -> Figure:
    """Draw the mean error over (d, T), one heat map for each scheme.

    Args:
        summary: as `summarize` returns it.
    """
    schemes = list(dict.fromkeys(summary["scheme"]))
    figure, axes = _panels(len(schemes), 3.2)
    for ax, name in zip(axes, schemes, strict=True):
        table = summary[summary["scheme"] == name]
        table = table.pivot(index="n_samples", columns="dim", values="mean")
        mesh = ax.pcolormesh(
            table.columns, table.index, table, vmin=0, vmax=1, cmap="viridis", rasterized=True
        )
        ax.set(xscale="log", yscale="log", title=name, xlabel=AXIS_LABELS["dim"])
        ax.grid(visible=False)
    axes[0].set_ylabel(AXIS_LABELS["n_samples"])
    figure.colorbar(mesh, ax=axes[-1], label=AXIS_LABELS["error"])
    return figure


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    """Panels side by side, as wide as the page."""
    figure, axes = plt.subplots(1, count, figsize=(WIDTH, height), sharey=True, squeeze=False)
    return figure, list(axes[0])
