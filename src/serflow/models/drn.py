"""Dilated residual network with multi-head self-attention, an LSTM and dense layers.

R. Li, Z. Wu, J. Jia, S. Zhao and H. Meng, "Dilated residual network with multi-head self-attention for speech emotion
recognition", ICASSP 2019: section 2, Fig. 1 and 2. By its groups, shortcuts and heads the same network is the paper's
plain CNN, its systems S1 to S4, and (with two LSTM layers) systems S1 and S2 of the authors' IJCAI 2019 paper. Fig. 2
of that paper gives the blocks that this one leaves open.
"""

from typing import Any

from torch import Tensor, nn

from serflow.layers.dense import dense_layers
from serflow.layers.initialisation import glorot
from serflow.layers.masking import last_real
from serflow.layers.temporal_convolutions import convolution_groups
from serflow.layers.widths import scaled

__all__ = ["Drn"]


class Drn(nn.Module):
    """Convolution groups, LSTM (its last hidden state), dense layers.

    Parameters
    ----------
    dims, classes
        Values a frame; classes.
    groups
        What `ConvolutionGroups` takes, but for `dims`.
    units, layers
        Of the LSTM.
    classifier
        Widths of the dense layers before the output.
    dropout
        Of the dense layers.
    width_multiplier
        All of these widths are multiplied by it (`serflow.layers.widths`).
    """

    shortest = 1  # frames

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        groups: dict[str, Any],
        units: int,
        layers: int,
        classifier: list[int],
        dropout: float,
        width_multiplier: float,
    ):
        super().__init__()
        (units,), classifier = scaled([units], width_multiplier), scaled(classifier, width_multiplier)
        self.convolutions = convolution_groups(groups, dims=dims, width_multiplier=width_multiplier)
        self.lstm = nn.LSTM(self.convolutions.outputs, units, num_layers=layers, batch_first=True)
        self.classifier = dense_layers(units, classifier, classes=classes, dropout=dropout)
        glorot(self)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, units): h_N, the last real hidden state (eq. 5-9)."""
        sequence, lengths = self.convolutions(frames, lengths)
        return last_real(self.lstm(sequence.mT)[0], lengths)
