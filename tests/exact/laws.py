"""The exact law of one scheme, in one line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assocmem import ZipfTask, expected_errors
from assocmem.model import Scheme


def law(
    task: ZipfTask,
    scheme: Scheme | ArrayLike,
    dims: Sequence[int],
    draws: int = 4096,
    seed: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and standard errors of the exact law at each d."""
    rng = np.random.default_rng(seed)
    table = expected_errors(task, {"": scheme}, dims, rng=rng, draws=draws)
    return table["mean"].to_numpy(), table["sem"].to_numpy()
