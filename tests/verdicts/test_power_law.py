import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem import fit_power_law
from assocmem.verdicts import PowerLaw
from tests.oracles import check_probability, properties

DIMS = np.array([10, 20, 50, 100, 300])


def noisy_table(trials: int, spread: float, shared: bool, seed: int = 0) -> pd.DataFrame:
    """Errors 3 d^(-0.7) times noise, drawn for each point or shared by the points of a trial."""
    rng = np.random.default_rng(seed)
    noise = 1 + spread * rng.uniform(-1, 1, size=(trials, 1 if shared else len(DIMS)))
    errors = 3 * DIMS**-0.7 * noise * np.ones((trials, len(DIMS)))
    return pd.DataFrame(
        {
            "trial": np.repeat(np.arange(trials), len(DIMS)),
            "dim": np.tile(DIMS, trials),
            "error": errors.ravel(),
        }
    ).sample(frac=1, random_state=1)


def ends(law: PowerLaw) -> tuple[float, float]:
    return law.exponent.low, law.exponent.high


@given(st.floats(-3, 3), st.floats(1e-6, 1e6))
@properties
def test_an_exact_power_law_is_found(exponent: float, constant: float) -> None:
    table = pd.DataFrame({"trial": [0, 1] * 4, "n_samples": [1, 1, 10, 10, 40, 40, 100, 100]})
    table["error"] = constant * table["n_samples"] ** exponent
    law = fit_power_law(table, "n_samples", rng=np.random.default_rng(0), resamples=100)
    assert law.exponent.value == pytest.approx(exponent, abs=1e-9)
    assert law.constant == pytest.approx(constant, rel=1e-8)
    assert ends(law) == pytest.approx((exponent, exponent), abs=1e-9)
    assert (law.x_range, law.n_points) == (pytest.approx((1, 100)), 4)
    np.testing.assert_allclose(law(np.array([2, 3])), constant * np.array([2, 3]) ** exponent)


def test_the_slope_is_the_least_squares_slope_of_the_means() -> None:
    table = noisy_table(12, 0.5, shared=False)
    means = [table.loc[table["dim"] == d, "error"].mean() for d in DIMS]
    line = stats.linregress(np.log(DIMS), np.log(means))
    law = fit_power_law(table, "dim", rng=np.random.default_rng(0))
    assert law.exponent.value == pytest.approx(line.slope, rel=1e-10)
    assert law.constant == pytest.approx(math.exp(line.intercept), rel=1e-10)


def test_the_interval_is_the_percentile_bootstrap_over_trials() -> None:
    table = noisy_table(30, 0.5, shared=False)
    errors = table.pivot(index="trial", columns="dim", values="error").to_numpy()
    rng = np.random.default_rng(1)
    slopes = [
        np.polyfit(np.log(DIMS), np.log(errors[rng.integers(0, 30, size=30)].mean(axis=0)), 1)[0]
        for _ in range(4000)
    ]
    for level in (0.5, 0.9):
        law = fit_power_law(table, "dim", rng=np.random.default_rng(2), level=level, resamples=4000)
        expected = np.quantile(slopes, [(1 - level) / 2, (1 + level) / 2])
        assert ends(law) == pytest.approx(tuple(expected), abs=0.1 * np.std(slopes))
        assert law.exponent.level == level


def test_noise_shared_by_a_trial_does_not_widen_the_interval() -> None:
    shared = fit_power_law(noisy_table(30, 0.5, shared=True), "dim", rng=np.random.default_rng(0))
    assert ends(shared) == pytest.approx((-0.7, -0.7), abs=1e-9)
    own = fit_power_law(noisy_table(30, 0.5, shared=False), "dim", rng=np.random.default_rng(0))
    assert ends(own)[1] - ends(own)[0] > 0.01


@pytest.mark.slow
def test_the_interval_covers_the_exponent_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(200):
        law = fit_power_law(
            noisy_table(40, 0.5, shared=False, seed=seed), "dim",
            rng=np.random.default_rng(seed), level=0.8, resamples=200,
        )  # fmt: skip
        covered += ends(law)[0] <= -0.7 <= ends(law)[1]
    # The percentile bootstrap of 40 trials covers slightly less than it says: 0.80 → about 0.78.
    assert stats.binomtest(covered, 200, 0.78).pvalue > 1e-6


def test_only_the_range_of_the_fit_counts() -> None:
    table = noisy_table(5, 0.2, shared=False)
    spoiled = table.copy()
    spoiled.loc[~spoiled["dim"].between(20, 100), "error"] = 9.0
    law, same = (
        fit_power_law(t, "dim", rng=np.random.default_rng(0), x_min=20, x_max=100)
        for t in (table, spoiled)
    )
    assert law == same
    assert law.x_range == pytest.approx((20, 100))
    assert law.n_points == 3


