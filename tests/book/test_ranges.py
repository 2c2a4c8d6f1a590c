"""The printed range is the truth: what the first check lets pass runs to its end, with claims."""

import json
import os
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from assocmem.display import CLAIM_MIME
from assocmem.parameters import Each, Integer, OneOf, Real
from tools.layout import BuildError, Tree
from tools.plain import bundles
from tools.ranges import LARGEST, chapter, values

NAMES = Tree().names()
#: Draws of each chapter; `make variations` asks for two hundred.
DRAWS = int(os.environ.get("RANGE_DRAWS", "2"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_the_range_runs_to_the_end(name: str) -> None:
    @settings(
        max_examples=DRAWS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(chapter(Tree(), name).strategy())
    def run(parameters: dict[str, Any]) -> None:
        shown: list[dict[str, Any]] = []
        refusal = ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                shown = bundles(Tree(), name, parameters)
            except BuildError as error:  # of the first check alone
                refusal = str(error)
        assert not refusal or "valid range: " in refusal
        assume(not refusal)  # another draw takes the place of a refused one
        found = [claim for bundle in shown for claim in bundle.get(CLAIM_MIME, [])]
        assert found, "no claim"
        json.dumps(found, allow_nan=False)

    run()


@pytest.mark.parametrize("name", NAMES)
def test_all_parameters_have_rules(name: str) -> None:
    found = chapter(Tree(), name)
    assert found.rules.keys() == found.smoke.keys()


@pytest.mark.parametrize(
    "rule",
    [
        Integer(2, 9), Integer(1), Integer(2, "n_tokens"), Real(above=1, at_most=4), Real(at_least=0, below=1),
        Each(Integer(3, 5), 2), Each(Real(above=0)), OneOf("a", "b"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("name", ["dims", "rho"])
def test_what_is_drawn_is_in_the_range(rule: Any, name: str) -> None:
    @settings(max_examples=50, database=None, derandomize=True)
    @given(values(rule, name))
    def run(value: Any) -> None:
        rule.check("value", value)
        if name == "dims":
            for number in value if isinstance(value, list) else [value]:
                assert not isinstance(rule, Integer) or number <= LARGEST

    run()


def test_what_is_no_rule_has_no_values() -> None:
    with pytest.raises(TypeError, match="no values for"):
        values(st.none(), "x")  # type: ignore[arg-type]
