"""The validation cell of each notebook refuses bad parameters, in place and from the command line."""

import math
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"

#: Notebook, parameter, bad values.
CASES: list[tuple[str, str, list[Any]]] = [
    ("01_model", "alpha", [0, -1.0, math.nan, math.inf, "1,0"]),
    ("01_model", "n_tokens", [2, 10.5, 1001, math.inf, True]),
    ("01_model", "n_outputs", [1, 11, 2.5, None]),
    ("01_model", "dims", [[], [1], [10, 10], 10, [10.5]]),
    ("01_model", "n_samples", [0, -1, 10**8, 1e3 + 0.5]),
    ("01_model", "trials", [1, 0, 0.5]),
    ("02_finite_data", "alpha", [1.0, 0.5, -2, math.nan, "two"]),
    ("02_finite_data", "other_alphas", [[], [1.0], [1.5, 1.5], 1.5, [math.inf]]),
    ("02_finite_data", "n_tokens", [0, -3, 4, 100.5, math.nan, "inf"]),
    ("02_finite_data", "n_samples", [[0], [-1], [10**8], [1.5], 100]),
    ("02_finite_data", "seed", [-1, 1.5, "zero"]),
    ("02_finite_data", "n_tokns", [100]),
    ("03_finite_memory", "alpha", [0.0, -1, math.nan]),
    ("03_finite_memory", "n_tokens", [99, 10**13, math.inf, 1000.5]),
    ("03_finite_memory", "n_outputs", [3, 101]),
    ("03_finite_memory", "largest_dim", [10, 10**9, 1e6 + 0.5]),
    ("03_finite_memory", "draws", [0, 63, "many"]),
    ("04_without_threshold", "alphas", [[1.0], [], [5.0]]),
    ("04_without_threshold", "rhos", [[0.0], [0.5, 0.5], 0.5]),
    ("04_without_threshold", "vocabularies", [[10**13], [math.inf], [50]]),
    ("06_minimax", "alpha", [1.0, 4.5]),
    ("06_minimax", "dims", [[100], [5, 10], [10, 40_000]]),
    ("07_finite_data_and_memory", "n_samples", [[], [0], [10**8], [math.inf]]),
    ("07_finite_data_and_memory", "rate", [0.0, 5]),
    ("07_finite_data_and_memory", "grid", [2, 31, 10.5]),
    ("08_gradient", "alpha", [0.0, 5.0, math.nan]),
    ("08_gradient", "learning_rates", [[], [0.0], [1e-5], [math.inf], 1.0]),
    ("08_gradient", "batch_sizes", [[0], [1.5], [10, 10]]),
    ("08_gradient", "n_steps", [99, 1e3 + 0.5]),
    ("08_gradient", "n_outputs", [1, 101]),
    ("09_step_and_batch", "large_rate", [0.0, math.nan, "ten", 0.1, 1e-320]),
    ("09_step_and_batch", "small_rate", [10.0, 1e-320]),
    ("09_step_and_batch", "batch_sizes", [[], [1], [1, 3001], [10, 10]]),
    ("09_step_and_batch", "n_outputs", [1, 11]),
    ("09_step_and_batch", "n_frames", [1, 101]),
    ("11_grid", "source", ["file", None]),
    ("11_grid", "dims", [[], [0], [1001], [10, 10]]),
    ("11_grid", "learning_rates", [[0.0], [math.nan]]),
    ("11_grid", "seeds", [1, 101, "ten"]),
    ("10_adaptive_steps", "learning_rate", [0.0, -1, 1000, 1e-320]),
    ("10_adaptive_steps", "n_outputs", [1, 11]),
    ("10_adaptive_steps", "n_steps", [10, 100_000]),
    ("12_learned_embeddings", "counts", [[1], [], [10, 10], 10, [1001]]),
    ("12_learned_embeddings", "dims", [[0, 2, 4], [], [2.5, 4, 8]]),
    ("12_learned_embeddings", "margins", [[0.0], [1.0], [math.nan], 0.5]),
    ("12_learned_embeddings", "outputs", [[0], [101], []]),
    ("12_learned_embeddings", "learning_rate", [0.0, math.inf]),
    ("12_learned_embeddings", "classes", [2, 11, 5.5]),
    ("12_learned_embeddings", "n_tokens", [99, 10**9]),
    ("05_with_threshold", "alpha", [1, 0, math.nan]),
    ("05_with_threshold", "n_outputs", [1, 101, -5, 5.5]),
    ("05_with_threshold", "vocabularies", [[], [99], [10**13], [100, 100], [1000.5]]),
    ("05_with_threshold", "dims", [[0], [10**6], ["ten"], []]),
    ("05_with_threshold", "rate", [0, -0.1, 5, math.nan, "1/8"]),
    ("05_with_threshold", "rho", [0.0, -1, 3, math.nan]),
    ("05_with_threshold", "trials", [1, 10**9, True]),
    ("05_with_threshold", "dim", [100]),
]


@cache
def code_cells(name: str) -> list[Any]:
    cells = jupytext.read(NOTEBOOKS / f"{name}.md").cells
    return [cell for cell in cells if cell.cell_type == "code"]


def validate(name: str, **injected: Any) -> None:
    """Run the notebook up to its validation cell, with values put in as papermill does."""
    cells = code_cells(name)
    assert "parameters" in cells[0].metadata.tags
    assert "am.validate(" in cells[1].source
    namespace: dict[str, Any] = {}
    exec(cells[0].source, namespace)
    namespace |= injected
    exec(cells[1].source, namespace)


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.md")))
def test_the_defaults_are_valid(name: str) -> None:
    validate(name)


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [(name, parameter, value) for name, parameter, values in CASES for value in values],
)
def test_the_validation_cell_refuses(name: str, parameter: str, value: Any) -> None:
    with pytest.raises(ValueError, match="valid") as caught:
        validate(name, **{parameter: value})
    message = str(caught.value)
    culprits = value if isinstance(value, list) and value else [value]
    # Where N is too small for M, either of the two may be named: both are printed.
    assert parameter in message
    assert any(repr(culprit) in message for culprit in [*culprits, value])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-p", "alpha", "1"], "alpha = 1 is not valid; valid range: ≥ 1.05"),
        (["-y", "{other_alphas: [2.0, .nan]}"], "other_alphas[1] = nan is not valid"),
        (["-p", "aplha", "1.5"], "aplha = 1.5 is not a parameter of this notebook"),
    ],
)
def test_papermill_ends_in_the_validation_cell(
    options: list[str], words: str, tmp_path: Path
) -> None:
    """The command that the book prints, with a bad value: one clear error, and no work done."""
    notebook = NOTEBOOKS / "02_finite_data.ipynb"
    command = [sys.executable, "-m", "papermill", str(notebook), str(tmp_path / "out.ipynb")]
    for _ in range(3):  # kernels that start side by side may choose the same port, and not answer
        run = subprocess.run(
            [*command, *options, "--start-timeout", "120"],
            capture_output=True,
            text=True,
            timeout=900,
        )
        if "Kernel didn't respond" not in run.stderr and "Kernel died" not in run.stderr:
            break
    assert run.returncode != 0
    assert words in run.stderr
    assert run.stderr.rstrip().splitlines()[-1].startswith("ValueError: ")
    executed = jupytext.read(tmp_path / "out.ipynb").cells
    assert not any("am.set_theme" in cell.source and cell.outputs for cell in executed
                   if cell.cell_type == "code")  # fmt: skip
