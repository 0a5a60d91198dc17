"""The networks of Huang and Narayanan (2016) against their equations, taken one number at a time."""

import pytest
import torch

from helpers import attention_reference as reference
from helpers import structural_checks as checks
from serflow.layers.blstm import Blstm
from serflow.layers.masking import last_real
from serflow.models.attention_blstm import AttentionBlstm
from serflow.models.attention_decoder import AttentionDecoder

DECODER = {
    "classes": 4,
    "attention": "linear",
    "attention_width": 3,
    "dropout": 0.0,
    "classifier": [],
    "width_multiplier": 1,
}
SETTINGS = DECODER | {"dims": 3, "units": 2, "layers": 1}
EVERY = ["uniform", "tanh", "linear"]
LENGTHS = torch.tensor([7, 1, 4])


def network(kind=AttentionBlstm, **change):
    torch.manual_seed(3)
    settings = SETTINGS if kind is AttentionBlstm else DECODER | {"dims": 5}
    built = kind(**settings | change).double()
    for parameter in built.parameters():
        torch.nn.init.uniform_(parameter, -1.5, 1.5)
    return built.eval()


def listed(lstm):
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return [getattr(lstm, name).tolist() for name in names]


def layers_of(built):
    pairs = zip(built.encoder.forwards, built.encoder.backwards, strict=True)
    return [(listed(forwards), listed(backwards)) for forwards, backwards in pairs]


def parameters_of(decoder, attention):
    if attention == "tanh":
        return {"w_ah": decoder.score[0].weight.tolist(), "w_a": decoder.score[2].weight[0].tolist()}
    return {"w_a": decoder.score.weight[0].tolist()} if attention == "linear" else {}


