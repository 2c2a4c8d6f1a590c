"""Grids against explicit sets."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assocmem.sweeps.grid import Grid
from tests.oracles import properties

AXES: dict[str, list[Any]] = {"a": [1, 2, 3], "b": ["x", "y"], "c": [True, False], "d": [0.5, 2.0]}
KEYS = list(itertools.product(*AXES.values()))


def work(a: int, b: str, c: bool, d: float) -> None: ...


together = st.sets(st.sampled_from(list(AXES)))


def asked(grid: Grid, done: set[Any]) -> list[tuple[Any, ...]]:
    return [
        grid.key(call, combination)
        for call in grid.calls(done)
        for combination in call.combinations()
    ]


@given(together)
@properties
def test_calls_cover_every_configuration_once(together: set[str]) -> None:
    grid = Grid.of(work, AXES, together)
    assert list(grid) == KEYS
    assert len(grid) == len(KEYS)
    assert sorted(asked(grid, set()), key=str) == sorted(KEYS, key=str)
    ordinary = [name for name in AXES if name not in together]
    calls = grid.calls()
    assert len(calls) == len(list(itertools.product(*(AXES[name] for name in ordinary))))
    for call in calls:
        assert list(call.fixed) == ordinary
        assert call.lists == {name: AXES[name] for name in AXES if name in together}
        assert ({**call.fixed, **call.lists}) == {**call.fixed, **call.lists}


@given(together, st.sets(st.sampled_from(KEYS)))
@properties
def test_calls_ask_for_the_smallest_box_around_what_is_missing(
    together: set[str], done: set[Any]
) -> None:
    grid = Grid.of(work, AXES, together)
    keys = asked(grid, done)
    missing = set(KEYS) - done
    assert len(set(keys)) == len(keys)
    assert set(keys) >= missing
    if not together:
        assert set(keys) == missing
    for call in grid.calls(done):
        box = [grid.key(call, combination) for combination in call.combinations()]
        due = [dict(zip(AXES, key, strict=True)) for key in box if key in missing]
        assert due
        for name, values in call.lists.items():  # each value of each list is missing somewhere
            assert set(values) == {values[name] for values in due}
            assert values == [value for value in AXES[name] if value in values]


@given(together, st.sets(st.sampled_from([1, 2, 3]), min_size=1, max_size=2))
@properties
def test_values_added_to_an_axis_cost_no_more_than_themselves(
    together: set[str], old: set[int]
) -> None:
    done = {key for key in KEYS if key[0] in old}
    assert set(asked(Grid.of(work, AXES, together), done)) == set(KEYS) - done


def test_parameters_with_a_default_value_need_no_axis() -> None:
    def optional(a: int, b: str = "x", *, c: bool, **more: int) -> None: ...

    optional.__qualname__ = "optional"
    grid = Grid.of(optional, {"c": [True], "a": [1], "extra": [2]})
    assert list(grid) == [(True, 1, 2)]
    assert grid.kinds == (("a", "number"), ("c", "bool"), ("extra", "number"))
    with pytest.raises(ValueError, match=r"missing: \['c'\]"):
        Grid.of(optional, {"a": [1]})
