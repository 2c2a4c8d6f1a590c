import math

import numpy as np
import pytest

from assocmem import PerDimension, ZipfTask, by_trial, error_batches, threshold
from assocmem.comparisons import (
    cliff_errors,
    floor_ratios,
    frequency_window,
    proven_errors,
    quiet_dims,
    small_vocabulary_maps,
    smooth_exponent,
    smooth_thresholds,
)
from assocmem.theory import (
    proposition_3_bounds,
    proposition_3_threshold,
    stored_error,
)

INFINITE = ZipfTask(2.0, math.inf, 5)


def test_proven_errors_are_batches_of_the_law_with_their_bounds() -> None:
    table = proven_errors(INFINITE, [0.0, 0.5], [300, 4000], draws=64, rng=np.random.default_rng(0))
    bounds = proposition_3_bounds(INFINITE, [0.0, 0.5], [300, 4000]).set_index(["rho", "dim"])
    schemes = {
        r: threshold(lambda d, r=r: int(bounds.loc[(r, d), "n_stored"]), r) for r in (0.0, 0.5)
    }
    law = error_batches(INFINITE, schemes, [300, 4000], draws=64, rng=np.random.default_rng(0))
    found, expected = by_trial(table, ["rho", "dim"]), by_trial(law, ["scheme", "dim"])
    np.testing.assert_allclose(found.to_numpy(), expected.loc[list(found.index)].to_numpy())
    for row in table.itertuples():
        assert (row.lower, row.upper) == tuple(bounds.loc[(row.rho, row.dim), ["lower", "upper"]])


def test_floors_are_right_and_the_wrong_noise_is_not() -> None:
    schemes = {str(c): threshold(PerDimension(c)) for c in (1 / 2, 1)}
    dims, rng = [10**6, 10**8], np.random.default_rng(0)
    ratios, wrong = floor_ratios(INFINITE, schemes, dims, draws=16_384, rng=rng)
    assert len(ratios) == len(wrong) == 4
    for ratio in ratios:
        assert ratio.low <= 1 <= ratio.high
        assert ratio.high - ratio.low < 0.2
    # far out nothing but the noise is left
    for position, share in ((1, 1 / 2), (3, 1)):
        expected = float(stored_error(5, 5 * share, 1) / stored_error(5, share, 1))
        assert wrong[position] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("alpha", "rho"), [(2.0, 0.25), (3.0, 0.5)])
def test_the_exponent_far_out_is_that_of_proposition_3(alpha: float, rho: float) -> None:
    task = ZipfTask(alpha, math.inf, 3)
    found = smooth_exponent(task, rho, draws=64, rng=np.random.default_rng(0))
    assert found.value == pytest.approx(-(alpha - 1) / (2 * rho * alpha + 1), rel=1e-3)


def test_a_cliff_is_far_below_the_power_law() -> None:
    task, scheme = ZipfTask(2.0, 100, 5), threshold(PerDimension(1 / 8))
    cliff = cliff_errors(task, scheme, 1000, draws=256, seed=[0, 6])
    assert cliff is not None
    assert cliff.bound == pytest.approx(float(INFINITE.tail(125)) / 10)
    assert cliff.beyond.high < cliff.bound
    # (1 − 1/M) of the tail, and a floor of 10⁻⁵
    assert cliff.law.value == pytest.approx(8 * cliff.bound, rel=0.02)


def test_there_is_no_cliff_where_stored_tokens_err() -> None:
    task, scheme = ZipfTask(2.0, 100, 5), threshold(PerDimension(1))
    assert cliff_errors(task, scheme, 125, draws=64, seed=[0]) is None


def test_dimensions_are_quiet_where_guesses_make_the_error() -> None:
    task, scheme = ZipfTask(2.0, 100, 5), threshold(PerDimension(1 / 4))
    # P = ⌊d/8⌋ stores 50 of 100 tokens up to d = 407
    found = quiet_dims(task, threshold(PerDimension(1 / 8)), [400, 404, 10, 100, 416])
    assert found == [10, 100, 400, 404]
    assert quiet_dims(task, scheme, [8, 40]) == [
        d for d in (8, 40) if stored_error(5, d // 4, d) < 0.01 * task.tail(d // 4)
    ]


@pytest.mark.parametrize(
    ("n_tokens", "n_outputs", "dims", "expected"),
    [
        (1000, 5, [50, 400], True),
        (1000, 5, [49, 400], False),  # d ≥ 10 M
        (1000, 5, [50, 399], False),  # d ≥ 80 M
        (1000, 2, [39, 400], False),  # 39^(1/4) = 2.499
        (1000, 2, [40, 400], True),
        (250, 2, [40, 625], False),  # 625^(1/4) = 5 tokens of 250
        (251, 2, [40, 625], True),
    ],
)
def test_the_window_of_the_frequency_scheme(
    n_tokens: int, n_outputs: int, dims: list[int], expected: bool
) -> None:
    assert frequency_window(ZipfTask(2.0, n_tokens, n_outputs), dims) is expected


@pytest.mark.parametrize(("alpha", "rho"), [(2.0, 0.25), (1.5, 1.0), (3.0, 0.1)])
def test_smooth_thresholds_are_hardly_rounded(alpha: float, rho: float) -> None:
    found = smooth_thresholds(alpha, rho)
    assert len(found) == 5
    for dim, stored in found.items():
        assert stored == pytest.approx(float(proposition_3_threshold(alpha, rho, dim)), rel=1e-9)
    power = 2 * rho * alpha + 1
    assert max(found) == pytest.approx(4e17, rel=1e-2 * power)
    assert max(found.values()) / min(found.values()) == pytest.approx(10, rel=0.01)


def test_maps_are_those_of_all_seen_tokens_and_of_counts() -> None:
    maps = small_vocabulary_maps(2, trials=20, rng=np.random.default_rng(0))
    assert maps["scheme"].tolist() == ["q̂₀"] * 4 + ["q̂₁"] * 4
    errors = maps.pivot(index=["dim", "n_samples"], columns="scheme", values="mean")
    assert errors.loc[(1000, 10_000), "q̂₀"] < 0.01
    assert errors.loc[(1000, 10_000), "q̂₁"] > errors.loc[(1000, 10_000), "q̂₀"]
    assert errors.loc[(10, 10)].min() > 0.6
