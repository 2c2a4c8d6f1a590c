import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import stats

from assocmem import (
    PerDimension,
    ZipfTask,
    expected_errors,
    frequency,
    threshold,
)
from assocmem.theory import (
    minimax,
    theorem_2_any_memory,
    theorem_2_lower,
    theorem_2_lower_published,
)
from assocmem.theory.minimax import _missed_points


@pytest.mark.parametrize(("alpha", "constant"), [(2.0, 0.1657), (1.5, 0.1700)])
def test_theorem_2_constant(alpha: float, constant: float) -> None:
    normalizer = ZipfTask(alpha, math.inf, 2).normalizer
    limit = constant * normalizer / (alpha - 1)
    for dim in (10**4, 10**6):
        assert theorem_2_lower(alpha, dim) * dim ** (alpha - 1) == pytest.approx(limit, rel=2e-3)
        published = normalizer * 3 ** (1 - alpha) / (20 * (alpha - 1)) * (dim + 1) ** (1 - alpha)
        assert theorem_2_lower_published(alpha, dim) == pytest.approx(published)


def test_theorem_2_holds_for_the_constant_target() -> None:
    task = ZipfTask(2.0, math.inf, 2, (0,))
    schemes = {"p": frequency(), "√p": frequency(0.5), "cut": threshold(PerDimension(0.2))}
    rng = np.random.default_rng(3)
    table = expected_errors(task, schemes, [5, 50, 5000], rng=rng, draws=2048)
    for dim, mean, sem in table[["dim", "mean", "sem"]].itertuples(index=False):
        assert mean + 5 * sem >= theorem_2_lower(2.0, dim)


@pytest.mark.parametrize("alpha", [1.5, 2.0])
@pytest.mark.parametrize("dim", [1, 3, 50, 1000])
def test_theorem_2_lower_is_a_supremum_over_kappa(alpha: float, dim: int) -> None:
    """The set beyond n = ⌈d/κ⌉ is the same for all κ from d/n on, of which d/n gives the most."""
    n = np.arange(1, 5 * dim + 20)
    beyond = 1 - np.cumsum(n**-alpha) / float(mpmath.zeta(alpha))
    best = (stats.norm.sf(np.sqrt(dim / n)) * beyond).max()
    assert 0.99 * best <= theorem_2_lower(alpha, dim) <= best * (1 + 1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 37, 60])
def test_points_that_all_half_spaces_miss_are_never_too_many(n: int) -> None:
    """In integers; at d = n the half-spaces give all labelings, and the count is exactly 2^n. They may
    be too few only where the next count is within 10⁻⁸ of that.
    """
    for dim in range(1, n + 4):
        realizable = 2 * sum(math.comb(n - 1, i) for i in range(dim))
        missed = _missed_points(n, dim)
        ball = sum(math.comb(n, j) for j in range(missed))
        assert realizable * ball < 2**n
        assert realizable * (ball + math.comb(n, missed)) * (10**8 + 1) >= 2**n * 10**8


def test_theorem_2_any_memory_counts_exactly() -> None:
    """Against integers of arbitrary size: the m it finds satisfies the count, m + 1 does not."""
    for dim, n in ((3, 12), (10, 90), (25, 230)):
        realizable = 2 * sum(math.comb(n - 1, i) for i in range(dim))
        missed, ball = 0, 0
        while realizable * (ball + math.comb(n, missed)) < 2**n:
            ball += math.comb(n, missed)
            missed += 1
        best = float(Fraction(missed) / Fraction(n) ** 2)
        assert theorem_2_any_memory(2.0, dim) >= 0.98 * best
    for dim in (2, 10, 50, 200):
        assert theorem_2_any_memory(2.0, dim) * dim >= 0.0121
        assert theorem_2_any_memory(1.5, dim) * dim**0.5 >= 0.0439


def test_theorem_2_any_memory_tries_blocks_from_2d_to_60d(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    monkeypatch.setattr(minimax, "_missed_points", lambda n, dim: tried.append(n) or 1)
    theorem_2_any_memory(2.0, 7)
    assert (tried[0], tried[-1]) == (14, 420)


def test_theorem_2_any_memory_by_hand() -> None:
    """For d = 1 the answers follow two opposite labelings: 2 (1 + n + …) < 2^n."""
    candidates = []
    for n in range(2, 61):
        ball, missed = 0, 0
        while 2 * (ball + math.comb(n, missed)) < 2**n:
            ball += math.comb(n, missed)
            missed += 1
        candidates.append(missed * n**-2.0)
    assert theorem_2_any_memory(2.0, 1) == pytest.approx(max(candidates))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: theorem_2_lower(2.0, 0), "dim"),
        (lambda: theorem_2_lower(1.0, 5), "alpha"),
        (lambda: theorem_2_lower_published(2.0, 0), "dim"),
        (lambda: theorem_2_lower_published(1.0, 5), "alpha"),
        (lambda: theorem_2_any_memory(2.0, 0), "dim"),
        (lambda: theorem_2_any_memory(1.0, 5), "alpha"),
    ],
)
def test_values_outside_theorem_2_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        call()


def test_theorem_2_lower_published_in_one_dimension() -> None:
    # 6/π² / 6 / 20
    assert theorem_2_lower_published(2.0, 1) == pytest.approx(1 / (20 * math.pi**2))
