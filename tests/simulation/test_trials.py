import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from assocmem import (
    PerDimension,
    ZipfTask,
    fill,
    frequency,
    simulate_errors,
    simulate_unseen,
    threshold,
)
from assocmem.theory import proposition_1_error
from tests.oracles import (
    FALSE_FAILURE,
    check_mean,
    check_same_mean,
    dense_matrix,
    dense_scores,
    error_range,
    explicit_embeddings,
    naive_error,
    zipf_masses,
)

TASK = ZipfTask(1.5, 30, 4, target=(3, 0, 1, 1, 2, 0, 3))


SCHEMES = {
    "fill": fill(),
    "frequency": frequency(),
    "eighth": threshold(PerDimension(1 / 8)),
    "five": threshold(5, rho=0.5),
}


def simulate(trials: int = 3, seed: int = 0, dims: tuple[int, ...] = (40, 10, 80)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return simulate_errors(TASK, SCHEMES, dims, trials=trials, rng=rng)


def test_one_row_per_trial_scheme_size_and_dimension() -> None:
    table = simulate_errors(
        TASK, SCHEMES, [40, 10], trials=3, rng=np.random.default_rng(0), n_samples=[100, 5]
    )
    assert list(table) == ["trial", "scheme", "n_samples", "dim", "n_stored", "error"]
    keys = set(table[["trial", "scheme", "n_samples", "dim"]].itertuples(index=False, name=None))
    expected = {(k, s, t, d) for k in range(3) for s in SCHEMES for t in (5, 100) for d in (10, 40)}
    assert keys == expected
    assert len(table) == len(expected)
    assert table["error"].between(0, 1 + 1e-12).all()


def test_the_number_of_stored_tokens_is_reported() -> None:
    table = simulate().drop_duplicates(["scheme", "dim"]).set_index(["scheme", "dim"])["n_stored"]
    for dim in (10, 40, 80):
        assert table["fill", dim] == table["frequency", dim] == 30
        assert table["eighth", dim] == dim // 8
        assert table["five", dim] == 5
    capped = simulate_errors(
        TASK, {"all": threshold(99)}, [10], trials=1, rng=np.random.default_rng(0)
    )
    assert capped["n_stored"].tolist() == [30]


def test_a_trial_does_not_depend_on_the_number_of_trials() -> None:
    few, many = simulate(trials=2), simulate(trials=5)
    pd.testing.assert_frame_equal(few, many[many["trial"] < 2])


def test_a_seed_gives_one_table_and_another_seed_another() -> None:
    pd.testing.assert_frame_equal(simulate(seed=1), simulate(seed=1))
    assert not simulate(seed=1)["error"].equals(simulate(seed=2)["error"])


def test_trials_differ() -> None:
    assert simulate(trials=20).groupby(["scheme", "dim"])["error"].nunique().min() > 1


def test_an_error_does_not_depend_on_what_else_is_asked() -> None:
    keys = ["trial", "scheme", "n_samples", "dim", "n_stored"]
    full = simulate().set_index(keys)["error"]
    for name, scheme in SCHEMES.items():
        for dim in (10, 40, 80):
            alone = simulate_errors(
                TASK, {name: scheme}, [dim], trials=3, rng=np.random.default_rng(0)
            ).set_index(keys)["error"]
            pd.testing.assert_series_equal(alone, full.loc[alone.index], rtol=0, atol=1e-12)


@pytest.mark.parametrize("sizes", [None, [3, 20, 500]])
def test_every_error_is_that_of_a_dense_memory(sizes: list[int] | None) -> None:
    """Data first, embeddings next, both from the trial's child generator."""
    masses = zipf_masses(TASK.alpha, 30)
    labels = [(3, 0, 1, 1, 2, 0, 3)[x % 7] for x in range(1, 31)]
    dims = [5, 16, 40]
    table = simulate_errors(
        TASK, SCHEMES, dims, trials=2, rng=np.random.default_rng(5), n_samples=sizes
    ).set_index(["trial", "scheme", "n_samples", "dim"])["error"]
    for trial in range(2):
        child = np.random.default_rng(5).spawn(2)[trial]
        counts, total, ties = {math.inf: masses}, np.zeros(30), None
        if sizes is not None:
            counts = {}
            for size, previous in zip(sizes, [0, *sizes[:-1]], strict=True):
                total = total + child.multinomial(size - previous, TASK.probabilities)
                counts[size] = total
            ties = child.random(30)
        state = child.bit_generator.state
        for dim in dims:
            child.bit_generator.state = state
            e, u = explicit_embeddings(30, 4, dim, child)
            for size, values in counts.items():
                for name, scheme in SCHEMES.items():
                    q = scheme.weights(values, dim, ties)
                    logits = dense_scores(dense_matrix(q, labels, e, u), e, u)
                    low, high = error_range(masses, labels, logits)
                    assert low <= table[trial, name, size, dim] <= high


@pytest.mark.slow
@pytest.mark.parametrize(("dim", "n_outputs"), [(6, 3), (25, 5), (25, 30), (3, 8)])
def test_mean_errors_are_those_of_a_naive_simulation(dim: int, n_outputs: int) -> None:
    task = ZipfTask(1.2, 30, n_outputs)
    schemes = {"fill": fill(), "frequency": frequency(), "cut": threshold(6)}
    table = simulate_errors(task, schemes, [dim], trials=800, rng=np.random.default_rng(1))
    masses, labels = zipf_masses(1.2, 30), np.arange(1, 31) % n_outputs
    rng = np.random.default_rng(2)
    weights = {"fill": np.ones(30), "frequency": masses, "cut": np.arange(30) < 6}
    for name, q in weights.items():
        naive = np.array([naive_error(masses, labels, q, n_outputs, dim, rng) for _ in range(800)])
        errors = table.loc[table["scheme"] == name, "error"].to_numpy()
        check_same_mean(errors, naive)
        assert stats.ks_2samp(errors.round(9), naive.round(9)).pvalue > FALSE_FAILURE


def test_mean_errors_from_samples_are_those_of_a_naive_simulation() -> None:
    task, dim, size = ZipfTask(1.2, 30, 5), 20, 15
    table = simulate_errors(
        task, {"fill": fill()}, [dim], trials=800, rng=np.random.default_rng(3), n_samples=[5, size]
    )
    masses, labels = zipf_masses(1.2, 30), np.arange(1, 31) % 5
    rng = np.random.default_rng(4)
    naive = []
    for _ in range(800):
        q = np.isin(np.arange(30), rng.choice(30, size=size, p=masses)).astype(float)
        naive.append(naive_error(masses, labels, q, 5, dim, rng))
    errors = table.loc[table["n_samples"] == size, "error"].to_numpy()
    check_same_mean(errors, np.array(naive))


@pytest.mark.parametrize(
    ("name", "mean", "std"), [("frequency", 0.0579, 0.0143), ("eighth", 0.00339, 0.00011)]
)
def test_figure_3_right_at_a_thousand_dimensions(name: str, mean: float, std: float) -> None:
    """Reference values (mean and standard deviation over 100 trials) from a separate program."""
    task = ZipfTask(2.0, 1000, 5)
    table = simulate_errors(
        task, {name: SCHEMES[name]}, [1000], trials=60, rng=np.random.default_rng(0)
    )
    errors = table["error"].to_numpy()
    rounding = 10.0 ** -len(str(mean).split(".")[1]) / 2
    z = stats.norm.isf(FALSE_FAILURE / 2)
    sem = math.sqrt(errors.var(ddof=1) / 60 + std**2 / 100)
    assert abs(errors.mean() - mean) < z * sem + rounding
    # A ratio of variances of normal samples; wide enough for the mild skew of these errors.
    assert 1 / 2.5 < (errors.std(ddof=1) / std) ** 2 < 2.5


@pytest.mark.slow
@pytest.mark.parametrize("n_tokens", [1, 20, 1000, math.inf])
@pytest.mark.parametrize("alpha", [1.2, 2.0, 3.0])
def test_proposition_1_simulated(alpha: float, n_tokens: float) -> None:
    task = ZipfTask(alpha, n_tokens, 1)
    sizes = [1, 10, 100, 1000]
    table = simulate_unseen(task, sizes[::-1], trials=1000, rng=np.random.default_rng(7))
    assert table.groupby("trial")["n_samples"].apply(list).tolist() == [sizes] * 1000
    for size, errors in table.groupby("n_samples")["error"]:
        exact = float(proposition_1_error(task, int(size)))
        # Too rare an error does not occur in 1000 trials.
        check_mean(errors.to_numpy(), exact, slack=5e-6)


@pytest.mark.parametrize("n_tokens", [40, math.inf])
def test_unseen_mass_decreases_with_data(n_tokens: float) -> None:
    task = ZipfTask(1.5, n_tokens, 1)
    table = simulate_unseen(task, [1, 2, 5, 50, 2000], trials=50, rng=np.random.default_rng(8))
    errors = table.pivot(index="trial", columns="n_samples", values="error").to_numpy()
    assert (np.diff(errors, axis=1) <= 0).all()
    assert (errors >= 0).all()
    # After one sample exactly one token is known.
    for error in errors[:, 0]:
        x = (task.normalizer / (1 - error)) ** (1 / 1.5)
        assert x == pytest.approx(round(x), rel=1e-6)


@pytest.mark.parametrize(("alpha", "n_tokens"), [(2.0, 5), (10.0, 20), (0.5, 30)])
def test_unseen_masses_are_sums_of_what_is_missing(alpha: float, n_tokens: int) -> None:
    """To the last digits, however small: so exactly 0 where every token was seen."""
    task, sizes = ZipfTask(alpha, n_tokens, 1), [1, 4, 60, 1000]
    table = simulate_unseen(task, sizes, trials=20, rng=np.random.default_rng(9))
    p, errors = zipf_masses(alpha, n_tokens), iter(table["error"])
    for child in np.random.default_rng(9).spawn(20):
        tokens = task.sample(1000, child)
        for size in sizes:
            missing = set(range(1, n_tokens + 1)) - set(tokens[:size].tolist())
            expected = math.fsum(p[x - 1] for x in missing)
            assert next(errors) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize("alpha", [1.05, 1.5, 8.0])
def test_unseen_masses_of_infinitely_many_tokens_are_never_zero(alpha: float) -> None:
    task = ZipfTask(alpha, math.inf, 1)
    table = simulate_unseen(task, [1, 30, 2000], trials=20, rng=np.random.default_rng(10))
    errors = iter(table["error"])
    for child in np.random.default_rng(10).spawn(20):
        tokens = task.sample(2000, child)
        for size in (1, 30, 2000):
            seen = np.unique(tokens[:size])
            error = next(errors)
            assert error == pytest.approx(1 - task.mass(seen).sum(), rel=1e-12, abs=1e-14)
            assert error > task.tail(seen.max()) * (1 - 1e-12)
