"""What must hold of the networks of Li et al. (ICASSP and IJCAI 2019), as functions that raise AssertionError."""

import torch
from torch import nn

from helpers import gca_reference, li_reference
from helpers.structural_checks import check_padding_changes_nothing, draw_frames, full, randomised
from serflow.layers.batch_norm import BatchNorm
from serflow.layers.gca_lstm import GcaLstm
from serflow.layers.self_attention import MultiHeadSelfAttention

GROUPS = {
    "dims": 3,
    "filters": [4, 4, 8, 8, 8],
    "kernels": [10, 5, 5, 3, 3],
    "convolutions": [1, 4, 4, 4, 4],
    "strides": [1, 2, 2, 1, 1],
    "dilations": [1, 1, 1, 2, 4],
    "residual": True,
    "heads": 2,
    "attention_ratio": 1.0,
    "dropout": 0.0,
    "attention_dropout": 0.0,
}
OF_A_SPEC = {key: value for key, value in GROUPS.items() if key != "dims"}
PLAIN = {"dims": 3, "classes": 4, "dropout": 0.0, "width_multiplier": 1}
DRN = PLAIN | {"groups": OF_A_SPEC, "units": 5, "layers": 1, "classifier": [6]}
RLC = PLAIN | {
    "groups": OF_A_SPEC | {"strides": [2, 2, 2, 2, 2], "dilations": [1, 1, 1, 1, 1]},
    "units": 5,
    "gate_width": 4,
    "iterations": 3,
    "classifier": [6],
}


