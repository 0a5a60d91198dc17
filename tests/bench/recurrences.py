"""GCA-LSTM, its equations step by step, and torch's own LSTM: forward and backward on one batch, each a side."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from bench.clock import clock
from helpers import gca_reference
from serflow.layers.gca_lstm import GcaLstm
from serflow.training.malloc import keep_freed_memory

__all__ = ["equations", "gca_lstm", "stacked_lstm"]

SEED = 1
Action = Callable[[], dict[str, Any]]


def gca_lstm(*, sizes: dict[str, int], steps: int, batch: int) -> Action:
    """serflow's GCA-LSTM; `sizes` are its arguments."""
    network, sequence = _given(GcaLstm, sizes, steps, batch)
    lengths = torch.full((batch,), steps)
    return _action(lambda: network(sequence, lengths), network, sequence)


def equations(*, sizes: dict[str, int], steps: int, batch: int) -> Action:
    """The equations as printed, with the weights of `gca_lstm`; the utterances of the batch go side by side."""
    network, sequence = _given(GcaLstm, sizes, steps, batch)
    memory = torch.vmap(lambda inputs: gca_reference.gca_lstm(network, inputs)[0])
    return _action(lambda: memory(sequence.mT), network, sequence)


def stacked_lstm(*, sizes: dict[str, int], steps: int, batch: int) -> Action:
    """torch.nn.LSTM of two layers of as many units; its last hidden state."""
    arguments = {"input_size": sizes["inputs"], "hidden_size": sizes["units"], "num_layers": 2}
    network, sequence = _given(nn.LSTM, arguments, steps, batch)
    return _action(lambda: network(sequence.permute(2, 0, 1))[0][-1], network, sequence)


def _given(kind: type[nn.Module], arguments: dict[str, int], steps: int, batch: int) -> tuple[nn.Module, Tensor]:
    """A network, and features (B, C, T) for it that came out of other layers: they want a gradient."""
    keep_freed_memory()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    network = kind(**arguments)
    inputs = arguments.get("inputs") or arguments["input_size"]
    return network, torch.randn(batch, inputs, steps).requires_grad_()


def _action(forward: Callable[[], Tensor], network: nn.Module, sequence: Tensor) -> Action:
    def once() -> dict[str, Any]:
        network.zero_grad(set_to_none=True)
        sequence.grad = None
        before = clock()
        result = forward()
        result.square().sum().backward()
        seconds = clock() - before
        return {"ms": 1000 * seconds, "result": result.detach().numpy(), "gradient": sequence.grad.numpy()}

    return once
