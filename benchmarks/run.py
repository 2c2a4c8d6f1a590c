"""One measurement in a process of its own, so that its peak memory is its own.

python -m benchmarks.run WHAT [ARGUMENT …] prints seconds of CPU, peak memory and what was found, as
JSON. Every function of `MEASUREMENTS` is one WHAT.
"""

from __future__ import annotations

import gc
import json
import math
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import assocmem as am
from benchmarks.figures import FIGURES, SCHEMES, TRIALS, Figure
from benchmarks.plain import WEIGHTS, plain_errors

#: Work is repeated so often, and the least time counts: the rest is what else the machine did.
REPEATS = 5
#: Draws are tried in steps of one a batch, each from so many seeds.
_DRAWS, _SEEDS = 16, 8
INFINITE = am.ZipfTask(2.0, math.inf, 5)
LAW_SCHEMES = {
    "ρ = 1/2": am.frequency(0.5),
    "ρ = 1": am.frequency(),
    "P = d/8": SCHEMES["threshold"],
}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of CPU of this process, and the result."""
    gc.collect()
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def plain(figure: Figure, trials: int, dtype: str) -> tuple[float, np.ndarray]:
    """The plain algorithm: seconds, and errors of shape (trials, points).

    The seconds are those of the fastest of `REPEATS` equal parts of the trials, times their number.
    """
    schemes = [WEIGHTS[name] for name in figure.names]
    rng = np.random.default_rng(1)

    def work(count: int) -> np.ndarray:
        return plain_errors(
            figure.alpha, figure.n_tokens, 5, schemes, figure.dims, figure.n_samples, count, rng,
            np.dtype(dtype),
        )  # fmt: skip

    parts = [len(part) for part in np.array_split(np.arange(trials), min(REPEATS, trials))]
    found = [timed(partial(work, count)) for count in parts]
    seconds = min(took / count for (took, _), count in zip(found, parts, strict=True))
    return trials * seconds, np.concatenate([errors for _, errors in found]).reshape(trials, -1)


def direct(figure: Figure, trials: int) -> tuple[float, np.ndarray]:
    """The direct simulation: least seconds of `REPEATS`, and errors of shape (trials, points)."""

    def work() -> pd.DataFrame:
        return am.simulate_errors(
            figure.task, figure.schemes, figure.dims, trials=trials, rng=np.random.default_rng(2),
            n_samples=figure.n_samples,
        )  # fmt: skip

    found = [timed(work) for _ in range(REPEATS)]
    seconds, table = min(took for took, _ in found), found[0][1]
    position = table["scheme"].map(figure.names.index)
    order = table.assign(position=position).sort_values(["trial", "position", "n_samples", "dim"])
    return seconds, order["error"].to_numpy().reshape(trials, -1)


def law(figure: Figure, sems: np.ndarray) -> tuple[float, int, float]:
    """The exact law with as few draws as give, at the median point, these standard errors.

    Standard errors are estimates too, so each number of draws is tried from several seeds.

    Returns:
        The seconds of one call, draws, and the root mean square over seeds of the median ratio of
        standard errors.
    """

    def errors(draws: int, seed: int) -> pd.DataFrame:
        return am.expected_errors(
            figure.task, figure.schemes, figure.dims, rng=np.random.default_rng(seed), draws=draws,
            n_samples=figure.n_samples,
        )  # fmt: skip

    def reached(draws: int) -> float:
        tables = [errors(draws, seed)["sem"].to_numpy() for seed in range(_SEEDS)]
        ratios = [np.median(found[sems > 0] / sems[sems > 0]) for found in tables]
        return math.sqrt(np.mean(np.square(ratios)))

    draws = _DRAWS
    while (ratio := reached(draws)) > 1:
        # twice as many at most: the first draws gain more than their number, by stratification
        aim = min(2 * draws, 0.8 * draws * ratio**2)
        draws = max(draws + _DRAWS, _DRAWS * int(aim / _DRAWS))
    seconds = [timed(lambda: [errors(draws, s) for s in range(_SEEDS)])[0] for _ in range(REPEATS)]
    return min(seconds) / _SEEDS, draws, ratio


def measure_plain(name: str, trials: str, dtype: str, path: str) -> dict[str, float]:
    """Time the plain algorithm on a figure, and keep its errors at ``path``."""
    plain(FIGURES[name], 1, dtype)  # first calls load libraries
    seconds, errors = plain(FIGURES[name], int(trials), dtype)
    np.save(path, errors)
    return {"seconds": seconds}


def measure_direct(name: str, path: str) -> dict[str, float]:
    """Time the direct simulation of a figure, and keep its errors at ``path``."""
    direct(FIGURES[name], 1)  # first calls load libraries
    seconds, errors = direct(FIGURES[name], TRIALS)
    np.save(path, errors)
    return {"seconds": seconds}


def measure_law(name: str, path: str) -> dict[str, float]:
    """Time the exact law on a figure at the standard errors of the plain errors at ``path``."""
    sems = np.load(path).std(axis=0, ddof=1) / math.sqrt(TRIALS)
    seconds, draws, ratio = law(FIGURES[name], sems)
    return {"seconds": seconds, "draws": draws, "ratio": ratio}


def measure_large() -> dict[str, float]:
    """Time one trial of three memories at N = 10⁶, d = 100, M = 5."""
    task = am.ZipfTask(2.0, 10**6, 5)
    rng = np.random.default_rng(4)
    return {
        "seconds": timed(lambda: am.simulate_errors(task, SCHEMES, [100], trials=1, rng=rng))[0]
    }


def measure_million(scheme: str) -> dict[str, float]:
    """Time the exact law at d = 10⁶, N = ∞ with draws for a standard error of 1 %."""

    def relative(draws: int) -> tuple[float, float, float]:
        seconds, table = timed(
            lambda: am.expected_errors(
                INFINITE, {scheme: LAW_SCHEMES[scheme]}, [10**6], draws=draws,
                rng=np.random.default_rng(5),
            )
        )  # fmt: skip
        mean, sem = float(table["mean"].iloc[0]), float(table["sem"].iloc[0])
        return seconds, mean, sem / mean

    pilot = 8192
    # a tenth more than the pilot asks for, since its standard error is an estimate too
    draws = 64 * math.ceil(1.1 * pilot * (relative(pilot)[2] / 0.01) ** 2 / 64)
    seconds, mean, reached = relative(draws)
    return {"seconds": seconds, "draws": draws, "mean": mean, "relative": reached}


def measure_cost() -> dict[str, list[list[float]]]:
    """Milliseconds of one expected error with 4096 draws (ρ = 1), against N and against d."""

    def milliseconds(n_tokens: float, dim: int) -> float:
        task = am.ZipfTask(2.0, n_tokens, 5)
        one = {"ρ = 1": am.frequency()}
        rng = np.random.default_rng(6)
        runs = [
            timed(lambda: am.expected_errors(task, one, [dim], rng=rng))[0] for _ in range(REPEATS)
        ]
        return 1000 * min(runs)

    milliseconds(100, 10)
    sizes = [100, 10**4, 10**6, 10**8, math.inf]
    dims = [2, 5, 10, 100, 10**4, 10**6]
    return {
        "tokens": [[size, milliseconds(size, 100)] for size in sizes],
        "dims": [[dim, milliseconds(math.inf, dim)] for dim in dims],
    }


def training(name: str) -> Callable[..., dict[str, Any]]:
    """A measurement of `benchmarks.training`, which needs torch: no other should carry its weight."""

    def measure(*arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = getattr(import_module("benchmarks.training"), name)(*arguments)
        return found

    return measure


MEASUREMENTS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "plain": measure_plain,
    "direct": measure_direct,
    "law": measure_law,
    "large": measure_large,
    "million": measure_million,
    "cost": measure_cost,
    "grid": training("measure_grid"),
    "figures": training("measure_figures"),
}


def peak_megabytes() -> float:
    """Peak memory of this process, with Python and its libraries."""
    status = Path("/proc/self/status")
    if status.exists():
        # Of this program alone: Linux counts in ru_maxrss what the parent had used before it started.
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main(what: str, *arguments: str) -> None:
    """Run one measurement and print it."""
    found = MEASUREMENTS[what](*arguments)
    print(json.dumps({**found, "megabytes": peak_megabytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
