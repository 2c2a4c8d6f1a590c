import numpy as np
import pytest

from assocmem.mistakes import mistakes


@pytest.mark.parametrize("levels", [1, 2, 1000])
@pytest.mark.parametrize("shape", [(5, 3, 40), (1, 2, 7), (30, 1, 20), (4, 0, 6)])
def test_mistakes_are_those_of_an_argmax_with_and_without_ties(
    levels: int, shape: tuple[int, int, int]
) -> None:
    rng = np.random.default_rng(levels)
    logits = rng.integers(0, levels, size=shape).astype(np.float32)
    labels = rng.integers(0, shape[0], size=shape[2])
    expected = [
        [max(range(shape[0]), key=lambda z: logits[z, j, x]) != labels[x] for x in range(shape[2])]
        for j in range(shape[1])
    ]
    np.testing.assert_array_equal(
        mistakes(logits, labels), np.array(expected, dtype=bool).reshape(shape[1:])
    )
