"""The comparison system [Poria, 2017]: a conventional (stacked) LSTM over the frames, dense layers.

S. Poria et al., "Context-dependent sentiment analysis in user-generated videos", ACL 2017, as R. Li et al. (ICASSP and
IJCAI 2019) describe it: without context across utterances.
"""

from torch import Tensor, nn

from serflow.layers.dense import dense_layers
from serflow.layers.initialisation import glorot
from serflow.layers.masking import last_real
from serflow.layers.widths import scaled

__all__ = ["Lstm"]


class Lstm(nn.Module):
    """LSTM layers of `units`, the last hidden state, dense layers of `classifier`; widths times `width_multiplier`."""

    shortest = 1  # frames

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        units: int,
        layers: int,
        classifier: list[int],
        dropout: float,
        width_multiplier: float,
    ):
        super().__init__()
        (units,), classifier = scaled([units], width_multiplier), scaled(classifier, width_multiplier)
        self.lstm = nn.LSTM(dims, units, num_layers=layers, batch_first=True)
        self.classifier = dense_layers(units, classifier, classes=classes, dropout=dropout)
        glorot(self)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, units): the last real hidden state."""
        return last_real(self.lstm(frames)[0], lengths)
