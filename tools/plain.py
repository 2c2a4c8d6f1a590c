"""Run the cells of a chapter in this process, without Jupyter, and collect what it shows."""

import contextlib
import io
from typing import Any

import matplotlib
import matplotlib.figure
import matplotlib.pyplot as plt

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from assocmem.figures import stepper, style
from assocmem.verdicts import claim
from tools.dependencies import code_cells
from tools.layout import BuildError, Tree


def bundles(tree: Tree, name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The claims of a chapter, and the numbers of its figures, with other values of its parameters.

    Raises:
        BuildError: where the first check refuses the values.
    """
    matplotlib.use("agg")
    matplotlib.figure.Figure.savefig = lambda *_, **__: None  # type: ignore[method-assign]
    shown: list[dict[str, Any]] = []
    for module in (stepper, style, claim):
        module.display = shown.append  # type: ignore[attr-defined]
    text = (tree.notebooks / f"{name}.md").read_text(encoding="utf-8")
    parameters, check, *cells = code_cells(text)
    namespace: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(parameters, namespace)
        namespace |= values
        try:
            exec(check, namespace)
        except ValueError as error:
            raise BuildError(f"{name}: {error}") from None
        for cell in cells:
            exec(cell, namespace)
    plt.close("all")
    wanted = (CLAIM_MIME, FIGURE_MIME)
    return [{m: b[m] for m in wanted if m in b} for b in shown if set(wanted) & set(b)]
