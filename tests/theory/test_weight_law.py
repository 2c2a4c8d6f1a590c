"""The law of the weights against sums over tokens one by one."""

import math

import mpmath
import numpy as np
import pytest

from assocmem import PerDimension, ZipfTask, fill, frequency, threshold
from assocmem.model import Scheme
from assocmem.theory import WeightLaw

TASK = ZipfTask(1.7, 300, 7)
SCHEMES = {
    "fill": fill(),
    "frequency": frequency(),
    "root": frequency(0.4),
    "threshold": threshold(PerDimension(0.5)),
    "threshold-rho": threshold(40, 0.3),
}


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_scheme_and_array_have_the_same_law(scheme: Scheme) -> None:
    """Closed forms over the tail against a sum over tokens, with q as the scheme scales it."""
    x = np.arange(1, 301)
    stored = scheme.stored_at(30) or 300
    q = x ** -(scheme.rho * TASK.alpha) * (x <= stored)
    law, tokens = WeightLaw(TASK, scheme, 30), WeightLaw(TASK, q, 30)
    p = x**-TASK.alpha / (x**-TASK.alpha).sum()
    assert law.class_sums == pytest.approx([(q**2)[x % 7 == y].sum() for y in range(7)])
    assert tokens.class_sums == pytest.approx(law.class_sums)
    assert law.norm == pytest.approx((q**2).sum())
    assert (law.n_stored, tokens.n_stored) == (stored, 300)
    for level in (0.0, 1e-9, 1e-4, 0.0123, 0.5, 0.999, 1.0, 2.0):
        expected = p[q**2 <= level].sum()
        assert law.mass_at_most(level) == pytest.approx(expected, abs=1e-12)
        assert tokens.mass_at_most(level) == pytest.approx(expected, abs=1e-12)


def test_an_infinite_norm_is_refused() -> None:
    infinite = ZipfTask(2.0, math.inf, 5)
    with pytest.raises(ValueError, match=r"rho = 0.25 is not valid; valid range: > 0.25"):
        WeightLaw(infinite, frequency(0.25), 10)
    with pytest.raises(ValueError, match=r"weights = .*valid range: a scheme or shape"):
        WeightLaw(TASK, np.ones(299), 10)
    with pytest.raises(ValueError, match=r"dim = 0 is not valid"):
        WeightLaw(TASK, fill(), 0)


def test_a_finite_norm_over_infinitely_many_tokens_is_a_zeta_function() -> None:
    # 2ρα = 1.2 and 2
    for rho in (0.3, 0.5):
        law = WeightLaw(ZipfTask(2.0, math.inf, 5), frequency(rho), 1)
        assert law.norm == pytest.approx(float(mpmath.zeta(4 * rho)), rel=1e-12)
