import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from assocmem import SGD, Adam, GradientLearner, Network, ZipfTask
from assocmem.training import (
    Batch,
    distance_ratio,
    input_curvature,
    never_parted,
    pair_distances,
    plane_errors,
    recallable_outputs,
    watch,
)
from tests.oracles import properties

LABELS = torch.arange(12) % 4


def network(model: str = "EWU", dim: int = 3, runs: int = 5, seed: int = 0) -> Network:
    generator = torch.Generator().manual_seed(seed)
    return Network.draw(model, LABELS, dim, runs=runs, generator=generator)  # type: ignore[arg-type]


def token(x: int, runs: int) -> Batch:
    return Batch(torch.full((runs, 1), x), torch.ones(runs, 1, dtype=torch.float64))


def test_input_curvature_is_the_largest_second_derivative_there_can_be() -> None:
    """No Hessian of the loss, at any point, is larger; and between two outputs it is reached."""
    drawn = network(runs=4)
    assert drawn.memory is not None
    curvature = input_curvature(drawn)
    for r in range(4):
        pulled = drawn.outputs[r] @ drawn.memory[r]
        gaps = [float(((pulled[z] - pulled[w]) ** 2).sum()) for z in range(4) for w in range(4)]
        assert float(curvature[r]) == pytest.approx(max(gaps) / 4)
        for e in torch.randn(
            200, 3, generator=torch.Generator().manual_seed(r), dtype=torch.float64
        ):
            pi = torch.softmax(pulled @ e, 0)
            hessian = pulled.T @ (torch.diag(pi) - torch.outer(pi, pi)) @ pulled
            assert float(torch.linalg.eigvalsh(hessian).max()) <= float(curvature[r]) + 1e-12
    pair = Network("EWU", torch.zeros(1, 2, 2), torch.tensor([[[3.0, 0], [-1, 0]]]),
                   torch.eye(2)[None], torch.tensor([0, 1]))  # fmt: skip
    assert float(input_curvature(pair)) == 4.0  # p = 1/2 for both: variance of ±2


@pytest.mark.parametrize("rate", [0.3, 1.0, 2.0])
def test_prop_cluster_a_step_never_parts_inputs_of_one_output(rate: float) -> None:
    """γ = rate/Λ up to the bound 2/Λ: no distance within a class grows, for 200 drawn networks."""
    drawn = network(runs=200, seed=7)
    before = pair_distances(drawn.inputs, LABELS, same=True)
    step = rate / input_curvature(drawn)
    evenly = Batch(torch.arange(12)[None], torch.full((1, 12), 1 / 12, dtype=torch.float64))
    GradientLearner(drawn, SGD(), {"inputs": 12.0}).step(evenly, step)
    after = pair_distances(drawn.inputs, LABELS, same=True)
    assert (after <= before + 1e-12).all()
    assert (after < 0.999 * before).any()


def test_prop_cluster_needs_its_bound() -> None:
    """Beyond 2/Λ inputs of one output can part: two points on both sides of a narrow valley."""
    outputs = torch.tensor([[[1.0], [-1.0]]], dtype=torch.float64)
    memory = torch.ones(1, 1, 1, dtype=torch.float64)
    inputs = torch.tensor([[[-0.1], [0.1]]], dtype=torch.float64)
    drawn = Network("EWU", inputs, outputs, memory, torch.tensor([0, 0]))
    evenly = Batch(torch.arange(2)[None], torch.full((1, 2), 0.5, dtype=torch.float64))
    before = float(pair_distances(drawn.inputs, drawn.labels, same=True))
    GradientLearner(drawn, SGD(), {"inputs": 2.0}).step(evenly, 3.0 / float(input_curvature(drawn)))
    assert float(pair_distances(drawn.inputs, drawn.labels, same=True)) > before


@pytest.mark.parametrize("same", [True, False])
def test_pair_distances_by_a_loop(same: bool) -> None:
    drawn = network()
    expected = [
        [
            float((drawn.inputs[r, i] - drawn.inputs[r, j]).pow(2).sum().sqrt())
            for i in range(12)
            for j in range(i + 1, 12)
            if (LABELS[i] == LABELS[j]) == same
        ]
        for r in range(5)
    ]
    measured = pair_distances(drawn.inputs, LABELS, same=same)
    np.testing.assert_allclose(measured.numpy(), expected, rtol=1e-12)


@given(st.integers(3, 40), st.integers(0, 10**6), st.booleans())
@properties
def test_prop_hull_recallable_outputs_are_the_vertices_of_the_hull(
    n: int, seed: int, on_circle: bool
) -> None:
    points = np.random.default_rng(seed).standard_normal((n, 2))
    if on_circle:
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    expected = np.zeros(n, dtype=bool)
    expected[ConvexHull(points).vertices] = True
    np.testing.assert_array_equal(recallable_outputs(points), expected)


