"""Make the pages of the API: every public name, what its docstring says, and where it is used.

One page lists what is at the root, and each wing has a page of its own.
"""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from tools import docstrings
from tools.layout import BuildError, Tree
from tools.public import FOLDER, PACKAGE, Entry, Uses, docstring, entries, stub, wings

_STATEMENT = re.compile(r"\b(Definition|Lemma|Proposition|Theorem) (\d+)\b")


class Reference:
    """Writes the pages."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.entries = entries(tree)
        self.uses = Uses(tree, self.entries)
        self._by_name = {entry.name: entry for entry in self.entries}
        text = "".join(path.read_text("utf-8") for path in tree.notebooks.glob("*.md"))
        self._labels = set(re.findall(r"^:label: (\S+)$", text, re.M))
        self._tests = {
            path.relative_to(tree.root).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted((tree.root / "tests").rglob("test_*.py"))
        }

    def page(self, wing: str) -> str:
        """Return the page of a wing, or of the root for ""."""
        home = importlib.import_module(".".join(filter(None, [PACKAGE, wing])))
        about = docstrings.parse(docstring(home))
        parts = [f"# {PACKAGE}.{wing}".replace("_", r"\_") if wing else "# Functions"]
        parts.append(docstrings.render(about, self.link))
        if not wing:
            parts.append(self._root_list())
        found = [entry for entry in self.entries if entry.wing == wing]
        parts += [self._section(entry) for entry in found]
        return "\n\n".join(parts) + "\n"

    def _root_list(self) -> str:
        rows = []
        for module, name in stub(self.tree.package / "__init__.pyi"):
            if module == ".":
                about = docstrings.parse(docstring(importlib.import_module(f"{PACKAGE}.{name}")))
                cell = f"{{doc}}`{PACKAGE}.{name} <{name}>`"
            else:
                entry = self._by_name[name]
                about, cell = entry.documentation, f"[`{name}`](#{entry.anchor})"
            summary = docstrings.markdown(about.summary, self.link)
            rows.append(f"- {cell}: {' '.join(summary.split())}")
        return "\n".join(rows)

    def link(self, name: str) -> str:
        """Write a name that a docstring mentions: as a link where there is something to lead to."""
        last = name.removeprefix(f"{PACKAGE}.").rpartition(".")[2].removesuffix("()")
        entry = self._by_name.get(last)
        plain = entry is None or (last != name and not name.endswith(f"{entry.wing}.{last}"))
        return f"`{name}`" if plain or entry is None else f"[`{name}`](#{entry.anchor})"

    def _source(self, text: str) -> str:
        def statement(match: re.Match[str]) -> str:
            label = f"{match[1].lower()}-{match[2]}"
            return f"{{prf:ref}}`{label}`" if label in self._labels else match[0]

        return _STATEMENT.sub(statement, text)

    def _section(self, entry: Entry) -> str:
        parts = [f"({entry.anchor})=\n## `{entry.name}`"]
        if head := signature(entry):
            parts.append(f"```python\n{head}\n```")
        parts.append(docstrings.render(entry.documentation, self.link, self._source))
        if isinstance(entry.value, type):
            parts += self._members(entry.value)
        elif isinstance(entry.value, ModuleType):
            parts += self._functions(entry.value)
        parts.append(self._whereabouts(entry))
        return "\n\n".join(parts)

    def _members(self, cls: type) -> Iterator[str]:
        rows = []
        for name, member in vars(cls).items():
            thing = getattr(member, "fget", None) or getattr(member, "func", None) or member
            thing = getattr(thing, "__func__", thing)
            if name.startswith("_") or not inspect.isfunction(thing):
                continue
            rows.append(self._row(f"{cls.__module__}.{cls.__name__}", name, thing, member))
        if rows:
            yield "**Members**"
            yield "\n\n".join(rows)

    def _functions(self, module: ModuleType) -> Iterator[str]:
        rows = [
            self._row(module.__name__, name, thing, thing)
            for name, thing in vars(module).items()
            if inspect.isfunction(thing)
            and thing.__module__ == module.__name__
            and not name.startswith("_")
        ]
        if rows:
            yield "\n\n".join(rows)

    def _row(self, home: str, name: str, thing: Any, member: Any) -> str:
        if not thing.__doc__:
            raise BuildError(f"{home}.{name} is public but not explained: write a docstring")
        about = docstrings.parse(thing.__doc__)
        call = ""
        if inspect.isfunction(getattr(member, "__func__", member)):
            names = [p for p in inspect.signature(thing).parameters if p not in ("self", "cls")]
            call = f"({', '.join(names)})"
        body = textwrap.indent(docstrings.render(about, self.link, self._source), "  ")
        return f"- `{name}{call}`: {body.lstrip()}"

    def _whereabouts(self, entry: Entry) -> str:
        parts = []
        numbers = {name: place for place, name in enumerate(self.tree.names(), start=1)}
        chapters = [f"{{doc}}`{numbers[n]} </notebooks/{n}>`" for n in self.uses.of(entry)]
        if chapters:
            plural = "s" * (len(chapters) > 1)
            parts.append(f"Used in chapter{plural} " + ", ".join(chapters) + ".")
        word = re.compile(rf"\b{re.escape(entry.name)}\b")
        tests = [path for path, text in self._tests.items() if word.search(text)]
        stem = entry.module.rpartition(".")[2]
        mirror = [p for p in tests if p == f"tests/{entry.wing}/test_{stem}.py"]
        if shown := mirror or [p for p in tests if p.split("/")[1] not in ("book", "browser")][:2]:
            parts.append("Tested in " + ", ".join(f"`{path}`" for path in shown) + ".")
        parts.append(f"Defined in `src/{entry.module.replace('.', '/')}.py`.")
        return ":::{div} whereabouts\n" + " ".join(parts) + "\n:::"


def signature(entry: Entry) -> str:
    """Return the call of a function or class, with the types as its source has them."""
    value = entry.value
    if isinstance(value, ModuleType):
        return f"from {entry.module.rpartition('.')[0]} import {entry.name}"
    if not inspect.isroutine(value) and not isinstance(value, type):
        return ""
    node = ast.parse(textwrap.dedent(inspect.getsource(value))).body[0]
    if isinstance(node, ast.FunctionDef):
        return _call(entry.path, _arguments(node), node.returns)
    assert isinstance(node, ast.ClassDef)
    if getattr(value, "_is_protocol", False):
        return f"class {entry.path}(Protocol)"
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return _call(entry.path, _arguments(part)[1:], None)
    fields = [ast.unparse(part) for part in node.body if isinstance(part, ast.AnnAssign)]
    return _call(entry.path, [row for row in fields if not row.startswith("_")], None)


def _arguments(node: ast.FunctionDef) -> list[str]:
    """Return the arguments one by one; `ast` keeps their defaults apart."""
    return _split(ast.unparse(node.args))


def _split(text: str) -> list[str]:
    """Split at the commas that stand in no bracket and no text."""
    parts, depth, quoted = [""], 0, False
    for sign in text:
        quoted ^= sign == "'"
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip().replace("=", " = ", 1) for part in parts if part.strip()]


def _call(path: str, rows: list[str], returns: ast.expr | None) -> str:
    result = f" -> {ast.unparse(returns)}" if returns else ""
    line = f"{path}({', '.join(rows)}){result}"
    if len(line) <= 78:
        return line
    return f"{path}(\n" + "".join(f"    {row},\n" for row in rows) + f"){result}"


def write(tree: Tree, target: Path) -> Uses:
    """Write the pages that are in the table of contents below `target`; return what each chapter uses."""
    listed = (tree.book / "_toc.yml").read_text(encoding="utf-8")
    if f"file: {FOLDER}/" not in listed:  # a small book may do without
        return Uses(tree, [])
    reference = Reference(tree)
    (target / FOLDER).mkdir(parents=True, exist_ok=True)
    for wing in ("", *wings(tree)):
        path = target / FOLDER / f"{wing or PACKAGE}.md"
        path.write_text(reference.page(wing), encoding="utf-8")
    return reference.uses
