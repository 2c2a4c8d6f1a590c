"""Random parameters of a chapter, drawn from the ranges that its first check declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

from hypothesis import strategies as st

import assocmem
from assocmem.parameters import Each, Integer, OneOf, Real, Rule
from assocmem.validation import COMMON_RULES
from tools import profiles
from tools.dependencies import code_cells
from tools.layout import Tree

#: Parameters that only make a run longer or shorter: no more than in the smoke profile.
SIZES = frozenset({"trials", "draws", "families", "n_steps", "picture_steps", "n_frames", "map_points", "grid",
                   "seeds", "n_samples", "vocabularies", "n_tokens", "dims", "dim", "small_dim", "largest_dim",
                   "counts", "outputs", "wide", "batch_sizes", "batch_size"})  # fmt: skip
#: Those of them that say how often something is repeated: where none is drawn, the fewest that are allowed.
REPEATS = frozenset({"trials", "draws", "families", "n_steps", "picture_steps", "n_frames", "map_points", "grid",
                     "seeds"})  # fmt: skip
#: The largest number that is drawn for a size, whatever is allowed; and the longest list.
LARGEST, LONGEST = 300, 3
#: Stands for no bound.
_UNBOUNDED = 1e9


@dataclass(frozen=True)
class Chapter:
    """The first check of a chapter, and its smoke parameters."""

    name: str
    rules: Mapping[str, Rule]
    smoke: Mapping[str, Any]

    def strategy(self) -> st.SearchStrategy[dict[str, Any]]:
        """Some parameters from their ranges, ends and corners more often than not; of the others the fewest
        repetitions, and the rest as they are.
        """
        few = {
            name: rule.low
            for name, rule in self.rules.items()
            if name in REPEATS and isinstance(rule, Integer)
        }
        fixed = {name: st.just(value) for name, value in {**self.smoke, **few}.items()}
        drawn = {name: values(rule, name) for name, rule in self.rules.items() if name != "source"}
        some = st.sets(st.sampled_from(sorted(drawn)), min_size=1, max_size=3)
        return some.flatmap(
            lambda names: st.fixed_dictionaries({**fixed, **{name: drawn[name] for name in names}})
        )


def values(rule: Rule, name: str) -> st.SearchStrategy[Any]:
    """Values that a rule allows."""
    match rule:
        case Integer(low=low, high=high):
            top = high if isinstance(high, int) else low + int(_UNBOUNDED)
            if name in SIZES:
                top = min(top, max(low, LARGEST))
            return st.sampled_from([low, top]) | st.integers(low, top)
        case Real():
            least = next((x for x in (rule.at_least, rule.above) if x is not None), -_UNBOUNDED)
            most = next((x for x in (rule.at_most, rule.below) if x is not None), _UNBOUNDED)
            return st.floats(
                least, most, exclude_min=rule.above is not None, exclude_max=rule.below is not None
            )
        case Each(rule=inner, min_length=shortest):
            return st.lists(
                values(inner, name), min_size=shortest, max_size=max(shortest, LONGEST), unique=True
            )
        case OneOf(options=options):
            return st.sampled_from(options)
    raise TypeError(f"no values for {rule!r}")


def chapter(tree: Tree, name: str) -> Chapter:
    """Read the rules of a chapter by calling its first check with something else in place of `validate`."""
    rules: dict[str, Rule] = {}

    def note(_: object, /, *common: str, constraints: object = (), **own: Rule) -> None:
        rules.update({**{key: COMMON_RULES[key] for key in common}, **own})

    first, second, *_ = code_cells((tree.notebooks / f"{name}.md").read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {}
    exec(first, namespace)
    declared = {key: value for key, value in namespace.items() if not key.startswith("__")}
    with mock.patch.object(assocmem, "validate", note):
        exec(second, namespace)
    return Chapter(name, rules, {**declared, **profiles.load(tree, "smoke")[name]})
