"""The exact law of the error where the weights are estimated from data."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from assocmem import (
    PerDimension,
    ZipfTask,
    error_batches,
    expected_errors,
    fill,
    fit_power_law,
    frequency,
    simulate_errors,
    summarize,
    threshold,
)
from assocmem.exact.counts import CountMasses, Counts, draw_counts
from assocmem.exact.masses import TableMasses
from assocmem.model import Scheme
from tests.oracles import check_mean, means_agree

Array = NDArray[np.float64]
SCHEMES = {
    "fill": fill(),
    "counts": frequency(),
    "root": frequency(0.4),
    "cut": threshold(PerDimension(1 / 4)),
    "cut at 3": threshold(3),
    "cut root": threshold(PerDimension(1 / 2), 0.5),
}
TASKS = {
    "even": ZipfTask(0.5, 40, 5),
    "steep": ZipfTask(2.0, 60, 3),
    "any target": ZipfTask(1.2, 25, 4, target=(0, 1, 1, 3, 2, 1, 0)),
    "constant target": ZipfTask(1.0, 15, 2, target=(1,)),
}


# Against memories, and against every data set


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_the_law_agrees_with_simulation(name: str) -> None:
    # If all values are right, each of the four tests fails with a probability of at most 1 %.
    task, rng = TASKS[name], np.random.default_rng(1)
    dims, sizes = [1, 3, 12, 40, 100], [1, 7, 60, 3000]
    trials = 700
    direct = simulate_errors(task, SCHEMES, dims, trials=trials, rng=rng, n_samples=sizes)
    exact = expected_errors(task, SCHEMES, dims, rng=rng, draws=1024, n_samples=sizes)
    both = summarize(direct).merge(exact, on=["scheme", "n_samples", "dim"], suffixes=("", "_law"))
    assert len(both) == len(SCHEMES) * len(dims) * len(sizes) == len(exact)
    # rare errors are too few among the trials to show how much they vary
    seen = both[both["mean"] > 0.02]
    assert len(seen) > 60
    sems = np.hypot(seen["sem"], seen["sem_law"])
    assert means_agree(seen["mean"], sems, seen["mean_law"], trials=16)


def multinomial(counts: tuple[int, ...], p: Array) -> float:
    """The probability of counts."""
    ways = math.factorial(sum(counts)) / math.prod(map(math.factorial, counts))
    return ways * math.prod(p ** np.array(counts))


@pytest.mark.slow
@pytest.mark.parametrize(
    "scheme", [fill(), frequency(), threshold(1), threshold(2), threshold(2, 0.5)]
)
def test_the_law_is_the_mean_over_all_data_sets_and_orders_of_ties(scheme: Scheme) -> None:
    task, size, dims = ZipfTask(1.3, 4, 2), 3, [2, 6]
    orders = list(itertools.permutations(range(4)))
    expected, variance = np.zeros(2), np.zeros(2)
    for k, counts in enumerate(itertools.product(range(size + 1), repeat=4)):
        if sum(counts) != size:
            continue
        # many orders give the same weights, and share their draws
        weights = [scheme.weights(np.array(counts), 1, np.array(order) / 4) for order in orders]
        for j, (q, ways) in enumerate(Counter(map(tuple, weights)).items()):
            share = multinomial(counts, task.probabilities) * ways / len(orders)
            rng = np.random.default_rng([k, j])
            table = expected_errors(task, {"": np.array(q)}, dims, rng=rng, draws=64 * ways)
            expected += share * table["mean"].to_numpy()
            variance += (share * table["sem"].to_numpy()) ** 2
    rng = np.random.default_rng(0)
    table = expected_errors(task, {"": scheme}, dims, rng=rng, draws=2**14, n_samples=[size])
    # five standard errors, of which at least 15 degrees of freedom: 2·10⁻⁴ for each of ten values
    sems = np.hypot(table["sem"], np.sqrt(variance))
    assert (np.abs(table["mean"] - expected) < 5 * sems).all()
    assert (sems < 0.01).all()


def test_many_samples_tend_to_the_law() -> None:
    # counts of up to 6·10⁷, too many for a table by count
    task, names = ZipfTask(2.0, 30, 5), ("fill", "counts", "root", "cut", "cut root")
    some = {name: SCHEMES[name] for name in names}
    rng = (np.random.default_rng(3) for _ in range(2))
    infinite = expected_errors(task, some, [4, 50], rng=next(rng), draws=512)
    finite = expected_errors(task, some, [4, 50], rng=next(rng), draws=512, n_samples=[10**8])
    np.testing.assert_allclose(finite["mean"], infinite["mean"], rtol=0.02)
    np.testing.assert_array_equal(finite["n_stored"], infinite["n_stored"])


# Its numbers


def test_standard_errors_are_honest() -> None:
    # As for T = ∞: false failures below 2·10⁻³ a scheme.
    task, some = ZipfTask(0.8, 60, 5), ("fill", "counts", "cut")
    schemes = {name: SCHEMES[name] for name in some}

    def run(seed: int, draws: int) -> tuple[Array, Array]:
        rng = np.random.default_rng(seed)
        table = expected_errors(task, schemes, [30], rng=rng, draws=draws, n_samples=[40])
        return table["mean"].to_numpy(), table["sem"].to_numpy()

    reference, reference_sem = run(1000, 2**14)
    values = [run(seed, 128) for seed in range(40)]
    deviations = np.array([(m - reference) / np.hypot(s, reference_sem) for m, s in values])
    sums = (deviations**2).sum(axis=0)
    assert ((sums > 16) & (sums < 90)).all(), sums


def test_settings_share_noise_and_data() -> None:
    task, sizes = ZipfTask(1.0, 50, 5), [10, 200]
    rng = np.random.default_rng(5)
    # with thresholds of 1, 2, 2 and 8
    table = expected_errors(task, SCHEMES, [1, 8, 9, 30], rng=rng, draws=64, n_samples=sizes)
    keyed = table.set_index(["scheme", "n_samples", "dim"])
    for name, scheme in SCHEMES.items():
        rng = np.random.default_rng(5)
        pair = expected_errors(
            task, {"": scheme}, [9, 8, 30], rng=rng, draws=64, n_samples=[200, 10]
        )
        rng = np.random.default_rng(5)
        alone = expected_errors(task, {"": scheme}, [30], rng=rng, draws=64, n_samples=[200, 10])
        np.testing.assert_allclose(alone["mean"], pair.loc[pair["dim"] == 30, "mean"], rtol=1e-9)
        rng = np.random.default_rng(5)
        line = expected_errors(task, {"": scheme}, [1], rng=rng, draws=64, n_samples=[200, 10])
        same = table[(table["scheme"] == name) & (table["dim"] == 1)]
        np.testing.assert_allclose(line["mean"], same["mean"], rtol=1e-9)
        assert alone["n_samples"].tolist() == sizes
        for _, row in alone.iterrows():
            same = keyed.loc[(name, row["n_samples"], 30)]
            assert (same["mean"], same["sem"]) == pytest.approx((row["mean"], row["sem"]), rel=1e-9)
    noise = np.random.default_rng(5)
    law = expected_errors(task, {"": fill()}, [30], rng=noise, draws=64)
    assert law["n_samples"].tolist() == [math.inf]


def test_more_sizes_than_dimensions_change_nothing() -> None:
    task, sizes = ZipfTask(1.0, 50, 5), [5, 20, 100, 300]
    for dims in ([12], [12, 40]):
        rng = (np.random.default_rng(5) for _ in range(2))
        table = expected_errors(task, SCHEMES, dims, rng=next(rng), draws=64, n_samples=sizes)
        more = [12, 40, 90, 91, 92]
        few = expected_errors(task, SCHEMES, more, rng=next(rng), draws=64, n_samples=sizes)
        both = table.merge(few, on=["scheme", "n_samples", "dim"])
        assert len(both) == len(table)
        np.testing.assert_allclose(both["mean_x"], both["mean_y"], rtol=1e-9)


def test_batches_are_those_of_the_table() -> None:
    task, some = ZipfTask(1.5, 40, 4), {"fill": fill(), "cut": threshold(PerDimension(1 / 4))}
    arguments = {"draws": 160, "n_samples": [20, 100]}
    rng = (np.random.default_rng(2) for _ in range(2))
    table = expected_errors(task, some, [10, 20], rng=next(rng), **arguments)  # type: ignore
    batches = error_batches(task, some, [10, 20], rng=next(rng), **arguments)  # type: ignore
    assert batches["trial"].nunique() == 16
    summary = summarize(batches)
    for column in ("scheme", "n_samples", "dim"):
        assert summary[column].tolist() == table[column].tolist()
    np.testing.assert_allclose(summary["mean"], table["mean"], rtol=1e-12)
    np.testing.assert_allclose(summary["sem"], table["sem"], rtol=1e-12)
    curve = batches.query("scheme == 'cut' and n_samples == 100")
    slope = fit_power_law(curve, "dim").exponent
    means = table.query("scheme == 'cut' and n_samples == 100")["mean"].to_numpy()
    assert slope.value == pytest.approx(math.log2(means[1] / means[0]))


def test_the_table_says_how_many_tokens_are_stored_at_most() -> None:
    schemes = {"cut": threshold(PerDimension(1 / 4)), "fill": fill(), "more": threshold(99)}
    rng = np.random.default_rng(0)
    task, options = ZipfTask(1.0, 40, 4), {"draws": 16, "n_samples": [7, 3]}
    table = expected_errors(task, schemes, [4, 40], rng=rng, **options)  # type: ignore
    found = table[["scheme", "n_samples", "dim", "n_stored"]].to_numpy().tolist()
    stored = {("cut", 4): 1, ("cut", 40): 10}
    assert found == [
        [scheme, size, dim, stored.get((scheme, dim), 40)]
        for scheme in schemes for size in (3, 7) for dim in (4, 40)
    ]  # fmt: skip


# Counts


def test_one_sample_is_enough() -> None:
    table = expected_errors(
        ZipfTask(1.0, 9, 3),
        {"": fill()},
        [3],
        rng=np.random.default_rng(0),
        draws=16,
        n_samples=[1],
    )
    assert table["mean"].between(0, 1).all()


def test_counts_are_multinomial_and_grow() -> None:
    task = ZipfTask(1.0, 6, 2)
    counts = draw_counts(task, [4, 50], 4000, np.random.default_rng(0))
    assert counts.numbers.shape == (4000, 2, 6)
    assert (counts.numbers.sum(axis=2) == [4, 50]).all()
    assert (np.diff(counts.numbers, axis=1) >= 0).all()
    for token in range(6):
        check_mean(counts.numbers[:, 1, token].astype(float), 50 * task.probabilities[token])
    unseen = (counts.numbers == 0) @ task.probabilities
    np.testing.assert_allclose(counts.unseen(), unseen)


@pytest.mark.parametrize("rho", [0.3, 1.0, 2.0])
def test_tables_by_count_are_those_by_weight(rho: float) -> None:
    task = ZipfTask(1.3, 50, 3, target=(0, 2, 2, 1))
    numbers = draw_counts(task, [3, 40], 5, np.random.default_rng(1)).numbers.reshape(10, 50)
    short, long = CountMasses(task, numbers, rho), TableMasses(task, numbers.astype(float) ** rho)
    largest = numbers.max(axis=1) ** rho
    np.testing.assert_allclose(short.norms / largest, long.norms)
    np.testing.assert_allclose(short.unstored, long.unstored, atol=1e-12)
    rng, rows = np.random.default_rng(2), np.repeat(np.arange(10), 300)
    low, high = rng.choice([*np.arange(0, 9) ** rho, 0.5, 2.5, 9.7], (2, 3, 3000))
    low[:, ::7], high[:, ::5] = np.inf, np.inf
    high = np.maximum(low, high)
    by_weight = long.selected(low / largest[rows], high / largest[rows], rows)
    # weights that are equal but for rounding may fall on either side
    by_count = short.selected(low, high, rows)
    at_edge = np.isin(low, np.arange(9) ** rho) | np.isin(high, np.arange(9) ** rho)
    np.testing.assert_allclose(by_count[~at_edge], by_weight[~at_edge], atol=1e-12)
    explicit = np.zeros((3, 3000))
    labels = task.labels(task.tokens)
    for y in range(3):
        q = numbers[rows][:, labels == y] ** float(rho)
        errs = (q > 0) & ((q < low[y][:, None]) | (q > high[y][:, None]))
        explicit[y] = errs @ task.probabilities[labels == y]
    sure = ~at_edge if rho == 0.3 else np.ones_like(at_edge)
    np.testing.assert_allclose(by_count[sure], explicit[sure], atol=1e-12)


def test_tables_by_count_know_outputs_of_no_token() -> None:
    task, numbers = ZipfTask(1.0, 3, 3, target=(1, 0)), np.array([[2, 0, 1], [0, 0, 5]])
    masses = CountMasses(task, numbers, 1.0)
    # p = 6/11, 3/11, 2/11; the tokens 1 and 3 have output 0, and 2 has output 1
    np.testing.assert_allclose(masses.norms**2, [[5, 25], [0, 0], [0, 0]])
    unstored = np.array([[0, 6], [3, 3], [0, 0]]) / 11
    np.testing.assert_allclose(masses.unstored, unstored, atol=1e-15)
    everything = np.full((3, 2), np.inf)
    stored = np.array([[8, 2], [0, 0], [0, 0]]) / 11
    found = masses.selected(everything, everything, np.arange(2))
    np.testing.assert_allclose(found, stored, atol=1e-15)


def test_tables_by_count_know_little_masses_among_many_rows() -> None:
    """Each row is summed for itself: a mass of 10⁻⁹ to five digits, after 1000 rows of mass 1."""
    task = ZipfTask(9.0, 10, 2)
    numbers = np.random.default_rng(6).integers(1, 4, (1000, 10))
    numbers[:, 8:] = [1, 2]
    found, rows = CountMasses(task, numbers, 1.0), np.arange(1000)
    bound = np.full((2, 1000), 1.5)
    masses = found.selected(bound, np.full((2, 1000), math.inf), rows)
    for row, own in enumerate(numbers):
        expected = math.fsum(task.probabilities[(own == 1) & (np.arange(1, 11) % 2 == 1)])
        assert masses[1, row] == pytest.approx(expected, rel=1e-5)


def test_tables_by_count_are_for_counts_that_are_smaller_than_the_number_of_tokens() -> None:
    task, ties = ZipfTask(1.0, 5, 2), np.zeros((1, 5))
    for most, kind in ((4, CountMasses), (5, TableMasses)):
        counts = Counts(task, np.array([[[most, 1, 1, 0, 0]]]), ties)
        assert type(counts.masses(frequency(), [3])[0]) is kind
    assert (
        type(Counts(task, np.array([[[1, 0, 0, 0, 0]]]), ties).masses(threshold(3, 0.5), [3])[0])
        is TableMasses
    )


@pytest.mark.parametrize("scheme", [fill(), threshold(6), threshold(29), threshold(30)])
def test_little_that_is_not_stored_is_summed_by_itself(scheme: Scheme) -> None:
    task = ZipfTask(9.0, 30, 3)
    numbers = np.random.default_rng(5).integers(0, 3, (4, 2, 30)) * (np.arange(30) < 20)
    numbers[0] = 1 + np.arange(30)
    counts = Counts(task, numbers, np.tile(np.arange(30) / 30, (4, 1)))
    masses, rows = counts.masses(scheme, [10])
    for own, row in zip(numbers.reshape(-1, 30), rows.ravel(), strict=True):
        missing = scheme.weights(own, 10) == 0
        for y in range(3):
            chosen = missing & (np.arange(1, 31) % 3 == y)
            expected = math.fsum(task.probabilities[chosen])
            assert masses.unstored[y, row] == pytest.approx(expected, rel=1e-12, abs=0)


def test_thresholds_keep_the_most_frequent_and_break_ties_by_their_order() -> None:
    task = ZipfTask(1.0, 5, 2)
    ties = np.array([[0.5, 0.9, 0.1, 0.2, 0.3]])
    for counts, stored in itertools.product(([3, 1, 1, 0, 1], [0, 2, 0, 0, 1]), range(1, 6)):
        numbers = np.array([[counts]])
        q = threshold(stored).weights(numbers[0, 0], 1, ties[0])
        masses, _ = Counts(task, numbers, ties).masses(threshold(stored), [1])
        labels = task.labels(task.tokens)
        np.testing.assert_allclose(masses.norms[:, 0] ** 2, np.bincount(labels, weights=q))
        unstored = np.bincount(labels, weights=task.probabilities * (q == 0))
        np.testing.assert_allclose(masses.unstored[:, 0], unstored, atol=1e-15)


@pytest.mark.parametrize(
    ("scheme", "dims", "shape"),
    [
        (fill(), [4, 40, 400], (3, 2, 1)),
        (frequency(), [4, 40, 400], (3, 2, 1)),
        (threshold(2, 0.5), [4, 40, 400], (3, 2, 1)),
        (threshold(PerDimension(1)), [40, 400], (3, 2, 1)),  # all of five tokens
        (threshold(PerDimension(1)), [1, 4, 40, 400], (3, 2, 4)),
        (threshold(PerDimension(1), 0.5), [4, 2, 4], (3, 2, 3)),
    ],
)
def test_each_data_set_and_each_threshold_has_a_row(
    scheme: Scheme, dims: list[int], shape: tuple[int, ...]
) -> None:
    """One for all d where the threshold is the same; rows are those of the weights themselves."""
    task = ZipfTask(1.0, 5, 2)
    counts = draw_counts(task, [3, 20], 3, np.random.default_rng(0))
    masses, rows = counts.masses(scheme, dims)
    assert rows.shape == shape
    labels = task.labels(task.tokens)
    for place in np.ndindex(*shape):
        q = scheme.weights(counts.numbers[place[:2]], dims[place[2]], counts.ties[place[0]])
        norms = np.sqrt(np.bincount(labels, weights=q**2))
        # a table of weights tells them over their largest
        scale = q.max() if isinstance(masses, TableMasses) else 1
        np.testing.assert_allclose(masses.norms[:, rows[place]] * scale, norms)


# Bad input


@pytest.mark.parametrize(
    ("task", "scheme", "sizes", "name"),
    [
        (ZipfTask(2.0, math.inf, 3), threshold(4), [5], "n_tokens"),
        (ZipfTask(2.0, 9, 3), np.ones(9), [5], "schemes"),
        (ZipfTask(2.0, 9, 3), fill(), [], "n_samples"),
        (ZipfTask(2.0, 9, 3), fill(), [0], "n_samples"),
        (ZipfTask(2.0, 9, 3), fill(), [2.5], "n_samples"),
        (ZipfTask(2.0, 9, 3), fill(), [4, 4], "n_samples"),
        (ZipfTask(2.0, 9, 3), fill(), 4, "n_samples"),
        (ZipfTask(2.0, 10**12, 3), fill(), [4], "n_tokens"),
        (ZipfTask(2.0, 10**8, 3), fill(), [*range(1, 10**5)], "n_tokens"),
    ],
)
def test_bad_input(task: ZipfTask, scheme: object, sizes: object, name: str) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=name):
        expected_errors(task, {"": scheme}, [3], rng=rng, n_samples=sizes)  # type: ignore
