"""The network of the comparison system [Poria, 2016]: convolutions, the maximum over time, dense layers.

S. Poria, I. Chaturvedi, E. Cambria and A. Hussain, "Convolutional MKL based multimodal emotion recognition and
sentiment analysis", ICDM 2016, as R. Li et al. (ICASSP and IJCAI 2019) describe it: "CNN for representation learning".
Here it is trained with dense layers and classifies by itself; the
paper's second part, multiple-kernel learning on the representation, is `serflow.learners.mkl`.
"""

from typing import Any

import torch
from torch import Tensor, nn

from serflow.layers.dense import dense_layers
from serflow.layers.initialisation import glorot
from serflow.layers.temporal_convolutions import convolution_groups, step_mask
from serflow.layers.widths import scaled

__all__ = ["Cnn"]


class Cnn(nn.Module):
    """Plain convolution groups, each channel's maximum over the real steps, dense layers.

    Parameters
    ----------
    dims, classes
        Values a frame; classes.
    groups
        What `ConvolutionGroups` takes, but for `dims`.
    classifier, dropout
        Widths of the dense layers before the output, and their dropout.
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
        classifier: list[int],
        dropout: float,
        width_multiplier: float,
    ):
        super().__init__()
        classifier = scaled(classifier, width_multiplier)
        self.convolutions = convolution_groups(groups, dims=dims, width_multiplier=width_multiplier)
        self.classifier = dense_layers(self.convolutions.outputs, classifier, classes=classes, dropout=dropout)
        glorot(self)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(frames, lengths))

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, filters of the last group)."""
        sequence, lengths = self.convolutions(frames, lengths)
        mask = step_mask(lengths, sequence.shape[2], sequence.device)
        return (sequence if mask is None else sequence.masked_fill(~mask, -torch.inf)).amax(dim=2)
