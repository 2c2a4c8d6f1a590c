from typing import Any

import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import Batch, batches
from assocmem.training.forgetting import first_hit
from assocmem.training.network import Network
from assocmem.training.reduced_learners import TokenLearner

TASK = ZipfTask(1.5, 10, 5)
LABELS = TASK.labels(TASK.tokens)


def network(runs: int = 12) -> Network:
    return Network.draw("W", LABELS, 5, runs=runs, generator=torch.Generator().manual_seed(0),
                        zero_memory=True, unit_inputs=True, unit_outputs=True)  # fmt: skip


def data(runs: int = 12) -> list[Batch]:
    return list(batches(TASK, 1, 40, runs=runs, rng=np.random.default_rng(1)))


@pytest.mark.parametrize("rate", [0.1, 10.0])
def test_the_first_hit_is_found_by_looking_at_one_run_at_a_time(rate: float) -> None:
    """Each run again, alone, step by step, from the definition."""
    hit = first_hit(TASK, TokenLearner(network()), data(), rate)
    together = TokenLearner(network())
    course = [torch.softmax(together.logits(), -1).numpy()]
    for batch in data():
        together.step(batch, rate)
        course.append(torch.softmax(together.logits(), -1).numpy())
    np.testing.assert_allclose(hit.course, [each[0] for each in course])
    found = 0
    for run in range(12):
        seen: set[int] = set()
        for step, batch in enumerate(data()):
            x = int(batch.tokens[run, 0])
            right = set(np.flatnonzero(course[step][run].argmax(-1) == LABELS).tolist())
            if x not in seen and x not in right and len(seen) >= 3:
                after = set(np.flatnonzero(course[step + 1][run].argmax(-1) == LABELS).tolist())
                assert hit.token[run] == x
                assert hit.lost[run] == len((seen & right) - after)
                np.testing.assert_allclose(hit.before[run], course[step][run])
                np.testing.assert_allclose(hit.after[run], course[step + 1][run])
                found += 1
                break
            seen.add(x)
        else:
            assert hit.token[run] == -1
            assert np.isnan(hit.lost[run])
    assert found > 6


def test_a_run_without_such_a_step_has_nothing() -> None:
    hit = first_hit(TASK, TokenLearner(network()), data(), 1.0, least_seen=10)
    assert (hit.token == -1).all()
    assert np.isnan(hit.before).all()


def test_what_does_not_fit_is_refused() -> None:
    learner = TokenLearner(network())
    for name, changes in {
        "learning_rate": {"learning_rate": 0.0},
        "learner": {"task": ZipfTask(1.5, 10, 4)},
        "data": {"data": list(batches(TASK, 9, 1, runs=12, rng=np.random.default_rng(1)))},
    }.items():
        arguments: dict[str, Any] = {"task": TASK, "data": data(), "learning_rate": 1.0, **changes}
        with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
            first_hit(learner=learner, **arguments)


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="^least_seen = -1 is not valid; valid range"):
        first_hit(TASK, TokenLearner(network()), data(), 1.0, least_seen=-1)
