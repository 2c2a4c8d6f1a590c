"""The look of the figures, and the few that recur."""

import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle
from typing import Any, TypeVar

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from assocmem.display import FIGURE_MIME, display

T = TypeVar("T")
#: Words for the symbols of the axes.
AXIS_LABELS = {
    "dim": "dimension $d$",
    "n_samples": "number of samples $T$",
    "error": r"generalization error $\mathcal{E}$",
}


def set_theme() -> None:
    """Set seaborn's theme and colour-blind-safe palette; the same data then give the same file."""
    sns.set_theme(
        style="whitegrid",
        palette="colorblind",
        rc={
            "figure.figsize": (7.0, 4.2),
            "figure.constrained_layout.use": True,
            "svg.hashsalt": "assocmem",
            "grid.alpha": 0.4,
            "legend.frameon": True,
        },
    )


def colors() -> list[str]:
    """The colours of the palette, to give a curve and what belongs to it the same one."""
    return list(sns.color_palette("colorblind").as_hex())


def colored(curves: Iterable[T]) -> Iterator[tuple[str, T]]:
    """Each curve with a colour of the palette, which begins again where they are more.

    Args:
        curves: what is drawn, in its order.

    Example:
        >>> len(list(colored(range(25))))
        25
    """
    return zip(cycle(colors()), curves, strict=False)


def plot_band(
    ax: Axes,
    summary: pd.DataFrame,
    x: str,
    *,
    label: str,
    spread: str = "std",
    scale: float = 0.5,
    **line: Any,
) -> None:
    """Draw a mean with a band of ± ``scale`` times its spread, on logarithmic axes.

    Args:
        ax: where to draw.
        summary: as `summarize` returns it, for one curve.
        x: column of the horizontal axis.
        label: name of the curve in the legend.
        spread: ``std`` (over trials) or ``sem`` (of the mean).
        scale: half-width of the band, in units of the spread; the paper shows ± ½ standard
            deviation.
        **line: passed on to the line.
    """
    curve = summary.sort_values(x)
    half = scale * curve[spread]
    (drawn,) = ax.plot(curve[x], curve["mean"], label=label, **line)
    # A band that reaches zero has no lower edge on a logarithmic axis: cut it far below the means.
    floor = curve["mean"][curve["mean"] > 0].min() / 100
    low = np.maximum(curve["mean"] - half, floor)
    ax.fill_between(curve[x], low, curve["mean"] + half, color=drawn.get_color(), alpha=0.2, lw=0)
    ax.set(xscale="log", yscale="log", xlabel=AXIS_LABELS.get(x, x), ylabel=AXIS_LABELS["error"])


def plot_reference(
    ax: Axes, x: ArrayLike, y: ArrayLike, label: str | None = None, **line: Any
) -> None:
    """Draw a law or bound to compare with: a dashed line behind the data.

    Args:
        ax: where to draw.
        x: places, shape (n,).
        y: values of the law, shape (n,).
        label: name of the line in the legend.
        **line: passed on to the line.
    """
    style = {"linestyle": "--", "color": "0.25", "linewidth": 1.4, "zorder": 1.5, **line}
    ax.plot(x, y, label=label, **style)


def plot_memory(
    ax: Axes,
    memory: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    title: str = "",
    size: float = 4,
    **heatmap: Any,
) -> None:
    """Draw the probabilities of the outputs given each token; a dot marks the right output.

    Args:
        ax: where to draw.
        memory: probabilities, shape (N, M); tokens go across, outputs down.
        labels: right output f*(x) of each token, shape (N,).
        title: title of the panel.
        size: size of the dots.
        **heatmap: passed on to `seaborn.heatmap`.
    """
    style = {"cmap": "viridis", "linewidths": 0.3, "vmin": 0, "vmax": 1, "cbar": False, **heatmap}
    sns.heatmap(memory.T, ax=ax, **style)
    ax.plot(np.arange(len(labels)) + 0.5, labels + 0.5, "o", ms=size, mfc="white", mec="black")
    ax.set_title(title)


def show_figure(figure: Figure, name: str, data: pd.DataFrame | Mapping[str, Any]) -> None:
    """Show a figure under a notebook's cell, with the numbers it was drawn from.

    Args:
        figure: what to show; it is closed afterwards.
        name: name of the data file in the book, letters, digits and dashes.
        data: the plotted numbers, a table or columns of equal length.
    """
    picture = io.StringIO()
    figure.savefig(picture, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    table = pd.DataFrame(data)
    bundle = {
        "image/svg+xml": picture.getvalue(),
        "text/plain": f"<figure {name}: {len(table)} rows of data>",
        FIGURE_MIME: {"name": name, "csv": table.to_csv(index=False, lineterminator="\n")},
    }
    display(bundle)
