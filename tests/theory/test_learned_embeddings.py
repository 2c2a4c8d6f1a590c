import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from assocmem import spherical_embeddings
from assocmem.model import coherence, spherical_gram
from assocmem.simulation import rival_conditionals
from assocmem.theory import (
    lemma_1_coherence,
    proposition_5_dimension,
    proposition_5_margin,
    random_coherence,
    two_rivals_lower,
    welch_coherence,
)
from tests.oracles import FALSE_FAILURE, properties


@given(st.integers(1, 10**6), st.integers(1, 10**6))
@properties
def test_lemma_1_coherence_is_its_formula(n: int, dim: int) -> None:
    assert float(lemma_1_coherence(n, dim)) == pytest.approx(2 * math.sqrt(math.log(n) / dim))


@given(st.integers(2, 10**6), st.integers(1, 10**6), st.floats(1e-9, 1))
@properties
def test_lemma_1_union_bound_over_pairs(n: int, dim: int, failure: float) -> None:
    eta = float(lemma_1_coherence(n, dim, failure=failure))
    union = n * (n - 1) / 2 * 2 * math.exp(-dim * eta**2 / 2)
    assert union == pytest.approx(failure * (n - 1) / n, rel=1e-9)


@pytest.mark.parametrize(("n", "dim"), [(1, 1), (2, 1), (5, 3), (40, 64), (100, 16), (30, 1000)])
def test_lemma_1_families_exist(n: int, dim: int) -> None:
    """Drawn vectors: some family is as coherent as the lemma allows, none is far beyond."""
    rng = np.random.default_rng(n + dim)
    etas = []
    for _ in range(50):
        u = spherical_embeddings(n, dim, rng)
        etas.append(max([abs(float(u[i] @ u[j])) for i in range(n) for j in range(i)], default=0))
    assert min(etas) <= float(lemma_1_coherence(n, dim)) + 1e-12
    assert max(etas) <= float(lemma_1_coherence(n, dim, failure=FALSE_FAILURE / 50)) + 1e-12


@pytest.mark.parametrize(
    ("vectors", "sharp"),
    [
        (np.array([[1.0, 0.0], [-1.0, 0.0]]), True),  # on a line
        (np.array([[1, 0], [-0.5, 3**0.5 / 2], [-0.5, -(3**0.5) / 2]]), True),  # 120 degrees
        ((np.eye(4) - 0.25) / math.sqrt(0.75), True),  # a simplex, of rank 3
        (np.array([[1, 0], [0, 1], [2**-0.5, 2**-0.5], [2**-0.5, -(2**-0.5)]]), False),
    ],
)
def test_welch_coherence_is_reached_by_simplices(vectors: np.ndarray, sharp: bool) -> None:
    dim = np.linalg.matrix_rank(vectors)
    bound = float(welch_coherence(len(vectors), dim))
    measured = coherence(vectors @ vectors.T)
    assert measured == pytest.approx(bound) if sharp else measured > bound + 0.1


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 10**6))
@properties
def test_welch_coherence_is_below_every_family(n: int, dim: int, seed: int) -> None:
    gram = spherical_gram(n, dim, np.random.default_rng(seed))
    assert float(welch_coherence(n, dim)) <= coherence(gram) + 1e-9
    if n <= dim:
        assert float(welch_coherence(n, dim)) == 0


@given(st.integers(1, 10**5), st.floats(0.01, 1), st.floats(1e-6, 1))
@properties
def test_proposition_5_dimension_is_the_smallest(n: int, margin: float, failure: float) -> None:
    dim = int(proposition_5_dimension(n, margin, failure=failure))
    assert 2 * float(lemma_1_coherence(n, dim, failure=failure)) <= margin
    if dim > 1:
        assert 2 * float(lemma_1_coherence(n, dim - 1, failure=failure)) > margin * (1 - 1e-12)


def test_proposition_5_dimension_at_margins_that_a_dimension_just_reaches() -> None:
    """Where rounding decides, it never ends below; a dimension that is enough may be taken for short."""
    n, dim = (x.ravel() for x in np.meshgrid(np.arange(2, 60), np.arange(30, 300, 7)))
    margin = 2 * lemma_1_coherence(n, dim)
    some = margin <= 1
    n, dim, margin = n[some], dim[some], margin[some]
    found = proposition_5_dimension(n, margin)
    assert ((found == dim) | (found == dim + 1)).all()
    assert (found == dim).any()
    short = np.nextafter(margin, 0)  # one rounding error less
    assert (proposition_5_dimension(n, short) == dim + 1).all()


def test_proposition_5_dimension_is_its_formula() -> None:
    expected = [math.ceil(16 * math.log(100) / mu**2) for mu in (0.1, 0.2, 0.5, 1.0)]
    assert proposition_5_dimension(100, [0.1, 0.2, 0.5, 1.0]).tolist() == expected
    assert int(proposition_5_dimension(1, 0.3)) == 1


def test_proposition_5_margin_by_a_loop() -> None:
    rng = np.random.default_rng(3)
    conditionals = rng.dirichlet(np.ones(6), size=40)
    labels = rng.integers(6, size=40)
    before = conditionals.copy()
    for x, margin in enumerate(proposition_5_margin(conditionals, labels)):
        others = [conditionals[x, z] for z in range(6) if z != labels[x]]
        assert margin == conditionals[x, labels[x]] - max(others)
    np.testing.assert_array_equal(conditionals, before)


