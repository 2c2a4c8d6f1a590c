"""The mass of the tokens that err, against sums over tokens one by one."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr

from assocmem import ZipfTask, fill, frequency, threshold
from assocmem.exact import masses as module
from assocmem.exact.masses import EqualMasses, PowerMasses, TableMasses, class_masses
from assocmem.exact.rivals import Usual
from tests.oracles import check_estimate, zipf_masses

Array = NDArray[np.float64]
TASK = ZipfTask(1.3, 12, 3, target=(0, 1, 1, 2, 0))
LABELS = np.array([(0, 1, 1, 2, 0)[x % 5] for x in range(1, 13)])
#: Which tokens have each output.
MEMBERS = [np.equal(LABELS, y) for y in range(3)]
#: With zeros, ties, a row of equal weights, and one without any token of the last output.
WEIGHTS = np.array([
    [3, 0, 1, 2, 2, 1, 0, 1, 4, 2, 1, 3],
    [0, 2, 2, 2, 0, 2, 2, 0, 2, 2, 2, 2],
    [1, 5, 0, 0, 3, 1, 1, 0, 0, 4, 5, 2],
])  # fmt: skip


def selected(q: NDArray[np.int_], low: float, high: float) -> list[float]:
    """Mass of the stored tokens with q < low or q > high, output by output."""
    p = zipf_masses(1.3, 12)
    return [
        math.fsum(
            p[x] for x in range(12) if LABELS[x] == y and q[x] > 0 and not low <= q[x] <= high
        )
        for y in range(3)
    ]


def test_tables_select_tokens_by_their_weights_to_the_last_bit() -> None:
    """At and between all weights; a weight is told over the largest one of its memory."""
    found = TableMasses(TASK, WEIGHTS)
    bounds = [0, 0.5, 1, 1.5, 2, 3, 3.5, 4, 5, 6]
    pairs = [(low, high) for low in bounds for high in [*bounds, math.inf] if low <= high]
    for row, q in enumerate(WEIGHTS):
        rows = np.full(len(pairs), row)
        low, high = (np.tile(side, (3, 1)) / q.max() for side in np.array(pairs).T)
        masses = found.selected(low, high, rows)
        expected = np.transpose([selected(q, *pair) for pair in pairs])
        np.testing.assert_allclose(masses, expected, atol=1e-14)


def test_tables_know_norms_and_what_is_not_stored() -> None:
    found, p = TableMasses(TASK, WEIGHTS), zipf_masses(1.3, 12)
    for row, q in enumerate(WEIGHTS):
        sums = [sum(q[x] ** 2 for x in range(12) if LABELS[x] == y) for y in range(3)]
        np.testing.assert_allclose(found.norms[:, row] * q.max(), np.sqrt(sums))
        assert found.largest[row] == pytest.approx(q.max() / math.sqrt(max(sums)))
        absent = [
            math.fsum(p[x] for x in range(12) if LABELS[x] == y and not q[x]) for y in range(3)
        ]
        np.testing.assert_allclose(found.unstored[:, row], absent, atol=1e-15)


def test_small_norms_and_masses_are_as_exact_as_large_ones() -> None:
    """A class whose squares are 10⁻³⁰ of those of another, and tokens of a mass of 10⁻¹⁷."""
    task = ZipfTask(12.0, 30, 4)
    p, labels = zipf_masses(12.0, 30), np.arange(1, 31) % 4
    q = p * (np.arange(30) < 20)
    found, most = TableMasses(task, q[None]), p.max()
    for y in range(4):
        norm = math.sqrt(math.fsum((q[labels == y] / most) ** 2))
        assert found.norms[y, 0] == pytest.approx(norm, rel=1e-12)
        unstored = math.fsum(p[(labels == y) & (q == 0)])
        assert found.unstored[y, 0] == pytest.approx(unstored, rel=1e-12)
        bound = np.full((4, 1), q[16] / most)
        low = found.selected(bound, np.full((4, 1), math.inf), np.zeros(1, dtype=int))[y, 0]
        below = math.fsum(p[(labels == y) & (q > 0) & (q < q[16])])
        assert low == pytest.approx(below, rel=1e-3)
    equal, _ = class_masses(task, threshold(20), [10])
    assert equal.unstored[:, 0] == pytest.approx(found.unstored[:, 0], rel=1e-12)
    everything, _ = class_masses(task, threshold(30), [10])
    assert (everything.unstored == 0).all()


def test_equal_weights_need_no_table() -> None:
    assert TableMasses(TASK, WEIGHTS[[0, 1]]).equal() is None
    table = TableMasses(TASK, WEIGHTS[[1]])
    equal, rows = table.equal(), np.zeros(5, dtype=np.intp)
    assert equal is not None
    np.testing.assert_allclose(equal.norms, table.norms)
    np.testing.assert_allclose(equal.largest, table.largest)
    np.testing.assert_allclose(equal.unstored, table.unstored)
    low = np.tile([0.5, 1, 1.5, 0.5, math.inf], (3, 1))
    high = np.tile([1.5, 1, 2, 0.7, math.inf], (3, 1))
    np.testing.assert_allclose(
        equal.selected(low, high, rows), table.selected(low, high, rows), atol=1e-15
    )
    assert equal.selected(low, high, rows).any(axis=0).tolist() == [False, False, True, True, True]


def test_the_largest_of_equal_weights_is_1_over_the_largest_norm() -> None:
    numbers = np.array([[4.0, 9.0], [1.0, 0.0]])
    found = EqualMasses(numbers, numbers / 20, numbers / 20)
    np.testing.assert_allclose(found.largest, [1 / 2, 1 / 3])


@pytest.mark.parametrize("rho", [0.3, 1.0])
@pytest.mark.parametrize("n_stored", [5, 7, math.inf])
@pytest.mark.parametrize("block", [1, 7, 2**18])
def test_powers_select_tokens_one_by_one(
    rho: float, n_stored: float, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounds between the weights of tokens; the work is cut into pieces of any size."""
    monkeypatch.setattr(module, "_BLOCK", block)
    found, p = PowerMasses(TASK, rho, n_stored), zipf_masses(1.3, 12)
    q = np.arange(1, 13) ** (-1.3 * rho) * (np.arange(1, 13) <= n_stored)
    sums = [(q[members] ** 2).sum() for members in MEMBERS]
    np.testing.assert_allclose(found.norms[:, 0], np.sqrt(sums))
    absent = [p[members & (q == 0)].sum() for members in MEMBERS]
    assert found.unstored.shape == (3, 1)
    np.testing.assert_allclose(found.unstored[:, 0], absent, atol=1e-14)
    between = [0, *((np.arange(1, 13) + 0.5) ** (-1.3 * rho)), 1.1, math.inf]
    pairs = np.array([(low, high) for low in between for high in between if low <= high])
    low, high = (np.tile(side, (3, 1)) for side in pairs.T)
    masses = found.selected(low, high, np.zeros(len(pairs), dtype=np.intp))
    for k, (least, most) in enumerate(pairs):
        errs = (q > 0) & ((q < least) | (q > most))
        expected = [p[errs & members].sum() for members in MEMBERS]
        np.testing.assert_allclose(masses[:, k], expected, atol=1e-13)


