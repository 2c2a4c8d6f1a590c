"""The look of the figures, and the few that recur."""

import base64
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
from assocmem.figures.labels import label_ends as label_ends
from assocmem.parameters import refuse

T = TypeVar("T")
#: Words for the symbols of the axes.
AXIS_LABELS = {
    "dim": "dimension $d$",
    "n_samples": "number of samples $T$",
    "error": r"generalization error $\mathcal{E}$",
}
#: Inches that the column of a page gives to a figure.
WIDTH = 7.0
#: Dots an inch of the small picture that the table of contents shows.
_SMALL = 50
#: Dark enough on white for lines (3 : 1), and told apart by the colour-blind.
PALETTE = ("#0072b2", "#c04a00", "#00795c", "#9a4c95", "#7a5200", "#c2255c", "#4d4d4d", "#3d4fb8")
#: The schemes of the paper look the same in all figures: colour, marker, dash.
SCHEMES: dict[str, dict[str, Any]] = {
    "fill": {"color": PALETTE[1], "marker": "s", "linestyle": (0, (5, 2))},
    "frequency": {"color": PALETTE[0], "marker": "o", "linestyle": "-"},
    "threshold": {"color": PALETTE[2], "marker": "^", "linestyle": (0, (5, 1, 1, 1))},
}


def set_theme() -> None:
    """Set seaborn's theme and colour-blind-safe palette; the same data then give the same file.

    Example:
        >>> set_theme()
    """
    sns.set_theme(
        style="whitegrid",
        palette=list(PALETTE),
        rc={
            "figure.figsize": (WIDTH, 3.75),
            "figure.constrained_layout.use": True,
            "font.size": 9.5,
            **dict.fromkeys(("axes.labelsize", "axes.titlesize"), 10),
            **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 9),
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "svg.hashsalt": "assocmem",
            "grid.alpha": 0.4,
            "legend.frameon": True,
        },
    )


def scheme(name: str, *options: str) -> dict[str, Any]:
    """How a scheme of the paper is drawn: keyword arguments of `matplotlib.axes.Axes.plot`.

    Args:
        name: ``fill``, ``frequency`` or ``threshold``.
        *options: which of ``color``, ``marker`` and ``linestyle``; all, unless told.

    Raises:
        ValueError: for another name.

    Example:
        >>> scheme("frequency", "marker")
        {'marker': 'o'}
    """
    if name not in SCHEMES:
        raise refuse("name", name, f"one of {', '.join(SCHEMES)}")
    return {key: SCHEMES[name][key] for key in options or SCHEMES[name]}


def draw_law(ax: Axes, x: ArrayLike, y: ArrayLike, **line: Any) -> None:
    """Draw an exact law: a solid black line.

    Args:
        ax: where to draw.
        x: places, shape (n,).
        y: values of the law, shape (n,).
        **line: passed on to the line.

    Example:
        >>> draw_law(plt.figure().gca(), [10, 100], [0.5, 0.1])
    """
    ax.plot(x, y, **{"color": "black", "linewidth": 1.6, "zorder": 2.5, **line})


def draw_simulation(
    ax: Axes, x: ArrayLike, y: ArrayLike, spread: ArrayLike | None = None, **points: Any
) -> None:
    """Draw simulated values: open circles, with error bars where a spread is given.

    Args:
        ax: where to draw.
        x: places, shape (n,).
        y: values, shape (n,).
        spread: half-lengths of the error bars, shape (n,) or (2, n).
        **points: passed on to `matplotlib.axes.Axes.errorbar`.

    Example:
        >>> draw_simulation(plt.figure().gca(), [10, 100], [0.5, 0.1], [0.05, 0.02])
    """
    look = {"fmt": "o", "color": "0.2", "mfc": "white", "ms": 5, "lw": 1.2, "zorder": 3, **points}
    ax.errorbar(x, y, spread, **look)


def draw_bounds(ax: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, **area: Any) -> None:
    """Draw proven bounds: a hatched grey area between them.

    Args:
        ax: where to draw.
        x: places, shape (n,).
        low: lower bounds, one or n.
        high: upper bounds, one or n.
        **area: passed on to `matplotlib.axes.Axes.fill_between`.

    Example:
        >>> draw_bounds(plt.figure().gca(), [10, 100], [0.1, 0.01], [1.0, 0.5])
    """
    look = {"facecolor": "0.93", "edgecolor": "0.6", "hatch": "///", "linewidth": 0.6, "zorder": 1}
    ax.fill_between(x, low, high, **{**look, **area})


def colors() -> list[str]:
    """The colours of the palette, to give a curve and what belongs to it the same one.

    Example:
        >>> all(color.startswith("#") for color in colors())
        True
    """
    return list(PALETTE)


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
        scale: half-width of the band, in units of the spread, ½ in the paper.
        **line: passed on to the line.

    Example:
        >>> table = pd.DataFrame({"dim": [10, 100], "mean": [0.5, 0.1], "std": [0.1, 0.05]})
        >>> plot_band(plt.figure().gca(), table, "dim", label="fill")
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

    Example:
        >>> plot_reference(plt.figure().gca(), [10, 100], [0.1, 0.01], label="1/d")
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

    Example:
        >>> plot_memory(plt.figure().gca(), np.eye(3), np.array([0, 1, 2]))
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

    Example:
        >>> show_figure(plt.figure(), "law", {"dim": [10, 100], "error": [0.5, 0.1]})
        <figure law: 2 rows of data>
    """
    picture, small = io.StringIO(), io.BytesIO()
    figure.savefig(picture, format="svg", bbox_inches="tight", metadata={"Date": None})
    figure.savefig(small, format="png", dpi=_SMALL, metadata={"Software": None})
    plt.close(figure)
    table = pd.DataFrame(data)
    numbers = {"name": name, "csv": table.to_csv(index=False, lineterminator="\n")}
    bundle = {
        "image/svg+xml": picture.getvalue(),
        "text/plain": f"<figure {name}: {len(table)} rows of data>",
        FIGURE_MIME: {**numbers, "small": base64.b64encode(small.getvalue()).decode()},
    }
    display(bundle)