def check_the_equations(built, attention):
    """Hidden vectors, weights, context and logits of three utterances against loops written from the text."""
    frames = checks.draw_frames(3, 7, 3)
    hidden, alpha = built.hidden(frames, LENGTHS), built.attention_weights(frames, LENGTHS)
    encoded, logits = built.encode(frames, LENGTHS), built(frames, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        expected = reference.blstm(frames[row, :length].tolist(), layers_of(built), units=2)
        torch.testing.assert_close(hidden[row, :length], torch.tensor(expected, dtype=torch.float64))
        weights = reference.weights(expected, attention, **parameters_of(built.decoder, attention))
        torch.testing.assert_close(alpha[row, :length], torch.tensor(weights, dtype=torch.float64))
        context = reference.context(expected, weights)
        torch.testing.assert_close(encoded[row], torch.tensor(context, dtype=torch.float64))
        output = built.decoder.classifier[0]
        scores = [
            reference.dot(w, context) + b for w, b in zip(output.weight.tolist(), output.bias.tolist(), strict=True)
        ]
        torch.testing.assert_close(logits[row], torch.tensor(scores, dtype=torch.float64))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("attention", EVERY)
def test_hidden_vectors_weights_context_and_logits_are_those_of_the_equations(attention, layers):
    check_the_equations(network(attention=attention, layers=layers), attention)


def with_a_bias(built):
    """Eq. 8 with a bias beside W_ah: tanh(W_ah h + b)."""
    built.decoder.score[0].bias = torch.nn.Parameter(torch.full((3,), 0.5, dtype=torch.float64))


def with_directions_exchanged(built):
    """The backward pass stands first in h."""
    encode = built.encoder.forward
    built.encoder.forward = lambda frames, lengths: encode(frames, lengths).roll(2, dims=2)


def with_the_last_h_for_the_sum(built):
    """The decoder reads the last hidden vector in place of their weighted sum."""
    built.decoder.encode = lambda hidden, lengths: last_real(hidden, lengths)


def with_tanh_in_eq_9(built):
    built.decoder.score = torch.nn.Sequential(built.decoder.score, torch.nn.Tanh())
    built.decoder.score.weight = built.decoder.score[0].weight


def with_a_backward_pass_from_the_end_of_the_batch(built):
    """As if no utterance were padded, but for its weights and its mean."""
    encode = built.encoder.forward
    built.encoder.forward = lambda frames, lengths: encode(frames, torch.full_like(lengths, frames.shape[1]))


@pytest.mark.parametrize(
    ("mutate", "attention"),
    [
        (with_a_bias, "tanh"),
        (with_tanh_in_eq_9, "linear"),
        *((with_directions_exchanged, attention) for attention in EVERY),
        *((with_the_last_h_for_the_sum, attention) for attention in EVERY),
        *((with_a_backward_pass_from_the_end_of_the_batch, attention) for attention in EVERY),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_wrong_network_fails_the_equations(mutate, attention):
    built = network(attention=attention)
    check_the_equations(built, attention)
    mutate(built)
    with pytest.raises(AssertionError):
        check_the_equations(built, attention)


@pytest.mark.parametrize("attention", EVERY)
def test_weights_sum_to_one_over_the_real_frames_and_are_zero_beyond(attention):
    alpha = network(attention=attention).attention_weights(checks.draw_frames(3, 7, 3), LENGTHS)
    torch.testing.assert_close(alpha.sum(dim=1), torch.ones(3, dtype=torch.float64))
    for row, length in enumerate(LENGTHS.tolist()):
        assert (alpha[row, :length] > 0).all()
        assert (alpha[row, length:] == 0).all()


@pytest.mark.parametrize("attention", EVERY)
def test_a_decoder_on_an_encoders_hidden_vectors_gives_what_the_whole_network_gives(attention):
    whole = network(attention=attention, classifier=[6])
    decoder = AttentionDecoder(**DECODER | {"attention": attention, "classifier": [6], "dims": 4}).double()
    decoder.load_state_dict(whole.decoder.state_dict())
    frames = checks.draw_frames(3, 7, 3)
    hidden = whole.hidden(frames, LENGTHS)
    torch.testing.assert_close(decoder.eval()(hidden, LENGTHS), whole(frames, LENGTHS), rtol=0, atol=0)


def test_a_uniform_baseline_has_no_weights_to_learn_and_equals_the_mean():
    built = network(AttentionDecoder, attention="uniform")
    assert [name for name, _ in built.named_parameters()] == ["classifier.0.weight", "classifier.0.bias"]
    hidden = checks.draw_frames(2, 6, 5)
    torch.testing.assert_close(built.encode(hidden, torch.tensor([6, 2]))[1], hidden[1, :2].mean(dim=0))


def test_dropout_takes_single_values_out_of_the_weighted_vectors_before_they_are_summed():
    built = network(AttentionDecoder, dropout=0.5).train()
    hidden, lengths = checks.draw_frames(2, 6, 5), torch.tensor([6, 6])
    given = {}
    built.dropout.register_forward_hook(lambda module, inputs, output: given.update(before=inputs[0], after=output))
    context = built.encode(hidden, lengths)
    weighted = built.attention_weights(hidden, lengths)[..., None] * hidden
    torch.testing.assert_close(given["before"], weighted)
    torch.testing.assert_close(context, given["after"].sum(dim=1))
    dropped = given["after"] == 0
    assert 0.2 < dropped.double().mean() < 0.8
    assert (dropped.any(dim=2) & ~dropped.all(dim=2)).any(), "whole vectors were dropped, not single values"
    torch.testing.assert_close(given["after"][~dropped], 2 * weighted[~dropped])


def test_the_dropout_stands_before_the_sum_alone():
    built = network(AttentionDecoder, dropout=0.5, classifier=[6])
    rates = [module.p for module in built.classifier if isinstance(module, torch.nn.Dropout)]
    assert rates == [0.0]


def test_each_direction_is_torchs_own_bidirectional_lstm():
    torch.manual_seed(1)
    mine = Blstm(inputs=3, units=4, layers=2).double()
    theirs = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True).double()
    for layer in (0, 1):
        for end, direction in (("", mine.forwards), ("_reverse", mine.backwards)):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(theirs, f"{name}_l{layer}{end}").data = getattr(direction[layer], f"{name}_l0").data
    frames = checks.draw_frames(3, 7, 3)
    packed = torch.nn.utils.rnn.pack_padded_sequence(frames, LENGTHS, batch_first=True, enforce_sorted=False)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(theirs(packed)[0], batch_first=True)
    found = mine(frames, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(found[row, :length], expected[row, :length])


def test_widths_are_multiplied():
    built = AttentionBlstm(
        **SETTINGS | {"units": 128, "attention": "tanh", "attention_width": 128, "classifier": [128]}
    )
    narrow = AttentionBlstm(
        **SETTINGS
        | {"units": 128, "attention": "tanh", "attention_width": 128, "classifier": [128], "width_multiplier": 0.25}
    )
    assert (built.hidden_dims, narrow.hidden_dims) == (256, 64)
    assert (built.decoder.score[0].out_features, narrow.decoder.score[0].out_features) == (128, 32)
    assert (built.decoder.classifier[0].out_features, narrow.decoder.classifier[0].out_features) == (128, 32)


def test_an_unknown_attention_says_which_are_known():
    with pytest.raises(ValueError, match="'eq9': expected one of uniform, tanh, linear"):
        network(attention="eq9")


@pytest.mark.parametrize("attention", EVERY)
def test_padding_and_batch_mates_change_nothing_in_a_decoder(attention):
    checks.check_padding_changes_nothing(network(AttentionDecoder, attention=attention), 5, [7, 2, 4], steps=7)


def test_a_softmax_that_sees_padding_fails(monkeypatch):
    from serflow.models import attention_decoder

    monkeypatch.setattr(attention_decoder, "softmax_over_time", lambda scores, lengths: scores.softmax(dim=1))
    with pytest.raises(AssertionError):
        checks.check_padding_changes_nothing(network(AttentionDecoder), 5, [7, 2, 4], steps=7)
