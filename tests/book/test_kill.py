"""A build that is killed leaves whole products alone, and the next one goes on from them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.book.conftest import Copy
from tests.book.samples import CHAPTER
from tools.collect import claims, read

#: A cell that lasts until the test lets it go.
WAIT = """
```{code-cell} ipython3
import time
from pathlib import Path

while not Path("go").exists():
    time.sleep(0.05)
```
"""


def chapter(number: int, extra: str = "") -> str:
    """The sample chapter, with claims of its own."""
    return CHAPTER.replace("model.", f"model{number}.") + extra


def wait_for(condition: Callable[[], bool], build: subprocess.Popen[bytes]) -> None:
    """Poll for at most ten minutes, while a build runs."""
    end = time.monotonic() + 600
    while not condition():
        if build.poll() is not None:
            pytest.fail("the build ended too early")
        if time.monotonic() > end:
            pytest.fail("nothing happened within ten minutes")
        time.sleep(0.05)


def test_killed_build_goes_on(small_book: Callable[..., Copy]) -> None:
    book = small_book(**{"01_quick": chapter(1), "02_slow": chapter(2, WAIT)})
    products = book.tree.build("smoke")
    build = subprocess.Popen(
        book.command("notebooks"), cwd=book.root, start_new_session=True, stdout=subprocess.DEVNULL
    )
    wait_for(lambda: "import time" in _running(products.running("02_slow")), build)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()

    assert claims("01_quick", read(products, "01_quick"))
    finished = products.executed("01_quick").stat().st_mtime_ns
    assert not products.executed("02_slow").exists()
    assert not products.claims.exists()

    (book.root / "go").touch()
    book.make("notebooks")
    assert products.executed("01_quick").stat().st_mtime_ns == finished
    assert claims("02_slow", read(products, "02_slow"))
    assert not products.running("02_slow").exists()


def _running(path: os.PathLike[str]) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""


def test_failure_is_shown_in_a_few_lines(small_book: Callable[..., Copy]) -> None:
    broken = chapter(1).replace("import matplotlib.pyplot as plt", "raise ValueError('it broke')")
    book = small_book(**{"01_broken": broken})
    done = book.attempt("notebooks")
    assert done.returncode != 0
    assert "[01_broken] FAILED in cell 3 of" in done.stdout
    assert "ValueError: it broke" in done.stderr
    assert len(done.stderr.splitlines()) < 25
    assert "\x1b" not in done.stderr
    products = book.tree.build("smoke")
    assert not products.executed("01_broken").exists()
    assert "build/smoke/failed/01_broken.ipynb" in done.stderr
    assert products.failed("01_broken").is_file()


@pytest.mark.xdist_group("sample-book")
def test_killed_pages_leave_the_old_ones(sample_book: Copy) -> None:
    products = sample_book.tree.build("smoke")
    index, page = sample_book.root / "book" / "index.md", products.html / "book" / "index.html"
    good, before = index.read_text(), page.read_bytes()
    sample_book.append("book/index.md", "\nOne more sentence.\n")
    command, quiet = sample_book.command("html"), subprocess.DEVNULL
    build = subprocess.Popen(command, cwd=sample_book.root, start_new_session=True, stdout=quiet)
    wait_for(lambda: (products.root / "work" / "out").exists(), build)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    assert page.read_bytes() == before
    sample_book.make("html")
    assert "One more sentence." in page.read_text()
    assert not (products.root / "work").exists()
    index.write_text(good)
