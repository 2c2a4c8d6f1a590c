"""The figures of the chapter on step and batch size: they draw what the notebook computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from assocmem.figures.style import WIDTH, colored, colors, label_ends, plot_band, plot_memory

#: Marks of curves, beside their colours.
_MARKERS = "os^Dv"
#: Errors below this are drawn here, at the bottom of the axis.
_LOWEST = 1e-4


def draw_margins(table: pd.DataFrame, titles: Mapping[str, str], columns: int = 5) -> Figure:
    """Draw the margins of all tokens around the first steps that met a new one, step by step.

    Args:
        table: columns ``rate``, ``step``, ``learned``, ``token``, ``before`` and ``after`` (margins in
            units of the learning rate).
        titles: what to call each rate; a row of panels each.
        columns: how many steps.
    """
    steps = table["step"].unique()[:columns]
    figure, axes = plt.subplots(
        len(titles), len(steps), figsize=(WIDTH, 3.7), sharex=True, sharey="row", squeeze=False
    )
    for row, (rate, title) in zip(axes, titles.items(), strict=True):
        for ax, step in zip(row, steps, strict=True):
            _draw_bars(ax, table[(table["rate"] == rate) & (table["step"] == step)])
        row[0].set_ylabel(f"{title}\nmargin / $\\gamma$")
    for ax, step in zip(axes[0], steps, strict=True):
        learned = table.loc[table["step"] == step, "learned"].iloc[0]
        ax.set_title(f"step {step}\nlearns token {learned}", fontsize="medium")
    figure.supxlabel("token $x$", fontsize="medium")
    return figure


def _draw_bars(ax: Axes, step: pd.DataFrame) -> None:
    """Margins as bars, those of wrong tokens hatched; ticks where they were before the step."""
    learned = int(step["learned"].iloc[0])
    ax.axvspan(learned - 0.5, learned + 0.5, color="0.85", lw=0, zorder=0)
    right, wrong = step[step["after"] > 0], step[step["after"] <= 0]
    blue, orange, *_ = colors()
    ax.bar(right["token"], right["after"], color=blue, ec=blue)
    ax.bar(wrong["token"], wrong["after"], color="white", ec=orange, hatch="//////")
    moved = step[~np.isclose(step["before"], step["after"])]
    ax.plot(moved["token"], moved["before"], "_", color="black", ms=7, mew=1.8)
    ax.axhline(0, color="black", lw=0.8)
    ax.grid(visible=False, axis="x")
    ax.set_xticks([1, int(step["token"].max())])


def draw_memories(
    memories: Mapping[str, NDArray[np.floating]],
    labels: NDArray[np.integer],
    drawn: int | Sequence[int] | None = None,
    columns: int = 2,
) -> Figure:
    """Draw the probabilities of the outputs given each token, a panel for each memory.

    Args:
        memories: probabilities, shape (N, M) each, by title.
        labels: right output of each token, shape (N,); a dot marks it.
        drawn: index of the token that the step learned from, framed; one for each panel, or the
            same for all.
        columns: panels in a row.
    """
    rows = -(-len(memories) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, 1.9 * rows), sharex=True, sharey=True, squeeze=False
    )
    framed = [drawn] * len(memories) if drawn is None or isinstance(drawn, int) else drawn
    ticks = [x if x % -(-len(labels) // 10) == 0 else "" for x in range(1, len(labels) + 1)]
    for ax, (title, memory), token in zip(axes.flat, memories.items(), framed, strict=False):
        plot_memory(ax, memory, labels, title=title, xticklabels=ticks)
        if token is not None:
            frame = Rectangle((token, 0), 1, memory.shape[1], fill=False, ec="red", lw=2.5)
            ax.add_patch(frame)
    for ax in axes[-1]:
        ax.set_xlabel("token $x$")
    for ax in axes[:, 0]:
        ax.set_ylabel("output $y$")
    mesh = axes[0, 0].collections[0]
    figure.colorbar(mesh, ax=axes, label=r"probability $p_W(y|x)$", shrink=0.8)
    return figure


def memory_table(memories: Mapping[str, NDArray[np.floating]]) -> pd.DataFrame:
    """The numbers of `draw_memories`: columns ``memory`` (its title), ``token`` and one per output.

    Args:
        memories: probabilities, shape (N, M) each, by title.

    Example:
        >>> memory_table({"before": np.eye(2)}).columns.tolist()
        ['memory', 'token', 0, 1]
    """
    tables = {title: pd.DataFrame(memory) for title, memory in memories.items()}
    return pd.concat(tables, names=["memory", "token"]).reset_index()


def draw_schedules(
    summary: pd.DataFrame,
    single: pd.DataFrame,
    names: Mapping[str, str],
    titles: Sequence[str],
) -> Figure:
    """Draw the error of step-size schedules against steps: one run, and the mean of all.

    Args:
        summary: columns ``schedule``, ``step``, ``mean`` and ``std``.
        single: columns ``schedule``, ``step`` and ``error``.
        names: what to call a schedule, where it is not its own name.
        titles: what the panel of one run shows, and that of the mean.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.4), sharey=True)
    for (color, (name, curve)), dash in zip(
        colored(single.groupby("schedule", sort=False)), ("-", "--", "-.", ":"), strict=False
    ):
        line: dict[str, Any] = {"color": color, "ls": dash}
        left.plot(curve["step"], curve["error"], lw=1.2, drawstyle="steps-post", **line)
        plot_band(
            right,
            summary[summary["schedule"] == name],
            "step",
            label=names.get(str(name), str(name)),
            **line,
        )
    left.set(title=f"one run, {titles[0]}", ylabel=r"generalization error $\mathcal{E}$")
    right.set(title=f"mean of all runs, {titles[1]}")
    for ax in (left, right):
        ax.set(xscale="linear", yscale="linear", xlabel="step $t$", ylim=(0, 0.7))
    right.set_ylabel("")
    label_ends(right)
    return figure


def draw_batches(summary: pd.DataFrame) -> Figure:
    """Draw the error for several batch sizes at equal samples and at equal steps.

    Args:
        summary: columns ``learner``, ``batch``, ``step``, ``n_samples``, ``mean`` and ``std``.
    """
    learners = list(dict.fromkeys(summary["learner"]))
    figure, axes = plt.subplots(
        len(learners), 2, figsize=(WIDTH, 2.6 * len(learners)), sharey=True, sharex="col",
        squeeze=False,
    )  # fmt: skip
    clipped = summary.assign(mean=summary["mean"].clip(lower=_LOWEST))
    for row, learner in zip(axes, learners, strict=True):
        shown = clipped[clipped["learner"] == learner]
        for place, (color, (batch, curve)) in enumerate(
            colored(shown.groupby("batch", sort=False))
        ):
            style: dict[str, Any] = {
                "color": color,
                "marker": _MARKERS[place % len(_MARKERS)],
                "ms": 3,
            }
            for ax, x in zip(row, ("n_samples", "step"), strict=True):
                if np.isfinite(curve[x]).all():
                    plot_band(ax, curve, x, label=str(batch), **style)
        row[0].set(title=f"{learner}, at equal samples", xlabel="")
        row[1].set(title=f"{learner}, at equal steps", xlabel="", ylabel="")
        row[0].set_ylim(_LOWEST, 1)
    figure.legend(
        *axes[0, 1].get_legend_handles_labels(), title="batch size", ncols=5,
        loc="outside upper center",
    )  # fmt: skip
    axes[-1, 0].set_xlabel("samples seen")
    axes[-1, 1].set_xlabel("step $t$")
    return figure
