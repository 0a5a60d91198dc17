"""Emotion recogniser with soft attention or self-attention, whose attention can be trained to match a teacher's.

Z. Zhao et al. (2021), sections 3.2-3.5 and 4.3, Table 2: the eight systems are a TCN or a BLSTM, soft attention or
self-attention, with and without attention transfer (`serflow.layers.attention_transfer`).

How the steps become one utterance is left open. Soft attention has the answer in itself, the context of eq. 3: an
emotion is one output, chosen in the state s_0 = 0. After self-attention the steps are averaged.
"""

from typing import Any, Literal

from torch import Tensor, nn

from serflow.layers.attention_transfer import attention_map
from serflow.layers.sequence_encoder import Encoded, SequenceEncoder
from serflow.models.attention_decoder import AttentionDecoder

__all__ = ["AttentionStudent"]


class AttentionStudent(nn.Module):
    """Encoder, attention, one linear layer.

    Parameters
    ----------
    dims, classes
        Values a frame; classes.
    encoder, attention
        As `SequenceEncoder`: a TCN or a BLSTM; `soft` or `self`.
    attention_width
        Rows of the matrix in soft attention's tanh; self-attention is as wide as a hidden vector.
    dropout
        Probability, in training, that a value of a weighted hidden vector is left out of the sum over time.
    width_multiplier
        All of these widths are multiplied by it (`serflow.layers.widths`).
    """

    shortest = 1  # frames

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        encoder: dict[str, Any],
        attention: Literal["soft", "self"],
        attention_width: int,
        dropout: float,
        width_multiplier: float,
    ):
        super().__init__()
        self.encoder = SequenceEncoder(
            inputs=dims, encoder=encoder, attention=attention, frames_a_step=1, width_multiplier=width_multiplier
        )
        self.decoder = AttentionDecoder(
            dims=self.encoder.outputs,
            classes=classes,
            attention="tanh" if attention == "soft" else "uniform",
            attention_width=attention_width,
            dropout=dropout,
            classifier=[],
            width_multiplier=width_multiplier,
        )

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of frames (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.decoder(self.encoder(frames, lengths).hidden, lengths)

    def encode(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Representation (B, C): the hidden vectors as attention weighs them, or their mean."""
        return self.decoder.encode(self.encoder(frames, lengths).hidden, lengths)

    def attention_maps(self, frames: Tensor, lengths: Tensor, *, p: float) -> list[Tensor]:
        """The map (B, T) of eq. 10, as a list of one: of Z, or of the weights of soft attention."""
        return self._maps(self.encoder(frames, lengths), p)

    def logits_and_maps(self, frames: Tensor, lengths: Tensor, *, p: float) -> tuple[Tensor, list[Tensor]]:
        """`forward` and `attention_maps` in one pass, for training."""
        encoded = self.encoder(frames, lengths)
        return self.decoder(encoded.hidden, lengths), self._maps(encoded, p)

    def _maps(self, encoded: Encoded, p: float) -> list[Tensor]:
        if encoded.z is None:
            activations = self.decoder.attention_weights(encoded.hidden, encoded.lengths)[:, None]
        else:
            activations = encoded.z.mT
        return [attention_map(activations, encoded.lengths, p=p)]
