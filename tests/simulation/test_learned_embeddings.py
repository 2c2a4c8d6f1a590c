import math

import numpy as np
import pytest
from scipy import stats

from assocmem.model import coherence, spherical_gram
from assocmem.simulation import (
    circle_embeddings,
    circle_margins,
    exceedances,
    plane_recall,
    rival_conditionals,
    simulate_averages,
    simulate_coherence,
)
from assocmem.theory import proposition_5_dimension, proposition_5_margin, two_rivals_lower
from tests.oracles import FALSE_FAILURE, check_mean


def test_rival_conditionals_have_two_random_rivals() -> None:
    labels = np.arange(30_000) % 5
    p = rival_conditionals(labels, 5, 0.4, np.random.default_rng(0))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(proposition_5_margin(p, labels), 0.4)
    np.testing.assert_allclose(p[np.arange(30_000), labels], 0.6)
    assert ((p > 0).sum(axis=1) == 3).all()
    for y in range(5):  # each other output is a rival of half the tokens of y
        times = np.delete((p[labels == y] > 0).sum(axis=0), y)
        assert all(stats.binomtest(int(k), 6000, 0.5).pvalue > FALSE_FAILURE for k in times)


def test_simulate_coherence_has_the_law_of_one_pair() -> None:
    """Two vectors: |u · v| is a coordinate's absolute value, whose mean is known."""
    table = simulate_coherence([2], [3, 50], families=4000, rng=np.random.default_rng(0))
    assert table.groupby("dim").size().to_dict() == {3: 4000, 50: 4000}
    for dim, drawn in table.groupby("dim")["coherence"]:
        mean = math.gamma(dim / 2) / (math.sqrt(math.pi) * math.gamma((dim + 1) / 2))
        check_mean(drawn.to_numpy(), mean)


@pytest.mark.parametrize("n", [2, 3, 7, 200])
def test_circle_margins_by_a_loop(n: int) -> None:
    u = circle_embeddings(n)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1)
    least = min(float((u[y] - u[z]) @ u[y]) for y in range(n) for z in range(n) if z != y)
    row = circle_margins([n]).iloc[0]
    assert row["measured"] == pytest.approx(least, abs=1e-14)
    assert row["law"] == pytest.approx(1 - math.cos(2 * math.pi / n), abs=1e-14)


def test_simulate_averages_has_the_error_of_explicit_vectors() -> None:
    """Against embeddings, inputs and scores written out, at a size at which errors are frequent."""
    rng = np.random.default_rng(1)
    table = simulate_averages(6, [0.3], [5], families=3000, rng=rng)
    explicit = []
    for _ in range(3000):
        u = rng.standard_normal((6, 5))
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        y, z, w = rng.permutation(6)[:3]
        e = (1 + 2 * 0.3) / 3 * u[y] + (1 - 0.3) / 3 * (u[z] + u[w])
        explicit.append(float((u @ e).argmax() != y))
    pooled = math.hypot(
        table["error"].std() / math.sqrt(3000), float(np.std(explicit)) / math.sqrt(3000)
    )
    assert abs(table["error"].mean() - np.mean(explicit)) < stats.norm.isf(FALSE_FAILURE) * pooled
    assert 0.05 < table["error"].mean() < 0.5


def test_proposition_5_holds_in_the_simulation() -> None:
    rng = np.random.default_rng(2)
    dims = [4, 30, int(proposition_5_dimension(40, 0.3)), int(proposition_5_dimension(40, 0.6))]
    table = simulate_averages(40, [0.3, 0.6], dims, families=20, rng=rng)
    allowed = table[2 * table["coherence"] <= table["margin"]]
    assert len(allowed) >= 20
    assert (allowed["error"] == 0).all()
    few = table.query("dim == 4 and margin == 0.3")["error"]
    assert few.mean() > float(two_rivals_lower(0.3, 4)) > 0.01


def test_families_of_one_dimension_are_shared_by_all_margins() -> None:
    table = simulate_averages(10, [0.2, 0.5], [20], families=5, rng=np.random.default_rng(0))
    first, second = (rows["coherence"].to_numpy() for _, rows in table.groupby("margin"))
    np.testing.assert_array_equal(first, second)


def test_coherence_of_a_circle_is_that_of_neighbours() -> None:
    u = circle_embeddings(5)
    assert coherence(u @ u.T) == pytest.approx(math.cos(math.pi / 5))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda rng: rival_conditionals(np.array([0]), 2, 0.5, rng), "n_outputs = 2"),
        (lambda rng: rival_conditionals(np.array([0]), 3, 0.0, rng), "margin = 0"),
        (lambda rng: simulate_averages(5, [1.5], [4], families=2, rng=rng), "margin = 1.5"),
        (lambda rng: simulate_averages(5, [0.5], [4], families=0, rng=rng), "families = 0"),
        (lambda rng: simulate_coherence([5], [0], families=2, rng=rng), "dim = 0"),
        (lambda _: circle_margins([1]), "counts = 1"),
    ],
)
def test_bad_values_are_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=f"^{words}.* is not valid; valid range"):
        call(np.random.default_rng(0))


def test_centred_inputs_and_rivals_by_explicit_vectors() -> None:
    """Every token of one family written out, with the conditionals drawn again."""
    for centred in (False, True):
        table = simulate_averages(
            6, [0.3], [4], families=1, rng=np.random.default_rng(7), centred=centred
        )
        rng = np.random.default_rng(7)
        labels = np.arange(12) % 6
        p = rival_conditionals(labels, 6, 0.3, rng)
        gram = spherical_gram(6, 4, rng, size=1)[0]
        wrong, ahead = 0, []
        for x, y in enumerate(labels):
            scores = [p[x] @ gram[:, z] - centred * gram[:, z].mean() for z in range(6)]
            wrong += int(np.argmax(scores)) != y
            ahead += [scores[z] > scores[y] for z in range(6) if z != y and p[x, z] > 0]
        assert table["error"].item() == pytest.approx(wrong / 12)
        assert len(ahead) == 24
        assert table["rival"].item() == pytest.approx(np.mean(ahead))


def test_the_shared_vector_of_one_step_does_harm() -> None:
    """Two rivals, M = 5, d = 2, μ = .999."""
    errors = [
        simulate_averages(
            5, [0.999], [2], families=300, rng=np.random.default_rng(0), centred=centred
        )["error"].mean()
        for centred in (False, True)
    ]
    assert errors[0] < 0.01
    assert 0.2 < errors[1] < 0.3


def test_families_beyond_a_bound_are_counted_where_it_says_something() -> None:
    table = simulate_coherence([3, 20], [2, 40], families=30, rng=np.random.default_rng(5))
    for pairs, power in ((True, 2), (False, 1)):
        found = exceedances(table, 0.3, pairs=pairs)
        assert len(found) == 2  # at d = 2 the bound over pairs is above 1
        for n, beyond in zip((3, 20), found, strict=True):
            drawn = table[(table["n_vectors"] == n) & (table["dim"] == 40)]["coherence"].tolist()
            bound = math.sqrt(2 * math.log(n**power / 0.3) / 40)
            assert beyond.tolist() == [eta > bound for eta in drawn]


def test_vectors_of_one_length_win_at_themselves_in_the_plane() -> None:
    unit, other = plane_recall(8, 40, np.random.default_rng(6))
    assert unit.all()
    rng = np.random.default_rng(6)
    drawn = rng.standard_normal((40, 8, 2))
    expected = [all((u @ u[y]).argmax() == y for y in range(8)) for u in drawn]
    assert other.tolist() == expected
