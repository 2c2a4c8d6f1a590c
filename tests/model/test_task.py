import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assocmem import ZipfTask
from tests.oracles import (
    FALSE_FAILURE,
    check_probability,
    hurwitz_sum,
    properties,
    target_at,
    tasks,
    zipf_masses,
)


@given(tasks())
@properties
def test_masses_are_the_zipf_law_and_sum_to_one(arguments: Any) -> None:
    task = ZipfTask(**arguments)
    assert task.probabilities.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(
        task.probabilities, zipf_masses(task.alpha, int(task.n_tokens)), rtol=1e-12
    )


@pytest.mark.parametrize("alpha", [1.01, 1.5, 2.0, 4.5])
def test_normalizer_of_an_infinite_law_is_one_over_zeta(alpha: float) -> None:
    task = ZipfTask(alpha, math.inf, 3)
    assert task.normalizer == pytest.approx(float(1 / mpmath.zeta(alpha)), rel=1e-13)
    assert float(task.mass(2) / task.mass(1)) == pytest.approx(2**-alpha, rel=1e-14)


@given(tasks(), st.lists(st.floats(0, 60), min_size=2, max_size=8))
@properties
def test_tails_decrease_and_agree_with_the_masses(arguments: Any, points: list[float]) -> None:
    task = ZipfTask(**arguments)
    points = sorted(points)
    tails = task.tail(points)
    masses = zipf_masses(task.alpha, int(task.n_tokens))
    expected = [math.fsum(masses[math.floor(x) :]) for x in points]
    np.testing.assert_allclose(tails, expected, rtol=1e-10, atol=1e-300)
    assert (np.diff(tails) <= 0).all()
    assert float(task.tail(0)) == pytest.approx(1, abs=1e-12)


@given(st.floats(1.05, 6), st.integers(1, 10**7))
@properties
def test_an_infinite_tail_loses_the_mass_of_each_token(alpha: float, x: int) -> None:
    task = ZipfTask(alpha, math.inf, 1)
    step = float(task.tail(x - 1) - task.tail(x))
    assert step == pytest.approx(float(task.mass(x)), rel=1e-6, abs=1e-15)
    expected = hurwitz_sum(alpha, x + 1, math.inf, 1) / float(mpmath.zeta(alpha))
    assert float(task.tail(x)) == pytest.approx(expected, rel=1e-11)


def test_no_mass_outside_the_tokens() -> None:
    task = ZipfTask(1.0, 10, 2)
    np.testing.assert_array_equal(task.mass([-3, 0, 11, 1e9]), 0)
    np.testing.assert_array_equal(task.tail([10, 10.5, 1e6]), 0)


def test_a_law_with_more_tokens_than_memory_still_sums_to_one() -> None:
    task = ZipfTask(0.7, 10**15, 5)
    assert float(task.tail(0)) == pytest.approx(1, abs=1e-12)
    assert float(task.tail(1)) == pytest.approx(1 - float(task.mass(1)), abs=1e-12)


@given(tasks())
@properties
def test_labels_are_the_periodic_target(arguments: Any) -> None:
    task = ZipfTask(**arguments)
    period = task.target or tuple(range(task.n_outputs))
    assert task.labels(task.tokens).tolist() == [target_at(period, int(x)) for x in task.tokens]
    if task.target is None:
        assert task.labels(task.tokens).tolist() == [int(x) % task.n_outputs for x in task.tokens]


@given(tasks(), st.floats(0, 6), st.integers(1, 60))
@properties
def test_class_sums_run_over_the_tokens_of_each_output(
    arguments: Any, exponent: float, n_stored: int
) -> None:
    task = ZipfTask(**arguments)
    period = task.target or tuple(range(task.n_outputs))
    expected = np.zeros(task.n_outputs)
    for x in range(1, min(n_stored, int(task.n_tokens)) + 1):
        expected[target_at(period, x)] += x**-exponent
    sums = task.class_sums(exponent, n_stored)
    np.testing.assert_allclose(sums, expected, rtol=1e-11, atol=1e-300)


