from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from assocmem import set_theme
from assocmem.figures.finite_memory import draw_signals
from assocmem.figures.style import scheme

mpl.use("Agg")


def curve(name: str, ratios: list[float]) -> pd.DataFrame:
    tokens = np.arange(1, len(ratios) + 1)
    return pd.DataFrame({"name": name, "token": tokens, "ratio": ratios})


def drawn(*curves: pd.DataFrame) -> Any:
    with mpl.rc_context():
        set_theme()
        names = [str(c["name"].iloc[0]) for c in curves]
        figure = draw_signals(pd.concat(curves), {name: f"{name}!" for name in names})
        plt.close(figure)
    return figure.axes[0]


def test_a_ring_marks_where_a_curve_meets_the_noise_level() -> None:
    ax = drawn(curve("frequency", [16.0, 4.0, 16 / 9, 1.0, 16 / 25]), curve("fill", [0.5] * 5))
    (ring,) = [line for line in ax.lines if line.get_markersize() == 9]
    assert ring.get_xdata()[0] == pytest.approx(4.0)  # 16 / x² = 1; what is always below has none
    assert ring.get_markeredgecolor() == scheme("frequency")["color"]
    assert sorted(text.get_text() for text in ax.texts if "!" in text.get_text()) == [
        "fill!", "frequency!",
    ]  # fmt: skip


def test_what_is_not_stored_is_not_drawn_but_where_it_begins() -> None:
    ax = drawn(curve("threshold", [5.0, 5.0, 0.0, 0.0]), curve("frequency", [9.0, 3, 2, 1.5]))
    line, drop = [line for line in ax.lines if line.get_color() == scheme("threshold")["color"]]
    assert line.get_xdata().tolist() == [1, 2]
    assert drop.get_xdata().tolist() == [2, 2]


def test_a_token_without_noise_reaches_the_top() -> None:
    ax = drawn(curve("a", [np.inf, 2.0]), curve("b", [3.0, 0.5]))
    line = next(line for line in ax.lines if line.get_label() == "a!")
    assert line.get_ydata()[0] == ax.get_ylim()[1] == 6.0
