"""Code versions: which sources a result was computed from, read from imports without running them.

Every doubt (a star import, an unknown name, a package that is passed around) counts as "uses all": to
compute once too often costs time, to keep a stale result costs trust.
"""

import ast
import functools
import hashlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import grimp

from assocmem.parameters import refuse

#: This package, whose own imports `grimp` follows.
LIBRARY = __name__.partition(".")[0]


def code_version(work: Callable[..., Any]) -> str:
    """A digest of the sources that a function is made of.

    They are the source of the module that defines it and of every module that this one uses,
    directly or not, from its own package or from `assocmem`: an edit of another file changes
    nothing. Imports are read from the sources, in functions too; one that is made from a string
    (``importlib.import_module(name)``) is not seen. Other packages (NumPy, torch) do not count: a
    sweep notes their versions beside its results.

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
    return digest(source_modules(work))


def source_modules(work: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the modules whose sources make up the `code_version` of a function, sorted."""
    start = _module_of(work)
    packages = {start.partition(".")[0], LIBRARY}
    found: set[str] = set()
    pending = {start}
    while pending:
        name = pending.pop()
        found.add(name)
        if name.partition(".")[0] != LIBRARY:
            parent = name if _is_package(name) else name.rpartition(".")[0]
            pending |= used_modules(_path(name).read_text("utf-8"), packages, parent) - found
    inside = {name for name in found if name.partition(".")[0] == LIBRARY}
    packages = {name for name in with_imports(inside) if _is_package(name)} - found
    return tuple(sorted((found | with_imports(inside)) - packages))


def digest(modules: Iterable[str]) -> str:
    """Sixteen hexadecimal digits of the sources of modules, as they are on disk."""
    state = hashlib.sha256()
    for name in modules:
        state.update(f"{name}\0".encode() + _path(name).read_bytes() + b"\0")
    return state.hexdigest()[:16]


def used_modules(source: str, packages: Iterable[str] = (LIBRARY,), parent: str = "") -> set[str]:
    """The modules of some packages that a program uses directly.

    Args:
        source: the text of the program.
        packages: the packages that count.
        parent: the package of the program, for relative imports.

    Example:
        >>> sorted(used_modules("import assocmem as am; am.theory.theorem_2_lower(2.0, 10)"))
        ['assocmem.theory.minimax']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {module for package in packages for module in _modules(package)}
    names = [n for n in _Names(tree, parent).found if n.partition(".")[0] in packages]
    return {module for name in names for module in _home(name)}


def with_imports(modules: Iterable[str]) -> set[str]:
    """Modules of this library, all that they import from it, and the packages that hold them."""
    graph = grimp.build_graph(LIBRARY, cache_dir=None)
    direct = set(modules)
    found = direct | {each for name in direct for each in graph.find_upstream_modules(name)}
    return found | {name[:i] for name in found for i, letter in enumerate(name) if letter == "."}


class _Names(ast.NodeVisitor):
    """The dotted names that a program imports, or reaches through what it imports."""

    def __init__(self, tree: ast.Module, parent: str) -> None:
        self.found: set[str] = set()
        self._parent = parent
        self._aliases: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._note(node)
        self.visit(tree)

    def _note(self, node: ast.Import | ast.ImportFrom) -> None:
        base = ""
        if isinstance(node, ast.ImportFrom):
            base = f"{node.module}." if node.module else ""
            if node.level:
                base = importlib.util.resolve_name("." * node.level + base, self._parent)
                base = base.rstrip(".") + "."
        for alias in node.names:
            name = base + alias.name
            head = alias.name.partition(".")[0] if not base else alias.name
            self._aliases[alias.asname or head] = name if alias.asname or base else head
            if "." in name:  # `import package` alone uses nothing of it yet
                self.found.add(name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain, value = [node.attr], node.value
        while isinstance(value, ast.Attribute):
            chain.append(value.attr)
            value = value.value
        if isinstance(value, ast.Name) and value.id in self._aliases:
            self.found.add(".".join([self._aliases[value.id], *reversed(chain)]))
        else:
            self.visit(value)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self._aliases:
            self.found.add(self._aliases[node.id])


def _home(dotted: str) -> set[str]:
    """The modules behind a dotted name: one, or all of a package that is not known more closely."""
    name, *rest = dotted.split(".")
    for part in rest:
        if not _is_package(name):
            return {name}
        if _spec(f"{name}.{part}") is not None:
            name = f"{name}.{part}"
        elif part.startswith("__"):
            return {name}
        else:
            home = _exports(name).get(part)
            return {home} if home else _modules(name)
    return _modules(name)


@functools.cache
def _exports(package: str) -> dict[str, str]:
    """Where the names that a package hands on are defined, by its stub or else its source."""
    path = _path(package)
    stub = path.with_suffix(".pyi")
    tree = ast.parse((stub if stub.is_file() else path).read_text("utf-8"))
    homes: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = importlib.util.resolve_name("." * node.level + base, package)
            homes |= {alias.asname or alias.name: base for alias in node.names}
    return homes


def _modules(name: str) -> set[str]:
    """A module; of a package all modules."""
    spec = _spec(name)
    inside = spec.submodule_search_locations if spec is not None else None
    return {name} | {
        module
        for each in pkgutil.iter_modules(inside or [])
        for module in _modules(f"{name}.{each.name}")
    }


def _module_of(work: Callable[..., Any]) -> str:
    """The name of the module that defines a function, the one of the file for a script."""
    module = sys.modules.get(work.__module__)
    if module is not None and getattr(module, work.__qualname__, None) is work:
        if work.__module__ != "__main__":
            return str(work.__module__)
        if module.__spec__ is not None:  # python -m package.module
            return str(module.__spec__.name)
        if Path(getattr(module, "__file__", None) or "").is_file():
            return "__main__"
    valid = "a function of an importable module or a script"
    hint = "; of a notebook: name the version of its code yourself, version='1'"
    raise refuse("work", work, valid, hint)


def _path(name: str) -> Path:
    """The source file of a module."""
    if name == "__main__":
        return Path(str(sys.modules["__main__"].__file__))
    spec = _spec(name)
    path = Path((spec.origin if spec is not None else None) or "")
    if path.suffix != ".py":
        raise refuse("module", name, "one with a Python source file")
    return path


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ModuleNotFoundError, ValueError):  # the parent is no package, or nothing is known
        return None


def _is_package(name: str) -> bool:
    return (spec := _spec(name)) is not None and spec.submodule_search_locations is not None