def test_powers_are_looked_up_for_a_limited_number_of_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2¹⁸ numbers: 52,428 draws for a target of period 5."""
    found = PowerMasses(TASK, 0.5, math.inf)
    sizes, few = [], found._few
    monkeypatch.setattr(found, "_few", lambda low, high: sizes.append(len(low)) or few(low, high))
    low = np.full((3, 120_000), 0.5)
    found.selected(low, low + 1, np.zeros(120_000, dtype=np.intp))
    assert sizes == [52_428, 52_428, 120_000 - 2 * 52_428]
    sizes.clear()
    monkeypatch.setattr(module, "_BLOCK", 1)
    found.selected(low[:, :7], low[:, :7] + 1, np.zeros(7, dtype=np.intp))
    assert sizes == [1] * 7


def test_many_tokens_need_no_table() -> None:
    """More than 1024 for each entry of the target's period, of which there are five."""
    for n_tokens, kind in ((5120, TableMasses), (5121, PowerMasses), (math.inf, PowerMasses)):
        task = ZipfTask(2.0, n_tokens, 3, target=(0, 1, 1, 2, 0))
        masses, rows = class_masses(task, frequency(), [7, 8])
        assert type(masses) is kind
        assert rows.tolist() == [0]
        equal, rows = class_masses(task, threshold(lambda dim: dim), [7, 8])
        assert type(equal) is EqualMasses
        assert rows.tolist() == [0, 1]


