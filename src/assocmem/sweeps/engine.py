"""Sweeps: a function at every configuration of a grid, in parallel, to a tidy pandas frame."""

import os
import warnings
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import joblib
import pandas as pd
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

from assocmem.parameters import Integer, Real, refuse
from assocmem.sweeps.calls import Rows, failed_rows, perform, prepare
from assocmem.sweeps.code_versions import digest, source_modules
from assocmem.sweeps.grid import ERROR, Call, Grid, Scalar
from assocmem.sweeps.results import Results

#: Why a call has no result of its own.
_DIED = "the worker process died, with no other call beside this one (killed, or out of memory?)"


def sweep(
    work: Callable[..., Any],
    grid: Mapping[str, Sequence[Scalar]],
    *,
    store: str | os.PathLike[str] | None = None,
    together: Collection[str] = (),
    jobs: int | None = None,
    client: Any = None,
    cost: Callable[..., float] | None = None,
    retry_failed: bool = True,
    version: str | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Call a function at every configuration of a grid, on all cores, and collect its results.

    With a ``store``, every finished call is on disk at once: a sweep that was interrupted, or
    killed at any moment, goes on where it stopped when it is started again, and loses no more than
    the calls that were running. A configuration is not computed again while its parameters and
    the version of the code are the same (`code_version`); what other versions gave stays in the
    store, but is not used. At the end the table is in the store too, as
    ``NAME-OF-THE-FUNCTION.parquet``, with the versions of the software behind its rows in its
    metadata. Two sweeps at a time do a store no harm, but may compute the same twice.

    A configuration whose call raises an error, or ends its process, is recorded with the reason,
    and the sweep goes on; such configurations are counted in one warning at the end.

    Args:
        work: a plain function of named parameters, defined at the top of a module (or notebook). It
            is called with one value for each ordinary axis, and with a list of values for each axis
            in ``together``. It returns a mapping of result names to scalars if there are only
            ordinary axes, else a frame, or a list of mappings, with one row for each combination of
            the lists: columns are the axes in ``together`` and the results. It must be pure: its
            results depend on its arguments only, seeds included. It runs in fresh processes with
            one thread each, so its code is that on disk.
        grid: a list of different values for each parameter, by name: bools, numbers other than NaN,
            or strings. Configurations are all combinations.
        store: a directory for the results, made if need be; None keeps nothing but the frame.
        together: axes of which one call takes all values, so that the work can compute them at
            once. Of a group that is in the store in part, the call gets those values that occur
            among the missing configurations; rows that are there already are kept.
        jobs: number of processes; None means one for each core, 1 this process itself.
        client: a ``distributed.Client``: run on its Dask cluster instead, best with one thread a
            worker. Only this process writes to the store.
        cost: a function with the parameters of ``work``: calls of high cost start first.
        retry_failed: compute again what failed in an earlier start.
        version: a name for the version of the code, instead of `code_version`; necessary with a
            store if ``work`` is defined in a notebook.
        progress: show a bar of configurations, with their rate and the time that remains.

    Returns:
        One row per configuration, the last axis fastest: columns are the axes, the results, and
        ``error_message`` (missing where all went well; elsewhere the results are).

    Raises:
        ValueError: for a bad grid or other argument, before any work.
        RuntimeError: if workers have other code than is on disk.

    Warns:
        RuntimeWarning: if configurations failed.

    Example:
        >>> def area(width, height):
        ...     return {"area": width * height}
        >>> table = sweep(area, {"width": [1, 2], "height": [3, 5]}, jobs=1)
        >>> print(table[["width", "height", "area"]])
           width  height  area
        0      1       3     3
        1      1       5     5
        2      2       3     6
        3      2       5    10
    """
    plan = Grid.of(work, grid, together)
    _check_workers(jobs, client)
    if cost is not None and not callable(cost):
        raise refuse("cost", cost, "a function with the parameters of work, or None")
    name, sources = _version(work, store, version)
    results = Results(store, work, name, plan, retry_failed)
    calls = plan.calls(results.done)
    if cost is not None:
        calls.sort(key=partial(_cost_of, cost), reverse=True)
    running = _outcomes(partial(perform, work, sources, name), calls, jobs, client)
    with closing(running), _bar(work, results, progress) as bar:
        try:
            for call, rows in running:
                bar.update(results.add(call, rows))
        except KeyboardInterrupt as interrupt:
            if store is not None:
                done = f"{len(results.done)} of {len(plan)} configurations"
                interrupt.add_note(f"{done} are in {store}")
            raise
    table = results.table()
    failed = table[ERROR].dropna()
    if len(failed):
        first = f"the first: {failed.iloc[0]}"
        text = f"{len(failed)} of {len(table)} configurations failed; {first}"
        warnings.warn(text, RuntimeWarning, stacklevel=2)
    return table


def _outcomes(
    function: Callable[[Call], Rows], calls: Sequence[Call], jobs: int | None, client: Any
) -> Generator[tuple[Call, Rows]]:
    """Perform calls in parallel; close the generator to end all that runs.

    Calls start in the given order. Where a worker process dies (it was killed, or crashed), the
    calls that were running are repeated, one by one with nothing beside them. (Dask first repeats
    a call by itself, as often as its scheduler is set to.)
    """
    run = partial(_run_here, jobs) if client is None else partial(_run_on_cluster, client)
    pending = deque(calls)
    while pending:
        suspects = []
        for call, rows in run(function, pending):
            if rows is None:
                suspects.append(call)
            else:
                yield call, rows
        for suspect in suspects:
            for call, rows in run(function, deque([suspect])):
                yield call, failed_rows(call, _DIED) if rows is None else rows


def _run_here(
    jobs: int | None, function: Callable[[Call], Rows], pending: deque[Call]
) -> Generator[tuple[Call, Rows | None]]:
    """Take calls from ``pending`` as they start, and yield them with their rows as they end; after
    a death without rows those that had started, and take no more.
    """
    started: list[Call] = []

    def tasks() -> Iterator[Any]:
        while pending:
            started.append(pending.popleft())
            yield joblib.delayed(_named)(function, started[-1])

    workers = jobs or joblib.cpu_count()
    in_parallel = {"inner_max_num_threads": 1, "initializer": prepare, "initargs": (os.getpid(),)}
    site = ("sequential", 1, {}) if workers == 1 else ("loky", workers, in_parallel)
    with joblib.parallel_config(site[0], n_jobs=site[1], **site[2]):
        run = joblib.Parallel(return_as="generator_unordered", batch_size=1, max_nbytes=None)
    try:
        for call, rows in run(tasks()):
            started.remove(call)
            yield call, rows
    except TerminatedWorkerError:
        yield from ((call, None) for call in started)
    finally:
        if workers != 1:  # the next sweep is to have the code that is on disk then
            get_reusable_executor().shutdown(wait=True, kill_workers=True)


def _named(function: Callable[[Call], Rows], call: Call) -> tuple[Call, Rows]:
    return call, function(call)


def _run_on_cluster(
    client: Any, function: Callable[[Call], Rows], pending: deque[Call]
) -> Generator[tuple[Call, Rows | None]]:
    """The same on a Dask cluster, by its own client: joblib's waits for ever for a dead worker."""
    from distributed import KilledWorker, as_completed

    submitted = {client.submit(function, call, pure=False): call for call in pending}
    pending.clear()
    try:
        for future in as_completed(submitted):  # type: ignore[no-untyped-call]
            died = isinstance(future.exception(), KilledWorker)
            yield submitted[future], None if died else future.result()
    finally:
        client.cancel(list(submitted))


def _check_workers(jobs: int | None, client: Any) -> None:
    if jobs is not None:
        Integer(1, 10_000).check("jobs", jobs)
    if client is None:
        return
    if jobs is not None:
        raise refuse("jobs", jobs, "None together with a client")
    if not hasattr(client, "get_executor") or getattr(client, "asynchronous", False):
        raise refuse("client", client, "a distributed.Client that is not asynchronous")


def _version(
    work: Callable[..., Any], store: object, version: str | None
) -> tuple[str, tuple[str, ...]]:
    """The version that rows get, and the modules whose digest workers must find to be that."""
    if version is not None:
        if not isinstance(version, str) or not version:
            raise refuse("version", version, "a string that is not empty")
        return version, ()
    try:
        sources = source_modules(work)
    except ValueError:
        if store is not None:
            raise
        return "unknown", ()
    # Functions of a script travel to the workers themselves, functions of modules by name.
    return digest(sources), () if work.__module__ == "__main__" else sources


def _cost_of(cost: Callable[..., float], call: Call) -> float:
    value = cost(**call.fixed, **call.lists)
    Real().check("cost", value)
    return value


def _bar(work: Callable[..., Any], results: Results, shown: bool) -> "tqdm[Any]":
    return tqdm(
        desc=work.__name__,
        total=len(results.plan),
        initial=len(results.done),
        unit="configuration",
        smoothing=0,  # calls differ much in length, so that only the mean rate says something
        disable=not shown,
    )
