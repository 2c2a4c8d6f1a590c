import math

import numpy as np
import pytest

from assocmem import ZipfTask, expected_errors, frequency, simulate_errors
from assocmem.comparisons import collapse_batches, collapse_runs, measured_exponents
from assocmem.theory import proposition_2_asymptote

CASES = {"steep": 2.0, "flat": 0.5}


def test_the_window_of_a_vocabulary_over_its_load() -> None:
    table = collapse_batches(2.0, 5, CASES, [400, 100], draws=32, seed=0)
    assert list(dict.fromkeys(table["n_tokens"])) == [100, 400]
    for (case, n), rows in table.groupby(["case", "n_tokens"]):
        r = CASES[str(case)]
        load = 1.0 if r > 1 else float(n) ** 0.5
        assert rows["dim"].min() == max(10, math.floor(load / 3))
        assert rows["dim"].max() == pytest.approx(load * float(n) ** r, rel=0.01)
        row = rows.iloc[-1]
        norm = sum(x**-r for x in range(1, int(n) + 1))
        assert row["rho"] == r / 4
        assert row["ratio"] == row["dim"] / load
        assert row["exponent"] == pytest.approx(-1 / r)
        assert row["first"] == pytest.approx((row["dim"] / norm) ** (1 / r))
        task = ZipfTask(2.0, int(n), 5)
        for column, dim in (("sharp", row["dim"]), ("root", row["dim"] * norm**0.5)):
            assert row[column] == pytest.approx(float(proposition_2_asymptote(task, r / 4, dim)))


def test_runs_stand_beside_the_law_of_their_dimension_and_of_twice_as_many() -> None:
    task = ZipfTask(2.0, 50, 5)
    runs, points = collapse_runs(task, CASES, [40, 10], draws=64, trials=5, seed=2)
    assert points["scheme"].tolist() == ["steep", "steep", "flat", "flat"]
    assert points["dim"].tolist() == [10, 40, 10, 40]
    scheme = {"flat": frequency(0.125)}
    rng = np.random.default_rng([2, 1])
    direct = simulate_errors(task, scheme, [10, 40], trials=5, rng=rng)
    assert runs.query("scheme == 'flat'")["error"].tolist() == direct["error"].tolist()
    for column, dims in (("law", [10, 40]), ("double", [20, 80])):
        law = expected_errors(task, scheme, dims, draws=64, rng=np.random.default_rng(2))
        assert points[column][2:].tolist() == law["mean"].tolist()
    assert points["ratio"].tolist() == pytest.approx([10, 40, 10 / 50**0.5, 40 / 50**0.5])


def test_exponents_are_measured_in_the_middle_of_the_window() -> None:
    table = measured_exponents([2.0], [0.05, 1.0], 5, draws=256, seed=0)
    finite, infinite = table.to_dict("records")
    r, huge = 0.2, 1e18
    assert finite["n_tokens"] == 10**18
    assert finite["dim_min"] == pytest.approx(huge ** (1 - r + 0.4 * r))
    assert finite["dim_max"] == pytest.approx(huge ** (1 - r + 0.7 * r))
    assert infinite["n_tokens"] == math.inf
    assert (infinite["dim_min"], infinite["dim_max"]) == (10**6, 10**9)
    for row, exponent in ((finite, -5.0), (infinite, -0.25)):
        assert row["predicted"] == pytest.approx(exponent)
        assert row["measured"] == pytest.approx(exponent, rel=0.02)
        assert row["low"] <= row["measured"] <= row["high"]
    assert infinite["cut"] == pytest.approx(-0.2)
    assert [row["clear"] for row in (finite, infinite)] == [
        huge ** (0.4 * r) >= 2 * 5, True,
    ]  # fmt: skip
