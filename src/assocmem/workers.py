"""Calls of a function on processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

__all__ = ["Client", "run_calls"]

Task = TypeVar("Task")
Result = TypeVar("Result")

#: A worker computes with one thread: parallel are the calls.
_ONE_THREAD = dict.fromkeys(
    (
        "BLIS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


class Client(Protocol):
    """What is used of a ``distributed.Client``."""

    def get_executor(self, *, pure: bool) -> Executor:
        """A pool in the form of `concurrent.futures`."""

    def nthreads(self) -> dict[str, int]:
        """The number of threads of each worker."""


def run_calls(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    jobs: int | None = None,
    client: Client | None = None,
) -> Generator[tuple[Task, Result | None]]:
    """Call a function on each task, in parallel; close the iterator to end all that runs.

    Tasks start in the given order. Where a worker process dies (it was killed, or crashed), the
    calls that were running are repeated, each alone in a process of its own; on a cluster, Dask
    repeats them.

    Args:
        function: a function that can be pickled (by cloudpickle).
        tasks: its arguments.
        jobs: number of processes; None means one a core.
        client: a cluster to run on instead.

    Yields:
        A task and the function's result, as they are finished; None as the result if a call that
        was repeated ended its process too.

    Raises:
        Exception: what the function raises; all other calls are then ended.

    Example:
        >>> sorted(result for _, result in run_calls(abs, [-1, 2, -3], jobs=1))
        [1, 2, 3]
    """
    pending = deque(tasks)
    if client is not None:
        return _on_cluster(function, pending, client)
    return _on_processes(function, pending, jobs)


def _on_processes(
    function: Callable[[Task], Result], pending: deque[Task], jobs: int | None
) -> Generator[tuple[Task, Result | None]]:
    from joblib import cpu_count
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    jobs = cpu_count() if jobs is None else jobs
    n_slots = jobs + 1  # one more than processes, so that none waits for this one
    while pending:
        suspects = []
        with _processes(min(jobs, len(pending))) as pool:
            for task, future in _stream(
                pool, function, pending, lambda: n_slots, TerminatedWorkerError
            ):
                if isinstance(future.exception(), TerminatedWorkerError):
                    suspects.append(task)
                else:
                    yield task, future.result()
        for task in suspects:
            with _processes(1) as pool:
                future = pool.submit(function, task)
                died = isinstance(future.exception(), TerminatedWorkerError)
            yield task, None if died else future.result()


def _on_cluster(
    function: Callable[[Task], Result], pending: deque[Task], client: Client
) -> Generator[tuple[Task, Result | None]]:
    from distributed import KilledWorker

    def slots() -> int:  # asked again and again: a cluster may grow
        return 2 * max(1, sum(client.nthreads().values()))

    pool = client.get_executor(pure=False)
    try:
        for task, future in _stream(pool, function, pending, slots):
            died = isinstance(future.exception(), KilledWorker)
            yield task, None if died else future.result()
    finally:
        pool.shutdown(wait=False)  # cancels what still runs


def _stream(
    pool: Executor,
    function: Callable[[Task], Result],
    pending: deque[Task],
    slots: Callable[[], int],
    *deaths: type[Exception],
) -> Generator[tuple[Task, Future[Result]]]:
    """Submit tasks, a few at a time, and yield those that are done.

    Nothing more is submitted after one of the ``deaths``: the pool is then of no use.
    """
    running: dict[Future[Result], Task] = {}
    broken = False
    while running or (pending and not broken):
        while pending and not broken and len(running) < slots():
            try:
                running[pool.submit(function, pending[0])] = pending[0]
            except deaths:
                broken = True
            else:
                pending.popleft()
        # The time limit lets Ctrl-C through on every platform.
        done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in done:
            broken = broken or isinstance(future.exception(), deaths)
            yield running.pop(future), future


@contextmanager
def _processes(jobs: int) -> Generator[Any]:
    """New processes, which have the code that is on disk now; killed on an error."""
    from joblib.externals.loky import ProcessPoolExecutor

    pool = ProcessPoolExecutor(jobs, env=_ONE_THREAD, initializer=_prepare, initargs=(os.getpid(),))
    try:
        yield pool
    except BaseException:
        pool.shutdown(kill_workers=True)
        raise
    pool.shutdown()


def _prepare(parent: int) -> None:
    """Leave Ctrl-C to the process that started the sweep, and end when that has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
