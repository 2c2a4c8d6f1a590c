"""Parameter grids: the configurations of a sweep, and the calls that compute them."""

import difflib
import inspect
import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from assocmem.parameters import Each, check_memory, refuse

#: What a parameter of a configuration may be.
Scalar = bool | int | float | str

#: The values of one configuration, in the order of the axes.
Key = tuple[Scalar, ...]

#: The column that holds the reason why a configuration failed.
ERROR = "error_message"

#: Larger integers are not exact where a column also holds other numbers.
_LARGEST_INTEGER = 2**53
#: Bytes that a configuration takes while a sweep runs.
_CONFIGURATION_BYTES = 400


@dataclass(frozen=True)
class Call:
    """One call of the work of a sweep.

    Args:
        fixed: one value for each ordinary axis.
        lists: a list of values for each axis that goes together with others.
    """

    fixed: dict[str, Scalar]
    lists: dict[str, list[Scalar]]

    def combinations(self) -> list[Key]:
        """The combinations of the lists, in order, the last list fastest: one row is due each."""
        return list(itertools.product(*self.lists.values()))


@dataclass(frozen=True)
class Grid:
    """The Cartesian product of axes; make it with `Grid.of`, which checks it.

    Args:
        axes: the values of each parameter, by its name.
        together: names of the axes of which a call takes all values at once.
    """

    axes: dict[str, tuple[Scalar, ...]]
    together: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        work: Callable[..., Any],
        axes: Mapping[str, Sequence[Scalar]],
        together: Collection[str] = (),
    ) -> Self:
        """Check a grid against the parameters of the function that will compute it.

        Args:
            work: the function; each axis is a parameter of it, and each parameter without a default
                value is an axis.
            axes: a list of different values for each axis: all bools, all numbers or all strings.
            together: names of axes.

        Raises:
            ValueError: for the first axis, value or name that is not valid.

        Example:
            >>> def area(width, height): ...
            >>> grid = Grid.of(area, {"width": [1, 2], "height": [0.5, 1.0, 2.0]})
            >>> len(grid), list(grid)[0]
            (6, (1, 0.5))
        """
        if not isinstance(axes, Mapping) or not axes:
            raise refuse("grid", axes, "a mapping of names to lists of values, at least one")
        _check_names(work, axes)
        checked = {}
        for name, values in axes.items():
            rule = Each(_PlainValue())
            rule.check(name, values)
            checked[name] = tuple(rule.plain(values))
            if len({kind(value) for value in checked[name]}) > 1:
                raise refuse(name, values, "values of one kind: all bools, numbers or strings")
        valid = f"different names of axes: {', '.join(axes)}"
        if isinstance(together, str) or not isinstance(together, Collection):
            raise refuse("together", together, valid, f" (a tuple, not {type(together).__name__})")
        if set(together) - set(axes) or len(set(together)) < len(together):
            raise refuse("together", together, valid)
        grid = cls(checked, tuple(name for name in axes if name in together))
        check_memory(_CONFIGURATION_BYTES * len(grid), "configurations of grid", len(grid))
        return grid

    def __len__(self) -> int:
        return math.prod(map(len, self.axes.values()))

    def __iter__(self) -> Iterator[Key]:
        return itertools.product(*self.axes.values())

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Name and kind (bool, number or string) of each axis, sorted."""
        return tuple(sorted((name, kind(values[0])) for name, values in self.axes.items()))

    def key(self, call: Call, combination: Key) -> Key:
        """The configuration of one row of a call."""
        values = call.fixed | dict(zip(call.lists, combination, strict=True))
        return tuple(values[name] for name in self.axes)

    def calls(self, done: Collection[Key] = ()) -> list[Call]:
        """The calls that compute all configurations but those that are done.

        A group that is done in part is asked for again in one call, with the values that occur
        among its missing configurations: this computes no more than it must where whole values
        were added to an axis, and may repeat some configurations elsewhere.

        Args:
            done: configurations, as a set.

        Returns:
            Calls in the order of the grid; none asks only for what is done.
        """
        missing: dict[Key, list[dict[str, Scalar]]] = {}
        for key in self:
            if key not in done:
                values = dict(zip(self.axes, key, strict=True))
                group = tuple(values[name] for name in self._ordinary)
                missing.setdefault(group, []).append(values)
        calls = []
        for group, members in missing.items():
            wanted = {name: {values[name] for values in members} for name in self.together}
            lists = {n: [v for v in self.axes[n] if v in wanted[n]] for n in self.together}
            calls.append(Call(dict(zip(self._ordinary, group, strict=True)), lists))
        return calls

    @property
    def _ordinary(self) -> list[str]:
        return [name for name in self.axes if name not in self.together]


class _PlainValue:
    """The rule of one value of an axis."""

    def check(self, name: str, value: object, others: Mapping[str, Any] | None = None) -> None:
        match self.plain(value):
            case str(text):  # no half of a surrogate pair
                valid = text.encode("utf-8", "ignore").decode() == text
            case int(number):
                valid = abs(number) <= _LARGEST_INTEGER
            case other:
                valid = isinstance(other, float) and not math.isnan(other)
        if not valid:
            raise refuse(name, value, self)

    def plain(self, value: Any) -> Any:
        """NumPy's scalars as those of Python."""
        return value.item() if isinstance(value, np.generic) else value

    def __str__(self) -> str:
        return "a bool, an integer up to 2⁵³, a float other than NaN, or a string"


def kind(value: Scalar) -> str:
    """What a value is: a bool, a number or a string."""
    return {bool: "bool", str: "string"}.get(type(value), "number")


def _check_names(work: Callable[..., Any], axes: Mapping[str, object]) -> None:
    """Compare the names of axes with the parameters of the work."""
    valid = "a plain function that is defined at the top of a module or a notebook"
    if not inspect.isfunction(work) or "<" in work.__qualname__:
        raise refuse("work", work, valid)
    parameters = inspect.signature(work).parameters.values()
    by_name = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in by_name]
    if any(p.kind is p.POSITIONAL_ONLY for p in parameters):
        raise refuse("work", work, "a function whose parameters can all be given by name")
    known = f"parameters of {work.__qualname__}: {', '.join(names)}"
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name in axes:
        if name == ERROR or not isinstance(name, str) or not (name in names or anything):
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise refuse("axis of grid", name, known, hint)
    if missing := [p.name for p in by_name if p.default is p.empty and p.name not in axes]:
        raise refuse("axes of grid", list(axes), f"all {known}", f"; missing: {missing}")
