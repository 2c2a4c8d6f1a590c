"""What surrounds the tree does not leak in, and its mistakes end in one sentence."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.book.conftest import Copy, sources
from tools import layout
from tools.execute import kernel_environment, normalise
from tools.layout import BuildError, Tree

ROOT = Tree().root


def outputs(*pieces: tuple[str, str]) -> Any:
    notebook = nbformat.v4.new_notebook()
    streams = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]
    notebook.cells = [nbformat.v4.new_code_cell("say()", outputs=streams)]
    return notebook


def test_text_is_one_piece_however_it_came() -> None:
    apart = normalise(
        outputs(("stdout", "a\n"), ("stdout", "b\n"), ("stderr", "c"), ("stdout", "d"))
    )
    whole = normalise(outputs(("stdout", "a\nb\n"), ("stderr", "c"), ("stdout", "d")))
    assert apart.cells[0].outputs == whole.cells[0].outputs


def test_the_kernel_has_no_personal_settings(tmp_path: Path) -> None:
    found = kernel_environment(Tree(tmp_path), tmp_path / "scratch")
    assert found["LC_ALL"] == "C.UTF-8"
    assert found["TZ"] == "UTC"
    for name in ("MPLCONFIGDIR", "MATPLOTLIBRC", "IPYTHONDIR", "JUPYTER_PATH"):
        assert Path(found[name]).is_relative_to(tmp_path), name


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "iso-8859-1"])
def test_messages_survive_any_encoding(encoding: str) -> None:
    code = "from tools.layout import run; run(lambda: print('α = 1.3 → ∞'))"
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": f"{ROOT}:{ROOT}/src"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=False
    )
    assert run.returncode == 0, run.stderr
    assert b"= 1.3" in run.stdout


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EROFS, "read-only"), (errno.ENOSPC, "disk is full"), (errno.EACCES, "permission")],
)
def test_a_disk_that_takes_nothing_is_one_sentence(number: int, words: str) -> None:
    def fail() -> None:
        raise OSError(number, "no", "build/x")

    with pytest.raises(SystemExit) as found:
        layout.run(fail)
    assert str(found.value).startswith("error: cannot write, ")
    assert words in str(found.value)
    assert "build/x" in str(found.value)


def test_other_faults_of_the_system_keep_their_traceback() -> None:
    def fail() -> None:
        raise FileNotFoundError(errno.ENOENT, "no", "x")

    with pytest.raises(FileNotFoundError):
        layout.run(fail)


def test_sources_are_the_same_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name for name in sources() if (ROOT / name).is_file()}

    def no_git(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 128, "", "not a git repository")

    monkeypatch.setattr("tests.book.conftest.subprocess.run", no_git)
    assert known <= set(sources())
    assert not [name for name in sources() if name.startswith(("build/", ".git/"))]


@pytest.mark.parametrize("profile", ["my course", "a'b", "a/b", ""])
def test_a_profile_is_a_name(copy: Copy, profile: str) -> None:
    run = subprocess.run(
        ["make", "help", f"PROFILE={profile}"],
        cwd=copy.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode != 0
    assert "is not valid; valid range: the name of a file in book/profiles" in run.stderr


def test_jupyter_book_typed_out_of_habit_says_what_to_type(copy: Copy) -> None:
    program = Path(sys.executable).with_name("jupyter-book")
    run = subprocess.run(
        [program, "build", "."], cwd=copy.root, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "type `make book`" in run.stderr
    assert "Traceback" not in run.stderr


#: A base interpreter that makes an environment out of nothing, and says so.
BASE = """#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo "made $3" >> "$MADE" ;;
esac
"""


def test_a_moved_environment_is_made_anew_and_one_in_place_is_kept(tmp_path: Path) -> None:
    here, there, made = tmp_path / "here", tmp_path / "there", tmp_path / "made"
    here.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (here / name).write_bytes((ROOT / name).read_bytes())
    base = tmp_path / "python"
    base.write_text(BASE)
    base.chmod(0o755)

    def environment(root: Path) -> str:
        call = ["make", "sync", f"BASE_PYTHON={base}"]
        made.write_text("")
        subprocess.run(
            call, cwd=root, env={**os.environ, "MADE": str(made)}, check=True, capture_output=True
        )
        return made.read_text()

    assert environment(here) == "made .venv\n"
    (here / ".venv" / "old").touch()
    assert environment(here) == ""
    here.rename(there)
    assert environment(there) == "made .venv\n"
    assert not (there / ".venv" / "old").exists()
    assert (there / ".venv" / ".place").read_text().strip() == str(there)


def test_a_build_error_is_one_line() -> None:
    def fail() -> None:
        raise BuildError("so it is")

    with pytest.raises(SystemExit, match="^error: so it is$"):
        layout.run(fail)
