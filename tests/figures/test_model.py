import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import Wedge

from assocmem.figures.model import draw_interference
from assocmem.figures.style import colors

mpl.use("Agg")
INPUTS = np.array([[1, 0], [0.8, 0.6], [0.6, -0.8]])
OUTPUTS = np.array([[1, 0], [0, 1], [-0.6, 0.8]])
PARTS = (INPUTS @ INPUTS[0])[:, None] * OUTPUTS
NAMES = [("France", "Paris"), ("Japan", "Tokyo"), ("Egypt", "Cairo")]


@pytest.fixture
def figure() -> mpl.figure.Figure:
    drawn = draw_interference(INPUTS, OUTPUTS, PARTS, NAMES)
    mpl.pyplot.close(drawn)
    return drawn


def test_a_cone_holds_what_is_recalled_as_its_output(figure: mpl.figure.Figure) -> None:
    cones = [patch for patch in figure.axes[1].patches if isinstance(patch, Wedge)]
    color = {mpl.colors.to_hex(cone.get_facecolor()): cone for cone in cones}
    for angle in np.arange(3.5, 360, 10):
        vector = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        cone = color[colors()[int((OUTPUTS @ vector).argmax())]]
        assert (angle - cone.theta1) % 360 <= (cone.theta2 - cone.theta1) % 360


def test_a_bar_ends_with_the_parts_of_its_score(figure: mpl.figure.Figure) -> None:
    """Parts of one sign stand end to end: the reach to the right less that to the left is the score."""
    bars = [patch for patch in figure.axes[2].patches if isinstance(patch, mpl.patches.Rectangle)]
    assert len(bars) == 9
    for y, score in enumerate(OUTPUTS @ (PARTS.sum(axis=0))):
        ends = [
            (b.get_x(), b.get_x() + b.get_width()) for b in bars if round(b.get_y() + 0.25) == y
        ]
        low = min(0, *(min(pair) for pair in ends))
        high = max(0, *(max(pair) for pair in ends))
        assert high + low == pytest.approx(score)
    diamonds = figure.axes[2].lines[0]
    np.testing.assert_allclose(np.asarray(diamonds.get_xdata()), [0.64, 1.28, 0.64])