def test_unstored_tokens_err_where_their_output_is_not_recalled() -> None:
    """Masses 1, 2 and 3 of 100: the mean has no part in chance, as one output of three is recalled."""
    found = EqualMasses(np.ones((3, 1)), np.zeros((3, 1)), np.array([[0.01], [0.02], [0.03]]))
    rho = np.array([[0.3, -1.0], [0.1, 0.0], [2.0, -0.5]])
    usual = Usual(np.ones(2), np.zeros((3, 2)), rho, rho)
    error = found.unstored_error(usual, np.zeros(2, dtype=np.intp))
    expected = 2 * 0.02 - 0.01 * ndtr(rho[0]) + 0.01 * ndtr(rho[2])
    np.testing.assert_allclose(error, expected)
    even = EqualMasses(np.ones((3, 1)), np.zeros((3, 1)), np.full((3, 1), 0.02))
    np.testing.assert_allclose(even.unstored_error(usual, np.zeros(2, dtype=np.intp)), 0.04)


# Bad input


@pytest.mark.parametrize(
    ("weights", "shown"),
    [
        ([[1.0, -2.0, 3.0]], "-2.0"),
        ([[1.0, math.inf, 3.0]], "inf"),
        ([[1.0, math.nan, 3.0]], "nan"),
        ([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], "'all 0'"),
        ([[1.0, 2.0]], "'array of shape \\(2,\\)'"),
    ],
)
def test_weights_that_no_memory_can_hold_are_refused(weights: object, shown: str) -> None:
    with pytest.raises(ValueError, match=rf"^weights = (np.float64\()?{shown}\)? is not valid"):
        TableMasses(ZipfTask(1.0, 3, 2), np.array(weights))


def test_equal_weights_of_infinitely_many_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^rho = 0.0 is not valid; valid range: > 0.25"):
        class_masses(ZipfTask(2.0, math.inf, 3), fill(), [5])


def test_powers_of_infinitely_many_tokens_need_a_finite_norm() -> None:
    with pytest.raises(ValueError, match=r"^rho = 0.25 is not valid; valid range: > 0.25"):
        PowerMasses(ZipfTask(2.0, math.inf, 3), 0.25, math.inf)
    assert PowerMasses(ZipfTask(2.0, math.inf, 3), 0.25, 10).norms.shape == (3, 1)
    assert class_masses(ZipfTask(2.0, math.inf, 3), threshold(7), [5])[0].unstored.any()


def test_a_table_asks_for_the_memory_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    task, weights = ZipfTask(1.0, 10_000, 3), np.random.default_rng(0).random((1, 10_000))
    assert task.probabilities.size == 10_000  # its own memory
    check_estimate("assocmem.exact.masses", lambda: TableMasses(task, weights), monkeypatch)


def test_a_table_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Memory:
        available = 68e6

    monkeypatch.setattr("assocmem.parameters.psutil.virtual_memory", Memory)
    with pytest.raises(ValueError, match=r"^n_tokens = 1000000 is not valid"):
        TableMasses(ZipfTask(1.0, 10**6, 2), np.ones((1, 10**6)))
