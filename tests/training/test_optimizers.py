import math
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem.training.optimizers import SGD, Adam, NormalizedSGD, Optimizer, SignSGD


def gradients(steps: int = 5) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, 3, 4, generator=generator, dtype=torch.float64) for _ in range(steps)]


def follow(optimizer: Optimizer, rate: float) -> Tensor:
    place = torch.zeros(2, 3, 4, dtype=torch.float64)
    for gradient in gradients():
        place -= rate * optimizer.direction("memory", gradient)
    return place


def follow_torch(build: Any, rate: float, **options: Any) -> Tensor:
    place = torch.zeros(2, 3, 4, dtype=torch.float64, requires_grad=True)
    optimizer = build([place], lr=rate, **options)
    for gradient in gradients():
        place.grad = gradient
        optimizer.step()
    return place.detach()


@pytest.mark.parametrize(
    ("ours", "build", "options"),
    [
        (SGD(), torch.optim.SGD, {}),
        (Adam(), torch.optim.Adam, {}),
        (Adam((0.5, 0.9), 1e-3), torch.optim.Adam, {"betas": (0.5, 0.9), "eps": 1e-3}),
        (Adam((0.9, 0.0)), torch.optim.Adam, {"betas": (0.9, 0.0)}),
        (SignSGD(1e-8), torch.optim.Adam, {"betas": (0.0, 0.0)}),
        (Adam((0.0, 0.0)), torch.optim.Adam, {"betas": (0.0, 0.0)}),
    ],
)
def test_steps_are_those_of_torch(ours: Optimizer, build: Any, options: dict[str, Any]) -> None:
    torch.testing.assert_close(follow(ours, 0.1), follow_torch(build, 0.1, **options))


def test_sign_is_zero_without_gradient() -> None:
    for optimizer in (SignSGD(), SignSGD(1e-8)):
        assert optimizer.direction("memory", torch.zeros(1, 2)).tolist() == [[0.0, 0.0]]


def test_normalized_gradients_have_unit_spread_in_each_run() -> None:
    gradient = gradients(1)[0] * torch.tensor([1e-6, 1e6])[:, None, None]
    direction = NormalizedSGD().direction("memory", gradient.clone())
    torch.testing.assert_close(direction.std(dim=(1, 2)), torch.ones(2).double())
    torch.testing.assert_close(direction / direction[:, :1, :1], gradient / gradient[:, :1, :1])
    assert NormalizedSGD().direction("memory", torch.zeros(1, 2, 2)).eq(0).all()


def test_parameters_have_moments_of_their_own() -> None:
    adam, lone = Adam(), Adam()
    first, second, third = gradients(3)
    adam.direction("memory", first)
    adam.direction("outputs", third)
    lone.direction("memory", first)
    torch.testing.assert_close(adam.direction("memory", second), lone.direction("memory", second))


def test_a_fresh_optimizer_remembers_nothing() -> None:
    used = Adam()
    first = used.direction("memory", gradients(1)[0]).clone()
    used.direction("memory", gradients(2)[1])
    torch.testing.assert_close(used.fresh().direction("memory", gradients(1)[0]), first)


def test_elementwise_optimizers_can_go_piece_by_piece() -> None:
    for optimizer in (SGD(), SignSGD(), SignSGD(1e-8), Adam(), NormalizedSGD()):
        whole = optimizer.fresh().direction("memory", gradients(1)[0])
        rows = [optimizer.fresh().direction("memory", part) for part in gradients(1)[0].split(1, 1)]
        assert torch.equal(whole, torch.cat(rows, 1)) == (optimizer.elementwise or isinstance(
            optimizer, Adam))  # fmt: skip


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: SignSGD(-1e-8), "epsilon"),
        (lambda: SignSGD(math.nan), "epsilon"),
        (lambda: Adam((0.9, 1.0)), r"betas\[1\]"),
        (lambda: Adam((-0.1, 0.9)), r"betas\[0\]"),
        (lambda: Adam(0.9), "betas"),
        (lambda: Adam(epsilon=0.0), "epsilon"),
    ],
)
def test_bad_values_are_refused(build: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} = .* is not valid; valid range"):
        build()
