"""The comparison system [Mirsamadi, 2017]: a recurrent network with local attention.

S. Mirsamadi, E. Barsoum and C. Zhang, "Automatic speech emotion recognition using recurrent neural networks with local
attention", ICASSP 2017: two dense layers, a bidirectional LSTM, and a mean over time weighted by
softmax(u . y_t), u a learned vector.
"""

import torch
from torch import Tensor, nn

from serflow.layers.blstm import Blstm
from serflow.layers.dense import dense_layers
from serflow.layers.initialisation import glorot
from serflow.layers.masking import softmax_over_time
from serflow.layers.widths import scaled

__all__ = ["LocalAttentionRnn"]


class LocalAttentionRnn(nn.Module):
    """Dense layers of `front` a frame, LSTM of `units` in both directions, weighted mean, one linear layer.

    The widths are multiplied by `width_multiplier`.
    """

    shortest = 1  # frames

    def __init__(
        self, *, dims: int, classes: int, front: list[int], units: int, dropout: float, width_multiplier: float
    ):
        super().__init__()
        (units,), front = scaled([units], width_multiplier), scaled(front, width_multiplier)
        layers: list[nn.Module] = []
        for a, b in zip([dims, *front], front, strict=False):
            layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(dropout)]
        self.front = nn.Sequential(*layers)
        self.recurrent = Blstm(inputs=[dims, *front][-1], units=units, layers=1)
        self.query = nn.Linear(self.recurrent.outputs, 1, bias=False)  # u
        self.classifier = dense_layers(self.recurrent.outputs, [], classes=classes, dropout=dropout)
        glorot(self)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, 2 units)."""
        hidden = self._hidden(frames, lengths)
        return (self._weights(hidden, lengths)[:, None] @ hidden)[:, 0]

    @torch.no_grad()
    def attention_weights(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Weights of the mean (B, T), which sum to one; for figures."""
        return self._weights(self._hidden(frames, lengths), lengths)

    def _hidden(self, frames: Tensor, lengths: Tensor) -> Tensor:
        return self.recurrent(self.front(frames), lengths)

    def _weights(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        return softmax_over_time(self.query(hidden)[..., 0], lengths)
