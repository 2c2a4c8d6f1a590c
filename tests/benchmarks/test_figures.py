"""The benchmark runs, and compares two programs that compute the same; nothing is timed here."""

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.figures import FIGURES, Figure
from benchmarks.report import draw_cost, same_mean
from benchmarks.run import direct, law, plain
from tests.oracles import check_probability

pytestmark = pytest.mark.slow

TINY = {
    "law": Figure("", 2.0, 12, ("fill", "frequency", "threshold"), (5, 16, 40)),
    "data": Figure("", 1.1, 12, ("fill", "frequency", "threshold"), (5, 16, 40), (3, 30)),
}


@pytest.mark.parametrize("name", TINY)
def test_the_plain_algorithm_and_the_direct_simulation_agree(name: str) -> None:
    seconds, ours = direct(TINY[name], 120)
    for dtype in ("float32", "float64"):
        plain_seconds, theirs = plain(TINY[name], 120, dtype)
        assert ours.shape == theirs.shape == (120, 9 if name == "law" else 18)
        spread = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / 119)
        # five standard errors: 4·10⁻⁷ for each of 54 points
        assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) <= 5 * spread + 1e-12).all()
        assert same_mean(ours, theirs, 299) > 0.005
        assert min(seconds, plain_seconds) > 0


def test_another_law_is_told_apart() -> None:
    _, ours = direct(TINY["law"], 200)
    _, theirs = plain(TINY["law"], 200, "float32")
    theirs[:, 1] += 0.1
    assert same_mean(ours, theirs, 299) == pytest.approx(1 / 300)


def test_permutations_refuse_at_their_rate() -> None:
    rng = np.random.default_rng(0)
    skewed = rng.exponential(size=(400, 20, 6)) ** 3
    p_values = np.array([same_mean(both[:8], both[8:], 99) for both in skewed])
    refused = np.count_nonzero(p_values <= 0.05)
    check_probability(refused, 400, 0.05)


@pytest.mark.parametrize("name", TINY)
def test_the_law_reaches_the_wanted_standard_error_with_few_draws(name: str) -> None:
    _, errors = plain(TINY[name], 50, "float32")
    sems = errors.std(axis=0, ddof=1) / 50**0.5
    seconds, draws, ratio = law(TINY[name], sems)
    assert seconds > 0
    assert draws % 16 == 0
    assert ratio <= 1
    _, more, still = law(TINY[name], sems / 2)
    assert more > draws
    assert still <= 1


def test_the_cost_is_drawn(tmp_path: Path) -> None:
    cost = {"tokens": [[100, 3.0], [10**4, 4.0], [math.inf, 5.0]], "dims": [[2, 3.0], [100, 9.0]]}
    draw_cost(cost, tmp_path / "cost.svg")
    drawn = (tmp_path / "cost.svg").read_text()
    draw_cost(cost, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == drawn
    assert drawn.rstrip().endswith("</svg>")


def test_the_figures_are_on_the_published_grids() -> None:
    sizes = {name: (len(f.dims), len(f.n_samples or [0])) for name, f in FIGURES.items()}
    assert sizes == {"fig1": (6, 4), "right100": (20, 1), "right1000": (20, 1), "heat": (30, 30)}
    assert {f.dims[0] for f in FIGURES.values()} == {10}
    assert {f.dims[-1] for f in FIGURES.values()} == {1000}
