"""The figures of the chapter on learned embeddings: they draw what the notebook computed."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from assocmem.figures.interactive import explore
from assocmem.figures.style import WIDTH, colored, colors, label_ends, plot_band, plot_reference

#: Marks of the classes, beside their colours.
_MARKERS = "osD^vPX<>h"
#: What the name of an output stands on.
_PLATE = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.7}


def draw_coherence(coherences: pd.DataFrame) -> Figure:
    """Draw the coherence of random families against the dimension, with the laws around it.

    Args:
        coherences: columns ``n_vectors``, ``dim``, ``mean``, ``low`` and ``high`` (of the drawn
            families), ``law`` (of independent overlaps), ``lemma`` and ``welch``.
    """
    figure, ax = plt.subplots(figsize=(WIDTH, 3.9))
    for place, (color, (n, curve)) in enumerate(colored(coherences.groupby("n_vectors"))):
        ax.plot(curve["dim"], curve["mean"], _MARKERS[place % len(_MARKERS)], ms=4, color=color)
        ax.plot(curve["dim"], curve["law"], "-", lw=1.2, color=color, label=f"$P$ = {n}")
        ax.fill_between(curve["dim"], curve["low"], curve["high"], color=color, alpha=0.2, lw=0)
        plot_reference(ax, curve["dim"], curve["lemma"], color=color)
        reached = curve[curve["welch"] > 0]
        plot_reference(ax, reached["dim"], reached["welch"], color=color, linestyle=":")
    ax.set(xscale="log", yscale="log", xlabel="dimension $d$", ylabel=r"coherence $\eta$")
    ax.set_ylim(top=1.3)
    keys = [
        Line2D([], [], color="0.3", lw=1.2, label="independent overlaps"),
        Line2D([], [], color="0.3", ls="--", label=r"Lemma 1, $2\sqrt{\log(P)/d}$"),
        Line2D([], [], color="0.3", ls=":", label="least of any family"),
    ]
    ax.legend(handles=keys, loc="lower left")
    label_ends(ax)
    return figure


def draw_recall(noisy: pd.DataFrame, noiseless: pd.DataFrame) -> Figure:
    """Draw the error of Proposition 5's memory: against d with noise, and in the plane without.

    Args:
        noisy: columns ``margin``, ``dim``, ``mean``, ``sem``, ``lower`` and ``needed`` (the
            dimension of the proposition).
        noiseless: columns ``n_outputs``, ``measured`` and ``law``.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.7))
    floor = noisy["mean"][noisy["mean"] > 0].min() / 3 if noisy["mean"].any() else 1e-4
    for place, (margin, curve) in enumerate(noisy.groupby("margin")):
        color = colors()[place % len(colors())]
        seen = curve[curve["mean"] > 0]
        left.errorbar(
            seen["dim"], seen["mean"], np.minimum(2 * seen["sem"], 0.99 * seen["mean"]),
            fmt=_MARKERS[place % len(_MARKERS)] + "-", ms=4, color=color,
            label=f"$\\mu$ = {margin:g}",
        )  # fmt: skip
        none = curve[curve["mean"] == 0]
        left.plot(
            none["dim"], np.full(len(none), floor * 1.3**place), "v", ms=5, mfc="none", color=color
        )
        plot_reference(left, curve["dim"], curve["lower"], color=color)
        left.axvline(curve["needed"].iloc[0], color=color, lw=1.2, ls=":")
    plot_reference(left, [], [], "proven lower bound")
    plot_reference(left, [], [], r"$16 \log(M)/\mu^2$", linestyle=":")
    left.set(xscale="log", yscale="log", ylim=(floor / 1.6, 1.3), xlabel="dimension $d$")
    left.set(ylabel=r"generalization error $\mathcal{E}$", title="noisy: two rivals a token")
    left.legend(fontsize="small", loc="upper right", framealpha=0.9)
    right.plot(noiseless["n_outputs"], noiseless["measured"], "o", ms=5, label="measured")
    beyond = np.array([noiseless["n_outputs"].min(), 3e4])
    plot_reference(right, noiseless["n_outputs"], noiseless["law"], r"$1 - \cos(2\pi/M)$")
    plot_reference(right, beyond, 2 * (np.pi / beyond) ** 2, r"$2\pi^2/M^2$", linestyle=":")
    single = float(np.finfo(np.float32).eps)
    right.axhline(single, color="0.5", lw=1, ls="-.")
    right.text(noiseless["n_outputs"].min(), single * 1.3, "single precision", size="small")
    right.set(xscale="log", yscale="log", xlabel="number of outputs $M$")
    right.set(ylabel="least score difference $s_{f_*} - s_z$", title="noiseless: a circle, $d = 2$")
    right.legend(fontsize="small")
    return figure


