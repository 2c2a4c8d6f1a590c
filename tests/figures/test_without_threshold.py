from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from assocmem import set_theme
from assocmem.figures.without_threshold import draw_collapse, draw_exponents

mpl.use("Agg")


@pytest.fixture(autouse=True)
def theme() -> Iterator[None]:
    with mpl.rc_context():
        set_theme()
        yield
        plt.close("all")


def test_the_slope_goes_through_the_middle_of_the_window() -> None:
    ratio = np.geomspace(1, 1e4, 9)
    curve = {"rho": 0.5, "case": "r = 2", "n_tokens": 1000, "ratio": ratio, "exponent": -0.5}
    table = pd.DataFrame({**curve, "mean": ratio**-0.5})
    points = pd.DataFrame({"rho": [0.5], "ratio": [10.0], "mean": [0.3]})
    (ax,) = draw_collapse(table, points).axes
    slope = next(line for line in ax.lines if line.get_label() == "slope of Proposition 2")
    x, y = np.asarray(slope.get_xdata()), np.asarray(slope.get_ydata())
    np.testing.assert_allclose(y, x**-0.5)
    assert [note.get_text() for note in ax.texts] == ["slope -0.5"]


def test_a_circle_for_each_exponent_and_its_curve_by_name() -> None:
    table = pd.DataFrame({"alpha": [2.0, 2.0, 3.0], "rho": [0.1, 1.0, 0.5]})
    table["measured"] = -(table["alpha"] - 1) / (2 * table["rho"] * table["alpha"])
    (ax,) = draw_exponents(table.assign(low=table["measured"], high=table["measured"])).axes
    assert sorted(note.get_text() for note in ax.texts) == ["$α = 2$", "$α = 3$"]
    circles = [c.lines[0] for c in ax.containers]
    assert [float(y) for c in circles for y in np.asarray(c.get_ydata())] == pytest.approx(
        [2.5, 0.25, 2 / 3]
    )
