import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem import Constraint, Each, Integer, OneOf, Real, validate
from assocmem.parameters import Rule, check_memory, refuse
from assocmem.validation import COMMON_RULES
from tests.oracles import properties

NUMBERS = (
    st.sampled_from([math.inf, -math.inf, math.nan]) | st.floats() | st.integers(-(10**20), 10**20)
)


def accepts(rule: Rule, value: object, others: Mapping[str, Any] | None = None) -> bool:
    refusals = []
    try:
        rule.check("name", value, others)
    except ValueError as error:
        refusals.append(str(error))
    assert all(
        text.startswith("name") and "is not valid; valid range:" in text for text in refusals
    )
    return not refusals


def cell(**parameters: object) -> dict[str, Any]:
    """The namespace of a notebook whose parameters cell declares these names."""
    return {"__name__": "__main__", **parameters}


@given(NUMBERS, st.none() | st.integers(-5, 5), st.integers(-5, 5))
@properties
def test_integer_accepts_the_integers_of_its_range(
    value: float, high: int | None, low: int
) -> None:
    valid = isinstance(value, int) and value >= low and (high is None or value <= high)
    assert accepts(Integer(low, high), value) == valid
    assert accepts(Integer(low, high, or_infinite=True), value) == (valid or value == math.inf)


@given(st.integers(-5, 5), st.integers(-5, 5))
@properties
def test_integer_takes_its_bound_from_another_parameter(value: int, bound: int) -> None:
    assert accepts(Integer(-5, "other"), value, {"other": bound}) == (value <= bound)


@given(NUMBERS, *(st.none() | st.sampled_from([-1.0, 0.0, 0.5, 2.0]) for _ in range(4)))
@properties
def test_real_accepts_the_finite_numbers_of_its_interval(
    value: float, above: float | None, at_least: float | None, below: float | None,
    at_most: float | None,
) -> None:  # fmt: skip
    valid = math.isfinite(value) and not (
        (above is not None and value <= above)
        or (at_least is not None and value < at_least)
        or (below is not None and value >= below)
        or (at_most is not None and value > at_most)
    )
    assert accepts(Real(above, at_least, below, at_most), value) == valid


@given(st.lists(st.integers(-2, 12), max_size=5), st.integers(1, 3))
@properties
def test_each_accepts_lists_of_different_valid_entries(entries: list[int], shortest: int) -> None:
    valid = (
        len(entries) >= shortest
        and all(1 <= entry <= 10 for entry in entries)
        and sorted(set(entries)) == sorted(entries)
    )
    assert accepts(Each(Integer(1, 10), shortest), entries) == valid
    assert accepts(Each(Integer(1, 10), shortest), tuple(entries)) == valid


@pytest.mark.parametrize("value", [True, False, None, "1", [1], {1}, 1j, b"1"])
@pytest.mark.parametrize("rule", [Integer(-9), Real(), Each(Integer(2)), OneOf("SGD")])
def test_no_rule_accepts_a_value_of_another_type(rule: Rule, value: object) -> None:
    assert not accepts(rule, value)


@pytest.mark.parametrize("value", [np.int64(3), 3])
def test_numpy_numbers_are_numbers(value: object) -> None:
    for rule in (Integer(1), Real(above=0), Each(Integer(1))):
        assert accepts(rule, [value] if isinstance(rule, Each) else value)
    assert accepts(Real(), np.float64(0.5))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Integer(1), "≥ 1"),
        (Integer(1, 9), "1 to 9"),
        (Integer(1, "n_tokens"), "1 to n_tokens"),
        (Integer(1, or_infinite=True), "≥ 1, or inf"),
        (Real(), "any real number"),
        (Real(above=1), "> 1"),
        (Real(at_least=0, below=0.5), "≥ 0 and < 0.5"),
        (Each(Real(at_most=2)), "list, each ≤ 2"),
        (OneOf("SGD", "Adam"), "one of SGD, Adam"),
    ],
)
def test_a_rule_prints_its_range(rule: Rule, text: str) -> None:
    assert str(rule) == text


def test_a_refusal_names_parameter_value_and_range() -> None:
    error = refuse("alpha", "x", "> 0", " (a number)")
    assert str(error) == "alpha = 'x' is not valid; valid range: > 0 (a number)"


@pytest.mark.parametrize(
    ("rule", "written", "meant"),
    [
        (Integer(1), 1000.0, 1000),
        (Integer(1), "1e3", 1000),
        (Integer(1), "2E1", 20),
        (Integer(1), "+7.", 7),
        (Integer(1, or_infinite=True), math.inf, math.inf),
        (Real(), "15e-1", 1.5),
        (Real(), ".5", 0.5),
        (Real(), 2, 2),
        (Each(Integer(1)), ("1e1", 20.0, 30), [10, 20, 30]),
        (OneOf("1e3"), "1e3", "1e3"),
    ],
)
def test_numbers_as_people_write_them(rule: Rule, written: object, meant: object) -> None:
    namespace = cell(value=written)
    validate(namespace, value=rule)
    assert namespace["value"] == meant
    assert type(namespace["value"]) is type(meant)


