"""The students of Zhao et al. (2021) against their equations, taken one number at a time."""

import pytest
import torch

from helpers import attention_reference
from helpers import structural_checks as checks
from helpers import zhao_checks as zhao
from helpers import zhao_reference as reference
from serflow.errors import UserError
from serflow.layers import causal_convolutions, sequence_encoder
from serflow.layers.sequence_encoder import SequenceEncoder, mean_of_steps
from serflow.layers.soft_attention import SoftAttention
from serflow.models import attention_decoder, build
from serflow.models.attention_student import AttentionStudent

systems = pytest.mark.parametrize(("encoder", "attention"), zhao.SYSTEMS)
FRAMES = checks.draw_frames(3, 7, 3)


def plain_z(attention, hidden):
    w_q, w_k, w_v = (weight.tolist() for weight in attention.projection.weight.chunk(3))
    return reference.self_attention(hidden, w_q, w_k, w_v)


def plain_student(built, frames):
    """Logits and activations (C, T) of one utterance; the hidden vectors are tested elsewhere."""
    hidden = built.encoder.layers(frames[None], torch.tensor([len(frames)]))[0].tolist()
    if built.encoder.attention is None:
        w_ah, w_a = built.decoder.score[0].weight.tolist(), built.decoder.score[2].weight[0].tolist()
        context, alpha = reference.soft_attention([0.0], hidden, w=[[0.0]] * len(w_ah), u=w_ah, v=w_a)
        activations = [alpha]
    else:
        z = plain_z(built.encoder.attention, hidden)
        context = [sum(a[d] + b[d] for a, b in zip(hidden, z, strict=True)) / len(z) for d in range(len(z[0]))]
        activations = [list(channel) for channel in zip(*z, strict=True)]
    output = built.decoder.classifier[0]
    scores = [
        attention_reference.dot(w, context) + b
        for w, b in zip(output.weight.tolist(), output.bias.tolist(), strict=True)
    ]
    return scores, activations


def check_equations(built):
    logits, (maps,) = built.logits_and_maps(FRAMES, zhao.LENGTHS, p=2)
    for row, length in enumerate(zhao.LENGTHS.tolist()):
        scores, activations = plain_student(built, FRAMES[row, :length])
        torch.testing.assert_close(logits[row], torch.tensor(scores, dtype=torch.float64))
        expected = reference.attention_map(activations, p=2)
        torch.testing.assert_close(maps[row, :length], torch.tensor(expected, dtype=torch.float64))
        assert maps[row, length:].eq(0).all()


@systems
@pytest.mark.parametrize("training", [False, True])
def test_logits_and_maps_are_those_of_the_equations(encoder, attention, training):
    """In training too, since no value is dropped out in this paper's settings."""
    check_equations(zhao.student(encoder, attention).train(training))


@systems
def test_one_pass_gives_what_each_method_gives_by_itself(encoder, attention):
    built = zhao.student(encoder, attention)
    logits, maps = built.logits_and_maps(FRAMES, zhao.LENGTHS, p=2)
    assert torch.equal(built(FRAMES, zhao.LENGTHS), logits)
    assert torch.equal(built.attention_maps(FRAMES, zhao.LENGTHS, p=2)[0], maps[0])
    assert torch.equal(built.decoder.classifier(built.encode(FRAMES, zhao.LENGTHS)), logits)


@systems
def test_padding_and_batch_mates_change_nothing(encoder, attention):
    built = zhao.student(encoder, attention)
    checks.check_padding_changes_nothing(built, 3, [7, 1, 4], steps=7)
    zhao.check_without_padding(lambda *given: built.attention_maps(*given, p=2)[0], FRAMES, zhao.LENGTHS)


@systems
def test_gradients_of_logits_and_of_maps_reach_every_parameter_that_makes_them(encoder, attention):
    torch.manual_seed(3)
    settings = zhao.STUDENT | {"encoder": zhao.ENCODERS[encoder], "attention": attention}
    built = AttentionStudent(**settings).double()
    logits, (maps,) = built.logits_and_maps(FRAMES, zhao.LENGTHS, p=2)
    logits.square().sum().backward(retain_graph=True)
    assert all(parameter.grad.abs().max() > 0 for parameter in built.parameters())
    built.zero_grad()
    maps.square().sum().backward()
    untouched = {name for name, parameter in built.named_parameters() if parameter.grad is None}
    assert untouched == {"decoder.classifier.0.weight", "decoder.classifier.0.bias"}


def test_soft_attention_is_the_teachers_at_its_first_output():
    built = zhao.student("tcn", "soft")
    theirs = SoftAttention(hidden=4, state=2, width=5).double()
    theirs.of_hidden.weight.data = built.decoder.score[0].weight.data
    theirs.score.weight.data = built.decoder.score[2].weight.data
    hidden = built.encoder(FRAMES, zhao.LENGTHS).hidden
    context, weights = theirs(torch.zeros(3, 2).double(), hidden, theirs.of_hidden(hidden), zhao.LENGTHS)
    torch.testing.assert_close(context, built.encode(FRAMES, zhao.LENGTHS))
    torch.testing.assert_close(weights, built.attention_maps(FRAMES, zhao.LENGTHS, p=1)[0])


