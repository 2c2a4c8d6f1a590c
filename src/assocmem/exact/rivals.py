r"""The strongest rival of each output: how far it leads, and the tokens that err for it.

Given the outputs and Gaussian numbers ξ, output z leads y by :math:`(h_z - h_y) / (1 - G_{zy})`,
with :math:`h_z = \sum_w G_{zw} \sqrt{Q_w} ξ_w`. The largest of these leads is :math:`\sqrt{Q_y} (δ_y
- ξ_y)`, where the demand δ_y does not depend on ξ_y (the book's :math:`D_y = \sqrt{Q_y} δ_y`); and a
token of weight :math:`\sqrt{Q_y} \sin ψ` errs where

.. math:: r \sin ψ + ξ_y \cos ψ < δ_y .

Where errors may be rare, those of a draw are split at a level of δ_y that few draws exceed. Those at
or below are found by `Usual`: with ξ_y integrated out. Those above are found by `Rare`, which
integrates over a direction in which the lead grows, so that errors of a probability of 10⁻¹² are
seen as well as any. Elsewhere all errors are usual.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from assocmem.arrays import Array, Rows

#: How far leads that are drawn anew favour large ones.
_STRETCH = 0.3
#: Rare leads exceed the usual size of the largest of so many Gaussian numbers by this, in
#: standard deviations.
_LEVEL = 1.4
#: More outputs than this are summed by matrix products.
_FEW_OUTPUTS = 16
_TINY = 1e-300


class Errors(Protocol):
    """Which tokens err in some settings, with a weight for each draw; M outputs."""

    def chance(self, sine: Array) -> Array:
        r"""Probability that a token of weight :math:`\sqrt{Q_y} \sin ψ` errs, shape (M, …)."""

    def critical(self) -> tuple[Array, Array, Array | float]:
        """Sines of ψ below and above which tokens err, and the weight of that; each (M, …)."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn for some settings, whose axes are the last ones and broadcast; M outputs."""

    gram: Array  # inner products G of the outputs, (M, M, …)
    inverse: Array  # 1/(1 − G), and 0 for equal outputs, (M, M, …)
    dim: NDArray[np.integer]  # d, (…); outputs may be equal for d = 1
    radius: Array  # |e|, (…)
    own: Array  # standard normal numbers ξ, (M, …)
    rival: Rows  # the output z ≠ y to blame for rare errors, (M, …)


@dataclass(frozen=True)
class Usual:
    """Errors with δ_y up to the level, if there is one."""

    radius: Array  # |e|, (…)
    own: Array  # ξ_y, (M, …)
    demand: Array  # δ_y, (M, …)
    usual: Array  # the same, but −∞ above the level: with that, nothing errs, (M, …)

    def chance(self, sine: Array) -> Array:
        r""":math:`Φ((δ_y - r \sin ψ) / \cos ψ)`, the mean over ξ_y."""
        above = self.usual - self.radius * sine
        with np.errstate(divide="ignore"):
            above /= np.sqrt(1 - sine**2)
        return ndtr(above, out=above)

    def critical(self) -> tuple[Array, Array, float]:
        """The critical sines for the ξ_y that was drawn."""
        return *critical_sines(self.own, self.usual, self.radius), 1.0

    def unstored(self, mass: Array) -> Array:
        """A mass of tokens that are not stored, times the probability that y is not recalled."""
        some = np.broadcast_to((mass != 0).any(axis=-1), self.demand.shape[:-1])
        lost = np.zeros(self.demand.shape)
        lost[some] = ndtr(self.demand[some])
        lost *= mass
        return lost


