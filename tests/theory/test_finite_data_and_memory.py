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
    assert (summary["mean"] / proposition_4_prediction(TASK, 20, sizes)).between(0.45, 1.15).all()


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
        (lambda: proposition_4_crossover(2.0, 0.5), "n_stored"),
        (lambda: proposition_4_crossover(1.0, 5), "alpha"),
    ],
)
def test_values_outside_proposition_4_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()
