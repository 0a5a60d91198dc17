"""Representation learning component: residual convolutions, multi-head self-attention, GCA-LSTM, dense layers.

R. Li, Z. Wu, J. Jia, Y. Bu, S. Zhao and H. Meng, "Towards discriminative representation learning for speech emotion
recognition", IJCAI 2019: section 3, Fig. 1 to 4; system S3 of its Table 2.
"""

from typing import Any

from torch import Tensor, nn

from serflow.layers.dense import dense_layers
from serflow.layers.gca_lstm import GcaLstm
from serflow.layers.initialisation import glorot
from serflow.layers.temporal_convolutions import convolution_groups
from serflow.layers.widths import scaled

__all__ = ["Rlc"]


class Rlc(nn.Module):
    """Convolution groups, GCA-LSTM (its memory after the last refinement), dense layers.

    Parameters
    ----------
    dims, classes
        Values a frame; classes.
    groups
        What `ConvolutionGroups` takes, but for `dims`.
    units, gate_width, iterations
        Of the GCA-LSTM: units of its layers and memory, rows of W_e2, refinements.
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
        gate_width: int,
        iterations: int,
        classifier: list[int],
        dropout: float,
        width_multiplier: float,
    ):
        super().__init__()
        units, gate_width = scaled([units, gate_width], width_multiplier)
        classifier = scaled(classifier, width_multiplier)
        self.convolutions = convolution_groups(groups, dims=dims, width_multiplier=width_multiplier)
        self.memory = GcaLstm(inputs=self.convolutions.outputs, units=units, width=gate_width, iterations=iterations)
        self.classifier = dense_layers(units, classifier, classes=classes, dropout=dropout)
        glorot(self.convolutions, self.classifier)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, units): F after the last refinement."""
        return self.memory(*self.convolutions(frames, lengths))

    def informativeness(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Informativeness (B, I, T') of the steps in every refinement (Fig. 5b)."""
        return self.memory.informativeness(*self.convolutions(frames, lengths))