@pytest.mark.parametrize("encoder", list(zhao.ENCODERS))
def test_only_a_tcn_without_self_attention_is_causal(encoder):
    changed = FRAMES.clone()
    changed[0, 5:] = 9.0
    for attention, causal in (("soft", encoder == "tcn"), ("self", False)):
        built = zhao.student(encoder, attention).encoder
        before, after = (built(frames, zhao.LENGTHS).hidden[0, :5] for frames in (FRAMES, changed))
        assert torch.equal(before, after) is causal


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_steps_are_averaged_over_their_real_frames(count):
    found, lengths = mean_of_steps(FRAMES, zhao.LENGTHS, count)
    assert lengths.tolist() == [-(-length // count) for length in (7, 1, 4)]
    for row, length in enumerate(zhao.LENGTHS.tolist()):
        for step in range(int(lengths[row])):
            real = FRAMES[row, count * step : min(count * (step + 1), length)]
            torch.testing.assert_close(found[row, step], real.mean(dim=0))


def test_widths_are_multiplied():
    tcn = {"name": "tcn", "channels": 128, "kernel": 3, "dilations": [1], "dropout": 0.0}
    blstm = {"name": "blstm", "units": 128, "layers": 1}
    for encoder, outputs in ((tcn, (128, 32)), (blstm, (256, 64))):
        for multiplier, expected in zip((1, 0.25), outputs, strict=True):
            built = AttentionStudent(
                **zhao.STUDENT
                | {"encoder": encoder, "attention": "soft", "attention_width": 64, "width_multiplier": multiplier}
            )
            assert built.encoder.outputs == built.decoder.classifier[0].in_features == expected
            assert built.decoder.score[0].out_features == 64 * multiplier


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attention": "hard"}, "attention 'hard': expected one of soft, self"),
        ({"encoder": {"name": "cnn"}}, "encoder: name 'cnn': expected one of tcn, blstm"),
        ({"encoder": {"units": 4}}, "encoder: name None: expected one of tcn, blstm"),
        ({"encoder": {"name": "blstm", "units": 4}}, r"encoder blstm: keys \['layers'\]: expected exactly"),
        ({"encoder": zhao.ENCODERS["tcn"] | {"units": 4}}, r"encoder tcn: keys \['units'\]: expected exactly"),
    ],
)
def test_settings_that_are_not_known_are_refused(change, message):
    with pytest.raises(UserError, match=message):
        AttentionStudent(**zhao.STUDENT | {"encoder": zhao.ENCODERS["tcn"], "attention": "soft"} | change)


def test_a_paper_names_it_by_its_file():
    settings = {key: value for key, value in zhao.STUDENT.items() if key not in ("dims", "classes")}
    spec = settings | {"name": "attention_student", "encoder": zhao.ENCODERS["tcn"], "attention": "self"}
    assert isinstance(build(spec, dims=3, classes=4), AttentionStudent)


def test_the_settings_stay_as_they_were_given():
    encoder = dict(zhao.ENCODERS["blstm"])
    AttentionStudent(**zhao.STUDENT | {"encoder": encoder, "attention": "soft"})
    assert encoder == zhao.ENCODERS["blstm"]


sdpa = torch.nn.functional.scaled_dot_product_attention


def mask_dropped(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, **rest)


def unscaled(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, attn_mask=attn_mask, scale=1.0)


def over_the_past_alone(q, k, v, attn_mask=None, **rest):
    return sdpa(q, k, v, attn_mask=attn_mask & torch.ones(k.shape[2], k.shape[2]).bool().tril())


@pytest.mark.parametrize("mutant", [mask_dropped, unscaled, over_the_past_alone], ids=lambda f: f.__name__)
def test_a_wrong_self_attention_fails_the_equations(monkeypatch, mutant):
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", mutant)
    with pytest.raises(AssertionError):
        check_equations(zhao.student("tcn", "self"))


class WithoutHidden(SequenceEncoder):
    def forward(self, frames, lengths):
        encoded = super().forward(frames, lengths)
        return encoded._replace(hidden=encoded.z)


def test_z_alone_in_place_of_the_sum_fails_the_equations():
    built = zhao.student("tcn", "self")
    built.encoder.__class__ = WithoutHidden
    with pytest.raises(AssertionError):
        check_equations(built)


def test_softmax_over_padding_fails(monkeypatch):
    monkeypatch.setattr(attention_decoder, "softmax_over_time", lambda scores, lengths: scores.softmax(dim=1))
    for attention in ("soft", "self"):
        with pytest.raises(AssertionError):
            checks.check_padding_changes_nothing(zhao.student("tcn", attention), 3, [7, 1, 4], steps=7)


def test_padding_that_is_averaged_in_fails(monkeypatch):
    real = sequence_encoder.time_mask
    monkeypatch.setattr(sequence_encoder, "time_mask", lambda *given: torch.ones_like(real(*given)))
    monkeypatch.setattr(causal_convolutions, "time_mask", sequence_encoder.time_mask)
    built = zhao.student("tcn", "soft").encoder
    built.frames_a_step = 3
    with pytest.raises(AssertionError):
        zhao.check_without_padding(lambda *given: built(*given).hidden, FRAMES, zhao.LENGTHS)
