"""One call of the work of a sweep, in a worker: from arguments to checked rows."""

import functools
import os
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assocmem.sweeps.code_versions import digest
from assocmem.sweeps.grid import ERROR, Call, Key

#: The rows of one call, or of one group: results by the combination of the lists.
Rows = dict[Key, dict[str, Any]]

#: A process keeps the code that it has imported, so its version is that of its first look.
_loaded = functools.cache(digest)


def perform(work: Callable[..., Any], sources: tuple[str, ...], version: str, call: Call) -> Rows:
    """Call the work, and put its results into rows; an error becomes rows too.

    Args:
        work: the function.
        sources: the modules that it is made of; none takes any.
        version: the digest of their sources that is expected here.
        call: its arguments.

    Returns:
        For each combination of the call's lists its results and ``error_message``; without results
        if the call failed.

    Raises:
        RuntimeError: if the code is another than expected.

    Example:
        >>> def half(dim):
        ...     return {"half": dim / 2}
        >>> perform(half, (), "", Call({"dim": 3}, {}))
        {(): {'half': 1.5, 'error_message': None}}
    """
    if sources and _loaded(sources) != version:
        raise RuntimeError(
            f"the code of {work.__module__}.{work.__qualname__} changed after the sweep or its "
            "workers started: start again (on a Dask cluster after client.restart())"
        )
    arguments = {**call.fixed, **{name: list(values) for name, values in call.lists.items()}}
    try:
        return {key: {**row, ERROR: None} for key, row in _checked(call, work(**arguments)).items()}
    except (Exception, SystemExit) as error:
        return failed_rows(call, _explain(error))


def failed_rows(call: Call, reason: str) -> Rows:
    """The rows of a call that has no results."""
    return {combination: {ERROR: reason} for combination in call.combinations()}


def prepare(parent: int) -> None:
    """Leave Ctrl-C to the process that started the sweep, and end when that has ended."""

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=follow, daemon=True).start()


def _checked(call: Call, returned: object) -> Rows:
    """The results that a call returned, by combination, without the axes."""
    rows = [returned] if isinstance(returned, Mapping) else returned
    if not isinstance(rows, pd.DataFrame | list):
        raise TypeError(f"the work returned {type(rows).__name__}, not a frame or mappings")
    frame = pd.DataFrame(rows)
    names: list[str] = list(frame)  # type: ignore[arg-type]
    if len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the work returned columns {names}, which are not different strings")
    if clash := {ERROR, *call.fixed} & set(names):
        raise ValueError(f"the work returned columns that are not results: {sorted(clash)}")
    if lost := set(call.lists) - set(names):
        raise ValueError(f"the work returned no columns {sorted(lost)}")
    columns = {name: [_scalar(name, value) for value in frame[name]] for name in names}
    axes = [columns.pop(name) for name in call.lists]
    found: list[Key] = list(zip(*axes, strict=True)) if axes else [()] * len(frame)
    due = call.combinations()
    for text, wrong in (
        ("no row for", Counter(due) - Counter(found)),
        ("rows not asked for:", Counter(found) - Counter(due)),
    ):
        if wrong:
            first, more = dict(zip(call.lists, next(iter(wrong)), strict=True)), wrong.total() - 1
            raise ValueError(f"the work returned {text} {first}" + f" and {more} more" * (more > 0))
    position = {combination: row for row, combination in enumerate(found)}
    return {key: {n: column[position[key]] for n, column in columns.items()} for key in due}


def _scalar(name: str, value: Any) -> Any:
    """A number, bool, text or None as Python has it."""
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, bool | int | float | str | None):
        raise ValueError(f"column {name!r} does not hold scalars")
    return plain


def _explain(error: BaseException) -> str:
    """Type, message and place of an error."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
    return text.encode("utf-8", "replace").decode()
