"""Let the paper's statements carry the paper's numbers, and number our own by chapter.

A statement labelled `proposition-1` is the paper's: it shows as "Proposition 1" wherever it stands. Every other one
takes the next number of its chapter, all types together: "Lemma 5.1", "Corollary 5.2".
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_PAPER = re.compile(r"(definition|lemma|proposition|theorem)-(\d+)")
_REPEATED_IDS = ("proof-content", "proof", "exercise-content", "solution-content")

Number = tuple[int, ...]


def paper_number(label: str, realtype: str) -> int | None:
    """Return the paper's number of a statement, or None where the statement is our own."""
    match = _PAPER.fullmatch(label)
    return int(match[2]) if match and match[1] == realtype else None


def renumber(numbers: Mapping[str, Number], types: Mapping[str, str]) -> dict[str, Number]:
    """Return new numbers of one page's statements, which come by id in the order of the page.

    Every number that Sphinx gave is `(chapter, count)`, or `(count,)` on a page without a chapter number.
    """
    renumbered: dict[str, Number] = {}
    own = 0
    for label, number in numbers.items():
        given = paper_number(label, types.get(label, ""))
        if given is None:
            own += 1
            renumbered[label] = (*number[:-1], own)
        else:
            renumbered[label] = (given,)
    return renumbered


def apply(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Renumber all statements, after Sphinx and before any page or reference is written."""
    statements: dict[str, dict[str, Any]] = getattr(env, "proof_list", {})
    types = {label: entry["realtype"] for label, entry in statements.items()}
    counters = {entry["countertype"] for entry in statements.values()}
    for figures in env.toc_fignumbers.values():
        for counter in counters & figures.keys():
            figures[counter] = renumber(figures[counter], types)
    return []


def make_ids_unique(app: Sphinx, doctree: nodes.document) -> None:
    """Number the fixed ids that sphinx-proof and sphinx-exercise give to the body of every block.

    An id must be unique in its page; nothing refers to these, but Sphinx wants each section to have one.
    """
    counts = Counter[str]()
    for node in doctree.findall(nodes.Element):
        if isinstance(node, nodes.section) and node.first_child_matching_class(nodes.title) == 0:
            continue  # a heading that says "Proof" has a right to its id: the contents lead there
        for position, name in enumerate(node.get("ids", [])):
            if name in _REPEATED_IDS:
                counts[name] += 1
                node["ids"][position] = f"{name}-{counts[name]}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", make_ids_unique)
    # Sphinx assigns its numbers at the default priority, 500.
    app.connect("env-get-updated", apply, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
