"""The strongest rivals and the errors they cause, against scores that are compared one by one."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from assocmem.exact.rivals import Drawn, Rare, Usual, rare_errors, standard_level, usual_errors
from assocmem.model import spherical_gram

Array = NDArray[np.float64]
SINES = np.array([0.02, 0.3, 0.5, 0.8, 0.97])


def settings(n_outputs: int, dim: int, count: int, seed: int) -> tuple[Drawn, Array]:
    """Random outputs, noise and norms, with tokens from short to long."""
    rng = np.random.default_rng(seed)
    gram = spherical_gram(n_outputs, dim, rng, size=count).transpose(1, 2, 0)
    same = np.eye(n_outputs, dtype=bool)[..., None] | (gram > 1 - 1e-12)
    away = rng.integers(1, n_outputs, (n_outputs, count))
    drawn = Drawn(
        gram=gram,
        inverse=np.where(same, 0, 1 / np.where(same, 1, 1 - gram)),
        dim=np.full(count, dim),
        radius=rng.uniform(0.3, 6, count),
        own=rng.standard_normal((n_outputs, count)),
        rival=(np.arange(n_outputs)[:, None] + away) % n_outputs,
    )
    return drawn, rng.uniform(0.5, 2, (n_outputs, count))


def largest_rho(gram: Array, xi: Array, norms: Array, y: int) -> tuple[float, int]:
    """ρ_y and the rival behind it, from all leads h_z − h_y."""
    h = [sum(gram[z, w] * norms[w] * xi[w] for w in range(len(xi))) for z in range(len(xi))]
    rho = [
        -math.inf if z == y else xi[y] + (h[z] - h[y]) / ((1 - gram[z, y]) * norms[y])
        for z in range(len(xi))
    ]
    return max(rho), int(np.argmax(rho))


@pytest.mark.parametrize("n_outputs", [2, 3, 5])
@pytest.mark.parametrize("dim", [2, 3, 20])
def test_rho_is_the_largest_lead(n_outputs: int, dim: int) -> None:
    drawn, norms = settings(n_outputs, dim, 50, seed=dim)
    usual = usual_errors(drawn, norms, np.zeros(50, dtype=bool))
    for s in range(50):
        for y in range(n_outputs):
            rho, _ = largest_rho(drawn.gram[..., s], drawn.own[:, s], norms[:, s], y)
            assert usual.demand[y, s] == pytest.approx(rho, rel=1e-9, abs=1e-9)
    np.testing.assert_array_equal(usual.usual, usual.demand)


def test_rho_does_not_depend_on_the_noise_of_its_own_output() -> None:
    drawn, norms = settings(4, 6, 30, seed=0)
    usual = usual_errors(drawn, norms, np.zeros(30, dtype=bool))
    drawn.own[2] += 1.7
    other = usual_errors(drawn, norms, np.zeros(30, dtype=bool))
    np.testing.assert_allclose(other.demand[2], usual.demand[2], atol=1e-9)
    assert (np.abs(other.demand[0] - usual.demand[0]) > 1e-3).any()


def test_usual_errors_end_at_the_level_where_errors_may_be_rare() -> None:
    """In settings of both kinds at once; the level is that of the largest norm."""
    drawn, norms = settings(3, 5, 4000, seed=1)
    rare = np.arange(4000) % 2 == 0
    usual = usual_errors(drawn, norms, rare)
    level = (1.4 + math.sqrt(2 * math.log(3))) * norms.max(axis=0) / norms
    assert standard_level(3) == pytest.approx(1.4 + math.sqrt(2 * math.log(3)))
    cut = rare & (usual.demand > level)
    assert 20 < np.count_nonzero(cut) < 1000
    np.testing.assert_array_equal(usual.usual, np.where(cut, -np.inf, usual.demand))


def test_chances_of_usual_errors_are_means_over_the_noise() -> None:
    drawn, norms = settings(3, 5, 4, seed=2)
    usual = usual_errors(drawn, norms, np.zeros(4, dtype=bool))
    xi = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    for sine in SINES:
        chance = usual.chance(np.full((3, 4), sine))
        for y in range(3):
            for s in range(4):
                errs = drawn.radius[s] * sine + xi * math.sqrt(1 - sine**2) < usual.demand[y, s]
                assert chance[y, s] == pytest.approx(errs.mean(), abs=1e-4)


def test_unstored_mass_is_lost_where_its_output_is_not_recalled() -> None:
    rho = np.random.default_rng(0).standard_normal((3, 4, 2))
    usual = Usual(np.ones((4, 2)), rho, rho, rho)
    mass = np.zeros((3, 4, 2))
    mass[0, 1], mass[1, 2, 1], mass[2, 3, 0] = 0.2, 0.1, 0.3
    np.testing.assert_allclose(usual.unstored(mass), mass * stats.norm.cdf(rho))
    np.testing.assert_allclose(usual.unstored(mass[..., :1]), mass[..., :1] * stats.norm.cdf(rho))


G = np.linspace(-4, 8, 40_001)
DENSITY = stats.norm.pdf(G) * (G[1] - G[0])


def rare_by_integration(drawn: Drawn, norms: Array, y: int, s: int, sine: float) -> float:
    """The probability, over the one direction of ξ that makes z lead y, that y errs for z above the
    level. There are M − 1 rivals, each as likely to be asked.
    """
    gram, z = drawn.gram[..., s], drawn.rival[y, s]
    own, root = drawn.own[:, s], norms[:, s]
    direction = (gram[z] - gram[y]) * root
    direction /= math.sqrt(sum(direction**2))
    xi = own[:, None] + direction[:, None] * (G - own @ direction)
    h = (gram * root) @ xi
    others = [w for w in range(len(own)) if w != y]
    leads = np.array([(h[w] - h[y]) / (1 - gram[w, y]) for w in others])
    rho = xi[y] + leads.max(axis=0) / root[y]
    level = (1.4 + math.sqrt(2 * math.log(len(own)))) * root.max() / root[y]
    errs = drawn.radius[s] * sine + xi[y] * math.sqrt(1 - sine**2) < rho
    blamed = np.array(others)[leads.argmax(axis=0)] == z
    return float((len(own) - 1) * DENSITY[errs & blamed & (rho > level)].sum())


@pytest.mark.parametrize("n_outputs", [2, 3, 6])
@pytest.mark.parametrize("dim", [2, 4, 30])
def test_chances_of_rare_errors_are_integrals_over_their_direction(
    n_outputs: int, dim: int
) -> None:
    drawn, norms = settings(n_outputs, dim, 10, seed=dim)
    rare = rare_errors(drawn, norms)
    grid = np.linspace(0.01, 0.99, 99)
    chances = np.array([rare.chance(np.full((n_outputs, 10), sine)) for sine in grid])
    partly = 0
    for y in range(n_outputs):
        for s in range(10):
            possible = (n_outputs - 1) * (rare.upper - rare.beyond)[y, s]
            # one token that errs about half the times that z is to blame, and one of any weight
            half = int(np.abs(chances[:, y, s] - possible / 2).argmin())
            for k in (half, 50):
                expected = rare_by_integration(drawn, norms, y, s, grid[k])
                assert chances[k, y, s] == pytest.approx(expected, rel=0.02, abs=2e-6 * n_outputs)
            partly += 2e-5 < 0.2 * possible < chances[half, y, s] < 0.8 * possible
    assert partly >= 2


@pytest.mark.parametrize("seed", range(6))
def test_critical_sines_of_rare_errors_have_the_same_chances(seed: int) -> None:
    """The mean over all g that may be drawn of the weight of those that err, on a grid of quantiles."""
    drawn, norms = settings(4, 5, 1, seed=seed)
    one = rare_errors(drawn, norms)
    count = 40_000
    quantiles = stats.norm.ppf((np.arange(count) + 0.5) / count)
    every = Rare(
        one.radius, *(np.repeat(x, count, axis=1) for x in (one.rest, one.scale, one.upper, one.beyond)),
        drawn=np.tile(quantiles, (4, 1)),
    )  # fmt: skip
    low, high, weight = every.critical()
    possible = 3 * (one.upper - one.beyond)[:, 0]
    np.testing.assert_allclose(weight.mean(axis=1), possible, rtol=0.01)
    for sine in SINES:
        errs = (sine < low) | (sine > high)
        chance = one.chance(np.full((4, 1), sine))[:, 0]
        np.testing.assert_allclose((errs * weight).mean(axis=1), chance, rtol=0.02, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("n_outputs", [16, 17, 20])
def test_many_outputs_have_the_same_rare_errors(n_outputs: int) -> None:
    drawn, norms = settings(n_outputs, 30, 3, seed=0)
    chance = rare_errors(drawn, norms).chance(np.full((n_outputs, 3), 0.3))
    for y in range(n_outputs):
        expected = [rare_by_integration(drawn, norms, y, s, 0.3) for s in range(3)]
        np.testing.assert_allclose(chance[y], expected, rtol=0.01, atol=1e-4)
    assert np.count_nonzero(chance > 1e-3) >= 5


def test_an_output_of_which_nothing_is_stored_is_never_recalled_first_by_its_own_noise() -> None:
    """Its ρ is infinite with the sign of the lead, and its rare errors are numbers."""
    drawn, norms = settings(3, 5, 40, seed=3)
    norms[1] = 0
    usual = usual_errors(drawn, norms, np.ones(40, dtype=bool))
    h = np.einsum("zws,ws->zs", drawn.gram, norms * drawn.own)
    leads = np.maximum(h[0] - h[1], h[2] - h[1])
    assert (np.sign(usual.demand[1]) == np.sign(leads)).all()
    assert (np.abs(usual.demand[1]) > 1e200).all()
    rare = rare_errors(drawn, norms)
    for found in (rare.chance(np.full((3, 40), 0.5)), *rare.critical()):
        assert not np.isnan(found).any()
