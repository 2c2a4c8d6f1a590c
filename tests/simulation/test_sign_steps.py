import numpy as np

from assocmem.model.embeddings import spherical_embeddings
from assocmem.simulation.sign_steps import simulate_sign_steps


def test_steps_of_signs_are_matrices_of_signs() -> None:
    found = simulate_sign_steps(6, 50, np.random.default_rng(4))
    rng = np.random.default_rng(4)
    vectors = [spherical_embeddings(50, 6, child) for child in rng.spawn(3)]
    for draw, (u, e, other) in enumerate(zip(*vectors, strict=True)):
        step = np.sign(np.outer(u, e))
        np.testing.assert_allclose(found[:, draw], [u @ step @ e, (u @ step @ other) ** 2])
