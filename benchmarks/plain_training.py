"""One run of the published optimisation experiments, written from its description and as plainly as it
reads: torch builds the graph of each batch and differentiates it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

N_TOKENS, N_OUTPUTS = 100, 5


def plain_run(
    model: str,
    optimizer: str,
    layer_norm: bool,
    dim: int,
    batch_size: int,
    learning_rate: float,
    n_samples: int,
    seed: int,
) -> float:
    """The error after one pass through T samples; NaN if the logits are not finite by then."""
    torch.manual_seed(seed)
    memory = torch.randn(dim, dim) / math.sqrt(dim) if model != "EU" else torch.empty(0)
    inputs = torch.randn(N_TOKENS, dim) / math.sqrt(dim)
    outputs = torch.randn(dim, N_OUTPUTS) / math.sqrt(dim)
    law = 1 / torch.arange(1, N_TOKENS + 1).double() ** 2
    law /= law.sum()
    data = torch.multinomial(law.float(), n_samples, replacement=True)
    labels = torch.arange(N_TOKENS) % N_OUTPUTS

    trained = {"W": [memory], "EU": [inputs, outputs], "EWU": [inputs, memory, outputs]}[model]
    for parameter in trained:
        parameter.requires_grad_(True)

    def logits(tokens: Tensor) -> Tensor:
        hidden = torch.relu(inputs[tokens]) if model == "EU" else inputs[tokens] @ memory
        if layer_norm:
            hidden = hidden / torch.sqrt((hidden**2).sum(dim=-1, keepdim=True) + 1e-6)
        return hidden @ outputs

    if optimizer == "SGD":
        rule: torch.optim.Optimizer = torch.optim.SGD(trained, lr=learning_rate)
    else:
        rates = [learning_rate / (dim if p is memory else math.sqrt(dim)) for p in trained]
        groups = [{"params": [p], "lr": rate} for p, rate in zip(trained, rates, strict=True)]
        rule = torch.optim.Adam(groups, betas=(0.0, 0.0))
    for batch in torch.split(data, batch_size):
        rule.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits(batch), labels[batch])
        loss.backward()  # type: ignore[no-untyped-call]
        rule.step()

    with torch.no_grad():
        final = logits(torch.arange(N_TOKENS))
    if not torch.isfinite(final).all():
        return math.nan
    return float(law[final.argmax(dim=1) != labels].sum())
