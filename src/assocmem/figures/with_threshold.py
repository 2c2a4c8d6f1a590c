"""The figures of the chapter on Proposition 3: they draw what the notebook computed."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from assocmem.figures.style import AXIS_LABELS, colored, colors, plot_band, plot_reference


def draw_schemes(summary: pd.DataFrame, laws: pd.DataFrame, slope: float) -> Figure:
    """Draw the error of the schemes against d, one panel for each number of tokens.

    Args:
        summary: as `summarize` returns it, with the columns ``n_tokens`` and ``scheme``.
        laws: columns ``n_tokens``, ``dim``, ``tipping`` (the d at which P = N), and ``threshold``
            and ``fill`` (predicted errors).
        slope: exponent of the frequency scheme, drawn as a line through its last point.
    """
    vocabularies = sorted(summary["n_tokens"].unique())
    width = 4.9 * len(vocabularies)
    figure, axes = plt.subplots(
        1, len(vocabularies), figsize=(width, 4.4), sharey=True, squeeze=False
    )
    palette = dict(zip(("fill", "frequency", "threshold"), colors(), strict=False))
    for ax, n_tokens in zip(axes[0], vocabularies, strict=True):
        panel = summary[summary["n_tokens"] == n_tokens]
        law = laws[laws["n_tokens"] == n_tokens]
        for scheme, color in palette.items():
            curve = panel[panel["scheme"] == scheme]
            plot_band(ax, curve, "dim", label=scheme, marker="o", ms=4, color=color)
            if scheme in law:
                plot_reference(ax, law["dim"], law[scheme], color=color)
            else:
                line = curve["mean"].iloc[-1] * (curve["dim"] / curve["dim"].iloc[-1]) ** slope
                plot_reference(ax, curve["dim"], line, color=color)
        tipping = law["tipping"].iloc[0]
        if tipping <= law["dim"].max():
            ax.axvline(tipping, color="0.4", ls=":", lw=1.2)
            ax.annotate("P = N ", (tipping, 2e-5), ha="right", color="0.3")
        ax.set(title=f"N = {n_tokens}", ylim=(1e-5, 1.2))
        ax.label_outer()
    axes[0, 0].legend(title="simulation", loc="lower left")
    return figure


def draw_bounds(bounds: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Draw the proven bounds of Proposition 3 over d, with the exact law between them.

    Args:
        bounds: columns ``rho``, ``dim``, ``lower``, ``upper`` and ``law``.
        summary: as `summarize` returns it, with the column ``rho``.
    """
    figure, ax = plt.subplots(figsize=(7.0, 4.6))
    for color, (rho, bound) in colored(bounds.groupby("rho")):
        ax.fill_between(bound["dim"], bound["lower"], bound["upper"], color=color, alpha=0.2, lw=0)
        ax.plot(bound["dim"], bound["upper"], color=color, lw=1)
        ax.plot(bound["dim"], bound["lower"], color=color, lw=1)
        plot_reference(ax, bound["dim"], bound["law"], color=color)
        curve = summary[summary["rho"] == rho]
        ax.plot(curve["dim"], curve["mean"], "o", color=color, label=f"ρ = {rho:g}")
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS["dim"], ylabel=AXIS_LABELS["error"])
    ax.legend(title="exact law")
    return figure


def draw_choice(best: pd.DataFrame, choice: pd.DataFrame, alpha: float) -> Figure:
    """Draw, left, the error times d^(α−1) of several thresholds, and, right, the best threshold.

    Args:
        best: as `best_threshold` returns it, with the column ``asymptote``.
        choice: columns ``scheme``, ``dim``, ``mean`` and ``floor`` (NaN where there is none).
        alpha: Zipf exponent α.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.4))
    smallest = best["mean"].to_numpy(float) * best["dim"].to_numpy(float) ** (alpha - 1)
    left.plot(best["dim"], smallest, "o-", color="black", ms=4, label="best P, ρ = 0")
    for color, (name, curve) in colored(choice.groupby("scheme", sort=False)):
        factor = curve["dim"].to_numpy(float) ** (alpha - 1)
        left.plot(curve["dim"], curve["mean"] * factor, color=color, label=name)
        left.plot(curve["dim"], curve["floor"] * factor, color=color, ls=":")
    left.set(ylim=(0.7 * smallest.min(), 30 * smallest.min()), yscale="log")
    left.set_ylabel(r"expected error times $d^{\alpha-1}$")
    left.legend(fontsize="small")
    reach = [best["n_stored"] - best["low"], best["high"] - best["n_stored"]]
    right.errorbar(best["dim"], best["n_stored"], reach, fmt="o", color="black", label="best P")
    plot_reference(right, best["dim"], best["asymptote"], "asymptote")
    right.set(yscale="log", ylabel="number of stored tokens $P$")
    right.legend()
    for ax in (left, right):
        ax.set(xscale="log", xlabel=AXIS_LABELS["dim"])
    return figure


def draw_maps(summary: pd.DataFrame) -> Figure:
    """Draw the mean error over (d, T), one heat map for each scheme.

    Args:
        summary: as `summarize` returns it.
    """
    schemes = list(dict.fromkeys(summary["scheme"]))
    figure, axes = plt.subplots(1, len(schemes), figsize=(9.6, 4.2), sharey=True, squeeze=False)
    for ax, scheme in zip(axes[0], schemes, strict=True):
        table = summary[summary["scheme"] == scheme]
        table = table.pivot(index="n_samples", columns="dim", values="mean")
        mesh = ax.pcolormesh(
            table.columns, table.index, table, vmin=0, vmax=1, cmap="viridis", rasterized=True
        )
        ax.set(xscale="log", yscale="log", title=scheme, xlabel=AXIS_LABELS["dim"])
        ax.grid(visible=False)
    axes[0, 0].set_ylabel(AXIS_LABELS["n_samples"])
    figure.colorbar(mesh, ax=axes[0, -1], label=AXIS_LABELS["error"])
    return figure
