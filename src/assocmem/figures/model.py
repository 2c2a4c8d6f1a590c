"""The figures of the chapter on the model: they draw what the notebook computed."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assocmem.figures.style import colors, plot_memory


def _arrow(ax: Axes, start: NDArray[np.floating], end: NDArray[np.floating], color: str) -> None:
    style = {"arrowstyle": "-|>", "color": color, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=tuple(end), xytext=tuple(start), arrowprops=style)


def _plane(ax: Axes, points: NDArray[np.floating], title: str, axis: str) -> None:
    reach = 1.25 * np.abs(points).max()
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)
    ax.set(xlabel=f"first coordinate of {axis}", ylabel=f"second coordinate of {axis}")
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.axvline(0, color="0.8", lw=0.8, zorder=0)


def draw_interference(
    inputs: NDArray[np.floating],
    outputs: NDArray[np.floating],
    contributions: NDArray[np.floating],
) -> Figure:
    """Draw how the memories of other tokens pull the recall of the first token astray, for d = 2.

    Args:
        inputs: e_1, e_2, …, shape (n, 2).
        outputs: u_1, u_2, …, shape (n, 2).
        contributions: q(k) (e_k·e_1) u_k, whose sum is W e_1, shape (n, 2).
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.6))
    path = np.vstack([np.zeros(2), np.cumsum(contributions, axis=0)])
    for k, color in zip(range(len(inputs)), colors(), strict=False):
        _arrow(left, np.zeros(2), inputs[k], color)
        left.annotate(f"$e_{k + 1}$", tuple(1.1 * inputs[k]), color=color, ha="center", va="center")
        _arrow(right, np.zeros(2), outputs[k], color)
        label = tuple(1.15 * outputs[k])
        right.annotate(f"$u_{k + 1}$", label, color=color, ha="center", va="center")
        right.plot(*path[k : k + 2].T, color=color, lw=1.4, ls="--")
    _arrow(right, np.zeros(2), path[-1], "black")
    right.annotate("$We_1$", tuple(1.12 * path[-1]), ha="center", va="center")
    _plane(left, inputs, "inputs", "the input space")
    _plane(right, np.vstack([path, outputs]), "outputs and recall of token 1", "the output space")
    return figure


def draw_matrices(
    matrices: Mapping[str, NDArray[np.floating]], labels: NDArray[np.integer]
) -> Figure:
    """Draw the probabilities of the outputs given each token; a dot marks the right output.

    Args:
        matrices: softmax of the scores, shape (N, M) each, by title.
        labels: right output f*(x) of each token, shape (N,).
    """
    columns = 2
    rows = -(-len(matrices) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9.2, 2.6 * rows), squeeze=False)
    bar: Any = {"cbar": True, "cbar_kws": {"label": "probability"}}
    for ax, (title, matrix) in zip(axes.flat, matrices.items(), strict=False):
        tokens = range(1, len(labels) + 1)
        plot_memory(ax, matrix, labels, title=title, xticklabels=tokens, **bar)
        ax.set(xlabel="token $x$", ylabel="output $y$")
    for ax in list(axes.flat)[len(matrices) :]:
        ax.set_visible(False)
    return figure