@given(st.integers(2, 30), st.integers(1, 300), st.integers(0, 10**6))
@properties
def test_proposition_5_recalls_where_twice_the_coherence_is_below_the_margin(
    n: int, dim: int, seed: int
) -> None:
    """With explicit vectors and conditionals of every shape, right up to the condition."""
    rng = np.random.default_rng(seed)
    u = spherical_embeddings(n, dim, rng)
    eta = coherence(u @ u.T)
    for _ in range(20):
        p = rng.dirichlet(np.full(n, rng.choice([0.1, 1.0])))
        y = int(p.argmax())
        if 2 * eta > float(proposition_5_margin(p[None], np.array([y]))[0]):
            # mixed with as much certainty as the condition needs
            p = p * (1 - min(1, 2 * eta))
            p[y] += min(1, 2 * eta)
        margin = float(proposition_5_margin(p[None], np.array([y]))[0])
        if margin <= 0 or 2 * eta > margin:
            continue
        e = sum(p[z] * u[z] for z in range(n))
        s = u @ e
        assert (s[y] - np.delete(s, y)).min() >= margin - 2 * eta + eta * p[y] - 1e-12
        assert (s[y] > np.delete(s, y)).all()


@pytest.mark.parametrize(("margin", "dim"), [(0.1, 3), (0.1, 50), (0.3, 5), (0.5, 4), (0.9, 30)])
def test_two_rivals_lower_is_the_tail_of_a_coordinate(margin: float, dim: int) -> None:
    """By integrating over the angle on the sphere."""
    least = margin / ((1 - margin) / 3 * math.sqrt(2))
    if least >= 1:
        assert float(two_rivals_lower(margin, dim)) == 0
        return
    density = lambda angle: math.sin(angle) ** (dim - 2)  # noqa: E731
    expected = (
        integrate.quad(density, 0, math.acos(least))[0] / integrate.quad(density, 0, math.pi)[0]
    )
    assert float(two_rivals_lower(margin, dim)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("margin", "dim"), [(0.1, 3), (0.1, 20), (0.1, 60), (0.3, 8)])
def test_two_rivals_lower_is_below_a_simulation_and_not_far(margin: float, dim: int) -> None:
    """One token in each of 4000 families of three outputs: the standard error is below 0.008."""
    rng = np.random.default_rng(dim)
    p = rival_conditionals(np.array([0]), 3, margin, rng)[0]
    grams = spherical_gram(3, dim, rng, size=4000)
    error = ((grams @ p).argmax(-1) != 0).mean()
    bound = float(two_rivals_lower(margin, dim))
    assert bound - 0.04 <= error <= 2.6 * bound + 0.04


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lemma_1_coherence(0, 5), "n = 0"),
        (lambda: lemma_1_coherence(5, 0), "dim = 0"),
        (lambda: lemma_1_coherence(5, 5, failure=0.0), "failure = 0"),
        (lambda: lemma_1_coherence(5, 5, failure=1.1), "failure = 1.1"),
        (lambda: welch_coherence(5, math.nan), "dim = nan"),
        (lambda: proposition_5_dimension(0, 0.5), "n_outputs = 0"),
        (lambda: proposition_5_dimension(5, 0.0), "margin = 0"),
        (lambda: proposition_5_dimension(5, 1.1), "margin = 1.1"),
        (lambda: two_rivals_lower(1.0, 5), "margin = 1"),
        (lambda: two_rivals_lower(0.5, 2), "dim = 2"),
        (lambda: random_coherence(1, 5), "n = 1"),
        (lambda: random_coherence(2, 0), "dim = 0"),
    ],
)
def test_values_outside_the_statements_are_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=f"^{words}.* is not valid; valid range"):
        call()


@pytest.mark.parametrize("dim", [1, 2, 3, 17, 1000])
def test_random_coherence_of_two_vectors_is_exact(dim: int) -> None:
    """The mean modulus of a coordinate of a unit vector."""
    log = math.lgamma(dim / 2) - math.lgamma((dim + 1) / 2)
    expected = math.exp(log) / math.sqrt(math.pi)
    assert float(random_coherence(2, dim)) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("n", "dim"), [(10, 4), (10, 64), (60, 8), (60, 500)])
def test_random_coherence_is_that_of_drawn_families(n: int, dim: int) -> None:
    """Overlaps are not quite independent: within 1 %, and what chance adds."""
    grams = spherical_gram(n, dim, np.random.default_rng(n + dim), size=400)
    drawn = np.array([coherence(gram) for gram in grams])
    expected = float(random_coherence(n, dim))
    chance = stats.norm.isf(FALSE_FAILURE) * drawn.std(ddof=1) / 20
    assert abs(drawn.mean() - expected) < 0.01 * expected + chance


def test_random_coherence_comes_near_lemma_1() -> None:
    ratio = random_coherence([10, 100, 1000], 10_000) / lemma_1_coherence([10, 100, 1000], 10_000)
    assert (np.diff(ratio) > 0).all()
    assert 0.92 < ratio[-1] < 1
