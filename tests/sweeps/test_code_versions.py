"""A version of code changes with the sources that a function uses, and with no other."""

import importlib
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assocmem import simulate_errors
from assocmem.published_grid import grid_errors
from assocmem.sweeps import code_version
from assocmem.sweeps.code_versions import source_modules, used_modules

#: A package whose modules import each other in every way; `work.run` uses all but `unused`.
SOURCES = {
    "__init__": "from pack.exported import Thing, helper\nVALUE = 3\n",
    "work": """
import math
import numpy as np
from pack import direct, Thing
from pack.sub import deep
from . import sibling
from .relative import number as n
import pack.named as named

def run(x):
    from pack.late import later
    return later(x)

def other(x):
    return x
""",
    "direct": "from pack.indirect import *\n",
    "indirect": "X = 1\n",
    "exported": "class Thing: ...\n\ndef helper(): ...\n",
    "sibling": "Y = 1\n",
    "relative": "number = 1\n",
    "named": "Z = 1\n",
    "late": "def later(x):\n    return x\n",
    "unused": "from pack import work\n",
    "sub/__init__": "",
    "sub/deep": "from ..cycle import a\n",
    "cycle": "from . import late\na = 1\n",
    "whole": "import pack\ndef run(x): return pack.VALUE\n",
    "star": "from pack import *\ndef run(x): return x\n",
    "constant": "from pack import VALUE\ndef run(x): return x\n",
    "alone": "import numpy\ndef run(x): return x\n",
}
USED = {
    "work", "direct", "indirect", "exported", "sibling", "relative", "named", "late", "sub/deep",
    "cycle",
}  # fmt: skip


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    directory = tmp_path / "pack"
    for name, source in SOURCES.items():
        path = directory / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield directory
    for name in [name for name in sys.modules if name.partition(".")[0] == "pack"]:
        del sys.modules[name]


def changing(directory: Path, function: Callable[..., Any]) -> set[str]:
    """The modules whose edit changes the version."""
    before = code_version(function)
    found = set()
    for name, source in SOURCES.items():
        path = directory / f"{name}.py"
        path.write_text(f"{source}# edited\n")
        if code_version(function) != before:
            found.add(name)
        path.write_text(source)
    assert code_version(function) == before
    return found


def function(module: str, name: str = "run") -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(importlib.import_module(f"pack.{module}"), name)
    return found


@pytest.mark.slow
def test_it_changes_with_every_module_that_is_used(package: Path) -> None:
    assert changing(package, function("work")) == USED
    assert changing(package, function("alone")) == {"alone"}
    assert code_version(function("work")) == code_version(function("work", "other"))


@pytest.mark.slow
@pytest.mark.parametrize("module", ["whole", "star", "constant"])
def test_in_doubt_every_module_of_the_package_counts(module: str, package: Path) -> None:
    assert changing(package, function(module)) == set(SOURCES)


def test_imports_of_this_package_count_from_elsewhere(package: Path) -> None:
    program = "import assocmem as am\ndef run(x): return am.ZipfTask(x, x, x)\n"
    (package / "outside.py").write_text(program)
    used = {name.removeprefix("assocmem.") for name in source_modules(function("outside"))}
    assert used >= {"pack.outside", "model.task", "model.power_sums", "parameters"}
    assert not {"model.schemes", "theory.minimax"} & used


def test_a_function_depends_on_what_its_module_imports_and_no_more() -> None:
    used = {name.removeprefix("assocmem.") for name in source_modules(grid_errors)}
    training = {f"training.{name}" for name in ("batch", "learners", "loop", "network")}
    assert used >= {"published_grid.runs", *training, "model.task", "parameters"}
    wings = {name.partition(".")[0] for name in used}
    assert not {"figures", "verdicts", "sweeps", "theory", "exact", "simulation"} & wings
    assert "assocmem.simulation.nested" in source_modules(simulate_errors)


@pytest.mark.parametrize(
    ("program", "used"),
    [
        ("from pack import Thing", {"exported"}),
        ("from pack import helper as h, direct", {"exported", "direct"}),
        ("import pack.named", {"named"}),
        ("import pack.named as n", {"named"}),
        ("import pack\npack.helper", {"exported"}),
        ("import pack as p\np.Thing(p.sub.deep.a).x", {"exported", "sub.deep"}),
        ("from pack import sub\nsub.deep.a", {"sub.deep", "sub"}),
        ("import pack as p\np.__version__", {""}),
        ("import pack as p\nf(p)", None),
        ("from pack import *", None),
        ("from pack import unheard_of", None),
        ("def broken(", None),
        ("import numpy\nfrom packed import Thing", set()),
    ],
)
def test_modules_that_a_program_uses(program: str, used: set[str] | None, package: Path) -> None:
    """None stands for every module, which a doubt counts as."""
    everything = {name.replace("/", ".").removesuffix("__init__").strip(".") for name in SOURCES}
    found = {
        name.removeprefix("pack").removeprefix(".") for name in used_modules(program, ["pack"])
    }
    assert found == (everything if used is None else used)


def test_without_a_source_file_it_is_refused() -> None:
    def inner() -> None: ...

    made = types.ModuleType("made")
    exec("def run(): ...", made.__dict__)
    sys.modules["made"] = made
    try:
        for work in (inner, made.run, eval("lambda: 0")):
            with pytest.raises(ValueError, match=r"^(work|module) = .* is not valid"):
                code_version(work)
    finally:
        del sys.modules["made"]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["pack/script.py"], ["-m", "pack.script"]])
def test_a_script_has_the_version_of_its_file(arguments: list[str], package: Path) -> None:
    script = package / "script.py"
    program = "from assocmem.sweeps import code_version\ndef run(): ...\nprint(code_version(run))\n"
    printed = []
    for edit in ("", "# edited\n"):
        script.write_text(program + edit)
        run = subprocess.run(
            [sys.executable, *arguments], cwd=package.parent, capture_output=True, text=True
        )
        printed.append(run.stdout.strip())
        assert len(printed[-1]) == 16, run.stderr
    assert printed[0] != printed[1]
