"""The comparison system [Xia, 2017]: dense layers on statistics of the whole utterance.

R. Xia and Y. Liu, "A multi-task learning framework for emotion recognition using 2D continuous space", IEEE TAC 2017,
as R. Li et al. (ICASSP and IJCAI 2019) describe it: statistics functions on the LLDs, and a DNN.
"""

from torch import Tensor, nn

from serflow.layers.dense import dense_layers
from serflow.layers.initialisation import glorot
from serflow.layers.widths import scaled

__all__ = ["Dnn"]


class Dnn(nn.Module):
    """Dense layers of `classifier` on the one row of an utterance; widths times `width_multiplier`."""

    shortest = 1  # row

    def __init__(self, *, dims: int, classes: int, classifier: list[int], dropout: float, width_multiplier: float):
        super().__init__()
        self.classifier = dense_layers(dims, scaled(classifier, width_multiplier), classes=classes, dropout=dropout)
        glorot(self)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of rows (B, T, dims), of which the first is the utterance's."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, dims): the statistics themselves."""
        return frames[:, 0]
