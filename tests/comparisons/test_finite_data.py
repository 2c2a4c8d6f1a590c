import math

import numpy as np
import pytest

from assocmem import ZipfTask, simulate_unseen
from assocmem.comparisons import law_and_range, unseen_curves
from assocmem.theory import proposition_1_asymptote, proposition_1_error, proposition_1_remainder


def test_curves_are_those_of_each_task_with_a_generator_of_its_own() -> None:
    tasks = [ZipfTask(alpha, math.inf, 5) for alpha in (1.5, 3.0)]
    runs, curves = unseen_curves(tasks, [10, 100], trials=6, seed=4)
    for task, rng in zip(tasks, np.random.default_rng(4).spawn(2), strict=True):
        table = simulate_unseen(task, [10, 100], trials=6, rng=rng)
        mine = runs[runs["alpha"] == task.alpha]
        assert mine["error"].tolist() == table["error"].tolist()
        curve = curves[curves["alpha"] == task.alpha].set_index("n_samples")
        for size in (10, 100):
            errors = table[table["n_samples"] == size]["error"]
            assert curve["mean"][size] == pytest.approx(errors.mean())
            assert curve["low"][size] == pytest.approx(np.quantile(errors, 0.16))
            assert curve["exact"][size] == proposition_1_error(task, size)
            assert curve["law"][size] == proposition_1_asymptote(task.alpha, size)


def test_the_range_has_the_ends_of_the_remainder_and_every_vocabulary() -> None:
    table = law_and_range(1.5, [10, 10_000], [10, 1000])
    below, above = proposition_1_remainder(1.5, [10, 10_000])
    assert table["below"].tolist() == below.tolist()
    assert table["above"].tolist() == above.tolist()
    for n, column in ((10, "N = 10"), (1000, "N = 1000"), (math.inf, "N = inf")):
        exact = proposition_1_error(ZipfTask(1.5, n, 1), [10, 10_000])
        assert table[column].tolist() == exact.tolist()
    ratio = table["N = inf"] / table["law"]
    assert table["second_order"][1] == pytest.approx(ratio[1], abs=1e-7)
