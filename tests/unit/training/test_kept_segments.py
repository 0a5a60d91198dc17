"""The segments with the highest energy, and what a network says of single segments or frames."""

import numpy as np
import pytest
import torch

from helpers import tiny_job
from helpers.tiny_job import CLASSES, HOP, SPEC, changed, make_examples
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.learners.elm import Elm
from serflow.learners.network import Network
from serflow.training import segments as segments_of
from serflow.training.segments import kept_segments, training_segments

# 4 frames a segment, one or two frames apart; columns 2 and 3 hold logarithms of powers
KEPT = {
    "seconds": 3 * HOP,
    "train_step": HOP,
    "test_step": 2 * HOP,
    "short_test": "pad",
    "average": "probabilities",
    "keep": {"share": 0.25, "columns": [2, 4]},
}
DNN = {"name": "segment_dnn", "frames": 4, "classifier": [8], "dropout": 0.0, "width_multiplier": 1}
BLSTM = {"name": "frame_blstm", "units": 8, "layers": 1, "dropout": 0.0, "width_multiplier": 1}


@pytest.fixture
def make(tmp_path):
    """Return a function that gives examples of noise, of the given numbers of frames."""

    def examples(*frames, seed=0):
        rng = np.random.default_rng(seed)
        noise = ((f"clip{i}", rng.standard_normal((n, 13)).astype(np.float32)) for i, n in enumerate(frames))
        tiny_job.write_clips(tmp_path / "store", noise)
        return tiny_job.examples_of(Store.open(tmp_path / "store"), [f"clip{i}" for i in range(len(frames))])

    return examples


def rows(segments):
    return list(zip(segments.utterance.tolist(), segments.start.tolist(), segments.frames.tolist(), strict=True))


def highest(frames, starts, count):
    energies = {s: sum(np.exp(float(frames[t, c])) for t in range(s, s + 4) for c in (2, 3)) for s in starts}
    return sorted(sorted(energies, key=lambda s: -energies[s])[:count])


@pytest.mark.parametrize(("cutter", "step"), [(training_segments, 1), (segments_of.test_segments, 2)])
def test_a_share_of_an_utterances_segments_is_kept_those_with_the_highest_energy(make, cutter, step):
    examples = make(23, 11)
    # of 20 and 8 segments a quarter; at every second frame of 10 and 4: 2.5 rounded up, and 1
    counts = [5, 2] if step == 1 else [3, 1]
    expected = [
        (i, start, 4)
        for i, (length, count) in enumerate(zip((23, 11), counts, strict=True))
        for start in highest(examples.frames(i), range(0, length - 3, step), count)
    ]
    assert rows(cutter(examples, KEPT)) == expected


@pytest.mark.parametrize(
    ("count", "share", "kept"), [(0, 0.1, 0), (1, 0.1, 1), (14, 0.1, 1), (15, 0.1, 2), (10, 0.25, 3), (7, 1, 7)]
)
def test_a_share_is_rounded_half_up_and_one_is_kept_where_there_is_one(count, share, kept):
    assert kept_segments(count, share) == kept


def test_one_segment_at_least_is_kept_and_a_short_utterance_stays_whole(make):
    assert [(i, n) for i, _, n in rows(segments_of.test_segments(make(4, 3, 5), KEPT))] == [(0, 4), (1, 3), (2, 4)]
    assert [(i, n) for i, _, n in rows(training_segments(make(4, 3, 5), KEPT))] == [(0, 4), (2, 4)]


def test_of_equal_segments_the_first_are_kept(tmp_path):
    tiny_job.write_clips(tmp_path / "store", [("clip", np.zeros((11, 13), np.float32))])
    examples = tiny_job.examples_of(Store.open(tmp_path / "store"), ["clip"])
    assert rows(training_segments(examples, KEPT)) == [(0, 0, 4), (0, 1, 4)]


def test_a_share_of_one_keeps_all(make):
    examples = make(23, 11)
    whole = KEPT | {"keep": {"share": 1, "columns": [0, 13]}}
    plain = {key: value for key, value in KEPT.items() if key != "keep"}
    assert rows(training_segments(examples, whole)) == rows(training_segments(examples, plain))


@pytest.mark.parametrize(
    ("keep", "named"),
    [
        ({"share": 0}, "share 0"),
        ({"share": 1.2}, "share 1.2"),
        ({"columns": [0, 14]}, r"columns \[0, 14\].*13 columns"),
    ],
)
def test_what_cannot_be_kept_is_refused(make, keep, named):
    with pytest.raises(UserError, match=f"segments.keep.{named}"):
        training_segments(make(9), KEPT | {"keep": KEPT["keep"] | keep})


