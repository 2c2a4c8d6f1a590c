"""A copy of the source tree to build in, with or without the real executor."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.book.samples import CHAPTER
from tools.layout import Tree

STUBS = tuple(
    f"{step}={sys.executable} -m tests.book.stub_{step.lower()}" for step in ("EXECUTE", "PAGES")
)


@dataclass(frozen=True)
class Copy:
    """The copied tree; the stubs write down what they are asked to do in `log`."""

    root: Path
    stubs: tuple[str, ...] = ()

    @property
    def tree(self) -> Tree:
        return Tree(self.root)

    def command(self, *goals: str) -> list[str]:
        return ["make", f"PYTHON={sys.executable}", *self.stubs, "PROFILE=smoke", *goals]

    def make(self, *goals: str) -> list[str]:
        """Run make, expect success and return what the stubs were asked to do, sorted."""
        done = self.attempt(*goals)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.log()

    def attempt(self, *goals: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*goals), cwd=self.root, capture_output=True, text=True, check=False
        )

    def log(self) -> list[str]:
        path = self.root / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return sorted(lines)

    def append(self, path: str, text: str) -> None:
        with (self.root / path).open("a") as stream:
            stream.write(text)

    def set_profile(self, entries: dict[str, object], profile: str = "smoke") -> None:
        (self.root / "book" / "profiles" / f"{profile}.yml").write_text(yaml.safe_dump(entries))

    def profile(self) -> dict[str, dict[str, object]]:
        return yaml.safe_load((self.root / "book" / "profiles" / "smoke.yml").read_text())


#: What is no source, in a tree that git does not know.
PRODUCTS = re.compile(
    r"^(\.git|\.venv[^/]*|build)/|(^|/)(__pycache__|\.\w+_cache|[^/]+\.egg-info)/"
)


def sources() -> list[str]:
    """What git would commit: no products, no caches. In an unpacked archive, all that is none of these."""
    call = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    listing = subprocess.run(call, cwd=Tree().root, capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return list(filter(None, listing.stdout.split("\0")))
    found = (path.relative_to(Tree().root).as_posix() for path in Tree().root.rglob("*"))
    return [name for name in found if not PRODUCTS.search(name)]


def copy_sources(target: Path) -> None:
    """Copy the sources of the tree."""
    for name in sources():
        source = Tree().root / name
        if source.is_file():  # git also lists what was deleted but not committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The tree as it is, with stubs for the two slow steps."""
    copy_sources(tmp_path)
    return Copy(tmp_path, STUBS)


@pytest.fixture(scope="session")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Copy]:
    """Make a tree whose notebooks are given as text, with the real executor and pages."""

    def build(**notebooks: str) -> Copy:
        root = tmp_path_factory.mktemp("small-book")
        copy_sources(root)
        shutil.rmtree(root / "notebooks")
        (root / "notebooks").mkdir()
        for name, text in notebooks.items():
            (root / "notebooks" / f"{name}.md").write_text(text)
        toc = {"format": "jb-book", "root": "book/index"}
        pages = [{"file": f"notebooks/{name}"} for name in sorted(notebooks)]
        toc |= {"parts": [{"caption": "Part", "numbered": True, "chapters": pages}]}
        rest = ["scorecard", "robustness", "rerun", "bibliography"]
        toc["parts"].append({"caption": "Rest", "chapters": [{"file": f"book/{p}"} for p in rest]})
        (root / "book" / "_toc.yml").write_text(yaml.safe_dump(toc))
        (root / "book" / "chapters.yml").unlink()
        # The prose may refer to chapters that are not here.
        (root / "book" / "index.md").write_text(
            "# A small book\n\nSee {cite:t}`cabannes2024scaling`.\n"
        )
        copy = Copy(root)
        for profile in ("smoke", "paper"):
            copy.set_profile({name: {} for name in notebooks}, profile)
        return copy

    return build


@pytest.fixture(scope="session")
def sample_book(small_book: Callable[..., Copy]) -> Copy:
    """The sample chapter with its pages, for tests of the group "sample-book": built once, on one worker."""
    copy = small_book(**{"01_sample": CHAPTER})
    copy.set_profile({"01_sample": {"alpha": 3.0}})
    copy.make("html")
    return copy
