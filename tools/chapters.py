"""What book/chapters.yml says of each chapter, for its first screen, the index and the contents."""

from dataclasses import dataclass, field, fields
from typing import Any

import yaml

from tools.layout import BuildError, Tree


@dataclass(frozen=True)
class Chapter:
    """One entry of book/chapters.yml.

    Args:
        statement: what of the paper the chapter holds.
        short: its name in the contents.
        minutes: to read it, without exercises.
        needs: names of the chapters to read before.
        try_: a parameter with a value that changes what is seen.
        seconds: to execute it with its defaults, on one core.
    """

    statement: str = ""
    short: str = ""
    minutes: int = 0
    needs: tuple[str, ...] = ()
    try_: dict[str, Any] = field(default_factory=dict)
    seconds: int = 0


def load(tree: Tree) -> dict[str, Chapter]:
    """Return the entry of every chapter, empty for one that is not listed.

    Raises:
        BuildError: for an entry that is no chapter, or for a field that there is not.
    """
    path = tree.book / "chapters.yml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if extra := listed.keys() - set(tree.names()):
        raise BuildError(f"book/chapters.yml lists {min(extra)}, which is no chapter")
    known = {entry.name.rstrip("_") for entry in fields(Chapter)}
    for name, entry in listed.items():
        if wrong := entry.keys() - known:
            raise BuildError(f"book/chapters.yml, {name}: {min(wrong)} is none of {sorted(known)}")
        for other in entry.get("needs", []):
            if other not in tree.names():
                raise BuildError(f"book/chapters.yml, {name}: needs {other}, which is no chapter")
    entries = {name: dict(listed.get(name) or {}) for name in tree.names()}
    return {name: _chapter(entry) for name, entry in entries.items()}


def _chapter(entry: dict[str, Any]) -> Chapter:
    entry["needs"] = tuple(entry.get("needs", ()))
    if "try" in entry:
        entry["try_"] = entry.pop("try")
    return Chapter(**entry)


def used_by(name: str, chapters: dict[str, Chapter]) -> list[str]:
    """Return the chapters that need this one."""
    return [other for other, chapter in chapters.items() if name in chapter.needs]