def network(spec):
    return Network(spec=spec, classes=CLASSES, device="cpu", seed=1)


def trained(spec, examples):
    learner = network(spec)
    list(learner.fit(examples))
    return learner


SEGMENTS = changed(SPEC, model=DNN, segments=KEPT, train__epochs=2)
FRAMES = changed(SPEC, model=BLSTM, segments=None, train__epochs=2)


def test_probabilities_of_segments_are_those_that_predicting_averages(tmp_path):
    learner = trained(SEGMENTS, make_examples(tmp_path / "train", frames=(20, 30)))
    examples = make_examples(tmp_path / "test", frames=(23, 3, 11), seed=1)
    judged, (ids, averages) = learner.segment_probabilities(examples), learner.predict(examples)
    assert list(judged) == ids
    assert [len(judged[name]) for name in ids[:3]] == [3, 1, 1]  # 10, none (padded) and 4 segments; a quarter
    for name, average in zip(ids, averages, strict=True):
        assert judged[name].dtype == np.float32
        np.testing.assert_allclose(judged[name].mean(axis=0), average, atol=1e-6)
    # in the order of time
    segment = highest(examples.frames(0), range(0, 20, 2), 3)[1]
    with torch.no_grad():
        logits = learner.network(
            torch.from_numpy(examples.frames(0)[segment : segment + 4][None].copy()), torch.tensor([4])
        )
    np.testing.assert_allclose(judged[ids[0]][1], logits.softmax(dim=1)[0], atol=1e-6)


def test_utterances_without_a_segment_have_no_probabilities(tmp_path):
    spec = changed(SEGMENTS, segments__short_test="drop")
    learner = trained(spec, make_examples(tmp_path / "train"))
    assert list(learner.segment_probabilities(make_examples(tmp_path / "test", count=2, frames=(3, 9)))) == ["clip001"]
    assert learner.segment_probabilities(make_examples(tmp_path / "none", count=2, frames=(3,))) == {}


def test_a_network_of_frames_gives_one_row_a_frame(tmp_path):
    learner = trained(FRAMES, make_examples(tmp_path / "train"))
    examples = make_examples(tmp_path / "test", frames=(9, 31), seed=1)
    judged = learner.segment_probabilities(examples)
    assert {name: len(judged[name]) for name in examples.utterances} == {
        name: (9, 31)[i % 2] for i, name in enumerate(examples.utterances)
    }
    with torch.no_grad():
        alone = learner.network.frame_probabilities(
            torch.from_numpy(examples.frames(0)[None].copy()), torch.tensor([9])
        )
    np.testing.assert_allclose(judged["clip000"], alone[0], atol=1e-6)
    assert (judged["clip000"].sum(axis=1) < 1).all()


def test_a_models_own_loss_is_what_is_trained(tmp_path):
    examples = make_examples(tmp_path / "train", frames=(9, 12))
    spec = changed(FRAMES, train__epochs=1, train__batch_size=8, train__optimizer__lr=1e-9)
    learner = trained(spec, examples)
    lengths = torch.tensor([9, 12] * 4)
    frames = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(examples.frames(i).copy()) for i in range(8)], True)
    with torch.no_grad():
        scores = learner.network(frames, lengths)
    expected = -scores[torch.arange(8), torch.from_numpy(examples.labels)].mean()
    row = next(network(spec).fit(examples))
    assert row["loss"] == pytest.approx(float(expected), rel=1e-5)
    normalised = torch.nn.functional.cross_entropy(scores, torch.from_numpy(examples.labels))
    assert abs(float(normalised) - row["loss"]) > 0.1


@pytest.mark.parametrize("spec", [SEGMENTS, FRAMES])
def test_an_elm_ends_what_either_network_begins(tmp_path, spec):
    train, test = make_examples(tmp_path / "train", count=16), make_examples(tmp_path / "test", count=8, frames=(25,))
    spec = changed(spec, train__epochs=8, train__optimizer__lr=0.03, train__schedule=None)
    parameters = {"threshold": 0.2, "hidden": 20, "ridge": 0.1, "class_weight": "none"}
    learner = Elm(
        spec={"learner": "elm", "parameters": parameters},
        classes=CLASSES,
        device="cpu",
        seed=1,
        encoder=trained(spec, train),
    )
    list(learner.fit(train))
    ids, probabilities = learner.predict(test)
    labels = dict(zip(test.utterances, test.labels, strict=True))
    assert np.mean(probabilities.argmax(axis=1) == [labels[name] for name in ids]) > 0.7
    learner.save(tmp_path / "model")
    loaded = Elm.load(tmp_path / "model", device="cpu")
    assert loaded.predict(test)[1].tobytes() == probabilities.tobytes()
