"""Small notebooks and claims to test the build with."""

from pathlib import Path
from typing import Any

import nbformat

from assocmem.display import CLAIM_MIME, FIGURE_MIME

#: Source of a chapter that has what every chapter has.
CHAPTER = (Path(__file__).parent / "notebooks" / "01_sample.md").read_text(encoding="utf-8")


def claim(**changes: Any) -> dict[str, Any]:
    """Return a valid claim, with changes."""
    valid = {
        "id": "prop1.exponent",
        "statement": "the error falls as $T^{-1+1/\\alpha}$",
        "source": "Proposition 1",
        "expected": "-0.5",
        "observed": "-0.4987",
        "interval": [-0.51, -0.49],
        "level": 0.99,
        "published": None,
        "verdict": "reproduced",
        "rule": "Reproduced if the interval holds the expected value.",
        "mutant": "an exponent 10 % larger",
        "mutant_verdict": "not reproduced",
        "mutant_numbers": "-0.55 against -0.4987",
        "place": {
            "kind": "value",
            "goal": -0.5,
            "unit": 0.02,
            "low": -0.51,
            "value": -0.4987,
            "high": -0.49,
            "wrong": -0.55,
        },
    }
    return valid | changes


def executed(*claims: dict[str, Any], figures: tuple[str, ...] = ()) -> Any:
    """Return an executed notebook that makes the claims and shows the figures."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# A title\n\nText.")]
    bundles = [{CLAIM_MIME: [entry], "text/html": "card"} for entry in claims]
    bundles += [
        {FIGURE_MIME: {"name": name, "csv": "x,y\n1,2\n"}, "image/svg+xml": "<svg/>"}
        for name in figures
    ]
    for data in bundles:
        output = nbformat.v4.new_output("display_data", data=data)
        notebook.cells.append(nbformat.v4.new_code_cell("show()", outputs=[output]))
    return notebook
