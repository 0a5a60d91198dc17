"""The teacher of Zhao et al. (2021) against its equations, taken one number at a time, and what it can learn."""

import copy
import itertools
import math

import pytest
import torch

from helpers import structural_checks as checks
from helpers import zhao_checks as zhao
from helpers import zhao_reference as reference
from helpers.zhao_checks import END, PADDING, START
from serflow.layers import soft_attention
from serflow.models.speech_recogniser import SpeechRecogniser

systems = pytest.mark.parametrize(("encoder", "attention"), zhao.SYSTEMS)
FRAMES = checks.draw_frames(3, 7, 3)
WRITABLE = [0, 1, 2, 3, END]
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def plain_decoder(built, frames):
    """A decoder of one utterance; hidden vectors and Z are tested elsewhere (test_attention_student)."""
    hidden = built.encoder(frames[None], torch.tensor([len(frames)])).hidden[0].tolist()
    attention = built.attention
    weights = {
        "attention": {
            "w": attention.of_state.weight.tolist(),
            "u": attention.of_hidden.weight.tolist(),
            "v": attention.score.weight[0].tolist(),
        },
        "lstm": [getattr(built.lstm, name).tolist() for name in NAMES],
        "output": [built.output.weight.tolist(), built.output.bias.tolist()],
    }
    return reference.Decoder(hidden, weights, built.tokens_out)


def plain_forced(built, frames, tokens, told=None):
    """Scores and weights of every output after the true ones before it; `told`: what dropout multiplies each by."""
    decoder, told = plain_decoder(built, frames), told or [1.0] * len(tokens)
    return [decoder.write(*given) for given in zip([START, *tokens[:-1]], told, strict=True)]


def log_probability(built, frames, tokens):
    outputs = plain_forced(built, frames, tokens)
    return sum(math.log(reference.softmax(scores)[token]) for (scores, _), token in zip(outputs, tokens, strict=True))


def limit(built, frames):
    """Outputs after which decoding stops, where a step is a frame."""
    return math.ceil(built.longest_a_step * len(frames))


def plain_greedy(built, frames):
    decoder, previous, written = plain_decoder(built, frames), START, []
    while previous != END and len(written) < limit(built, frames):
        scores, _ = decoder.write(previous)
        previous = max(WRITABLE, key=scores.__getitem__)
        written.append(previous)
    return [token for token in written if token != END]


def plain_beam(built, frames, beam):
    """Every hypothesis with a decoder of its own."""
    hypotheses = [(0.0, [], START, plain_decoder(built, frames))]
    for _ in range(limit(built, frames)):
        longer = []
        for total, written, previous, decoder in hypotheses:
            if previous == END:
                longer.append((total, written, previous, decoder))
                continue
            decoder = copy.copy(decoder)
            powers = reference.softmax(decoder.write(previous)[0])
            longer += [(total + math.log(powers[token]), [*written, token], token, decoder) for token in WRITABLE]
        hypotheses = sorted(longer, key=lambda hypothesis: -hypothesis[0])[:beam]
    return [token for token in hypotheses[0][1] if token != END]


def real(tokens):
    return [token for token in tokens.tolist() if token != PADDING]


def check_equations(built):
    logits = built(FRAMES, zhao.LENGTHS, zhao.TOKENS)
    for row, (tokens, length) in enumerate(zip(zhao.TOKENS, zhao.LENGTHS, strict=True)):
        outputs = plain_forced(built, FRAMES[row, :length], real(tokens))
        expected = torch.tensor([scores for scores, _ in outputs], dtype=torch.float64)
        torch.testing.assert_close(logits[row, : len(outputs)], expected)


@systems
def test_logits_under_teacher_forcing_are_those_of_the_equations(encoder, attention):
    check_equations(zhao.teacher(encoder, attention))