@given(
    st.integers(1, 9), st.floats(1.05, 5), st.sampled_from([math.inf, 10**13]), st.integers(0, 99)
)
@properties
def test_class_sums_add_up_to_the_total(
    n_outputs: int, exponent: float, n_tokens: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    target = tuple(int(y) for y in rng.integers(0, n_outputs, size=11))
    task = ZipfTask(2.0, n_tokens, n_outputs, target)
    total = hurwitz_sum(exponent, 1, n_tokens, 1)
    assert task.class_sums(exponent).sum() == pytest.approx(total, rel=1e-11)


@given(tasks(), st.floats(0, 4), st.randoms(use_true_random=False))
@properties
def test_class_sums_follow_a_relabelling_of_the_outputs(
    arguments: Any, exponent: float, random: Any
) -> None:
    task = ZipfTask(**arguments)
    names = list(range(task.n_outputs))
    random.shuffle(names)
    renamed = ZipfTask(**{**arguments, "target": tuple(names[y] for y in task.period)})
    np.testing.assert_array_equal(renamed.class_sums(exponent)[names], task.class_sums(exponent))
    np.testing.assert_array_equal(
        renamed.labels(task.tokens), np.asarray(names)[task.labels(task.tokens)]
    )


def test_class_tails_are_sums_over_the_tokens_beyond() -> None:
    """Also where they are below the rounding error of 1; 0 from the last token on."""
    for target in (None, (0, 2, 2, 1), (1,)):
        task = ZipfTask(9.0, 40, 3, target)
        for last in (0.0, 1.0, 7.5, 38.0, 40.0, 1e9):
            for y, tail in enumerate(task.class_tails([last])):
                p = [task.mass(x).item() for x in range(1, 41) if x > last and task.labels(x) == y]
                assert tail == pytest.approx(math.fsum(p), rel=1e-12, abs=0)
    endless = ZipfTask(1.5, math.inf, 4)
    assert endless.class_tails([100]).sum() == pytest.approx(endless.tail(100).item(), rel=1e-13)
    own = endless.class_tails([[3, 10**6, 0, 5]])[0]
    assert own[1] == endless.class_tails([10**6])[1]


def test_counts_follow_the_law() -> None:
    task = ZipfTask(1.3, 12, 3)
    counts = task.sample_counts(100_000, np.random.default_rng(0))
    assert counts.sum() == 100_000
    assert stats.chisquare(counts, 100_000 * task.probabilities).pvalue > FALSE_FAILURE


@pytest.mark.parametrize(("alpha", "n_tokens"), [(0.6, 15), (1.0, 40), (2.0, 10**5)])
def test_a_finite_sample_follows_the_law(alpha: float, n_tokens: int) -> None:
    task = ZipfTask(alpha, n_tokens, 3)
    sample = task.sample(100_000, np.random.default_rng(1))
    assert sample.min() >= 1
    assert sample.max() <= n_tokens
    for x in (1, 2, 3, 7, n_tokens):
        check_probability((sample == x).sum(), 100_000, float(task.mass(x)))
    check_probability((sample > 10).sum(), 100_000, float(task.tail(10)))


@pytest.mark.parametrize("alpha", [1.02, 1.2, 2.0, 3.5])
def test_an_infinite_sample_follows_the_law(alpha: float) -> None:
    task = ZipfTask(alpha, math.inf, 3)
    sample = task.sample(100_000, np.random.default_rng(2))
    assert sample.min() >= 1
    for x in (1, 2, 3, 7):
        check_probability((sample == x).sum(), 100_000, float(task.mass(x)))
    for x in (10, 1000, 10**6, 2**40):
        check_probability((sample > x).sum(), 100_000, float(task.tail(x)))


@pytest.mark.parametrize("n_tokens", [20, math.inf])
def test_an_empty_sample_is_empty(n_tokens: float) -> None:
    assert ZipfTask(2.0, n_tokens, 5).sample(0, np.random.default_rng(0)).shape == (0,)
