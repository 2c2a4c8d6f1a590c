"""Execute one notebook with the parameters of a profile, through papermill.

The product appears whole or not at all: papermill saves cell by cell under `running/`, and only a notebook that came to
its end is moved to `notebooks/`; one that failed goes to `failed/`, for reading.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from tools import profiles
from tools.files import write_atomically
from tools.layout import BuildError, Products, Tree, run
from tools.sync import sync

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TRACEBACK_LINES = 15
_PROMPT = "Parameters of the profile that this page was built with"
# One thread per library: sums are then added in one order on every machine with the same build of numpy, and
# notebooks that run side by side do not fight for the cores.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

# The name of a socket has 100 characters at the most, less than those in some temporary directories.
_SHORT_DIRECTORY = "/tmp" if os.access("/tmp", os.W_OK) else None


def sockets(scratch: Path) -> Config:
    """Let papermill and kernel talk through files in `scratch`.

    With TCP, kernels that start side by side now and then choose the same port, and then wait in vain.
    """
    return Config({"KernelManager": {"transport": "ipc", "ip": str(scratch / "kernel")}})


def kernel_environment(tree: Tree, scratch: Path) -> dict[str, str]:
    """Return the variables that give the kernel this interpreter, this tree's library and quiet settings."""
    spec = scratch / "jupyter" / "kernels" / "python3" / "kernel.json"
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    settings = scratch / "ipython" / "profile_default" / "ipython_kernel_config.py"
    settings.parent.mkdir(parents=True)
    # A kernel may log its own end as an error; errors of cells do not pass through this log.
    settings.write_text("c = get_config()\nc.IPKernelApp.log_level = 50\n")
    return {
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_PATH": str(scratch / "jupyter"),  # before any kernel called python3 of the user's
        # No personal settings, time zone or language; the cache of fonts is made once for all.
        "MPLCONFIGDIR": str(tree.root / "build" / "matplotlib"),
        "MATPLOTLIBRC": str(scratch / "no-matplotlibrc"),
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        "PYTHONPATH": str(tree.package.parent),
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(_ONE_THREAD, "1"),
    }


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Have these variables for a while: the kernel inherits them, and what comes after does not."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def remaining(tree: Tree, products: Products) -> int:
    """Return how many notebooks are not up to date, the one that is running among them."""

    def stale(name: str) -> bool:
        key, product = products.key(name), products.executed(name)
        return not product.is_file() or product.stat().st_mtime_ns < key.stat().st_mtime_ns

    return sum(stale(name) for name in tree.names())


class Progress:
    """Plain lines that stay readable when two notebooks report at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start = time.monotonic()
        self.total = self.done = 0

    def say(self, message: str) -> None:
        """Print one line: notebook, message, seconds since its start."""
        print(f"[{self.name}] {message}  ({time.monotonic() - self.start:.0f} s)", flush=True)

    def cell(self, cell: Any, **_: Any) -> None:
        """Report that a code cell starts (a hook of nbclient)."""
        self.done += 1
        first = next((line for line in cell.source.splitlines() if line.strip()), "")
        self.say(f"cell {self.done} of {self.total}: {first.strip()[:56]}")


def joined(outputs: list[Any]) -> list[Any]:
    """Return the outputs of a cell with its text in one piece: by timing it comes in one or in more."""
    found: list[Any] = []
    for output in outputs:
        last = found[-1] if found else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last["text"] += output.text
        else:
            found.append(output)
    return found


def normalise(notebook: Any) -> Any:
    """Remove what differs between two runs or machines, and fold the injected parameters away."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]
            prompts = dict.fromkeys(("code_prompt_show", "code_prompt_hide"), _PROMPT)
            cell.metadata["mystnb"] = prompts
            cell["id"] = "injected-parameters"
    return notebook


def failure(error: Exception) -> str:
    """Return the end of a traceback, without colours."""
    if not isinstance(error, PapermillExecutionError):
        return f"{type(error).__name__}: {error}"
    text = _ANSI.sub("", "\n".join(error.traceback)) or f"{error.ename}: {error.evalue}"
    return "\n".join(text.splitlines()[-_TRACEBACK_LINES:])


def execute(tree: Tree, profile: str, name: str) -> None:
    """Run the notebook and put the result in its place."""
    products = tree.build(profile)
    source = sync(tree, name)
    key = products.key(name).read_text(encoding="utf-8")
    running = products.running(name)
    running.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(name)
    cells = nbformat.read(source, as_version=4).cells
    values = profiles.load(tree, profile)[name]
    progress.total = sum(cell.cell_type == "code" for cell in cells) + bool(values)
    progress.say(f"starts; notebooks to do: {remaining(tree, products)}")
    with tempfile.TemporaryDirectory(dir=_SHORT_DIRECTORY) as scratch:
        try:
            with environment(kernel_environment(tree, Path(scratch))):
                papermill.execute_notebook(
                    source,
                    running,
                    parameters=values,
                    kernel_name="python3",
                    progress_bar=False,
                    cwd=tree.root,
                    on_cell_execute=progress.cell,
                    config=sockets(Path(scratch)),
                )
        except (PapermillExecutionError, DeadKernelError, CellTimeoutError) as error:
            kept = products.failed(name)
            kept.parent.mkdir(parents=True, exist_ok=True)
            running.replace(kept)
            progress.say(f"FAILED in cell {progress.done} of {progress.total}")
            raise BuildError(
                f"{name} failed\n{failure(error)}\nkept for reading: {kept.relative_to(tree.root)}"
            ) from error
    if products.key(name).read_text(encoding="utf-8") != key:
        raise BuildError(f"{name}: its inputs changed while it ran; start the build again")
    notebook = normalise(nbformat.read(running, as_version=4))
    write_atomically(products.executed(name), nbformat.writes(notebook, indent=1) + "\n")
    running.unlink()
    products.failed(name).unlink(missing_ok=True)
    progress.say(f"done; notebooks to do: {remaining(tree, products)}")


def main() -> None:
    """Command line: `python -m tools.execute PROFILE NAME`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile")
    parser.add_argument("name")
    arguments = parser.parse_args()
    execute(Tree(), arguments.profile, arguments.name)


if __name__ == "__main__":
    run(main)
