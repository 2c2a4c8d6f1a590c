import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assocmem import (
    ZipfTask,
    association_matrix,
    generalization_error,
    recall,
    scores,
)
from assocmem.model import Scheme, factorized_scores, output_probabilities
from assocmem.simulation import sweep_errors
from tests.oracles import (
    dense_matrix,
    dense_scores,
    properties,
    zipf_masses,
)


def random_memory(
    seed: int, n_tokens: int, n_outputs: int, dim: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_outputs, size=n_tokens)
    outputs = rng.normal(size=(n_outputs, dim))
    outputs /= np.linalg.norm(outputs, axis=1, keepdims=True)
    return rng.random(n_tokens), labels, rng.normal(size=(n_tokens, dim)), outputs


# From d = 2 on: in d = 1 the outputs are ±1, so scores tie.
memories = st.tuples(
    st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 6), st.integers(2, 12)
).map(lambda numbers: random_memory(*numbers))


@given(memories)
@properties
def test_the_matrix_and_its_scores_equal_explicit_loops(arrays: Any) -> None:
    q, labels, e, u = arrays
    matrix = association_matrix(q, labels, e, u)
    np.testing.assert_allclose(matrix, dense_matrix(q, labels, e, u), atol=1e-12)
    expected = dense_scores(matrix, e, u)
    np.testing.assert_allclose(scores(matrix, e, u), expected, atol=1e-10)
    np.testing.assert_allclose(factorized_scores(q, labels, e, u), expected, atol=1e-10)


@given(memories, st.floats(1e-100, 1e100), st.floats(1e-100, 1e100))
@properties
def test_recall_does_not_depend_on_the_scale_of_e_and_q(
    arrays: Any, e_scale: float, q_scale: float
) -> None:
    q, labels, e, u = arrays
    logits = factorized_scores(q, labels, e, u)
    scaled = factorized_scores(q_scale * q, labels, e_scale * e, u)
    np.testing.assert_array_equal(recall(scaled), recall(logits))


@given(memories, st.randoms(use_true_random=False))
@properties
def test_recall_follows_a_relabelling_of_the_outputs(arrays: Any, random: Any) -> None:
    q, labels, e, u = arrays
    names = list(range(len(u)))
    random.shuffle(names)
    renamed = np.empty_like(u)
    renamed[names] = u
    recalled = recall(factorized_scores(q, labels, e, u))
    np.testing.assert_array_equal(
        recall(factorized_scores(q, np.array(names)[labels], e, renamed)),
        np.array(names)[recalled],
    )


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 5))
@properties
def test_the_error_is_the_mass_of_the_wrong_tokens(seed: int, n_tokens: int, batch: int) -> None:
    task = ZipfTask(1.3, n_tokens, max(1, n_tokens // 3))
    recalled = np.random.default_rng(seed).integers(0, task.n_outputs, size=(batch, n_tokens))
    errors = generalization_error(recalled, task)
    masses = zipf_masses(1.3, n_tokens)
    for row, error in zip(recalled, errors, strict=True):
        wrong = [x for x in range(1, n_tokens + 1) if row[x - 1] != x % task.n_outputs]
        assert error == pytest.approx(math.fsum(masses[x - 1] for x in wrong), abs=1e-12)
    assert (errors >= 0).all()
    assert (errors <= 1 + 1e-12).all()
    assert float(generalization_error(task.labels(task.tokens), task)) == 0


def test_one_stored_token_is_recalled_in_any_dimension() -> None:
    task = ZipfTask(2.0, 30, 5)
    weights = Scheme(n_stored=1).weights(task.probabilities, 1)[None]
    errors = sweep_errors(task, weights, np.array([2, 50]), np.random.default_rng(8))
    assert (errors <= 1 - task.probabilities[0] + 1e-12).all()


def test_probabilities_are_exponentials_of_the_scores_and_do_not_overflow() -> None:
    logits = np.array([[1.0, 2.0, -1.0], [3000.0, 0.0, 3000.0]])
    found = output_probabilities(logits, dim=4, sharpness=2.0)
    powers = [math.exp(0.5), math.exp(1.0), math.exp(-0.5)]
    np.testing.assert_allclose(found[0], np.array(powers) / sum(powers))
    np.testing.assert_allclose(found[1], [0.5, 0, 0.5], atol=1e-12)
