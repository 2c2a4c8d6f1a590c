"""What readers see of the pictures of chapters 5 to 8: places and words, and odd cases."""

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from assocmem.figures import finite_data_and_memory, gradient, minimax, set_theme, with_threshold

mpl.use("Agg")


@pytest.fixture(autouse=True)
def theme() -> Iterator[None]:
    with mpl.rc_context():
        set_theme()
        yield
        plt.close("all")


def words(figure: Figure) -> set[str]:
    return {text.get_text().strip() for text in figure.findobj(mpl.text.Text)}


def test_the_two_causes_add_up_to_the_error() -> None:
    parts = pd.DataFrame({"n_stored": [1, 10, 100, 1000], "not_stored": [0.3, 0.05, 0.005, 0.0]})
    parts = parts.assign(crowded_out=[0.0, 0.01, 0.2, 0.6])
    parts["error"] = parts["not_stored"] + parts["crowded_out"]
    figure = with_threshold.draw_split(parts, 100)
    (ax,) = figure.axes
    lower, upper = (area.get_paths()[0].vertices for area in ax.collections[:2])
    assert lower[:, 1].max() == 0.3
    assert upper[:, 1].max() == pytest.approx(0.6)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), parts["error"])
    assert {"P = 10: 6.0%", "P = d: 20%", "not stored: guessed", "crowded out"} <= words(figure)


def test_bars_above_the_level_are_counted() -> None:
    shares = pd.DataFrame({"weights": ["a"] * 3 + ["b"] * 3, "token": [1, 2, 3] * 2})
    shares["share"] = [0.8, 0.15, 0.05, 0.4, 0.35, 0.25]
    assert {"a: 2 above", "b: 3 above"} <= words(minimax.draw_shares(shares, 0.1))


def test_a_rate_without_a_proven_bound() -> None:
    rates = pd.DataFrame(
        {"scheme": ["p", "q"] * 2, "dim": [10, 10, 20, 20], "ratio": [2.0, 3, 4, 5]}
    )
    found = words(minimax.draw_rate(rates.assign(lower=0.1, upper=1.0)))
    assert {"p", "q"} <= found
    assert "proven, 0.4" not in found
    assert "proven, 0.4" in words(minimax.draw_rate(rates.assign(lower=0.1, upper=0.9)))


def test_a_map_has_lines_where_there_are_such_errors() -> None:
    grid = pd.DataFrame(
        [(d, t) for d in (10, 100) for t in (10, 100)], columns=["dim", "n_samples"]
    )
    line = pd.DataFrame({"dim": [10, 100], "n_samples": [20.0, 60.0]})
    some = finite_data_and_memory.draw_map(grid.assign(mean=[0.3, 0.15, 0.15, 0.04]), line)
    assert {"20 %", "10 %", "$T_*(d)$"} <= words(some)
    far = line.assign(n_samples=1e6)
    none = words(finite_data_and_memory.draw_map(grid.assign(mean=0.3), far))
    assert not {"20 %", "$T_*(d)$"} & none


def test_a_step_begins_where_the_memory_was() -> None:
    outputs = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    points = {"before": np.array([0.0, 0.5]), "after": np.array([0.6, 0.3]), "wrong": np.zeros(2)}
    weights = pd.DataFrame({"learning_rate": [0.1, 0.1, 10, 10], "p": [0.6, 0.4] * 2})
    figure = gradient.draw_step(outputs, 0, points, weights.assign(weight=[3.0, 1, 9, 9]))
    arrows = [t for t in figure.axes[0].texts if getattr(t, "arrow_patch", None) is not None]
    assert any(a.xy == (0.6, 0.3) and tuple(a.xyann) == (0.0, 0.5) for a in arrows)
    assert {"$u_0$", "$u_2$", "step", "γ = 0.1", "γ = 10"} <= words(figure)
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), [1, 1 / 3])
