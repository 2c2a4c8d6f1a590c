from typing import Any

import numpy as np
import pytest
import torch

from assocmem.model.task import ZipfTask
from assocmem.training.batch import Batch, batches
from assocmem.training.forgetting import (
    first_hit,
    first_hits,
    hit_memories,
    margins_at_first_sight,
    score_margins,
)
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
    recalled = hit.course.argmax(-1) == LABELS
    assert ((hit.margins > 0) == recalled)[1:].all()  # all outputs are tied before the first step
    odds = np.log(hit.course)  # logits, but for a number for each token
    others = np.where(np.arange(5) == LABELS[:, None], -np.inf, odds).max(-1)
    np.testing.assert_allclose(
        hit.margins, odds[:, np.arange(10), LABELS] - others, rtol=1e-6, atol=1e-9
    )
    found = 0
    for run in range(12):
        seen: set[int] = set()
        for step, batch in enumerate(data()):
            x = int(batch.tokens[run, 0])
            right = set(np.flatnonzero(course[step][run].argmax(-1) == LABELS).tolist())
            if x not in seen and x not in right and len(seen) >= 3:
                after = set(np.flatnonzero(course[step + 1][run].argmax(-1) == LABELS).tolist())
                assert hit.token[run] == x
                assert hit.stored[run] == (x in after)
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
    assert not hit.stored.any()
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


def test_several_rates_go_on_until_two_runs_have_such_a_step_at_all_of_them() -> None:
    rates = {"large": 10.0, "small": 0.1}
    hits, both, drawn = first_hits(TASK, network(2), rates, seed=[0, 1], n_steps=5)
    assert len(drawn) == 1000  # five were not enough for both of two runs
    assert both.tolist() == [0, 1]
    assert (hits["large"].token >= 0).all()
    rng = np.random.default_rng([0, 1])
    again = list(batches(TASK, 1, len(drawn), runs=2, rng=rng))
    assert drawn.tolist() == [int(batch.tokens[0, 0]) for batch in again]
    alone = first_hit(TASK, TokenLearner(network(2)), again, 0.1)
    np.testing.assert_array_equal(alone.course, hits["small"].course)
    assert len(first_hits(TASK, network(), {"large": 10.0}, seed=1, n_steps=7)[2]) in (7, 1000)


def test_a_margin_is_the_score_of_the_right_output_above_the_best_other() -> None:
    logits = torch.tensor([[[1.0, 4.0, 2.0], [0.0, -1.0, -1.0]]])
    assert score_margins(logits, np.array([1, 2])).tolist() == [[2.0, -1.0]]


def test_margins_are_told_before_and_after_each_step_on_a_new_token() -> None:
    rates = {"large": 10.0, "small": 0.1}
    hits, _, drawn = first_hits(TASK, network(), rates, seed=3)
    table = margins_at_first_sight(hits, rates, drawn)
    steps = [t for t in range(60) if drawn[t] not in drawn[:t]]
    assert table["step"].drop_duplicates().tolist() == [t + 1 for t in steps]
    for row in table.query("rate == 'small'").to_dict("records"):
        assert row["learned"] == drawn[row["step"] - 1] + 1
        margins = hits["small"].margins[:, row["token"] - 1] / 0.1
        assert (row["before"], row["after"]) == tuple(margins[row["step"] - 1 : row["step"] + 1])


def test_the_memories_of_a_hit_stand_in_pairs_under_its_title() -> None:
    hits, both, _ = first_hits(TASK, network(), {"a": 10.0, "b": 0.1}, seed=3)
    memories, tokens = hit_memories(hits, {"a": "γ = 10", "b": "γ = 0.1"}, int(both[1]))
    assert list(memories) == [
        "before, γ = 10", "after, γ = 10", "before, γ = 0.1", "after, γ = 0.1"
    ]  # fmt: skip
    np.testing.assert_array_equal(memories["after, γ = 0.1"], hits["b"].after[both[1]])
    assert tokens == [hits[name].token[both[1]] for name in "aabb"]
