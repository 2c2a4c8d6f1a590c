"""A grid of one's own has the runs that its cells ask for."""

from assocmem.published_grid import load_grid, run_grid
from assocmem.published_grid.runs import GRID


def test_a_grid_of_ones_own_has_the_published_runs() -> None:
    found = run_grid([10], [64], [1.0], [1024], seeds=2, jobs=1)
    assert len(found) == 3 * 2 * 2 * 2
    both = found.merge(load_grid(), on=list(GRID))
    assert len(both) == len(found)
    assert (both["error_x"] - both["error_y"]).abs().median() < 1e-6
