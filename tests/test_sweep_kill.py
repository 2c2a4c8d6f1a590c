"""A sweep that is killed again and again loses no finished call and doubles none."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from assocmem import Store

ROOT = Path(__file__).parents[1]
#: `SWEEP_KILLS=50 pytest tests/test_sweep_kill.py` is the long test.
KILLS = int(os.environ.get("SWEEP_KILLS", "5"))
JOBS = 2
PARTS = [1, 2, 3]
TASKS = list(range(30 * KILLS))

#: Files are made one every few calls, so that kills hit this too.
PROGRAM = f"""
import sys
from unittest import mock
from assocmem import sweep
from tests.sweep_work import logged

with mock.patch("assocmem.store._MOST_FILES", 4):
    grid = {{"log": [sys.argv[1]], "task": list(range({len(TASKS)})), "part": {PARTS}}}
    sweep(logged, grid, together=["part"], store=sys.argv[2], jobs={JOBS})
"""


def rows_by_file(store: Path) -> pd.DataFrame:
    """All rows in files that count, not made one per configuration."""
    parts = [pd.read_parquet(part.path) for part in Store(store)._parts()]
    return pd.concat([pd.DataFrame(columns=["task", "part"]), *parts], ignore_index=True)


def test_kills_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(20231)
    log, store = tmp_path / "log", tmp_path / "store"
    log.mkdir()
    command = [sys.executable, "-c", PROGRAM, str(log), str(store)]
    finished: set[tuple[int, int]] = set()
    for kill in range(KILLS):
        started = len(list(log.iterdir()))
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        if rng.random() < 0.9:  # else while it starts
            end = time.monotonic() + 60
            while len(list(log.iterdir())) == started and process.poll() is None:
                assert time.monotonic() < end, "no call within a minute"
                time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.4))
        assert process.poll() is None, "done before it was killed"
        if rng.random() < 0.5:
            process.kill()  # the workers are left alone
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

        rows = rows_by_file(store)
        assert not rows.duplicated(["task", "part"]).any(), kill
        now = set(zip(rows["task"], rows["part"], strict=True))
        assert now >= finished, kill
        assert (rows["value"] == 100 * rows["task"] + rows["part"]).all()
        finished = now

    assert 0 < len(finished) < len(TASKS) * len(PARTS)
    subprocess.run(command, cwd=ROOT, check=True)
    rows = rows_by_file(store)
    assert not rows.duplicated(["task", "part"]).any()
    assert set(zip(rows["task"], rows["part"], strict=True)) == {
        (task, part) for task in TASKS for part in PARTS
    }
    repeated = len(list(log.iterdir())) - len(TASKS)
    assert 0 <= repeated <= KILLS * (JOBS + 1)  # what was submitted, and not yet written
    print(f"{KILLS} kills, {len(TASKS)} calls, {repeated} of them started twice")
