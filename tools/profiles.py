"""Profiles: `book/profiles/PROFILE.yml` maps each notebook to the parameters that it runs with."""

from typing import Any

import yaml

from tools.layout import BuildError, Tree


def load(tree: Tree, profile: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of every notebook, and fail where the two lists of names differ."""
    path = tree.book / "profiles" / f"{profile}.yml"
    where = path.relative_to(tree.root)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.yml")))
        raise BuildError(f"no profile {profile!r}: {where} does not exist (known: {known})")
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if not isinstance(entries, dict):
        raise BuildError(f"{where}: expected a mapping from notebook to parameters")
    names = tree.names()
    for name, values in entries.items():
        if name not in names:
            raise BuildError(f"{where}: there is no notebook {name!r} (known: {', '.join(names)})")
        if not isinstance(values, dict):
            raise BuildError(f"{where}: the entry {name!r} must be a mapping, got {values!r}")
    for name in names:
        if name not in entries:
            raise BuildError(f"{where}: no entry for {name!r}; `{name}: {{}}` runs its defaults")
    return entries


def check_declared(profile: str, name: str, values: dict[str, Any], declared: list[str]) -> None:
    """Fail on a parameter that the notebook does not declare, where papermill would only warn."""
    unknown = sorted(set(values) - set(declared))
    if unknown:
        raise BuildError(
            f"book/profiles/{profile}.yml: {name} has no parameter {', '.join(unknown)}"
            f" (it declares {', '.join(declared)})"
        )
