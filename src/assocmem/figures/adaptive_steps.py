"""The figures of the chapter on adaptive steps: they draw what the notebook computed."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from assocmem.figures.style import colored, plot_band, plot_memory


def draw_snapshots(
    memories: Mapping[str, Mapping[int, NDArray[np.floating]]], labels: NDArray[np.integer]
) -> Figure:
    """Draw the probabilities of the outputs, a row for each optimizer and a column for each step.

    Args:
        memories: probabilities, shape (N, M), by optimizer and step.
        labels: right output of each token, shape (N,); a dot marks it.
    """
    steps = list(next(iter(memories.values())))
    figure, axes = plt.subplots(
        len(memories), len(steps), figsize=(1.55 * len(steps), 1.35 * len(memories)),
        sharex=True, sharey=True, squeeze=False,
    )  # fmt: skip
    for row, (name, by_step) in zip(axes, memories.items(), strict=True):
        for ax, (step, memory) in zip(row, by_step.items(), strict=True):
            title = f"step {step}" if ax in axes[0] else ""
            ticks = {"xticklabels": False, "yticklabels": False}
            plot_memory(ax, memory, labels, title=title, size=2, **ticks)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    figure.supxlabel("token $x$ (columns of each panel), output $y$ (rows)", fontsize="medium")
    mesh = axes[0, 0].collections[0]
    figure.colorbar(mesh, ax=axes, label=r"probability $p_W(y|x)$", shrink=0.7)
    return figure


def draw_courses(courses: pd.DataFrame) -> Figure:
    """Draw error and spread of the gradient against steps, and the step against the gradient.

    Args:
        courses: columns ``optimizer``, ``step``, ``quantity`` (``error``, ``gradient`` or
            ``change``), ``mean`` and ``std``.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13.0, 4.2))
    for color, (name, course) in colored(courses.groupby("optimizer", sort=False)):
        for ax, quantity in ((left, "error"), (middle, "gradient")):
            shown = course[course["quantity"] == quantity]
            plot_band(ax, shown, "step", label=str(name), color=color)
        sizes = course.pivot(index="step", columns="quantity", values="mean")
        right.plot(sizes["gradient"], sizes["change"], ".", ms=5, color=color)
    left.set(xscale="linear", xlabel="step $t$", ylim=(1e-4, 1))
    middle.set(xscale="linear", xlabel="step $t$", ylabel=r"spread of the gradient, std $\nabla$")
    right.set(xscale="log", yscale="log", xlabel=r"spread of the gradient, std $\nabla$")
    right.set_ylabel(r"spread of the step, std$(W_{t+1} - W_t)$")
    middle.legend(fontsize="small")
    return figure


def draw_rates(ends: pd.DataFrame) -> Figure:
    """Draw the error after all steps against the learning rate, one curve for each optimizer.

    Args:
        ends: columns ``optimizer``, ``learning_rate``, ``mean`` and ``std``.
    """
    figure, ax = plt.subplots()
    for color, (name, curve) in colored(ends.groupby("optimizer", sort=False)):
        plot_band(ax, curve, "learning_rate", label=str(name), marker="o", ms=4, color=color)
    ax.set(yscale="symlog", xlabel=r"learning rate $\gamma$")
    ax.set_yscale("symlog", linthresh=1e-3)
    ax.set_ylim(0, 1)
    ax.legend()
    return figure
