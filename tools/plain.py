"""Run the cells of a chapter in this process, without Jupyter, and collect what it shows."""

import contextlib
import io
from typing import Any
from unittest import mock

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from assocmem.display import CLAIM_MIME, FIGURE_MIME
from assocmem.figures import interactive, style
from assocmem.verdicts import claim
from tools.dependencies import code_cells
from tools.layout import Tree
from tools.parameters import check_values


def bundles(tree: Tree, name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The claims of a chapter, and the numbers of its figures, with other values of its parameters.

    Raises:
        BuildError: where the first check refuses the values.
    """
    shown: list[dict[str, Any]] = []
    text = (tree.notebooks / f"{name}.md").read_text(encoding="utf-8")
    _, _, *cells = code_cells(text)
    namespace = check_values(tree, name, values)
    with contextlib.ExitStack() as stack:
        for module in (interactive, style, claim):
            stack.enter_context(mock.patch.object(module, "display", shown.append))
        # only the numbers of the figures are looked at
        stack.enter_context(mock.patch.object(Figure, "savefig"))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(plt.rc_context())
        for cell in cells:
            exec(cell, namespace)
        plt.close("all")
    wanted = (CLAIM_MIME, FIGURE_MIME)
    return [{m: b[m] for m in wanted if m in b} for b in shown if set(wanted) & set(b)]