def draw_distances(distances: pd.DataFrame) -> Figure:
    """Draw mean distances of inputs within and between classes, a panel for each way of training.

    Args:
        distances: columns ``training``, ``pairs``, ``step`` and ``error`` (the distance), one row per
            run; lines are means, bands have the runs from 16 to 84 %.
    """
    panels = list(dict.fromkeys(distances["training"]))
    figure, axes = plt.subplots(1, len(panels), figsize=(WIDTH, 3.4), squeeze=False, sharey=True)
    for ax, panel in zip(axes[0], panels, strict=True):
        shown = distances[distances["training"] == panel]
        for color, mark, dash, (pairs, curve) in zip(
            colors(), "os", ("-", "--"), shown.groupby("pairs", sort=False), strict=False
        ):
            by_step = curve.groupby("step")["error"]
            low, mean, high = by_step.quantile(0.16), by_step.mean(), by_step.quantile(0.84)
            ax.plot(mean.index, mean, dash, marker=mark, ms=3.5, color=color, label=str(pairs))
            ax.fill_between(mean.index, low, high, color=color, alpha=0.2, lw=0)
        ax.set(title=panel, xlabel="step $t$", yscale="log")
        first = float(shown["step"][shown["step"] > 0].min())
        ax.set_xscale("symlog", linthresh=first)
        ax.set_xlim(-0.2 * first, 1.5 * float(shown["step"].max()))
    axes[0, 0].set_ylabel(r"mean distance $\|e_x - e_{x'}\|$")
    label_ends(axes[0, -1])
    return figure


def draw_outputs(summary: pd.DataFrame, longer: pd.DataFrame) -> Figure:
    """Draw the error in the plane against the number of outputs, and how many can be recalled.

    Args:
        summary: columns ``n_outputs``, ``when`` (``before`` or ``after`` training), ``quantity``
            (``error``, ``lost`` or ``recallable``), ``mean`` and ``std``.
        longer: columns ``step``, ``mean`` and ``std`` of the number of outputs that can be recalled.
    """
    figure, (left, right, last) = plt.subplots(1, 3, figsize=(WIDTH, 3.2))
    blue, orange, green, *_ = colors()
    parts = dict(iter(summary.groupby(["when", "quantity"])))
    error = parts["after", "error"]
    plot_band(left, error, "n_outputs", label="error", color=blue, marker="o", ms=4)
    lost = parts["after", "lost"].sort_values("n_outputs")
    left.plot(lost["n_outputs"], lost["mean"], "s--", ms=3, color=orange, label="out of reach")
    left.set(xscale="log", yscale="linear", xlabel="number of outputs $M$")
    left.set_ylim(bottom=0)
    left.legend(fontsize="small")
    for when, color, mark in (("after", blue, "o"), ("before", green, "s")):
        shown, label = parts[when, "recallable"], f"{when} training"
        plot_band(right, shown, "n_outputs", label=label, color=color, marker=mark, ms=4)
    every = np.array([error["n_outputs"].min(), error["n_outputs"].max()])
    plot_reference(right, every, every, "all of them")
    right.set(xlabel="number of outputs $M$", ylabel="outputs that can be recalled")
    right.legend(fontsize="small", loc="upper left")
    plot_band(last, longer, "step", label="_", color=blue, marker="o", ms=4)
    last.set(yscale="linear", xlabel="step $t$", ylabel="", title="$M$ = 50")
    last.set_ylim(bottom=0)
    return figure


def draw_plane(
    planes: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]],
    labels: NDArray[np.integer],
    masses: NDArray[np.floating],
    *,
    inputs: Mapping[str, NDArray[np.floating]] | None = None,
) -> Figure:
    """Draw where each output wins in the plane of hidden vectors, and where the tokens are.

    Args:
        planes: outputs U, shape (M, 2), and hidden vectors h, shape (N, 2), by title of the panel;
            each is scaled to fit.
        labels: right output of each token, shape (N,): its colour and mark.
        masses: p(x), shape (N,): the size of its mark.
        inputs: embeddings E, shape (N, 2), by title of a panel of their own.
    """
    panels = {**planes, **{title: (None, rows) for title, rows in (inputs or {}).items()}}
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(WIDTH, min(4.2, WIDTH / len(panels) + 0.35)),
        sharey=True,
        squeeze=False,
    )
    for ax, (title, (outputs, rows)) in zip(axes[0], panels.items(), strict=True):
        if outputs is not None:
            _draw_regions(ax, outputs)
        else:
            ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal")
        points = rows / np.linalg.norm(rows, axis=1).max()
        for z in np.unique(labels).tolist():
            mine = labels == z
            ax.scatter(
                *points[mine].T, s=10 + 90 * np.sqrt(masses[mine]), color=_color(z),
                marker=_MARKERS[z % len(_MARKERS)], ec="black", lw=0.6, zorder=3,
            )  # fmt: skip
        name = "e" if outputs is None else "h"
        ax.set(title=title, xlabel=f"first coordinate of ${name}$", xticks=[], yticks=[])
    axes[0, 0].set_ylabel("second coordinate")
    return figure


