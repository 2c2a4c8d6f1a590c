"""Change the numerical folders in one place at a time, and see whether their tests notice: `make mutants`.

Mutmut leaves the constants of a module and properties alone and changes texts; cosmic-ray edits the working tree and
imports everything anew for each mutant; neither has a place for the reasons why a mutant may live. Here a mutant is a
fork of a process that has already imported all but `assocmem`, and runs the tests that call the function it is in, the
fast ones first. (Outside of functions: the tests that call any function of the file, or none of the folder.)

Results are kept under `build/mutants` until the folder or its tests change, so that an interrupted run goes on. The
summary is `tests/mutants.md`; the reasons why some mutants live are in `tests/mutants.toml`.
"""

import argparse
import gc
import hashlib
import importlib
import json
import os
import resource
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType

import pytest
from hypothesis import Phase, settings

from tools.files import write_atomically
from tools.layout import BuildError, Tree, run
from tools.mutations import Mutant, find

#: The folders, each with the tests in the folder of the same name.
FOLDERS = ("verdicts", "theory", "exact", "published_grid")
REASONS, SUMMARY = "tests/mutants.toml", "tests/mutants.md"
#: What the summary says of a mutant that lives without a reason.
UNKNOWN = "**no reason is known**"
_HEADER = """# What the tests of the numerical folders notice

`make mutants` changes `src/assocmem/FOLDER` in one place at a time: an operator, a comparison, a condition, a sign, the
bound of a slice, `min` for `max`, a call or a result left out, a number (by one below ten; others are halved, as one
more or less of many is no mistake, but for fractions, which grow by a tenth). Declarations, texts, messages and
assertions stay. Then it runs those tests in `tests/FOLDER` that call the changed function, but for long ones, of more
than two seconds. A mutant dies if one of them fails, or takes ten times as long as without the change and ten seconds
more.

| folder | mutants | dead | of these, by time | alive | without a reason | CPU minutes |
|---|---|---|---|---|---|---|
"""
#: What is imported once for all mutants, and with one thread.
_AHEAD = ("mpmath", "pandas", "pyarrow.parquet", "scipy.integrate", "scipy.stats", "torch")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
#: Tests that take more CPU seconds than this without a change are not run.
_LONG = 2.0
#: A test may take so many times the CPU seconds that it took unchanged, and so many more.
_PATIENCE = 10
#: Bytes of address space of a mutant, of which torch alone reserves several GB.
_SPACE = 2**34
#: Exit codes of mutants that live: pytest's for success and for no tests; and one for a mistake in this script.
_ALIVE, _UNTESTED, _BROKEN = (0, 5), 5, 70

Watched = dict[str, tuple[float, list[str]]]  # by test: CPU seconds, functions called
Outcomes = dict[str, tuple[int, float]]  # by the key of the mutant: exit code, CPU seconds


