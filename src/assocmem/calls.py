"""One call of the work of a sweep, in a worker: from arguments to checked rows."""

from __future__ import annotations

import functools
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from assocmem.configurations import ERROR, Call
from assocmem.versions import code_version

__all__ = ["failed_rows", "perform"]

#: A process keeps the code that it has imported, so its version is that of its first look.
_loaded_version = functools.cache(code_version)


def perform(work: Callable[..., Any], version: str | None, call: Call) -> pa.Table:
    """Call the work, and put its results into rows; an error becomes rows too.

    Args:
        work: the function.
        version: the version of its code that is expected here; None takes any.
        call: its arguments.

    Returns:
        One row per combination of the call's lists, in their order: the axes, the results and
        ``error_message``; without results if the call failed.

    Raises:
        RuntimeError: if the code is another than expected.

    Example:
        >>> def half(dim):
        ...     return {"half": dim / 2}
        >>> perform(half, None, Call({"dim": 3}, {})).to_pylist()
        [{'dim': 3, 'half': 1.5, 'error_message': None}]
    """
    if version is not None and _loaded_version(work) != version:
        raise RuntimeError(
            f"the code of {work.__module__}.{work.__qualname__} changed after the sweep or its "
            "workers started: start again (on a Dask cluster after client.restart())"
        )
    arguments = {**call.fixed, **{name: list(values) for name, values in call.lists.items()}}
    try:
        results = _ordered(call, work(**arguments))
        columns = pa.Table.from_pandas(results, preserve_index=False)
        for field in columns.schema:
            if pa.types.is_nested(field.type):
                raise ValueError(f"column {field.name!r} does not hold scalars")
    except (Exception, SystemExit) as error:
        return failed_rows(call, _explain(error))
    rows = failed_rows(call, None)
    for name in columns.column_names:
        rows = rows.add_column(rows.num_columns - 1, name, columns[name])
    return rows


def failed_rows(call: Call, reason: str | None) -> pa.Table:
    """The rows of a call that has no results.

    Args:
        call: its arguments.
        reason: what each row has as ``error_message``.
    """
    due = call.combinations()
    columns = {name: [value] * len(due) for name, value in call.fixed.items()}
    columns |= {name: [row[i] for row in due] for i, name in enumerate(call.lists)}
    rows = pa.table(columns)
    return rows.append_column(ERROR, pa.array([reason] * len(due), pa.string()))


def _ordered(call: Call, returned: object) -> pd.DataFrame:
    """The results that a call returned, one row per combination, without the axes."""
    rows = [returned] if isinstance(returned, Mapping) else returned
    if not isinstance(rows, pd.DataFrame | list):
        raise TypeError(f"the work returned {type(rows).__name__}, not a frame or mappings")
    frame = pd.DataFrame(rows)
    names = list(frame)
    if len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the work returned columns {names}, which are not different strings")
    if clash := {ERROR, *call.fixed} & set(names):
        raise ValueError(f"the work returned columns that are not results: {sorted(clash)}")
    if lost := set(call.lists) - set(names):
        raise ValueError(f"the work returned no columns {sorted(lost)}")
    axes = [frame[name].tolist() for name in call.lists]
    found = list(zip(*axes, strict=True)) if axes else [()] * len(frame)
    due = call.combinations()
    if found != due:
        if absent := Counter(due) - Counter(found):
            raise ValueError(f"the work returned no row for {_few(absent, call)}")
        if surplus := Counter(found) - Counter(due):
            raise ValueError(f"the work returned rows not asked for: {_few(surplus, call)}")
        position = {combination: row for row, combination in enumerate(found)}
        frame = frame.iloc[[position[combination] for combination in due]]
    return frame.drop(columns=list(call.lists))


def _few(combinations: Counter[Any], call: Call) -> str:
    first = dict(zip(call.lists, next(iter(combinations)), strict=True))
    more = combinations.total() - 1
    return f"{first}" + (f" and {more} more" if more else "")


def _explain(error: BaseException) -> str:
    """Type, message and place of an error."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
    return text.encode("utf-8", "replace").decode()
