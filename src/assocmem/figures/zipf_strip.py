"""The Zipf strip: all mass of the tokens side by side, and what of it is lost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from assocmem.parameters import refuse

#: Tokens that are named below a strip, where there is room.
_NAMED = (1, 2, 3, 4, 5, 7, 10, 20, 50, 100, 1000)
#: Least distance of two names, as a part of the strip.
_ROOM = 0.022


def draw_zipf_strip(
    ax: Axes,
    masses: ArrayLike,
    kept: ArrayLike,
    *,
    title: str = "",
    color: str = "#4a90c4",
    named: Sequence[int] = _NAMED,
) -> float:
    r"""Draw the tokens as cells of a strip, as wide as they are probable: what is lost is hatched.

    .. math:: \mathcal E = \sum_x p(x) (1 - \text{kept}(x)), \qquad
        \text{area of the cell of } x = p(x)

    The strip is as long as all mass, so that the hatched part of its area *is* the error. What
    ``masses`` lacks to 1 stands at the right end as tokens that are too rare to list, all lost.

    Args:
        ax: where to draw; it gets no other axis than the names of some tokens.
        masses: p(x) of the tokens 1, …, n, shape (n,); together at most 1.
        kept: the part of each that is not lost, from 0 to 1, shape (n,): whether it is recalled, or
            how likely.
        title: what is written left of the strip.
        color: of what is kept.
        named: tokens that may be named below.

    Returns:
        The hatched area, which is written right of the strip.

    Raises:
        ValueError: for masses of more than 1, or parts outside of [0, 1].

    Example:
        >>> import matplotlib.pyplot as plt
        >>> figure, ax = plt.subplots()
        >>> round(draw_zipf_strip(ax, [0.5, 0.3], [1, 0.5]), 6)  # 0.15, and the 0.2 not listed
        0.35
        >>> plt.close(figure)
    """
    p, share = np.asarray(masses, dtype=np.float64), np.asarray(kept, dtype=np.float64)
    if p.sum() > 1 + 1e-9 or (p < 0).any():
        raise refuse("masses", masses, "≥ 0, and together at most 1")
    if share.shape != p.shape or (share < 0).any() or (share > 1).any():
        raise refuse("kept", kept, f"from 0 to 1, shape {p.shape}")
    edges = np.append(np.concatenate([[0.0], np.cumsum(p)]), 1.0)
    edges = np.minimum(edges, 1.0)
    heights = np.append(share, 0.0)
    lost = float(np.diff(edges) @ (1 - heights))
    ax.stairs(heights, edges, fill=True, color=color)
    hatched: dict[str, Any] = {
        "facecolor": "white",
        "edgecolor": "0.25",
        "hatch": "/////",
        "linewidth": 0,
    }
    ax.stairs(np.ones(len(heights)), edges, baseline=heights, fill=True, **hatched)
    wide = edges[1:-1][p > 0.004]
    ax.vlines(wide, 0, 1, color="white", lw=0.8)
    ax.stairs([1], [0, 1], color="0.25", lw=0.8)
    centres = (edges[:-2] + edges[1:-1]) / 2
    shown: list[int] = []
    for token in named:
        if token <= len(p) and (
            not shown or centres[token - 1] - centres[shown[-1] - 1] > _ROOM * len(str(token))
        ):
            shown.append(token)
    ax.set_xticks(centres[np.array(shown, dtype=int) - 1], [str(token) for token in shown])
    ax.tick_params(length=0, pad=1)
    ax.set_yticks([0.5], [title])
    ax.annotate(f"lost: {lost:.1%}".replace("%", " %"), (1.01, 0.5), va="center")
    ax.set(xlim=(0, 1.13), ylim=(-0.02, 1.02))
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return lost
