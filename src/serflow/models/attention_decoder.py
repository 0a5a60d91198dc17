"""Attention over the hidden vectors of an utterance, and the decoder that reads their weighted sum.

C.-W. Huang and S. Narayanan, "Attention assisted discovery of sub-utterance structure in speech emotion recognition",
Interspeech 2016: section 3.2, eq. 8 and 9, Fig. 2b. As a network of its own it reads the hidden vectors of a trained
encoder (section 4, the "greedy approach").
"""

from typing import Literal

from torch import Tensor, nn

from serflow.layers.dense import dense_layers
from serflow.layers.masking import softmax_over_time
from serflow.layers.widths import scaled

__all__ = ["AttentionDecoder"]

SCORES = ("uniform", "tanh", "linear")


class AttentionDecoder(nn.Module):
    """The weighted sum of hidden vectors, dense layers of `classifier`, one output a class.

    Parameters
    ----------
    dims, classes
        Values a hidden vector; classes.
    attention
        What the weights are the softmax over time of: `tanh`, w_a . tanh(W_ah h_t) (eq. 8); `linear`, w_a . h_t
        (eq. 9); `uniform`, nothing: they are equal, the average of the hidden vectors.
    attention_width
        Rows of W_ah.
    dropout
        Probability, in training, that a value of a weighted hidden vector is left out of the sum.
    classifier
        Widths of the decoder's hidden layers.
    width_multiplier
        `attention_width` and `classifier` are multiplied by it (`serflow.layers.widths`).
    """

    shortest = 1  # frames

    def __init__(
        self,
        *,
        dims: int,
        classes: int,
        attention: Literal["uniform", "tanh", "linear"],
        attention_width: int,
        dropout: float,
        classifier: list[int],
        width_multiplier: float,
    ):
        super().__init__()
        if attention not in SCORES:
            raise ValueError(f"attention {attention!r}: expected one of {', '.join(SCORES)}")
        self.hidden_dims = dims
        (attention_width,) = scaled([attention_width], width_multiplier)
        self.score: nn.Module | None = None
        if attention == "linear":
            self.score = nn.Linear(dims, 1, bias=False)
        elif attention == "tanh":
            self.score = nn.Sequential(
                nn.Linear(dims, attention_width, bias=False), nn.Tanh(), nn.Linear(attention_width, 1, bias=False)
            )
        self.dropout = nn.Dropout(dropout)
        self.classifier = dense_layers(dims, scaled(classifier, width_multiplier), classes=classes, dropout=0.0)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, classes) of hidden vectors (B, T, dims), of which the first `lengths` (B,) are real."""
        return self.classifier(self.encode(hidden, lengths))

    def encode(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Context vector c (B, dims): the weighted hidden vectors, summed over time."""
        weighted = self.attention_weights(hidden, lengths)[..., None] * hidden
        return self.dropout(weighted).sum(dim=1)

    def attention_weights(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Weights alpha (B, T), which sum to one over the real frames and are zero beyond."""
        scores = hidden.new_zeros(hidden.shape[:2]) if self.score is None else self.score(hidden)[..., 0]
        return softmax_over_time(scores, lengths)

    def hidden(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Hidden vectors (B, T, dims): they are what this network is given."""
        return frames
