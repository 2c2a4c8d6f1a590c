"""What a sweep has computed: in memory, on disk through joblib's Memory, and as one table."""

import json
import os
import platform
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from assocmem.parameters import refuse
from assocmem.sweeps.calls import Rows
from assocmem.sweeps.grid import ERROR, Call, Grid, Key, kind


def provenance() -> dict[str, str]:
    """The software that computes here, and the date (UTC).

    Returns:
        Versions by the name of the package, ``python``, ``platform`` and ``date``.

    Example:
        >>> sorted(provenance())
        ['assocmem', 'date', 'numpy', 'pandas', 'platform', 'python', 'torch']
    """
    packages = {name: installed_version(name) for name in ("assocmem", "numpy", "pandas", "torch")}
    return {
        **packages,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _keep(section: str, group: str, kept: Any = None) -> Any:
    """What joblib remembers of a group of configurations. To change this function empties stores."""
    return kept


class Results:
    """The rows of a grid, in memory and, group by group of calls, in a directory.

    A group is what one call computes when nothing is there yet: all values of the axes in
    ``together``. It is written anew, by renaming, whenever a call adds rows to it.

    Args:
        store: the directory, made if need be; None keeps nothing there.
        work: the function that computes the rows.
        version: the version of its code.
        plan: the grid.
        retry_failed: whether a row that only tells of a failure counts as missing.

    Raises:
        ValueError: for a path where no directory can be.
    """

    def __init__(
        self,
        store: str | os.PathLike[str] | None,
        work: Callable[..., Any],
        version: str,
        plan: Grid,
        retry_failed: bool,
    ) -> None:
        self.plan = plan
        self._path = None if store is None else _directory(store)
        self._work = f"{work.__module__}.{work.__qualname__}"
        self._version = version
        self._section = json.dumps([self._work, version, plan.kinds, plan.together])
        self._origin = provenance()
        self._memory = joblib.Memory(self._path, verbose=0).cache(_keep, ignore=["kept"], verbose=0)
        self._groups: dict[str, dict[str, Any]] = {}
        self._rows: dict[Key, dict[str, Any]] = {}
        self.done: set[Key] = set()
        for call in plan.calls():
            group = self._group(call)
            self._groups[group] = kept = self._read(group)
            for combination in call.combinations():
                if (row := kept["rows"].get(combination)) is not None:
                    self._rows[plan.key(call, combination)] = row
                    if not (retry_failed and row[ERROR] is not None):
                        self.done.add(plan.key(call, combination))

    def add(self, call: Call, rows: Rows) -> int:
        """Keep those rows of a call that were missing; says how many these are."""
        new = {c: row for c, row in rows.items() if self.plan.key(call, c) not in self.done}
        self._rows |= {self.plan.key(call, combination): row for combination, row in new.items()}
        self.done |= {self.plan.key(call, combination) for combination in new}
        if self._path is not None:
            group = self._group(call)
            kept = self._groups[group]
            kept["rows"] |= new
            kept["origins"] = list({str(o): o for o in [*kept["origins"], self._origin]}.values())
            self._memory.call(self._section, group, kept=kept)
        return len(new)

    def table(self) -> pd.DataFrame:
        """All rows in the order of the grid; in the store too, if there is one."""
        axes = pd.DataFrame(list(self.plan), columns=list(self.plan.axes))
        rows = _of_one_kind([self._rows[key] for key in self.plan])
        results = pd.DataFrame(rows, columns=_names(rows))
        table = pd.concat([axes, results.astype({ERROR: object})], axis=1)
        if self._path is not None:
            origins = [o for kept in self._groups.values() for o in kept["origins"]]
            distinct = list({str(origin): origin for origin in origins}.values())
            entry = {"work": self._work, "code_version": self._version, "origins": distinct}
            _write(table, self._path / f"{self._work.rpartition('.')[2]}.parquet", entry)
        return table

    def _group(self, call: Call) -> str:
        # numbers by their value: 1 and 1.0 are one configuration, as they are one key
        plain = {n: float(v) if kind(v) == "number" else v for n, v in call.fixed.items()}
        return json.dumps(plain, sort_keys=True)

    def _read(self, group: str) -> dict[str, Any]:
        kept = None
        if self._path is not None and self._memory.check_call_in_cache(self._section, group):
            with warnings.catch_warnings():  # a damaged file counts as none
                warnings.simplefilter("ignore")
                kept = self._memory(self._section, group)
        return kept or {"rows": {}, "origins": []}


def _directory(store: str | os.PathLike[str]) -> Path:
    if not isinstance(store, str | os.PathLike):
        raise refuse("store", store, "a path")
    try:
        Path(store).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        valid = "a directory, or a path where one can be made"
        raise refuse("store", str(store), valid, f" ({error})") from error
    return Path(store)


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of all results, in the order in which they occur, and ``error_message`` last."""
    return [*dict.fromkeys(name for row in rows for name in row if name != ERROR), ERROR]


def _of_one_kind(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, but failed where a result is of another kind than in an earlier row."""
    kinds: dict[str, str] = {}
    checked = []
    for row in rows:
        present = {n: kind(v) for n, v in row.items() if n != ERROR and v is not None}
        odd = [n for n, own in present.items() if kinds.setdefault(n, own) != own]
        text = f"the results differ in type from earlier ones: {', '.join(odd)}"
        checked.append({ERROR: text} if odd else row)
    return checked


def _write(table: pd.DataFrame, path: Path, entry: Mapping[str, Any]) -> None:
    """Write a Parquet file beside the path, and rename it when it is whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table.astype({ERROR: "string"}), preserve_index=False)
    part = path.with_suffix(".part")
    pq.write_table(arrow.replace_schema_metadata({b"assocmem": json.dumps(entry)}), part)
    part.replace(path)