def test_prop_hull_every_output_that_wins_somewhere_is_recallable() -> None:
    """Against a search over directions, in several planes at once."""
    planes = np.random.default_rng(0).standard_normal((6, 9, 2))
    angles = np.linspace(0, 2 * np.pi, 200_000)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    winners = (planes @ directions).argmax(axis=1)
    expected = np.array([[(winner == z).any() for z in range(9)] for winner in winners])
    np.testing.assert_array_equal(recallable_outputs(planes), expected)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([[0.0, 0.0]], [True]),
        ([[0.0, 0.0], [1.0, 0.0]], [True, True]),
        ([[1.0, 0.0], [1.0, 0.0]], [False, False]),  # they always tie
        ([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]], [True, False, True]),  # on a line
    ],
)
def test_few_or_degenerate_outputs(points: list[list[float]], expected: list[bool]) -> None:
    assert recallable_outputs(points).tolist() == expected


def test_plane_errors_by_a_loop() -> None:
    task = ZipfTask(1.5, 12, 4)
    drawn = Network.draw("EWU", task.labels(task.tokens), 2, runs=30,
                         generator=torch.Generator().manual_seed(4))  # fmt: skip
    assert drawn.memory is not None
    table = plane_errors(task, drawn).pivot(index="trial", columns="quantity", values="error")
    for r in range(30):
        U, W, E = (a[r].numpy() for a in (drawn.outputs, drawn.memory, drawn.inputs))
        vertices = set(ConvexHull(U).vertices.tolist())
        error = lost = shadowed = 0.0
        for x in range(1, 13):
            error += float(task.mass(x)) * (int((U @ W @ E[x - 1]).argmax()) != x % 4)
            lost += float(task.mass(x)) * (x % 4 not in vertices)
            shadowed += float(task.mass(x)) * (int((U @ U[x % 4]).argmax()) != x % 4)
        assert table.loc[r, "error"] == pytest.approx(error)
        assert table.loc[r, "lost"] == pytest.approx(lost)
        assert table.loc[r, "shadowed"] == pytest.approx(shadowed)
        assert table.loc[r, "recallable"] == len(vertices)
        assert lost <= error + 1e-12
    assert (table["lost"] > 0).any()


@pytest.mark.parametrize("optimizer", [SGD(), Adam()])
def test_watch_keeps_what_single_steps_give(optimizer: SGD | Adam) -> None:
    data = [token(x % 12, 5) for x in range(9)]
    kept = watch(GradientLearner(network(), optimizer), data, 0.1, [9, 0, 4])
    assert list(kept) == [0, 4, 9]
    learner = GradientLearner(network(), optimizer)
    for step, batch in enumerate([*data, None]):
        if step in kept:
            for name in ("inputs", "outputs", "memory"):
                torch.testing.assert_close(
                    getattr(kept[step], name), getattr(learner.network, name)
                )
        if batch is not None:
            learner.step(batch, 0.1)


def test_bad_values_are_refused() -> None:
    for call, words in (
        (lambda: recallable_outputs(np.zeros((4, 3))), "outputs = 'array of shape"),
        (lambda: watch(GradientLearner(network(), SGD()), [], 0.1, [3]), "looks = 3"),
        (lambda: input_curvature(network("EU")), "model = 'EU'"),
    ):
        with pytest.raises(ValueError, match=f"^{words}.* is not valid; valid range"):
            call()  # type: ignore[no-untyped-call]


def test_distance_ratio_by_its_two_means() -> None:
    drawn = network()
    same, two = (pair_distances(drawn.inputs, LABELS, same=same).numpy() for same in (True, False))
    expected = same.mean(1) / two.mean(1)
    np.testing.assert_allclose(distance_ratio(drawn.inputs, LABELS).numpy(), expected)


def test_never_parted_looks_at_every_step_and_pair() -> None:
    """Three runs: all shrink; one pair grows in one step; pairs of two labels grow."""
    looks = {t: network(runs=3) for t in (0, 1, 2)}
    for t in (1, 2):
        looks[t].inputs = looks[0].inputs * 0.5**t
    looks[2].inputs[1, 4] += 50.0
    looks[2].inputs[2] += 100.0 * LABELS[:, None]  # whole classes move
    assert never_parted(looks, LABELS).tolist() == [True, False, True]
    assert never_parted({0: looks[0], 1: looks[1]}, LABELS).all()
