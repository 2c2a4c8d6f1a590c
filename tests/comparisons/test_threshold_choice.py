import math

import numpy as np
import pandas as pd
import pytest

from assocmem import PerDimension, ZipfTask, best_threshold, expected_errors, threshold
from assocmem.comparisons import (
    PROPORTIONAL,
    among_the_best,
    best_thresholds,
    far_thresholds,
    threshold_choices,
)
from assocmem.theory import best_threshold_asymptote, stored_error

INFINITE = ZipfTask(2.0, math.inf, 5)


def test_best_thresholds_have_both_answers() -> None:
    options = {"draws": 128}
    table = best_thresholds(INFINITE, [100, 2000], rng=np.random.default_rng(2), **options)
    law = best_threshold(INFINITE, [100, 2000], rng=np.random.default_rng(2), **options)
    pd.testing.assert_frame_equal(table[law.columns], law)
    np.testing.assert_array_equal(
        table["asymptote"], best_threshold_asymptote(INFINITE, [100, 2000])[0]
    )
    assert set(table["n_outputs"]) == {5}


def test_a_threshold_is_among_the_best_within_the_outputs() -> None:
    values = [14.9, 15, 35, 35.1]
    table = pd.DataFrame({"low": 20, "high": 30, "n_outputs": 5, "asymptote": values})
    assert among_the_best(table).tolist() == [False, True, True, False]
    assert among_the_best(table.assign(asymptote=table["asymptote"] / 2), 2.0).tolist() == [
        False, True, True, False,
    ]  # fmt: skip


def test_far_thresholds_share_their_draws() -> None:
    table = far_thresholds([1.5, 2.0], draws=64, seed=[0, 4])
    for part, alpha in ((table[:3], 1.5), (table[3:], 2.0)):
        task, rng = ZipfTask(alpha, math.inf, 5), np.random.default_rng([0, 4])
        alone = best_thresholds(task, [1000, 10_000, 100_000], draws=64, rng=rng)
        pd.testing.assert_frame_equal(part.reset_index(drop=True), alone)


def test_choices_are_thresholds_in_proportion_with_their_floors() -> None:
    task = ZipfTask(1.6, math.inf, 5)
    table = threshold_choices(task, [100, 10**7], draws=256, rng=np.random.default_rng(3))
    decay = {"2ρα = 0.4": threshold(PerDimension(1 / 2), 0.125)}
    schemes = PROPORTIONAL | decay
    law = expected_errors(task, schemes, [100, 10**7], draws=256, rng=np.random.default_rng(3))
    pd.testing.assert_frame_equal(table[law.columns], law)
    assert table["n_stored"].tolist() == [100, 10**7, 50, 5 * 10**6, 12, 1_250_000, 50, 5 * 10**6]
    for name, share in {"P = d": 1, "P = d/2": 1 / 2, "P = d/8": 1 / 8}.items():
        floors = table.loc[table["scheme"] == name, "floor"]
        assert floors.tolist() == [stored_error(5, share, 1)] * 2
    assert table["floor"].isna().tolist() == [False] * 6 + [True] * 2
    far = table[(table["scheme"] == "P = d") & (table["dim"] == 10**7)]
    assert far["mean"].item() == pytest.approx(far["floor"].item(), rel=0.1)
