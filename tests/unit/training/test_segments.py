"""Segments of utterances, by hand: at a hop of 0.032 s, 2 s are 63 frames, as in Xu & Zhang 2020, IV.B.1."""

import numpy as np
import pytest

from helpers import tiny_job
from serflow.features.store import Store
from serflow.training import segments as segments_of
from serflow.training.segments import cut, training_segments

PAPER = {"seconds": 2.0, "train_step": 1.0, "test_step": 0.4, "short_test": "pad", "average": "probabilities"}


@pytest.fixture
def make(tmp_path):
    """Return a function that gives examples of the given numbers of frames."""

    def examples(*frames):
        zeros = ((f"clip{i}", np.zeros((n, 13), np.float32)) for i, n in enumerate(frames))
        tiny_job.write_clips(tmp_path / "store", zeros)
        return tiny_job.examples_of(Store.open(tmp_path / "store"), [f"clip{i}" for i in range(len(frames))])

    return examples


def rows(segments):
    return list(zip(segments.utterance.tolist(), segments.start.tolist(), segments.frames.tolist(), strict=True))


def test_a_segment_starts_at_every_step_rounded_to_a_frame_and_lies_wholly_inside():
    # 1 s = 31.25 frames: 0, 31.25, 62.5, 93.75; the last fits into 157 = 94 + 63 frames and not into 156
    assert cut(157, length=63, step=31.25) == [0, 31, 63, 94]
    assert cut(156, length=63, step=31.25) == [0, 31, 63]
    # 0.4 s = 12.5 frames
    assert cut(113, length=63, step=12.5) == [0, 13, 25, 38, 50]
    assert cut(62, length=63, step=12.5) == []


def test_training_has_segments_of_63_frames_a_second_apart(make):
    assert rows(training_segments(make(63, 94, 157), PAPER)) == [
        (0, 0, 63),
        (1, 0, 63),
        (1, 31, 63),
        (2, 0, 63),
        (2, 31, 63),
        (2, 63, 63),
        (2, 94, 63),
    ]


def test_testing_has_segments_0_4_s_apart(make):
    assert rows(segments_of.test_segments(make(63, 94), PAPER)) == [(0, 0, 63), (1, 0, 63), (1, 13, 63), (1, 25, 63)]


def test_training_drops_an_utterance_shorter_than_a_segment(make):
    assert rows(training_segments(make(62, 63), PAPER)) == [(1, 0, 63)]


def test_testing_keeps_a_short_utterance_whole_or_drops_it(make):
    examples = make(62, 63, 1)
    assert rows(segments_of.test_segments(examples, PAPER)) == [(0, 0, 62), (1, 0, 63), (2, 0, 1)]
    assert rows(segments_of.test_segments(examples, PAPER | {"short_test": "drop"})) == [(1, 0, 63)]


def test_without_segments_every_utterance_is_one(make):
    examples = make(62, 200)
    assert (
        rows(training_segments(examples, None))
        == rows(segments_of.test_segments(examples, None))
        == [
            (0, 0, 62),
            (1, 0, 200),
        ]
    )


def test_no_segment_at_all_is_an_empty_table(make):
    segments = training_segments(make(5), PAPER)
    assert (len(segments), segments.start.shape) == (0, (0,))
