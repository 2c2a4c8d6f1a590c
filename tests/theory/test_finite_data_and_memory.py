import math
from typing import Any

import mpmath
import numpy as np
import pytest

from assocmem import ZipfTask, simulate_errors, summarize, threshold
from assocmem.theory import (
    proposition_1_error,
    proposition_4_crossover,
    proposition_4_lower,
    proposition_4_prediction,
    proposition_4_upper,
)
from tests.oracles import zipf_masses

TASK = ZipfTask(2.0, 500, 5)
MASSES = zipf_masses(2.0, 500)


def causes(n_stored: int, n_samples: int) -> tuple[float, float]:
    """The mass of the tokens not seen in T draws, on average, and of those beyond P: two sums."""
    unseen = math.fsum(p * (1 - p) ** n_samples for p in MASSES)
    return unseen, math.fsum(MASSES[n_stored:])


def test_proposition_4_lower_is_half_the_larger_cause() -> None:
    for n_stored in (0, 1, 20, 499):
        for n_samples in (0, 10, 300, 10_000):
            found = float(proposition_4_lower(TASK, n_stored, n_samples))
            assert found == pytest.approx(max(causes(n_stored, n_samples)) / 2, rel=1e-9)


def test_proposition_4_prediction_is_a_guess_for_either_cause() -> None:
    for n_outputs in (2, 5):
        task = ZipfTask(2.0, 500, n_outputs)
        found = proposition_4_prediction(task, [[0], [1], [20]], [0, 10, 10_000])
        for i, n_stored in enumerate((0, 1, 20)):
            for j, n_samples in enumerate((0, 10, 10_000)):
                expected = (n_outputs - 1) / n_outputs * sum(causes(n_stored, n_samples))
                assert found[i, j] == pytest.approx(expected, rel=1e-9)


def test_proposition_4_encloses_simulated_errors() -> None:
    """Sixty trials; five standard errors of slack: a false failure has a probability below 1e-5."""
    sizes = [10, 300, 10_000]
    rng = np.random.default_rng(4)
    table = simulate_errors(TASK, {"": threshold(20)}, [160], trials=60, rng=rng, n_samples=sizes)
    summary = summarize(table, by=["n_samples"])
    lower = proposition_4_lower(TASK, 20, sizes)
    assert (lower <= summary["mean"] + 5 * summary["sem"]).all()
    upper = [float(proposition_4_upper(TASK, 20, size, 10**4)) for size in sizes]
    assert (summary["mean"] - 5 * summary["sem"] <= upper).all()
    assert (summary["mean"] / proposition_4_prediction(TASK, 20, sizes)).between(0.45, 1.15).all()


