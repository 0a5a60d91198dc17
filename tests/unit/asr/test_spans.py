"""Runs of words cut out of utterances, by hand."""

import numpy as np
import pytest

from serflow.asr.spans import draw_spans
from serflow.examples import Examples
from serflow.features.store import Store, write_store

HOP = 0.01
ONE = [{"word": "Hello", "start": 0.10, "end": 0.25}]
# frames 10-20, 20-35, 40-44 (too short alone) and 44-100, which the utterance of 90 frames cuts
FOUR = [
    {"word": "I", "start": 0.10, "end": 0.20},
    {"word": "DON'T", "start": 0.20, "end": 0.35},
    {"word": "a", "start": 0.40, "end": 0.44},
    {"word": "well?", "start": 0.44, "end": 1.00},
]
RUNS = {
    (10, 10): ["i"],
    (20, 15): ["don't"],
    (44, 46): ["well"],
    (10, 25): ["i", "don't"],
    (20, 24): ["don't", "a"],
    (40, 50): ["a", "well"],
}


@pytest.fixture
def make(tmp_path):
    """Examples of so many frames each, called turn0, turn1, ..."""

    def examples(*frames, hop=HOP):
        zeros = ((f"turn{i}", np.zeros((count, 2), np.float32)) for i, count in enumerate(frames))
        write_store(tmp_path / "store", spec={}, dims=2, hop_seconds=hop, versions={}, utterances=zeros)
        names = [f"turn{i}" for i in range(len(frames))]
        return Examples(names, None, Store.open(tmp_path / "store"), np.ones(len(frames)), [["x"]] * len(frames))

    return examples


def drawn(examples, alignments, each=4, most_words=2, seed=1):
    spans = draw_spans(examples, alignments, each=each, most_words=most_words, seed=seed)
    segments = spans.segments
    rows = zip(segments.utterance.tolist(), segments.start.tolist(), segments.frames.tolist(), spans.words, strict=True)
    return list(rows)


def test_a_run_is_of_the_frames_of_its_words_and_has_their_words(make):
    assert drawn(make(50), {"turn0": ONE}, each=2) == [(0, 10, 15, ["hello"])] * 2


def test_frames_that_a_word_has_a_part_of_are_the_words(make):
    """0.104 s to 0.246 s: frames 10 to 24, both cut."""
    part = [ONE[0] | {"start": 0.104, "end": 0.246}]
    assert drawn(make(50), {"turn0": part}, each=1) == [(0, 10, 15, ["hello"])]


def test_every_run_of_up_to_so_many_words_is_drawn_and_no_other(make):
    rows = drawn(make(90), {"turn0": FOUR}, each=200)
    assert {(start, frames) for _, start, frames, _ in rows} == set(RUNS)
    assert all(RUNS[start, frames] == words for _, start, frames, words in rows)


def test_lengths_are_as_likely_as_each_other(make):
    """Of 400, half have one word, of which the quarter that is too short is none."""
    rows = drawn(make(90), {"turn0": FOUR}, each=400)
    lengths = [len(words) for *_, words in rows]
    assert lengths.count(2) == pytest.approx(200, abs=30)
    assert lengths.count(1) == pytest.approx(150, abs=30)


def test_a_run_of_fewer_than_8_frames_is_none(make):
    short, enough = ([ONE[0] | {"end": end}] for end in (0.17, 0.18))
    assert drawn(make(50, 50), {"turn0": short, "turn1": enough}, each=1) == [(1, 10, 8, ["hello"])]


def test_the_shortest_run_has_80_ms_whatever_a_frame_has(make):
    """Frames of 40 ms, from 0.08 s on: one until 0.12 s, two until 0.16 s."""
    short, enough = ([ONE[0] | {"end": end}] for end in (0.12, 0.15))
    assert drawn(make(20, 20, hop=0.04), {"turn0": short, "turn1": enough}, each=1) == [(1, 2, 2, ["hello"])]


def test_an_utterance_without_an_alignment_gives_none(make):
    assert drawn(make(50, 50, 50), {"turn1": ONE, "turn2": []}, each=1) == [(1, 10, 15, ["hello"])]
    assert drawn(make(50), {}) == []


def test_most_words_may_be_more_than_there_are(make):
    assert len(drawn(make(50), {"turn0": ONE}, each=3, most_words=6)) == 3


def test_what_is_drawn_depends_on_the_seed_and_the_utterance_alone(make):
    alignments = {f"turn{i}": FOUR for i in range(3)}
    rows = drawn(make(90, 90, 90), alignments, each=20)
    by_turn = [[row[1:] for row in rows if row[0] == turn] for turn in range(3)]
    assert by_turn[0] != by_turn[1] != by_turn[2]
    fewer = drawn(make(90, 90, 90), {"turn2": FOUR}, each=20)
    assert [row[1:] for row in fewer] == by_turn[2]
    assert drawn(make(90, 90, 90), alignments, each=20, seed=2) != rows
