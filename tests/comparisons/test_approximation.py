import numpy as np
import pandas as pd
import pytest

from assocmem import estimate_mean
from assocmem.comparisons import (
    FIGURE_5_PROGRAM,
    descent_curves,
    exponent_cases,
    exponent_table,
    figure_5_programs,
    nearer_by,
    step_points,
)
from assocmem.theory import effective_rho, figure_5_slopes, gradient_step, local_exponents


def test_points_of_a_step_are_where_it_begins_and_ends() -> None:
    outputs = np.random.default_rng(0).standard_normal((4, 2))
    points = step_points(outputs, [0.3, -0.2], 2)
    step, wrong = gradient_step(outputs, [0.3, -0.2], 2, 1.0)
    np.testing.assert_allclose(points["after"] - points["before"], step)
    np.testing.assert_allclose(points["before"], [0.3, -0.2])
    np.testing.assert_allclose(points["wrong"], wrong)


def test_the_first_panel_has_one_run_and_the_others_all() -> None:
    table = pd.DataFrame({"learner": "a", "step": [1, 1, 2, 2], "trial": [0, 1, 0, 1]})
    first, second = table.assign(error=[1.0, 3, 5, 7]), table.assign(error=[2.0, 4, 6, 8])
    curves = descent_curves({(9, 10.0, 1): first, (5, 0.5, 20): second})
    assert curves["panel"].unique().tolist() == [
        "d = 9, γ = 10, one run",
        "d = 5, γ = 0.5, batch 20",
    ]
    assert curves["mean"].tolist() == [1, 5, 3, 7]


def test_exponents_stand_beside_their_rate() -> None:
    table = exponent_table([0.1, 2.0], 7, 50, 1.5)
    for rate, rows in table.groupby("learning_rate"):
        gain, rho = local_exponents(float(str(rate)), 7, 50, 1.5)
        np.testing.assert_array_equal(rows["gain"], gain)
        np.testing.assert_array_equal(rows["rho"], rho)


def test_exponents_are_those_of_ten_outputs() -> None:
    stated, wrong = map(np.asarray, exponent_cases(0.01, 5000))
    gained, slopes = local_exponents(0.01, 10, 5000)
    np.testing.assert_array_equal(stated, np.abs(slopes - effective_rho(gained, 10)) < 0.001)
    assert stated.all()
    assert not wrong.all()


def test_each_change_of_the_program_is_made_alone_and_with_the_others() -> None:
    table = figure_5_programs()
    assert len(table) == len(FIGURE_5_PROGRAM) + 3
    assert table.loc["this chapter"].tolist() == figure_5_slopes().tolist()
    assert table.loc["before = 1"].tolist() == figure_5_slopes(before=1).tolist()
    assert table.loc["all five"].round(2).tolist() == [0.97, 0.81, 0.4]
    others = {name: value for name, value in FIGURE_5_PROGRAM.items() if name != "at_most"}
    assert table.loc["all but at_most"].tolist() == figure_5_slopes(**others).tolist()


def test_differences_are_taken_run_by_run_from_both_powers() -> None:
    rng = np.random.default_rng(0)
    names = ("approximation", "n^0.4", "√n", "1 if seen")
    gaps = {name: rng.random((3, 8)) for name in names}
    for found, name in zip(nearer_by(gaps), ("approximation", "1 if seen"), strict=True):
        rows = [*(gaps[name] - gaps["n^0.4"]), *(gaps[name] - gaps["√n"])]
        values = [estimate_mean(row).value for row in rows]
        assert [each.value for each in found] == pytest.approx(values)
