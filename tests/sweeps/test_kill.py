"""A sweep that is killed again and again loses no finished call and doubles none."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.sweeps.work import stored

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
#: `SWEEP_KILLS=50 pytest tests/sweeps/test_kill.py` is the long test.
KILLS = int(os.environ.get("SWEEP_KILLS", "3"))
JOBS = 2
PARTS = [1, 2, 3]
TASKS = list(range(30 * KILLS))

PROGRAM = f"""
import sys
from assocmem import sweep
from tests.sweeps.work import logged
import pytest

grid = {{"log": [sys.argv[1]], "task": list(range({len(TASKS)})), "part": {PARTS}}}
sweep(logged, grid, together=["part"], store=sys.argv[2], jobs={JOBS})
"""


def finished_values(store: Path) -> list[int]:
    """What `logged` gave, 100 task + part, of all rows that are in the store."""
    return sorted(row["value"] for row in stored(store)) if store.exists() else []


def test_kills_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(20231)
    log, store = tmp_path / "log", tmp_path / "store"
    log.mkdir()
    command = [sys.executable, "-c", PROGRAM, str(log), str(store)]
    finished: set[int] = set()
    for kill in range(KILLS):
        started = len(list(log.iterdir()))
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        if rng.random() < 0.9:  # else while it starts
            end = time.monotonic() + 600
            while len(list(log.iterdir())) == started and process.poll() is None:
                if time.monotonic() > end:
                    pytest.fail("no call within ten minutes")
                time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.4))
        assert process.poll() is None, "done before it was killed"
        if rng.random() < 0.5:
            process.kill()  # the workers are left alone
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

        rows = finished_values(store)
        assert len(set(rows)) == len(rows), kill
        assert set(rows) >= finished, kill
        finished = set(rows)

    everything = [100 * task + part for task in TASKS for part in PARTS]
    assert 0 < len(finished) < len(everything)
    subprocess.run(command, cwd=ROOT, check=True)
    assert finished_values(store) == everything
    assert pd.read_parquet(store / "logged.parquet")["value"].tolist() == everything
    repeated = len(list(log.iterdir())) - len(TASKS)
    assert 0 <= repeated <= KILLS * 2 * JOBS  # what was submitted, and not yet written
    print(f"{KILLS} kills, {len(TASKS)} calls, {repeated} of them started twice")
