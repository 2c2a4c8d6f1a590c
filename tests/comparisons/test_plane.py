import numpy as np
import pandas as pd
import pytest
import torch

from assocmem.comparisons import (
    cluster_cases,
    cluster_ratios,
    constant_ratios,
    hull_cases,
    jump_cases,
    time_ratios,
)
from assocmem.model.task import ZipfTask
from assocmem.training import constant_error, descend_by_rates, input_curvature, plane_networks

TASK = ZipfTask(2.0, 40, 4)


def test_clusters_hold_for_short_steps_at_equal_rates() -> None:
    start = plane_networks(TASK, runs=3, seed=0)
    equal, unequal = descend_by_rates(TASK, start, 30, 0.05)
    stated, wrong = cluster_cases(equal, unequal, 0.05)
    assert np.asarray(stated).tolist() == [True] * 3
    assert not np.all(wrong)
    longest = min(float((2 / input_curvature(net)).min()) for net in equal.values())
    assert not np.all(cluster_cases(equal, unequal, 1.01 * longest)[0])
    assert np.all(cluster_cases(equal, unequal, 0.99 * longest)[0])


def test_ratios_are_of_distances_within_and_between() -> None:
    start = plane_networks(TASK, runs=2, seed=0)
    kept, _ = descend_by_rates(TASK, start, 20, 0.05)
    claim = cluster_ratios(kept, 4)
    found_both = claim["observed"], claim["mutant"]["observed"]
    for labels, found in zip((np.arange(40) % 4, np.arange(40) // 10), found_both, strict=True):
        own = kept[0].labels.numpy() if labels[1] else labels
        ratios = []
        for network in (kept[20], kept[0]):
            inputs = network.inputs.numpy()
            apart = np.linalg.norm(inputs[:, :, None] - inputs[:, None], axis=-1)
            same, other = (own[:, None] == own) & ~np.eye(40, dtype=bool), own[:, None] != own
            ratios.append(apart[:, same].mean(axis=1) / apart[:, other].mean(axis=1))
        assert found.value == pytest.approx((ratios[0] / ratios[1]).mean())


def runs(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_the_hull_bounds_the_error_of_many_outputs() -> None:
    parts = [
        runs(n_outputs=m, trial=t, when=when, quantity=["error", "lost", "shadowed"], error=errors)
        for m, t, when, errors in (
            (26, 0, "after", [0.3, 0.3, 0.4]), (26, 1, "after", [0.3, 0.2, 0.2]),
            (26, 2, "after", [0.1, 0.2, 0.0]), (5, 0, "after", [0.0, 0.9, 0.9]),
            (26, 0, "before", [0.0, 0.9, 0.9]),
        )
    ]  # fmt: skip
    stated, wrong = hull_cases(pd.concat(parts, ignore_index=True))
    assert np.asarray(stated).tolist() == [True, True, False]
    assert np.asarray(wrong).tolist() == [False, True, True]


def test_errors_are_told_in_units_of_a_constant_output() -> None:
    trained = runs(n_outputs=[26, 30, 26, 5], trial=[0, 0, 1, 0], when="after", quantity="error",
                   error=[0.1, 0.2, 0.3, 9.0])  # fmt: skip
    trained = pd.concat([trained, trained.assign(when="before", error=9.0)], ignore_index=True)
    chains = runs(n_outputs=[32, 32, 32, 24], link=[5, 5, 4, 5], error=[0.2, 0.4, 9.0, 9.0])
    claim = constant_ratios(TASK, trained, chains)
    units = {m: constant_error(TASK, m, 1) for m in (26, 30, 32)}
    fresh = (0.1 / units[26] + 0.2 / units[30]) / 2, 0.3 / units[26]
    assert claim["observed"].value == pytest.approx(np.mean(fresh))
    assert claim["mutant"]["observed"].value == pytest.approx(0.3 / units[32])


def test_time_is_compared_with_the_next_run() -> None:
    longer = runs(trial=[0, 1, 2] * 2, step=[9] * 3 + [1] * 3, error=[10.0, 20, 30, 1, 5, 10])
    claim = time_ratios(longer)
    assert claim["observed"].value == pytest.approx(np.mean([0.1, 0.25, 1 / 3]))
    assert claim["mutant"]["observed"].value == pytest.approx(np.mean([0.1, 5, 2]))


def test_a_lost_chain_errs_as_a_constant_and_counts_once_for_its_cause() -> None:
    first = constant_error(TASK, 5, 1)
    chains = runs(n_outputs=5, trial=0, link=[0, 1, 2], lost=[False, True, True],
                  picked=[0.1, 1e-44, 0.5], least=[0.0, 0.0, 0.2], error=[0.1, first, first])  # fmt: skip
    found = jump_cases(TASK, chains, 10)
    assert [np.asarray(each).tolist() for each in found["learn.cause"]] == [
        [True, True], [False, True]
    ]  # fmt: skip
    stated, wrong = found["learn.jump"]
    assert np.asarray(stated).tolist() == [True, True]
    assert not np.any(wrong)
    assert list(jump_cases(TASK, chains[:1], 10)) == ["learn.cause"]
    assert torch.get_default_dtype() == torch.float32
