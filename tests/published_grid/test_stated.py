import numpy as np
import pandas as pd
import pytest

from assocmem.published_grid import (
    best_at_edge,
    diverged_kinds,
    diverged_shares,
    learned_gaps,
    load_grid,
    rerun_sample,
    stated_gaps,
    tuned,
)


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return load_grid()


def mean(runs: pd.DataFrame, query: str) -> float:
    return float(runs.query(query)["error"].mean())


def test_stated_gaps_are_differences_of_means(runs: pd.DataFrame) -> None:
    found = stated_gaps(runs)
    best = tuned(runs)
    plain = "model == 'W' and not layer_norm and "
    adam, sgd = "optimizer == 'Adam' and ", "optimizer == 'SGD' and "
    many = plain + adam + "n_samples == 1024 and "
    large = "batch_size == 1024 and learning_rate == 10"
    small = mean(runs, many + "batch_size == 16 and learning_rate == 1")
    steps = sgd + "not layer_norm and n_samples == 10240 and batch_size == 64 and "
    tune = plain + "n_samples == 10240 and batch_size == 256"
    norm = "model == 'W' and n_samples == 10240 and batch_size == 1024 and "
    expected = {
        "grid.small-batches": (
            small - mean(runs, many + large),
            small - mean(runs, plain + adam + "n_samples == 102400 and " + large),
        ),
        "grid.large-steps": tuple(
            mean(runs, f"{steps}model == '{model}' and learning_rate == 100")
            - mean(runs, f"{steps}model == '{model}' and learning_rate == 10")
            for model in ("W", "EU")
        ),
        "grid.adam": tuple(
            mean(best, adam + tune + at) - mean(best, sgd + tune + at)
            for at in ("", " and dim == 10")
        ),
        "grid.layer-norm-adam": tuple(
            mean(runs, f"{norm}{adam}learning_rate == {rate} and layer_norm")
            - mean(runs, f"{norm}{adam}learning_rate == {rate} and not layer_norm")
            for rate in (1, 10)
        ),
        "grid.layer-norm-w": tuple(
            mean(runs, f"{norm}{sgd}learning_rate == {rate} and layer_norm")
            - mean(runs, f"{norm}{sgd}learning_rate == {rate} and not layer_norm")
            for rate in (1, 100)
        ),
    }
    assert found.keys() == expected.keys()
    for name, pair in found.items():
        values = [estimate.value for estimate in pair]
        if name == "grid.large-steps":  # some runs on E and U diverged: means are over fewer seeds
            assert values[0] == pytest.approx(expected[name][0])
            assert values[1] > 0
        else:
            assert values == pytest.approx(list(expected[name])), name


def test_learned_embeddings_in_ten_dimensions_against_a_thousand(runs: pd.DataFrame) -> None:
    found = learned_gaps(runs, "EWU")
    fixed = "optimizer == 'SGD' and not layer_norm and batch_size == 16 and learning_rate == 1"
    for count, gap in zip((1024, 10_240, 102_400), found, strict=True):
        one, other = (
            mean(runs, f"{fixed} and n_samples == {count} and model == '{model}' and dim == {dim}")
            for model, dim in (("EWU", 10), ("W", 1000))
        )
        assert gap.value == pytest.approx(one - other)
    assert [gap.value for gap in learned_gaps(runs, "EU")] != [gap.value for gap in found]


def test_diverged_runs_are_counted_by_kind(runs: pd.DataFrame) -> None:
    kinds = diverged_kinds(runs, "EU", "EWU")
    assert len(kinds) == runs["diverged"].sum()
    counted = runs.query("diverged and optimizer == 'SGD' and not layer_norm and learning_rate > 9")
    assert kinds.sum() == (counted["model"] != "W").sum()
    assert diverged_kinds(runs, "EU").sum() == (counted["model"] == "EU").sum()
    shares = diverged_shares(runs, "EU", "EWU")
    sgd = runs.query("optimizer == 'SGD' and not layer_norm and model != 'W'")
    for rate, share in zip((10, 100), shares, strict=True):
        lost = sgd.query(f"learning_rate == {rate}")["diverged"]
        assert share.value == pytest.approx(lost.mean())


def test_the_published_choice_is_compared_with_the_edge(runs: pd.DataFrame) -> None:
    for optimizer in ("SGD", "Adam"):
        found = best_at_edge(runs, optimizer)
        rows = runs.query(
            "model == 'W' and not layer_norm and n_samples == 10240 and batch_size == 256"
            " and optimizer == @optimizer"
        ).pivot(index=["dim", "seed"], columns="learning_rate", values="error")
        expected = [np.argmin(errors) == 3 for errors in rows.to_numpy()]
        np.testing.assert_array_equal(found, expected)
    assert best_at_edge(runs, "SGD").all()


@pytest.mark.slow
def test_a_sample_is_run_again_with_the_published_seeds() -> None:
    pairs = rerun_sample()
    assert len(pairs.drop_duplicates(["dim", "seed"])) == 3 * 10  # one cell is in two panels
    assert pairs.groupby("dim")["seed"].nunique().to_dict() == {50: 10, 200: 10, 1000: 10}
    assert (pairs["error"] - pairs["published"]).abs().median() < 1e-6
