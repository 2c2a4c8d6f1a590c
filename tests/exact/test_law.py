"""The exact law of the error: its numbers, its limits, and its consistency."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assocmem import (
    PerDimension,
    ZipfTask,
    error_batches,
    expected_errors,
    fill,
    frequency,
    threshold,
)
from assocmem.exact import batches
from assocmem.exact.batches import _Space
from assocmem.exact.counts import CountMasses, draw_counts
from assocmem.exact.masses import Masses, PowerMasses, TableMasses, class_masses
from assocmem.exact.noise import blocks
from assocmem.exact.rivals import critical_sines, rare_errors, usual_errors
from assocmem.model import Scheme
from assocmem.theory import stored_error
from tests.exact.laws import law
from tests.oracles import check_estimate, check_mean, properties

Array = NDArray[np.float64]
INFINITE = ZipfTask(2.0, math.inf, 5)


# Critical weights


def test_critical_weights_solve_their_inequality() -> None:
    # the angles of both crossings fall into all quadrants: every sign, and any two of the three
    # sizes far apart
    rng = np.random.default_rng(0)
    xi, rho = rng.choice([-1, 1], (2, 20_000)) * np.exp(rng.uniform(-4, 4, (2, 20_000)))
    radius = np.exp(rng.uniform(-4, 4, 20_000))
    theta = rng.uniform(0, math.pi / 2, 20_000)
    theta[:100], xi[100:200], rho[200:300] = math.pi / 2, 0, 0
    low, high = critical_sines(xi, rho, radius)
    margin = radius * np.sin(theta) + xi * np.cos(theta) - rho
    errs = (np.sin(theta) < low) | (np.sin(theta) > high)
    clear = np.abs(margin) > 1e-6 * (radius + np.abs(xi) + np.abs(rho))
    assert (errs == (margin < 0))[clear].all()
    assert np.count_nonzero(clear) > 19_900


# Published and derived numbers


def check_value(value: tuple[Array, Array], expected: float, slack: float) -> None:
    (mean,), (sem,) = value
    assert abs(mean - expected) <= slack + 5 * sem


def test_numbers_of_direct_simulation() -> None:
    # 1,000 tokens: simulated means with their standard errors
    task = ZipfTask(2.0, 1000, 5)
    check_value(law(task, fill(), [50], 16384), 0.670, slack=0.004)
    check_value(law(task, threshold(PerDimension(1 / 8)), [200]), 0.01855, slack=4 * 0.00008)


@pytest.mark.slow
def test_proposition_2_is_flat_in_each_of_its_cases() -> None:
    dims = np.array([100, 1000, 10**4, 10**5, 10**6])
    means, _ = law(INFINITE, frequency(0.5), dims.tolist(), 16384)
    assert ((means * dims**0.5 > 0.39) & (means * dims**0.5 < 0.41)).all()
    means, _ = law(ZipfTask(2.0, 10**5, 5), frequency(0.25), dims[:3].tolist(), 16384)
    constants = means * dims[:3] / math.log(10**5)
    assert ((constants > 0.295) & (constants < 0.325)).all()
    window = 10 ** (7 * 0.4) * np.array([16, 64, 256])
    means, _ = law(ZipfTask(2.0, 10**7, 5), frequency(0.15), window.astype(int).tolist(), 16384)
    constants = means * (window / 10 ** (7 * 0.4)) ** (1 / 0.6)
    assert ((constants > 1.5) & (constants < 1.7)).all()


@pytest.mark.slow
def test_proposition_3_has_no_logarithm_for_small_positive_rho() -> None:
    dims = np.array([1000, 10**4, 10**5])
    means, _ = law(INFINITE, threshold(PerDimension(0.5), rho=0.1), dims.tolist(), 16384)
    assert means * dims == pytest.approx([1.45, 1.47, 1.47], abs=0.02)
    means, _ = law(INFINITE, threshold(PerDimension(1), rho=0.5), dims.tolist(), 16384)
    assert means * dims**0.5 == pytest.approx(0.396, abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [1 / 8, 1 / 2, 1])
def test_a_proportional_threshold_leaves_a_floor(rate: float) -> None:
    dim, stored = 10**7, int(rate * 10**7)
    mean, sem = law(INFINITE, threshold(stored), [dim], 65536)
    expected = float(stored_error(5, stored, dim)) + 0.8 * float(INFINITE.tail(stored))
    check_value((mean, sem), expected, slack=0)
    assert sem < 0.008 * mean


@pytest.mark.slow
def test_role_of_the_number_of_outputs() -> None:
    # the largest P with an error of at most 1 %
    for dim, largest in [(64, 20), (128, 41), (256, 83)]:
        (fits,), _ = law(ZipfTask(2.0, largest - 1, 5), fill(), [dim], 8192)
        (fails,), _ = law(ZipfTask(2.0, largest + 2, 5), fill(), [dim], 8192)
        assert fits < 0.01 < fails
    (injective,), _ = law(ZipfTask(2.0, 101, 101), fill(), [64], 256)
    assert 0.002 < injective < 0.025


# Consistency


@pytest.mark.parametrize("n_stored", [None, 40, 401])
@pytest.mark.parametrize("rho", [0.0, 0.2, 1.0])
def test_weights_in_constant_time_are_those_of_a_table(rho: float, n_stored: int | None) -> None:
    task = ZipfTask(1.3, 1000, 3, target=(0, 1, 1, 2, 0, 1))
    scheme = Scheme(rho, n_stored)
    table = TableMasses(task, scheme.weights(task.probabilities, 1)[None])
    closed = class_masses(task, scheme, [1])[0] if rho == 0 else None
    power = closed or PowerMasses(task, rho, n_stored or math.inf)
    scale = (table.norms / power.norms)[0]
    np.testing.assert_allclose(table.norms, power.norms * scale)
    np.testing.assert_allclose(table.unstored, power.unstored, atol=1e-14)
    rng, rows = np.random.default_rng(0), np.zeros(500, dtype=np.intp)
    low, high = np.exp(rng.uniform(-9, 0.1, (2, 3, 500)))
    low[:, :50], high[:, 50:350] = np.inf, np.inf
    high[:, :50], low[:, 100:150] = np.inf, 0
    expected = table.selected(low, np.maximum(high, low), rows)
    np.testing.assert_allclose(
        power.selected(low / scale, np.maximum(high, low) / scale, rows), expected, atol=1e-13
    )
    dims = [2, 50, 10**6]
    means, _ = law(task, scheme.weights(task.probabilities, 1), dims, 512)
    np.testing.assert_allclose(law(task, scheme, dims, 512)[0], means, rtol=1e-6)


def test_many_tokens_tend_to_infinitely_many() -> None:
    schemes: Mapping[str, Scheme] = {"p": frequency(), "d/8": threshold(PerDimension(1 / 8))}

    def means(n_tokens: float) -> Array:
        task = ZipfTask(2.0, n_tokens, 5)  # type: ignore[arg-type]
        rng = np.random.default_rng(0)
        table = expected_errors(task, schemes, [100, 10**4], rng=rng, draws=512)
        return table["mean"].to_numpy()

    np.testing.assert_allclose(means(10**12), means(math.inf), rtol=1e-7)
    assert (np.abs(means(10**5) / means(math.inf) - 1) < 0.02).all()


def test_settings_share_their_random_numbers() -> None:
    schemes = {"a": frequency(), "b": fill(), "c": frequency()}
    task = ZipfTask(2.0, 50, 5)
    rng = np.random.default_rng(3)
    table = expected_errors(task, schemes, [4, 30], rng=rng, draws=256).set_index(["scheme", "dim"])
    assert (table.loc["a"] == table.loc["c"]).all(axis=None)
    alone = law(task, fill(), [30], 256, seed=3)
    assert alone == (table.loc[("b", 30), "mean"], table.loc[("b", 30), "sem"])
    assert (table["draws"] == 256).all()
    assert (table["batches"] == 16).all()


@pytest.mark.slow
@properties
@given(
    st.integers(2, 6), st.integers(6, 30), st.floats(0.3, 4), st.floats(0, 2),
    st.integers(1, 100), st.floats(1e-6, 1e6), st.integers(0, 10),
)  # fmt: skip
def test_errors_are_probabilities_whatever_the_scale_of_the_weights(
    n_outputs: int, n_tokens: int, alpha: float, rho: float, dim: int, scale: float, seed: int
) -> None:
    task = ZipfTask(alpha, n_tokens, n_outputs)
    weights = task.probabilities**rho
    weights[::3] = 0
    (mean,), (sem,) = law(task, weights, [dim], 64, seed)
    assert 0 <= mean <= 1 + 5 * sem
    assert sem >= 0
    (scaled,), _ = law(task, weights * scale, [dim], 64, seed)
    assert scaled == pytest.approx(mean, rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_error_falls_with_the_dimension_and_its_curve_is_smooth() -> None:
    dims = np.unique(np.geomspace(5, 10**5, 40).astype(int)).tolist()
    for scheme in [threshold(20), frequency()]:
        means, _ = law(INFINITE, scheme, dims)
        assert (np.diff(means) <= 1e-4 * means[:-1]).all()
        assert np.abs(np.diff(np.log(means), n=2)).max() < 0.25


@pytest.mark.slow
def test_standard_errors_are_honest() -> None:
    # Squares of 40 deviations over their standard errors, Student with 15 degrees of freedom: the
    # sum leaves this range by chance with a probability below 2e-3.
    for scheme in [frequency(0.5), threshold(PerDimension(1 / 8))]:
        reference, reference_sem = law(INFINITE, scheme, [10**4], 2**17, seed=1000)
        values = [law(INFINITE, scheme, [10**4], 2048, seed=seed) for seed in range(40)]
        deviations = [(m[0] - reference[0]) / math.hypot(s[0], reference_sem[0]) for m, s in values]
        assert 16 < np.square(deviations).sum() < 90


class Faint(TableMasses):
    """Tokens of almost no weight, as many of each output; they err where its recall does."""

    def selected(self, low: Array, high: Array, rows: NDArray[np.intp]) -> Array:
        return (low > 0) / len(low)


@pytest.mark.parametrize("dim", [1, 3, 1000])
def test_usual_and_rare_errors_make_up_everything(dim: int) -> None:
    # in each draw three of four outputs are not recalled
    masses = Faint(ZipfTask(2.0, 40, 4), np.ones((1, 40)))
    split, rare, row = [], [], np.zeros(1, dtype=np.intp)
    norms = masses.norms.take(row, axis=1)
    for noise in blocks(4, 2**15, np.random.default_rng(dim)):
        drawn = _Space(noise, np.array([dim])).at(np.arange(len(noise)), row)
        every = masses.stored_error(usual_errors(drawn, norms, np.array([False])), row)
        np.testing.assert_allclose(every, 0.75)
        split.append(masses.stored_error(usual_errors(drawn, norms, np.array([True])), row))
        rare.append(masses.stored_error(rare_errors(drawn, norms), row) if dim > 1 else 0)
    if dim > 1:
        both = np.concatenate(split) + np.concatenate(rare)
        check_mean(both, 0.75, slack=1e-12)
        assert both.std() < 1  # so the check above resolves a hundredth
        assert 0.001 < np.concatenate(rare).mean() < 0.2


def test_errors_are_split_where_the_largest_weight_is_far_above_the_noise() -> None:
    task, dims = ZipfTask(1.3, 60, 4), np.array([1, 10, 20, 10**6])
    level = 1.4 + math.sqrt(2 * math.log(4))
    numbers = draw_counts(task, [5, 200], 3, np.random.default_rng(0)).numbers.reshape(6, 60)
    weights, one = task.probabilities**0.7, np.zeros(1, dtype=np.intp)
    cases: list[tuple[Masses, Array]] = [
        (class_masses(task, threshold(9), [1])[0], np.where(task.tokens <= 9, 1.0, 0.0)),
        (TableMasses(task, weights[None]), weights),
        (PowerMasses(task, 0.7, math.inf), weights),
        *((CountMasses(task, row[None], 0.7), row**0.7) for row in numbers),
    ]
    for masses, q in cases:
        norm = np.sqrt(np.bincount(task.labels(task.tokens), weights=q**2).max())
        expected = np.sqrt(dims) * q.max() / norm > level
        np.testing.assert_array_equal(masses.may_be_rare(dims, one), expected)
        assert expected[-1] > expected[0]


def test_the_split_does_not_change_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    # 64 batches, and Student's law in place of the normal one: false failures below 1e-5 a value
    schemes, dims = {"p": frequency(), "20": threshold(20)}, [5, 30, 100]
    task, errors = ZipfTask(1.0, 40, 4), []
    for split in (False, True):

        def chosen(_: Masses, dims: Array, rows: Array, split: bool = split) -> NDArray[np.bool_]:
            return (dims > 1) & (rows >= 0) & split

        monkeypatch.setattr(Masses, "may_be_rare", chosen)
        tables = [
            error_batches(task, schemes, dims, rng=np.random.default_rng(seed), draws=2048)
            for seed in range(4)
        ]
        errors.append(np.stack([table["error"].to_numpy().reshape(16, 6) for table in tables]))
    for apart, together in zip(*(x.reshape(64, 6).T for x in errors), strict=True):
        check_mean(apart - together, 0)
        assert (apart != together).any()


def test_errors_of_any_rarity_are_seen() -> None:
    # A hundred tokens in ever larger memories: 3·10⁻³ to 10⁻¹⁷, by draws of which none has an error.
    task = ZipfTask(2.0, 100, 5)
    means, sems = law(task, fill(), [400, 1000, 2000, 3000], 2**14)
    assert means[-1] < 1e-16
    assert (sems < 0.1 * means).all()
    for dim, mean in zip([1000, 2000, 3000], means[1:], strict=True):
        assert 0.5 < mean / float(stored_error(5, 100, dim)) < 20


@pytest.mark.slow
def test_large_numbers_of_outputs_and_long_targets() -> None:
    rng = np.random.default_rng(0)
    target = tuple(rng.integers(0, 3, 5000).tolist())
    (mean,), (sem,) = law(ZipfTask(2.0, math.inf, 3, target), frequency(), [1000], 1024)
    (even,), _ = law(ZipfTask(2.0, math.inf, 3), frequency(), [1000], 1024)
    assert 0 < sem < mean
    assert 0.3 < mean / even < 3
    (mean,), _ = law(ZipfTask(2.0, math.inf, 300), threshold(30), [10**4], 64)
    assert mean == pytest.approx(float(ZipfTask(2.0, math.inf, 300).tail(30)), rel=0.01)


def test_4096_draws_are_taken_unless_told_otherwise() -> None:
    task, scheme = ZipfTask(2.0, 9, 2), {"": fill()}
    rng = (np.random.default_rng(0) for _ in range(3))
    table = expected_errors(task, scheme, [3], rng=next(rng))
    assert table["draws"].tolist() == [4096]
    usual, told = (
        error_batches(task, scheme, [3], rng=next(rng), **x) for x in ({}, {"draws": 4096})
    )  # type: ignore
    assert usual.equals(told)
    assert usual["error"].mean() == pytest.approx(table["mean"][0])


def test_two_hundred_outputs_fit_into_a_gigabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    class Memory:
        available = 10**9

    monkeypatch.setattr("assocmem.parameters.psutil.virtual_memory", Memory)
    (mean,), _ = law(ZipfTask(2.0, math.inf, 200), threshold(30), [10**4], 16)
    assert mean == pytest.approx(float(ZipfTask(2.0, math.inf, 200).tail(30)), rel=0.02)


def test_the_table_says_how_many_tokens_are_stored() -> None:
    """P, N where nothing is cut, and for an array how many weights are not 0."""
    task, weights = ZipfTask(2.0, 9, 3), np.array([2.0, 0, 1, 0, 1, 0, 0, 0, 3])
    schemes = {"array": weights, "cut": threshold(PerDimension(1 / 2)), "fill": fill()}
    rng = np.random.default_rng(0)
    table = expected_errors(task, schemes, [4, 50], rng=rng, draws=16)
    assert table["n_stored"].tolist() == [4, 4, 2, 9, 9, 9]


def test_the_law_asks_for_the_memory_that_its_outputs_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = ZipfTask(2.0, math.inf, 120)
    law(task, threshold(30), [100], 1)  # what is kept for later calls

    def call() -> object:
        return law(task, threshold(30), [100], 1)

    check_estimate("assocmem.exact.law", call, monkeypatch)


def test_the_law_asks_for_the_memory_that_its_counts_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """One data set at a time."""
    monkeypatch.setattr(batches, "_COUNTS", 1)
    task = ZipfTask(1.0, 2000, 3)
    schemes = {"root": frequency(0.5), "cut": threshold(PerDimension(1 / 2), 0.5)}
    sizes = [1, 2, 3, 5, 7, 10, 20, 50, 70, 100, 1000]

    def call(n_samples: list[int]) -> object:
        rng = np.random.default_rng(0)
        return expected_errors(task, schemes, [3], rng=rng, draws=1, n_samples=n_samples)

    call([1])
    check_estimate("assocmem.exact.law", lambda: call(sizes), monkeypatch)


@pytest.mark.parametrize(
    ("draws", "n_samples", "together"),
    [
        (1, None, 16),
        (16, None, 16),
        (33, None, 48),
        (2976, None, 2976),
        (10**6, None, 2978),
        (1, [1, 2], 16),
        (1, [*range(1, 18)], 17),
    ],
)
def test_the_law_asks_for_memory_for_a_block_of_draws(
    draws: int, n_samples: list[int] | None, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five outputs, 2978 draws of 10 + 10 + 2 numbers of 16 bytes are a megabyte."""

    class Asked(Exception):
        pass

    def ask(n_bytes: float, name: str, value: int) -> None:
        if name == "n_outputs":
            raise Asked(n_bytes / 25, value)

    monkeypatch.setattr("assocmem.exact.law.check_memory", ask)
    options: dict[str, Any] = {"draws": draws, "n_samples": n_samples}
    rng = np.random.default_rng(0)
    with pytest.raises(Asked) as asked:
        expected_errors(ZipfTask(1.0, 9, 5), {"": fill()}, [3, 4], rng=rng, **options)
    assert asked.value.args == (100 * together * 2, 5)


