"""Valid ranges of parameters, and the one form of every complaint.

A *rule* says which values a parameter may take: ``Integer(1)``, ``Real(above=1)``,
``Each(Integer(1))``, ``OneOf("SGD", "Adam")``. Its ``str`` is the range as the book prints it, its
``check`` raises one `ValueError` that names the parameter, the value and the range, and its
``plain`` turns numbers as people write them (1e3, 1000.0, "15e-1") into those that were meant.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from numbers import Real as RealNumber
from typing import Any, Protocol

import numpy as np
import psutil
from numpy.typing import ArrayLike, NDArray

from assocmem.arrays import Array

#: Beyond, counts and sizes do not fit NumPy's integers.
_LARGEST_INTEGER = 2**62
#: Bytes that are always there; to ask how many are takes longer than a small computation.
_LITTLE = 2**26
#: A decimal number as text: YAML reads 1e3, without a point, as one.
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def refuse(name: str, value: object, valid: object, hint: str = "") -> ValueError:
    """The one form of every complaint about a parameter: name, value, valid range.

    Returns:
        The error, for the caller to raise.

    Example:
        >>> str(refuse("alpha", -1, "> 0"))
        'alpha = -1 is not valid; valid range: > 0'
    """
    return ValueError(f"{name} = {value!r} is not valid; valid range: {valid}{hint}")


def _read(value: Any) -> Any:
    """A number that is written as text."""
    return float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


class Rule(Protocol):
    """What `validate` needs of a rule; ``str(rule)`` is the range in words."""

    def check(self, name: str, value: object, others: Mapping[str, Any] | None = None) -> None:
        """Raise `ValueError` unless ``value`` is valid; ``others`` are the other parameters."""

    def plain(self, value: Any) -> Any:
        """The value that was meant, of the type that `check` wants; anything else as it is."""


@dataclass(frozen=True)
class Integer:
    """An integer from ``low`` to ``high``, both included.

    Args:
        low: smallest valid value.
        high: largest valid value, the name of the parameter that bounds it, or None.
        or_infinite: whether ``math.inf`` is valid too (the number of tokens N may be ∞).

    Example:
        >>> print(Integer(2, "n_tokens"))
        2 to n_tokens
    """

    low: int
    high: int | str | None = None
    or_infinite: bool = False

    def check(self, name: str, value: object, others: Mapping[str, Any] | None = None) -> None:
        """Raise `ValueError` unless ``value`` is such an integer (a bool or 3.0 is not)."""
        if self.or_infinite and isinstance(value, float) and value == math.inf:
            return
        high = (others or {}).get(self.high) if isinstance(self.high, str) else self.high
        if not isinstance(high, int | float):
            high = None  # a bound that is itself no number gets a complaint of its own
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise refuse(name, value, self, f" (an integer, not {type(value).__name__})")
        number = int(value)
        if abs(number) > _LARGEST_INTEGER:
            raise refuse(name, value, self, " (and no more than 2⁶²)")
        if number < self.low or (high is not None and number > high):
            where = f" ({self.high} = {high!r})" if isinstance(self.high, str) else ""
            raise refuse(name, value, self, where)

    def plain(self, value: Any) -> Any:
        """Whole numbers written otherwise, such as 1e3, as integers.

        Example:
            >>> [Integer(1).plain(value) for value in (1000.0, "2e1", 2.5, True)]
            [1000, 20, 2.5, True]
        """
        number = _read(value)
        whole = isinstance(number, float) and math.isfinite(number) and number.is_integer()
        return int(number) if whole and abs(number) <= _LARGEST_INTEGER else number

    def __str__(self) -> str:
        text = f"≥ {self.low}" if self.high is None else f"{self.low} to {self.high}"
        return f"{text}, or inf" if self.or_infinite else text


@dataclass(frozen=True)
class Real:
    """A finite real number in an interval; each bound may be left out.

    Args:
        above: valid values are > ``above``.
        at_least: valid values are ≥ ``at_least``.
        below: valid values are < ``below``.
        at_most: valid values are ≤ ``at_most``.

    Example:
        >>> print(Real(above=1, at_most=4))
        > 1 and ≤ 4
    """

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    def check(self, name: str, value: object, others: Mapping[str, Any] | None = None) -> None:
        """Raise `ValueError` unless ``value`` is such a number (NaN, inf and bools are not)."""
        if isinstance(value, bool) or not isinstance(value, RealNumber):
            raise refuse(name, value, self, f" (a number, not {type(value).__name__})")
        try:
            number = float(value)
        except OverflowError:  # an integer beyond the largest float
            raise refuse(name, value, self) from None
        if not self._valid(np.asarray(number)).all():
            raise refuse(name, value, self)

    def plain(self, value: Any) -> Any:
        """Numbers written as text, such as "15e-1", as numbers."""
        return _read(value)

    def check_all(self, name: str, values: ArrayLike) -> Array:
        """Raise `ValueError` unless every entry is valid; return them as an array of any shape."""
        entries = np.asarray(values)
        if entries.dtype.kind not in "iuf":
            for entry in entries.flat:
                self.check(name, entry.item() if isinstance(entry, np.generic) else entry)
        numbers = entries.astype(np.float64)
        if not (valid := self._valid(numbers)).all():
            self.check(name, entries[~valid][0].item())
        return numbers

    def _valid(self, numbers: Array) -> NDArray[np.bool_]:
        valid = np.isfinite(numbers)
        for bound, inside in (
            (self.above, np.greater),
            (self.at_least, np.greater_equal),
            (self.below, np.less),
            (self.at_most, np.less_equal),
        ):
            if bound is not None:
                valid &= inside(numbers, bound)
        return valid

    def __str__(self) -> str:
        bounds = {">": self.above, "≥": self.at_least, "<": self.below, "≤": self.at_most}
        parts = [f"{sign} {bound:g}" for sign, bound in bounds.items() if bound is not None]
        return " and ".join(parts) or "any real number"


@dataclass(frozen=True)
class Each:
    """A list of different values that all obey one rule.

    Args:
        rule: the rule of each entry.
        min_length: smallest valid number of entries.

    Example:
        >>> print(Each(Integer(1)))
        list, each ≥ 1
    """

    rule: Rule
    min_length: int = 1

    def check(self, name: str, value: object, others: Mapping[str, Any] | None = None) -> None:
        """Raise `ValueError` for a value that is no such list, or at its first invalid entry."""
        if not isinstance(value, list | tuple | range | np.ndarray):
            hint = f" (a list, not {type(value).__name__}; with papermill: -y '{{{name}: [...]}}')"
            raise refuse(name, value, self, hint)
        if len(value) < self.min_length:
            raise refuse(name, value, self, f" (at least {self.min_length} entries)")
        for position, entry in enumerate(value):
            self.rule.check(f"{name}[{position}]", entry, others)
        if len(set(value)) < len(value):
            raise refuse(name, value, self, " (no entry twice)")

    def plain(self, value: Any) -> Any:
        """The list with every entry as the rule of the entries wants it."""
        if not isinstance(value, list | tuple | range | np.ndarray):
            return value
        return [self.rule.plain(entry) for entry in value]

    def __str__(self) -> str:
        length = f" of at least {self.min_length}" if self.min_length > 1 else ""
        return f"list{length}, each {self.rule}"


@dataclass(frozen=True)
class OneOf:
    """One of a few strings.

    Example:
        >>> print(OneOf("SGD", "Adam"))
        one of SGD, Adam
    """

    options: tuple[str, ...]

    def __init__(self, *options: str) -> None:
        object.__setattr__(self, "options", options)

    def check(self, name: str, value: object, others: Mapping[str, Any] | None = None) -> None:
        """Raise `ValueError` unless ``value`` is one of the options."""
        if value not in self.options:
            raise refuse(name, value, self)

    def plain(self, value: Any) -> Any:
        """The value itself."""
        return value

    def __str__(self) -> str:
        return f"one of {', '.join(self.options)}"


def check_memory(n_bytes: float, name: str, value: int) -> None:
    """Refuse a size that cannot fit in this machine's memory, before anything is allocated.

    Args:
        n_bytes: estimated peak memory, bytes; taken to grow in proportion to ``value``.
        name: the parameter to blame.
        value: its value.

    Raises:
        ValueError: if the estimate exceeds the memory that is available now.

    Example:
        >>> check_memory(8 * 1000, "n_tokens", 1000)
    """
    if n_bytes < _LITTLE:
        return
    available = psutil.virtual_memory().available
    if n_bytes > available:
        raise refuse(
            name,
            value,
            f"≤ about {value * available / n_bytes:.1g} here",
            f" (needs about {n_bytes / 1e9:,.3g} GB, {available / 1e9:.3g} GB are available)",
        )
