"""The layout of the tree: what README says of it, what tests mirror, and which wing imports which."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "assocmem"
WINGS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
LINT = (
    "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo', '--no-cache'])"
)

#: Tests of several modules of a wing, or of all at once.
TOGETHER = {
    "exact": {"law_by_simulation"},
    "sweeps": {"cluster", "kill", "notebook", "workers"},
}
#: Modules whose tests are those of the modules that they serve.
SERVANTS = {
    "exact": {"batches", "masses", "noise", "rivals"},
    "sweeps": {"calls"},
    "theory": {"crowding"},
    "verdicts": {"cards", "rules"},
}


def table(page: str) -> str:
    """The table of a page that says where things are."""
    rows = re.findall(r"^\|.*\n", (ROOT / page).read_text("utf-8"), re.M)
    start = next(i for i, row in enumerate(rows) if row.startswith("| Path | What |"))
    end = next((i for i, row in enumerate(rows) if i > start + 1 and row.startswith("|---")), None)
    return "".join(rows[start : end and end - 1])


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(tree / "src"), "PATH": "", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=tree, env=environment, capture_output=True, text=True
    )


def test_one_table_says_where_things_are() -> None:
    assert table("README.md") == table("CONTRIBUTING.md")
    paths = re.findall(r"`([\w./]+/)[^`]*`(?=[^|]*\|[^|]*\|$)", table("README.md"), re.M)
    assert {f"src/assocmem/{wing}/" for wing in WINGS} <= set(paths)
    for path in paths:
        assert path.startswith("build/") or (ROOT / path).is_dir(), path
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert folders - {"build", "dist"} <= {path.partition("/")[0] for path in paths}


@pytest.mark.parametrize("wing", [wing for wing in WINGS if wing != "figures"])
def test_tests_mirror_the_wings(wing: str) -> None:
    modules = {path.stem for path in (PACKAGE / wing).glob("*.py")} - {"__init__"}
    tested = {p.stem.removeprefix("test_") for p in (ROOT / "tests" / wing).glob("test_*.py")}
    assert tested - TOGETHER.get(wing, set()) <= modules
    assert modules - tested <= SERVANTS.get(wing, set())


def test_a_statement_has_one_name_in_chapter_theory_and_figures() -> None:
    chapters = {path.stem[3:] for path in (ROOT / "notebooks").glob("*.md")}
    theory = {path.stem for path in (PACKAGE / "theory").glob("*.py")} - {"__init__"}
    figures = {path.stem for path in (PACKAGE / "figures").glob("*.py")} - {"__init__"}
    assert theory - {"averaged_inputs", "crowding", "weight_law"} <= chapters
    assert figures - {"interactive", "labels", "style", "ticks", "zipf_strip"} == chapters


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("theory/minimax.py", "from assocmem.exact.law import expected_errors"),
        ("simulation/trials.py", "def late():\n    from assocmem.training import loop"),
        ("exact/noise.py", "import assocmem.simulation.normals"),
        ("model/task.py", "from assocmem.verdicts.estimate import Estimate"),
        ("verdicts/claims.py", "from assocmem.figures.style import colors"),
        ("parameters.py", "from assocmem.model.task import ZipfTask"),
    ],
)
def test_a_wing_that_reaches_where_it_may_not_is_found(
    path: str, line: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "src" / "assocmem" / path).open("a") as file:
        file.write(f"\n\n{line}\n")
    found = lint(tmp_path)
    assert found.returncode == 1, found.stderr
    assert "BROKEN" in found.stdout


def test_the_wings_as_they_are_keep_their_contracts() -> None:
    assert lint(ROOT).returncode == 0


def test_a_new_room_without_a_place_in_the_layers_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "assocmem" / "attic.py").write_text('"""Whatever."""\n')
    found = lint(tmp_path)
    assert found.returncode != 0
    assert "attic" in found.stdout + found.stderr
