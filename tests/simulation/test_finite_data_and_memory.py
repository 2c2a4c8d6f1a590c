import numpy as np
import pytest

from assocmem import ZipfTask
from assocmem.simulation import simulate_missed
from tests.oracles import check_mean

TASK = ZipfTask(1.5, 40, 4)


def test_missed_tokens_are_counted_by_cause() -> None:
    """Token by token, from the same data sets and ties."""
    table = simulate_missed(TASK, 6, 50, trials=30, rng=np.random.default_rng(2))
    p = TASK.probabilities
    for row, child in zip(table.itertuples(), np.random.default_rng(2).spawn(30), strict=True):
        counts = TASK.sample_counts(50, child)
        ties = child.random(40)
        kept = sorted((x for x in range(40) if counts[x]), key=lambda x: (-counts[x], ties[x]))[:6]
        masses = dict.fromkeys(("unseen", "late", "overtaken"), 0.0)
        for x in set(range(40)) - set(kept):
            cause = "unseen" if not counts[x] else "late" if x >= 6 else "overtaken"
            masses[cause] += p[x]
        assert (row.unseen, row.late, row.overtaken) == pytest.approx(tuple(masses.values()))
        assert row.unseen_last == (counts[5] == 0)
        assert row.missed_last == (5 not in kept)


def test_the_unseen_mass_is_that_of_the_law() -> None:
    table = simulate_missed(TASK, 30, 25, trials=400, rng=np.random.default_rng(3))
    check_mean(
        table["unseen"].to_numpy(), float(TASK.probabilities @ (1 - TASK.probabilities) ** 25)
    )


@pytest.mark.parametrize("name", ["n_stored", "n_samples", "trials"])
def test_none_of_anything_is_refused(name: str) -> None:
    sizes = {"n_stored": 1, "n_samples": 1, "trials": 1, name: 0}
    with pytest.raises(ValueError, match=name):
        simulate_missed(
            TASK, sizes["n_stored"], sizes["n_samples"], trials=sizes["trials"],
            rng=np.random.default_rng(0),
        )  # fmt: skip
