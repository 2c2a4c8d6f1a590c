import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem.verdicts import (
    by_trial,
    compare_law,
    estimate_mean,
    estimate_means,
    paired_difference,
    rows_at,
    summarize,
    trial_quantiles,
)
from tests.oracles import properties


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
@properties
def test_summaries_equal_explicit_sums(errors: list[float]) -> None:
    table = pd.DataFrame(
        {"scheme": "a", "n_samples": math.inf, "dim": [1, 2] * len(errors),
         "error": np.repeat(errors, 2) * np.tile([1, 0.5], len(errors))}
    )  # fmt: skip
    summary = summarize(table).set_index("dim")
    for dim, factor in ((1, 1.0), (2, 0.5)):
        n = len(errors)
        mean = math.fsum(errors) / n * factor
        variance = math.fsum((factor * error - mean) ** 2 for error in errors) / (n - 1)
        row = summary.loc[dim]
        assert row["mean"] == pytest.approx(mean, rel=1e-9, abs=1e-12)
        assert row["std"] == pytest.approx(math.sqrt(variance), rel=1e-6, abs=1e-7)
        assert row["sem"] == pytest.approx(math.sqrt(variance / n), rel=1e-6, abs=1e-7)
        assert row["trials"] == n


def test_settings_stay_in_the_order_of_the_table() -> None:
    table = pd.DataFrame({"scheme": ["b", "b", "a", "a"], "dim": [20, 10, 20, 10], "error": 1.0})
    summary = summarize(table, by=["scheme", "dim"])
    assert list(zip(summary["scheme"], summary["dim"], strict=True)) == [
        ("b", 20), ("b", 10), ("a", 20), ("a", 10)
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", [[10, 30], (10, 30), range(10, 31, 20)])
def test_rows_have_one_of_the_wanted_values(wanted: object) -> None:
    table = pd.DataFrame({"dim": [10, 20, 30, 10], "scheme": list("abca")})
    assert rows_at(table, dim=wanted).index.tolist() == [0, 2, 3]
    assert rows_at(table, dim=wanted, scheme="a").index.tolist() == [0, 3]
    assert rows_at(table, dim=20)["scheme"].tolist() == ["b"]
    assert rows_at(table, dim=99).empty


def test_runs_become_samples_whatever_the_order_of_rows() -> None:
    runs = pd.DataFrame(
        {"scheme": ["b", "b", "a", "a"], "dim": [9, 9, 5, 5], "trial": [1, 0, 0, 1]}
    )
    runs["error"] = [0.1, 0.2, 0.3, 0.4]
    samples = by_trial(runs, by=["scheme", "dim"])
    assert samples.to_numpy().tolist() == [[0.2, 0.1], [0.3, 0.4]]
    assert samples.index.tolist() == [("b", 9), ("a", 5)]
    usual = by_trial(runs.assign(n_samples=math.nan))
    assert usual.index.names == ["scheme", "n_samples", "dim"]


@pytest.mark.parametrize("rows", [[0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 3, 3]])
def test_every_setting_has_every_trial_once(rows: list[int]) -> None:
    runs = pd.DataFrame({"dim": [9, 9, 5, 5], "trial": [1, 0, 0, 1], "error": 0.1})
    with pytest.raises(ValueError, match="^table = .*each of 2 trials once in each setting"):
        by_trial(runs.iloc[rows], by=["dim"])


RUNS = pd.DataFrame(
    {"scheme": list("aabb"), "dim": [5, 5, 9, 9], "trial": [0, 1, 0, 1], "error": [1.0, 2, 4, 8]}
)
BY = ["scheme", "dim"]


def test_wanted_settings_come_in_the_order_they_are_wanted() -> None:
    wanted = pd.DataFrame({"dim": [9, 5], "scheme": ["b", "a"], "other": 0})
    assert by_trial(RUNS, BY, wanted).to_numpy().tolist() == [[4, 8], [1, 2]]
    assert by_trial(RUNS, BY, wanted[:1]).index.tolist() == [("b", 9)]
    with pytest.raises(ValueError, match="^at = .*settings of the table"):
        by_trial(RUNS, BY, wanted.assign(dim=5))


def test_means_have_the_intervals_of_their_trials() -> None:
    assert estimate_means(RUNS, BY) == [estimate_mean([1.0, 2]), estimate_mean([4.0, 8])]
    halves = estimate_means(RUNS.assign(law=[2.0, 2, 4, 4]), BY, at=RUNS[2:3], over="law")
    assert halves == [estimate_mean([1.0, 2.0])]


def test_the_law_stands_beside_what_was_simulated() -> None:
    table = compare_law(RUNS, RUNS[RUNS["dim"] == 9].assign(error=[1.0, 3.0]), BY)
    assert table.columns.tolist() == [*BY, "law", "law_sem", "simulated", "sem"]
    assert table["law"].tolist() == [1.5, 6.0]
    assert table["law_sem"].tolist() == [0.5, 2.0]
    assert math.isnan(table["simulated"][0])
    assert (table["simulated"][1], table["sem"][1]) == (2.0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
@properties
def test_quantiles_are_those_of_sorted_trials(errors: list[float]) -> None:
    runs = pd.DataFrame({"dim": 5, "error": errors})
    found = trial_quantiles(pd.concat([runs, runs.assign(dim=2)]), ["dim"])
    assert found["dim"].tolist() == [5, 2]
    for column, level in (("low", 0.16), ("high", 0.84)):
        place = level * (len(errors) - 1)
        below, above = (sorted(errors)[k] for k in (math.floor(place), math.ceil(place)))
        between = below + (above - below) * (place % 1)
        assert found[column][0] == pytest.approx(between, abs=1e-12)


def test_a_paired_difference_is_that_of_the_same_trials() -> None:
    one, other = [0.5, 0.1, 0.3], [0.2, 0.2, 0.1]
    runs = {"rate": [1] * 3 + [9] * 3, "trial": [0, 1, 2, 2, 1, 0], "error": one + other[::-1]}
    found = paired_difference(pd.DataFrame(runs), 1, 9, "rate")
    assert found == estimate_mean(np.subtract(one, other))
    twice = pd.concat([pd.DataFrame(runs).assign(step=1), pd.DataFrame(runs).assign(step=2)])
    twice.loc[twice["step"] == 2, "error"] *= 10
    assert paired_difference(twice, 1, 9, "rate", step=1) == found
    assert paired_difference(twice, 1, 9, "rate", step=2).value == pytest.approx(10 * found.value)
    with pytest.raises(ValueError, match="^other = 2 is not valid; valid range: one of 1, 9"):
        paired_difference(pd.DataFrame(runs), 1, 2, "rate")
