import base64
import io
import itertools
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from assocmem import set_theme, show_figure
from assocmem.figures import plot_band, plot_memory, plot_reference
from assocmem.figures.style import (
    FIGURE_MIME,
    PALETTE,
    SCHEMES,
    colored,
    colors,
    label_ends,
    scheme,
)

mpl.use("Agg")
SUMMARY = pd.DataFrame(
    {"dim": [100, 10], "mean": [0.1, 0.5], "std": [0.4, 0.2], "sem": [0.01, 0.02]}
)


@pytest.fixture
def ax() -> Iterator[Axes]:
    with mpl.rc_context():
        set_theme()
        figure, axes = plt.subplots()
        yield axes
        plt.close(figure)


def band_edges(ax: Axes, x: float) -> list[float]:
    vertices = ax.collections[0].get_paths()[0].vertices
    return sorted({float(y) for at, y in np.asarray(vertices) if at == x})


def test_a_band_is_the_mean_and_half_a_standard_deviation(ax: Axes) -> None:
    plot_band(ax, SUMMARY, "dim", label="q", color="red")
    (line,) = ax.lines
    np.testing.assert_array_equal(np.asarray(line.get_xdata()), [10, 100])
    np.testing.assert_array_equal(np.asarray(line.get_ydata()), [0.5, 0.1])
    assert band_edges(ax, 10) == pytest.approx([0.4, 0.6])
    # 0.1 ± 0.2 would reach below zero: the band stops at 1 % of the smallest mean.
    assert band_edges(ax, 100) == pytest.approx([0.001, 0.3])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_xlabel() == "dimension $d$"
    assert ax.get_legend_handles_labels()[1] == ["q"]


def test_a_band_of_standard_errors(ax: Axes) -> None:
    plot_band(ax, SUMMARY, "dim", label="q", spread="sem", scale=2)
    assert band_edges(ax, 10) == pytest.approx([0.46, 0.54])


def test_a_reference_is_dashed(ax: Axes) -> None:
    plot_reference(ax, np.array([1, 2]), np.array([3, 4]), "law", color="blue")
    (line,) = ax.lines
    assert (line.get_linestyle(), line.get_color(), line.get_label()) == ("--", "blue", "law")


def test_a_memory_shows_every_probability_and_marks_the_right_outputs(ax: Axes) -> None:
    memory = np.arange(6.0).reshape(3, 2) / 6
    plot_memory(ax, memory, np.array([1, 0, 1]), title="t", cbar=True)
    np.testing.assert_array_equal(ax.collections[0].get_array(), memory.T)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[0.5, 1.5], [1.5, 0.5], [2.5, 1.5]])
    assert ax.get_title() == "t"
    assert len(ax.figure.axes) == 2
    figure, other = plt.subplots()
    plot_memory(other, memory, np.array([0, 0, 0]))
    assert len(figure.axes) == 1
    plt.close(figure)


def test_a_figure_is_shown_with_its_numbers_and_twice_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("assocmem.figures.style.display", shown.append)
    with mpl.rc_context():
        set_theme()
        for _ in range(2):
            figure, axes = plt.subplots()
            plot_band(axes, SUMMARY, "dim", label="q")
            show_figure(figure, "curve", SUMMARY)
    assert not plt.get_fignums()
    assert shown[0] == shown[1]
    assert "<svg" in shown[0]["image/svg+xml"]
    assert shown[0][FIGURE_MIME]["name"] == "curve"
    small = base64.b64decode(shown[0][FIGURE_MIME]["small"])
    assert small.startswith(b"\x89PNG")
    assert len(small) < 30_000
    numbers = pd.read_csv(io.StringIO(shown[0][FIGURE_MIME]["csv"]))
    pd.testing.assert_frame_equal(numbers, SUMMARY)


def test_more_curves_than_colours_begin_the_palette_again() -> None:
    found = list(colored(range(25)))
    assert [curve for _, curve in found] == list(range(25))
    assert [color for color, _ in found] == (4 * colors())[:25]


def brightness(color: str) -> float:
    """Relative luminance, as the guidelines for accessible pages define it."""
    channels = np.array(mpl.colors.to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_lines_and_words_stand_out_on_white() -> None:
    assert min(1.05 / (brightness(color) + 0.05) for color in PALETTE) >= 4.5
    assert 1.05 / (brightness("#de8f05") + 0.05) < 3  # an orange that would not


def test_each_scheme_differs_in_colour_marker_and_dash() -> None:
    for key in ("color", "marker", "linestyle"):
        assert len({str(scheme(name)[key]) for name in SCHEMES}) == len(SCHEMES)
    with pytest.raises(ValueError, match="name = 'other' is not valid; valid range: one of fill"):
        scheme("other")


@pytest.mark.parametrize("top", [0.0, 0.5, 1.0])
def test_labels_at_the_ends_of_lines_keep_their_distance_and_order(ax: Axes, top: float) -> None:
    ax.set(xlim=(0, 1), ylim=(0, 1))
    heights = [top, top, top, 0.2, top]
    for number, height in enumerate(heights):
        ax.plot([0, 1], [height, height], label=f"line {number}")
    ax.plot([0, 1], [0.9, 0.9])  # no label, no words
    label_ends(ax)
    assert sorted(note.get_text() for note in ax.texts) == [f"line {n}" for n in range(5)]
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    boxes = sorted((note.get_window_extent() for note in ax.texts), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in itertools.pairwise(boxes))
    assert boxes[-1].y1 <= ax.bbox.y1 + boxes[-1].height
    if top == 1:
        assert ax.texts[0].get_text() == "line 3"


def test_a_line_that_falls_to_zero_ends_where_a_logarithmic_axis_can_show_it(ax: Axes) -> None:
    ax.set(xscale="log", yscale="log", xlim=(1, 1000), ylim=(1e-3, 1))
    ax.plot([1, 10, 100, 1000], [0.5, 0.1, 0.01, 0.0], label="falls to zero")
    ax.plot([0, 10, 100], [0.9, 0.7, np.nan], label="breaks off")
    ax.plot([1, 1000], [0.0, 0.0], label="always zero")
    label_ends(ax)
    assert {note.get_text(): tuple(note.xy) for note in ax.texts} == {
        "falls to zero": (100, 0.01),
        "breaks off": (10, 0.7),
    }
    offsets = [note.get_position()[1] for note in ax.texts]
    np.testing.assert_allclose(offsets, 0, atol=1e-9)
    ax.clear()
    ax.plot([0, 1], [0.5, 0.0], label="linear")
    label_ends(ax)
    assert [tuple(note.xy) for note in ax.texts] == [(1, 0)]
