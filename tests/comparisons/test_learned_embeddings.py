import numpy as np
import pandas as pd
import pytest

from assocmem.comparisons import (
    coherence_cases,
    coherence_ratio,
    coherence_table,
    noiseless_cases,
    noisy_table,
    recall_cases,
    shared_vector_errors,
    tail_shares,
    two_rivals,
)
from assocmem.model import spherical_gram
from assocmem.simulation import circle_margins, simulate_averages, simulate_coherence
from assocmem.theory import (
    lemma_1_coherence,
    proposition_5_dimension,
    random_coherence,
    rival_chance,
    two_rivals_lower,
    welch_coherence,
    worst_gap,
)


@pytest.fixture(scope="module")
def families() -> pd.DataFrame:
    return simulate_coherence([4, 30], [2, 60, 300], families=12, rng=np.random.default_rng(1))


def test_each_family_stands_beside_its_laws(families: pd.DataFrame) -> None:
    table = coherence_table(families)
    assert len(table) == 6
    for row in table.to_dict("records"):
        size = row["n_vectors"], row["dim"]
        drawn = [e for n, d, e in zip(*families[["n_vectors", "dim", "coherence"]].to_numpy().T,
                                      strict=True) if (n, d) == size]  # fmt: skip
        assert (row["low"], row["high"]) == (min(drawn), max(drawn))
        assert row["mean"] == pytest.approx(sum(drawn) / 12)
        laws = lemma_1_coherence(*size), welch_coherence(*size), random_coherence(*size)
        assert (row["lemma"], row["welch"], row["law"]) == pytest.approx([float(x) for x in laws])


def test_the_largest_families_count_where_the_lemma_says_something(families: pd.DataFrame) -> None:
    table = coherence_table(families)
    stated, wrong = coherence_cases(table)
    assert np.asarray(stated).tolist() == [True, True]  # P = 30, d = 60 and 300: η < 1
    assert np.asarray(wrong).tolist() == [False, False]
    found = coherence_ratio(families, table)
    largest = families[(families["n_vectors"] == 30) & (families["dim"] > 2)]
    ratios = largest["coherence"] / lemma_1_coherence(30, largest["dim"])
    assert found["observed"].value == pytest.approx(ratios.mean())
    laws = [float(random_coherence(30, d) / lemma_1_coherence(30, d)) for d in (60, 300)]
    assert found["target"] == pytest.approx(np.mean(laws))
    assert found["mutant"] == {"target": 1.0}
    shares = tail_shares(families)
    pairs, vectors = shares["observed"], shares["mutant"]["observed"]
    assert len(pairs) == 4
    assert all(one.value <= other.value for one, other in zip(pairs, vectors, strict=True))


def test_recall_is_compared_at_the_proven_dimension_and_in_the_plane() -> None:
    found = recall_cases(8, [0.3, 0.5], [40, 12], families=4, rng=np.random.default_rng(2))
    rng = np.random.default_rng(2)
    for cases, dims in zip(found["prop5.noisy"], ([40, 12], [2, 2]), strict=True):
        expected = [
            worst_gap(gram, margin) > 0
            for margin, dim in zip((0.3, 0.5), dims, strict=True)
            for gram in spherical_gram(8, dim, rng, size=4)
        ]
        assert np.asarray(cases).tolist() == expected
    for name in ("prop5.factor", "prop5.one-step"):
        assert np.all(found[name][0])
        assert not np.any(found[name][1])


def test_rivals_are_compared_where_they_win_often_enough() -> None:
    recalled = simulate_averages(9, [0.1, 0.6], [4, 50], families=5, rng=np.random.default_rng(3))
    found = two_rivals(recalled)["prop5.two-rivals"]
    chance, shares = found["expected"], found["samples"]
    np.testing.assert_array_equal(found["mutant"]["expected"], 2 * chance)
    assert (chance > 0.02).all()
    assert len(chance) == len(shares)
    for place, expected in zip(shares.index, chance, strict=True):
        assert expected == pytest.approx(float(rival_chance(*place)))
        own = recalled[(recalled["margin"] == place[0]) & (recalled["dim"] == place[1])]
        assert shares.loc[place].tolist() == own["rival"].tolist()
    noisy = noisy_table(recalled, 9)
    needed = proposition_5_dimension(9, noisy["margin"])
    assert noisy["needed"].tolist() == needed.tolist()
    assert noisy["lower"].tolist() == two_rivals_lower(noisy["margin"], noisy["dim"]).tolist()
    assert noisy["mean"].tolist() == pytest.approx(
        recalled.groupby(["margin", "dim"], sort=False)["error"].mean().tolist()
    )


def test_no_rival_is_compared_where_none_wins() -> None:
    recalled = simulate_averages(9, [0.9], [5000], families=2, rng=np.random.default_rng(3))
    assert two_rivals(recalled) == {}


def test_the_shared_vector_does_harm_to_inputs_of_one_step_only() -> None:
    table = shared_vector_errors(40, np.random.default_rng(4))
    assert table.loc["averages", "mean"] < 0.02
    assert 0.1 < table.loc["inputs of one step", "mean"] < 0.5
    assert table.loc["inputs of one step", "sem"] > 0


def test_circles_and_families_of_unit_vectors_count_as_one() -> None:
    stated, wrong = noiseless_cases(circle_margins([2, 50]), 20, 3, np.random.default_rng(0))
    assert np.asarray(stated).tolist() == [True] * 5
    assert np.asarray(wrong).tolist() == [False] * 3
