"""The figures of the chapter on adaptive steps: they draw what the notebook computed."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assocmem.figures.style import WIDTH, colors, label_ends, plot_band, plot_memory

#: Marks and dashes of the optimizers, beside their colours.
_MARKS = tuple(zip("os^Dv", ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))), strict=True))
#: The optimizers of the book, in the order of their colours, marks and dashes.
_OPTIMIZERS = ("SGD", "signs", "normalized", "Adam (0.9, 0)", "Adam")

Memories = Mapping[str, Mapping[int, NDArray[np.floating]]]


def draw_snapshots(
    memories: Memories, labels: NDArray[np.integer], *, counts: bool = False
) -> Figure:
    """Draw the probabilities of the outputs, a row for each optimizer and a column for each step.

    Args:
        memories: probabilities, shape (N, M), by optimizer and step.
        labels: right output of each token, shape (N,); a dot marks it.
        counts: whether each panel says how many tokens are right, and panels are large.
    """
    steps = list(next(iter(memories.values())))
    height = 1.1 if counts else 0.85
    figure, axes = plt.subplots(
        len(memories), len(steps), figsize=(WIDTH, height * len(memories) + 0.35),
        sharex=True, sharey=True, squeeze=False,
    )  # fmt: skip
    ticks = {"xticklabels": False, "yticklabels": False}
    for row, (name, by_step) in zip(axes, memories.items(), strict=True):
        for ax, (step, memory) in zip(row, by_step.items(), strict=True):
            title = f"step {step}" if ax in axes[0] else ""
            plot_memory(ax, memory, labels, title=title, size=3 if counts else 1.8, **ticks)
            if counts:
                right = int((memory.argmax(1) == labels).sum())
                ax.set_xlabel(f"{right} of {len(labels)} right", fontsize="small")
        row[0].set_ylabel(name.replace(" (", "\n("), rotation=0, ha="right", va="center")
    figure.supxlabel("token $x$ (columns of each panel), output $y$ (rows)", fontsize="medium")
    mesh = axes[0, 0].collections[0]
    figure.colorbar(mesh, ax=axes, label=r"probability $p_W(y|x)$", shrink=0.9, pad=0.01)
    return figure


def pick(
    memories: Memories, optimizers: Sequence[str], leave_out: Sequence[int]
) -> dict[str, dict[int, NDArray[np.floating]]]:
    """The memories of some optimizers, without those of some steps.

    Args:
        memories: by optimizer and step.
        optimizers: which optimizers.
        leave_out: which steps are left out.

    Example:
        >>> pick({"SGD": {0: np.eye(2), 9: np.eye(2)}, "signs": {}}, ["SGD"], [0]).keys()
        dict_keys(['SGD'])
    """
    return {
        name: {step: memory for step, memory in memories[name].items() if step not in leave_out}
        for name in optimizers
    }


def snapshot_table(memories: Memories) -> pd.DataFrame:
    """The numbers of `draw_snapshots`: columns ``optimizer``, ``step``, ``token`` and one per output.

    Args:
        memories: probabilities, shape (N, M), by optimizer and step.

    Example:
        >>> snapshot_table({"SGD": {3: np.eye(2)}}).columns.tolist()
        ['optimizer', 'step', 'token', 0, 1]
    """
    tables = {
        (name, step): pd.DataFrame(memory)
        for name, by_step in memories.items()
        for step, memory in by_step.items()
    }
    return pd.concat(tables, names=["optimizer", "step", "token"]).reset_index()


def draw_courses(courses: pd.DataFrame) -> Figure:
    """Draw error and spread of the gradient against steps, and the step against the gradient.

    Args:
        courses: columns ``optimizer``, ``step``, ``quantity`` (``error``, ``gradient`` or
            ``change``), ``mean`` and ``std``.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(WIDTH, 3.3))
    for look, mark, (name, course) in _looks(courses.groupby("optimizer", sort=False)):
        for ax, quantity in ((left, "error"), (middle, "gradient")):
            shown = course[course["quantity"] == quantity]
            plot_band(ax, shown, "step", label=str(name), **look)
        sizes = course.pivot(index="step", columns="quantity", values="mean")
        right.plot(sizes["gradient"], sizes["change"], mark, ms=3, color=look["color"])
    left.set(xscale="linear", xlabel="step $t$", ylim=(1e-4, 1))
    middle.set(xscale="linear", xlabel="step $t$", ylabel=r"spread of the gradient, std $\nabla$")
    right.set(xscale="log", yscale="log", xlabel=r"spread of the gradient")
    right.set_ylabel(r"spread of the step")
    figure.legend(
        *left.get_legend_handles_labels(), ncols=5, loc="outside upper center", handlelength=2.4,
        columnspacing=1.0,
    )  # fmt: skip
    return figure


def draw_rates(ends: pd.DataFrame) -> Figure:
    """Draw the error after all steps against the learning rate, one curve for each optimizer.

    Args:
        ends: columns ``optimizer``, ``learning_rate`` and ``error``, one row per run; the line is
            the mean, the band has the runs from 16 to 84 %.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.6))
    for look, mark, (name, runs) in _looks(ends.groupby("optimizer", sort=False)):
        by_rate = runs.groupby("learning_rate")["error"]
        mean, low, high = by_rate.mean(), by_rate.quantile(0.16), by_rate.quantile(0.84)
        ax.plot(mean.index, mean, label=str(name), marker=mark, ms=4, **look)
        ax.fill_between(mean.index, low, high, color=look["color"], alpha=0.15, lw=0)
    ax.set(xscale="log", xlabel=r"learning rate $\gamma$")
    ax.set_yscale("symlog", linthresh=1e-3)
    ax.set(ylim=(0, 1), ylabel=r"generalization error $\mathcal{E}$")
    label_ends(ax)
    return figure


def _looks(
    groups: Iterable[tuple[Hashable, pd.DataFrame]],
) -> Iterator[tuple[dict[str, Any], str, tuple[Hashable, pd.DataFrame]]]:
    """Each optimizer with its colour and dash, and its mark: the same in all figures."""
    by_name = {name: group for name, group in groups}  # noqa: C416 (a groupby looks like a mapping)
    places = {name: place for place, name in enumerate(dict.fromkeys([*_OPTIMIZERS, *by_name]))}
    palette = colors()
    for name, group in by_name.items():
        mark, dash = _MARKS[places[name] % len(_MARKS)]
        color = palette[places[name] % len(palette)]
        yield {"color": color, "linestyle": dash}, mark, (name, group)
