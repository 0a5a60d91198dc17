"""The RLC of the authors' public code, against loops."""

import pytest
import torch
from torch import nn

from helpers import li_reference
from helpers import structural_checks as checks
from serflow.models import rlc_original
from serflow.models.rlc_original import RlcOriginal

TINY = {
    "dims": 3,
    "classes": 4,
    "filters": [4, 4, 8, 8, 8],
    "kernels": [10, 5, 5, 3, 3],
    "strides": [2, 2, 2, 1, 1],
    "heads": [0, 0, 2, 2, 4],
    "units": 5,
    "iterations": 3,
    "classifier": [6, 6],
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "width_multiplier": 1,
}
LENGTHS = (106, 82, 90)  # of a single step the code has no gate: 0 / 0


def check_logits_are_the_codes(kind=RlcOriginal):
    network = checks.randomised(kind(**TINY))
    frames = checks.draw_frames(len(LENGTHS), max(LENGTHS), TINY["dims"])
    real = [one[:length] for one, length in zip(frames, LENGTHS, strict=True)]
    for training in (False, True):
        network.train(training)
        with torch.no_grad():
            expected = li_reference.original(network, real, training=training)
            torch.testing.assert_close(network(frames, torch.tensor(LENGTHS)), expected, rtol=0, atol=1e-9)
        assert (expected.amax(dim=0) - expected.amin(dim=0)).max() > 0.01, "nothing to tell apart"


def test_logits_are_those_of_the_authors_code_in_training_and_in_evaluation():
    check_logits_are_the_codes()


class ReluAfterTheSum(rlc_original.Unit):
    def forward(self, sequence, mask):
        return torch.relu(super().forward(sequence, mask))


class NormAtOnce(rlc_original.Convolution):
    def forward(self, sequence, mask):
        return self.dropout(torch.relu(self.norm(self.convolution(sequence), mask)))


class NotAdded(rlc_original.SigmoidSelfAttention):
    def forward(self, sequence, mask):
        return super().forward(sequence, mask) - sequence


class WithoutSigmoid(rlc_original.SigmoidSelfAttention):
    """The paper's attention."""

    def forward(self, sequence, mask):
        query, key, value = (
            layer(sequence.mT).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        mask = torch.ones_like(sequence[:, :1], dtype=torch.bool) if mask is None else mask
        heads = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None])
        return self.output(heads.transpose(1, 2).flatten(2)).mT * mask


class StepByStep(rlc_original.NormalisedGcaLstm):
    """The usual layer norm: each step by itself."""

    def read(self, steps, mask):
        return nn.functional.layer_norm(self.first(steps)[0], (self.units,), self.scale, self.shift)


class CountsPadding(rlc_original.NormalisedGcaLstm):
    def read(self, steps, mask):
        return super().read(steps, torch.ones_like(mask))


@pytest.mark.parametrize(
    ("name", "mutant"),
    [
        ("Unit", ReluAfterTheSum),
        ("Convolution", NormAtOnce),
        ("SigmoidSelfAttention", NotAdded),
        ("SigmoidSelfAttention", WithoutSigmoid),
        ("NormalisedGcaLstm", StepByStep),
        ("NormalisedGcaLstm", CountsPadding),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_part_fails_the_code(monkeypatch, name, mutant):
    monkeypatch.setattr(rlc_original, name, mutant)
    with pytest.raises(AssertionError):
        check_logits_are_the_codes()


def test_an_utterance_scores_the_same_alone_and_padded():
    network = checks.randomised(RlcOriginal(**TINY))
    checks.check_padding_changes_nothing(network, TINY["dims"], [90, 66, 79], steps=90)


def test_one_step_is_left_of_66_frames_and_one_more_of_every_eight():
    network = RlcOriginal(**TINY).eval()
    assert network.shortest == 66
    for frames, steps in ((66, 1), (73, 1), (74, 2), (82, 3)):
        sequence, lengths = network.convolve(torch.zeros(1, frames, 3), torch.tensor([frames]))
        assert sequence.shape[2] == int(lengths) == steps


def test_dropout_follows_both_convolutions_of_every_unit_and_the_first_of_two_dense_layers():
    network = RlcOriginal(**TINY | {"dropout": 0.5, "attention_dropout": 0.1}).train()
    rates = {name: module.p for name, module in network.named_modules() if isinstance(module, nn.Dropout)}
    units = [f"residual.{group}.{number}" for group in range(1, 5) for number in range(2)]
    expected = {f"{unit}.{part}.dropout": 0.5 for unit in units for part in ("first", "second")}
    expected |= {f"{unit}.attention.dropout": 0.1 for unit in units if not unit.startswith("residual.1")}
    assert rates == expected | {"classifier.2": 0.5}
    seen = {}
    part = network.residual[1][0].first
    for name, module in (("norm", part.norm), ("dropout", part.dropout), ("part", part)):
        module.register_forward_hook(lambda _, given, output, name=name: seen.update({name: (given[0], output)}))
    network(checks.draw_frames(2, 90, 3).float(), torch.tensor([90, 80]))
    torch.testing.assert_close(seen["dropout"][0], torch.relu(seen["norm"][1]))
    torch.testing.assert_close(seen["part"][1], seen["dropout"][1])
    assert (seen["norm"][0] >= 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"heads": [0, 2]}, "one value a group"), ({"heads": [0, 0, 3, 2, 2]}, "divisor of the group's 8 channels")],
)
def test_groups_that_do_not_fit_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        RlcOriginal(**TINY | change)
