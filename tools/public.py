"""All public names of the library, read from its stubs, and which chapter uses which.

A name that is public and not explained ends the build.
"""

import ast
import importlib
import inspect
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat

from tools import docstrings
from tools.dependencies import code_cells
from tools.layout import BuildError, Tree

PACKAGE = "assocmem"
#: Where the pages are in the book.
FOLDER = "book/api"


@dataclass(frozen=True, eq=False)
class Entry:
    """A public name `name` of a wing (or of the root, ""), defined in the module `module`."""

    wing: str
    name: str
    module: str
    value: Any

    @property
    def path(self) -> str:
        """The name as a user writes it."""
        return ".".join(filter(None, [PACKAGE, self.wing, self.name]))

    @property
    def anchor(self) -> str:
        """The label of its section."""
        path = self.path.removeprefix(f"{PACKAGE}.").lower()
        return "api-" + re.sub(r"[._]", "-", path)

    @property
    def page(self) -> str:
        """The page it is on."""
        return f"{FOLDER}/{self.wing or PACKAGE}"

    @cached_property
    def documentation(self) -> docstrings.Docstring:
        """What is said about it: in its docstring, or for a value in the comment above it."""
        own = ModuleType, type
        if isinstance(self.value, own) or inspect.isroutine(self.value):
            text = docstring(self.value)
        else:
            text = _comment(self.module, self.name)
        if not text.strip():
            raise BuildError(
                f"{self.path} is public but not explained: write a docstring in {self.module}"
            )
        return docstrings.parse(text)


def docstring(value: Any) -> str:
    """Return what is written at a thing itself; a data class without a docstring gets its signature from Python."""
    text = getattr(value, "__doc__", None) or ""
    generated = isinstance(value, type) and text.startswith(f"{value.__name__}(")
    return "" if generated else text


def _comment(module: str, name: str) -> str:
    """Return the lines that start with "#:" above the definition of a value."""
    source = Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8")
    found = re.search(rf"((?:^#:.*\n)+){re.escape(name)}\b", source, re.M)
    return re.sub(r"^#: ?", "", found[1], flags=re.M) if found else ""


def stub(path: Path) -> list[tuple[str, str]]:
    """Return module (".law") and name of everything that an `__init__.pyi` hands on."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        ("." * node.level + (node.module or ""), alias.asname or alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def wings(tree: Tree) -> list[str]:
    """Return the names of the wings, in the order of the root's list."""
    return [name for module, name in stub(tree.package / "__init__.pyi") if module == "."]


def pages(tree: Tree) -> list[str]:
    """Return every page that is generated."""
    return [f"{FOLDER}/{name}" for name in (PACKAGE, *wings(tree))]


def entries(tree: Tree) -> list[Entry]:
    """Return all public names: what the root alone has, then wing by wing."""
    found = []
    for wing in ("", *wings(tree)):
        package = ".".join(filter(None, [PACKAGE, wing]))
        home = importlib.import_module(package)
        for module, name in stub(tree.package / wing / "__init__.pyi"):
            rest = module.removeprefix(".")
            if not wing and (not rest or rest.partition(".")[0] in wings(tree)):
                continue  # explained where it is at home
            value = getattr(home, name)
            full = value.__name__ if isinstance(value, ModuleType) else f"{package}.{rest}"
            found.append(Entry(wing, name, full, value))
    return found


class Uses:
    """Which chapter uses what, read from the code of the notebooks."""

    def __init__(self, tree: Tree, found: list[Entry]) -> None:
        self._by_path = {entry.path: entry for entry in found}
        by_value = {id(entry.value): entry for entry in found if not _is_plain(entry.value)}
        root = importlib.import_module(PACKAGE)
        for _, name in stub(tree.package / "__init__.pyi"):
            if entry := by_value.get(id(getattr(root, name))):
                self._by_path.setdefault(f"{PACKAGE}.{name}", entry)
        self.chapters = {name: self._used(tree, name) for name in tree.names()}

    def _used(self, tree: Tree, name: str) -> list[Entry]:
        source = (tree.notebooks / f"{name}.md").read_text(encoding="utf-8")
        paths = dotted_names("\n".join(code_cells(source)), name)
        found = filter(None, map(self._entry, paths))
        return sorted(set(found), key=lambda entry: entry.path)

    def _entry(self, path: str) -> Entry | None:
        """What a path leads to or goes through: `task.mass` is the task's."""
        while path and path not in self._by_path:
            path = path.rpartition(".")[0]
        return self._by_path.get(path)

    def of(self, entry: Entry) -> list[str]:
        """The chapters that use a name."""
        return [name for name, used in self.chapters.items() if entry in used]

    def cells(self, name: str) -> list[Any]:
        """What stands at the end of a chapter: a line with what it uses, if anything."""
        links = [f"[`{entry.name}`](#{entry.anchor})" for entry in self.chapters.get(name, [])]
        if not links:
            return []
        text = ":::{div} used-here\nFunctions used in this chapter: " + ", ".join(links) + "\n:::"
        return [nbformat.v4.new_markdown_cell(text, id="generated-used-here")]


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | tuple)


def dotted_names(code: str, where: str = "code") -> set[str]:
    """Return the full names of all that code takes from the library.

    Example:
        >>> sorted(dotted_names("import assocmem as am\\nam.theory.f(am.fill())"))
        ['assocmem.fill', 'assocmem.theory', 'assocmem.theory.f']
    """
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise BuildError(f"{where}: line {error.lineno} of its code: {error.msg}") from error
    known: dict[str, str] = {}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {a.asname or a.name: a.name for a in node.names if a.name == PACKAGE}
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(PACKAGE):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                found.add(f"{node.module}.{alias.name}")
    for node in ast.walk(tree):
        chain: list[str] = []
        part: ast.AST = node
        while isinstance(part, ast.Attribute):
            chain.insert(0, part.attr)
            part = part.value
        if chain and isinstance(part, ast.Name) and part.id in known:
            found.add(".".join([known[part.id], *chain]))
    return found
