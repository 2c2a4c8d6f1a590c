import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from assocmem import spherical_embeddings
from assocmem.model import coherence, spherical_gram
from assocmem.theory import (
    adverse_gram,
    adverse_recall,
    rival_chance,
    two_rivals_lower,
    worst_gap,
    worst_recall,
)
from tests.oracles import check_mean, properties


@pytest.mark.parametrize(("margin", "dim"), [(0.1, 2), (0.1, 3), (0.1, 40), (0.3, 5), (0.05, 200)])
def test_rival_chance_is_that_of_explicit_vectors(margin: float, dim: int) -> None:
    """Outputs, inputs and scores written out."""
    rng = np.random.default_rng(dim)
    y, z, w = (spherical_embeddings(20_000, dim, rng) for _ in range(3))
    e = (1 + 2 * margin) / 3 * y + (1 - margin) / 3 * (z + w)
    wins = ((z - y) * e).sum(1) > 0
    check_mean(wins.astype(float), float(rival_chance(margin, dim)))


@pytest.mark.parametrize("dim", [3, 10, 100, 1000])
def test_rival_chance_is_above_its_jensen_bound_and_near_it_in_many_dimensions(dim: int) -> None:
    margins = np.array([0.02, 0.05, 0.1])
    ratio = rival_chance(margins, dim) / two_rivals_lower(margins, dim)
    assert (ratio >= 1).all()
    if dim == 1000:
        assert ratio[0] == pytest.approx(1, abs=0.01)


def least_by_programming(gram: np.ndarray, margin: float, centred: bool) -> float:
    """The least score difference, each by a linear programme over all conditionals."""
    n, found = len(gram), []
    mean = gram.mean(axis=0)
    for y in range(n):
        others = [w for w in range(n) if w != y]
        rows = np.zeros((n - 1, n))
        rows[np.arange(n - 1), others], rows[:, y] = 1, -1  # p_w − p_y ≤ −μ
        for z in others:
            best = linprog(
                gram[y] - gram[z], A_ub=rows, b_ub=np.full(n - 1, -margin), A_eq=np.ones((1, n)), b_eq=[1]
            )  # fmt: skip
            found.append(best.fun - centred * (mean[y] - mean[z]))
    return min(found)


@pytest.mark.slow
@given(st.integers(2, 7), st.integers(2, 6), st.floats(0.05, 1), st.booleans(), st.integers(0, 999))
@properties
def test_worst_gap_is_the_solution_of_linear_programmes(
    n: int, dim: int, margin: float, centred: bool, seed: int
) -> None:
    gram = spherical_gram(n, dim, np.random.default_rng(seed))
    expected = least_by_programming(gram, margin, centred)
    assert worst_gap(gram, margin, centred=centred) == pytest.approx(expected, abs=1e-9)


def test_worst_gap_of_one_output_is_at_least_that_of_all() -> None:
    gram = spherical_gram(8, 5, np.random.default_rng(0))
    each = [worst_gap(gram, 0.3, right=[y]) for y in range(8)]
    assert min(each) == worst_gap(gram, 0.3) == worst_gap(gram, 0.3, centred=False)
    assert worst_gap(gram, 0.3) != worst_gap(gram, 0.3, centred=True)
    assert len(set(each)) == 8


@given(st.integers(2, 30), st.integers(2, 2000), st.integers(0, 999), st.booleans())
@properties
def test_no_conditional_is_wrong_where_the_coherence_allows_it(
    n: int, dim: int, seed: int, centred: bool
) -> None:
    """2η ≤ μ for averages, 4η ≤ μ for inputs of one step."""
    gram = spherical_gram(n, dim, np.random.default_rng(seed))
    margin = (4 if centred else 2) * coherence(gram)
    if margin <= 1:
        assert worst_gap(gram, margin, centred=centred) > 0


@given(st.integers(1, 30), st.floats(0.01, 0.5), st.integers(0, 30))
@properties
def test_adverse_gram_is_that_of_its_vectors(rivals: int, eta: float, opposite: int) -> None:
    n = rivals + opposite
    vectors = np.zeros((2 + n, 2 + n))
    vectors[0, 0] = vectors[1, 1] = 1
    for place in range(n):
        sign = -1 if place < rivals else 1
        vectors[2 + place, :2] = sign * eta, -sign * eta
        vectors[2 + place, 2 + place] = math.sqrt(1 - 2 * eta**2)
    gram = adverse_gram(rivals, eta, opposite=opposite)
    np.testing.assert_allclose(gram, vectors @ vectors.T, atol=1e-12)
    assert coherence(gram) == pytest.approx(eta)
    assert (adverse_gram(rivals, eta) == adverse_gram(rivals, eta, opposite=0)).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("factor", "opposite", "wins"),
    [(2.0, 0, True), (1.9, 0, False), (4.0, 4000, True), (3.8, 4000, False)],
)
def test_the_factors_are_necessary(factor: float, opposite: int, wins: bool) -> None:
    margin = 0.005
    gram = adverse_gram(100, margin / factor, opposite=opposite)
    assert (worst_gap(gram, margin, centred=opposite > 0, right=[0]) > 0) is wins


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rival_chance(1.0, 3), "margin = 1"),
        (lambda: rival_chance(0.5, 1), "dim = 1"),
        (lambda: worst_gap(np.eye(3), 0.0), "margin = 0"),
        (lambda: worst_gap(np.eye(3), 1.01), "margin = 1.01"),
        (lambda: worst_gap(np.eye(1), 0.5), "gram = 'array of shape"),
        (lambda: worst_gap(np.ones((2, 3)), 0.5), "gram = 'array of shape"),
        (lambda: adverse_gram(0, 0.1), "rivals = 0"),
        (lambda: adverse_gram(1, 0.51), "eta = 0.51"),
        (lambda: adverse_gram(1, 0.1, opposite=-1), "opposite = -1"),
    ],
)
def test_bad_values_are_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=f"^{words}.* is not valid; valid range"):
        call()


def test_no_smaller_factor_will_do_for_the_adverse_outputs() -> None:
    """The signs of the score differences of the book, where z and 50 rivals share the rest."""
    for factor, opposite in ((2.0, 0), (1.8, 0), (4.0, 1000), (3.6, 1000)):
        for margin in (0.005, 0.02):
            eta, b = margin / factor, (1 - margin) / 52
            gap = margin - 2 * eta * 50 * b
            if opposite:
                gap -= (2 * eta * opposite - 2 * eta * 50) / (opposite + 52)
            assert adverse_recall([margin], factor, opposite=opposite).tolist() == [gap > 0]


def test_worst_conditionals_are_recalled_where_their_gap_is_positive() -> None:
    found = worst_recall(6, [0.2, 0.5], [30, 6], families=8, rng=np.random.default_rng(7))
    rng = np.random.default_rng(7)
    grams = [spherical_gram(6, 30, rng, size=8), spherical_gram(6, 6, rng, size=8)]
    expected = [worst_gap(g, 0.2) > 0 for g in grams[0]] + [worst_gap(g, 0.5) > 0 for g in grams[1]]
    assert found.tolist() == expected
    assert 0 < sum(expected) < 16
