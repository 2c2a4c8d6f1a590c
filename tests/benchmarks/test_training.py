"""The benchmark of training runs, on the smallest sizes; nothing is timed here."""

import pytest

from benchmarks.report import table
from benchmarks.training import measure_figures, measure_grid, section, trainings

pytestmark = pytest.mark.slow


def test_every_figure_is_measured() -> None:
    found = measure_figures("0.002")["figures"]
    assert [name for name, _, _ in found] == list(dict.fromkeys(t.figure for t in trainings()))
    assert all(mine > 0 and plain > 0 for _, mine, plain in found)


def test_the_grid_is_measured() -> None:
    assert min(measure_grid("1").values()) > 0


def test_the_section_has_ratios() -> None:
    found = {
        "grid": {"hours": 2.0, "plain_hours": 16.0},
        "figures": {"figures": [["figure 4", 2.0, 100.0], ["batch size", 3.0, 50.0]]},
    }
    text = section(found.__getitem__, table)
    assert "**8.0×**" in text
    assert "| figure 4 | 100 | 2.0 | 50× |" in text
    assert "| **all** | 150 | **5.0** | **30×** |" in text