def test_proposition_4_upper_is_its_formula() -> None:
    """For d ≥ 32 c and P ≤ d/(16 c), c = log 5 + β log d."""
    for beta, dim in ((1.0, 10_000), (0.5, 3000)):
        c = math.log(5) + beta * math.log(dim)
        for n_stored in (1, 2, 3, int(dim / (16 * c))):
            for n_samples in (1, 300):
                unseen, late = causes(n_stored, n_samples)
                late += 4 * math.fsum(MASSES[n_stored // 2 :])
                expected = unseen + late + 1.5 * dim**-beta + math.exp(-dim / 16)
                found = float(proposition_4_upper(TASK, n_stored, n_samples, dim, beta))
                assert found == pytest.approx(min(1, expected), rel=1e-9)
        assert float(proposition_4_upper(TASK, int(dim / (16 * c)) + 1, 10**6, dim, beta)) == 1
    assert proposition_4_upper(TASK, 20.7, [1, 300], 10**4).tolist() == [
        float(proposition_4_upper(TASK, 20, t, 10**4, 1.0)) for t in (1, 300)
    ]
    first = next(d for d in range(2, 10**4) if d >= 32 * math.log(5 * d))
    steep = ZipfTask(4.0, 500, 5)
    assert float(proposition_4_upper(steep, 2, 10**6, first, 1.0)) < 1
    assert float(proposition_4_upper(steep, 2, 10**6, first - 1, 1.0)) == 1


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0, 6.0])
@pytest.mark.parametrize("n_stored", [1, 2, 3, 8, 25])
def test_counts_miss_no_more_than_the_lemma_says(exponent: float, n_stored: int) -> None:
    """Any law: here powers on 60 tokens, uniform ones too; the mass itself, over 400 data sets."""
    law = np.arange(1, 61.0) ** -exponent
    law /= law.sum()
    rng = np.random.default_rng([n_stored, int(10 * exponent)])
    for n_samples in (1, 2, 5, 40, 300, 5000):
        counts = rng.multinomial(n_samples, law, size=400)
        weights = threshold(n_stored).weights(counts, 1, ties=rng.random(60))
        missed = np.where(weights == 0, law, 0).sum(axis=1)
        bound = (law * (1 - law) ** n_samples).sum() + law[n_stored:].sum()
        bound += 4 * law[n_stored // 2 :].sum()
        assert missed.mean() <= bound + 5 * missed.std() / 20


def test_proposition_4_upper_of_two_outputs_starts_at_the_least_dimension() -> None:
    """P = 2 … 30 tokens with α = 4: the bound is its formula from the first d ≥ 16 c P on, and 1 before."""
    task, masses = ZipfTask(4.0, 500, 2), zipf_masses(4.0, 500)
    unseen = math.fsum(p * (1 - p) ** 10**6 for p in masses)
    for beta in (0.29, 1.0):
        for n_stored in range(2, 31):
            first = 2
            while first < 16 * (math.log(2) + beta * math.log(first)) * n_stored:
                first += 1
            assert float(proposition_4_upper(task, n_stored, 10**6, first - 1, beta)) == 1
            expected = unseen + math.fsum(masses[n_stored:])
            expected += 4 * math.fsum(masses[n_stored // 2 :])
            expected += 1.5 * first**-beta + math.exp(-first / 16)
            found = float(proposition_4_upper(task, n_stored, 10**6, first, beta))
            assert found == pytest.approx(expected, rel=1e-9)
            assert found < 1
    assert float(proposition_4_upper(task, 1, 10**6, 1)) == 1


@pytest.mark.parametrize("alpha", [1.3, 2.0, 3.0])
def test_proposition_4_crossover_balances_the_laws(alpha: float) -> None:
    task = ZipfTask(alpha, math.inf, 5)
    for stored in (100, 1000):
        size = round(float(proposition_4_crossover(alpha, stored)))
        assert float(proposition_1_error(task, size)) == pytest.approx(
            float(task.tail(stored)), rel=0.02
        )


@pytest.mark.parametrize("alpha", [1.2, 2.0, 4.0])
def test_proposition_4_crossover_solves_its_equation(alpha: float) -> None:
    normalizer = 1 / mpmath.zeta(alpha)
    for stored, size in zip(
        (1, 7, 10**6), proposition_4_crossover(alpha, [1, 7, 10**6]), strict=True
    ):
        data = normalizer ** (1 / alpha) / alpha * mpmath.gamma(1 - 1 / alpha)
        data *= mpmath.mpf(float(size)) ** (1 / alpha - 1)
        memory = normalizer * mpmath.mpf(stored) ** (1 - alpha) / (alpha - 1)
        assert float(data / memory) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: proposition_4_prediction(ZipfTask(2.0, 9, 1), 3, 3), "n_outputs"),
        (lambda: proposition_4_prediction(TASK, -1, 3), "n_stored"),
        (lambda: proposition_4_lower(ZipfTask(2.0, 9, 1), 3, 3), "n_outputs"),
        (lambda: proposition_4_lower(TASK, -1, 3), "n_stored"),
        (lambda: proposition_4_upper(ZipfTask(2.0, 9, 1), 3, 3, 9), "n_outputs"),
        (lambda: proposition_4_upper(TASK, 0, 3, 9), "n_stored"),
        (lambda: proposition_4_upper(TASK, 3, 3, 0), "dim"),
        (lambda: proposition_4_upper(TASK, 3, 3, 9, beta=0.0), "beta"),
        (lambda: proposition_4_crossover(2.0, 0.5), "n_stored"),
        (lambda: proposition_4_crossover(1.0, 5), "alpha"),
    ],
)
def test_values_outside_proposition_4_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()
