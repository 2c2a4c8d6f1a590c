import math

import mpmath
import numpy as np
import pytest

from assocmem.theory.adaptive_steps import sign_step_moments


@pytest.mark.parametrize("dim", [2, 3, 10])
def test_the_signal_is_the_square_of_the_mean_sum_of_moduli(dim: int) -> None:
    """E|u₁| by its integral over the density of a coordinate, (1 − t²)^((d−3)/2)."""
    density = lambda t: (1 - t**2) ** mpmath.mpf((dim - 3) / 2)  # noqa: E731
    mean = mpmath.quad(lambda t: t * density(t), [0, 1]) / mpmath.quad(density, [0, 1])
    signal, noise = sign_step_moments(dim)
    assert signal == pytest.approx(float(dim * mean) ** 2, rel=1e-4)
    # E(u₁u₂)² and the like: the mean square of the sum of moduli of a normal vector, over its length
    rng = np.random.default_rng(dim)
    normal = rng.standard_normal((400_000, dim))
    squares = np.abs(normal / np.linalg.norm(normal, axis=1, keepdims=True)).sum(1) ** 2
    assert noise == pytest.approx(squares.mean(), rel=5e-3)


def test_the_signal_grows_like_the_dimension() -> None:
    assert sign_step_moments(10**6)[0] / 10**6 == pytest.approx(2 / math.pi, rel=1e-5)
