"""The recogniser: it learns what is said by heart, keeps what it learned, and its maps are of each utterance alone."""

import numpy as np
import pytest
import torch

from helpers.tiny_teacher_job import EACH, SAID, SPEC, WORDS, aligned, spec, spoken
from serflow.asr.lexicon import END, TOKENS, encode
from serflow.asr.recogniser import PADDING, Recogniser
from serflow.errors import UserError
from serflow.examples import Examples


def part(examples, *indices):
    """Some of the examples."""
    names, words = ([values[i] for i in indices] for values in (examples.utterances, examples.words))
    return Examples(names, None, examples.store, examples.durations[list(indices)], words)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return spoken(tmp_path_factory.mktemp("spoken") / "store", SAID)


def learner(given=None, seed=1, **more):
    return Recogniser(spec=given or SPEC, device="cpu", seed=seed, pronunciations=WORDS, **more)


def trained(examples, given=None, seed=1, **more):
    found = learner(given, seed, **more)
    found.rows = list(found.fit(examples))
    return found


@pytest.fixture(scope="module")
def knowing(examples):
    """A recogniser that has its five utterances by heart."""
    given = spec(epochs=10) | {"steps": 200}  # in all
    given["parameters"]["train"]["optimizer"]["lr"] = 0.02
    return trained(examples, given)


def phones(tokens):
    return [TOKENS[token] for token in tokens]


def weights(found):
    return torch.cat([value.flatten() for value in found.network.state_dict().values()])


def test_what_is_said_is_learned_by_heart_and_written_back(examples, knowing):
    losses = [row["loss"] for row in knowing.rows]
    assert losses[-1] < 0.1 < 5 < losses[0]
    expected = [["OW", "|", "N", "OW"], ["S", "IY", "|", "M", "IY"], ["N", "OW"]]
    expected += [["M", "IY", "|", "S", "IY", "|", "OW"], ["M", "IY"]]
    for beam in (1, 3):
        assert [phones(tokens) for tokens in knowing.transcribe(examples, beam=beam)] == expected


def test_phones_become_words_by_the_training_transcripts(examples, knowing):
    assert [knowing.lexicon.words(phones(tokens)) for tokens in knowing.transcribe(examples, beam=1)] == SAID
    assert {word: said for word, (said, _) in knowing.lexicon.entries.items()} == {"me": 3, "no": 2, "oh": 2, "see": 2}


def test_the_loss_of_an_epoch_is_the_mean_of_log_p_of_an_utterance(examples):
    """Before anything is learned, steps of a learning rate of 0."""
    given = spec(epochs=1)
    given["parameters"]["train"] |= {"optimizer": {"name": "adam", "lr": 0.0}, "batch_size": 5}
    found = trained(examples, given)
    frames = [(examples.frames(i) - found.mean_std[0]) / found.mean_std[1] for i in range(5)]
    losses = []
    for one, words in zip(frames, SAID, strict=True):
        tokens = torch.from_numpy(encode(words, WORDS)[1:])[None]
        logits = found.network(torch.from_numpy(one)[None], torch.tensor([len(one)]), tokens)[0]
        losses.append(-logits.log_softmax(dim=1).gather(1, tokens.T).sum().item())
    assert found.rows[0]["loss"] == pytest.approx(np.mean(losses), rel=1e-5)