@pytest.mark.slow
def test_students_interval_covers_at_its_level_where_trials_are_few() -> None:
    # 16 trials of small Gaussian noise that the points of a trial share in part; false failures 1e-6
    rng, covered, bootstrap = np.random.default_rng(0), 0, 0
    for _ in range(600):
        noise = rng.standard_normal((16, 1)) + rng.standard_normal((16, len(DIMS)))
        errors = 3 * DIMS**-0.7 * (1 + 1e-3 * noise)
        table = pd.DataFrame(errors, columns=DIMS).melt(
            ignore_index=False, var_name="dim", value_name="error"
        )
        table = table.reset_index(names="trial").astype({"dim": float})
        low, high = ends(fit_power_law(table, "dim", resamples=None, level=0.9))
        covered += low <= -0.7 <= high
        low, high = ends(fit_power_law(table, "dim", rng=rng, resamples=99, level=0.9))
        bootstrap += low <= -0.7 <= high
    check_probability(covered, 600, 0.9)
    assert bootstrap < covered  # why so few trials are not resampled


def test_students_interval_is_that_of_the_jackknife() -> None:
    table = noisy_table(40, 0.2, shared=False)
    law = fit_power_law(table, "dim", resamples=None, level=0.95)
    left_out = [
        fit_power_law(table[table["trial"] != k], "dim", resamples=None).exponent.value
        for k in range(40)
    ]
    sem = math.sqrt(39 / 40 * np.square(np.array(left_out) - np.mean(left_out)).sum())
    half = sem * stats.t.ppf(0.975, 39)
    assert ends(law) == pytest.approx(
        (law.exponent.value - half, law.exponent.value + half), abs=0.03 * half
    )
    with pytest.raises(ValueError, match="rng"):
        fit_power_law(table, "dim")


def two_points(errors: list[tuple[float, float]]) -> pd.DataFrame:
    """One trial after the other, at x = 1 and x = e: the slope is a difference of logarithms."""
    rows = [
        (k, x, e) for k, row in enumerate(errors) for x, e in zip((1.0, math.e), row, strict=True)
    ]
    return pd.DataFrame(rows, columns=["trial", "x", "error"])


@pytest.mark.parametrize("rng", [None, np.random.default_rng(0)])
def test_students_interval_by_hand(rng: np.random.Generator | None) -> None:
    # Means 4 and 2. Errors over the means: (1, 3/2), (1/2, 1/2), (3/2, 1), with slopes 1/2, 0, −1/2:
    # a standard deviation of 1/2 for three trials.
    table = two_points([(4.0, 3.0), (2.0, 1.0), (6.0, 2.0)])
    law = fit_power_law(table, "x", rng=rng, resamples=None, level=0.9)
    half = 0.5 / math.sqrt(3) * stats.t(2).isf(0.05)
    assert law.exponent.value == pytest.approx(-math.log(2))
    assert ends(law) == pytest.approx((-math.log(2) - half, -math.log(2) + half))
    assert law.constant == pytest.approx(4)


def test_resamples_without_any_error_have_no_slope() -> None:
    # Trials without an error at the second x: of 27 resamples, the 8 that miss the third trial drop out.
    table = two_points([(1.0, 0.0), (1.0, 0.0), (1.0, 0.5)])
    law = fit_power_law(table, "x", rng=np.random.default_rng(0), level=0.99)
    assert ends(law) == pytest.approx((math.log(0.5 / 3), math.log(0.5)))


def test_two_thousand_resamples_and_every_positive_x_unless_told_otherwise() -> None:
    table = noisy_table(9, 0.5, shared=False)
    table["dim"] = table["dim"] / 100
    usual = fit_power_law(table, "dim", rng=np.random.default_rng(0))
    told = fit_power_law(
        table, "dim", rng=np.random.default_rng(0), x_min=0.1, x_max=3.0, level=0.99, resamples=2000
    )
    assert usual == told


def test_one_resample_is_enough_for_an_interval_without_width() -> None:
    law = fit_power_law(
        noisy_table(9, 0.5, False), "dim", rng=np.random.default_rng(0), resamples=1
    )
    assert ends(law)[0] == ends(law)[1]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"level": 0.0}, "level"),
        ({"level": 1.0}, "level"),
        ({"resamples": 0}, "resamples"),
        ({"x": "n_samples"}, "x"),
        ({"x_min": 200}, "number of dim and trials"),
        ({"table": noisy_table(1, 0.5, False)}, "number of dim and trials"),
        ({"table": pd.concat([noisy_table(3, 0.5, False)] * 2)}, "table"),
    ],
)  # fmt: skip
def test_a_table_without_a_slope_is_refused(change: dict[str, Any], name: str) -> None:
    usual = {"table": noisy_table(3, 0.5, False), "x": "dim", "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid"):
        fit_power_law(**{**usual, **change})  # type: ignore[arg-type]


def test_sizes_without_any_error_are_named() -> None:
    table = noisy_table(3, 0.5, False)
    table["error"] *= table["dim"] > 30
    with pytest.raises(
        ValueError, match=r"^dim = \[10, 20\] is not valid; valid range: where the mean"
    ):
        fit_power_law(table, "dim", resamples=None)
