"""Claims and figure data, gathered from executed notebooks."""

import json
from pathlib import Path

import nbformat
import pytest

from tests.book.samples import claim, executed
from tools.collect import all_claims, claims, collect, figures
from tools.layout import BuildError, Tree


def tree_with(root: Path, **notebooks: object) -> Tree:
    """A tree with executed notebooks alone."""
    tree = Tree(root)
    tree.notebooks.mkdir()
    for name, notebook in notebooks.items():
        (tree.notebooks / f"{name}.md").touch()
        path = tree.build("smoke").executed(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
    return tree


def test_claims_come_in_the_order_of_the_book_with_their_notebook(tmp_path: Path) -> None:
    tree = tree_with(
        tmp_path,
        n2_b=executed(claim(id="b.two"), claim(id="b.one")),
        n1_a=executed(claim(id="a.one")),
    )
    found = all_claims(tree, tree.build("smoke"))
    assert [(entry["notebook"], entry["id"]) for entry in found] == [
        ("n1_a", "a.one"), ("n2_b", "b.two"), ("n2_b", "b.one"),
    ]  # fmt: skip


def test_notebook_without_claim_is_an_error() -> None:
    with pytest.raises(BuildError, match="01_x makes no claim"):
        claims("01_x", executed())


def test_claim_id_used_twice_is_an_error(tmp_path: Path) -> None:
    tree = tree_with(tmp_path, n1=executed(claim()), n2=executed(claim()))
    with pytest.raises(BuildError, match=r"'prop1\.exponent' is used twice: n1, n2"):
        all_claims(tree, tree.build("smoke"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "Prop 1"}, "an id reads like"),
        ({"verdict": "true"}, "the verdict must be one of"),
        ({"statement": " "}, "statement must be a text"),
        ({"rule": None}, "rule must be a text"),
        ({"interval": [1]}, r"must be \[low, high\]"),
        ({"interval": [2, 1]}, r"must be \[low, high\]"),
        ({"interval": [1, float("nan")]}, r"must be \[low, high\]"),
    ],
)
def test_malformed_claim_is_an_error(changes: dict[str, object], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        claims("01_x", executed(claim(**changes)))


@pytest.mark.parametrize("field", ["expected", "observed", "interval", "level", "published"])
def test_missing_field_is_an_error(field: str) -> None:
    incomplete = claim()
    del incomplete[field]
    with pytest.raises(BuildError, match=f"{field} is missing"):
        claims("01_x", executed(incomplete))


def test_exact_claim_needs_no_interval() -> None:
    assert claims("01_x", executed(claim(interval=None, level=None)))


@pytest.mark.parametrize("names", [("law", "law"), ("Law",), ("../law",)])
def test_figure_names_are_distinct_and_fit_for_files(names: tuple[str, ...]) -> None:
    with pytest.raises(BuildError, match="figure name"):
        figures("01_x", executed(claim(), figures=names))


def test_products_hold_claims_and_data_and_nothing_older(tmp_path: Path) -> None:
    tree = tree_with(tmp_path, n1=executed(claim(), figures=("law",)))
    products = tree.build("smoke")
    (products.data / "n0").mkdir(parents=True)
    (products.data / "n0" / "old.csv").touch()
    collect(tree, "smoke")
    files = [path.relative_to(products.data).as_posix() for path in products.data.rglob("*.csv")]
    assert files == ["n1/law.csv"]
    written = json.loads(products.claims.read_text())
    assert written == {"profile": "smoke", "claims": [{"notebook": "n1", **claim()}]}
