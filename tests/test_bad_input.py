"""Each bad value ends in one error that names the parameter, the value and the valid range."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from assocmem import (
    Each,
    Integer,
    Mutant,
    OneOf,
    PerDimension,
    Real,
    ZipfTask,
    claim_holds,
    estimate_mean,
    fill,
    fit_power_law,
    frequency,
    gaussian_embeddings,
    simulate_errors,
    simulate_unseen,
    spherical_embeddings,
    threshold,
    validate,
)
from assocmem.model import Scheme, power_sum, spherical_gram
from assocmem.simulation import sweep_errors
from assocmem.theory import (
    proposition_1_asymptote,
    proposition_1_error,
    proposition_1_exponent,
    proposition_1_remainder,
    proposition_2_exponent,
    proposition_3_exponent,
    proposition_3_lower,
    proposition_3_prediction,
    proposition_3_threshold,
    proposition_3_upper,
    stored_error,
)

INFINITE = ZipfTask(2.0, math.inf, 5)
TABLE = pd.DataFrame({"trial": [0, 0, 1, 1], "dim": [1, 10, 1, 10], "error": [0.5, 0.1, 0.4, 0.2]})


def task(**changes: Any) -> ZipfTask:
    return ZipfTask(**{"alpha": 2.0, "n_tokens": 100, "n_outputs": 5, **changes})


def simulate(**changes: Any) -> pd.DataFrame:
    """A simulation; `n_tokens` replaces the task's."""
    n_tokens = changes.pop("n_tokens", 100)
    arguments = {"schemes": {"fill": fill()}, "dims": [10], "trials": 2, **changes}
    return simulate_errors(task(n_tokens=n_tokens), rng=np.random.default_rng(0), **arguments)


def unseen(**changes: Any) -> pd.DataFrame:
    arguments = {"n_samples": [10], "trials": 2, **changes}
    return simulate_unseen(INFINITE, rng=np.random.default_rng(0), **arguments)


def draw(n_samples: int) -> object:
    return INFINITE.sample(n_samples, np.random.default_rng(0))


def count(n_samples: int) -> object:
    return task().sample_counts(n_samples, np.random.default_rng(0))


def fit(table: pd.DataFrame = TABLE, x: str = "dim", **changes: Any) -> object:
    return fit_power_law(table, x, **changes)


def holds(cases: Any) -> object:
    return claim_holds("a.b", "s", "s", cases=cases, rule="r", mutant=Mutant("w", cases=[False]))


def upper(**changes: Any) -> float:
    return proposition_3_upper(**{"task": task(), "rho": 0.0, "n_stored": 5, "dim": 10, **changes})


def sweep(dims: list[int]) -> object:
    return sweep_errors(task(), np.ones((1, 100)), np.array(dims), np.random.default_rng(0))


def notebook(**changes: Any) -> None:
    """A notebook with one parameter of each kind, run with other values."""
    defaults = {
        "alpha": 2.0, "n_tokens": 100, "n_outputs": 5, "dims": [10, 20], "n_samples": [5],
        "trials": 10, "seed": 0, "optimizer": "SGD", "rates": [0.1, 1.0],
    }  # fmt: skip
    rules = {"optimizer": OneOf("SGD", "Adam"), "rates": Each(Real(above=0), 2)}
    validate({**defaults, **changes}, *(set(defaults) - set(rules)), **rules)


