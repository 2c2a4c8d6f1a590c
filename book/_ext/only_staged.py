"""Refuse to build from the sources themselves, whose notebooks are not executed, and say what to type."""

import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Look for what only the staged copy has (tools/stage.py)."""
    if not (Path(app.srcdir) / "generated").is_dir():
        # Jupyter Book would show any other exception with a screen of traceback.
        sys.exit(
            "error: jupyter-book alone cannot build this tree: type `make book`, which executes it first"
        )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
