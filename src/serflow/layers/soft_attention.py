"""Soft attention of a decoder over a hidden sequence.

Z. Zhao et al. (2021), section 3.2, eq. 1-3, after Bahdanau, Cho and Bengio (2014). "Global": every hidden vector of the
encoder is considered.
"""

import torch
from torch import Tensor, nn

from serflow.layers.masking import softmax_over_time

__all__ = ["SoftAttention"]


class SoftAttention(nn.Module):
    """e_ij = v . tanh(W s_(i-1) + U h_j), its softmax over j, the weighted sum of the h_j.

    With s_0 = 0 it is the `tanh` attention of `serflow.models.attention_decoder`, which reads an utterance once.

    Parameters
    ----------
    hidden, state
        Values of a hidden vector h_j; of a decoder state s_i.
    width
        Rows of W and of U.
    """

    def __init__(self, *, hidden: int, state: int, width: int):
        super().__init__()
        self.of_hidden = nn.Linear(hidden, width, bias=False)  # U
        self.of_state = nn.Linear(state, width, bias=False)  # W
        self.score = nn.Linear(width, 1, bias=False)  # v

    def forward(self, state: Tensor, hidden: Tensor, keys: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Context c_i (B, H) and weights alpha_i (B, T), which sum to one over the real steps and are zero beyond.

        Parameters
        ----------
        state : s_(i-1), (B, S).
        hidden : h, (B, T, H), of which the first `lengths` (B,) are real.
        keys : `of_hidden(hidden)`, (B, T, width), the same for every output i.
        """
        energies = self.score(torch.tanh(self.of_state(state)[:, None] + keys))[..., 0]
        weights = softmax_over_time(energies, lengths)
        return (weights[:, None] @ hidden)[:, 0], weights
