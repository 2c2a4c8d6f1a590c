import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem import claim_near, estimate_mean, fit_power_law
from assocmem.verdicts import Estimate, PowerLaw, fit_exponent, near_share
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
    law = fit_power_law(table, "n_samples")
    assert law.exponent.value == pytest.approx(exponent, abs=1e-9)
    assert law.constant == pytest.approx(constant, rel=1e-8)
    assert (law.x_range, law.n_points) == (pytest.approx((1, 100)), 4)
    np.testing.assert_allclose(law(np.array([2, 3])), constant * np.array([2, 3]) ** exponent)


def test_the_slope_is_the_least_squares_slope_of_the_means() -> None:
    table = noisy_table(12, 0.5, shared=False)
    means = [table.loc[table["dim"] == d, "error"].mean() for d in DIMS]
    line = stats.linregress(np.log(DIMS), np.log(means))
    law = fit_power_law(table, "dim")
    assert law.exponent.value == pytest.approx(line.slope, rel=1e-10)
    assert law.constant == pytest.approx(math.exp(line.intercept), rel=1e-10)


def test_noise_shared_by_a_trial_does_not_widen_the_interval() -> None:
    mixed = noisy_table(30, 0.5, shared=False, seed=1)
    shared = noisy_table(30, 0.5, shared=True).merge(
        mixed, on=["trial", "dim"], suffixes=("", "_own")
    )
    low, high = ends(
        fit_power_law(shared.assign(error=shared.error * shared.error_own**1e-3), "dim")
    )
    assert high - low < 1e-3
    low, high = ends(fit_power_law(mixed, "dim"))
    assert high - low > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("skewed", [False, True])
def test_the_interval_covers_at_its_level(skewed: bool) -> None:
    # trials of small noise that the points of a trial share in part; false failures 1e-6
    rng, covered = np.random.default_rng(0), 0
    for _ in range(600):
        trials = 50 if skewed else 12
        draws = rng.standard_normal((trials, 1)) + rng.standard_normal((trials, len(DIMS)))
        noise = np.exp(0.6 * draws) if skewed else 1 + 1e-3 * draws
        table = pd.DataFrame(3 * DIMS**-0.7 * noise, columns=DIMS).melt(
            ignore_index=False, var_name="dim", value_name="error"
        )
        table = table.reset_index(names="trial").astype({"dim": float})
        low, high = ends(fit_power_law(table, "dim", level=0.9))
        covered += low <= -0.7 <= high
    # of 0.1 that may fail, two thirds are spent
    check_probability(covered, 600, 1 - 0.1 * 2 / 3)


def two_points(errors: list[tuple[float, float]]) -> pd.DataFrame:
    """One trial after the other, at x = 1 and x = e: the slope is a difference of logarithms."""
    rows = [
        (k, x, e) for k, row in enumerate(errors) for x, e in zip((1.0, math.e), row, strict=True)
    ]
    return pd.DataFrame(rows, columns=["trial", "x", "error"])


def test_the_interval_by_hand() -> None:
    # Means 4 and 2. Errors over the means: (1, 3/2), (1/2, 1/2), (3/2, 1), with slopes 1/2, 0, −1/2:
    # a standard deviation of 1/2 for three trials, and no skewness.
    table = two_points([(4.0, 3.0), (2.0, 1.0), (6.0, 2.0)])
    law = fit_power_law(table, "x", level=0.9)
    half = 0.5 / math.sqrt(3) * stats.t(2).isf(0.1 * 2 / 3 / 2)
    assert law.exponent.value == pytest.approx(-math.log(2))
    assert ends(law) == pytest.approx((-math.log(2) - half, -math.log(2) + half))
    assert law.constant == pytest.approx(4)


def test_the_interval_is_that_of_the_mean_of_the_slopes_of_trials() -> None:
    table = noisy_table(40, 0.4, shared=False)
    law = fit_power_law(table, "dim", level=0.95)
    errors = table.pivot(index="trial", columns="dim", values="error")
    slopes = [np.polyfit(np.log(DIMS), row / errors.mean(), 1)[0] for row in errors.to_numpy()]
    mean = estimate_mean(slopes, 1 - 0.05 * 2 / 3)
    shift = law.exponent.value - mean.value
    assert ends(law) == pytest.approx((mean.low + shift, mean.high + shift))


def test_every_positive_x_unless_told_otherwise() -> None:
    table = noisy_table(9, 0.5, shared=False)
    table["dim"] = table["dim"] / 100
    assert fit_power_law(table, "dim") == fit_power_law(
        table, "dim", x_min=0.1, x_max=3.0, level=0.99
    )


def test_only_the_range_of_the_fit_counts() -> None:
    table = noisy_table(5, 0.2, shared=False)
    spoiled = table.copy()
    spoiled.loc[~spoiled["dim"].between(20, 100), "error"] = 9.0
    law, same = (fit_power_law(t, "dim", x_min=20, x_max=100) for t in (table, spoiled))
    assert law == same
    assert law.x_range == pytest.approx((20, 100))
    assert law.n_points == 3


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"level": 0.0}, "level"),
        ({"level": 1.0}, "level"),
        ({"x": "n_samples"}, "x"),
        ({"x_min": 200}, "number of dim and trials"),
        ({"table": noisy_table(1, 0.5, False)}, "number of dim and trials"),
        ({"table": pd.concat([noisy_table(3, 0.5, False)] * 2)}, "table"),
    ],
)  # fmt: skip
def test_a_table_without_a_slope_is_refused(change: dict[str, Any], name: str) -> None:
    usual = {"table": noisy_table(3, 0.5, False), "x": "dim"}
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid"):
        fit_power_law(**{**usual, **change})  # type: ignore[arg-type]


def test_sizes_without_any_error_are_named() -> None:
    table = noisy_table(3, 0.5, False)
    table["error"] *= table["dim"] > 30
    with pytest.raises(
        ValueError, match=r"^dim = \[10, 20\] is not valid; valid range: where the mean"
    ):
        fit_power_law(table, "dim")


def test_the_exponent_of_one_curve_of_many() -> None:
    one, other = noisy_table(5, 0.1, False).assign(scheme="q"), noisy_table(5, 0.1, False, seed=1)
    both = pd.concat([one, other.assign(scheme="p")])
    assert fit_exponent(both, "dim", scheme="q") == fit_power_law(one, "dim").exponent
    some = fit_exponent(both, "dim", scheme="q", dim=[20, 100])
    assert some == fit_power_law(one[one["dim"].isin([20, 100])], "dim").exponent


def test_a_tolerance_that_is_a_share_of_the_target() -> None:
    seen = Estimate(-2.0, -2.05, -1.95, 0.99)
    told = near_share(-2.0, seen, 0.03, -1.0)
    assert told == {
        "target": -2.0, "observed": seen, "tolerance": 0.06, "mutant": {"target": -1.0}
    }  # fmt: skip
    assert claim_near("prop3.exponent-rho", **told, words={"rho": 1}).verdict == "reproduced"
    with pytest.raises(ValueError, match="share"):
        near_share(-2.0, seen, -0.1, -1.0)