@pytest.mark.parametrize("written", ["1e", "e3", "1 000", "1,5", "0x10", "1_000", "inf", "nan", ""])
@pytest.mark.parametrize("rule", [Integer(1, or_infinite=True), Real(), Each(Real())])
def test_other_texts_are_no_numbers(rule: Rule, written: str) -> None:
    value: object = [written] if isinstance(rule, Each) else written
    with pytest.raises(ValueError, match=r"^value.* is not valid"):
        validate(cell(value=value), value=rule)


@pytest.mark.parametrize("written", [2.5, "2.5", True, 1e300, math.nan, None])
def test_what_is_not_whole_is_no_integer(written: object) -> None:
    with pytest.raises(ValueError, match=r"^value = .* is not valid; valid range: ≥ 1"):
        validate(cell(value=written), value=Integer(1))


def test_relations_between_parameters_are_checked_after_their_rules() -> None:
    smaller = Constraint("low", lambda p: p["low"] < min(p["many"]), "< the least of many")
    rules = {"low": Integer(0), "many": Each(Integer(1), min_length=2)}
    validate(cell(low="1e0", many=[5, 2]), constraints=[smaller], **rules)
    with pytest.raises(ValueError, match="^low = 2 is not valid; valid range: < the least of many"):
        validate(cell(low=2, many=[5, 2]), constraints=[smaller], **rules)
    with pytest.raises(ValueError, match="^many = .*list of at least 2, each ≥ 1"):
        validate(cell(low=2, many=[5]), constraints=[smaller], **rules)


GOOD: dict[str, Any] = {
    "alpha": 2.0,
    "n_tokens": 100,
    "n_outputs": 5,
    "dims": [10, 100],
    "n_samples": [1, 1000],
    "trials": 10,
    "seed": 0,
}


def test_validate_accepts_good_parameters() -> None:
    assert set(GOOD) == set(COMMON_RULES)
    validate(cell(**GOOD), *GOOD)
    common = [name for name in GOOD if name != "alpha"]
    validate(cell(**GOOD, rho=0.5), *common, rho=Real(at_least=0), alpha=Real(above=1))
    validate(cell())


@given(st.sampled_from(sorted(GOOD)), st.sampled_from([-1, 0.5, math.nan, "x", None, True, []]))
@properties
def test_validate_refuses_any_bad_parameter(name: str, value: object) -> None:
    if name == "alpha" and value == 0.5:
        value = -0.5
    with pytest.raises(ValueError, match=rf"^{name} = .* is not valid"):
        validate(cell(**{**GOOD, name: value}), *GOOD)


def test_a_rule_of_the_notebook_replaces_the_common_one() -> None:
    validate(cell(n_tokens=math.inf), n_tokens=Integer(1, or_infinite=True))
    with pytest.raises(ValueError, match=r"alpha = 0.5 is not valid; valid range: > 1"):
        validate(cell(alpha=0.5), alpha=Real(above=1))


@pytest.mark.parametrize("value", [1, 1.5, "x", None, [1], (1,), {"a": 1}, True])
def test_an_unknown_parameter_is_refused_with_the_nearest_name(value: object) -> None:
    expected = r"alhpa = .* is not a parameter.* valid names: alpha, .*; did you mean alpha\?"
    with pytest.raises(ValueError, match=expected):
        validate({**cell(**GOOD), "alhpa": value}, *GOOD)


def test_other_names_of_a_notebook_are_not_parameters() -> None:
    namespace = {"np": np, "f": len, "_": 3, "_i1": "x", "In": [""], "Out": {}, "Real": Real}
    validate({**cell(**GOOD), **namespace}, *GOOD)


def test_validate_does_not_ask_for_annotations() -> None:
    """From Python 3.14 on a cell's annotations are not in its namespace while it runs."""
    namespace: dict[str, Any] = {}
    exec("alpha: float = 2.0", namespace)
    namespace.pop("__annotations__", None)
    validate(namespace, "alpha")


def test_rules_and_parameters_must_match() -> None:
    with pytest.raises(ValueError, match=r"rho = 1.0 is not a parameter"):
        validate(cell(alpha=2.0, rho=1.0), "alpha")
    with pytest.raises(TypeError, match="rho"):
        validate(cell(alpha=2.0), "alpha", rho=Real())
    with pytest.raises(TypeError, match="rho"):
        validate(cell(alpha=2.0, rho=1.0), "alpha", "rho")
    with pytest.raises(TypeError, match="alpha"):
        validate(cell(alpha=2.0), "alpha", alpha=Real())
    with pytest.raises(TypeError, match="alpha"):
        validate(cell(alpha=2.0), "alpha", "alpha")


def test_memory_is_checked_against_what_is_available() -> None:
    available = psutil.virtual_memory().available
    check_memory(available / 2, "n_tokens", 10)
    with pytest.raises(ValueError, match=r"n_tokens = 1000 is not valid; valid range: ≤ about"):
        check_memory(available * 100, "n_tokens", 1000)
