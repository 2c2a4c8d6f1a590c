"""The figures of the chapter on the model: they draw what the notebook computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Wedge
from numpy.typing import NDArray

from assocmem.figures.style import WIDTH, colors, plot_memory


def _arrow(ax: Axes, start: NDArray[np.floating], end: NDArray[np.floating], color: str) -> None:
    style = {"arrowstyle": "-|>", "color": color, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=tuple(end), xytext=tuple(start), arrowprops=style)


def _name(ax: Axes, tip: NDArray[np.floating], name: str, color: str) -> None:
    """Write the name of an arrow beyond its tip."""
    right, up = tip / np.linalg.norm(tip)
    centred: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "textcoords": "offset points",
        "color": color,
    }
    ax.annotate(name, tuple(tip), xytext=(18 * right, 14 * up - 11 * (abs(up) < 0.5)), **centred)


def _plane(ax: Axes, points: NDArray[np.floating], title: str) -> None:
    reach = 1.45 * np.abs(points).max()
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)
    ax.grid(visible=False)
    ax.set_xticks([-1, 0, 1])
    ax.set_yticks([-1, 0, 1])
    ax.axhline(0, color="0.75", lw=0.8, zorder=0)
    ax.axvline(0, color="0.75", lw=0.8, zorder=0)


def _cones(ax: Axes, outputs: NDArray[np.floating]) -> None:
    """Shade, in the colour of each unit output, the vectors that are recalled as it: a sector."""
    angles = np.degrees(np.arctan2(outputs[:, 1], outputs[:, 0]))
    order = np.argsort(angles)
    turned = np.append(angles[order], angles[order[0]] + 360)
    borders = (turned[:-1] + turned[1:]) / 2
    for k, (start, end) in enumerate(zip(np.roll(borders, 1), borders, strict=True)):
        start = start - 360 if start > end else start
        look = {"facecolor": colors()[order[k]], "alpha": 0.13, "lw": 0, "zorder": 0}
        ax.add_patch(Wedge((0, 0), 10, start, end, **look))


def draw_interference(
    inputs: NDArray[np.floating],
    outputs: NDArray[np.floating],
    contributions: NDArray[np.floating],
    names: Sequence[tuple[str, str]],
) -> Figure:
    """Draw how the memories of other tokens pull the recall of the first token astray, for d = 2.

    Left the inputs; in the middle the outputs, the cone of the vectors that are recalled as each, and
    the contributions head to tail; right the score of each output, split into contributions.

    Args:
        inputs: e_1, e_2, …, shape (n, 2).
        outputs: unit vectors u_1, u_2, …, shape (n, 2).
        contributions: q(k) (e_k·e_1) u_k, whose sum is W e_1, shape (n, 2).
        names: what token and output k are called.
    """
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.9), width_ratios=(1, 1, 1.05))
    left, middle, right = axes
    path = np.vstack([np.zeros(2), np.cumsum(contributions, axis=0)])
    _plane(left, inputs, "inputs")
    _plane(middle, np.vstack([path, outputs]), "outputs and recall")
    _cones(middle, outputs)
    parts = outputs @ contributions.T
    for k, (color, (token, output)) in enumerate(zip(colors(), names, strict=False)):
        _arrow(left, np.zeros(2), inputs[k], color)
        _arrow(middle, np.zeros(2), outputs[k], color)
        _name(left, inputs[k], f"{token} $e_{k + 1}$", color)
        _name(middle, outputs[k], f"{output} $u_{k + 1}$", color)
        middle.plot(*path[k : k + 2].T, color=color, lw=2.4, ls=(0, (2, 1)))
        # what points to the left begins where the earlier parts on the left end
        before = np.where(np.sign(parts[:, :k]) == np.sign(parts[:, k : k + 1]), parts[:, :k], 0)
        place = {"left": before.sum(axis=1), "height": 0.5, "color": color, "alpha": 0.75}
        right.barh(np.arange(len(outputs)), parts[:, k], **place)
    _arrow(middle, np.zeros(2), path[-1], "black")
    recalled = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
    middle.annotate("$We_1$", tuple(path[-1]), **recalled)
    totals = parts.sum(axis=1)
    right.plot(totals, np.arange(len(outputs)), "D", color="black", ms=6)
    for y, total in enumerate(totals):
        right.annotate(f"{total:.2f}", (total, y - 0.42), ha="center", va="center")
    right.axvline(0, color="0.4", lw=0.8)
    right.set(title=f"scores for {names[0][0]}", xlabel="score $u_y^\\top We_1$")
    right.set_yticks(np.arange(len(outputs)), [output for _, output in names])
    right.set_ylim(len(outputs) - 0.5, -0.6)
    right.margins(x=0.12)
    right.grid(visible=False, axis="y")
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
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, 2.2 * rows), squeeze=False)
    bar: Any = {"cbar": True, "cbar_kws": {"label": "probability"}}
    for ax, (title, matrix) in zip(axes.flat, matrices.items(), strict=False):
        tokens = range(1, len(labels) + 1)
        plot_memory(ax, matrix, labels, title=title, xticklabels=tokens, **bar)
        ax.set(xlabel="token $x$", ylabel="output $y$")
    for ax in list(axes.flat)[len(matrices) :]:
        ax.set_visible(False)
    return figure
