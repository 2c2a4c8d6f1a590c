"""Where everything is, and the one exception that a build step reports."""

import errno
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: What a disk can have against writing.
_DISK = {
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
}


class BuildError(Exception):
    """A mistake in the sources that the person at the keyboard can mend; shown without traceback."""


@dataclass(frozen=True)
class Tree:
    """The source tree rooted at `root`: the only place that knows its directories."""

    root: Path = Path(__file__).resolve().parent.parent

    @property
    def notebooks(self) -> Path:
        """Directory of the MyST sources and their paired notebooks."""
        return self.root / "notebooks"

    @property
    def package(self) -> Path:
        """Directory of the library."""
        return self.root / "src" / "assocmem"

    @property
    def book(self) -> Path:
        """Directory of the prose pages."""
        return self.root / "book"

    def build(self, profile: str) -> "Products":
        """Products of one profile."""
        return Products(self.root / "build" / profile)

    def names(self) -> list[str]:
        """Names of all notebooks, in the order of the book: `["01_model", …]`."""
        return sorted(path.stem for path in self.notebooks.glob("*.md"))


@dataclass(frozen=True)
class Products:
    """What the build of one profile leaves under `build/PROFILE`."""

    root: Path

    @property
    def claims(self) -> Path:
        """All claims of the book."""
        return self.root / "claims.json"

    @property
    def data(self) -> Path:
        """The plotted numbers: `data/NOTEBOOK/FIGURE.csv`."""
        return self.root / "data"

    @property
    def html(self) -> Path:
        """The finished pages."""
        return self.root / "html"

    def key(self, name: str) -> Path:
        """Fingerprints of everything that the product `name` is made from."""
        return self.root / "keys" / f"{name}.json"

    def executed(self, name: str) -> Path:
        """The notebook with its outputs."""
        return self.root / "notebooks" / f"{name}.ipynb"

    def running(self, name: str) -> Path:
        """The notebook while it runs, saved cell by cell."""
        return self.root / "running" / f"{name}.ipynb"

    def failed(self, name: str) -> Path:
        """The notebook up to the cell that failed."""
        return self.root / "failed" / f"{name}.ipynb"


def run(main: Callable[[], None]) -> None:
    """Call `main`, and end the process with one clear line when the sources or the disk are at fault.

    A message never ends the work: letters that the terminal cannot show are written as escapes.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        main()
    except BuildError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _DISK:
            raise
        where = f": {error.filename}" if error.filename else ""
        sys.exit(f"error: cannot write, {_DISK[error.errno]}{where}")
