"""Which files of src/assocmem a notebook uses, read from the imports without running anything.

Every doubt (a star import, an unknown name, a cell that does not parse) counts as "uses all": to execute once
too often costs a minute, to show a stale page costs the reader's trust.
"""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

PACKAGE = "assocmem"
_CELL = re.compile(
    r"^(?P<fence>`{3,}|~{3,})\{code-cell\}[^\n]*\n(?P<body>.*?)^(?P=fence)\s*$", re.M | re.S
)
_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)", re.M | re.S)
_MAGIC = re.compile(r"^\s*[%!].*$", re.M)


def code_cells(markdown: str) -> Iterator[str]:
    """Yield the Python of each code cell of a MyST notebook, without cell options and magics."""
    for cell in _CELL.finditer(markdown):
        yield _MAGIC.sub("", _OPTIONS.sub("", cell["body"]))


class Package:
    """The modules of the library and what each of them imports from the others."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.modules = {path.stem: path for path in sorted(directory.glob("*.py"))}

    @cached_property
    def exports(self) -> dict[str, str]:
        """Public name to the module that defines it, from the re-exports of `__init__.py`."""
        tree = ast.parse(self.modules["__init__"].read_text(encoding="utf-8"))
        found: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (module := self._local(node)):
                found |= {alias.asname or alias.name: module for alias in node.names}
        return found

    def files(self, sources: Iterator[str]) -> list[Path]:
        """Return the sorted files that code with these `sources` depends on, transitively."""
        seen = {"__init__"}  # its re-exports decide what every name means
        pending = {module for source in sources for module in self._used(source)}
        while pending:
            module = pending.pop()
            seen.add(module)
            text = self.modules[module].read_text(encoding="utf-8")
            pending |= self._used(text) - seen
        other = [path for path in self.directory.rglob("*") if path.is_file()]
        # A data file or subpackage has no name to follow: it belongs to every notebook.
        other = [p for p in other if p not in self.modules.values() and p.suffix != ".pyc"]
        return sorted([*(self.modules[name] for name in seen), *other])

    def _local(self, node: ast.ImportFrom) -> str | None:
        """Return the module of the package that `from … import` names ("" is the package itself)."""
        name = node.module or ""
        if node.level == 1:
            return name
        if node.level == 0 and (name == PACKAGE or name.startswith(f"{PACKAGE}.")):
            return name.removeprefix(PACKAGE).removeprefix(".")
        return None

    def _resolve(self, name: str) -> set[str]:
        """Return the module that a name of the package comes from; all of them if it is unknown."""
        module = self.exports.get(name) or name
        return {module} if module in self.modules else set(self.modules)

    def _used(self, source: str) -> set[str]:
        """Modules that `source` imports from the package directly."""
        try:
            tree = ast.parse(source)
        except SyntaxError:
            return set(self.modules)
        used: set[str] = set()
        aliases: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = self._local(node)
                if module:
                    used |= self._resolve(module)
                elif module == "":
                    for alias in node.names:
                        used |= self._resolve(alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    head, _, rest = alias.name.partition(".")
                    if head == PACKAGE:
                        used |= self._resolve(rest) if rest else set()
                        aliases |= {alias.asname or head} if not (rest and alias.asname) else set()
        return used | self._through(tree, aliases)

    def _through(self, tree: ast.Module, aliases: set[str]) -> set[str]:
        """Modules reached as attributes of the imported package: `am.ZipfTask`."""
        used: set[str] = set()
        as_attribute: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id in aliases:
                    as_attribute.add(id(node.value))
                    used |= self._resolve(node.attr)
            elif isinstance(node, ast.Name) and node.id in aliases and id(node) not in as_attribute:
                used |= set(
                    self.modules
                )  # the package itself is passed around: anything may be used
        return used
