"""Stores of results: a directory of Parquet files that a kill at any moment leaves whole."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyarrow as pa

from assocmem.configurations import ERROR
from assocmem.parameters import refuse
from assocmem.parts import Part, Section, read_part, write_part

__all__ = ["Store", "provenance"]

#: The name of a file that is being written.
_TEMPORARY = ".new"
#: With more files than this, they are made one.
_MOST_FILES = 256
#: How often a reader looks again while a writer replaces files.
_MOST_LOOKS = 100


class Store:
    """Results of sweeps in a directory, one row per configuration.

    A file holds rows of one `Section`: numbered in the order of writing, first written under another
    name, then renamed. Its metadata (JSON under the key ``assocmem``) tells the section, the
    `provenance` of the rows, and which earlier files it stands for: these no longer count, whether
    they could be deleted or not. So no kill loses a row that was written, or doubles one.

    Rows are never changed. A configuration that failed and later succeeded has the row of the
    success, one that only failed that of its last failure.

    Args:
        path: the directory; made by the first writing.

    Raises:
        ValueError: if there is something else at the path.

    Example:
        >>> import tempfile
        >>> from assocmem.parts import Section
        >>> section = Section("module.work", "1", (("dim", "number"),))
        >>> rows = pa.table({"dim": [10, 20], "error": [0.2, 0.1], "error_message": [None, None]})
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     store = Store(directory)
        ...     with store.lock():
        ...         store.append(section, rows, provenance())
        ...     print(store.read()[["work", "code_version", "dim", "error"]])
                  work code_version  dim  error
        0  module.work            1   10    0.2
        1  module.work            1   20    0.1
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, str | os.PathLike):
            raise refuse("store", path, "a path")
        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise refuse("store", str(path), "a directory, or a path where one can be made")
        self._schemas: dict[Section, pa.Schema] = {}

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one who writes; the lock ends with the process, however that ends.

        Raises:
            ValueError: if another process writes, or the directory cannot be made.
        """
        from filelock import FileLock, Timeout

        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            valid = "a directory, or a path where one can be made"
            raise refuse("store", str(self.path), valid, f" ({error})") from error
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            valid = "a store that no other sweep writes to"
            raise refuse("store", str(self.path), valid) from None
        try:
            self._clean()
            yield
        finally:
            lock.release()

    def append(self, section: Section, rows: pa.Table, *origins: dict[str, str]) -> None:
        """Add rows; call it under the `lock`.

        Args:
            section: where they belong.
            rows: the columns are the axes, ``error_message``, and results.
            origins: their `provenance`.

        Raises:
            TypeError: if a column has another type than the same column of earlier rows, and both
                cannot be made one (as text and numbers); nothing is written then.
        """
        if section not in self._schemas:
            self._schemas[section] = self._rows(section, self._parts()).schema
        try:
            schemas = [self._schemas[section], rows.schema.remove_metadata()]
            schema = pa.unify_schemas(schemas, promote_options="permissive")
        except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
            raise TypeError(f"the results differ in type from earlier ones: {error}") from error
        self._write(section, rows, list(origins), [])
        self._schemas[section] = schema
        if len(self._numbered()) > _MOST_FILES:
            self._compact()

    def compact(self) -> None:
        """Make the files of each section one.

        Raises:
            ValueError: if another process writes.
        """
        with self.lock():
            self._compact()

    def read(self, section: Section | None = None) -> pd.DataFrame:
        """The rows of one section; of all, with columns ``work`` and ``code_version`` before.

        Returns:
            One row per configuration, in the order of their writing; columns are the axes, the
            results and ``error_message``.
        """
        for _ in range(_MOST_LOOKS):
            with suppress(FileNotFoundError):  # a writer has just made one file of several
                return self._read(section)
        return self._read(section)

    def origins(self) -> pd.DataFrame:
        """Where the rows come from: the distinct `provenance` of each section, one row each."""
        found = [
            {"work": part.section.work, "code_version": part.section.code_version, **origin}
            for part in self._parts()
            for origin in part.provenance
        ]
        return pd.DataFrame(found).drop_duplicates(ignore_index=True)

    def _numbered(self) -> list[Path]:
        """All files of rows, in the order of their writing."""
        return sorted(p for p in self.path.glob("*.parquet") if p.stem.isdecimal())

    def _parts(self) -> list[Part]:
        """The files that count."""
        parts = [read_part(path) for path in self._numbered()]
        replaced = {name for part in parts for name in part.replaces}
        return [part for part in parts if part.path.name not in replaced]

    def _read(self, section: Section | None) -> pd.DataFrame:
        parts = self._parts()
        if section is not None:
            return pd.DataFrame(self._rows(section, parts).to_pandas())
        frames = [pd.DataFrame()]
        for each in dict.fromkeys(part.section for part in parts):
            frame = self._rows(each, parts).to_pandas()
            frame.insert(0, "work", each.work)
            frame.insert(1, "code_version", each.code_version)
            frames.append(frame)
        return pd.concat(frames[1:] or frames, ignore_index=True)

    def _rows(self, section: Section, parts: Sequence[Part]) -> pa.Table:
        """One row per configuration."""
        import pyarrow.parquet as pq

        empty = pa.table({ERROR: pa.array([], pa.string())})
        tables = [pq.read_table(part.path) for part in parts if part.section == section]
        bare = [table.replace_schema_metadata() for table in [empty, *tables]]
        rows = pa.concat_tables(bare, promote_options="permissive")
        if not tables:
            return rows
        rows = rows.select([name for name in rows.column_names if name != ERROR] + [ERROR])
        keys = rows.select([*section.names, ERROR]).to_pandas()
        ranked = keys.assign(succeeded=keys[ERROR].isna()).sort_values("succeeded", kind="stable")
        last = ranked.drop_duplicates(section.names, keep="last")
        return rows.take(last.index.sort_values().to_numpy())

    def _write(
        self, section: Section, rows: pa.Table, origins: list[dict[str, str]], replaces: list[str]
    ) -> None:
        number = int(files[-1].stem) + 1 if (files := self._numbered()) else 0
        part = Part(self.path / f"{number:09}.parquet", section, origins, replaces)
        write_part(part, rows, self.path / _TEMPORARY)

    def _compact(self) -> None:
        parts = self._parts()
        for section in dict.fromkeys(part.section for part in parts):
            own = [part for part in parts if part.section == section]
            if len(own) > 1:
                origins = list({str(o): o for part in own for o in part.provenance}.values())
                replaces = [part.path.name for part in own]
                self._write(section, self._rows(section, own), origins, replaces)
        self._clean()

    def _clean(self) -> None:
        """Remove what no longer counts."""
        (self.path / _TEMPORARY).unlink(missing_ok=True)
        for path in set(self._numbered()) - {part.path for part in self._parts()}:
            path.unlink()


def provenance() -> dict[str, str]:
    """The software that computes here, and the date (UTC).

    Returns:
        Versions by the name of the package, ``python``, ``platform`` and ``date``.
    """
    packages = {name: version(name) for name in ("assocmem", "numpy", "pandas", "torch")}
    return {
        **packages,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
