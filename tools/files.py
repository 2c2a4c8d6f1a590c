"""Writing files so that neither a reader nor a killed build ever meets half of one."""

import os
import shutil
import tempfile
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write beside `path`, then rename: the file is the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        temporary.chmod(0o644)  # mkstemp gives 0600, and web servers run as somebody else
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_if_changed(path: Path, text: str) -> bool:
    """Leave the file, and so its time, alone when it already holds `text`; say if it was written."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    write_atomically(path, text)
    return True


def replace_directory(new: Path, old: Path) -> None:
    """Put the finished directory `new` in the place of `old` by two renames."""
    previous = old.with_name(f"{old.name}.previous")
    shutil.rmtree(previous, ignore_errors=True)
    if old.exists():
        old.rename(previous)
    new.rename(old)
    shutil.rmtree(previous, ignore_errors=True)


def fresh_directory(path: Path) -> Path:
    """Return `path` as an empty directory, whatever an earlier, killed build left there."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path
