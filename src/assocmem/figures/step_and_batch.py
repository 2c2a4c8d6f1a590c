"""The figures of the chapter on step and batch size: they draw what the notebook computed."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from assocmem.figures.style import colored, plot_band, plot_memory


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
        rows, columns, figsize=(4.6 * columns, 2.5 * rows), sharex=True, sharey=True, squeeze=False
    )
    framed = [drawn] * len(memories) if drawn is None or isinstance(drawn, int) else drawn
    for ax, (title, memory), token in zip(axes.flat, memories.items(), framed, strict=False):
        plot_memory(ax, memory, labels, title=title, xticklabels=range(1, len(labels) + 1))
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


def draw_step(
    memories: Mapping[str, NDArray[np.floating]],
    labels: NDArray[np.integer],
    drawn: int | None,
    step: int,
) -> Figure:
    """Draw one frame of the figure to step through.

    Args:
        memories: probabilities, shape (N, M) each, by title.
        labels: right output of each token, shape (N,).
        drawn: index of the token that the step learned from; None before the first step.
        step: number of the step.
    """
    figure = draw_memories(memories, labels, drawn)
    learned = "" if drawn is None else f", after learning token {drawn + 1} (framed)"
    figure.suptitle(f"step {step}{learned}")
    return figure


def draw_schedules(summary: pd.DataFrame, single: pd.DataFrame, titles: tuple[str, str]) -> Figure:
    """Draw the error of step-size schedules against steps: one run, and the mean of all.

    Args:
        summary: columns ``schedule``, ``step``, ``mean`` and ``std``.
        single: columns ``schedule``, ``step`` and ``error``.
        titles: of the panel of one run, and of that of the mean.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, 4.4), sharey=True)
    for color, (name, curve) in colored(single.groupby("schedule", sort=False)):
        left.plot(curve["step"], curve["error"], color=color, lw=1.2, drawstyle="steps-post")
        shown = summary[summary["schedule"] == name]
        plot_band(right, shown, "step", label=str(name), color=color)
    left.set(title=titles[0], ylabel=r"generalization error $\mathcal{E}$")
    right.set(title=titles[1], ylabel="")
    for ax in (left, right):
        ax.set(xscale="linear", yscale="linear", xlabel="step $t$", ylim=(0, 0.7))
    right.legend(title="learning rate γ")
    return figure


def draw_batches(summary: pd.DataFrame) -> Figure:
    """Draw the error for several batch sizes at equal samples and at equal steps.

    Args:
        summary: columns ``learner``, ``batch``, ``step``, ``n_samples``, ``mean`` and ``std``.
    """
    learners = list(dict.fromkeys(summary["learner"]))
    figure, axes = plt.subplots(
        len(learners), 2, figsize=(9.8, 3.8 * len(learners)), sharey=True, squeeze=False
    )
    for row, learner in zip(axes, learners, strict=True):
        shown = summary[summary["learner"] == learner]
        for color, (batch, curve) in colored(shown.groupby("batch", sort=False)):
            if np.isfinite(curve["n_samples"]).all():
                plot_band(row[0], curve, "n_samples", label=str(batch), color=color)
            plot_band(row[1], curve, "step", label=str(batch), color=color)
        row[0].set(title=f"{learner}, at equal samples", xlabel="samples seen")
        row[1].set(title=f"{learner}, at equal steps", xlabel="step $t$", ylabel="")
        row[1].legend(title="batch size", fontsize="small")
        row[0].set_ylim(1e-4, 1)
    return figure
