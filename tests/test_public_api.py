import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import grimp
import pytest

import assocmem

ROOT = Path(assocmem.__file__).parent
MODULES = sorted(info.name for info in pkgutil.walk_packages(assocmem.__path__, prefix="assocmem."))
WINGS = sorted(path.parent.name for path in ROOT.glob("*/__init__.pyi"))


def public_things() -> list[str]:
    """All public names of the module and its wings, as `theory.theorem_1_upper`."""
    wings = [f"{wing}.{name}" for wing in WINGS for name in getattr(assocmem, wing).__all__]
    return sorted([*assocmem.__all__, *wings])


def thing(name: str) -> Any:
    value: Any = assocmem
    for part in name.split("."):
        value = getattr(value, part)
    return value


NAMES = [name for name in public_things() if not inspect.ismodule(thing(name))]
CALLABLES = [
    name for name in NAMES if inspect.isfunction(thing(name)) or inspect.isclass(thing(name))
]


def parameters(thing: Any) -> list[str]:
    skipped = {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    signature = inspect.signature(thing)
    return [name for name, p in signature.parameters.items() if p.kind not in skipped]


def explanation(name: str) -> str:
    """The docstring of a thing, with those that it refers to for its arguments."""
    text = inspect.getdoc(thing(name)) or ""
    for other in re.findall(r"arguments are\s+those of `(\w+)`", text):
        module = importlib.import_module(thing(name).__module__)
        text += inspect.getdoc(getattr(module, other)) or ""
    return text


def python(program: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return run.stdout


# What is where


def test_the_root_holds_what_is_typed_daily() -> None:
    daily = [name for name in assocmem.__all__ if name not in WINGS]
    assert 40 <= len(daily) <= 50
    assert len(WINGS) == 10


def test_what_is_at_the_root_is_public_in_its_wing() -> None:
    for name in assocmem.__all__:
        if name not in WINGS:
            module = thing(name).__module__
            wing = module.split(".")[1]
            assert (
                wing in ("display", "parameters", "validation")
                or name in getattr(assocmem, wing).__all__
            )


def test_a_name_means_one_thing() -> None:
    by_name: dict[str, set[int]] = {}
    for name in NAMES:
        by_name.setdefault(name.rpartition(".")[2], set()).add(id(thing(name)))
    assert [name for name, things in by_name.items() if len(things) > 1] == []


def test_no_module_bears_the_name_of_what_its_package_hands_on() -> None:
    """`assocmem.sweeps.sweep` would be the function or the module, by the order of imports."""
    for wing in WINGS:
        names = {
            n for n in getattr(assocmem, wing).__all__ if not inspect.ismodule(thing(f"{wing}.{n}"))
        }
        modules = {path.stem for path in (ROOT / wing).glob("*.py")}
        assert not names & modules, wing


def test_every_public_name_is_defined_in_the_library() -> None:
    for name in CALLABLES:
        assert thing(name).__module__.startswith("assocmem."), name


def test_the_library_imports_modules_never_a_package_that_hands_on() -> None:
    """Only so can a notebook's or a sweep's dependencies be read from the imports."""
    graph = grimp.build_graph("assocmem", cache_dir=None)
    packages = {"assocmem", *(f"assocmem.{wing}" for wing in WINGS)}
    assert not {p for p in packages if graph.find_modules_that_directly_import(p)}


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("theorem_1_upper", "assocmem.theory.theorem_1_upper"),
        ("grid_errors", "assocmem.published_grid.grid_errors"),
        ("AssociationLearner", "assocmem.training.AssociationLearner"),
        ("plot_band", "assocmem.figures.plot_band"),
    ],
)
def test_a_name_that_is_in_a_wing_says_so_in_its_error(name: str, home: str) -> None:
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'; it is {home}$"):
        getattr(assocmem, name)
    assert thing(home.removeprefix("assocmem."))


def test_an_unknown_name_is_just_unknown() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trian'$"):
        getattr(assocmem, "trian")  # noqa: B009


# What an import costs


@pytest.mark.slow
def test_an_import_loads_next_to_nothing_and_a_name_what_it_needs() -> None:
    heavy = "('numpy', 'torch', 'seaborn', 'IPython', 'pandas', 'scipy')"
    program = f"""
import sys, time
import assocmem
assert not [name for name in {heavy} if name in sys.modules]
print(time.process_time())
assocmem.fill
assert "torch" not in sys.modules and "seaborn" not in sys.modules
assocmem.train
assert "torch" in sys.modules and "seaborn" not in sys.modules
"""
    whole = float(python(program))
    bare = float(python("import time; print(time.process_time())"))
    assert whole - bare < 0.1 * 5  # CPU seconds; five times what is promised, for slow machines


@pytest.mark.slow
def test_everything_can_be_imported_at_once() -> None:
    program = "import assocmem; print(sorted(vars(assocmem)))"
    run = subprocess.run(
        [sys.executable, "-c", program], env={"EAGER_IMPORT": "1", "PATH": ""}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert set(assocmem.__all__) <= set(ast.literal_eval(run.stdout))


# Documentation


@pytest.mark.parametrize("module", ["assocmem", *MODULES])
def test_every_module_says_what_it_is(module: str) -> None:
    assert importlib.import_module(module).__doc__


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.stem)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("name", CALLABLES)
def test_every_parameter_is_explained(name: str) -> None:
    text = explanation(name)
    assert text
    if len(parameters(thing(name))) > 1:
        missing = [p for p in parameters(thing(name)) if not re.search(rf"(?m)^ +{p}: ", text)]
        assert not missing


@pytest.mark.parametrize("name", CALLABLES)
def test_everything_public_has_an_example(name: str) -> None:
    assert re.search(r"(?m)^Example:\n +>>> ", inspect.getdoc(thing(name)) or "")


@pytest.mark.parametrize("name", CALLABLES)
def test_shapes_of_arrays_are_given(name: str) -> None:
    returned = str(getattr(thing(name), "__annotations__", {}).get("return"))
    if inspect.isfunction(thing(name)) and re.search("Array|Tensor", returned):
        assert re.search(r"[Ss]hape|for each T", explanation(name))


@pytest.mark.parametrize("name", [name for name in CALLABLES if name.startswith("theory.")])
def test_every_law_names_its_source(name: str) -> None:
    if inspect.isfunction(thing(name)):
        assert re.search(r"Source:|Propositions? \d|Theorem \d", explanation(name))


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.stem)
def test_a_formula_is_indented_below_its_directive(path: Path) -> None:
    """Else it ends at the first line, and what follows is taken for text."""
    for found in re.finditer(r"^( *)\.\. math::.*\n((?: *\S.*\n)*)", path.read_text("utf-8"), re.M):
        for line in found[2].replace('"""', "").strip("\n").splitlines():
            assert line.startswith(found[1] + "    "), line


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_run(module: str) -> None:
    results = doctest.testmod(importlib.import_module(module))
    assert results.failed == 0
