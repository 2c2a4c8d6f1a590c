import torch

from assocmem.model.task import ZipfTask
from assocmem.training.network import Network
from assocmem.training.starts import empty_memories


def test_a_memory_is_empty_and_its_outputs_have_norm_one() -> None:
    task = ZipfTask(1.5, 400, 7)
    network = empty_memories(task, 50, runs=3, seed=4)
    assert network.memory is not None
    assert (network.memory == 0).all()
    torch.testing.assert_close(network.outputs.norm(dim=-1), torch.ones(3, 7).double())
    assert abs(float((network.inputs**2).sum(-1).mean()) - 1) < 0.05  # N(0, I/d), not of norm one
    assert float(network.inputs.norm(dim=-1).std()) > 0.05
    again = Network.draw("W", network.labels, 50, runs=3, zero_memory=True, unit_outputs=True,
                         generator=torch.Generator().manual_seed(4))  # fmt: skip
    torch.testing.assert_close(network.inputs, again.inputs, rtol=0, atol=0)
    assert network.labels.tolist() == task.labels(task.tokens).tolist()
