from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

from assocmem import ZipfTask
from assocmem.figures import draw_zipf_strip
from assocmem.theory import proposition_1_error

mpl.use("Agg")


@pytest.fixture
def ax() -> Iterator[Axes]:
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def area(patch: StepPatch) -> float:
    values, edges, baseline = patch.get_data()
    return float(np.diff(edges) @ (values - baseline))


def test_the_hatched_area_is_the_error_and_the_filled_one_the_rest(ax: Axes) -> None:
    task = ZipfTask(2.0, float("inf"), 1)
    masses = task.mass(np.arange(1, 501))
    lost = draw_zipf_strip(ax, masses, 1 - (1 - masses) ** 100)
    beyond = float(task.tail(500))
    assert lost == pytest.approx(float(proposition_1_error(task, 100)), abs=100 * beyond**2)
    filled, hatched = [p for p in ax.patches if isinstance(p, StepPatch)][:2]
    assert hatched.get_hatch()
    assert area(hatched) == pytest.approx(lost)
    assert area(filled) == pytest.approx(1 - lost)


def test_tokens_are_named_in_the_middle_of_their_cells_where_there_is_room(ax: Axes) -> None:
    draw_zipf_strip(ax, [0.6, 0.2, 0.1, 0.0001, 0.03], [1, 1, 0, 0, 0], title="strip")
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["1", "2", "3", "4"]  # 5 would stand on 4
    assert ax.get_xticks()[:2] == pytest.approx([0.3, 0.7])
    assert ax.get_yticklabels()[0].get_text() == "strip"
    assert [note.get_text() for note in ax.texts] == ["lost: 20.0 %"]


@pytest.mark.parametrize(
    ("masses", "kept", "name"),
    [([0.9, 0.2], [1, 1], "masses"), ([0.5], [1.1], "kept"), ([0.5], [1, 1], "kept")],
)
def test_what_is_no_mass_or_part_is_refused(
    ax: Axes, masses: list[float], kept: list[float], name: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name} = "):
        draw_zipf_strip(ax, masses, kept)
