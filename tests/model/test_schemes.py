from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem import PerDimension, fill, frequency, threshold
from assocmem.model import Scheme
from tests.oracles import properties

COUNTS = st.lists(st.integers(0, 6), min_size=1, max_size=30)
SCHEMES = st.builds(
    Scheme,
    rho=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    n_stored=st.none() | st.integers(1, 40),
)


def naive_weights(counts: list[int], rho: float, n_stored: int | None) -> list[float]:
    most_frequent = sorted(range(len(counts)), key=lambda x: (-counts[x], x))[:n_stored]
    return [
        float(count) ** rho if count > 0 and x in most_frequent else 0.0
        for x, count in enumerate(counts)
    ]


@given(COUNTS, SCHEMES)
@properties
def test_weights_equal_a_loop_over_tokens(counts: list[int], scheme: Scheme) -> None:
    stored = scheme.stored_at(10)
    weights = scheme.weights(np.array(counts), 10)
    np.testing.assert_allclose(weights, naive_weights(counts, scheme.rho, stored), rtol=1e-14)


@given(COUNTS, SCHEMES)
@properties
def test_weights_are_non_negative_and_cut_to_p_of_the_seen(
    counts: list[int], scheme: Scheme
) -> None:
    weights = scheme.weights(np.array(counts), 10)
    seen = np.array(counts) > 0
    stored = scheme.stored_at(10)
    assert (weights >= 0).all()
    assert not weights[~seen].any()
    assert (weights > 0).sum() == (seen.sum() if stored is None else min(stored, seen.sum()))
    if (weights > 0).any() and (seen & (weights == 0)).any():
        kept, cut = np.array(counts)[weights > 0], np.array(counts)[seen & (weights == 0)]
        assert kept.min() >= cut.max()


@given(COUNTS, SCHEMES, st.floats(1e-3, 1e3))
@properties
def test_the_scale_of_the_frequencies_only_scales_the_weights(
    counts: list[int], scheme: Scheme, scale: float
) -> None:
    weights = scheme.weights(np.array(counts), 10)
    scaled = scheme.weights(scale * np.array(counts), 10)
    np.testing.assert_allclose(scaled, scale**scheme.rho * weights, rtol=1e-12)


def test_weights_of_many_counts_are_those_of_each() -> None:
    counts = np.random.default_rng(0).integers(0, 5, size=(3, 2, 11))
    for scheme in (fill(), frequency(0.5), threshold(4, rho=1.0)):
        weights = scheme.weights(counts, 10)
        for index in np.ndindex(3, 2):
            np.testing.assert_array_equal(weights[index], scheme.weights(counts[index], 10))


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        (fill(), [1, 1, 0, 1]),
        (frequency(), [4, 1, 0, 9]),
        (frequency(0.5), [2, 1, 0, 3]),
        (threshold(2), [1, 0, 0, 1]),
        (threshold(2, rho=1.0), [4, 0, 0, 9]),
        (threshold(PerDimension(1 / 8)), [0, 0, 0, 1]),
    ],
)
def test_the_usual_schemes(scheme: Scheme, expected: list[float]) -> None:
    np.testing.assert_allclose(scheme.weights(np.array([4, 1, 0, 9]), 10), expected)


@given(st.integers(1, 10**6), st.integers(1, 100))
@properties
def test_a_threshold_per_dimension_is_a_floor_and_at_least_one(dim: int, parts: int) -> None:
    assert PerDimension(1 / parts)(dim * parts) in (dim, dim - 1)  # 1/parts is rounded
    assert PerDimension(0.125)(dim) == max(1, dim // 8)


def test_a_threshold_may_be_any_function_of_the_dimension() -> None:
    scheme: Any = threshold(lambda dim: dim // 2)
    assert [scheme.stored_at(dim) for dim in (2, 9)] == [1, 4]
    assert scheme.weights(np.ones(10), 8).sum() == 4
    assert fill().stored_at(10) is None


def test_ties_fall_as_they_are_told() -> None:
    counts = np.array([[3, 1, 1, 1, 0], [1, 1, 1, 1, 2]])
    ties = np.array([0.9, 0.8, 0.1, 0.5, 0.0])
    kept = threshold(2).weights(counts, 10, ties)
    assert kept.tolist() == [[1, 0, 1, 0, 0], [0, 0, 1, 0, 1]]
    assert threshold(2).weights(counts, 10).tolist() == [[1, 1, 0, 0, 0], [1, 0, 0, 0, 1]]
