import numpy as np
import pytest

from assocmem import (
    ZipfTask,
    association_matrix,
    gaussian_embeddings,
    scores,
    spherical_embeddings,
)
from assocmem.simulation import simulate_interference, simulate_spherical
from assocmem.theory import noise_variance
from tests.oracles import check_mean

TASK = ZipfTask(1.0, 6, 3)
LABELS = TASK.labels(TASK.tokens)
RIVALS = (LABELS + 1) % 3
Q = TASK.probabilities


def test_a_trial_is_its_sums_over_tokens() -> None:
    found = simulate_interference(TASK, Q, RIVALS, 4, trials=1, rng=np.random.default_rng(5))
    rng = np.random.default_rng(5).spawn(1)[0]
    e, u = gaussian_embeddings(6, 4, rng), spherical_embeddings(3, 4, rng)
    logits = scores(association_matrix(Q, LABELS, e, u), e, u)
    for x, (y, z) in enumerate(zip(LABELS, RIVALS, strict=True)):
        pull = [(u[y] - u[z]) @ u[LABELS[k]] for k in range(6)]
        signal = Q[x] * (e[x] @ e[x]) * pull[x]
        noise = sum(Q[k] * pull[k] * (e[k] @ e[x]) for k in range(6) if k != x)
        variances = [(Q[k] * pull[k]) ** 2 * (e[x] @ e[x]) * (k != x) for k in range(6)]
        assert found.signal[0, x] == pytest.approx(signal)
        assert found.noise[0, x] == pytest.approx(noise)
        assert signal + noise == pytest.approx(logits[x, y] - logits[x, z])
        assert found.variance[0, x] == pytest.approx(sum(variances))
        own = sum(v for k, v in enumerate(variances) if LABELS[k] != z)
        assert found.own_variance[0, x] == pytest.approx(own)


def test_the_variance_has_the_mean_of_the_formula() -> None:
    found = simulate_interference(TASK, Q, RIVALS, 5, trials=3000, rng=np.random.default_rng(6))
    for x, expected in enumerate(noise_variance(TASK, Q, RIVALS, 5)):
        check_mean(found.mean_variance[:, x], expected)
        check_mean(found.variance[:, x], expected)
        check_mean(found.noise[:, x] ** 2, expected)


def test_a_right_output_is_no_rival() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="^rivals = .* an output other than"):
        simulate_interference(TASK, Q, LABELS, 5, trials=2, rng=rng)


def test_spherical_inputs_have_the_directions_of_the_gaussian_ones() -> None:
    found = simulate_spherical(TASK, Q, 2, trials=30, rng=np.random.default_rng(8))
    for errors, rng in zip(found, np.random.default_rng(8).spawn(30), strict=True):
        e, u = gaussian_embeddings(6, 2, rng), spherical_embeddings(3, 2, rng)
        for error, x in zip(errors, (e, e / np.linalg.norm(e, axis=1)[:, None]), strict=True):
            logits = scores(association_matrix(Q, LABELS, x, u), x, u)
            wrong = [k for k in range(6) if logits[k].argmax() != LABELS[k]]
            assert error == pytest.approx(sum(Q[k] for k in wrong))
    assert (found[:, 0] != found[:, 1]).any()
