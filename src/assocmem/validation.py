"""The check of its parameters that every notebook makes before any work."""

import difflib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from assocmem.parameters import Each, Integer, Real, Rule, refuse

#: Names that IPython itself puts into a notebook's namespace.
_IPYTHON_NAMES = frozenset({"In", "Out"})
#: Types that papermill can inject, so a stray name of one of these types is a mistyped parameter.
_PLAIN_TYPES = (bool, int, float, str, list, tuple, dict, NoneType)

#: The parameters that most notebooks have; a chapter may ask for more, and add its own.
COMMON_RULES: Mapping[str, Rule] = {
    "alpha": Real(above=0),
    "n_tokens": Integer(1),
    "n_outputs": Integer(2, "n_tokens"),
    "dims": Each(Integer(1, 10_000)),
    "n_samples": Each(Integer(1, 10_000_000)),
    "trials": Integer(2, 100_000),
    "seed": Integer(0),
}


@dataclass(frozen=True)
class Constraint:
    """A relation between parameters, each of which obeys its own rule.

    Args:
        name: the parameter to blame.
        holds: whether the relation holds, a function of all parameters by their names.
        valid: what it asks of that parameter, in words.

    Example:
        >>> two = Constraint("fit_from", lambda p: p["fit_from"] < max(p["dims"]), "< the last of dims")
        >>> two.check({"fit_from": 10, "dims": [5, 50]})
    """

    name: str
    holds: Callable[[Mapping[str, Any]], bool]
    valid: str

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raise `ValueError` unless the relation holds."""
        if not self.holds(parameters):
            raise refuse(self.name, parameters[self.name], self.valid)


def validate(
    namespace: MutableMapping[str, Any],
    /,
    *common: str,
    constraints: Sequence[Constraint] = (),
    **rules: Rule,
) -> None:
    """Check the parameters of a notebook, before any work.

    Numbers as people write them (1e3 or 1000.0 for an integer) are replaced by those that were
    meant. Papermill only warns when it is given a name that the ``parameters`` cell does not
    declare; here that is an error: any plain value (number, text, list …) that the namespace holds
    under a name other than those of the parameters.

    Args:
        namespace: the notebook's ``globals()``.
        *common: names of parameters that obey their rule in `COMMON_RULES`.
        constraints: relations between parameters.
        **rules: rules of all other parameters.

    Raises:
        ValueError: for an unknown name, or a value outside its range: the first one found.
        TypeError: if a parameter is named twice or has no rule or value (a mistake in the notebook).

    Example:
        >>> validate({"alpha": 2.0, "seed": 0}, "seed", alpha=Real(above=1))
    """
    unknown = [name for name in common if name not in COMMON_RULES or name in rules]
    declared = {**{name: COMMON_RULES[name] for name in common if name not in unknown}, **rules}
    if unknown or len(declared) < len(common) + len(rules):
        raise TypeError(f"parameters without rule, or with two: {unknown or sorted(common)}")
    for name, value in namespace.items():
        stray = not name.startswith("_") and name not in _IPYTHON_NAMES and name not in declared
        if stray and isinstance(value, _PLAIN_TYPES):
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(
                f"{name} = {value!r} is not a parameter of this notebook; "
                f"valid names: {', '.join(declared)}{hint}"
            )
    if missing := [name for name in declared if name not in namespace]:
        raise TypeError(f"declared parameters without value: {missing}")
    namespace.update({name: rule.plain(namespace[name]) for name, rule in declared.items()})
    for name, rule in declared.items():
        rule.check(name, namespace[name], namespace)
    for constraint in constraints:
        constraint.check(namespace)
