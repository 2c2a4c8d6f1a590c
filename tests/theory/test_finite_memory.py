import math
import sys
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from assocmem import (
    PerDimension,
    ZipfTask,
    expected_errors,
    fill,
    frequency,
    simulate_errors,
    summarize,
    threshold,
)
from assocmem.model import Scheme
from assocmem.theory import (
    duel_error,
    duel_ratios,
    theorem_1_bounds,
    theorem_1_lower,
    theorem_1_lower_published,
    theorem_1_upper,
    theorem_1_upper_published,
)

TASK = ZipfTask(2.0, 400, 5)


SCHEMES = [fill(), frequency(), frequency(0.3), threshold(PerDimension(1 / 8)), threshold(9, 0.4)]


def weights_one_by_one(scheme: Scheme, dim: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    x = np.arange(1, 401)
    q = (x <= (scheme.stored_at(dim) or 400)) * x ** -(scheme.rho * 2.0)
    p = x**-2.0 / (x**-2.0).sum()
    sums = [(q**2)[x % 5 == y].sum() for y in range(5)]
    return p, q**2, max(sums), sum(sums)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dim", [100, 3000, 10**6])
def test_theorem_1_upper_is_its_sum(scheme: Scheme, dim: int) -> None:
    p, squares, largest, total = weights_one_by_one(scheme, dim)
    gamma = 0.7
    c = math.log(5) + gamma * math.log(dim)
    failure = 2.5 * np.exp(-dim * squares / (8 * (largest + 32 * c * total / dim)))
    exact = dim**-gamma + math.exp(-dim / 16) + p @ np.minimum(1, failure)
    bound = theorem_1_upper(TASK, scheme, dim, gamma)
    if dim < 8 * (2 * math.log(5) + gamma * math.log(dim)):
        assert bound == 1
    else:
        # the Riemann sum is from above, but for rounding
        assert min(1, exact) * (1 - 1e-12) <= bound <= min(1, 1.004 * exact)


def test_theorem_1_upper_in_a_small_dimension_where_all_its_terms_count() -> None:
    """One of two tokens is stored; the other one fails."""
    gamma, dim, rare = 0.386, 30, 1 / (1 + 2**10)
    noise = 1 + 32 * (math.log(2) + gamma * math.log(dim)) / dim
    terms = [dim**-gamma, math.exp(-dim / 16), (1 - rare) * math.exp(-dim / (8 * noise)), rare]
    assert min(terms[:3]) > 0.1
    bound = theorem_1_upper(ZipfTask(10.0, 2, 2), threshold(1), dim, gamma)
    assert sum(terms) * (1 - 1e-12) <= bound <= 1.003 * sum(terms)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dim", [100, 3000, 10**6])
def test_theorem_1_upper_is_the_best_over_gamma(scheme: Scheme, dim: int) -> None:
    bounds = [theorem_1_upper(TASK, scheme, dim, gamma) for gamma in np.geomspace(0.06, 15, 40)]
    assert theorem_1_upper(TASK, scheme, dim) == pytest.approx(min(bounds), rel=0.03)


def test_theorem_1_upper_is_as_exact_as_for_the_gamma_it_chooses() -> None:
    gammas = np.geomspace(0.05, 20, 60)
    near = gammas[(gammas > 0.8) & (gammas < 2)]
    bounds = [theorem_1_upper(TASK, frequency(), 3000, float(gamma)) for gamma in near]
    assert theorem_1_upper(TASK, frequency(), 3000) in bounds


@pytest.mark.slow
@pytest.mark.parametrize("n_outputs", [2, 3])
def test_theorem_1_upper_says_something_from_its_least_dimension_on(n_outputs: int) -> None:
    """As few tokens as outputs: the probability to fail is far below 1 where it is bounded at all."""
    task, gamma = ZipfTask(2.0, n_outputs, n_outputs), 5.0
    for dim in range(180, 320):
        enough = n_outputs**16 * float(dim) ** (8 * gamma) <= math.exp(dim)
        assert (theorem_1_upper(task, fill(), dim, gamma) < 1) == enough


@pytest.mark.parametrize("n_outputs", [2, 3])
@pytest.mark.parametrize("dim", [100, 200, 300])
def test_theorem_1_upper_is_for_all_gamma_up_to_a_limit(n_outputs: int, dim: int) -> None:
    """d = 8 (2 log M + γ log d) at the largest γ that the proof allows."""
    task = ZipfTask(2.0, n_outputs, n_outputs)
    limit = (dim / 8 - 2 * math.log(n_outputs)) / math.log(dim)
    assert theorem_1_upper(task, fill(), dim, limit * (1 - 1e-6)) < 1
    assert theorem_1_upper(task, fill(), dim, limit * (1 + 1e-6)) == 1


@pytest.mark.parametrize("dim", [300, 1000])
def test_theorem_1_upper_published_counts_tokens_up_to_its_level(dim: int) -> None:
    """Four tokens, one for each output; the first one is at the level of one γ, and the others are
    far above it. So the best γ is the largest whose level the first one exceeds.
    """
    task, gammas = ZipfTask(3.0, 4, 4), np.geomspace(0.05, 20, 60)
    for k in (16, 18, 20):
        c = math.log(4) + gammas[k] * math.log(dim)
        # q² = 16 c (1 + 8 c (3 + q²) / d) / d
        square = 16 * c * (1 + 24 * c / dim) / (dim - 128 * c**2 / dim)
        assert square < 0.5
        for factor, best in ((1 + 1e-6, k), (1 - 1e-6, k - 1)):
            weights = np.array([math.sqrt(square * factor), 1, 1, 1])
            bound = theorem_1_upper_published(task, weights, dim)
            assert bound == pytest.approx(2 * dim ** -gammas[best], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dim", [13, 100, 3000, 10**6, 10**8])
def test_theorem_1_upper_published_is_an_infimum_over_gamma(scheme: Scheme, dim: int) -> None:
    """The γ of the grid are 11 % apart; one that is a little smaller has no larger set of tokens."""
    p, squares, largest, total = weights_one_by_one(scheme, dim)
    low = high = 1.0
    for gamma in np.geomspace(0.05, 20, 4000):
        c = math.log(5) + gamma * math.log(dim)
        level = 16 * c * largest + 128 * c**2 * total / dim
        wrong = p[dim * squares <= level].sum()
        low = min(low, 2 * dim**-gamma + wrong)
        high = min(high, 2 * dim ** (-gamma / 1.11) + wrong)
    bound = theorem_1_upper_published(TASK, scheme, dim)
    assert low * (1 - 1e-9) <= bound <= high * (1 + 1e-9)


@pytest.mark.parametrize("n_outputs", [4, 20])
def test_theorem_1_upper_published_is_at_most_one(n_outputs: int) -> None:
    task = ZipfTask(2.0, n_outputs, n_outputs)
    for dim in range(1, math.ceil(8 * math.log(n_outputs))):
        assert theorem_1_upper_published(task, fill(), dim) == 1
    for dim in range(12, 100):
        assert theorem_1_upper_published(task, fill(), dim) <= 1
    assert theorem_1_upper_published(task, fill(), 10**9) < 1e-9


def chances_one_by_one(task: ZipfTask, squares: np.ndarray, dim: int) -> np.ndarray:
    """P(t_d > √κ_x) of each token, by a formula written out token by token."""
    labels = [task.labels(x).item() for x in range(1, len(squares) + 1)]
    sums = [squares[[y == label for label in labels]].sum() for y in range(task.n_outputs)]
    chances = []
    for square, y in zip(squares, labels, strict=True):
        room = sums[y] + max(s for z, s in enumerate(sums) if z != y) - square
        chances.append(student.sf(math.sqrt(dim * square / room), dim) if room > 0 else 0.0)
    return np.array(chances)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dim", [1, 10, 1000])
def test_theorem_1_lower_is_its_sum(scheme: Scheme, dim: int) -> None:
    p, squares, largest, _ = weights_one_by_one(scheme, dim)
    bound = theorem_1_lower(TASK, scheme, dim)
    certain = 1 - 1 / 16 if dim == 1 else 1.0
    assert bound == pytest.approx(certain * p @ chances_one_by_one(TASK, squares, dim), rel=1e-9)
    published = p[3 * (dim + 1) * squares <= largest].sum() / 20
    assert theorem_1_lower_published(TASK, scheme, dim) == pytest.approx(published, abs=1e-12)
    assert bound >= 5 * published


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [*SCHEMES, threshold(1)])
@pytest.mark.parametrize("dim", [1, 2, 30, 5000, 10**7])
def test_theorem_1_lower_of_many_tokens_is_nearly_its_sum(
    scheme: Scheme, dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in (TASK, ZipfTask(1.3, 300, 3, (2, 0, 1, 1, 2, 2, 0))):
        exact = theorem_1_lower(task, scheme, dim)
        with monkeypatch.context() as patch:
            patch.setattr(sys.modules["assocmem.theory.finite_memory"], "_LISTED", 10)
            nearly = theorem_1_lower(task, scheme, dim)
        assert exact * (1 - 0.003) - 1e-18 <= nearly <= exact * (1 + 1e-12)


def test_theorem_1_lower_of_many_tokens_resolves_rare_errors() -> None:
    """Two million tokens of one weight: each errs with the same probability, 7·10⁻¹⁵."""
    task, dim = ZipfTask(2.0, 2_000_000, 2), 120_000_000
    expected = student.sf(math.sqrt(dim / (2_000_000 - 1)), dim)
    assert 1e-15 < expected < 1e-14
    assert theorem_1_lower(task, fill(), dim) == pytest.approx(expected, rel=4e-3, abs=0)


def test_theorem_1_lower_of_infinitely_many_tokens_is_the_limit_of_finitely_many() -> None:
    many, endless = (ZipfTask(2.5, n, 4) for n in (10**6, math.inf))
    for scheme in (frequency(), threshold(100, 0.3)):
        limit = theorem_1_lower(many, scheme, 500)
        assert theorem_1_lower(endless, scheme, 500) == pytest.approx(limit, rel=0.003)


@pytest.mark.parametrize("dim", [1, 2, 3, 50])
def test_theorem_1_lower_is_the_error_for_two_outputs(dim: int) -> None:
    """For a constant target also at d = 1, where the other output wins half of all memories."""
    rng = np.random.default_rng(dim)
    for target in ((0,), (0, 1), (0, 1, 1)):
        if dim == 1 and target != (0,):
            continue
        task, weights = ZipfTask(1.5, 60, 2, target), rng.exponential(size=60)
        law = expected_errors(task, {"": weights}, [dim], rng=rng, draws=2**15)
        mean, sem = law["mean"].item(), law["sem"].item()
        assert theorem_1_lower(task, weights, dim) == pytest.approx(mean, abs=6 * sem, rel=0)


def test_theorem_1_lower_of_a_token_without_any_noise_is_no_error() -> None:
    task = ZipfTask(2.0, 4, 4)
    rest = 1 - task.mass(1).item()
    bound = theorem_1_lower(task, np.array([1.0, 0.0, 0.0, 0.0]), 10)
    assert bound == pytest.approx(rest / 2)
    assert theorem_1_lower(task, threshold(1), 10) == pytest.approx(rest / 2)


def test_theorem_1_lower_keeps_the_class_of_the_token() -> None:
    """Filled with as many tokens as dimensions: five times more than by one class, a third of the law."""
    assert theorem_1_lower(ZipfTask(2.0, 1000, 5), fill(), 1000) == pytest.approx(0.0569, abs=5e-5)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_theorem_1_encloses_the_simulated_error(scheme: Scheme) -> None:
    """At d from 3 to 300, with 30 trials; five standard errors of slack (false failure < 1e-4)."""
    dims = [3, 30, 300]
    rng = np.random.default_rng(1)
    table = summarize(simulate_errors(TASK, {"": scheme}, dims, trials=30, rng=rng))
    for dim, mean, sem in zip(dims, table["mean"], table["sem"], strict=True):
        assert theorem_1_lower(TASK, scheme, dim) <= mean + 5 * sem
        assert theorem_1_upper(TASK, scheme, dim) >= mean - 5 * sem
        assert theorem_1_upper_published(TASK, scheme, dim) >= mean - 5 * sem


def test_theorem_1_holds_for_arbitrary_weights_and_targets() -> None:
    """Six targets and random weights, by the exact law; a false failure has probability < 1e-4."""
    rng = np.random.default_rng(2)
    for outputs in (2, 3, 8):
        for target in (None, tuple(rng.integers(0, outputs, 60).tolist())):
            task = ZipfTask(1.5, 60, outputs, target)
            weights = rng.exponential(size=60)
            table = expected_errors(task, {"": weights}, [1, 2, 20, 2000], rng=rng, draws=2048)
            for dim, mean, sem in table[["dim", "mean", "sem"]].itertuples(index=False):
                assert theorem_1_lower(task, weights, dim) <= mean + 5 * sem + 1e-12
                assert theorem_1_upper(task, weights, dim) >= mean - 5 * sem


def test_theorem_1_lower_published_by_hand() -> None:
    # Q_∞ = 1, 3 (d + 1) = 6: one weight has a square above 1/6
    task, weights = ZipfTask(1.0, 4, 4), np.array([1.0, 0.4, 0.5, 0.0])
    expected = (1 / 2 + 1 / 4) / (1 + 1 / 2 + 1 / 3 + 1 / 4) / 20
    assert theorem_1_lower_published(task, weights, 1) == pytest.approx(expected)


def test_theorem_1_values() -> None:
    """q = p, M = 5, α = 2, N = ∞, d = 10⁴: the error .0328 lies between .0251 and .172."""
    task = ZipfTask(2.0, math.inf, 5)
    assert theorem_1_lower(task, frequency(), 10**4) == pytest.approx(0.0251, abs=2e-4)
    assert 0.0328 < theorem_1_upper(task, frequency(), 10**4) < 0.172


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: theorem_1_upper(ZipfTask(2.0, 9, 1), fill(), 10), "n_outputs"),
        (lambda: theorem_1_upper(TASK, fill(), 0), "dim"),
        (lambda: theorem_1_upper(TASK, fill(), 10, 0.0), "beta"),
        (lambda: theorem_1_upper_published(ZipfTask(2.0, 9, 3), fill(), 10), "n_outputs"),
        (lambda: theorem_1_lower(ZipfTask(2.0, 9, 1), fill(), 10), "n_outputs"),
        (lambda: theorem_1_lower_published(ZipfTask(2.0, 9, 3), fill(), 10), "n_outputs"),
    ],
)
def test_values_outside_theorem_1_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()


