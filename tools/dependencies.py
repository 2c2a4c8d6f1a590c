"""Which files of src/assocmem a notebook uses, read from the imports without running anything."""

import re
from collections.abc import Iterator
from pathlib import Path

from assocmem.sweeps.code_versions import used_modules, with_imports

CELL = re.compile(
    r"^(?P<fence>`{3,}|~{3,})\{code-cell\}[^\n]*\n(?P<body>.*?)^(?P=fence)\s*$", re.M | re.S
)
_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)", re.M | re.S)
_MAGIC = re.compile(r"^\s*[%!].*$", re.M)


def code_cells(markdown: str) -> Iterator[str]:
    """Yield the Python of each code cell of a MyST notebook, without cell options and magics."""
    for cell in CELL.finditer(markdown):
        yield _MAGIC.sub("", _OPTIONS.sub("", cell["body"]))


def files(package: Path, code: str) -> list[Path]:
    """Return the sorted files that a program depends on, transitively.

    Those are the modules that it uses, the stubs that say where a name is defined, and whatever is
    no module (data) in the folder of one of them.

    Args:
        package: the directory of the library.
        code: the text of the program.
    """
    used = with_imports({package.name, *used_modules(code)})
    folders = {package.joinpath(*name.split(".")[1:]) for name in used}
    found = {folder.with_suffix(".py") for folder in folders}
    found |= {path for folder in folders if folder.is_dir() for path in _beside(folder)}
    return sorted(path for path in found if path.is_file())


def _beside(folder: Path) -> Iterator[Path]:
    """Yield what a package has besides its modules and subpackages."""
    for path in folder.iterdir():
        if path.is_dir() and not (path / "__init__.py").exists():
            yield from (each for each in path.rglob("*") if each.suffix != ".pyc")
        elif path.suffix != ".py" or path.stem == "__init__":
            yield path