@systems
def test_in_training_they_are_those_of_the_equations_with_the_hidden_outputs_left_out(encoder, attention):
    built, told = zhao.teacher(encoder, attention, history_dropout=0.5).train(), []
    built.history.register_forward_hook(lambda module, given, kept: told.append(kept[..., 0].tolist()))
    torch.manual_seed(0)
    logits = built(FRAMES, zhao.LENGTHS, zhao.TOKENS)
    assert {value for row in told[0] for value in row} == {0.0, 2.0}
    for row, (tokens, length) in enumerate(zip(zhao.TOKENS, zhao.LENGTHS, strict=True)):
        spoken = real(tokens)
        outputs = plain_forced(built, FRAMES[row, :length], spoken, told[0][row][: len(spoken)])
        expected = torch.tensor([scores for scores, _ in outputs], dtype=torch.float64)
        torch.testing.assert_close(logits[row, : len(spoken)], expected)


@systems
def test_the_loss_is_the_negative_log_probability_of_the_outputs(encoder, attention):
    built = zhao.teacher(encoder, attention)
    loss = built.loss(FRAMES, zhao.LENGTHS, zhao.TOKENS)
    expected = [
        -log_probability(built, frames[:length], real(tokens))
        for frames, length, tokens in zip(FRAMES, zhao.LENGTHS, zhao.TOKENS, strict=True)
    ]
    torch.testing.assert_close(loss, torch.tensor(expected, dtype=torch.float64))


def check_padding(built):
    logits = built(FRAMES, zhao.LENGTHS, zhao.TOKENS)
    for row, (tokens, length) in enumerate(zip(zhao.TOKENS, zhao.LENGTHS.tolist(), strict=True)):
        tokens = torch.tensor([real(tokens)])
        alone = built(FRAMES[row : row + 1, :length], zhao.LENGTHS[row : row + 1], tokens)
        torch.testing.assert_close(logits[row, : tokens.shape[1]], alone[0], rtol=0, atol=1e-10)


@systems
@pytest.mark.parametrize("frames_a_step", [1, 3])
def test_padding_and_batch_mates_change_nothing(encoder, attention, frames_a_step):
    built = zhao.teacher(encoder, attention, frames_a_step=frames_a_step)
    check_padding(built)
    zhao.check_without_padding(lambda *given: built.attention_maps(*given, p=2)[0], FRAMES, zhao.LENGTHS)
    for beam in (1, 3):
        together = built.decode(FRAMES, zhao.LENGTHS, beam=beam)
        alone = [
            built.decode(FRAMES[row : row + 1, :length], torch.tensor([length]), beam=beam)[0]
            for row, length in enumerate(zhao.LENGTHS.tolist())
        ]
        assert together == alone


@systems
def test_gradients_reach_every_parameter(encoder, attention):
    torch.manual_seed(3)
    settings = {"encoder": zhao.ENCODERS[encoder], "attention": attention}
    built = SpeechRecogniser(**zhao.TEACHER | settings).double()
    built.loss(FRAMES, zhao.LENGTHS, zhao.TOKENS).sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in built.parameters())