@dataclass(frozen=True)
class Rare:
    r"""Errors with δ_y above the level, for which one rival z of each y is to blame.

    Let g be the standard normal number that :math:`h_z - h_y` is a multiple of. With everything
    that is independent of g as drawn, z is the strongest rival for g in an interval, and is above
    the level for g above a number. So the probability that the token errs for z is a difference of
    Gaussian tails. There are M − 1 rivals, each as likely to be asked.
    """

    radius: Array  # |e|, (S,)
    rest: Array  # η, the part of ξ_y that is independent of g, (M, S)
    scale: Array  # σ: the lead is √Q_y σ g, (M, S)
    upper: Array  # probability of a g in or above the interval, and above the level, (M, S)
    beyond: Array  # probability of a g above the interval, at most that, (M, S)
    drawn: Array  # the g that was drawn, (M, S)

    def chance(self, sine: Array) -> Array:
        r"""It errs for :math:`g (σ - (1 - \cos ψ) / σ) > r \sin ψ - η (1 - \cos ψ)`."""
        versed = 1 - np.sqrt(1 - sine**2)
        slope = np.maximum(self.scale - versed / self.scale, _TINY)
        above = ndtr((self.rest * versed - self.radius * sine) / slope)
        errs: Array = np.maximum(np.minimum(above, self.upper) - self.beyond, 0)
        return (len(errs) - 1) * errs

    def critical(self) -> tuple[Array, Array, Array]:
        r"""The critical sines for one g among the possible ones.

        The tail probability u of the g that was drawn, uniform on (0, 1), becomes :math:`u e^{a -
        a/u}`, of density :math:`1 / ((1 + a/u) e^{a - a/u})`: so a few percent of the g are so large
        that they occur once in a million times.
        """
        rank = np.maximum(ndtr(-self.drawn), 1e-9)
        fade = np.exp(_STRETCH - _STRETCH / rank)
        possible = self.upper - self.beyond
        g = -ndtri(np.clip(self.beyond + possible * rank * fade, _TINY, 1 - 2.0**-53))
        own = self.rest - g / self.scale
        low, high = critical_sines(own, own + g * self.scale, self.radius)
        return low, high, (len(g) - 1) * possible * fade * (1 + _STRETCH / rank)


def standard_level(n_outputs: int) -> float:
    """The level of δ_y where all norms √Q are equal."""
    return _LEVEL + math.sqrt(2 * math.log(n_outputs))


def usual_errors(drawn: Drawn, norms: Array, rare: NDArray[np.bool_]) -> Usual:
    """The errors at or below the level, where √Q of each output is ``norms``, shape (M, …).

    There is a level only in the ``rare`` settings: in others all errors are usual.
    """
    # δ_y is infinite for an output of which nothing is stored: it has no noise of its own
    demand = _largest_leads(drawn, norms) / np.where(norms > 0, norms, _TINY)
    demand += drawn.own
    if not rare.any():
        return Usual(drawn.radius, drawn.own, demand, demand)
    usual = np.where(rare & (demand > _level(norms)), -np.inf, demand)
    return Usual(drawn.radius, drawn.own, demand, usual)


def rare_errors(drawn: Drawn, norms: Array) -> Rare:
    """The errors above the level, d > 1, where √Q of each output is ``norms``, shape (M, S)."""
    gram, inverse, xi, rival = drawn.gram, drawn.inverse, drawn.own, drawn.rival
    own, column = np.arange(len(xi)), np.arange(xi.shape[1])
    h = _noises(drawn, norms)
    leads = (h - h[:, None]) * inverse
    leads[own, own] = -np.inf
    lead, inverse_z = (x[own[:, None], rival, column] for x in (leads, inverse))
    with np.errstate(divide="ignore", invalid="ignore"):
        # h_z − h_y = Σ_w ξ_w weighted_w, and its covariances with all h_w − h_y
        weighted = (gram[rival[:, None], own[:, None], column] - gram) * norms
        spread = np.sqrt((weighted**2).sum(axis=1))
        slopes = _products(weighted * norms, gram)
        slopes = (slopes - slopes[own, own][:, None]) * inverse / spread[:, None]
        scale = spread * inverse_z
        g = lead / scale
        # The g at which another rival w is as strong: z is stronger above it, or else below.
        steeper = scale[:, None] - slopes
        equal = g[:, None] - (lead[:, None] - leads) / steeper
        other = own[:, None] != rival[:, None]
        first = np.where(other & (steeper > 0), equal, -np.inf).max(axis=1)
        last = np.where(other & (steeper < 0), equal, np.inf).min(axis=1)
        scale /= _positive(norms)
        rest = xi + g / scale
        least = (_level(norms) - rest) / np.maximum(scale - 1 / scale, _TINY)
    beyond = ndtr(-last)
    upper = np.maximum(ndtr(-np.maximum(first, least)), beyond)
    return Rare(drawn.radius, rest, scale, upper, beyond, g)