def receptive_field(kind, **change):
    """Frames that one output step depends on: its gradient's support, all weights positive so that none cancels."""
    settings = GROUPS | {"dims": 1, "filters": [1] * 5, "kernels": [3] * 5, "convolutions": [4] * 5, "heads": 0}
    groups = kind(**settings | change).double().eval()
    for parameter in groups.parameters():
        nn.init.ones_(parameter)
    for module in groups.modules():
        if isinstance(module, BatchNorm):
            module.running_var.fill_(10.0)  # keeps twenty layers' sums in range
    frames = torch.ones(1, 640, 1, dtype=torch.float64, requires_grad=True)
    sequence, _ = groups(frames, full(1, 640))
    sequence[0, 0, sequence.shape[2] // 2].backward()
    support = frames.grad[0, :, 0].nonzero()[:, 0]
    return int(support.max() - support.min() + 1)


def check_receptive_fields(kind):
    """Kernel 3, four convolutions a group: CNN 219 frames, DRN 243, without striding and dilation 115."""
    plain = {"strides": [1, 2, 2, 2, 2], "dilations": [1] * 5}
    assert receptive_field(kind, residual=False, **plain) == 219
    assert receptive_field(kind, **plain) == 219
    assert receptive_field(kind) == 243
    assert receptive_field(kind, dilations=[1] * 5) == 115


def check_steps(kind, strides, frames_a_step):
    """As many frames a step as the strides multiply to, and every begun step counts."""
    groups = kind(**GROUPS | {"strides": strides}).eval()
    assert groups.frames_a_step == frames_a_step
    for frames in (4 * frames_a_step, 4 * frames_a_step + 1, 1):
        sequence, lengths = groups(torch.zeros(1, frames, 3), torch.tensor([frames]))
        assert sequence.shape[2] == int(lengths) == -(-frames // frames_a_step)


def plain_attention(attention, sequence):
    """Eq. 2-4 for one utterance (C, N), head by head, softmax written out."""
    query, key, value = (weight @ sequence for weight in attention.projection)  # (width, N) each
    size = len(query) // attention.heads
    heads = []
    for i in range(attention.heads):
        rows = slice(i * size, (i + 1) * size)
        q, k, v = (w[rows] @ x for w, x in zip(attention.head_projection, (query, key, value), strict=True))
        powers = torch.exp(q.T @ k / size**0.5)  # (N, N): a row is a query
        heads.append(v @ (powers / powers.sum(dim=1, keepdim=True)).T)
    return attention.output @ torch.cat(heads)


def check_attention_is_the_equations(kind, heads=2, **change):
    torch.manual_seed(0)
    attention = kind(**{"channels": 6, "width": 4, "heads": heads, "dropout": 0.0} | change).double()
    sequence = 2 * draw_frames(2, 7, 6).mT
    with torch.no_grad():
        expected = torch.stack([plain_attention(attention, one) for one in sequence])
        torch.testing.assert_close(attention(sequence, None), expected, rtol=0, atol=1e-10)
        mask = torch.tensor([[True] * 7, [True] * 4 + [False] * 3])[:, None]
        masked = attention(sequence, mask)
        torch.testing.assert_close(masked[0], expected[0], rtol=0, atol=1e-10)
        alone = plain_attention(attention, sequence[1, :, :4])
        torch.testing.assert_close(masked[1, :, :4], alone, rtol=0, atol=1e-10)
        assert masked[1, :, 4:].eq(0).all()
        assert (expected[0] - expected[0].mean(dim=1, keepdim=True)).abs().max() > 0.05, "nothing to tell apart"


def padded(sequences):
    """Utterances (C, T) of unlike lengths as one batch (B, C, T), and its mask (B, 1, T)."""
    lengths = torch.tensor([one.shape[1] for one in sequences])
    batch = nn.utils.rnn.pad_sequence([one.T for one in sequences], batch_first=True).mT
    return batch, (torch.arange(batch.shape[2]) < lengths[:, None])[:, None]


# shortcut: none where the network is plain, the sequence itself, or a convolution for another shape
BLOCKS = {
    "plain": {"inputs": 4, "stride": 1, "residual": False, "heads": 0},
    "residual": {"inputs": 4, "stride": 1, "residual": True, "heads": 0},
    "strided": {"inputs": 3, "stride": 2, "residual": True, "heads": 0, "kernel": 10},
    "dilated": {"inputs": 3, "stride": 1, "residual": True, "heads": 2, "dilation": 2},
    "attention": {"inputs": 4, "stride": 1, "residual": True, "heads": 2},
    "attention, strided": {"inputs": 3, "stride": 2, "residual": True, "heads": 2},
    "attention, plain": {"inputs": 4, "stride": 1, "residual": False, "heads": 1},
}


def check_block_is_the_figure(kind, shapes=tuple(BLOCKS)):
    """A block's output and gradients are those of Fig. 2 written out, in training and in evaluation."""
    for shape in shapes:
        settings = {"outputs": 4, "kernel": 5, "dilation": 1, "dropout": 0.0} | BLOCKS[shape]
        heads, stride = settings.pop("heads"), settings["stride"]
        attention = MultiHeadSelfAttention(channels=4, width=4, heads=heads, dropout=0.0) if heads else None
        block = randomised(kind(attention=attention, **settings))
        sequences = [draw_frames(1, steps, settings["inputs"], seed=steps)[0].T for steps in (13, 8, 11)]
        for training in (False, True):
            block.train(training)
            given = [one.clone().requires_grad_() for one in sequences]
            expected = li_reference.block(block, given, plain_attention, training=training)
            batch, _ = padded(sequences)
            batch.requires_grad_()
            mask = padded([one[:, ::stride] for one in sequences])[1]
            found = block(batch, mask)
            weights = draw_frames(1, found.shape[2], 4, seed=1)[0].T
            for row, one in enumerate(expected):
                steps = one.shape[1]
                torch.testing.assert_close(found[row, :, :steps], one, rtol=0, atol=1e-9)
                assert found[row, :, steps:].eq(0).all()
            ours = torch.autograd.grad((found * weights).sum(), batch)[0]
            theirs = torch.autograd.grad(sum((one * weights[:, : one.shape[1]]).sum() for one in expected), given)
            for row, one in enumerate(theirs):
                torch.testing.assert_close(ours[row, :, : one.shape[1]], one, rtol=0, atol=1e-8)


def tiny_gca(kind=GcaLstm, **change):
    torch.manual_seed(3)
    network = kind(**{"inputs": 3, "units": 4, "width": 5, "iterations": 3} | change).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.5)  # so that gates leave the middle of their range
    return network


def check_gca_is_the_equations(kind, **change):
    """Memory, gates and all gradients are those of equations 4-12, of utterances of unlike lengths in one batch."""
    network = tiny_gca(kind, **change)
    sequence = draw_frames(3, 9, 3).mT.contiguous().requires_grad_()
    lengths = torch.tensor([9, 4, 6])
    expected = [gca_reference.gca_lstm(network, one.T[:length]) for one, length in zip(sequence, lengths, strict=True)]
    memory, gates = network(sequence, lengths), network.informativeness(sequence, lengths)
    torch.testing.assert_close(memory, torch.stack([one for one, _ in expected]), rtol=0, atol=1e-9)
    for row, (length, (_, one)) in enumerate(zip(lengths, expected, strict=True)):
        torch.testing.assert_close(gates[row, :, :length], one.detach(), rtol=0, atol=1e-9)
        assert gates[row, :, length:].eq(0).all()
    direction = torch.randn(memory.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    inputs = [sequence, *network.parameters()]
    ours = torch.autograd.grad((memory * direction).sum(), inputs, materialize_grads=True)
    total = sum((one * d).sum() for (one, _), d in zip(expected, direction, strict=True))
    for a, b in zip(ours, torch.autograd.grad(total, inputs), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-9)
        assert b.abs().max() > 1e-4, "nothing to tell apart"


def check_norm_ignores_padding(kind):
    """In training, output, gradient and running statistics are those of the real steps laid end to end, by PyTorch."""
    torch.manual_seed(0)
    norm, plain = kind(3).double(), nn.BatchNorm1d(3).double()
    for layer in (norm, plain):
        nn.init.constant_(layer.weight, 1.5)
        nn.init.constant_(layer.bias, 0.5)
    sequence = draw_frames(2, 5, 3).mT.contiguous().requires_grad_()
    mask = torch.tensor([[True] * 5, [True] * 2 + [False] * 3])[:, None]
    result = norm(sequence, mask)
    packed = torch.cat([sequence[0], sequence[1, :, :2]], dim=1)[None]
    expected = plain(packed)[0]
    torch.testing.assert_close(torch.cat([result[0], result[1, :, :2]], dim=1), expected, rtol=0, atol=1e-10)
    assert result[1, :, 2:].eq(0).all()
    norm.settle()
    for name in ("running_mean", "running_var"):
        torch.testing.assert_close(getattr(norm, name), getattr(plain, name), rtol=0, atol=1e-10)
    weights = torch.arange(1.0, 8.0, dtype=torch.float64)
    ours = torch.cat([result[0], result[1, :, :2]], dim=1) @ weights
    (a,) = torch.autograd.grad(ours.square().sum(), sequence)
    (b,) = torch.autograd.grad((expected @ weights).square().sum(), sequence)
    torch.testing.assert_close(a, b, rtol=0, atol=1e-9)


def check_groups_ignore_padding(kind, **change):
    """Features of an utterance are the same alone, padded and beside others."""
    groups = randomised(kind(**GROUPS | change))
    frames, lengths = draw_frames(3, 40, 3), torch.tensor([40, 9, 22])
    with torch.no_grad():
        together, steps = groups(frames, lengths)
        for row, length in enumerate(lengths.tolist()):
            alone, _ = groups(frames[row : row + 1, :length], lengths[row : row + 1])
            torch.testing.assert_close(together[row, :, : steps[row]], alone[0], rtol=0, atol=1e-9)
            assert together[row, :, steps[row] :].eq(0).all()


def check_network_ignores_padding(kind, settings):
    torch.manual_seed(0)
    check_padding_changes_nothing(kind(**settings).double().eval(), settings["dims"], [70, 9, 41], steps=70)
