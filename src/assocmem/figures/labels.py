"""Words at the ends of lines, in place of a legend."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties


def label_ends(ax: Axes, gap: float = 1.25) -> None:
    """Write the label of each line at its right end, in its colour, in place of a legend.

    Args:
        ax: where lines with labels have been drawn; its limits and scales are final.
        gap: smallest distance of two labels, in heights of a line of text.

    Example:
        >>> ax = plt.figure().gca()
        >>> _ = ax.plot([1, 2], [1, 2], label="rising")
        >>> label_ends(ax)
    """
    # a logarithmic axis has no place for 0: such points are no end, and a line of them has none
    least = [0.0 if scale == "log" else -np.inf for scale in (ax.get_xscale(), ax.get_yscale())]
    curves = [(line, np.asarray(line.get_xydata())) for line in ax.get_lines()]
    curves = [(line, points[(points > least).all(axis=1)]) for line, points in curves]
    named = [not str(line.get_label()).startswith("_") for line, _ in curves]
    curves = [each for each, has in zip(curves, named, strict=True) if has and len(each[1])]
    size = FontProperties(size=plt.rcParams["legend.fontsize"]).get_size_in_points()
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    step = gap * size * figure.dpi / 72
    ends = [ax.transData.transform(points[-1]) for _, points in curves]
    order = np.argsort([end[1] for end in ends])
    wanted = np.clip([ends[i][1] for i in order], ax.bbox.y0, ax.bbox.y1)
    rank = step * np.arange(len(order))
    # no label closer to the one below than a step; where that leads beyond the top, all below give way
    heights = np.maximum.accumulate(wanted - rank) + rank
    heights = np.minimum(heights, ax.bbox.y1 + rank - (rank[-1] if len(rank) else 0.0))
    for i, height in zip(order, heights, strict=True):
        line, points = curves[i]
        ax.annotate(
            str(line.get_label()),
            points[-1],
            xytext=(6, (height - ends[i][1]) * 72 / figure.dpi),
            textcoords="offset points",
            va="center",
            color=line.get_color(),
            fontsize=size,
            annotation_clip=False,
        )
