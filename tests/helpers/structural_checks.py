"""What must hold of the networks' structure, as functions that raise AssertionError; shared with the mutations."""

import numpy as np
import torch

from helpers import slow_reference
from serflow.layers.batch_norm import BatchNorm

TINY = {
    "dims": 9,
    "classes": 4,
    "parallel": 2,
    "channels": [3, 4, 3, 4],
    "depth": 4,
    "attention": True,
    "attend_over": "time",
    "n_head": 3,
    "n_size": 2,
}
TINY_ORIGINAL = {key: value for key, value in TINY.items() if key not in ("depth", "attention", "attend_over")}


def randomised(network, seed=0):
    """`network` in float64 and eval mode, every number of it drawn anew, so that none stands at a neutral value."""
    generator = torch.Generator().manual_seed(seed)
    network = network.double().eval()
    for name, value in network.state_dict().items():
        if name.endswith("running_var") or (".norm" in name and name.endswith("weight")):
            value.copy_(0.5 + torch.rand(value.shape, generator=generator))
        elif value.is_floating_point():
            spread = 2 / value[0].numel() ** 0.5 if value.dim() > 1 else 0.5
            value.copy_(spread * torch.randn(value.shape, generator=generator))
    return network


def draw_frames(batch, steps, dims, seed=0):
    return torch.randn(batch, steps, dims, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def full(batch, steps):
    return torch.full((batch,), steps)


def check_logits_are_the_papers(kind, **change):
    """Eq. 1-3, GAP and the linear layer after Table I's convolutions, against loops written from the text."""
    settings = TINY | change
    keys = {key: settings[key] for key in ("depth", "attention", "attend_over", "n_head", "n_size")}
    _check_logits(randomised(kind(**settings)), slow_reference.acnn_logits, keys)


def check_logits_are_the_codes(kind):
    """The authors' code, against loops."""
    keys = {"depth": 4, "n_head": TINY["n_head"], "n_size": TINY["n_size"]}
    _check_logits(randomised(kind(**TINY_ORIGINAL)), slow_reference.original_logits, keys)


def _check_logits(network, reference, keys):
    """Logits in evaluation and in training mode, and the statistics that a training step leaves to evaluation."""
    frames = draw_frames(2, 14, TINY["dims"])
    with torch.no_grad():
        logits = network(frames, full(2, 14)).numpy()
    expected = reference(network, frames.numpy(), **keys)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-10)
    assert np.ptp(expected) > 0.1, "the weights leave nothing to tell apart"
    statistics = {}
    expected = reference(network, frames.numpy(), **keys, statistics=statistics)
    with torch.no_grad():
        logits = network.train()(frames, full(2, 14)).numpy()
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-10)
    norms = {name: norm for name, norm in network.named_modules() if isinstance(norm, BatchNorm)}
    assert set(norms) == set(statistics)
    for name, norm in norms.items():
        norm.settle(1.0)
        kept = torch.stack([norm.running_mean, norm.running_var], dim=1)
        np.testing.assert_allclose(kept.numpy(), statistics[name], rtol=0, atol=1e-10)


def check_convolutions_leave_15_by_3(kind, **change):
    """2 s are 63 frames of 13 values; two poolings leave 15 x 3 of conv5's channels (section III.B)."""
    settings = TINY | {"dims": 13} | change
    network = randomised(kind(**settings))
    maps, lengths = network.convolve(draw_frames(2, 63, 13), full(2, 63))
    assert tuple(maps.shape) == (2, settings["channels"][-1], 15, 3)
    assert lengths.tolist() == [15, 15]


def check_padding_changes_nothing(network, dims, lengths, steps=24):
    """Logits of an utterance are the same alone, padded with zeros, and beside others, whatever the padding holds."""
    frames = draw_frames(len(lengths), steps, dims)
    with torch.no_grad():
        together = network(frames, torch.tensor(lengths))
        for row, length in enumerate(lengths):
            alone = network(frames[row : row + 1, :length], torch.tensor([length]))
            padded = torch.nn.functional.pad(frames[row : row + 1, :length], (0, 0, 0, 5))
            by_itself = network(padded, torch.tensor([length]))
            torch.testing.assert_close(by_itself, alone, rtol=0, atol=1e-10)
            torch.testing.assert_close(together[row : row + 1], alone, rtol=0, atol=1e-10)


def check_tiny_padding_changes_nothing(kind, settings=TINY, lengths=(24, 8, 16)):
    check_padding_changes_nothing(randomised(kind(**settings)), settings["dims"], list(lengths))


def maps_kqv(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [2 * torch.randn(2, 3, 5, 4, generator=generator, dtype=torch.float64) for _ in range(3)]


def check_attend_is_torchs(attend, masked):
    """Output and gradients are those of torch's own attention without scaling, K where torch has the query."""
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])[:, None, None, :] if masked else None
    ours, theirs = ([value.clone().requires_grad_() for value in maps_kqv()] for _ in range(2))
    result = attend(*ours, mask)
    expected = torch.nn.functional.scaled_dot_product_attention(*theirs, attn_mask=mask, scale=1.0)
    assert result.shape == expected.shape
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-10)
    direction = maps_kqv(seed=1)[0]
    for a, b in zip(
        torch.autograd.grad((result * direction).sum(), ours),
        torch.autograd.grad((expected * direction).sum(), theirs),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def check_masked_steps_take_no_part(attend):
    """Changing Q and V where the mask is False leaves the output as it was."""
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])[:, None, None, :]
    k, q, v = maps_kqv()
    before = attend(k, q, v, mask)
    q[1, :, 3:], v[1, :, 3:] = 7.0, -7.0
    torch.testing.assert_close(attend(k, q, v, mask), before, rtol=0, atol=1e-12)
