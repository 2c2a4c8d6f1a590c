import math
from typing import Any

import numpy as np
import pytest
from scipy import integrate, optimize

from assocmem.theory.gradient import (
    association_weight_limit,
    association_weights,
    effective_rho,
    figure_5_slopes,
    figure_5_weights,
    gradient_step,
    local_exponents,
    small_step_gaps,
    weight_ladders,
)


def test_weights_are_iterates_of_f() -> None:
    weights = [0.0]
    for _ in range(50):
        weights.append(weights[-1] + 0.3 / (1 + math.exp(weights[-1]) / 6))
    np.testing.assert_allclose(association_weights(0.3, 7, 50), weights, rtol=1e-13)


def test_no_step_leaves_the_start_and_two_outputs_are_enough() -> None:
    assert association_weights(0.3, 2, 0, start=1.5).tolist() == [1.5]
    # q = 0, then γ/2
    assert association_weights(0.3, 2, 1).tolist() == [0.0, 0.15]


def test_a_start_continues_the_iteration() -> None:
    whole = association_weights(0.3, 7, 50)
    np.testing.assert_allclose(association_weights(0.3, 7, 30, start=whole[20]), whole[20:])


def test_large_steps_do_not_overflow() -> None:
    weights = association_weights(1e6, 5, 3)
    assert np.isfinite(weights).all()
    assert weights[3] == weights[1] == 0.8e6


@pytest.mark.parametrize("n_outputs", [2, 10, 1000])
def test_the_limit_solves_the_differential_equation(n_outputs: int) -> None:
    times = np.linspace(0, 20, 9)
    solved = integrate.solve_ivp(
        lambda _, q: 1 / (1 + np.exp(q) / (n_outputs - 1)), (0, 20), [0.0], t_eval=times,
        rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    found = association_weight_limit(1.0, n_outputs, times)
    np.testing.assert_allclose(found, solved.y[0], rtol=1e-7, atol=1e-9)


def test_the_limit_solves_its_implicit_equation_at_any_size() -> None:
    for n in (0.0, 1e-3, 1.0, 1e3, 1e8):
        level = n + 1 / 4
        root = optimize.brentq(
            lambda q, c=level: q + math.exp(min(q, 700)) / 4 - c, -1, 60, xtol=1e-13
        )
        assert association_weight_limit(1.0, 5, n) == pytest.approx(root, abs=1e-9)


def test_small_steps_tend_to_the_limit_at_the_rate_of_the_step() -> None:
    gaps = []
    for gamma in (1e-1, 1e-2, 1e-3):
        n = round(1 / gamma)
        gaps.append(association_weights(gamma, 10, n)[-1] - association_weight_limit(gamma, 10, n))
    assert gaps[0] == pytest.approx(10 * gaps[1], rel=0.05)
    assert gaps[1] == pytest.approx(10 * gaps[2], rel=0.05)


def test_small_steps_tend_to_multiples_of_n() -> None:
    """q ≈ γn(1 − 1/M) while γn is small: ρ = 1."""
    weights = association_weights(1e-6, 10, 100)
    np.testing.assert_allclose(weights[1:], 1e-6 * 0.9 * np.arange(1, 101), rtol=1e-4)


@pytest.mark.parametrize("gain", [1e-4, 0.1, 1.0, 10.0, 1e4])
def test_effective_rho_is_the_slope(gain: float) -> None:
    step = 1e-5
    high, low = association_weight_limit(1.0, 6, [gain * math.exp(step), gain * math.exp(-step)])
    assert effective_rho(gain, 6) == pytest.approx(math.log(high / low) / (2 * step), rel=1e-5)


def test_effective_rho_falls_from_one_to_zero() -> None:
    rho = effective_rho(np.geomspace(1e-8, 1e12, 200), 10)
    assert rho[0] == pytest.approx(1, abs=1e-6)
    assert (np.diff(rho) <= 1e-9).all()
    assert 0 < rho[-1] < 0.05


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: association_weights(0.0, 5, 1), "learning_rate"),
        (lambda: association_weights(1.0, 1, 1), "n_outputs"),
        (lambda: association_weights(1.0, 5, -1), "n_steps"),
        (lambda: association_weights(1.0, 5, 1, start=-1.0), "start"),
        (lambda: association_weight_limit(1.0, 5, [-1.0]), "n_steps"),
        (lambda: association_weight_limit(0.0, 5, 1.0), "learning_rate"),
        (lambda: association_weight_limit(1.0, 1, 1.0), "n_outputs"),
        (lambda: effective_rho([0.0], 5), "gained"),
        (lambda: local_exponents(0.3, 7, 1), "n_steps"),
        (lambda: local_exponents(0.3, 7, 9, 1.0), "ratio"),
    ],
)
def test_bad_values_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()


def test_local_exponents_of_a_closed_case() -> None:
    """Of γ so small that q = γ n (1 − 1/M), the exponent is 1; of γ so large that q stays, 0."""
    gained, slopes = local_exponents(1e-9, 5, 100, 2.0)
    np.testing.assert_allclose(slopes, 1, atol=1e-6)
    assert gained[0] == pytest.approx(1e-9 * 2**0.5)
    assert abs(local_exponents(1e3, 5, 100)[1]).max() < 1e-6


