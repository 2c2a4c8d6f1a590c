"""The sharp constant of Proposition 2 and the best threshold of Proposition 3."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from assocmem import (
    ZipfTask,
    best_threshold,
    best_threshold_asymptote,
    expected_errors,
    frequency,
    proposition_2_asymptote,
    stored_error,
)
from assocmem.sharp import _moments, _partial_moment
from tests.oracles import check_mean

INFINITE = ZipfTask(2.0, math.inf, 5)


# Proposition 2


@pytest.mark.parametrize("power", [0.02, 0.5, 1.0, 2.7, 9.0])
def test_partial_moments_by_adaptive_quadrature(power: float) -> None:
    shifts = np.array([-6.0, -2.0, 0.0, 0.7, 4.0, 7.999, 8.001, 30.0, 1e4])
    for shift, found in zip(shifts, _partial_moment(shifts, power), strict=True):
        low, high = max(0.0, shift - 12), max(shift, 0) + 12
        expected, _ = integrate.quad(
            lambda t, a=shift: t**power * stats.norm.pdf(t - a),
            low, high, limit=400, epsabs=0, epsrel=1e-10, points=[low + 1e-6, max(shift, low)],
        )  # fmt: skip
        assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("power", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("scales", [[1.0, 1.0], [1.0, 0.03, 0.2], [1.0, 1e-4, 1e-3, 0.5, 0.5, 0.1]])
def test_moments_by_draws(scales: list[float], power: float) -> None:
    noise = np.random.default_rng(0).standard_normal((200_000, len(scales))) * scales
    for y, moment in enumerate(_moments(np.array(scales), power)):
        lead = np.delete(noise, y, axis=1).max(axis=1) - noise[:, y]
        positive = np.where(lead > 0, np.abs(lead) ** power, 0)
        check_mean(positive, float(moment))


def test_moment_of_two_equal_outputs_in_closed_form() -> None:
    # (ξ − ξ')_+ has the moments of √2 times a half-normal
    for power in [0.3, 1.0, 4.0]:
        expected = 2**power * math.gamma((power + 1) / 2) / (2 * math.sqrt(math.pi))
        assert _moments(np.ones(2), power) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("alpha", "rho", "n_outputs"),
    [(2.0, 0.5, 5), (2.0, 1.0, 5), (1.5, 1.0, 5), (3.0, 0.5, 2), (2.0, 0.3, 8), (2.0, 1.0, 20)],
)
def test_the_exact_law_tends_to_its_sharp_constant(
    alpha: float, rho: float, n_outputs: int
) -> None:
    task, dims = ZipfTask(alpha, math.inf, n_outputs), [10**5, 10**6]
    rng = np.random.default_rng(0)
    table = expected_errors(task, {"": frequency(rho)}, dims, rng=rng, draws=2**15)
    asymptote = proposition_2_asymptote(task, rho, dims)
    assert (np.abs(table["mean"] - asymptote) < 4 * table["sem"] + 0.003 * asymptote).all()


def test_the_shares_of_the_target_count() -> None:
    task = ZipfTask(2.0, math.inf, 3, target=(0, 0, 1, 0, 2))
    rng = np.random.default_rng(0)
    table = expected_errors(task, {"": frequency(0.5)}, [10**6], rng=rng, draws=2**16)
    ratio = table["mean"][0] / float(proposition_2_asymptote(task, 0.5, 10**6))
    assert ratio == pytest.approx(1, abs=4 * table["sem"][0] / table["mean"][0] + 0.002)


def test_asymptote_of_proposition_2_is_a_power_law() -> None:
    errors = proposition_2_asymptote(INFINITE, 0.5, [[1.0, 100.0]])
    assert errors.shape == (1, 2)
    assert errors[0, 0] / errors[0, 1] == pytest.approx(10)
    assert errors[0, 0] == pytest.approx(0.3953, abs=1e-4)


# Proposition 3


def test_best_threshold_of_the_exact_law() -> None:
    table = best_threshold(INFINITE, [100, 1000, 10**4], rng=np.random.default_rng(0), draws=8192)
    assert table["dim"].tolist() == [100, 1000, 10**4]
    assert (table["n_stored"] % 5 == 0).all()
    assert table["n_stored"][0] == 25
    assert 170 <= table["n_stored"][1] <= 190
    assert 1310 <= table["n_stored"][2] <= 1420
    assert (table["low"] <= table["n_stored"]).all()
    assert (table["n_stored"] <= table["high"]).all()
    assert table["mean"].to_numpy() == pytest.approx([0.02170, 0.003055, 0.000393], rel=0.01)
    assert (table["sem"] < 0.01 * table["mean"]).all()


def test_best_threshold_minimizes_the_law_of_large_dimensions() -> None:
    dim = 10**6
    grid = 5 * np.arange(1, 40_000, 10)
    errors = 0.8 * INFINITE.tail(grid) + stored_error(5, grid, dim)
    table = best_threshold(INFINITE, [dim], rng=np.random.default_rng(0), draws=4096)
    assert table["mean"][0] == pytest.approx(errors.min(), rel=0.01)
    assert table["low"][0] <= grid[errors.argmin()] <= table["high"][0]


def test_best_threshold_tends_to_its_asymptote() -> None:
    dims = np.array([1e4, 1e8, 1e16, 1e32, 1e64])
    best, least = [], []
    for dim, guess in zip(dims, best_threshold_asymptote(INFINITE, dims)[0], strict=True):
        grid = guess * np.geomspace(0.25, 4, 4001)
        # the few stored tokens that err: a union bound, exact where they are rare
        rare = 4 * stats.norm.sf(np.sqrt(5 * dim / grid / 2))
        errors = 0.8 * INFINITE.normalizer / grid + rare
        best.append(grid[errors.argmin()])
        least.append(errors.min())
    stored, error = best_threshold_asymptote(INFINITE, dims)
    assert best == pytest.approx(stored, rel=0.03)
    assert (np.diff(np.abs(least / error - 1)[:4]) < 0).all()
    assert least[-1] == pytest.approx(error[-1], rel=0.01)


def test_few_tokens_are_all_stored() -> None:
    table = best_threshold(ZipfTask(2.0, 10, 5), [10**4], rng=np.random.default_rng(0), draws=256)
    assert table["n_stored"][0] == 10
    assert table["mean"][0] < 1e-9


def test_bad_input() -> None:
    finite, rng = ZipfTask(2.0, 10, 5), np.random.default_rng(0)
    absent = ZipfTask(2.0, math.inf, 3, target=(0, 1))
    with pytest.raises(ValueError, match="n_tokens"):
        proposition_2_asymptote(finite, 0.5, 10)
    with pytest.raises(ValueError, match="rho"):
        proposition_2_asymptote(INFINITE, 0.25, 10)
    with pytest.raises(ValueError, match="dim"):
        proposition_2_asymptote(INFINITE, 0.5, 0)
    with pytest.raises(ValueError, match="target"):
        proposition_2_asymptote(absent, 0.5, 10)
    with pytest.raises(ValueError, match="n_outputs"):
        proposition_2_asymptote(ZipfTask(2.0, math.inf, 1), 0.5, 10)
    with pytest.raises(ValueError, match="n_tokens"):
        best_threshold_asymptote(finite, 10)
    with pytest.raises(ValueError, match="dim"):
        best_threshold_asymptote(INFINITE, 1)
    with pytest.raises(ValueError, match="dims"):
        best_threshold(INFINITE, [0], rng=rng)
    with pytest.raises(ValueError, match="rho"):
        best_threshold(INFINITE, [10], rng=rng, rho=-1)
