import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from assocmem.simulation import simulate_labelings, simulate_one_token
from tests.oracles import check_probability

ONE = {"n_outputs": 2, "n_labels": 1, "trials": 2, "rng": np.random.default_rng(0)}


@pytest.mark.parametrize(("n_outputs", "n_labels"), [(5, 1), (2, 1), (2, 2)])
@pytest.mark.parametrize(("dim", "n_stored"), [(2, 3), (6, 5)])
def test_one_token_errs_by_the_law_of_student(
    dim: int, n_stored: int, n_outputs: int, n_labels: int
) -> None:
    """At a constant target, and for two outputs at any."""
    wrong = simulate_one_token(
        dim, n_stored, n_outputs=n_outputs, n_labels=n_labels, trials=20_000,
        rng=np.random.default_rng(dim),
    )  # fmt: skip
    assert set(wrong) == {0.0, 1.0}
    expected = float(stats.t.sf(math.sqrt(dim / (n_stored - 1)), dim))
    check_probability(int(wrong.sum()), 20_000, expected)


def test_one_token_among_many_outputs_is_recalled_as_by_a_matrix() -> None:
    options = {"n_outputs": 4, "n_labels": 3, "trials": 300}
    found = simulate_one_token(5, 6, rng=np.random.default_rng(1), **options)
    rng = np.random.default_rng(1)
    e, u = rng.standard_normal((300, 6, 5)), rng.standard_normal((300, 4, 5))
    for inputs, outputs, wrong in zip(e, u, found, strict=True):
        outputs = outputs / np.linalg.norm(outputs, axis=1)[:, None]
        matrix = sum(np.outer(outputs[x % 3], inputs[x]) for x in range(6))
        assert wrong == float((outputs @ matrix @ inputs[0]).argmax() != 0)


@pytest.mark.parametrize(("n", "dim"), [(1, 1), (4, 1), (4, 2), (6, 2), (6, 3), (5, 7)])
def test_half_spaces_give_as_many_labelings_as_cover_counts(n: int, dim: int) -> None:
    """For so few points all of them are found, but for one in a million seeds."""
    most = 2 * sum(math.comb(n - 1, i) for i in range(dim))
    found = simulate_labelings(n, dim, draws=100_000, rng=np.random.default_rng(3))
    assert found == most


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: simulate_one_token(0, 1, **ONE), "dim"),
        (lambda: simulate_one_token(1, 0, **ONE), "n_stored"),
        (lambda: simulate_one_token(1, 1, **{**ONE, "trials": 0}), "trials"),
        (lambda: simulate_one_token(1, 1, **{**ONE, "n_outputs": 1}), "n_outputs"),
        (lambda: simulate_one_token(1, 1, **{**ONE, "n_labels": 3}), "n_labels"),
        (lambda: simulate_one_token(10**4, 10**4, **{**ONE, "trials": 10**6}), "trials"),
        (lambda: simulate_labelings(61, 2, draws=1, rng=ONE["rng"]), "n"),
        (lambda: simulate_labelings(6, 0, draws=1, rng=ONE["rng"]), "dim"),
        (lambda: simulate_labelings(6, 2, draws=0, rng=ONE["rng"]), "draws"),
    ],
)
def test_bad_sizes_are_refused(call: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = "):
        call()
