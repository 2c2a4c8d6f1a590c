"""Sweeps: a function at every configuration of a grid, in parallel, to a tidy pandas frame."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from assocmem.calls import failed_rows, perform
from assocmem.configurations import ERROR, Call, Grid, Key, Scalar
from assocmem.parameters import Integer, Real, refuse
from assocmem.parts import Section
from assocmem.store import Store, provenance
from assocmem.versions import code_version
from assocmem.workers import Client, run_calls

__all__ = ["sweep"]

#: Why a call has no result of its own.
_DIED = "the worker process died, with no other call beside this one (killed, or out of memory?)"


def sweep(
    work: Callable[..., Any],
    grid: Mapping[str, Sequence[Scalar]],
    *,
    store: str | os.PathLike[str] | None = None,
    together: Collection[str] = (),
    jobs: int | None = None,
    client: Client | None = None,
    cost: Callable[..., float] | None = None,
    retry_failed: bool = True,
    version: str | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Call a function at every configuration of a grid, on all cores, and collect its results.

    With a ``store``, every finished call is on disk at once: a sweep that was interrupted, or
    killed at any moment, goes on where it stopped when it is started again, and loses no more than
    the calls that were running. A configuration is not computed again while its parameters and
    the version of the code are the same (`code_version`); rows of other versions stay in the store,
    where `Store.read` finds them, but are not used. One sweep at a time writes to a store.

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
            among the missing configurations; rows that are there already are kept, and not doubled.
        jobs: number of processes; None means one for each core.
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
    name, expected = _versions(work, store, version)
    section = Section(f"{work.__module__}.{work.__qualname__}", name, plan.kinds)
    with _open(store) as results:
        past = results.read(section)
        settled = past[past[ERROR].isna()] if retry_failed else past
        done = set(_keys(plan, settled))
        calls = plan.calls(done)
        if cost is not None:
            calls.sort(key=partial(_cost_of, cost), reverse=True)
        running = run_calls(partial(perform, work, expected), calls, jobs=jobs, client=client)
        origin = provenance()
        n_done = sum(key in done for key in plan)
        with closing(running), _bar(work, n_done, len(plan), shown=progress) as bar:
            try:
                for call, rows in running:
                    wanted = [plan.key(call, each) not in done for each in call.combinations()]
                    rows = failed_rows(call, _DIED) if rows is None else rows
                    _record(results, section, call, rows, wanted, origin)
                    bar.update(sum(wanted))
                    n_done += sum(wanted)
            except KeyboardInterrupt as interrupt:
                if store is not None:
                    interrupt.add_note(f"{n_done} of {len(plan)} configurations are in {store}")
                raise
        table = _arranged(plan, results.read(section))
    failed = table[ERROR].dropna()
    if len(failed):
        first = f"the first: {failed.iloc[0]}"
        text = f"{len(failed)} of {len(table)} configurations failed; {first}"
        warnings.warn(text, RuntimeWarning, stacklevel=2)
    return table


def _check_workers(jobs: int | None, client: Client | None) -> None:
    if jobs is not None:
        Integer(1, 10_000).check("jobs", jobs)
    if client is None:
        return
    if jobs is not None:
        raise refuse("jobs", jobs, "None together with a client")
    if not hasattr(client, "get_executor") or getattr(client, "asynchronous", False):
        raise refuse("client", client, "a distributed.Client that is not asynchronous")


def _versions(
    work: Callable[..., Any], store: object, version: str | None
) -> tuple[str, str | None]:
    """The version that rows get, and the one that workers must find in their own process."""
    if version is not None:
        if not isinstance(version, str) or not version:
            raise refuse("version", version, "a string that is not empty")
        return version, None
    try:
        found = code_version(work)
    except ValueError:
        if store is not None:
            raise
        return "unknown", None
    # Functions of a script travel to the workers themselves, functions of modules by name.
    return found, None if work.__module__ == "__main__" else found


@contextmanager
def _open(path: str | os.PathLike[str] | None) -> Iterator[Store]:
    """The store at a path, to write to; one for the time being if there is no path."""
    if path is not None:
        store = Store(path)
        with store.lock():
            yield store
        return
    with TemporaryDirectory(prefix="assocmem-") as directory, _open(directory) as store:
        yield store


def _cost_of(cost: Callable[..., float], call: Call) -> float:
    value = cost(**call.arguments)
    Real().check("cost", value)
    return value


def _bar(work: Callable[..., Any], n_done: int, total: int, *, shown: bool) -> tqdm[Any]:
    return tqdm(
        desc=work.__name__,
        total=total,
        initial=n_done,
        unit="configuration",
        smoothing=0,  # calls differ much in length, so that only the mean rate says something
        disable=not shown,
    )


def _record(
    results: Store,
    section: Section,
    call: Call,
    rows: pa.Table,
    wanted: list[bool],
    origin: dict[str, str],
) -> None:
    """Write the wanted rows of a call, or that they cannot be written."""
    try:
        results.append(section, rows.filter(wanted), origin)
    except TypeError as error:
        results.append(section, failed_rows(call, str(error)).filter(wanted), origin)


def _keys(plan: Grid, table: pd.DataFrame) -> Iterator[Key]:
    if len(table):
        yield from table[list(plan.axes)].itertuples(index=False, name=None)


def _arranged(plan: Grid, stored: pd.DataFrame) -> pd.DataFrame:
    """The rows of a grid in its order, with its own values in the axes."""
    row = {key: position for position, key in enumerate(_keys(plan, stored))}
    table = stored.iloc[[row[key] for key in plan]].reset_index(drop=True)
    axes = pd.DataFrame(list(plan), columns=list(plan.axes))
    return pd.concat([axes, table.drop(columns=list(plan.axes))], axis=1)
