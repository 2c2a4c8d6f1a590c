"""Sweeps on processes of this machine: their surroundings, deaths and interrupts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest

from assocmem import sweep
from tests.sweeps.work import GRID, TOGETHER, deadly, group, stored, surroundings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

#: A sweep that starts three fast calls and two that do not end. Where a shell runs the tests in the
#: background, Ctrl-C is ignored by all that it starts; here it must not be.
SLOW = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from assocmem import sweep
from tests.sweeps.work import slow
sweep(slow, {"log": [sys.argv[1]], "n": [0, 1, 2, 4, 5]}, store=sys.argv[2], jobs=2)
"""


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while not condition():
        if time.monotonic() > end:
            pytest.fail("nothing happened within ten minutes")
        time.sleep(0.02)


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


def test_as_many_processes_as_cores_give_the_table_of_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assocmem.sweeps.engine.joblib.cpu_count", lambda: 2)
    table = sweep(group, GRID, together=TOGETHER)
    pd.testing.assert_frame_equal(table, sweep(group, GRID, together=TOGETHER, jobs=1))


def test_each_of_the_workers_has_one_thread(tmp_path: Path) -> None:
    table = sweep(surroundings, {"log": [str(tmp_path)], "n": [0, 1, 2]}, jobs=2)
    assert set(table["threads"]) == {1}
    assert set(table["omp"]) == {"1"}
    assert not table["interruptible"].any()  # Ctrl-C is for the process that waits for them
    assert len(set(table["pid"])) == 2
    assert os.getpid() not in set(table["pid"])
    assert not any(psutil.pid_exists(pid) for pid in table["pid"])


def test_a_worker_that_dies_loses_nothing(tmp_path: Path) -> None:
    """n = 2 always ends its process, n = 3 once, as one that was killed from outside."""
    grid = {"log": [str(tmp_path)], "n": [0, 3, 1, 2]}
    store = tmp_path / "store"
    with pytest.warns(RuntimeWarning, match="1 of 4 configurations failed.*worker process died"):
        table = sweep(deadly, grid, jobs=2, store=store).set_index("n")
    assert table["square"].drop(2).to_dict() == {n: n * n for n in (0, 1, 3)}
    assert "with no other call beside this one" in table["error_message"][2]
    assert len(stored(store)) == 4


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupt_keeps_what_is_finished_and_leaves_no_process(
    ending: signal.Signals, tmp_path: Path
) -> None:
    log, store = tmp_path / "log", tmp_path / "store"
    log.mkdir()
    process = python("-c", SLOW, str(log), str(store))
    wait_for(lambda: len(list(log.iterdir())) == 5 and len(list(store.rglob("output.pkl"))) == 3)
    time.sleep(0.3)  # a file is there a little before it is counted
    if ending == signal.SIGINT:
        os.killpg(process.pid, ending)  # as Ctrl-C does
    else:
        process.kill()
    _, errors = process.communicate(timeout=300)
    if ending == signal.SIGINT:
        assert "KeyboardInterrupt\n3 of 5 configurations are in" in errors
        assert errors.count("Traceback") == 1  # the workers say nothing
    assert sorted(row["square"] for row in stored(store)) == [0, 1, 4]
    workers = {int(path.name.split("-")[1]) for path in log.iterdir()}
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in workers))


def test_code_that_changes_under_the_workers_is_noticed(tmp_path: Path) -> None:
    """A function of the first call edits the module; a version is that of the first look."""
    (tmp_path / "changing.py").write_text("def work(n):\n    return {'n2': n}\n")
    program = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from pathlib import Path
from unittest import mock
from assocmem import sweep
from assocmem.sweeps import engine
from changing import work

def digest(sources):
    found = original(sources)
    Path({str(tmp_path / "changing.py")!r}).write_text("def work(n):\\n    return {{'n2': -n}}\\n")
    return found

original = engine.digest
with mock.patch("assocmem.sweeps.engine.digest", digest):
    sweep(work, {{"n": [1, 2]}}, jobs=2, store={str(tmp_path / "store")!r})
"""
    _, errors = python("-c", program).communicate(timeout=300)
    assert "RuntimeError: the code of changing.work changed after the sweep" in errors
    assert not stored(tmp_path / "store")
