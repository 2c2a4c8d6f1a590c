"""Gather from the executed notebooks their claims (`claims.json`) and the plotted numbers (`data/`)."""

import argparse
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from assocmem.verdicts.claim import ID_PATTERN, VERDICTS
from tools.files import fresh_directory, replace_directory, write_atomically
from tools.layout import BuildError, Products, Tree, run

_TEXT = (
    "id",
    "statement",
    "source",
    "verdict",
    "rule",
    "mutant",
    "mutant_verdict",
    "mutant_numbers",
)
_PRESENT = ("expected", "observed", "interval", "level", "place", "published")
_FIGURE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Figure:
    """A figure shown by cell number `cell` of a notebook, and the numbers drawn in it."""

    cell: int
    name: str
    csv: str


def bundles(notebook: Any, mime: str) -> Iterator[tuple[int, Any]]:
    """Yield every output of one mime type with the index of its cell."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield index, output["data"][mime]


def claims(name: str, notebook: Any) -> list[dict[str, Any]]:
    """Return the claims of one executed notebook, each with the notebook's name."""
    found = [
        {"notebook": name, **claim} for _, shown in bundles(notebook, CLAIM_MIME) for claim in shown
    ]
    if not found:
        raise BuildError(f"{name} makes no claim: every chapter must put its result to the test")
    for claim in found:
        _check(name, claim)
    return found


def _check(name: str, claim: dict[str, Any]) -> None:
    who = f"{name}: claim {claim.get('id')!r}"
    for field in _TEXT:
        if not isinstance(claim.get(field), str) or not claim[field].strip():
            raise BuildError(f"{who}: {field} must be a text, got {claim.get(field)!r}")
    for field in _PRESENT:
        if field not in claim:
            raise BuildError(f"{who}: {field} is missing (null says that there is none)")
    if not ID_PATTERN.fullmatch(claim["id"]):
        raise BuildError(f"{who}: an id reads like 'prop1.exponent'")
    for field in ("verdict", "mutant_verdict"):
        if claim[field] not in VERDICTS:
            raise BuildError(f"{who}: the {field} must be one of {VERDICTS}, got {claim[field]!r}")
    if claim["mutant_verdict"] == "reproduced" and claim["verdict"] in ("reproduced", "partly"):
        raise BuildError(f"{who}: it could not have failed at {claim['mutant']!r}")
    interval = claim["interval"]
    if interval is not None:
        ends = [
            e for e in interval if e is None or (isinstance(e, int | float) and math.isfinite(e))
        ]
        numbers = [end for end in ends if end is not None]
        if len(interval) != 2 or len(ends) != 2 or numbers != sorted(numbers):
            raise BuildError(f"{who}: the interval must be [low, high], got {interval!r}")


def figures(name: str, notebook: Any) -> list[Figure]:
    """Return the figures of one executed notebook; each name occurs once and is fit for a file."""
    found = [
        Figure(cell, entry["name"], entry["csv"]) for cell, entry in bundles(notebook, FIGURE_MIME)
    ]
    seen: set[str] = set()
    for figure in found:
        if not _FIGURE_NAME.fullmatch(figure.name) or figure.name in seen:
            raise BuildError(f"{name}: figure name {figure.name!r} is taken or not like 'data-law'")
        seen.add(figure.name)
    return found


def read(products: Products, name: str) -> Any:
    """Return an executed notebook."""
    return nbformat.read(products.executed(name), as_version=4)


def all_claims(tree: Tree, products: Products) -> list[dict[str, Any]]:
    """Return the claims of the book in reading order, and fail where two share an id."""
    found = [claim for name in tree.names() for claim in claims(name, read(products, name))]
    owners: dict[str, list[str]] = defaultdict(list)
    for claim in found:
        owners[claim["id"]].append(claim["notebook"])
    for identity, notebooks in owners.items():
        if len(notebooks) > 1:
            raise BuildError(f"claim id {identity!r} is used twice: {', '.join(notebooks)}")
    return found


def collect(tree: Tree, profile: str) -> None:
    """Write the data first and the claims last: make takes the claims for the sign of success."""
    products = tree.build(profile)
    found = all_claims(tree, products)
    new = fresh_directory(products.data.with_name("data.new"))
    for name in tree.names():
        for figure in figures(name, read(products, name)):
            write_atomically(new / name / f"{figure.name}.csv", figure.csv)
    replace_directory(new, products.data)
    text = json.dumps({"profile": profile, "claims": found}, indent=1, ensure_ascii=False)
    write_atomically(products.claims, text + "\n")


def main() -> None:
    """Command line: `python -m tools.collect PROFILE`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile")
    collect(Tree(), parser.parse_args().profile)


if __name__ == "__main__":
    run(main)
