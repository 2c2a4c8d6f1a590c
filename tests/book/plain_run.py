"""Run the cells of a chapter in plain Python, and print what it shows: `python -m tests.book.plain_run NAME`."""

import contextlib
import io
import json
import sys
import warnings
from typing import Any

import matplotlib

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from assocmem.figures import stepper, style
from assocmem.verdicts import claims
from tools import profiles
from tools.dependencies import code_cells
from tools.layout import Tree


def bundles(name: str) -> list[dict[str, Any]]:
    """The claims, and the numbers of the figures, of a chapter with its smoke parameters."""
    matplotlib.use("agg")
    matplotlib.figure.Figure.savefig = lambda *_, **__: None  # only the numbers are looked at
    shown: list[dict[str, Any]] = []
    for module in (stepper, style, claims):
        module.display = shown.append  # type: ignore[attr-defined]
    text = (Tree().notebooks / f"{name}.md").read_text(encoding="utf-8")
    parameters, *cells = code_cells(text)
    namespace: dict[str, Any] = {}
    exec(parameters, namespace)
    namespace |= profiles.load(Tree(), "smoke")[name]
    for cell in cells:
        exec(cell, namespace)
    wanted = (CLAIM_MIME, FIGURE_MIME)
    return [{m: b[m] for m in wanted if m in b} for b in shown if set(wanted) & set(b)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        found = bundles(sys.argv[1])
    print(json.dumps(found))
