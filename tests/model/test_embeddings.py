import math

import numpy as np
import pytest
from scipy import stats

from assocmem import gaussian_embeddings, spherical_embeddings
from assocmem.model import coherence, spherical_gram
from assocmem.model.embeddings import normalize_gram
from tests.oracles import FALSE_FAILURE, check_mean

DRAWS = 20_000


def direct_grams(n: int, dim: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    vectors = rng.normal(size=(draws, n, dim))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    return np.einsum("tid,tjd->tij", vectors, vectors)


def test_gaussian_embeddings_are_standard_normal() -> None:
    rows = gaussian_embeddings(200, 100, np.random.default_rng(0))
    assert rows.shape == (200, 100)
    assert stats.kstest(rows.ravel(), "norm").pvalue > FALSE_FAILURE


def test_spherical_embeddings_are_uniform_on_the_sphere() -> None:
    rows = spherical_embeddings(DRAWS, 5, np.random.default_rng(1))
    np.testing.assert_allclose(np.sqrt((rows**2).sum(axis=1)), 1, rtol=1e-14)
    # A coordinate of a uniform unit vector has a shifted beta law, in every direction.
    for direction in (np.eye(5)[0], np.full(5, 5**-0.5)):
        height = (1 + rows @ direction) / 2
        assert stats.kstest(height, stats.beta(2, 2).cdf).pvalue > FALSE_FAILURE


@pytest.mark.parametrize(("n", "dim"), [(5, 2), (6, 3), (5, 5), (4, 20), (3, 1000), (3, 10**6)])
def test_entries_of_a_spherical_gram_have_the_exact_law(n: int, dim: int) -> None:
    grams = spherical_gram(n, dim, np.random.default_rng(2), DRAWS)
    law = stats.beta((dim - 1) / 2, (dim - 1) / 2)
    for i, j in [(0, 1), (1, n - 1), (n - 2, n - 1)]:
        entry = grams[:, i, j]
        assert stats.kstest((1 + entry) / 2, law.cdf).pvalue > FALSE_FAILURE
        check_mean(entry, 0.0)
        check_mean(entry**2, 1 / dim)
    check_mean(grams[:, 0, 1] * grams[:, 1, 2] * grams[:, 2, 0], dim**-2)


@pytest.mark.parametrize(("n", "dim"), [(5, 2), (6, 3), (5, 5), (4, 20)])
def test_a_spherical_gram_is_jointly_the_direct_one(n: int, dim: int) -> None:
    factored = spherical_gram(n, dim, np.random.default_rng(3), DRAWS)
    direct = direct_grams(n, dim, DRAWS, np.random.default_rng(4))
    statistics = [
        lambda g: np.linalg.eigvalsh(g)[:, -1],
        lambda g: np.linalg.eigvalsh(g)[:, -min(n, dim)],
        lambda g: np.abs(g - np.eye(n)).max(axis=(1, 2)),
        lambda g: g[:, 0, 1] * g[:, 1, 2] * g[:, 2, 0],
        lambda g: g[:, n - 1].sum(axis=1),
    ]
    for statistic in statistics:
        p_value = stats.ks_2samp(statistic(factored), statistic(direct)).pvalue
        assert p_value > FALSE_FAILURE


@pytest.mark.parametrize(("n", "dim"), [(1, 1), (4, 1), (7, 3), (4, 4), (3, 50)])
def test_a_spherical_gram_is_a_correlation_matrix_of_rank_d(n: int, dim: int) -> None:
    for gram in spherical_gram(n, dim, np.random.default_rng(5), 50):
        np.testing.assert_allclose(gram, gram.T)
        np.testing.assert_allclose(np.diag(gram), 1)
        eigenvalues = np.linalg.eigvalsh(gram)
        assert eigenvalues.min() > -1e-10
        assert (eigenvalues > 1e-12).sum() == min(n, dim)


def test_shape_of_a_spherical_gram() -> None:
    rng = np.random.default_rng(0)
    assert spherical_gram(4, 3, rng).shape == (4, 4)
    assert spherical_gram(4, 3, rng, 1).shape == (1, 4, 4)
    assert spherical_gram(4, 3, rng, 7).shape == (7, 4, 4)


def test_normalizing_a_gram_matrix_gives_cosines() -> None:
    rows = np.random.default_rng(6).normal(size=(2, 4, 3))
    cosines = normalize_gram(rows @ rows.transpose(0, 2, 1))
    for k in range(2):
        for i in range(4):
            for j in range(4):
                a, b = rows[k, i], rows[k, j]
                cosine = a @ b / math.sqrt((a @ a) * (b @ b))
                assert cosines[k, i, j] == pytest.approx(cosine, rel=1e-12, abs=1e-15)


def test_definition_1_coherence_is_the_largest_overlap() -> None:
    rows = spherical_embeddings(6, 4, np.random.default_rng(7))
    overlaps = [abs(float(rows[i] @ rows[j])) for i in range(6) for j in range(6) if i != j]
    assert coherence(rows @ rows.T) == pytest.approx(max(overlaps), rel=1e-14)
    assert coherence(np.array([[1.0, -0.7], [-0.7, 1.0]])) == 0.7
