"""Sweeps on a Dask cluster: a local one, of processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed
import pandas as pd
import pytest

from assocmem import sweep
from tests.sweeps.work import GRID, TOGETHER, brittle, deadly, group, stored, surroundings

#: Started once, on one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    settings = {
        "distributed.scheduler.allowed-failures": 0
    }  # a call is repeated by the sweep alone
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_cluster_gives_the_table_of_this_process(client: Any, tmp_path: Path) -> None:
    table = sweep(group, GRID, together=TOGETHER, client=client, store=tmp_path)
    here = sweep(group, GRID, together=TOGETHER, jobs=1)
    pd.testing.assert_frame_equal(table, here)
    assert len(stored(tmp_path)) == len(table)


def test_all_workers_of_the_cluster_are_used(client: Any, tmp_path: Path) -> None:
    table = sweep(surroundings, {"log": [str(tmp_path)], "n": [0, 1, 2, 3]}, client=client)
    assert set(table["threads"]) == {1}
    processes = set(client.run(lambda: __import__("os").getpid()).values())
    assert set(table["pid"]) == processes
    assert len(processes) == 2


def test_failures_on_a_cluster_are_recorded(client: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.touch()
    with pytest.warns(RuntimeWarning, match="1 of 3 configurations failed.*two is too few"):
        table = sweep(brittle, {"broken": [str(broken)], "n": [1, 2, 3]}, client=client)
    assert table["square"].tolist()[::2] == [1, 9]


def test_a_call_that_kills_its_worker_fails_alone(client: Any, tmp_path: Path) -> None:
    """n = 2 always ends its process, n = 3 once."""
    grid = {"log": [str(tmp_path)], "n": [0, 3, 1, 2]}
    with pytest.warns(RuntimeWarning, match="1 of 4 configurations failed.*worker process died"):
        table = sweep(deadly, grid, client=client).set_index("n")
    assert table["square"].drop(2).to_dict() == {n: n * n for n in (0, 1, 3)}
