"""Compare the plain algorithm with `assocmem` on the published figures: ``make bench``.

Each measurement is one process with one thread. The report goes to the screen and to
``benchmarks/results.md``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from benchmarks.figures import FIGURES, TRIALS
from benchmarks.run import LAW_SCHEMES, REPEATS
from benchmarks.training import section

#: Probability that the comparison of all figures refuses two right programs.
FALSE_FAILURE = 0.01
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run(*arguments: object) -> dict[str, Any]:
    """One measurement, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.run", *map(str, arguments)]
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    print("measure:", *arguments[:3], file=sys.stderr)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def same_mean(a: np.ndarray, b: np.ndarray, permutations: int = 2999) -> float:
    """The p-value of the hypothesis that all columns of a and b have the same law.

    The statistic is the largest |t| over columns. Its law comes from permuting rows (independent
    trials) among a and b, which is exact however the columns depend on one another, and however
    skewed rare errors are.
    """
    both = np.concatenate([a, b])
    both = both[:, both.std(axis=0) > 1e-12]
    squares = both**2
    flags = np.zeros(len(both))
    flags[: len(a)] = 1
    rng = np.random.default_rng(0)
    chosen = np.array([flags, *(rng.permutation(flags) for _ in range(permutations))])
    counts = len(a), len(b)
    means, variances = [], []
    for rows, count in zip((chosen, 1 - chosen), counts, strict=True):
        mean = rows @ both / count
        means.append(mean)
        variances.append(np.maximum(rows @ squares / count - mean**2, 0) / (count - 1))
    difference = np.abs(means[0] - means[1])
    spread = np.sqrt(variances[0] + variances[1])
    statistic = (difference / np.where(spread > 0, spread, np.inf)).max(axis=1, initial=0)
    return float(np.mean(statistic >= statistic[0] * (1 - 1e-9)))


def machine() -> str:
    """The machine and the libraries, in a line."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), one thread; Python "
        f"{platform.python_version()}, NumPy {np.__version__}, {blas['name']}"
    )


def named(size: float) -> str:
    """A size in words that fit a heading."""
    return "∞" if math.isinf(size) else f"{size:,.0f}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def simulations(
    plain_trials: int, double_trials: int, folder: Path
) -> tuple[str, dict[str, tuple[float, float]]]:
    """The section on direct simulation, and plain's seconds in single and double precision; leaves
    the errors in ``folder``.
    """
    rows, totals, plain_seconds = [], np.zeros(3), {}
    for name, figure in FIGURES.items():
        ours = run("direct", name, folder / f"direct-{name}.npy")
        plain = run("plain", name, plain_trials, "float32", folder / f"plain-{name}.npy")
        double = run("plain", name, double_trials, "float64", folder / "double.npy")
        seconds = np.array([
            plain["seconds"] * TRIALS / plain_trials,
            double["seconds"] * TRIALS / double_trials,
            ours["seconds"],
        ])  # fmt: skip
        totals += seconds
        plain_seconds[name] = float(seconds[0]), float(seconds[1])
        p_value = same_mean(
            np.load(folder / f"plain-{name}.npy"), np.load(folder / f"direct-{name}.npy")
        )
        equal = p_value > FALSE_FAILURE / len(FIGURES)
        rows.append([
            figure.title, f"{seconds[0]:.1f}", f"{seconds[1]:.1f}", f"{seconds[2]:.2f}",
            f"{seconds[0] / seconds[2]:.0f}×", f"{seconds[1] / seconds[2]:.0f}×",
            f"{plain['megabytes']:.0f}", f"{ours['megabytes']:.0f}",
            f"{'yes' if equal else 'NO'} (p = {p_value:.2g})",
        ])  # fmt: skip
    rows.append([
        "**all**", f"{totals[0]:.1f}", f"{totals[1]:.1f}", f"**{totals[2]:.2f}**",
        f"**{totals[0] / totals[2]:.0f}×**", f"**{totals[1] / totals[2]:.0f}×**", "", "", "",
    ])  # fmt: skip
    header = [
        "figure", "plain, single precision (s)", "plain, double (s)", "direct (s)", "ratio, single",
        "ratio, double", "plain (MB)", "direct (MB)", "same errors",
    ]  # fmt: skip
    large = run("large")
    text = f"""## Direct simulation

CPU seconds for {TRIALS} trials, imports and first calls aside, and the peak memory of the process,
with Python and its libraries. *Plain* is the published algorithm as described (`plain.py`), timed on
{plain_trials} trials in single precision and on {double_trials} in double, NumPy's default, and
scaled to {TRIALS}; *direct* is `assocmem.simulate_errors`, in single precision, on all {TRIALS}.
Each is repeated, plain on {REPEATS} parts of its trials and direct {REPEATS} times, and the least time
counts: what is more is other work of the machine.

