"""The rules of claims: every verdict at its place, and a wrong law beside each claim."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from assocmem.verdicts import (
    Claim,
    Estimate,
    Mutant,
    claim_agree,
    claim_at_most,
    claim_between,
    claim_equal,
    claim_holds,
    claim_near,
)

TEXT = ("example.claim", "For $a < b$ & c.", "Equation 1")
FAR = 10**6


def small_cases() -> Iterator[tuple[Estimate, int, int, str]]:
    """Every low ≤ value ≤ high, and every goal, from −3 to 3, with tolerances from 0 to 3."""
    for low, value, high in itertools.combinations_with_replacement(range(-3, 4), 3):
        for goal, tolerance in itertools.product(range(-3, 4), range(4)):
            estimate = Estimate(value, low, high, level=0.9)
            yield estimate, goal, tolerance, f"{estimate}, {goal} ± {tolerance}"


def wrong(claim: Callable[..., Claim], **numbers: Any) -> Claim:
    """The claim beside a mutant that fails anyhow."""
    name = {"expected", "target", "bound", "cases", "low"} & numbers.keys() or {"low"}
    value: Any = FAR if name == {"low"} else -FAR
    if "cases" in numbers:
        value = np.zeros(np.shape(numbers["cases"]), dtype=bool)
        numbers.setdefault("rule", "it is so")
        if "excluded" in numbers:
            return claim(
                *TEXT, mutant=Mutant("a wrong law", cases=value, excluded=~value), **numbers
            )
    return claim(*TEXT, mutant=Mutant("a wrong law", **{min(name): value}), **numbers)


def test_a_value_is_reproduced_where_a_narrow_interval_contains_it() -> None:
    for found, goal, tolerance, case in small_cases():
        claim = wrong(claim_equal, expected=goal, observed=found, tolerance=tolerance)
        contains = goal in range(int(found.low), int(found.high) + 1)
        around_value = range(int(found.value) - tolerance, int(found.value) + tolerance + 1)
        around_goal = range(goal - tolerance, goal + tolerance + 1)
        if contains:
            narrow = found.low in around_value and found.high in around_value
            expected = "reproduced" if narrow else "undecided"
        else:
            near = found.low in around_goal and found.high in around_goal
            expected = "partly" if near else "not reproduced"
        assert claim.verdict == expected, case


def test_a_limit_is_reproduced_where_the_interval_lies_around_it() -> None:
    for found, goal, tolerance, case in small_cases():
        claim = wrong(claim_near, target=goal, observed=found, tolerance=tolerance)
        band = set(range(goal - tolerance, goal + tolerance + 1))
        points = set(range(int(found.low), int(found.high) + 1))
        expected = (
            "reproduced" if points <= band else "undecided" if points & band else "not reproduced"
        )
        assert claim.verdict == expected, case
        assert claim.expected == f"{goal:.4g}"


def test_a_bound_is_reproduced_where_no_part_of_the_interval_exceeds_it() -> None:
    for found, goal, _, case in small_cases():
        claim = wrong(claim_at_most, bound=goal, observed=found)
        exceeds = [x > goal for x in (found.high, found.low)]
        expected = ["reproduced", "undecided", "not reproduced"][sum(exceeds)]
        assert claim.verdict == expected, case
        assert claim.expected == f"≤ {goal:.4g}"


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ([(0, 1), (0.2, 0.8)], "reproduced"),
        ([(0, 1), (0.2, 1.1)], "undecided"),
        ([(-0.1, 1), (0.2, 1.1)], "undecided"),
        ([(0, 1), (0, 1), (1.1, 1.2)], "partly"),
        ([(0, 1), (0.5, 2), (1.1, 1.2)], "not reproduced"),
        ([(0, 1), (-2, -1)], "not reproduced"),
    ],
)
def test_many_values_lie_between_bounds(ends: list[tuple[float, float]], verdict: str) -> None:
    found = [Estimate((low + high) / 2, low, high, level=0.9) for low, high in ends]
    claim = wrong(claim_between, observed=found, low=0, high=[1] * len(ends), rule="so")
    assert claim.verdict == verdict
    single = claim_between(
        *TEXT, observed=found[:1], high=1, rule="so", mutant=Mutant("half of it", high=-0.5)
    )
    assert (single.verdict, single.mutant_verdict) == ("reproduced", "not reproduced")


@pytest.mark.parametrize(
    ("cases", "excluded", "verdict"),
    [
        ([True] * 8, None, "reproduced"),
        (np.ones((2, 3), dtype=bool), None, "reproduced"),
        ([True] * 5 + [False] * 3, None, "partly"),
        ([True] * 4 + [False] * 4, None, "not reproduced"),
        ([False], None, "not reproduced"),
        ([True, False], [False, False], "undecided"),
        ([True, True, False, False], [False, False, False, True], "not reproduced"),
        ([True, True, True, False, False], [False, False, False, False, True], "partly"),
        ([True, True], [False, False], "reproduced"),
    ],
)
def test_verdict_on_many_cases(cases: Any, excluded: Any, verdict: str) -> None:
    claim = wrong(claim_holds, cases=cases, excluded=excluded)
    assert claim.verdict == verdict
    n_open = 0 if excluded is None else np.size(cases) - np.sum(cases) - np.sum(excluded)
    assert claim.observed == f"{np.sum(cases)} of {np.size(cases)}" + (
        f", {n_open} open" if n_open else ""
    )
    assert claim.interval is None
    assert "it is so" in claim.rule


@pytest.mark.parametrize("cases", [[], True, np.True_, [1.0], [math.nan], [None], [0, 1], "yes"])
def test_what_is_no_list_of_cases_is_no_claim(cases: Any) -> None:
    with pytest.raises(ValueError, match=r"^cases = .* is not valid"):
        claim_holds(*TEXT, cases=cases, rule="r", mutant=Mutant("w", cases=[False]))


@pytest.mark.parametrize("excluded", [[True], [True, False], [False], []])
def test_no_case_is_true_and_excluded(excluded: list[bool]) -> None:
    if excluded == [False]:
        excluded = [False, False, False]
    with pytest.raises(ValueError, match=r"^excluded = .* is not valid"):
        wrong(claim_holds, cases=[True, False], excluded=excluded)


@pytest.mark.parametrize("number", [math.nan, math.inf, "1"])
def test_numbers_are_numbers(number: Any) -> None:
    found = Estimate(0, -1, 1, level=0.9)
    for claim, numbers in (
        (claim_equal, {"expected": number, "tolerance": 1}),
        (claim_equal, {"tolerance": number, "expected": 1}),
        (claim_near, {"target": number, "tolerance": 1}),
        (claim_near, {"tolerance": number, "target": 1}),
        (claim_at_most, {"bound": number}),
    ):
        name = next(iter(numbers))
        with pytest.raises(ValueError, match=f"^{name} = .* is not valid"):
            wrong(claim, observed=found, **numbers)
    with pytest.raises(ValueError, match="^low and high = .* is not valid"):
        wrong(claim_between, observed=[found], high=math.nan, rule="r")


@pytest.mark.parametrize(
    ("deviations", "verdict"),
    [([0, 0, 0, 0], "reproduced"), ([0, 2, 2, 0], "reproduced"), ([0, 9, 0, 0], "partly"),
     ([9, -9, 0, 0], "not reproduced")],
)  # fmt: skip
@pytest.mark.parametrize("support", [None, (0, 2)])
def test_verdict_on_simulated_means(deviations: list[float], verdict: str, support: Any) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(4, 400))
    noise -= noise.mean(axis=1, keepdims=True)
    samples = 1 + 0.1 * noise / noise.std(axis=1, ddof=1, keepdims=True)
    samples = np.clip(samples + 0.1 / 20 * np.array(deviations)[:, None], 0, 2)
    claim = claim_agree(
        *TEXT, expected=[1.0] * 4, samples=samples, support=support,
        mutant=Mutant("half of it", expected=[0.5] * 4),
    )  # fmt: skip
    assert claim.verdict == verdict
    assert claim.mutant_verdict == "not reproduced"
    assert "at most 1%" in claim.rule
    assert ("fair bet" in claim.rule) == (support is not None)


def test_right_laws_fail_in_one_of_a_hundred_claims_unless_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates = []

    def agreed(samples: Any, *_: object, false_failure: float, **__: object) -> Any:
        rates.append(false_failure)
        return np.ones(len(samples), dtype=bool)

    monkeypatch.setattr("assocmem.verdicts.rules.agree", agreed)
    for options in ({}, {"false_failure": 0.2}):
        claim_agree(*TEXT, expected=1, samples=[[0.0]], mutant=Mutant("two", expected=2), **options)
    assert rates == [0.01] * 2 + [0.2] * 2


def test_the_law_may_have_an_error_of_its_own() -> None:
    samples = np.random.default_rng(0).normal(1, 0.1, size=(2, 100))
    options: dict[str, Any] = {"samples": samples, "expected": [1.0, 1.2]}
    mutant = Mutant("twice as much", expected=[2.0, 2.0])
    assert claim_agree(*TEXT, **options, mutant=mutant).verdict == "not reproduced"
    agreed = claim_agree(*TEXT, **options, expected_sem=[0, 0.1], mutant=mutant)
    assert agreed.verdict == "reproduced"
    stricter = claim_agree(*TEXT, **options, expected_sem=[0, 0.055], mutant=mutant)
    looser = claim_agree(
        *TEXT, **options, expected_sem=[0, 0.055], false_failure=1e-4, mutant=mutant
    )
    assert (stricter.verdict, looser.verdict) == ("not reproduced", "reproduced")
    assert "at most 0%" in looser.rule


@pytest.mark.parametrize("name", ["", "exponent", "Prop1.exponent", "prop1.", "prop 1.exponent"])
def test_a_bad_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"id = .* is not valid"):
        claim_holds(name, "s", "s", cases=[True], rule="r", mutant=Mutant("w", cases=[False]))


def test_rules_say_what_decides() -> None:
    found = Estimate(-1.0, -1.05, -0.95, level=0.95)
    equal = wrong(claim_equal, expected=-1, observed=found, tolerance=0.125)
    near = wrong(claim_near, target=-1, observed=found, tolerance=0.125)
    most = wrong(claim_at_most, bound=0, observed=found)
    for claim in (equal, near):
        assert "±0.125" in claim.rule
    for claim in (equal, near, most):
        assert "95%" in claim.rule
        assert claim.interval == (-1.05, -0.95)
        assert claim.level == 0.95
        assert claim.observed == "-1"