def _noises(drawn: Drawn, norms: Array) -> Array:
    """The noise h of each output, shape (M, …)."""
    noises = norms * drawn.own
    if noises.ndim == 4 and noises.shape[2] > noises.shape[3] == 1:
        # settings (draws, T, d) whose norms do not depend on d: products of (T, M) and (M, d)
        product: Array = np.moveaxis(noises[..., 0], 0, 2) @ drawn.gram[..., 0, :].swapaxes(1, 2)
        return product
    h: Array = drawn.gram[:, 0] * noises[0]
    term = np.empty_like(h)
    # one output after the other, so that equal outputs (d = 1) have equal h
    for w in range(1, len(noises)):
        h += np.multiply(drawn.gram[:, w], noises[w], out=term)
    return h


def _largest_leads(drawn: Drawn, norms: Array) -> Array:
    """How far the strongest rival leads y, shape (M, …)."""
    h = _noises(drawn, norms)
    line, largest = drawn.dim == 1, np.full(h.shape, -np.inf)
    for y in range(len(h) - 1):
        # how far y leads the outputs after it, which lead y by the opposite
        inverse = drawn.inverse[y, y + 1 :]
        leads = h[y] - h[y + 1 :]
        leads *= inverse
        if line.any():
            # of equal outputs the first is recalled
            leads[np.broadcast_to(line & (inverse == 0), leads.shape)] = np.inf
        np.maximum(largest[y + 1 :], leads, out=largest[y + 1 :])
        np.maximum(largest[y], -leads.min(axis=0), out=largest[y])
    return largest


def _level(norms: Array) -> Array:
    """What δ_y, the largest of M − 1 Gaussian numbers, exceeds in few draws."""
    return standard_level(len(norms)) * norms.max(axis=0) / _positive(norms)


def _positive(norms: Array) -> Array:
    """The norms, but 1 for an output of which nothing is stored, where any number does."""
    return np.where(norms > 0, norms, 1)


def _products(a: Array, gram: Array) -> Array:
    """Σ_v a[y, v] gram[v, w], shape (y, w, S)."""
    if len(gram) > _FEW_OUTPUTS:
        product = np.moveaxis(a, -1, 0) @ np.moveaxis(gram, -1, 0)
        return np.ascontiguousarray(np.moveaxis(product, 0, -1))
    return np.einsum("yvs,vws->yws", a, gram)


def critical_sines(xi: Array, demand: Array, radius: Array) -> tuple[Array, Array]:
    r"""The sines of ψ below and above which :math:`r \sin ψ + ξ \cos ψ < δ`, for 0 ≤ ψ ≤ π/2.

    The first is inf where this holds for every ψ, the second where it holds for none beyond.
    """
    square = radius**2 + xi**2
    size = np.sqrt(square)
    # The left side is A sin(ψ + ψ₀), with A² the square. It rises from ξ at ψ = 0, and falls to r at
    # π/2: it crosses a level at a − ψ₀ if that is above ξ, and at π − a − ψ₀ if that is above r.
    level = np.maximum(demand, -size)
    np.minimum(level, size, out=level)
    root = (size - level) * (size + level)
    np.sqrt(root, out=root)
    root *= xi / square
    level *= radius / square
    above = demand >= np.where(xi > 0, size, radius)
    crossed = (demand > np.where(xi > 0, radius, np.inf)) & ~above
    high = np.full(level.shape, np.inf)
    np.add(level, root, out=high, where=crossed)
    low = np.subtract(level, root, out=level)
    np.maximum(low, 0, out=low)
    low[above] = np.inf
    return low, high