{table(header, rows)}

*Same errors*: the largest |t| over all points of a figure, against its law under permutation of
the trials; two right programs are refused with a probability of {FALSE_FAILURE:.0%} over all
figures (Bonferroni).

One trial of three memories at N = 10⁶, d = 100, M = 5: {large["seconds"]:.1f} s and
{large["megabytes"]:.0f} MB.
"""
    return text, plain_seconds


def laws(plain_seconds: dict[str, tuple[float, float]], folder: Path, plot: Path) -> str:
    """The section on the exact law; draws its cost at ``plot``."""
    curves, total = [], np.zeros(3)
    for name, figure in FIGURES.items():
        found = run("law", name, folder / f"plain-{name}.npy")
        seconds = *plain_seconds[name], found["seconds"]
        total += seconds
        curves.append([
            figure.title, f"{seconds[0]:.1f}", f"{seconds[1]:.1f}", f"{seconds[2]:.4f}",
            f"{seconds[0] / seconds[2]:,.0f}×", f"{seconds[1] / seconds[2]:,.0f}×",
            f"{found['draws']:,}", f"{found['ratio']:.2f}",
        ])  # fmt: skip
    curves.append([
        "**all**", f"{total[0]:.1f}", f"{total[1]:.1f}", f"**{total[2]:.3f}**",
        f"**{total[0] / total[2]:,.0f}×**", f"**{total[1] / total[2]:,.0f}×**", "", "",
    ])  # fmt: skip
    million = []
    for scheme in LAW_SCHEMES:
        found = run("million", scheme)
        million.append([
            scheme, f"{found['seconds']:.3f}", f"{found['megabytes']:.0f}", f"{found['draws']:,}",
            f"{found['mean']:.3g}", f"{found['relative']:.2%}",
        ])  # fmt: skip
    cost = run("cost")
    draw_cost(cost, plot)
    columns = [
        "figure", "plain, single precision (s)", "plain, double (s)", "law (s)", "ratio, single",
        "ratio, double", "draws", "standard error, law / plain",
    ]  # fmt: skip
    return f"""## The exact law

`assocmem.expected_errors` on all figures, over data sets too where T is finite, with as few draws as
bring its standard error at the median point of a figure to that of the plain algorithm after
{TRIALS} trials: root mean square over several seeds, and their mean seconds, the least of {REPEATS}
repetitions. It computes in double precision, and so does NumPy unless told otherwise.

{table(columns, curves)}

At d = 10⁶, N = ∞, M = 5, α = 2, with draws for a standard error of 1 %:

{table(["scheme", "law (s)", "MB", "draws", "error", "standard error"], million)}

Milliseconds of one expected error with 4,096 draws (α = 2, M = 5), which depend neither on N nor on
d ≥ M:

{cost_table("N (d = 100)", cost["tokens"])}

{cost_table("d (N = ∞)", cost["dims"])}

![Cost of the exact law against N and against d]({plot.name})
"""


def cost_table(name: str, cost: list[list[float]]) -> str:
    """Milliseconds against a size, in two lines."""
    return table([name, *(named(x) for x, _ in cost)], [["ms", *(f"{ms:.0f}" for _, ms in cost)]])


def draw_cost(cost: dict[str, list[list[float]]], path: Path) -> None:
    """Draw milliseconds against N and against d; N = ∞ is a line."""
    figure, axes = plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
    for ax, key in zip(axes, ("tokens", "dims"), strict=True):
        x, ms = np.array(cost[key]).T
        finite = np.isfinite(x)
        ax.plot(x[finite], ms[finite], "o-", label="finite N" if key == "tokens" else "N = ∞")
        for endless in ms[~finite]:
            ax.axhline(endless, color="C1", ls="--", label="N = ∞")
        ax.set(xscale="log", ylim=(0, 1.3 * max(y for _, y in cost["tokens"] + cost["dims"])))
        ax.legend()
    axes[0].set(xlabel="number of tokens N (d = 100)", ylabel="4,096 draws (ms)")
    axes[1].set(xlabel="dimension d")
    with plt.rc_context({"svg.hashsalt": "cost", "svg.fonttype": "path"}):
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Measure everything, print the report and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--fraction", type=float, default=1.0, help="share of the trials on which plain is timed"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results.md")
    options = parser.parse_args()
    plain_trials = max(2, round(options.fraction * TRIALS))
    with tempfile.TemporaryDirectory() as folder:
        direct, plain_seconds = simulations(plain_trials, min(5, plain_trials), Path(folder))
        law = laws(plain_seconds, Path(folder), options.output.with_name("cost.svg"))
    trainings = section(run, table)
    report = f"# Benchmark\n\n`make bench` on {machine()}.\n\n{direct}\n{law}\n{trainings}"
    options.output.write_text(report)
    print(report)


if __name__ == "__main__":
    main()
