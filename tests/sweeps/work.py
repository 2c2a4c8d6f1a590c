"""Functions to sweep: workers import them from here."""

import itertools
import os
import signal
import time
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

#: A grid of 24 configurations in 4 calls, and what its rows must be.
GRID: dict[str, list[Any]] = {
    "model": ["W", "EU"],
    "seed": [3, 1, 2],
    "layer_norm": [False, True],
    "rate": [0.1, 1e-3],
}
TOGETHER = ("rate", "seed")


def value(model: str, seed: int, layer_norm: bool, rate: float) -> float:
    return len(model) + 10 * seed + rate + (100 if layer_norm else 0)


def one(model: str, seed: int, layer_norm: bool, rate: float) -> dict[str, float]:
    """Without axes together."""
    return {"value": value(model, seed, layer_norm, rate)}


def group(model: str, seed: list[int], layer_norm: bool, rate: list[float]) -> pd.DataFrame:
    """With `seed` and `rate` together; the rows come in an order of its own."""
    rows = [
        {"rate": r, "value": value(model, s, layer_norm, r), "seed": s}
        for r in reversed(rate)
        for s in sorted(seed)
    ]
    return pd.DataFrame(rows, index=[7] * len(rows))


def logged(log: str, task: int, part: list[int]) -> list[dict[str, int]]:
    """Notes each call in a directory, so that tests see what was computed."""
    (Path(log) / f"{task}-{'.'.join(map(str, part))}-{time.monotonic_ns()}").touch()
    time.sleep(0.05)
    return [{"part": p, "value": 100 * task + p} for p in part]


def brittle(broken: str, n: int) -> dict[str, int]:
    """Fails for n = 2 while a file exists."""
    if n == 2 and Path(broken).exists():
        raise ValueError("two is too few")
    return {"square": n * n}


def deadly(log: str, n: int) -> dict[str, int]:
    """Ends its process at n = 2; at n = 3, but only the first time."""
    time.sleep(0.2)
    first = not (mark := Path(log) / str(n)).exists()
    mark.touch()
    if n == 2 or (n == 3 and first):
        os._exit(1)
    return {"square": n * n}


def surroundings(log: str, n: int) -> dict[str, Any]:
    """What a worker is like; two of them must meet here."""
    import torch

    (Path(log) / str(os.getpid())).touch()
    end = time.monotonic() + 60
    while len(list(Path(log).iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    return {
        "pid": os.getpid(),
        "threads": torch.get_num_threads(),
        "omp": os.environ["OMP_NUM_THREADS"],
        "interruptible": signal.getsignal(signal.SIGINT) != signal.SIG_IGN,
    }


def slow(log: str, n: int) -> dict[str, int]:
    """Takes a while, and notes that it has begun."""
    (Path(log) / f"{n}-{os.getpid()}").touch()
    time.sleep(0.05 if n < 4 else 30)
    return {"square": n * n}


def stored(store: Path) -> list[dict[str, Any]]:
    """The results of all rows in a store, of whatever function and version."""
    kept = [joblib.load(path) for path in store.rglob("output.pkl")]
    return [row for group in kept for row in group["rows"].values()]


#: What `scripted` returns, or raises.
RETURNED: Any = None


def scripted(task: int, part: list[int]) -> Any:
    if isinstance(RETURNED, BaseException):
        raise RETURNED
    return RETURNED


def any_grouping(**axes: Any) -> pd.DataFrame:
    lists = {name: values for name, values in axes.items() if isinstance(values, list)}
    rows = []
    for combination in itertools.product(*lists.values()):
        chosen = dict(zip(lists, combination, strict=True))
        rows.append({**chosen, "value": value(**{**axes, **chosen})})
    return pd.DataFrame(rows)


def unlogged(log: str, task: int, part: list[int]) -> list[dict[str, int]]:
    return [{"part": p, "value": 100 * task + p} for p in part]


def boxed(log: str, a: list[int], b: list[int]) -> list[dict[str, int]]:
    """How many combinations were asked for together."""
    return [{"a": i, "b": j, "size": len(a) * len(b)} for i in a for j in b]


def kind(size: float, unit: str = "") -> dict[str, str]:
    return {"kind": type(size).__name__}


def twice(size: float) -> dict[str, float]:
    return {"twice": 2 * size}


def fickle(n: int) -> dict[str, Any]:
    return {"result": {1: 1, 2: 2.5, 3: "three"}[n]}


def positional(seed: int, /) -> dict[str, int]:
    return {"value": seed}
