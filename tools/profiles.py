"""Profiles: `book/profiles/PROFILE.yml` maps each notebook to the parameters that it runs with."""

import re
from typing import Any

import yaml

from tools.layout import BuildError, Tree


class _Loader(yaml.SafeLoader):
    """YAML that refuses a repeated key, and reads 1e3 as a number."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Fail on a repeated key, of which the first entry would be lost in silence."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key {key.value!r} stands there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


# YAML 1.1 wants a point and a sign of the exponent, and takes everything else for text.
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+0123456789."))


def read(text: str, where: str) -> Any:
    """Return what a YAML text says, and fail in one sentence that names the line.

    Args:
        text: the YAML.
        where: the name of its file, for the message.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise BuildError(f"{where}{line}: this is no valid YAML: {problem}") from None


def load(tree: Tree, profile: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of every notebook, and fail where the two lists of names differ."""
    path = tree.book / "profiles" / f"{profile}.yml"
    where = path.relative_to(tree.root)
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.yml")))
        raise BuildError(f"no profile {profile!r}: {where} does not exist (known: {known})")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BuildError(f"{where}: this is no text in UTF-8") from None
    entries = read(text, str(where)) or {}
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
