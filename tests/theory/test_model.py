import pytest

from assocmem import ZipfTask
from assocmem.theory import noise_variance

TASK = ZipfTask(1.0, 6, 3)
LABELS = TASK.labels(TASK.tokens)
RIVALS = (LABELS + 1) % 3
Q = TASK.probabilities


@pytest.mark.parametrize("dim", [1, 5])
def test_the_variance_is_its_sum_over_the_other_tokens(dim: int) -> None:
    for x, found in enumerate(noise_variance(TASK, Q, RIVALS, dim)):
        y, z = LABELS[x], RIVALS[x]
        terms = [Q[k] ** 2 * (dim + 1 if LABELS[k] in (y, z) else 2) for k in range(6) if k != x]
        assert found == pytest.approx(sum(terms))


def test_a_right_output_is_no_rival() -> None:
    with pytest.raises(ValueError, match="^rivals = .* an output other than"):
        noise_variance(TASK, Q, LABELS, 5)
    one = RIVALS.copy()
    one[2] = LABELS[2]
    with pytest.raises(ValueError, match="^rivals = .* an output other than"):
        noise_variance(TASK, Q, one, 5)


def test_a_dimension_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="^dim = 0 is not valid"):
        noise_variance(TASK, Q, RIVALS, 0)