#: Function, name of the parameter, bad values.
CASES: list[tuple[Callable[..., Any], str, list[Any]]] = [
    (task, "alpha", [0, 0.0, -1.0, math.nan, math.inf, -math.inf, "2", None, True, [2.0], 1j]),
    (task, "alpha", [10**400]),
    (task, "n_tokens", [0, -5, 2.5, 100.0, math.nan, -math.inf, "100", None, True, [100]]),
    (task, "n_tokens", [10**400]),
    (PerDimension, "rate", [0, -1, math.nan, math.inf, "1/8", None]),
    (lambda size: spherical_gram(3, 5, np.random.default_rng(0), size), "size", [-1, 2.5]),
    (lambda n: gaussian_embeddings(n, 5, np.random.default_rng(0)), "n", [-1, 0, 1.5, 10**13]),
    (estimate_mean, "samples", [[1.0, math.nan], [math.inf, 1.0]]),
    (sweep, "dims", [[], [0, 5], [10, 5], [5, 5]]),
    (lambda n_stored: threshold(lambda d: n_stored).stored_at(7), "n_stored", [0, -1, 2.5]),
    (task, "n_outputs", [0, -1, 101, 2.0, math.nan, math.inf, "5", None, True]),
    (task, "target", [(), (5,), (-1,), (0, 7), (math.nan,)]),
    (lambda n_tokens: task(n_tokens=n_tokens).tokens, "n_tokens", [10**13, math.inf]),
    (lambda n_tokens: task(n_tokens=n_tokens).probabilities, "n_tokens", [10**13, math.inf]),
    (lambda exponent: power_sum(exponent, 1), "exponent", [-1.0, 0.5, 1]),
    (Scheme, "rho", [-0.5, math.nan, math.inf, "1", None, True]),
    (frequency, "rho", [-0.5, math.nan, math.inf, "1", None]),
    (threshold, "n_stored", [0, -3, 2.5, math.nan, math.inf, "5", True]),
    (lambda rho: threshold(5, rho=rho), "rho", [-1, math.nan]),
    (lambda dim: gaussian_embeddings(3, dim, np.random.default_rng(0)), "dim", [0, -1, 2.0, "3"]),
    (lambda dim: spherical_embeddings(3, dim, np.random.default_rng(0)), "dim", [0, 1.5, None]),
    (lambda dim: spherical_gram(3, dim, np.random.default_rng(0)), "dim", [0, -1, 2.0, math.inf]),
    (simulate, "trials", [0, -1, 2.0, math.nan, "10", None, True]),
    (simulate, "dims", [[], [0], [10, -1], [10.0], [math.nan], [10, 10], ["10"], [True]]),
    (simulate, "n_samples", [[], [0], [-5], [10, 10], [2.5], [math.inf], ["10"]]),
    (simulate, "n_tokens", [math.inf, 10**13]),
    (unseen, "trials", [0, 1.5, True]),
    (unseen, "n_samples", [[], [0], [-1], [1.5], [5, 5], [10**13]]),
    (fit, "level", [0, 1, -0.1, 1.5, math.nan, "0.9", None]),
    (proposition_1_exponent, "alpha", [1, 0.5, -2.0, math.nan, math.inf, "2", None]),
    (lambda alpha: proposition_1_asymptote(alpha, 10), "alpha", [1.0, 0.0, math.nan]),
    (lambda alpha: proposition_1_remainder(alpha, 10), "alpha", [1.0, 0.0, math.nan]),
    (
        lambda n_samples: proposition_1_error(INFINITE, n_samples),
        "n_samples",
        [-1, 2.5, math.nan, "10", None, True, [10, -1], 10**19],
    ),
    (lambda alpha: proposition_2_exponent(alpha, 1.0), "alpha", [1, 0.5, math.nan]),
    (lambda rho: proposition_2_exponent(2.0, rho), "rho", [0.0, -1, math.nan, "1"]),
    (proposition_3_exponent, "alpha", [1, 0.5, math.inf]),
    (lambda rho: proposition_3_exponent(2.0, rho), "rho", [-0.1, math.nan]),
    (lambda n_outputs: proposition_3_lower(task(n_outputs=n_outputs), 5), "n_outputs", [1]),
    (upper, "dim", [0, -1, 2.5, math.nan, math.inf, "10", True]),
    (upper, "beta", [0, -1.0, math.nan, math.inf, "1"]),
    (upper, "n_stored", [0, -1, 2.5, math.nan, math.inf, "5", True]),
    (lambda n_outputs: stored_error(n_outputs, 1, 1), "n_outputs", [1, 0, 2.5, "5", True]),
    (holds, "cases", [[], True, [math.nan], [1.0]]),
    (notebook, "alpha", [0, -1, math.nan, math.inf, "two", None, True, 10**400]),
    (notebook, "n_tokens", [0, -1, 1.5, math.nan, math.inf, "1 00"]),
    (notebook, "n_outputs", [0, 101, 5.5, None]),
    (notebook, "dims", [[], [0], [10, 10], [1.5], [math.nan], 10, "10", None, [[10]]]),
    (notebook, "n_samples", [[], [-1], 10, [5, 5], [10**20]]),
    (notebook, "trials", [0, 1, -1, 2.5, True, 10**13]),
    (notebook, "seed", [-1, 0.5, None]),
    (notebook, "optimizer", ["sgd", "", None, 1, ["SGD"]]),
    (notebook, "rates", [[], [0.1], [0.1, 0.1], [0.1, -1], [0.1, "x"], 0.1]),
    (notebook, "n_token", [100]),
    (notebook, "aplha", [2.0, "x", None, [1], True]),
    (task, "target", [(0.5,), "01", 3, (None,), (True,)]),
    (draw, "n_samples", [-1, 2.5, math.nan, "3", None, True, 10**13]),
    (count, "n_samples", [-1, 2.5, math.nan, "3", None, True]),
    (lambda exponent: power_sum(exponent, 1), "exponent", [math.nan]),
    (simulate, "dims", ["10", 10, None, {10}]),
    (simulate, "n_samples", [100, "100", [10**20]]),
    (simulate, "schemes", [{}, {"fill": 1}, fill(), None]),
    (unseen, "trials", [10**13]),
    (simulate, "trials", [10**13]),
    (unseen, "n_samples", [10, None, [10**20]]),
    (fit, "x", ["dimension"]),
    (
        lambda n_samples: proposition_1_asymptote(2.0, n_samples),
        "n_samples",
        [0, -1, math.nan, [10, 0]],
    ),
    (lambda n_samples: proposition_1_remainder(2.0, n_samples), "n_samples", [0, -1, math.nan]),
    (lambda dim: proposition_3_threshold(2.0, 0.0, dim), "dim", [0, -3, math.nan, [10, 0]]),
    (lambda n_stored: proposition_3_lower(task(), n_stored), "n_stored", [-1, math.nan, [5, -2]]),
    (upper, "rho", [-1.0, math.nan, math.inf, "0"]),
    (lambda n_stored: stored_error(5, n_stored, 10), "n_stored", [0, -1, math.nan, [1, 0]]),
    (lambda dim: stored_error(5, 10, dim), "dim", [0, -1, math.nan, [10, -1]]),
    (lambda n_stored: proposition_3_prediction(INFINITE, n_stored, 10), "n_stored", [0, math.nan]),
    (lambda dim: proposition_3_prediction(INFINITE, 5, dim), "dim", [0, -1, math.nan]),
]


