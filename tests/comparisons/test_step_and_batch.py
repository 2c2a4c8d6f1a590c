import numpy as np
import pandas as pd
import pytest

from assocmem.comparisons import batch_gaps, best_looks, schedule_gaps
from assocmem.verdicts import estimate_mean

ONCE, OFTEN = "× 0.03 after a tenth", "× 0.1 each tenth"


def errors(table: pd.DataFrame, **at: object) -> np.ndarray:
    for name, value in at.items():
        table = table[table[name] == value]
    return table.sort_values("trial")["error"].to_numpy()


def schedules(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[30, 10], ["large", "small", OFTEN, ONCE], [100, 600, 800, 1000], range(5)],
        names=["n_tokens", "schedule", "step", "trial"],
    )
    return pd.DataFrame({"error": rng.random(len(index))}, index=index).reset_index()


def test_gaps_of_schedules_are_of_the_same_runs() -> None:
    published, runs = schedules(0), schedules(1)
    runs = runs[runs["n_tokens"] == 30].drop(columns="n_tokens")
    found = schedule_gaps(published, runs)

    def gap(one: str, other: str, n: int = 30, step: int = 1000) -> np.ndarray:
        return errors(published, n_tokens=n, step=step, schedule=one) - errors(
            published, n_tokens=n, step=step, schedule=other
        )

    expected = {
        "step.even": (gap("large", "small"), gap("large", "small", 10)),
        "step.large": (gap("large", "small", step=100), gap("large", ONCE)),
        "step.decay": (gap(ONCE, "large"), gap(OFTEN, ONCE)),
    }
    for name, pair in expected.items():
        assert found[name] == tuple(estimate_mean(each) for each in pair), name
    shaken = {}
    for name in ("large", OFTEN, ONCE):
        looks = [errors(runs, schedule=name, step=step) for step in (600, 800, 1000)]
        shaken[name] = (abs(looks[1] - looks[0]) + abs(looks[2] - looks[1])) / 2
    values = [gap.value for gap in found["step.trembling"]]
    means = [(shaken[ONCE] - shaken[other]).mean() for other in ("large", OFTEN)]
    assert values == pytest.approx(means)


def test_the_best_and_the_last_look_are_compared_with_the_least_loss() -> None:
    runs = schedules(2)
    runs = runs[runs["n_tokens"] == 30].drop(columns="n_tokens")
    least = np.linspace(0, 0.4, 5)
    looks = np.array([errors(runs, schedule="large", step=step) for step in (100, 600, 800, 1000)])
    best, last = best_looks(runs, least)
    assert best.value == pytest.approx((looks.min(axis=0) - least).mean())
    assert last.value == pytest.approx((looks[-1] - least).mean())


def test_batches_are_compared_at_equal_samples_and_at_equal_steps() -> None:
    rng = np.random.default_rng(3)
    index = pd.MultiIndex.from_product(
        [["SGD", "Adam"], ["1", "10", "100"], [True, False], range(4)],
        names=["learner", "batch", "equal_steps", "trial"],
    )
    curves = pd.DataFrame({"error": rng.random(len(index))}, index=index).reset_index()
    curves["equal_samples"] = ~curves["equal_steps"]
    found = batch_gaps(curves, [10, 1, 100], ["SGD", "Adam"])
    assert list(found) == [
        f"batch.{at}-{m}" for at in ("samples", "steps") for m in ("sgd", "adam")
    ]
    ends = {
        (look, size): errors(curves, learner="Adam", batch=size, equal_steps=look == "steps")
        for look in ("samples", "steps") for size in ("1", "100")
    }  # fmt: skip
    small = [estimate_mean(ends[at, "1"] - ends[at, "100"]) for at in ("samples", "steps")]
    large = [estimate_mean(ends[at, "100"] - ends[at, "1"]) for at in ("steps", "samples")]
    assert found["batch.samples-adam"] == tuple(small)
    assert found["batch.steps-adam"] == tuple(large)
