import math

import numpy as np
import pytest
from scipy import stats

from assocmem import ZipfTask, best_threshold
from assocmem.comparisons import (
    best_memories,
    class_shares,
    counted_constants,
    decay_errors,
    decay_slope,
    logarithm_power,
    published_gains,
    token_errors,
)
from assocmem.theory import (
    minimax_upper,
    one_class_error,
    theorem_2_any_memory,
    theorem_2_entropy_constant,
    theorem_2_kappa,
    theorem_2_lower,
    theorem_2_lower_published,
)

TASK = ZipfTask(2.0, math.inf, 5)


def test_best_memories_have_bounds_and_errors_of_both_targets() -> None:
    table = best_memories([2.0, 1.5], 5, [30, 10], draws=64, seed=[0, 1])
    assert table[["alpha", "dim"]].to_numpy().tolist() == [[2, 10], [2, 30], [1.5, 10], [1.5, 30]]
    for row in table.itertuples():
        assert row.lower == theorem_2_lower(row.alpha, row.dim)
        assert row.published == theorem_2_lower_published(row.alpha, row.dim)
        assert row.any_memory == theorem_2_any_memory(row.alpha, row.dim)
        errors = [float(one_class_error(row.alpha, 0.0, p, row.dim)) for p in range(1, 2 * row.dim)]
        assert row.constant == min(errors) == errors[int(row.P_constant) - 1]
    rng = np.random.default_rng([0, 1])
    best = best_threshold(ZipfTask(1.5, math.inf, 5), [10, 30], draws=64, rng=rng)
    assert table["modulo"].tolist()[2:] == best["mean"].tolist()
    assert table["P_modulo"].tolist()[2:] == best["n_stored"].tolist()


def test_shares_add_up_and_equal_ones_just_stand_out() -> None:
    shares = class_shares(2.0, 20)
    assert shares["weights"].unique().tolist() == ["q = p", "q = √p", "equal"]
    assert (
        shares.groupby("weights")["token"].agg(["min", "max"]).to_numpy().tolist() == [[1, 25]] * 3
    )
    first = shares[shares["token"] == 1].set_index("weights")["share"]
    assert first["q = p"] == pytest.approx(90 / math.pi**4)
    assert first["q = √p"] == pytest.approx(6 / math.pi**2)
    kappa = theorem_2_kappa(2.0)
    equal = shares[shares["weights"] == "equal"]["share"]
    assert equal.sum() == pytest.approx(1)
    assert (equal > kappa / (20 + kappa)).sum() == (equal > 0).sum() == math.ceil(20 / kappa)


def test_decaying_weights_have_half_d_tokens_and_equal_ones_the_best_number() -> None:
    table = decay_errors(TASK, {"equal": 0.0, "0.4": 0.4}, [40, 600])
    assert table["scheme"].tolist() == ["equal", "0.4"] * 2
    for row in table.itertuples():
        least = one_class_error(2.0, 0.0, np.arange(1, row.dim + 1), row.dim).min()
        decayed = float(one_class_error(2.0, 0.1, row.dim // 2, row.dim))
        assert row.error == pytest.approx(least if row.scheme == "equal" else decayed, rel=1e-3)
        assert row.ratio == pytest.approx(row.error / theorem_2_lower(2.0, row.dim))
        assert row.ratio == row.error / row.lower
        bounds = minimax_upper(TASK, 0.1, np.arange(1, row.dim + 1), row.dim)
        assert row.upper == pytest.approx(bounds.min(), rel=0.01)


def test_token_errors_are_those_of_their_own_signal_and_noise() -> None:
    exact, lower, wrong = token_errors(2.0, [12])
    assert exact.shape == lower.shape == wrong.shape
    # the first token of q = p: x^-4 of a sum of pi^4/90
    share = 90 / math.pi**4
    root = math.sqrt(12 * share / (1 - share))
    assert exact[0] == pytest.approx(stats.t.sf(root, 12))
    assert lower[0] == pytest.approx(stats.norm.sf(root))
    assert wrong[0] == pytest.approx(stats.norm.sf(root * math.sqrt(11 / 12)))
    # the last one: 2ρα = 0.8 on six tokens
    share = 6**-0.8 / sum(x**-0.8 for x in range(1, 7))
    assert exact[-1] == pytest.approx(stats.t.sf(math.sqrt(12 * share / (1 - share)), 12))
    assert (exact >= lower).all()
    assert not (exact >= wrong).all()


def test_gains_over_the_published_bound() -> None:
    gains = published_gains([2.0, 1.35], [100, 1000])
    assert gains.shape == (2, 2)
    expected = theorem_2_lower(1.35, 100) / theorem_2_lower_published(1.35, 100)
    assert gains[1, 0] == pytest.approx(expected)
    assert (gains[0] > 9).all()


@pytest.mark.parametrize("alpha", [1.5, 3.0])
def test_the_power_of_the_logarithm_is_near_one(alpha: float) -> None:
    """From P on a fine grid, at two dimensions."""
    dims, least = (10**6, 10**12), []
    for dim in dims:
        stored = np.geomspace(dim / 1000, dim, 20_000)
        least.append(math.log(one_class_error(alpha, 0.0, stored, dim).min() * dim ** (alpha - 1)))
    slope = (least[1] - least[0]) / math.log(2) / (alpha - 1)
    assert logarithm_power(alpha) == pytest.approx(slope, abs=0.03)
    assert logarithm_power(alpha) == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("alpha", [1.5, 3.0])
def test_decaying_weights_have_no_logarithm(alpha: float) -> None:
    assert decay_slope(alpha) == pytest.approx(-1, abs=0.02)


def test_counted_constants_are_above_their_limit() -> None:
    table = counted_constants([2.0, 1.5], [50, 100])
    assert table[["alpha", "dim"]].to_numpy().tolist() == [[2, 50], [2, 100], [1.5, 50], [1.5, 100]]
    for row in table.itertuples():
        assert row.counted == pytest.approx(
            theorem_2_any_memory(row.alpha, row.dim) * row.dim ** (row.alpha - 1)
        )
        assert row.limit == theorem_2_entropy_constant(row.alpha)
        assert row.wrong == theorem_2_entropy_constant(row.alpha, 1.1)