@pytest.mark.parametrize(("n_steps", "ratio"), [(2, 2.0), (100, 2.0), (101, 2.0), (400, 1.05)])
def test_local_exponents_pair_by_pair(n_steps: int, ratio: float) -> None:
    weights = association_weights(0.3, 7, n_steps)
    expected = {}
    for place in range(40):
        n = int(max(1, (n_steps - 1) / ratio) ** (place / 39) * (1 + 1e-12))
        far = max(n + 1, int(ratio * n))
        slope = math.log(weights[far] / weights[n]) / math.log(far / n)
        expected[0.3 * math.sqrt(n * far)] = slope
    gained, slopes = local_exponents(0.3, 7, n_steps, ratio)
    np.testing.assert_allclose(gained, sorted(expected))
    np.testing.assert_allclose(slopes, [expected[key] for key in sorted(expected)], rtol=1e-9)
    for one, other in zip(
        local_exponents(0.3, 7, 400), local_exponents(0.3, 7, 400, 1.05), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_slopes_of_figure_5_by_hand() -> None:
    """The program of the text, and the published one, once more and token by token."""
    for options, shift, n_outputs, before, count in (
        ({}, 3, 10, 0, round),
        (
            {"shift": 2, "truncate": True, "at_most": 100, "before": 1, "n_outputs": 11},
            2,
            11,
            1,
            int,
        ),
    ):
        for k, rate in enumerate((1e-3, 1e-1, 1.0)):
            points = []
            for x in range(1, 101):
                n = count(((100 + shift) / (x + shift)) ** 2 * (1 + 1e-12))
                n = (min(n, 100) if before else n) - before
                q = 0.0
                for _ in range(n):
                    q += rate / (1 + np.exp(q) / (n_outputs - 1))
                if q > 0:
                    points.append((-2 * np.log(x + shift), np.log(q)))
            slope = np.polyfit(*np.transpose(points), 1)[0]
            assert figure_5_slopes(**options)[k] == pytest.approx(slope, rel=1e-6)


def test_the_weights_of_figure_5_are_iterates_at_the_draws_of_their_tokens() -> None:
    table = figure_5_weights([1.0, 0.1])
    assert table["learning_rate"].tolist() == [1.0] * 100 + [0.1] * 100
    one = table[table["learning_rate"] == 1.0].reset_index(drop=True)
    assert one["p"].sum() == pytest.approx(1)
    assert one["p"][0] / one["p"][99] == pytest.approx((103 / 4) ** 2)
    for x in (0, 30, 99):
        draws = round((103 / (x + 4)) ** 2)
        assert one["n"][x] == draws
        q = 0.0
        for _ in range(draws):
            q += 1 / (1 + math.exp(q) / 9)
        assert one["weight"][x] == pytest.approx(q)


@pytest.mark.parametrize("right", [0, 2])
def test_a_gradient_step_is_that_of_the_loss(right: int) -> None:
    """By finite differences of the cross-entropy."""
    rng = np.random.default_rng(right)
    outputs, memory = rng.normal(size=(4, 3)), rng.normal(size=3)

    def loss(h: np.ndarray) -> float:
        scores = outputs @ h
        return math.log(sum(math.exp(s) for s in scores)) - float(scores[right])

    step, wrong = gradient_step(outputs, memory, right, 0.7)
    for i, axis in enumerate(np.eye(3)):
        slope = (loss(memory + 1e-5 * axis) - loss(memory - 1e-5 * axis)) / 2e-5
        assert step[i] == pytest.approx(-0.7 * slope, abs=1e-8)
    others = [z for z in range(4) if z != right]
    belief = np.exp(outputs[others] @ memory)
    np.testing.assert_allclose(wrong, belief @ outputs[others] / belief.sum())


def test_small_steps_stay_above_their_limit_by_at_most_one_step() -> None:
    n = [1, 7, 300]
    assert small_step_gaps([0.001, 1.0, 10.0], n).all()
    wrong = small_step_gaps([0.001, 0.1], n, 11)
    assert wrong.shape == (2, 3)
    assert not wrong.all()
    expected = [
        [
            -1e-9
            <= association_weights(rate, 10, k)[k] - float(association_weight_limit(rate, 11, k))
            <= 0.9 * rate + 1e-9
            for k in n
        ]
        for rate in (0.001, 0.1)
    ]
    assert wrong.tolist() == expected


def test_ladders_have_the_weights_and_their_limit() -> None:
    table = weight_ladders([0.5, 2.0], [0, 3, 9], 4)
    assert table["learning_rate"].tolist() == [0.5] * 3 + [2.0] * 3
    assert table["n"].tolist() == [0, 3, 9] * 2
    for row in table.itertuples():
        assert row.weight == association_weights(row.learning_rate, 4, 9)[row.n]
        assert row.limit == association_weight_limit(row.learning_rate, 4, row.n)


@pytest.mark.parametrize(
    ("right", "rate", "name"), [(4, 1.0, "right"), (-1, 1.0, "right"), (0, 0.0, "learning_rate")]
)
def test_a_step_without_a_right_output_is_refused(right: int, rate: float, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = "):
        gradient_step(np.eye(4), np.zeros(4), right, rate)