@pytest.mark.parametrize("seed", range(4))
def test_a_beam_of_one_is_greedy_decoding(seed):
    built = zhao.teacher("tcn", "soft", seed=seed)
    found = built.decode(FRAMES, zhao.LENGTHS, beam=1)
    assert found == [plain_greedy(built, one[:length]) for one, length in zip(FRAMES, zhao.LENGTHS, strict=True)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("beam", [2, 3])
def test_a_beam_is_the_slow_one(seed, beam):
    built = zhao.teacher("tcn", "soft", seed=seed)
    with torch.no_grad():
        built.lstm.weight_ih.mul_(3)  # so that what was written before decides what comes next
        built.output.bias[END] = -2.0
    found = built.decode(FRAMES, zhao.LENGTHS, beam=beam)
    assert found == [plain_beam(built, one[:length], beam) for one, length in zip(FRAMES, zhao.LENGTHS, strict=True)]


@pytest.mark.parametrize("seed", range(4))
def test_a_beam_of_every_hypothesis_finds_the_most_probable_output(seed):
    built = zhao.teacher("tcn", "soft", seed=seed)
    outputs = [[END], *([a, b] for a, b in itertools.product(WRITABLE[:-1], WRITABLE))]
    for row, length in enumerate(zhao.LENGTHS.tolist()):
        built.longest_a_step = 1.9 / length  # two outputs
        best = max(outputs, key=lambda tokens, row=row, n=length: log_probability(built, FRAMES[row, :n], tokens))
        found = built.decode(FRAMES[row : row + 1, :length], torch.tensor([length]), beam=len(outputs))[0]
        assert found == [token for token in best if token != END]


@pytest.mark.parametrize(
    ("longest_a_step", "frames_a_step", "limits"),
    [(1.5, 1, [11, 2, 6]), (0.5, 1, [4, 1, 2]), (1.5, 3, [5, 2, 3])],  # of 7, 1 and 4 frames: of 3, 1 and 2 steps
)
def test_decoding_stops_at_each_utterances_own_limit_and_writes_neither_start_nor_padding(
    longest_a_step, frames_a_step, limits
):
    built = zhao.teacher("tcn", "soft", longest_a_step=longest_a_step, frames_a_step=frames_a_step)
    with torch.no_grad():
        built.output.bias[[START, PADDING]] = 50.0
        built.output.bias[END] = -50.0
    for beam in (1, 4):
        found = built.decode(FRAMES, zhao.LENGTHS, beam=beam)
        assert [len(tokens) for tokens in found] == limits
        assert {token for tokens in found for token in tokens} <= {0, 1, 2, 3}


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_who_reaches_the_limit_gives_the_best_so_far_whatever_its_batch_mates(seed, beam):
    built = zhao.teacher("tcn", "soft", seed=seed, longest_a_step=0.7)
    with torch.no_grad():
        built.lstm.weight_ih.mul_(3)
        built.output.bias[END] = -4.0  # so that most are stopped
    expected = [plain_beam(built, one[:length], beam) for one, length in zip(FRAMES, zhao.LENGTHS, strict=True)]
    assert any(len(tokens) == limit(built, FRAMES[0, :n]) for tokens, n in zip(expected, (7, 1, 4), strict=True))
    for rows in ([0, 1, 2], [1, 2], [1, 0], [2]):
        assert built.decode(FRAMES[rows], zhao.LENGTHS[rows], beam=beam) == [expected[row] for row in rows]


def test_in_training_the_last_unit_is_hidden_at_random_and_counts_more_where_it_is_not():
    built = zhao.teacher("tcn", "soft", history_dropout=0.75)
    given = []
    built.lstm.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0][:, :7]))  # the last token, one-hot
    frames, lengths = FRAMES[:1].expand(1000, 7, 3), torch.full((1000,), 7)
    built.train()(frames, lengths, torch.full((1000, 1), END))
    (last,) = given
    assert last[:, START].unique().tolist() == [0, 4]  # 1 / (1 - 0.75)
    assert last[:, START].mean().item() == pytest.approx(1, abs=0.2)  # its deviation is 0.05
    assert last.sum(dim=1).equal(last[:, START])
    given.clear()
    built.eval()(frames, lengths, torch.full((1000, 1), END))
    assert given[0][:, START].eq(1).all()


def test_an_utterance_may_be_silent():
    built = zhao.teacher("tcn", "soft")
    with torch.no_grad():
        built.output.bias[END] = 50.0
    assert built.decode(FRAMES, zhao.LENGTHS, beam=2) == [[], [], []]
    assert built.attention_maps(FRAMES, zhao.LENGTHS, p=1)[0].sum(dim=1).tolist() == pytest.approx([1, 1, 1])


def soft_maps(built, frames, tokens, p):
    weights = [alpha for _, alpha in plain_forced(built, frames, tokens)]
    return reference.attention_map(weights, p)


