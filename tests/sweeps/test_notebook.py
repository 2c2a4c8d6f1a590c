"""Sweeps of functions that are defined where the sweep is started: in a script, or a notebook."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.sweeps.work import stored

pytestmark = pytest.mark.slow

SCRIPT = """
from assocmem import sweep
import pytest

FACTOR = 3

def triple(n):
    return {"triple": FACTOR * n}

print(sweep(triple, {"n": [1, 2]}, jobs=2, store="store")["triple"].tolist())
"""


def test_functions_of_a_script_can_be_swept(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for factor, rows in ((3, 2), (3, 2), (4, 4)):  # an edit gives a new version
        script.write_text(SCRIPT.replace("FACTOR = 3", f"FACTOR = {factor}"))
        run = subprocess.run(
            [sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert run.stdout == f"{[factor, 2 * factor]}\n", run.stderr
        assert len(stored(tmp_path / "store")) == rows


def test_functions_of_a_notebook_can_be_swept(tmp_path: Path) -> None:
    """Without a store; with one the version must be named, since there is no file to look at."""
    cells = [
        "from assocmem import sweep\ndef square(n):\n    return {'square': n * n}",
        "print(sweep(square, {'n': [2, 3]}, jobs=2)['square'].tolist())",
        "try:\n    sweep(square, {'n': [2, 3]}, store='store')\n"
        "except ValueError as error:\n    print(error)",
        "print(sweep(square, {'n': [2, 3]}, store='store', version='1')['square'].tolist())",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = ["".join(output.text for output in cell.outputs) for cell in book.cells]
    assert printed[1] == printed[3] == "[4, 9]\n"
    assert "version of its code yourself, version='1'" in printed[2]
