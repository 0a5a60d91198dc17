"""Multi-head self-attention against the papers' equations written out."""

import pytest
import torch

from helpers import li_checks as checks
from serflow.layers.self_attention import MultiHeadSelfAttention


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_output_is_that_of_the_equations_with_and_without_padding(heads):
    checks.check_attention_is_the_equations(MultiHeadSelfAttention, heads=heads)


def test_the_maps_are_the_weights_that_the_output_is_made_with():
    torch.manual_seed(0)
    attention = MultiHeadSelfAttention(channels=6, width=4, heads=2, dropout=0.0).double()
    sequence = checks.draw_frames(2, 5, 6).mT
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])[:, None]
    weights = attention.maps(sequence, mask)
    value = (attention.head_projection[2] @ attention.projection[2] @ sequence).unflatten(1, (2, 2))  # (B, r, d, T)
    expected = attention.output @ (value @ weights.mT).flatten(1, 2) * mask
    torch.testing.assert_close(attention(sequence, mask), expected)


def test_one_head_has_as_many_parameters_as_four():
    one, four = (MultiHeadSelfAttention(channels=8, width=8, heads=heads, dropout=0.0) for heads in (1, 4))
    assert sum(p.numel() for p in one.parameters()) == sum(p.numel() for p in four.parameters()) == 7 * 8 * 8


def test_a_width_that_the_heads_do_not_divide_is_refused():
    with pytest.raises(ValueError, match="multiple of the 3 heads"):
        MultiHeadSelfAttention(channels=8, width=8, heads=3, dropout=0.0)
