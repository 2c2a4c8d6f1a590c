import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from typing import Any

import pytest

import assocmem

MODULES = [info.name for info in pkgutil.iter_modules(assocmem.__path__)]
NAMES = sorted(assocmem.__all__)


def parameters(thing: Any) -> list[str]:
    skipped = {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    signature = inspect.signature(thing)
    return [name for name, p in signature.parameters.items() if p.kind not in skipped]


def test_all_lists_exactly_what_is_re_exported() -> None:
    deferred = {name for names in assocmem._WITH_TORCH.values() for name in names}
    exported = {
        name
        for name, value in vars(assocmem).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert exported | deferred == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_torch_is_imported_only_when_it_is_needed() -> None:
    program = (
        "import sys, assocmem; assert 'torch' not in sys.modules; "
        "assocmem.train; assert 'torch' in sys.modules; assert 'train' in vars(assocmem)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        getattr(assocmem, "trian")  # noqa: B009


@pytest.mark.parametrize("module", assocmem._WITH_TORCH)
def test_names_loaded_late_are_those_of_their_modules(module: str) -> None:
    assert set(assocmem._WITH_TORCH[module]) <= set(
        importlib.import_module(f"assocmem.{module}").__all__
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_comes_from_the_all_of_its_module(name: str) -> None:
    module = importlib.import_module(getattr(assocmem, name).__module__)
    assert name in module.__all__


@pytest.mark.parametrize("module", MODULES)
def test_every_module_lists_what_exists_and_says_what_it_is(module: str) -> None:
    loaded = importlib.import_module(f"assocmem.{module}")
    assert loaded.__doc__
    assert all(hasattr(loaded, name) for name in loaded.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_explained(name: str) -> None:
    thing = getattr(assocmem, name)
    text = inspect.getdoc(thing) or ""
    assert text
    if refers_to := re.search(r"The (?:other )?arguments are those of `(\w+)`", text):
        text += inspect.getdoc(getattr(assocmem, refers_to[1])) or ""
    if len(parameters(thing)) > 1:
        missing = [p for p in parameters(thing) if not re.search(rf"(?m)^ +{p}: ", text)]
        assert not missing


@pytest.mark.parametrize("name", NAMES)
def test_shapes_of_arrays_are_given(name: str) -> None:
    thing = getattr(assocmem, name)
    if inspect.isfunction(thing) and "NDArray" in str(thing.__annotations__.get("return")):
        assert re.search(r"[Ss]hape|for each T", inspect.getdoc(thing) or "")


@pytest.mark.parametrize(
    "name", [name for name in NAMES if getattr(assocmem, name).__module__ == "assocmem.theory"]
)
def test_every_law_names_its_source(name: str) -> None:
    text = inspect.getdoc(getattr(assocmem, name)) or ""
    assert re.search(r"Source:|Propositions? \d|Theorem \d", text)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_run(module: str) -> None:
    results = doctest.testmod(importlib.import_module(f"assocmem.{module}"))
    assert results.failed == 0
