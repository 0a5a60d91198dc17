"""The network of [Han, 2014]: dense layers on a short segment, its frames side by side.

K. Han, D. Yu and I. Tashev, "Speech emotion recognition using deep neural network and extreme learning machine",
Interspeech 2014, as we recollect it: 25 frames of 10 ms, three layers of 256 rectified linear units, trained and tested
on the tenth of an utterance's segments with the highest energy (`keep` of `serflow.training.segments`); of what it says
about the segments, `serflow.learners.elm` makes the utterance's class.
"""

from torch import Tensor, nn

from serflow.errors import UserError
from serflow.layers.dense import dense_layers
from serflow.layers.widths import scaled

__all__ = ["SegmentDnn"]


class SegmentDnn(nn.Module):
    """Dense layers of `classifier` on the `frames` frames of a segment; widths times `width_multiplier`.

    Attributes
    ----------
    shortest
        `frames`: what is shorter is filled up with zeros before it comes here (`serflow.training.batches.collate`).
    """

    def __init__(
        self, *, dims: int, classes: int, frames: int, classifier: list[int], dropout: float, width_multiplier: float
    ):
        super().__init__()
        self.shortest = frames
        widths = scaled(classifier, width_multiplier)
        self.classifier = dense_layers(frames * dims, widths, classes=classes, dropout=dropout)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of segments (B, T, dims), of which the first `lengths` (B,) frames are real.

        Raises
        ------
        UserError
            If a segment is not as long as the network expects.
        """
        if (lengths != self.shortest).any():
            raise UserError(
                f"model segment_dnn: a segment of {int(lengths[lengths != self.shortest][0])} frames, expected "
                f"{self.shortest}; let segments.seconds and model.frames agree in the system's YAML"
            )
        return self.classifier(frames[:, : self.shortest].flatten(start_dim=1))
