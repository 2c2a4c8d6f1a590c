"""Code versions: which sources a result was computed from."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import inspect
import sys
import tokenize
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from assocmem.parameters import refuse

__all__ = ["code_version"]


def code_version(work: Callable[..., Any]) -> str:
    """A digest of the sources that a function is made of.

    They are the source of the module that defines it and of every module that this one imports,
    directly or not, from its own package or from `assocmem`: an edit of another file changes
    nothing. Imports are read from the sources, in functions too; one that is made from a string
    (``importlib.import_module(name)``) is not seen. Where it cannot be told which module is meant
    (``import package``, ``from package import *``), all modules of the package count. Other
    packages (NumPy, torch) do not: a sweep notes their versions beside its results.

    Args:
        work: a function of an importable module, or of a script.

    Returns:
        Sixteen hexadecimal digits.

    Raises:
        ValueError: if the function has no source file, as one defined in a notebook.

    Example:
        >>> from assocmem import simulate_errors
        >>> len(code_version(simulate_errors))
        16
    """
    start = _importable_name(work)
    packages = {start.partition(".")[0], "assocmem"}
    sources: dict[str, str] = {}
    pending = {start}
    while pending:
        name = pending.pop()
        sources[name] = _source(name)
        pending |= set(_imports(name, sources[name], packages)) - set(sources)
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\0{sources[name]}\0".encode())
    return digest.hexdigest()[:16]


def _importable_name(work: Callable[..., Any]) -> str:
    """The name of the module that defines a function, the one of the file for a script."""
    module = sys.modules.get(work.__module__)
    if module is None or getattr(module, work.__qualname__, None) is not work:
        raise _no_source(work)
    if work.__module__ != "__main__":
        return str(work.__module__)
    if (spec := module.__spec__) is not None:  # python -m package.module
        return str(spec.name)
    if not Path(getattr(module, "__file__", None) or "").is_file():
        raise _no_source(work)
    return "__main__"


def _no_source(work: Callable[..., Any]) -> ValueError:
    valid = "a function of an importable module or a script"
    hint = "; of a notebook: name the version of its code yourself, version='1'"
    return refuse("work", work, valid, hint)


def _source(name: str) -> str:
    """The source of a module, as it is on disk."""
    if name == "__main__":
        path = str(sys.modules["__main__"].__file__)
    else:
        spec = _spec(name)
        path = str(spec.origin if spec is not None else None)
        if not path.endswith(".py"):
            raise refuse("module", name, "one with a Python source file")
    with tokenize.open(path) as file:
        return file.read()


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ModuleNotFoundError, ValueError):  # the parent is no package, or nothing is known
        return None


def _is_package(name: str) -> bool:
    return (spec := _spec(name)) is not None and spec.submodule_search_locations is not None


def _imports(name: str, source: str, packages: set[str]) -> Iterator[str]:
    """The modules of the packages that a source imports."""
    parent = name if _is_package(name) else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                if head in packages:  # `import a.b` gives all of `a`, `import a.b as c` only `a.b`
                    yield from _modules(alias.name if alias.asname else head)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = importlib.util.resolve_name("." * node.level + base, parent)
            if base.partition(".")[0] in packages:
                for alias in node.names:
                    yield from _named(base, alias.name)


def _named(base: str, name: str) -> Iterator[str]:
    """The modules behind ``from base import name``."""
    if not _is_package(base):
        yield from _modules(base)
    elif _spec(f"{base}.{name}") is not None:
        yield from _modules(f"{base}.{name}")
    else:  # re-exported by the package: a function or class says where it comes from
        thing = getattr(importlib.import_module(base), name, None)
        known = inspect.isfunction(thing) or inspect.isclass(thing)
        home = thing.__module__ if known and thing is not None else base
        inside = home.partition(".")[0] == base.partition(".")[0]
        yield from _modules(home if inside else base)


def _modules(name: str) -> Iterator[str]:
    """A module; all modules of a package."""
    spec = _spec(name)
    if spec is None or spec.submodule_search_locations is None:
        yield name
        return
    for directory in spec.submodule_search_locations:
        for path in Path(directory).rglob("*.py"):
            parts = path.relative_to(directory).with_suffix("").parts
            yield ".".join([name, *(part for part in parts if part != "__init__")])
