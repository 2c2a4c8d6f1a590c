"""The noise of the exact law: which numbers are drawn, from which law, and in which blocks."""

import numpy as np
import pytest
from scipy import stats

from assocmem.exact import noise
from assocmem.exact.noise import Noise, blocks, chi
from tests.oracles import FALSE_FAILURE, check_probability


def drawn(n_outputs: int, draws: int = 20_000) -> Noise:
    (one,) = blocks(n_outputs, draws, np.random.default_rng(n_outputs))
    return one


@pytest.fixture(autouse=True)
def large_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "_BLOCK_BYTES", 2**30)


def test_norms_are_quantiles_of_chi() -> None:
    quantiles = np.array([1e-9, 0.1, 0.5, 0.999])
    found = chi(np.array([[0], [1], [7], [10**6]]), quantiles)
    assert (found[0] == 0).all()
    for row, degrees in zip(found[1:], (1, 7, 10**6), strict=True):
        np.testing.assert_allclose(row, stats.chi(degrees).ppf(quantiles), rtol=1e-6)


@pytest.mark.parametrize("n_outputs", [2, 3, 6])
def test_every_number_has_its_law(n_outputs: int) -> None:
    found = drawn(n_outputs)
    pairs = n_outputs * (n_outputs - 1) // 2
    assert len(found) == 20_000
    assert found.below.shape == (pairs, 20_000)
    assert found.quantiles.shape == (n_outputs - 1, 20_000)
    assert found.own.shape == found.rival.shape == (n_outputs, 20_000)
    for normal in (*found.below, *found.own):
        assert stats.kstest(normal, "norm").pvalue > FALSE_FAILURE
    for uniform in (*found.quantiles, found.radius):
        assert stats.kstest(uniform, "uniform").pvalue > FALSE_FAILURE


@pytest.mark.parametrize("n_outputs", [2, 3, 6])
def test_rivals_are_any_other_output_and_the_largest_number_is_anywhere(n_outputs: int) -> None:
    found = drawn(n_outputs)
    for y in range(n_outputs):
        for z in range(n_outputs):
            expected = 0 if z == y else 1 / (n_outputs - 1)
            check_probability((found.rival[y] == z).sum(), 20_000, expected)
        largest = found.own.argmax(axis=0) == y
        check_probability(largest.sum(), 20_000, 1 / n_outputs)
        # whatever the norm of the token is
        lower = found.radius < 0.5
        check_probability((largest & lower).sum(), lower.sum(), 1 / n_outputs)


def test_numbers_of_a_draw_are_independent() -> None:
    """Correlations of 20,000 draws are below 0.04 but with a probability of 1e-6 in all."""
    found = drawn(4)
    everything = np.concatenate([found.below, found.quantiles, found.radius[None], found.own])
    correlations = np.corrcoef(everything) - np.eye(len(everything))
    assert np.abs(correlations).max() < 0.04


@pytest.mark.parametrize("batches", [1, 3])
def test_every_draw_of_a_batch_has_strata_of_its_own(batches: int) -> None:
    (found,) = blocks(3, 50, np.random.default_rng(0), batches)
    assert len(found) == 50 * batches
    uniform = [*found.quantiles, found.radius, *stats.norm.cdf(found.below)]
    uniform.append(stats.norm.cdf(found.own).max(axis=0) ** 3)  # the quantile of the largest
    for numbers in uniform:
        strata = np.floor(50 * numbers.reshape(batches, 50))
        assert (np.sort(strata, axis=1) == np.arange(50)).all()


def test_one_batch_is_drawn_unless_more_are_asked_for() -> None:
    assert sum(len(block) for block in blocks(3, 17, np.random.default_rng(0))) == 17


@pytest.mark.parametrize(("size", "sizes"), [(1, [1] * 15), (4, [4, 1] * 3), (11, [10, 5])])
def test_blocks_are_whole_batches_or_parts_of_one(
    size: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # three outputs have 3 + 2·3 + 2 numbers, of 16 bytes with their ranks
    monkeypatch.setattr(noise, "_BLOCK_BYTES", 16 * 11 * size)
    found = blocks(3, 5, np.random.default_rng(0), 3)
    assert [len(block) for block in found] == sizes


def test_a_block_takes_a_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight outputs have 28 + 16 + 2 numbers, of 16 bytes with their ranks."""
    monkeypatch.undo()
    sizes = [len(block) for block in blocks(8, 10_000, np.random.default_rng(0))]
    assert sizes == [2**20 // (46 * 16)] * 7 + [10_000 - 7 * 1424]


def test_a_draw_that_takes_more_than_a_megabyte_is_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 400 outputs, 80,602 numbers of 16 bytes."""
    monkeypatch.undo()
    assert [noise.largest_block(n_outputs) for n_outputs in (254, 255, 400)] == [2, 1, 1]
    assert [len(block) for block in blocks(400, 2, np.random.default_rng(0), 2)] == [1] * 4


def test_no_number_is_infinite() -> None:
    """Even if all that is drawn is 0."""

    class Zeros:
        def random(self, shape: tuple[int, ...]) -> np.ndarray:
            return np.zeros(shape)

    (found,) = blocks(3, 4, Zeros())  # type: ignore[arg-type]
    assert np.isfinite(found.below).all()
    assert np.isfinite(found.own).all()
    assert (found.quantiles > 0).all()


@pytest.mark.parametrize("dim", [1, 2, 3, 30])
def test_outputs_are_unit_vectors_with_the_inner_products_of_uniform_ones(dim: int) -> None:
    gram = drawn(4).outputs(np.array([dim]))[..., 0]
    assert gram.shape == (4, 4, 20_000)
    np.testing.assert_allclose(gram[np.arange(4), np.arange(4)], 1)
    np.testing.assert_allclose(gram, gram.swapaxes(0, 1))
    # no more than d of them are linearly independent
    ranks = np.linalg.matrix_rank(gram[:, :, :50].transpose(2, 0, 1), tol=1e-9)
    assert (ranks == min(dim, 4)).all()
    for z in range(4):
        for y in range(z):
            products = gram[z, y]
            if dim == 1:
                assert set(products) == {-1.0, 1.0}
                check_probability((products > 0).sum(), 20_000, 0.5)
            else:
                law = stats.beta(0.5, (dim - 1) / 2)
                assert stats.kstest(products**2, law.cdf).pvalue > FALSE_FAILURE
                check_probability((products > 0).sum(), 20_000, 0.5)


def test_dimensions_share_their_numbers() -> None:
    found = drawn(3, 200)
    together = found.outputs(np.array([2, 40]))
    np.testing.assert_array_equal(together[..., 1], found.outputs(np.array([40]))[..., 0])
    np.testing.assert_allclose(
        found.norms(np.array([2, 40])), chi(np.array([2, 40]), found.radius[:, None])
    )
