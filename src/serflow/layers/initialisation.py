"""Initial weights as TensorFlow 1 has them: Glorot uniform, biases zero, the forget gates of LSTMs open.

Neither paper of R. Li et al. (2019) mentions initial weights; the code of the IJCAI one leaves them to TensorFlow.
Torch's own are smaller: through three refinements of a global context memory and three dense layers, hardly any of
the signal would be left at first (docs/fidelity/li2019icassp.md).
"""

import itertools

import torch
from torch import Tensor, nn

__all__ = ["glorot", "glorot_lstm"]


@torch.no_grad()
def glorot(*parts: nn.Module) -> None:
    """Draw the weights of every dense, convolutional and LSTM layer of `parts` anew (Glorot and Bengio 2010)."""
    for module in itertools.chain.from_iterable(part.modules() for part in parts):
        if isinstance(module, nn.Linear | nn.Conv1d):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.LSTM):
            for layer in range(module.num_layers):
                of_input, of_hidden, bias, second_bias = (
                    getattr(module, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                glorot_lstm(of_input, of_hidden)
                nn.init.zeros_(bias)
                nn.init.zeros_(second_bias)
                bias[module.hidden_size : 2 * module.hidden_size] = 1.0  # gates: input, forget, cell, output


@torch.no_grad()
def glorot_lstm(of_input: Tensor, of_hidden: Tensor) -> None:
    """Draw an LSTM's weights (4H, D) and (4H, H) as the one matrix (D + H, 4H) that they are in TensorFlow."""
    gates, units = of_hidden.shape
    limit = (6 / (of_input.shape[1] + units + gates)) ** 0.5
    for weight in (of_input, of_hidden):
        nn.init.uniform_(weight, -limit, limit)
