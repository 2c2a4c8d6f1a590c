import numpy as np
import pytest
from scipy.stats import t as student

from assocmem import ZipfTask, expected_errors, frequency
from assocmem.simulation import plain_law_errors, plain_sweep_errors, sweep_errors
from tests.oracles import check_mean

TASK = ZipfTask(1.0, 20, 5)
Q = np.stack([TASK.probabilities, np.ones(20)])


def test_one_pass_gives_the_errors_of_the_plain_matrices() -> None:
    dims = np.array([2, 7, 30])
    fast = sweep_errors(TASK, Q, dims, np.random.default_rng(1))
    plain = plain_sweep_errors(TASK, Q, dims, np.random.default_rng(1))
    np.testing.assert_allclose(plain, fast, atol=1e-12)
    assert len(np.unique(plain)) > 3


def test_outputs_that_are_not_normalized_err_otherwise() -> None:
    dims, errors = np.array([4]), []
    for normalized in (True, False):
        rng = np.random.default_rng(1)
        errors.append(plain_sweep_errors(TASK, Q, dims, rng, normalized=normalized))
    assert (errors[0] != errors[1]).any()


def test_plain_draws_have_the_mean_of_the_exact_law() -> None:
    rng = np.random.default_rng(2)
    law = expected_errors(TASK, {"q": frequency()}, [8], rng=rng, draws=4096)
    found = plain_law_errors(TASK, Q[0], 8, draws=8000, rng=rng)
    check_mean(found, float(law["mean"][0]), slack=5 * float(law["sem"][0]))


@pytest.mark.parametrize(("own_noise", "variance"), [(False, 1), (True, 2)])
def test_two_tokens_by_hand(own_noise: bool, variance: int) -> None:
    """Each is the other's only noise, of variance 1: lost if r < ξ; or its own too, of variance 2."""
    task, rng = ZipfTask(1.0, 2, 2), np.random.default_rng(3)
    found = plain_law_errors(task, np.ones(2), 3, draws=8000, rng=rng, own_noise=own_noise)
    check_mean(found, float(student.sf(np.sqrt(3 / variance), 3)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"dim": 0}, "dim"), ({"draws": 0}, "draws"), ({"weights": np.ones(3)}, "weights")],
)
def test_bad_input_is_refused(changes: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"weights": Q[0], "dim": 5, "draws": 2, **changes}
    with pytest.raises(ValueError, match=f"^{message} = "):
        plain_law_errors(TASK, rng=np.random.default_rng(0), **arguments)  # type: ignore[arg-type]