def test_the_ratios_of_a_duel_one_by_one() -> None:
    q = np.array([3.0, 2.0, 0.0, 1.0, 1.0])  # classes 1, 2, 0, 1, 2
    sums = {0: 0.0, 1: 10.0, 2: 5.0}
    found = duel_ratios(ZipfTask(1.0, 5, 3), q, 7)
    for x, weight in enumerate(q, start=1):
        y = x % 3
        heaviest = max(total for z, total in sums.items() if z != y)
        assert found[x - 1] == pytest.approx(7 * weight**2 / (sums[y] + heaviest - weight**2))
    alone = duel_ratios(ZipfTask(1.0, 5, 3), np.array([0.0, 0, 2, 0, 0]), 7)
    assert alone.tolist() == [0, 0, math.inf, 0, 0]


def test_duels_take_two_outputs_and_one_duel() -> None:
    assert duel_ratios(ZipfTask(1.0, 2, 2), fill(), 7).tolist() == [7, 7]
    with pytest.raises(ValueError, match="^n_outputs = 1 is not valid"):
        duel_ratios(ZipfTask(1.0, 5, 1), fill(), 7)
    with pytest.raises(ValueError, match="^rivals = 0 is not valid"):
        duel_error(TASK, fill(), 7, rivals=0)


def test_the_bounds_by_name_are_in_order_and_those_of_their_functions() -> None:
    bounds = theorem_1_bounds(TASK, frequency(), 3000)
    assert list(bounds) == ["lower_published", "lower", "upper", "upper_published"]
    assert sorted(bounds.values()) == list(bounds.values())
    assert bounds["upper"] == theorem_1_upper(TASK, frequency(), 3000)
    assert bounds["lower_published"] == theorem_1_lower_published(TASK, frequency(), 3000)


def test_duels_added_up_one_by_one() -> None:
    task, dim = ZipfTask(1.0, 12, 3), 6
    roots = np.sqrt(duel_ratios(task, frequency(), dim))
    p = [float(task.mass(x)) for x in range(1, 13)]
    for rivals, law in ((1, student(dim)), (2, student(dim)), (1, norm)):
        chances = [min(2 / 3, rivals * float(law.sf(root))) for root in roots]
        found = duel_error(task, frequency(), dim, rivals=rivals, fluctuating=law is not norm)
        assert found == pytest.approx(sum(a * b for a, b in zip(p, chances, strict=True)))
    assert duel_error(task, fill(), dim) == pytest.approx(theorem_1_lower(task, fill(), dim))
