from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from assocmem import ZipfTask, set_theme
from assocmem.comparisons import law_and_range, unseen_curves
from assocmem.figures.finite_data import draw_error, draw_range, draw_unseen

mpl.use("Agg")


@pytest.fixture
def theme() -> Iterator[None]:
    with mpl.rc_context():
        set_theme()
        yield
        plt.close("all")


def named(figure: Figure, name: str) -> Any:
    return next(line for ax in figure.axes for line in ax.lines if line.get_label() == name)


@pytest.mark.usefixtures("theme")
def test_a_strip_for_each_number_of_samples_with_what_is_lost() -> None:
    masses = np.array([0.6, 0.4])
    figure = draw_unseen(masses, [1, 2])
    lost = [ax.texts[0].get_text() for ax in figure.axes]
    assert lost == ["lost: 48.0 %", f"lost: {0.6 * 0.16 + 0.4 * 0.36:.1%}".replace("%", " %")]


@pytest.mark.usefixtures("theme")
def test_the_exact_sum_is_black_and_named_at_its_end() -> None:
    tasks = [ZipfTask(alpha, 50, 5) for alpha in (1.5, 3.0)]
    _, curves = unseen_curves(tasks, [1, 10, 100], trials=5, seed=0)
    figure = draw_error(curves)
    for alpha in (1.5, 3.0):
        line = named(figure, f"$α = {alpha:g}$")
        assert line.get_color() == "black"
        exact = curves[curves["alpha"] == alpha]["exact"]
        assert np.asarray(line.get_ydata()).tolist() == exact.tolist()
    assert len(figure.axes[0].texts) == 2


@pytest.mark.usefixtures("theme")
def test_the_end_of_each_vocabulary_is_marked() -> None:
    figure = draw_range(law_and_range(2.0, [1, 10, 1000], [10, 100]), 2.0)
    right = figure.axes[1]
    marks = [line.get_xdata()[0] for line in right.lines if line.get_linestyle() == ":"]
    assert marks == [100, 10_000]
    assert [note.get_text() for note in right.texts] == ["$N = 10$", "$N = 100$"]
    ratio = np.asarray(named(figure, "exact").get_ydata())
    assert ratio[-1] == pytest.approx(1, abs=1e-3)
