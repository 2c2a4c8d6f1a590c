import numpy as np
import pytest
import torch

from assocmem import Network, ZipfTask
from assocmem.training import batches, lengths_by_inputs, step_lengths

TASK = ZipfTask(2.0, 6, 3)


def network(layer_norm: bool = True, orthogonal: bool = False) -> Network:
    drawn = Network.draw("W", TASK.labels(TASK.tokens), 6, runs=5, layer_norm=layer_norm,
                         generator=torch.Generator().manual_seed(0))  # fmt: skip
    if orthogonal:
        drawn.inputs = torch.linalg.qr(drawn.inputs).Q
    return drawn


def data(steps: int = 20):  # type: ignore[no-untyped-def]
    return batches(TASK, 4, steps, runs=5, rng=np.random.default_rng(0))


def test_lengths_by_hand() -> None:
    drawn = network(layer_norm=False)
    table = step_lengths(drawn, data(3), 0.5)
    assert table["step"].tolist() == [t for t in (1, 2, 3) for _ in range(5)]
    again = network(layer_norm=False)
    assert again.memory is not None
    for step, batch in enumerate(data(3), start=1):
        before = again.memory.clone()
        factors = again.gradients(batch).factors
        assert factors is not None
        again.memory -= 0.5 * factors[0].mT @ factors[1]
        for r in range(5):
            old, new = (
                [float((m[r] @ e).norm()) for e in again.inputs[r]] for m in (before, again.memory)
            )
            change = (again.memory[r] - before[r]).flatten()
            row = table[(table["step"] == step) & (table["trial"] == r)].iloc[0]
            assert row["ratio"] == pytest.approx(min(b / a for a, b in zip(old, new, strict=True)))
            cosine = abs(float(torch.cosine_similarity(change, before[r].flatten(), dim=0)))
            assert row["cosine"] == pytest.approx(cosine)


def test_prop_scale_free_steps_are_at_right_angles() -> None:
    assert step_lengths(network(), data(), 10.0)["cosine"].max() < 1e-5
    assert step_lengths(network(layer_norm=False), data(), 10.0)["cosine"].max() > 0.05


def test_prop_scale_free_lengths_never_fall_for_orthogonal_inputs() -> None:
    assert step_lengths(network(orthogonal=True), data(), 10.0)["ratio"].min() > 1 - 1e-6
    assert step_lengths(network(), data(), 10.0)["ratio"].min() < 0.99


def test_prop_scale_free_growth_is_bounded() -> None:
    """‖W_t e‖² ≤ √(n₀² + t (2Γ + Γ²/n₀²)) with Γ = 4 γ² ‖e‖⁴ max ‖u‖²."""
    drawn = network(orthogonal=True)
    assert drawn.memory is not None
    start = (drawn.inputs @ drawn.memory.mT).norm(dim=-1) ** 2
    gamma = 4 * 3.0**2 * drawn.outputs.norm(dim=-1).amax(1) ** 2
    step_lengths(drawn, data(40), 3.0)
    end = (drawn.inputs @ drawn.memory.mT).norm(dim=-1) ** 2
    growth = 2 * gamma[:, None] + gamma[:, None] ** 2 / start**2
    assert (end <= torch.sqrt(start**2 + 40 * growth)).all()


def test_only_a_memory_is_trained() -> None:
    other = Network.draw("EU", [0, 1], 3, runs=2, generator=torch.Generator())
    with pytest.raises(ValueError, match="^model = 'EU' is not valid"):
        step_lengths(other, [], 0.1)


def test_prop_scale_free_lengths_by_inputs() -> None:
    table = lengths_by_inputs(3).set_index(["inputs", "trial"])
    assert table["cosine"].max() < 1e-5
    assert (table.loc["orthogonal", "least"] > 1 - 1e-6).all()
    assert (table.loc["correlated", "least"] < 0.99).any()