def test_the_same_seed_gives_the_same_weights_and_another_one_others(examples):
    first, again, other = (weights(trained(examples, seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_word_without_pronunciation_is_one_unknown_unit(tmp_path):
    said = [["oh", "dear"], ["no"]]
    found = trained(spoken(tmp_path / "store", said), spec(epochs=1))
    _, targets = found._prepare(spoken(tmp_path / "again", said))
    assert [phones(row) for row in targets.tolist()[:1]] == [["OW", "|", "<unk>", "</s>"]]
    assert targets.tolist()[1] == [TOKENS.index("N"), TOKENS.index("OW"), TOKENS.index(END), PADDING]
    assert found.lexicon.entries["<unk>"] == (1, ("<unk>",))


def test_shuffled_audio_keeps_sounds_and_words_in_another_pairing(examples):
    (own, targets), (dealt, others) = (learner(spec(audio=audio))._prepare(examples) for audio in ("own", "shuffled"))
    assert own[0].segments.utterance.tolist() == dealt[0].segments.utterance.tolist() == [0, 1, 2, 3, 4]
    assert own[0].segments.frames.tolist() == dealt[0].segments.frames.tolist()
    assert sorted(targets.tolist()) == sorted(others.tolist())
    assert targets.tolist() != others.tolist()


def test_shuffled_audio_is_dealt_out_by_the_seed(tmp_path):
    found = [learner(spec(audio="shuffled"), seed)._dealt_out([[str(i)] for i in range(20)], 0) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_lexicon_is_that_of_all_words_said_however_they_are_dealt_out(examples):
    own, dealt = (trained(examples, spec(epochs=1, audio=audio)) for audio in ("own", "shuffled"))
    assert own.lexicon.entries == dealt.lexicon.entries


def test_an_unknown_kind_of_audio_is_refused():
    with pytest.raises(UserError, match="teacher: audio 'shufled': expected one of own, shuffled"):
        learner(spec(audio="shufled"))


def test_a_loaded_recogniser_writes_and_attends_as_before(examples, knowing, tmp_path):
    knowing.save(tmp_path / "model")
    loaded = Recogniser.load(tmp_path / "model", device="cpu", pronunciations=WORDS)
    assert loaded.transcribe(examples, beam=3) == knowing.transcribe(examples, beam=3)
    ours, theirs = (found.attention_maps(examples, p=2) for found in (knowing, loaded))
    assert {name: one.tobytes() for name, one in ours.items()} == {name: one.tobytes() for name, one in theirs.items()}
    assert (loaded.lexicon.entries, loaded.epoch, loaded.seed) == (knowing.lexicon.entries, 10, 1)


@pytest.fixture(scope="module", params=["self", "soft"])
def either(request, examples):
    """A recogniser with either kind of attention, hardly trained."""
    return trained(examples, spec(epochs=1, attention=request.param, history_dropout=0.5))


def test_a_map_has_a_value_for_each_frame(either, examples):
    maps = either.attention_maps(examples, p=2)
    assert list(sorted(maps)) == examples.utterances
    for index, name in enumerate(examples.utterances):
        assert maps[name].shape == (len(examples.frames(index)),)
        assert maps[name].dtype == np.float32
        assert (maps[name] > 0).all()


def test_a_map_is_the_same_whatever_the_batch_mates(either, examples):
    together = either.attention_maps(examples, p=2)
    for index, name in enumerate(examples.utterances):
        alone = either.attention_maps(part(examples, index), p=2)
        np.testing.assert_allclose(alone[name], together[name], rtol=2e-4)


def test_the_exponent_is_that_of_eq_10(either, examples):
    """Soft weights of a step sum to one over time for each output: with p = 1 a map sums to the number of outputs."""
    maps = either.attention_maps(examples, p=1)
    if either.settings["model"]["attention"] == "soft":
        for name, words in zip(examples.utterances, SAID, strict=True):
            outputs = len(encode(words, WORDS)) - 1  # START is none
            assert maps[name].sum() / 2 == pytest.approx(outputs, rel=0.35)  # two frames a step, interpolated
    else:
        squares = either.attention_maps(examples, p=2)
        assert all((squares[name] != maps[name]).any() for name in maps)


def test_soft_maps_are_of_the_true_tokens_and_those_of_self_attention_of_none(either, examples):
    found = either.attention_maps(examples, p=2)
    others = Examples(examples.utterances, None, examples.store, examples.durations, SAID[1:] + SAID[:1])
    exchanged = either.attention_maps(others, p=2)
    same = [np.array_equal(found[name], exchanged[name]) for name in found]
    assert same == [either.settings["model"]["attention"] == "self"] * 5


def test_where_nothing_was_said_soft_maps_are_of_what_the_network_writes(tmp_path):
    given = spoken(tmp_path / "store", [["oh"], [], ["no"]])
    found = trained(given, spec(epochs=1, attention="soft"))
    maps = found.attention_maps(given, p=2)
    frames = (given.frames(1) - found.mean_std[0]) / found.mean_std[1]
    (expected,) = found.network.attention_maps(torch.from_numpy(frames)[None], torch.tensor([7]), p=2, tokens=None)
    np.testing.assert_allclose(maps["turn1"], expected[0].detach().numpy(), rtol=1e-5)
    assert {name: len(one) for name, one in maps.items()} == {"turn0": 5, "turn1": 7, "turn2": 10}


def test_spans_are_segments_of_their_own_with_their_own_words(examples):
    alignments = {f"turn{i}": aligned(words) for i, words in enumerate(SAID)}
    found = learner(spec(spans={"each": 4, "words": 2}), alignments=alignments)
    (source,), targets = found._prepare(examples)
    segments = source.segments
    assert segments.utterance[:5].tolist() == [0, 1, 2, 3, 4] and not segments.start[:5].any()
    assert len(targets) == len(segments) > 5 + 10
    for index in range(5, len(segments)):
        words, first = SAID[segments.utterance[index]], segments.start[index]
        starts = np.cumsum([0, *(EACH * len(WORDS[word]) for word in words)]).tolist()
        last = starts.index(first + segments.frames[index])
        said = encode(words[starts.index(first) : last], WORDS)[1:].tolist()
        assert [token for token in targets[index].tolist() if token != PADDING] == said


def test_spans_are_learned_along(examples):
    alignments = {f"turn{i}": aligned(words) for i, words in enumerate(SAID)}
    with_spans = trained(examples, spec(epochs=1, spans={"each": 4, "words": 2}), alignments=alignments)
    without = trained(examples, spec(epochs=1))
    assert with_spans.counts["train_segments"] > without.counts["train_segments"] == 5
    assert with_spans.counts["train_utterances_used"] == 5


def test_shuffled_audio_deals_out_spans_among_themselves(examples):
    alignments = {f"turn{i}": aligned(words) for i, words in enumerate(SAID)}
    own, dealt = (
        learner(spec(audio=audio, spans={"each": 4, "words": 2}), alignments=alignments)._prepare(examples)[1].tolist()
        for audio in ("own", "shuffled")
    )
    for chosen in (slice(0, 5), slice(5, None)):
        assert sorted(own[chosen]) == sorted(dealt[chosen])
        assert own[chosen] != dealt[chosen]
