"""The network of [Lee, 2015]: a BLSTM that judges every frame, where some frames bear no emotion.

J. Lee and I. Tashev, "High-level feature representation using recurrent neural network for speech emotion recognition",
Interspeech 2015, as we recollect it: an utterance's label need not hold for each of its frames, so a frame's label is
hidden, and is either the utterance's or Null; the network is trained on the sum over all labellings, as CTC trains it,
and `serflow.learners.elm` makes the utterance's class of the frames' probabilities.

CTC proper would take the frames with emotion to be one unbroken run. Here any of them may bear it, one at least,
because pauses interrupt speech; the sum then has a closed form, and needs neither a recursion over time nor torch's
`ctc_loss`, which has no deterministic form on a GPU.
"""

import torch
from torch import Tensor, nn

from serflow.layers.blstm import Blstm
from serflow.layers.masking import time_mask
from serflow.layers.widths import scaled

__all__ = ["FrameBlstm"]


class FrameBlstm(nn.Module):
    """BLSTM layers of `units` a direction, dropout, and a softmax over the classes and Null in every frame.

    With p_t(k) the probability of k in frame t, class c has the probability P(c), the sum over the labellings of the
    frames with c and Null, c somewhere: the product over t of p_t(c) + p_t(Null) less that of p_t(Null). These do not
    sum to one: labellings with two emotions belong to no class. The widths are multiplied by `width_multiplier`.
    """

    shortest = 1  # frames

    def __init__(self, *, dims: int, classes: int, units: int, layers: int, dropout: float, width_multiplier: float):
        super().__init__()
        (units,) = scaled([units], width_multiplier)
        self.recurrent = Blstm(inputs=dims, units=units, layers=layers)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.recurrent.outputs, classes + 1))

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logarithm of P(c), (B, classes), of frames (B, T, dims), of which the first `lengths` (B,) are real.

        Taken as logits, they give each class its share of what all classes have.
        """
        logits = self._logits(frames, lengths)
        real = time_mask(lengths, frames.shape[1], frames.device)[..., None]
        null = (logits.log_softmax(dim=2)[..., -1:] * real).sum(dim=1)  # (B, 1): every frame is Null
        # log((p(c) + p(Null)) / p(Null)), summed over time: so much likelier is it that some frames may be c, or none
        gain = (nn.functional.softplus(logits[..., :-1] - logits[..., -1:]) * real).sum(dim=1)
        gain = gain.clamp_min(torch.finfo(gain.dtype).tiny)  # a c impossible in every frame keeps a finite logarithm
        return null + gain + (-torch.expm1(-gain)).log()

    def loss(self, frames: Tensor, lengths: Tensor, labels: Tensor) -> Tensor:
        """-log P(label), summed over the examples, of frames (B, T, dims), lengths (B,), labels (B,)."""
        return -self(frames, lengths).gather(1, labels[:, None]).sum()

    def frame_probabilities(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """p_t(c), (B, T, classes); the rest to one is Null's. Beyond the lengths they mean nothing."""
        return self._logits(frames, lengths).softmax(dim=2)[..., :-1]

    def _logits(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B, T, classes + 1), Null's last."""
        return self.classifier(self.recurrent(frames, lengths))
