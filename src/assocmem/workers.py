"""Calls of a function on processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

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


@dataclass(frozen=True)
class _Site:
    """Where calls run: how to open a pool of workers, how many calls it takes, how one dies."""

    open: Callable[[int], AbstractContextManager[Executor]]
    slots: Callable[[], int]
    death: type[Exception]


def run_calls(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    jobs: int | None = None,
    client: Client | None = None,
) -> Generator[tuple[Task, Result | None]]:
    """Call a function on each task, in parallel; close the generator to end all that runs.

    Tasks start in the given order. Where a worker process dies (it was killed, or crashed), the
    calls that were running are repeated, one by one with nothing beside them. (Dask first repeats
    a call by itself, as often as its scheduler is set to.)

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
    if not pending:
        return
    site = _here(jobs) if client is None else _cluster(client)
    while pending:
        suspects = []
        with site.open(len(pending)) as pool:
            for task, future in _stream(pool, function, pending, site):
                if isinstance(future.exception(), site.death):
                    suspects.append(task)
                else:
                    yield task, future.result()
        for task in suspects:
            with site.open(1) as pool:
                future = pool.submit(function, task)
                died = isinstance(future.exception(), site.death)
            yield task, None if died else future.result()


def _stream(
    pool: Executor, function: Callable[[Task], Result], pending: deque[Task], site: _Site
) -> Generator[tuple[Task, Future[Result]]]:
    """Submit tasks, a few at a time, while the pool takes them, and yield those that are done."""
    running: dict[Future[Result], Task] = {}
    broken = False
    while running or (pending and not broken):
        while pending and not broken and len(running) < site.slots():
            try:
                running[pool.submit(function, pending[0])] = pending[0]
            except site.death:
                broken = True
            else:
                pending.popleft()
        # The time limit lets Ctrl-C through on every platform.
        done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future


def _here(jobs: int | None) -> _Site:
    """Processes that are new, so that they have the code that is on disk now."""
    from joblib import cpu_count
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    n_jobs = cpu_count() if jobs is None else jobs

    @contextmanager
    def processes(n_tasks: int) -> Generator[Executor]:
        pool = ProcessPoolExecutor(
            min(n_jobs, n_tasks), env=_ONE_THREAD, initializer=_prepare, initargs=(os.getpid(),)
        )
        try:
            yield pool
        except BaseException:
            pool.shutdown(kill_workers=True)
            raise
        pool.shutdown()

    # One call more than processes, so that none of them waits for this one.
    return _Site(processes, lambda: n_jobs + 1, TerminatedWorkerError)


def _cluster(client: Client) -> _Site:
    from distributed import KilledWorker

    @contextmanager
    def executor(n_tasks: int) -> Generator[Executor]:
        del n_tasks
        pool = client.get_executor(pure=False)
        try:
            yield pool
        finally:
            pool.shutdown(wait=False)  # cancels what still runs

    def slots() -> int:  # asked again and again: a cluster may grow
        return 2 * max(1, sum(client.nthreads().values()))

    return _Site(executor, slots, KilledWorker)


def _prepare(parent: int) -> None:
    """Leave Ctrl-C to the process that started the sweep, and end when that has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
