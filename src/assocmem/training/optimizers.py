r"""Steps of descent: what is done with a gradient, element by element or for a matrix as a whole."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Self

import torch
from torch import Tensor

from assocmem.parameters import Real, refuse


class Optimizer(ABC):
    r"""What turns a gradient into the direction of a step, :math:`θ \leftarrow θ - γ\, D`.

    Example:
        >>> class Halved(Optimizer):
        ...     def direction(self, name: str, gradient: Tensor) -> Tensor:
        ...         return gradient / 2
        ...
        >>> Halved().direction("memory", torch.tensor([[2.0, -3.0]])).tolist()
        [[1.0, -1.5]]
    """

    #: Whether an entry of D depends on the same entry of this gradient alone, so that large
    #: matrices can be updated piece by piece.
    elementwise: ClassVar[bool] = True

    @abstractmethod
    def direction(self, name: str, gradient: Tensor) -> Tensor:
        """The direction D for the parameter ``name``; shape of ``gradient``, (R, ...), which it may
        overwrite.
        """

    def fresh(self) -> Self:
        """The same optimizer without anything remembered of earlier steps."""
        return self


@dataclass(frozen=True)
class SGD(Optimizer):
    """The gradient itself.

    Example:
        >>> SGD().direction("memory", torch.tensor([[2.0, -3.0]])).tolist()
        [[2.0, -3.0]]
    """

    def direction(self, name: str, gradient: Tensor) -> Tensor:
        """D = ∇."""
        del name
        return gradient


@dataclass(frozen=True)
class SignSGD(Optimizer):
    r"""The sign of each entry, :math:`D = ∇ / (|∇| + ε)`; Adam with :math:`β_1 = β_2 = 0`.

    Args:
        epsilon: ε ≥ 0. With ε = 0 the sign itself (0 where the gradient is 0); Adam's 10⁻⁸ lets
            entries below it fade.

    Example:
        >>> SignSGD().direction("memory", torch.tensor([[-3.0, 0.0, 0.1]])).tolist()
        [[-1.0, 0.0, 1.0]]
    """

    epsilon: float = 0.0

    def __post_init__(self) -> None:
        Real(at_least=0).check("epsilon", self.epsilon)

    def direction(self, name: str, gradient: Tensor) -> Tensor:
        """D = ∇ / (|∇| + ε)."""
        del name
        if self.epsilon == 0:
            return gradient.sign_()
        return gradient.div_(gradient.abs().add_(self.epsilon))


@dataclass(frozen=True)
class NormalizedSGD(Optimizer):
    r"""The gradient over the standard deviation of its entries, :math:`D = ∇ / \mathrm{std}(∇)` (with
    n − 1 for n entries).

    Each run and each parameter is normalized by itself; a gradient whose entries are all equal
    stays as it is.

    Example:
        >>> direction = NormalizedSGD().direction("memory", torch.tensor([[1.0, -1.0]]))
        >>> [round(entry, 4) for entry in direction[0].tolist()]
        [0.7071, -0.7071]
    """

    elementwise: ClassVar[bool] = False

    def direction(self, name: str, gradient: Tensor) -> Tensor:
        """D = ∇ / std(∇)."""
        del name
        axes = tuple(range(1, gradient.ndim))
        spread = gradient.std(dim=axes, keepdim=True)
        return gradient / torch.where(spread > 0, spread, torch.ones_like(spread))


@dataclass
class Adam(Optimizer):
    r"""Adam, with bias correction.

    .. math:: m \leftarrow β_1 m + (1-β_1) ∇, \quad v \leftarrow β_2 v + (1-β_2) ∇^2, \quad
        D = \frac{m / (1-β_1^t)}{\sqrt{v / (1-β_2^t)} + ε}

    Args:
        betas: β₁ and β₂, each ≥ 0 and < 1.
        epsilon: ε > 0.

    Example:
        >>> Adam().direction("memory", torch.tensor([[2.0, -3.0]])).round(decimals=4).tolist()
        [[1.0, -1.0]]
    """

    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    elementwise: ClassVar[bool] = False
    _moments: dict[str, tuple[int, Tensor, Tensor]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        if not isinstance(self.betas, tuple) or len(self.betas) != 2:
            raise refuse("betas", self.betas, "two numbers, each ≥ 0 and < 1")
        for position, beta in enumerate(self.betas):
            Real(at_least=0, below=1).check(f"betas[{position}]", beta)
        Real(above=0).check("epsilon", self.epsilon)

    def direction(self, name: str, gradient: Tensor) -> Tensor:
        """D, by this gradient and all before it."""
        first, second = self.betas
        if name not in self._moments:
            zero = torch.zeros_like(gradient)
            self._moments[name] = (0, zero, zero.clone())
        steps, mean, square = self._moments[name]
        mean.lerp_(gradient, 1 - first)
        square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        steps += 1
        self._moments[name] = (steps, mean, square)
        unbiased = 1 - first**steps
        # (1 − β₁ᵗ) · (√(v / (1 − β₂ᵗ)) + ε), in as few passes as can be
        spread = square.sqrt().mul_(unbiased / (1 - second**steps) ** 0.5)
        return torch.div(mean, spread.add_(unbiased * self.epsilon), out=spread)

    def fresh(self) -> Self:
        """The same optimizer without moments."""
        return type(self)(self.betas, self.epsilon)
