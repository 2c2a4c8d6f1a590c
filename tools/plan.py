"""First step of every build: note what each product is made from, so that make sees what is stale.

For every notebook `build/PROFILE/keys/NAME.json` holds the fingerprint of its source, of its own profile entry,
of the library files that it uses and of the pinned versions. A key file is written only where its contents change: make
compares times, but the times it compares move with contents alone. Imports nothing heavy unless something changed.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools import profiles
from tools.dependencies import code_cells, files
from tools.files import write_if_changed
from tools.layout import BuildError, Tree, run

Key = dict[str, str]


def fingerprint(data: bytes) -> str:
    """Return a short digest of the contents."""
    return hashlib.sha256(data).hexdigest()[:16]


def _files(tree: Tree, paths: Iterable[Path]) -> Key:
    return {
        path.relative_to(tree.root).as_posix(): fingerprint(path.read_bytes()) for path in paths
    }


def _environment(tree: Tree) -> Key:
    version = ".".join(map(str, sys.version_info[:2]))
    return {"python": version, **_files(tree, [tree.root / "constraints.txt"])}


def notebook_key(tree: Tree, profile: str, name: str, values: Any) -> Key:
    """Fingerprints of everything that the outputs of one notebook depend on."""
    source = tree.notebooks / f"{name}.md"
    # As one source: a later cell uses the names that an earlier one imports.
    code = "\n".join(code_cells(source.read_text(encoding="utf-8")))
    words = tree.package / "verdicts" / "words"  # one file a chapter: the others say nothing here
    uses = [f for f in files(tree.package, code) if f.parent != words or f.stem == name[3:]]
    entry = fingerprint(json.dumps(values, sort_keys=True, default=str).encode())
    return {f"profile {profile}": entry, **_environment(tree), **_files(tree, [source, *uses])}


def book_key(tree: Tree) -> Key:
    """Fingerprints of everything that the pages depend on besides the executed notebooks."""
    prose = [
        path for path in tree.book.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    sources = [tree.root / "_config.yml", *prose, *(tree.root / "tools").glob("*.py")]
    for kind in ("*.py", "*.pyi"):  # its docstrings are pages, too
        sources += tree.package.rglob(kind)
    return {
        "notebooks": " ".join(tree.names()),
        **_environment(tree),
        **_files(tree, sorted(sources)),
    }


def changes(path: Path, key: Key) -> list[str]:
    """Return the inputs in which `key` differs from the one on disk; all of them when there is none."""
    old: Key = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [entry for entry in sorted(old | key) if old.get(entry) != key.get(entry)]


def plan(tree: Tree, profile: str) -> None:
    """Check the profile and bring the key files up to date."""
    if not tree.names():
        raise BuildError("notebooks/ holds no notebook (NN_name.md)")
    entries = profiles.load(tree, profile)
    products = tree.build(profile)
    keys = {name: notebook_key(tree, profile, name, entries[name]) for name in tree.names()}
    stale = {name: found for name in keys if (found := changes(products.key(name), keys[name]))}
    if stale:
        _check_parameters(tree, profile, {name: entries[name] for name in stale})
    for name, found in stale.items():
        if products.executed(name).is_file():
            print(f"[{name}] to be executed again, changed: {', '.join(found)}", flush=True)
    for name, key in {**keys, "book": book_key(tree)}.items():
        write_if_changed(products.key(name), json.dumps(key, indent=1, sort_keys=True) + "\n")


def _check_parameters(tree: Tree, profile: str, entries: dict[str, dict[str, Any]]) -> None:
    # Here and not at the top: jupytext and papermill take a second to import, a build with nothing to do none.
    from tools import parameters, sync

    for name, values in entries.items():
        path = sync.sync(tree, name)
        declared = [parameter.name for parameter in parameters.read(path)]
        profiles.check_declared(profile, name, values, declared)
        parameters.check_values(tree, name, values)


def main() -> None:
    """Command line: `python -m tools.plan PROFILE`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile")
    plan(Tree(), parser.parse_args().profile)


if __name__ == "__main__":
    run(main)