@pytest.mark.parametrize(
    ("call", "name", "value"),
    [
        pytest.param(call, name, value, id=f"{position}-{name}={value!r:.20}")
        for position, (call, name, values) in enumerate(CASES)
        for value in values
    ],
)
def test_bad_input_is_refused(call: Callable[..., Any], name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"(?s)is not (valid|a parameter).*valid") as caught:
        call(**{name: value})
    message = str(caught.value)
    assert name in message
    values = value if isinstance(value, list | tuple) else [value]
    assert any(repr(shown) in message for shown in [value, *values])


def test_an_infinite_vocabulary_needs_a_summable_law() -> None:
    for alpha in (1, 1.0, 0.5):
        with pytest.raises(ValueError, match=rf"alpha = {alpha} is not valid; valid range: > 1"):
            ZipfTask(alpha, math.inf, 5)


def test_the_bound_from_another_parameter_is_given() -> None:
    with pytest.raises(ValueError, match=r"1 to n_tokens \(n_tokens = 100\)"):
        task(n_outputs=101)


def test_a_bound_by_a_parameter_of_the_wrong_type_is_still_one_clear_error() -> None:
    with pytest.raises(ValueError, match=r"n_tokens = 'x' is not valid"):
        validate({"n_outputs": 5, "n_tokens": "x"}, "n_tokens", n_outputs=Integer(2, "n_tokens"))


def test_a_table_with_two_curves_is_not_fitted_as_one() -> None:
    with pytest.raises(ValueError, match="table"):
        fit(pd.concat([TABLE, TABLE]))


def test_a_table_without_errors_has_no_slope() -> None:
    with pytest.raises(ValueError, match=r"dim = \[10\] is not valid"):
        fit(TABLE.assign(error=[0.5, 0.0, 0.4, 0.0]))


def test_weights_of_another_number_of_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match=r"weights = .*\(1, 99\).* valid range: \(J, N = 100\)"):
        sweep_errors(task(), np.ones((1, 99)), np.array([10]), np.random.default_rng(0))
