"""Multi-head self-attention over time (Vaswani et al. 2017) as in both papers of R. Li et al. (2019).

ICASSP 2019, eq. 3-4 and Fig. 3; IJCAI 2019, eq. 2-3 and Fig. 3: queries, keys and values are linear projections of
the hidden sequence; each head projects them again, attends, and the concatenated heads go through a last projection.
"""

import torch
from torch import Tensor, nn

__all__ = ["MultiHeadSelfAttention"]


class MultiHeadSelfAttention(nn.Module):
    """Self-attention between the steps of a sequence.

    Parameters
    ----------
    channels
        Values a step, going in and coming out (d_o).
    width
        d_k = d_v of all heads together; a head has `width / heads`.
    heads
        r of the papers; 1 is their "single-head".
    dropout
        On the weights, in training.
    """

    def __init__(self, *, channels: int, width: int, heads: int, dropout: float):
        super().__init__()
        if width % heads:
            raise ValueError(f"attention of width {width}: expected a multiple of the {heads} heads")
        self.heads, self.dropout = heads, dropout
        self.projection = nn.Parameter(torch.empty(3, width, channels))  # H -> Q, K, V
        self.head_projection = nn.Parameter(
            torch.empty(3, width, width)
        )  # W_i^Q, W_i^K, W_i^V, heads one below another
        self.output = nn.Parameter(torch.empty(channels, width))  # W^O
        for weight in (*self.projection, *self.head_projection, self.output):
            nn.init.xavier_uniform_(weight)

    def forward(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """(B, C, T) -> (B, C, T); `mask` (B, 1, T) is True where a step is real (None: everywhere)."""
        query, key, value = self._heads(sequence)
        attended = nn.functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=None if mask is None else mask[:, None],
            dropout_p=self.dropout if self.training else 0.0,
        )
        result = self.output @ attended.mT.flatten(1, 2)
        return result if mask is None else result * mask

    @torch.no_grad()
    def maps(self, sequence: Tensor, mask: Tensor | None) -> Tensor:
        """Weights (B, heads, T, T): how much step t (row) takes from step s (column); for figures."""
        query, key, _ = self._heads(sequence)
        scores = query @ key.mT / query.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask[:, None], -torch.inf)
        return scores.softmax(dim=-1)

    def _heads(self, sequence: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Q W_i^Q, K W_i^K, V W_i^V, each (B, heads, T, width / heads)."""
        # two linear maps in a row are one: multiplying the matrices first saves a pass over the sequence
        weight = (self.head_projection @ self.projection).flatten(0, 1)
        projected = (weight @ sequence).unflatten(1, (3, self.heads, -1)).mT
        return projected.unbind(1)
