import numpy as np
import pytest

from assocmem import ZipfTask
from assocmem.simulation import simulate_frequent_guess


def test_a_share_is_its_sum_over_tokens() -> None:
    task = ZipfTask(1.5, 30, 3)
    shares = simulate_frequent_guess(task, 12, trials=20, rng=np.random.default_rng(1))
    for share, rng in zip(shares, np.random.default_rng(1).spawn(20), strict=True):
        tokens = task.sample(12, rng).tolist()
        outputs = [x % 3 for x in tokens]
        answer = max(range(3), key=outputs.count)
        unseen = [x for x in range(1, 31) if x not in tokens]
        wrong = sum(float(task.mass(x)) for x in unseen if x % 3 != answer)
        assert share == pytest.approx(wrong / sum(float(task.mass(x)) for x in unseen))


def test_tokens_that_are_not_listed_count_as_unseen() -> None:
    task = ZipfTask(2.0, float("inf"), 5)
    one, other = (
        simulate_frequent_guess(task, 50, trials=3, rng=np.random.default_rng(2), n_listed=n)
        for n in (10_000, 30_000)
    )
    np.testing.assert_allclose(one, other, rtol=1e-2)
