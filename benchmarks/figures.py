"""The settings of the published figures, for both programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

import assocmem as am

#: Trials behind every published point.
TRIALS = 100
SCHEMES = {
    "fill": am.fill(),
    "frequency": am.frequency(),
    "threshold": am.threshold(am.PerDimension(1 / 8)),
}


@dataclass(frozen=True)
class Figure:
    """One figure: a task with M = 5 outputs, and a grid of schemes, T (None: T = ∞) and d."""

    title: str
    alpha: float
    n_tokens: int
    names: tuple[str, ...]
    dims: tuple[int, ...]
    n_samples: tuple[int, ...] | None = None

    @property
    def task(self) -> am.ZipfTask:
        """The task, as `assocmem` has it."""
        return am.ZipfTask(self.alpha, self.n_tokens, 5)

    @property
    def schemes(self) -> Mapping[str, am.model.Scheme]:
        """The schemes, as `assocmem` has them."""
        return {name: SCHEMES[name] for name in self.names}


def grid(low: float, high: float, count: int) -> tuple[int, ...]:
    """Whole numbers at equal distances on a logarithmic axis."""
    return tuple(int(x) for x in np.unique(np.geomspace(low, high, count).round()))


FIGURES = {
    "fig1": Figure(
        "figure 1", 2.0, 1000, ("threshold",), (10, 20, 50, 100, 200, 1000), (10, 100, 1000, 10**4)
    ),
    "right100": Figure(
        "figure 3 right, N = 100", 2.0, 100, tuple(SCHEMES), grid(10, 1000, 20)
    ),
    "right1000": Figure(
        "figure 3 right, N = 1000", 2.0, 1000, tuple(SCHEMES), grid(10, 1000, 20)
    ),
    "heat": Figure(
        "figure 3 left and middle", 0.5, 100, ("fill", "frequency"), grid(10, 1000, 30),
        grid(10, 10**4, 30),
    ),
}  # fmt: skip
