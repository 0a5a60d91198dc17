"""A bidirectional LSTM whose hidden vectors are averaged, or summed as an attention mechanism weighs them.

C.-W. Huang and S. Narayanan, "Attention assisted discovery of sub-utterance structure in speech emotion recognition",
Interspeech 2016: section 3, Fig. 2b; rows 1 and 2 of its Table 1.
"""

from typing import Literal

from torch import Tensor, nn

from serflow.layers.blstm import Blstm
from serflow.layers.widths import scaled
from serflow.models.attention_decoder import AttentionDecoder

__all__ = ["AttentionBlstm"]


class AttentionBlstm(nn.Module):
    """BLSTM layers, attention over their hidden vectors, decoder.

    Parameters
    ----------
    dims, classes
        Values a frame; classes.
    units, layers
        Of the BLSTM: units a direction, layers.
    attention, attention_width, dropout, classifier
        As `AttentionDecoder`.
    width_multiplier
        All of these widths are multiplied by it (`serflow.layers.widths`).
    """

    shortest = 1  # frames

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        units: int,
        layers: int,
        attention: Literal["uniform", "tanh", "linear"],
        attention_width: int,
        dropout: float,
        classifier: list[int],
        width_multiplier: float,
    ):
        super().__init__()
        (units,) = scaled([units], width_multiplier)
        self.encoder = Blstm(inputs=dims, units=units, layers=layers)
        self.hidden_dims = self.encoder.outputs
        self.decoder = AttentionDecoder(
            dims=self.hidden_dims,
            classes=classes,
            attention=attention,
            attention_width=attention_width,
            dropout=dropout,
            classifier=classifier,
            width_multiplier=width_multiplier,
        )

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.decoder(self.hidden(frames, lengths), lengths)

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Context vector c (B, 2 units)."""
        return self.decoder.encode(self.hidden(frames, lengths), lengths)

    def attention_weights(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Weights alpha (B, T), which sum to one over the real frames and are zero beyond."""
        return self.decoder.attention_weights(self.hidden(frames, lengths), lengths)

    def hidden(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Hidden vectors h (B, T, 2 units)."""
        return self.encoder(frames, lengths)
