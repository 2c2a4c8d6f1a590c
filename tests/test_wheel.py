"""The wheel alone, in an environment that has what it declares and nothing else."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def required(found: Distribution) -> Iterator[str]:
    """The names of what a distribution needs here, without its extras."""
    for line in found.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def closure(name: str) -> dict[str, Distribution]:
    """All distributions that one needs, directly or not; itself is not among them."""
    found: dict[str, Distribution] = {}
    pending = list(required(distribution(name)))
    while pending:
        next_name = pending.pop()
        try:
            each = distribution(next_name)
        except PackageNotFoundError:  # wanted on another platform only
            continue
        if each.name not in found:
            found[each.name] = each
            pending += required(each)
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT.md"):
        shutil.copy(ROOT / name, tree)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", tree / "dist", tree], check=True, capture_output=True)
    (path,) = (tree / "dist").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment; what the wheel declares is lent to it from this one."""
    root = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    (packages,) = root.glob("lib/python*/site-packages")
    for lent in closure("assocmem").values():
        for path in lent.files or []:
            top = path.parts[0]
            if top != ".." and not (packages / top).exists():
                (packages / top).symlink_to(Path(str(lent.locate_file(top))))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    return root / "bin" / "python"


def run(python: Path, program: str, folder: Path) -> str:
    done = subprocess.run(
        [python, "-I", "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_the_module_its_types_and_its_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = (ROOT / "src").rglob("*")
    wanted = {
        path.relative_to(ROOT / "src").as_posix()
        for path in sources
        if path.is_file() and path.suffix != ".pyc" and "egg-info" not in path.parent.name
    }
    assert wanted <= names
    assert {"assocmem/py.typed", "assocmem/theory/__init__.pyi"} <= wanted


def test_the_programs_of_readme_run(python: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.S | re.M)
    assert len(blocks) >= 2
    assert "mean" in run(python, "\n".join(blocks), tmp_path)


def test_every_module_can_be_imported_and_nothing_else_is_needed(
    python: Path, tmp_path: Path
) -> None:
    program = """
import importlib, pkgutil, assocmem
for info in pkgutil.walk_packages(assocmem.__path__, "assocmem."):
    importlib.import_module(info.name)
print(assocmem.__version__, assocmem.__file__)
for name in ("IPython", "papermill", "pytest"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{name} should not be here")
"""
    version, path = run(python, program, tmp_path).split()
    assert version == distribution("assocmem").version
    assert Path(path).is_relative_to(python.parents[1])


def test_claims_and_figures_show_themselves_without_a_notebook(
    python: Path, tmp_path: Path
) -> None:
    program = """
import assocmem as am, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
wrong = am.Mutant("another law", cases=[False])
am.report(am.claim_holds("a.b", "Text.", "Here", cases=[True], rule="it is so", mutant=wrong))
am.show_figure(plt.figure(), "curve", {"x": [1, 2]})
"""
    printed = run(python, program, tmp_path)
    assert "a.b: REPRODUCED" in printed
    assert "<figure curve: 2 rows of data>" in printed
