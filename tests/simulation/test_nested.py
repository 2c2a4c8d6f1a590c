import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assocmem import PerDimension, ZipfTask, fill, frequency, threshold
from assocmem.simulation import nested, sweep_errors
from assocmem.simulation.nested import mistakes
from tests.oracles import (
    dense_matrix,
    dense_scores,
    error_range,
    explicit_embeddings,
    properties,
    target_at,
    zipf_masses,
)

RANDOM_TARGET = tuple(int(y) for y in np.random.default_rng(9).integers(0, 4, size=30))


TASKS = {
    "modulo": ZipfTask(2.0, 40, 5),
    "flat law": ZipfTask(0.3, 40, 5),
    "one output": ZipfTask(1.0, 12, 1),
    "one token": ZipfTask(1.0, 1, 1),
    "injective": ZipfTask(1.2, 25, 25),
    "constant target": ZipfTask(1.5, 30, 3, target=(2,)),
    "arbitrary target": ZipfTask(1.5, 30, 4, target=RANDOM_TARGET),
    "unused outputs": ZipfTask(1.5, 30, 6, target=(4, 1, 1)),
}


SCHEMES = {
    "fill": fill(),
    "frequency": frequency(),
    "root": frequency(0.5),
    "threshold": threshold(7),
    "growing threshold": threshold(PerDimension(1 / 2), rho=0.5),
}


DIMS = np.array([1, 2, 7, 16, 33])


def weights_of(task: ZipfTask, dim: int) -> NDArray[np.float64]:
    return np.stack([scheme.weights(task.probabilities, dim) for scheme in SCHEMES.values()])


@pytest.mark.parametrize("name", TASKS)
def test_nested_dimensions_equal_separate_dense_computations(name: str) -> None:
    task = TASKS[name]
    n_tokens = int(task.n_tokens)
    period = task.target or tuple(range(task.n_outputs))
    labels = [target_at(period, x) for x in range(1, n_tokens + 1)]
    masses = zipf_masses(task.alpha, n_tokens)
    for position, dim in enumerate(DIMS):
        weights = weights_of(task, int(dim))
        errors = sweep_errors(task, weights, DIMS, np.random.default_rng(11))[:, position]
        e, u = explicit_embeddings(n_tokens, task.n_outputs, int(dim), 11)
        for q, error in zip(weights, errors, strict=True):
            logits = dense_scores(dense_matrix(q, labels, e, u), e, u)
            low, high = error_range(masses, labels, logits)
            assert low <= error <= high
            assert high - low < 1e-3 or dim <= 2  # there u may be the same, or nearly


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("block_bytes", [1, 1000, 7000])
def test_the_size_of_a_block_changes_nothing(
    name: str, block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = TASKS[name]
    weights = weights_of(task, 20)
    whole = sweep_errors(task, weights, DIMS[1:], np.random.default_rng(3))
    monkeypatch.setattr(nested, "_BLOCK_BYTES", block_bytes)
    pieces = sweep_errors(task, weights, DIMS[1:], np.random.default_rng(3))
    np.testing.assert_allclose(pieces, whole, rtol=1e-12, atol=1e-12)


def test_blocks_are_pieces_of_one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nested, "_BLOCK_BYTES", 4 * 9 * 3)
    blocks = list(nested.embedding_blocks(7, 2, np.array([4, 5, 12]), np.random.default_rng(5)))
    assert [done for done, _, _ in blocks] == [3, 4, 5, 6, 9, 12]
    e, u = explicit_embeddings(7, 2, 12, 5)
    inputs = np.concatenate([block for _, block, _ in blocks]).T
    np.testing.assert_allclose(inputs, e, rtol=1e-5, atol=1e-6)
    outputs = np.concatenate([block for _, _, block in blocks]).T.astype(float)
    outputs /= np.linalg.norm(outputs, axis=1)[:, None]
    np.testing.assert_allclose(outputs, u, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", TASKS)
def test_an_error_does_not_depend_on_what_else_is_asked(name: str) -> None:
    task = TASKS[name]
    weights = weights_of(task, 20)
    dims = np.array([3, 10, 40])
    together = sweep_errors(task, weights, dims, np.random.default_rng(4))
    for position, dim in enumerate(dims):
        alone = sweep_errors(task, weights, np.array([dim]), np.random.default_rng(4))
        np.testing.assert_allclose(alone[:, 0], together[:, position], atol=1e-12)
    for row in range(len(weights)):
        alone = sweep_errors(task, weights[row : row + 1], dims, np.random.default_rng(4))
        np.testing.assert_allclose(alone[0], together[row], atol=1e-12)


@given(st.lists(st.booleans(), min_size=15, max_size=15))
@properties
def test_only_wanted_errors_are_computed(flags: list[bool]) -> None:
    task = TASKS["modulo"]
    weights = weights_of(task, 20)
    dims = np.array([3, 10, 40])
    wanted = np.array(flags).reshape(5, 3)
    full = sweep_errors(task, weights, dims, np.random.default_rng(4))
    part = sweep_errors(task, weights, dims, np.random.default_rng(4), wanted)
    np.testing.assert_array_equal(np.isnan(part), ~wanted)
    np.testing.assert_allclose(part[wanted], full[wanted], atol=1e-12)


@pytest.mark.parametrize("scale", [2.0**-900, 2.0**-3, 2.0**900])
def test_sweeps_do_not_depend_on_the_scale_of_q(scale: float) -> None:
    task = TASKS["arbitrary target"]
    weights = weights_of(task, 20)
    errors = sweep_errors(task, weights, DIMS, np.random.default_rng(6))
    scaled = sweep_errors(task, scale * weights, DIMS, np.random.default_rng(6))
    np.testing.assert_array_equal(scaled, errors)


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 30), st.integers(1, 20))
@properties
def test_an_error_is_between_zero_and_one(
    seed: int, n_tokens: int, n_outputs: int, dim: int
) -> None:
    task = ZipfTask(0.5, n_tokens, min(n_outputs, n_tokens))
    weights = np.random.default_rng(seed).normal(size=(2, n_tokens))
    errors = sweep_errors(task, weights, np.array([dim]), np.random.default_rng(seed))
    assert errors.shape == (2, 1)
    assert (errors >= 0).all()
    assert (errors <= 1 + 1e-12).all()


@pytest.mark.parametrize("levels", [1, 2, 1000])
@pytest.mark.parametrize("shape", [(5, 3, 40), (1, 2, 7), (30, 1, 20), (4, 0, 6)])
def test_mistakes_are_those_of_an_argmax_with_and_without_ties(
    levels: int, shape: tuple[int, int, int]
) -> None:
    rng = np.random.default_rng(levels)
    logits = rng.integers(0, levels, size=shape).astype(np.float32)
    labels = rng.integers(0, shape[0], size=shape[2])
    expected = [
        [max(range(shape[0]), key=lambda z: logits[z, j, x]) != labels[x] for x in range(shape[2])]
        for j in range(shape[1])
    ]
    np.testing.assert_array_equal(
        mistakes(logits, labels), np.array(expected, dtype=bool).reshape(shape[1:])
    )