@pytest.mark.parametrize("encoder", list(zhao.ENCODERS))
def test_soft_attentions_map_sums_over_the_real_outputs(encoder):
    built = zhao.teacher(encoder, "soft")
    (maps,) = built.attention_maps(FRAMES, zhao.LENGTHS, p=2, tokens=zhao.TOKENS)
    for row, (tokens, length) in enumerate(zip(zhao.TOKENS, zhao.LENGTHS, strict=True)):
        expected = soft_maps(built, FRAMES[row, :length], real(tokens), p=2)
        torch.testing.assert_close(maps[row, :length], torch.tensor(expected, dtype=torch.float64))
        assert maps[row, length:].eq(0).all()


def test_without_a_transcript_the_map_is_that_of_what_greedy_decoding_writes():
    built = zhao.teacher("tcn", "soft")
    (maps,) = built.attention_maps(FRAMES, zhao.LENGTHS, p=1)
    for row, length in enumerate(zhao.LENGTHS.tolist()):
        tokens = [*plain_greedy(built, FRAMES[row, :length]), END]
        expected = soft_maps(built, FRAMES[row, :length], tokens, p=1)
        torch.testing.assert_close(maps[row, :length], torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("encoder", list(zhao.ENCODERS))
def test_self_attentions_map_is_that_of_z_whatever_is_written(encoder):
    built = zhao.teacher(encoder, "self")
    (maps,) = built.attention_maps(FRAMES, zhao.LENGTHS, p=2, tokens=zhao.TOKENS)
    for row, length in enumerate(zhao.LENGTHS.tolist()):
        hidden = built.encoder.layers(FRAMES[row : row + 1, :length], torch.tensor([length]))[0].tolist()
        w_q, w_k, w_v = (weight.tolist() for weight in built.encoder.attention.projection.weight.chunk(3))
        z = reference.self_attention(hidden, w_q, w_k, w_v)
        expected = reference.attention_map(list(zip(*z, strict=True)), p=2)
        torch.testing.assert_close(maps[row, :length], torch.tensor(expected, dtype=torch.float64))
    assert torch.equal(maps, built.attention_maps(FRAMES, zhao.LENGTHS, p=2)[0])


@pytest.mark.parametrize("attention", ["soft", "self"])
def test_maps_of_longer_steps_are_interpolated_to_frames(attention):
    built = zhao.teacher("tcn", attention, frames_a_step=3)
    encoded = built.encoder(FRAMES, zhao.LENGTHS)
    assert encoded.lengths.tolist() == [3, 1, 2]
    (maps,) = built.attention_maps(FRAMES, zhao.LENGTHS, p=1, tokens=zhao.TOKENS)
    assert maps.shape == (3, 7)
    for row, (length, steps) in enumerate(zip(zhao.LENGTHS.tolist(), encoded.lengths.tolist(), strict=True)):
        if attention == "self":
            coarse = encoded.z[row, :steps].abs().sum(dim=1).tolist()
        else:
            coarse = soft_maps(built, FRAMES[row, :length], real(zhao.TOKENS[row]), p=1)
        expected = torch.tensor(reference.interpolated(coarse, length), dtype=torch.float64)
        torch.testing.assert_close(maps[row, :length], expected)


def test_the_teachers_maps_carry_no_gradient():
    for attention in ("soft", "self"):
        built = zhao.teacher("tcn", attention)
        assert not built.attention_maps(FRAMES, zhao.LENGTHS, p=1, tokens=zhao.TOKENS)[0].requires_grad


@pytest.mark.parametrize("ids", [(4, 4, 6), (4, 5, 7), (-1, 5, 6)])
def test_tokens_that_are_not_there_or_stand_for_two_things_are_refused(ids):
    with pytest.raises(ValueError, match="expected three of the tokens 0 to 6"):
        zhao.teacher("tcn", "soft", **dict(zip(("start", "end", "padding"), ids, strict=True)))


def test_widths_are_multiplied():
    encoder = {"name": "blstm", "units": 128, "layers": 1}
    widths = {"cells": 256, "attention_width": 128, "width_multiplier": 0.25}
    built = SpeechRecogniser(**zhao.TEACHER | {"encoder": encoder, "attention": "self"} | widths)
    assert (built.encoder.outputs, built.lstm.hidden_size, built.attention.of_state.out_features) == (64, 64, 32)


SPOKEN = [[0, 1, 2], [2, 2, 3, 0], [3], [1, 0, 3, 2]]


def utterances():
    """Four utterances in which every token sounds for five frames in a way of its own."""
    generator = torch.Generator().manual_seed(0)
    sounds = torch.randn(4, 6, generator=generator)
    frames = [sounds[tokens].repeat_interleave(5, dim=0) for tokens in SPOKEN]
    lengths = torch.tensor([len(one) for one in frames])
    padded = torch.nn.utils.rnn.pad_sequence(frames, batch_first=True)
    tokens = [torch.tensor([*one, END]) for one in SPOKEN]
    return padded + 0.1 * torch.randn(padded.shape, generator=generator), lengths, tokens


@systems
def test_four_utterances_are_learned_by_heart(encoder, attention):
    frames, lengths, tokens = utterances()
    tokens = torch.nn.utils.rnn.pad_sequence(tokens, batch_first=True, padding_value=PADDING)
    torch.manual_seed(0)
    encoders = {"tcn": zhao.ENCODERS["tcn"] | {"channels": 16}, "blstm": {"name": "blstm", "units": 8, "layers": 1}}
    settings = {"dims": 6, "cells": 16, "attention_width": 16, "encoder": encoders[encoder], "attention": attention}
    built = SpeechRecogniser(**zhao.TEACHER | settings)
    optimizer = torch.optim.Adam(built.parameters(), lr=0.04)
    for _ in range(100):
        optimizer.zero_grad()
        loss = built.loss(frames, lengths, tokens).mean()
        loss.backward()
        optimizer.step()
        if loss < 0.05:
            break
    assert built.decode(frames, lengths, beam=1) == SPOKEN
    assert built.decode(frames, lengths, beam=3) == SPOKEN


def test_softmax_over_padding_fails(monkeypatch):
    monkeypatch.setattr(soft_attention, "softmax_over_time", lambda scores, lengths: scores.softmax(dim=1))
    built = zhao.teacher("tcn", "soft")
    with pytest.raises(AssertionError):
        check_padding(built)
    with pytest.raises(AssertionError):
        check_equations(built)


def test_self_attention_over_padding_fails(monkeypatch):
    sdpa = torch.nn.functional.scaled_dot_product_attention
    monkeypatch.setattr(
        torch.nn.functional, "scaled_dot_product_attention", lambda q, k, v, attn_mask=None: sdpa(q, k, v)
    )
    with pytest.raises(AssertionError):
        check_padding(zhao.teacher("tcn", "self"))


class AttendsAfterwards(SpeechRecogniser):
    """The context from s_i, in place of s_(i-1)."""

    def _step(self, memory, told, state):
        state, _, _ = super()._step(memory, told, state)
        return state, *self.attention(state.s, *memory)


class ForgetsTheLastUnit(SpeechRecogniser):
    def _told(self, tokens):
        return super()._told(torch.full_like(tokens, START))


class SeesTheAnswer(SpeechRecogniser):
    """Each output follows itself, in place of the one before it."""

    def _forced(self, memory, tokens):
        return super()._forced(memory, torch.cat([tokens[:, 1:], tokens[:, :1]], dim=1))


@pytest.mark.parametrize("kind", [AttendsAfterwards, ForgetsTheLastUnit, SeesTheAnswer], ids=lambda kind: kind.__name__)
def test_a_wrong_decoder_fails_the_equations(kind):
    built = zhao.teacher("tcn", "soft")
    built.__class__ = kind
    with pytest.raises(AssertionError):
        check_equations(built)
