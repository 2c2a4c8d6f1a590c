"""Files of a store: rows of one section, and what they are, in one Parquet file each."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from assocmem.parameters import refuse

__all__ = ["Part", "Section", "read_part", "write_part"]

#: The key of our entry in the metadata of a file.
_ENTRY = b"assocmem"


@dataclass(frozen=True)
class Section:
    """What rows of a store have in common.

    Args:
        work: the function that computed them, ``module.name``.
        code_version: the version of its code, see `code_version`.
        axes: name and kind (bool, number or string) of each parameter, sorted.
    """

    work: str
    code_version: str
    axes: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        """The names of the axes."""
        return [name for name, _ in self.axes]


@dataclass(frozen=True)
class Part:
    """What a file says about itself.

    Args:
        path: the file.
        section: the section of all its rows.
        provenance: where its rows come from.
        replaces: names of earlier files that it stands for.
    """

    path: Path
    section: Section
    provenance: list[dict[str, str]]
    replaces: list[str]


def read_part(path: Path) -> Part:
    """What a file says about itself, without its rows.

    Raises:
        ValueError: if it is damaged, or is no file of a store.
    """
    import pyarrow.parquet as pq

    try:
        entry: dict[str, Any] = json.loads(pq.read_metadata(path).metadata[_ENTRY])
    except (pa.ArrowInvalid, KeyError, TypeError) as error:
        valid = f"a store whose files can be read; delete {path.name} to compute its rows again"
        raise refuse("store", str(path.parent), valid) from error
    axes = tuple((name, kind) for name, kind in entry["section"]["axes"])
    section = Section(entry["section"]["work"], entry["section"]["code_version"], axes)
    return Part(path, section, entry["provenance"], entry["replaces"])


def write_part(part: Part, rows: pa.Table, temporary: Path) -> None:
    """Write a file under another name, and rename it when all of it is on disk.

    Args:
        part: the file, and what it is to say about itself.
        rows: its rows.
        temporary: the other name, in the same directory.
    """
    import pyarrow.parquet as pq

    entry = {
        "section": asdict(part.section),
        "provenance": part.provenance,
        "replaces": part.replaces,
    }
    with temporary.open("wb") as file:
        table = rows.replace_schema_metadata({_ENTRY: json.dumps(entry).encode()})
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(part.path)
    if os.name == "posix":  # the renaming too, so that not even a power cut undoes it
        directory = os.open(part.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
