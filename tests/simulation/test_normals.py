import numpy as np
import pytest
from scipy import stats

from assocmem.simulation import normals
from assocmem.simulation.normals import standard_normals
from tests.oracles import FALSE_FAILURE, box_muller, check_mean


@pytest.mark.parametrize("columns", [1, 2, 7, 100])
def test_every_row_is_that_of_the_formula(columns: int) -> None:
    rows = standard_normals(9, columns, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    for row in rows:
        expected = box_muller(rng.bit_generator.random_raw((columns + 1) // 2))[:columns]
        np.testing.assert_allclose(row, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("piece", [1, 10, 1000])
def test_rows_in_pieces_are_the_same_rows(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = standard_normals(20, 7, np.random.default_rng(4))
    monkeypatch.setattr(normals, "_PIECE", piece)
    rng = np.random.default_rng(4)
    pieces = np.concatenate([standard_normals(rows, 7, rng) for rows in (1, 4, 15)])
    np.testing.assert_allclose(pieces, whole, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    "bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]
)
def test_they_are_standard_normal_from_any_source_of_bits(bits: type) -> None:
    drawn = standard_normals(1000, 301, np.random.Generator(bits(5))).astype(float)
    sample = drawn.ravel()
    assert stats.kstest(sample, "norm").pvalue > FALSE_FAILURE
    check_mean(sample, 0.0)
    check_mean(sample**2, 1.0)
    check_mean(sample**4, 3.0)
    # The two of a pair, neighbours, and successive rows are independent.
    for a, b in (
        (drawn[:, :150], drawn[:, 151:]),
        (drawn[:, :-1], drawn[:, 1:]),
        (drawn[:-1], drawn[1:]),
    ):
        check_mean((a * b).ravel(), 0.0)
        check_mean(((a**2 - 1) * (b**2 - 1)).ravel(), 0.0)


class _ExtremeBits:
    """Words of one value, where a source of bits would be random."""

    def __init__(self, word: int) -> None:
        self.word = word

    def integers(self, high: int, **options: object) -> np.ndarray:
        return np.full(options["size"], self.word, dtype=np.uint64)  # type: ignore[call-overload]


@pytest.mark.parametrize("word", [0, 2**32 - 1, 2**64 - 1, 2**64 - 2**32])
def test_no_number_is_zero_or_infinite(word: int) -> None:
    drawn = standard_normals(2, 4, _ExtremeBits(word))  # type: ignore[arg-type]
    assert np.isfinite(drawn).all()
    assert (drawn != 0).all()
    assert np.abs(drawn).max() < 6.8