# Bad input


@pytest.mark.parametrize(
    ("task", "scheme", "dims", "draws", "name"),
    [
        (ZipfTask(2.0, 9, 1), fill(), [3], 64, "n_outputs"),
        (ZipfTask(2.0, 9, 3), fill(), [], 64, "dims"),
        (ZipfTask(2.0, 9, 3), fill(), [0], 64, "dims"),
        (ZipfTask(2.0, 9, 3), fill(), [2.5], 64, "dims"),
        (ZipfTask(2.0, 9, 3), fill(), 4, 64, "dims"),
        (ZipfTask(2.0, 9, 3), fill(), [3], 0, "draws"),
        (ZipfTask(2.0, 9, 3), np.zeros(9), [3], 64, "weights"),
        (ZipfTask(2.0, 9, 3), -np.ones(9), [3], 64, "weights"),
        (ZipfTask(2.0, 9, 3), np.full(9, np.nan), [3], 64, "weights"),
        (ZipfTask(2.0, 9, 3), np.ones(8), [3], 64, "weights"),
        (ZipfTask(2.0, math.inf, 3), np.ones(8), [3], 64, "n_tokens"),
        (ZipfTask(2.0, math.inf, 3), fill(), [3], 64, "rho"),
        (ZipfTask(2.0, math.inf, 3), frequency(0.25), [3], 64, "rho"),
        (ZipfTask(2.0, math.inf, 3), threshold(lambda dim: 0), [3], 64, "n_stored"),
        (ZipfTask(2.0, math.inf, 10**4), threshold(4), [*range(1, 400)], 16, "n_outputs"),
    ],
)
def test_bad_input(task: ZipfTask, scheme: object, dims: object, draws: int, name: str) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=name):
        expected_errors(task, {"": scheme}, dims, rng=rng, draws=draws)  # type: ignore


@pytest.mark.parametrize("schemes", [{}, fill(), [fill()]])
def test_schemes_must_have_names(schemes: object) -> None:
    with pytest.raises(ValueError, match="schemes"):
        expected_errors(INFINITE, schemes, [3], rng=np.random.default_rng(0))  # type: ignore