class _Watch:
    """A plugin that notes the CPU seconds of each test, and which functions of a folder it calls."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.tests = f"{folder}/", Watched()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run one test."""
        called: set[str] = set()

        def note(frame: FrameType, event: str, _: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename.startswith(self._folder):
                called.add(f"{Path(code.co_filename).name}:{code.co_firstlineno}:")

        start = time.process_time()
        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.tests[item.nodeid] = time.process_time() - start, sorted(called)


class _Choice:
    """A plugin that runs some tests only, the fast ones first, and none for too long."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self._seconds = seconds

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose, and put in order."""
        items[:] = [item for item in items if item.nodeid in self._seconds]
        items.sort(key=lambda item: self._seconds[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """The process ends itself when its time is up, by a signal that says so."""
        signal.setitimer(signal.ITIMER_PROF, _PATIENCE * (1 + self._seconds[nodeid]))


class _Loader(SourceFileLoader):
    """Imports one module from a text, and knows no other."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        super().__init__(name, str(path))
        self._text = text

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Python asks every finder for every module."""
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """In place of what is in the file."""
        return compile(self._text, self.path, "exec", dont_inherit=True)


def _pytest(files: Sequence[str], plugin: object) -> int:
    """Run tests, as short of work beside them as pytest can."""
    options = ["-x", "-q", "--tb=no", "--assert=plain"]
    for name in ("cacheprovider", "faulthandler", "unraisableexception"):
        options += ["-p", f"no:{name}"]
    return int(pytest.main([*options, *files], plugins=[plugin]))


def _fork(work: Callable[[], int]) -> int:
    """Start a process without output that ends with the result of ``work``; return its id."""
    if process := os.fork():
        return process
    status = _BROKEN
    try:
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(silence, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_SPACE, _SPACE))
        status = work()
    finally:
        os._exit(status)


def _wait() -> tuple[int, int, float]:
    """The next process that ends: its id, its exit code (or minus its signal), its CPU seconds."""
    process, status, used = os.wait3(0)
    code = os.waitstatus_to_exitcode(status)
    if code == _BROKEN:
        raise BuildError("the process of a mutant ended before its tests did")
    return process, code, used.ru_utime + used.ru_stime


@dataclass(frozen=True)
class Folder:
    """A folder with its mutants, and what is known about them."""

    tree: Tree
    name: str

    def mutants(self) -> list[Mutant]:
        """All of them, file by file."""
        files = sorted((self.tree.package / self.name).glob("*.py"))
        return [m for path in files for m in find(f"{self.name}/{path.name}", path.read_text())]

    def _store(self, kind: str) -> Path:
        """Where something is kept as long as the folder, its tests and this script are the same."""
        tests = self.tree.root / "tests"
        read = [*(self.tree.package / self.name).glob("*.py"), *(tests / self.name).glob("*.py")]
        read += [tests / "oracles.py", Path(__file__), Path(__file__).with_name("mutations.py")]
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(read))).hexdigest()
        return self.tree.root / "build" / "mutants" / f"{self.name}-{kind}-{digest[:12]}.json"

    def watched(self) -> Watched:
        """The tests as they are where nothing is changed."""
        store = self._store("tests")

        def work() -> int:
            watch = _Watch(self.tree.package / self.name)
            if not (status := _pytest([f"tests/{self.name}"], watch)):
                write_atomically(store, json.dumps(watch.tests))
            return status

        if not store.is_file():
            print(f"[{self.name}] running its tests without a change", flush=True)
            _fork(work)
            if _wait()[1]:
                raise BuildError(f"tests/{self.name} fails without a change")
        tests: Watched = json.loads(store.read_text())
        return tests

    def outcomes(self, jobs: int) -> Outcomes:
        """How each mutant ends; what is known already is not done again."""
        tests, store = self.watched(), self._store("outcomes")
        done: Outcomes = json.loads(store.read_text()) if store.is_file() else {}
        waiting = [mutant for mutant in self.mutants() if mutant.key not in done]
        running: dict[int, Mutant] = {}
        while waiting or running:
            if waiting and len(running) < jobs:
                mutant = waiting.pop(0)
                running[_fork(partial(self._run, mutant, tests))] = mutant
                continue
            process, code, seconds = _wait()
            mutant = running.pop(process)
            done[mutant.key] = code, seconds
            write_atomically(store, json.dumps(done))
            if code in _ALIVE:
                place = f"{mutant.file}:{mutant.line}"
                print(
                    f"[{len(waiting)} to go] {place}: {mutant.before} → {mutant.after}", flush=True
                )
        return done

    def _run(self, mutant: Mutant, tests: Watched) -> int:
        """Run the tests of one mutant."""
        path = self.tree.package / mutant.file
        name = ".".join(["assocmem", *Path(mutant.file).with_suffix("").parts])
        sys.meta_path.insert(0, _Loader(name, path, mutant.text))
        place = f"{path.name}:" + f"{mutant.first}:" * bool(mutant.first)
        chosen = {
            test: seconds
            for test, (seconds, called) in tests.items()
            if seconds < _LONG
            and (any(one.startswith(place) for one in called) or not (called or mutant.first))
        }
        files = sorted({test.split("::")[0] for test in chosen})
        return _pytest(files, _Choice(chosen)) if chosen else _UNTESTED


def read_reasons(text: str) -> dict[str, str]:
    """Why mutants live, by their keys, from the text of `tests/mutants.toml`."""
    return {
        "\n".join([entry["file"], entry["function"], entry["before"], after]): entry["reason"]
        for entry in tomllib.loads(text)["alive"]
        for after in entry["after"]
    }


def render(
    mutants: Mapping[str, Sequence[Mutant]],
    outcomes: Mapping[str, Outcomes],
    reasons: Mapping[str, str],
) -> str:
    """The page that says how many mutants die, and why the others live."""
    rows, survivors = [], list[Mutant]()
    for name, found in mutants.items():
        codes = [outcomes[name][mutant.key][0] for mutant in found]
        alive = [mutant for mutant, code in zip(found, codes, strict=True) if code in _ALIVE]
        survivors += alive
        minutes = sum(seconds for _, seconds in outcomes[name].values()) / 60
        rows.append(
            f"| `{name}` | {len(found)} | {1 - len(alive) / len(found):.1%} | "
            f"{codes.count(-signal.SIGPROF)} | {len(alive)} | "
            f"{sum(mutant.key not in reasons for mutant in alive)} | {minutes:.0f} |"
        )
    lines = [*rows, "", "## Why the others live"]
    for file, some in groupby(survivors, key=lambda mutant: mutant.file):
        lines += ["", f"### {file}", ""]
        for reason, same in groupby(some, key=lambda mutant: reasons.get(mutant.key, UNKNOWN)):
            lines.append(f"- {reason}")
            lines += [f"  - line {m.line}: `{m.before}` → `{m.after}`" for m in same]
    return _HEADER + "\n".join(lines) + "\n"


def main() -> None:
    """Command line: `python -m tools.mutants`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants at a time")
    jobs = parser.parse_args().jobs
    tree = Tree()
    os.chdir(tree.root)
    os.environ |= {**dict.fromkeys(_ONE_THREAD, "1"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for name in _AHEAD:
        importlib.import_module(name)
    # a failing example is enough: no time is spent on making it simpler
    settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutants")
    gc.freeze()  # spares each mutant a look at everything imported here
    folders = {name: Folder(tree, name) for name in FOLDERS}
    mutants = {name: folder.mutants() for name, folder in folders.items()}
    outcomes = {name: folder.outcomes(jobs) for name, folder in folders.items()}
    page = render(mutants, outcomes, read_reasons((tree.root / REASONS).read_text()))
    write_atomically(tree.root / SUMMARY, page)
    print(page)
    if UNKNOWN in page:
        raise BuildError(f"some mutants live without a reason: write a test, or one in {REASONS}")


if __name__ == "__main__":
    run(main)
