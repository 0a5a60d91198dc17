"""The encoder of teacher and student: a TCN or a BLSTM, and self-attention between its hidden vectors.

Z. Zhao et al. (2021), sections 3.3, 3.4 (eq. 7 and 8) and 4.3. How the network goes on from eq. 8's Z is left open: Z
is added to the hidden vectors, as Vaswani et al. (2017), whom the section follows, add a layer's output to its input.
Z alone is almost the same average at every frame until the network has learned to attend, and little for the teacher's
decoder to tell frames apart by. d_k is left open too; the sum wants it to be the width of a hidden vector.
"""

import inspect
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from serflow.errors import UserError
from serflow.layers.blstm import Blstm
from serflow.layers.causal_convolutions import CausalConvolutions
from serflow.layers.masking import time_mask
from serflow.layers.placing import to_device
from serflow.layers.widths import scaled

__all__ = ["Encoded", "SelfAttention", "SequenceEncoder", "mean_of_steps"]

KINDS = {"tcn": (CausalConvolutions, "channels"), "blstm": (Blstm, "units")}  # and the width that can be multiplied
ATTENTIONS = ("soft", "self")


class SelfAttention(nn.Module):
    """Eq. 7 and 8 as they stand: one head, no projection after it, so that Z itself is what comes out."""

    def __init__(self, *, width: int):
        super().__init__()
        self.projection = nn.Linear(width, 3 * width, bias=False)  # W_q, W_k, W_v one below another

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """Z (B, T, C) of hidden vectors (B, T, C): softmax(Q K^T / sqrt(C)) V, over all real steps, later ones too."""
        query, key, value = self.projection(hidden)[:, None].chunk(3, dim=3)
        mask = time_mask(lengths, hidden.shape[1], hidden.device)[:, None, None]
        return nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)[:, 0]


class Encoded(NamedTuple):
    """Hidden vectors (B, T', C), how many of them are real (B,), and Z (B, T', C) where there is self-attention."""

    hidden: Tensor
    lengths: Tensor
    z: Tensor | None


class SequenceEncoder(nn.Module):
    """TCN or BLSTM, perhaps the mean of neighbouring steps, perhaps self-attention.

    A TCN's hidden vectors are causal; a BLSTM's, and all of them after self-attention, know the whole utterance.

    Parameters
    ----------
    inputs
        Values a frame.
    encoder
        `name: tcn` with channels, kernel, dilations, dropout (`CausalConvolutions`), or `name: blstm` with units,
        layers (`Blstm`).
    attention
        `self`: Z is added to the hidden vectors. `soft`: nothing is; who reads them weighs them.
    frames_a_step
        Frames whose hidden vectors are averaged before attention; 1 leaves every frame by itself.
    width_multiplier
        `channels` or `units` is multiplied by it (`serflow.layers.widths`).

    Attributes
    ----------
    outputs
        Values a hidden vector, C.

    Raises
    ------
    UserError
        If `encoder` or `attention` is not one of these.
    """

    def __init__(
        self, *, inputs: int, encoder: dict[str, Any], attention: str, frames_a_step: int, width_multiplier: float
    ):
        super().__init__()
        if attention not in ATTENTIONS:
            raise UserError(f"model: attention {attention!r}: expected one of {', '.join(ATTENTIONS)}")
        self.layers = _built(encoder, inputs=inputs, width_multiplier=width_multiplier)
        self.outputs = self.layers.outputs
        self.frames_a_step = frames_a_step
        self.attention = SelfAttention(width=self.outputs) if attention == "self" else None

    def forward(self, frames: Tensor, lengths: Tensor) -> Encoded:
        """Frames (B, T, D), of which `lengths` (B,) are real; T' and the new lengths are ceil(. / frames_a_step)."""
        hidden, lengths = mean_of_steps(self.layers(frames, lengths), lengths, self.frames_a_step)
        if self.attention is None:
            return Encoded(hidden, lengths, None)
        z = self.attention(hidden, lengths)
        return Encoded(hidden + z, lengths, z)


def mean_of_steps(sequence: Tensor, lengths: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Means of `count` steps each, of the last ones that are real: (B, T, C), (B,) -> (B, ceil(T / count), C), (B,)."""
    if count == 1:
        return sequence, lengths
    sequence = sequence * time_mask(lengths, sequence.shape[1], sequence.device)[..., None]
    windows = nn.functional.pad(sequence, (0, 0, 0, -sequence.shape[1] % count)).unflatten(1, (-1, count))
    starts = count * torch.arange(windows.shape[1], device=lengths.device)
    real = (lengths[:, None] - starts).clamp(1, count)  # where there is none, the sum is zero
    return windows.sum(dim=2) / to_device(real, sequence.device)[..., None], -(-lengths // count)


def _built(settings: dict[str, Any], *, inputs: int, width_multiplier: float) -> nn.Module:
    settings = dict(settings)
    name = settings.pop("name", None)
    if name not in KINDS:
        raise UserError(f"model: encoder: name {name!r}: expected one of {', '.join(KINDS)}")
    kind, width = KINDS[name]
    wanted = set(inspect.signature(kind).parameters) - {"inputs"}
    if wrong := wanted.symmetric_difference(settings):
        raise UserError(
            f"model: encoder {name}: keys {sorted(wrong)}: expected exactly {sorted(wanted)}; mend the system's "
            "`model: encoder:`"
        )
    (settings[width],) = scaled([settings[width]], width_multiplier)
    return kind(inputs=inputs, **settings)