def plane_table(
    planes: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]],
    inputs: Mapping[str, NDArray[np.floating]],
) -> pd.DataFrame:
    """The numbers of `draw_plane`: columns ``step`` (the title), ``kind`` (``output``, ``hidden`` or
    ``input``), ``index``, and ``first`` and ``second``, the coordinates.

    Args:
        planes: outputs U, shape (M, 2), and hidden vectors h, shape (N, 2), by title of the panel.
        inputs: embeddings E, shape (N, 2), by title of a panel of their own.

    Example:
        >>> plane_table({"step 0": (np.eye(2), np.eye(2))}, {})["kind"].unique().tolist()
        ['output', 'hidden']
    """
    rows = {(title, "output"): outputs for title, (outputs, _) in planes.items()}
    rows |= {(title, "hidden"): hidden for title, (_, hidden) in planes.items()}
    rows |= {(title, "input"): points for title, points in inputs.items()}
    tables = {
        key: pd.DataFrame(points, columns=["first", "second"]) for key, points in rows.items()
    }
    return pd.concat(tables, names=["step", "kind", "index"]).reset_index()


def step_through(
    planes: Mapping[str, tuple[NDArray[np.floating], NDArray[np.floating]]],
    labels: NDArray[np.integer],
    masses: NDArray[np.floating],
    errors: Sequence[float],
) -> None:
    """Show `draw_plane` one moment at a time, and four of them on paper.

    Args:
        planes: outputs U, shape (M, 2), and hidden vectors h, shape (N, 2), by title.
        labels: right output of each token, shape (N,).
        masses: p(x), shape (N,).
        errors: the error at each moment.
    """
    titles = list(planes)
    told = zip(titles, errors, strict=True)
    texts = [f"At {title} the error is {error:.3f}." for title, error in told]
    data = {
        "titles": titles,
        "outputs": [outputs for outputs, _ in planes.values()],
        "hidden": [hidden for _, hidden in planes.values()],
        "labels": labels,
        "masses": masses,
        "says": texts,
    }
    some = dict.fromkeys(titles[k] for k in np.linspace(0, len(titles) - 1, 4).astype(int))
    explore(
        "frames",
        data=data,
        picture=draw_plane({title: planes[title] for title in some}, labels, masses),
        alt=" ".join(texts[titles.index(title)] for title in some),
        numbers=("plane-errors", {"moment": titles, "error": list(errors)}),
    )


def draw_jump(chains: pd.DataFrame) -> Figure:
    """Draw how chains of runs are lost, and their error, run after run.

    Args:
        chains: columns ``n_outputs``, ``link``, ``lost`` and ``error``, one row per run.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 3.2))
    for color, mark, (m, runs) in zip(
        colors(), _MARKERS, chains.groupby("n_outputs"), strict=False
    ):
        means = runs.groupby("link")[["lost", "error"]].mean()
        for ax, name in ((left, "lost"), (right, "error")):
            ax.plot(means.index + 1, means[name], f"{mark}-", ms=5, color=color, label=f"$M$ = {m}")
    left.set(ylabel="share of lost chains", ylim=(-0.02, 1.02))
    right.set(ylabel=r"mean generalization error $\mathcal{E}$")
    right.set_ylim(bottom=0)
    for ax in (left, right):
        ax.set_xlabel("runs from one initialisation")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    label_ends(right)
    return figure


def _draw_regions(ax: Axes, outputs: NDArray[np.floating]) -> None:
    """Shade the plane by the output that wins, with an arrow along each output."""
    axis = np.linspace(-1.25, 1.25, 200)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    shades = ListedColormap([_color(z) for z in range(len(outputs))])
    extent = (axis[0], axis[-1], axis[0], axis[-1])
    ax.imshow(
        (grid @ outputs.T).argmax(-1), cmap=shades, vmin=-0.5, vmax=len(outputs) - 0.5,
        origin="lower", extent=extent, alpha=0.3, interpolation="nearest",
    )  # fmt: skip
    arrows = outputs / np.linalg.norm(outputs, axis=1).max()
    for z, (a, b) in enumerate(arrows):
        ax.annotate(
            "", (a, b), (0, 0), arrowprops={"arrowstyle": "-|>", "color": _color(z), "lw": 2.2}
        )
        ax.text(1.12 * a, 1.12 * b, f"$u_{{{z}}}$", ha="center", va="center", zorder=4, bbox=_PLATE)


def _color(z: int) -> str:
    return colors()[z % len(colors())]
