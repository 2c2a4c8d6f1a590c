import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem import PowerLaw, fit_power_law
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


def test_students_interval_covers_at_its_level_where_trials_are_few() -> None:
    # 16 trials of small Gaussian noise that the points of a trial share in part; false failures 1e-6
    rng, covered, bootstrap = np.random.default_rng(0), 0, 0
    for _ in range(2000):
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
    check_probability(covered, 2000, 0.9)
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
