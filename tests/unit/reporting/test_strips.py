"""Words along time: silences between them, and where they are written."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from helpers.fabricated import WORDS, many_words
from serflow.reporting.strips import LINE, silences, strip_height, word_at, word_labels, word_strip, word_width
from serflow.reporting.style import STYLE


def test_silence_is_what_no_word_covers():
    assert silences(WORDS, 2.56) == [(0.0, 0.1), (1.7, 1.8), (2.4, 2.56)]
    assert silences([], 2.0) == [(0.0, 2.0)]
    overlapping = [{"word": "A", "start": 0.0, "end": 1.5}, {"word": "B", "start": 1.0, "end": 1.2}]
    assert silences(overlapping, 1.5) == []


def test_a_time_has_the_word_that_is_spoken_then():
    assert word_at(WORDS, np.array([0.05, 0.1, 0.3, 1.75, 2.5])) == ["", "I", "am", "", ""]


def test_labels_stand_at_their_words_where_there_is_room():
    labels = word_labels(WORDS, seconds=2.56, inches=5.0)
    assert [label.word for label in labels] == [word["word"] for word in WORDS]
    np.testing.assert_allclose([label.place for label in labels], [0.2, 0.4, 0.9, 1.5, 2.1])


@pytest.mark.parametrize("number", [1, 25, 60])
def test_labels_keep_their_order_and_a_line_between_them_within_the_axis(number):
    labels = word_labels(many_words(number, 4.0), seconds=4.0, inches=3.0)
    assert len(labels) == min(number, int(3.0 / LINE))
    places = np.array([label.place for label in labels]) * 3.0 / 4.0
    assert (np.diff(places) >= LINE - 1e-9).all()
    assert places[0] >= LINE / 2 - 1e-9
    assert places[-1] <= 3.0 - LINE / 2 + 1e-9


def test_of_too_many_words_the_shortest_are_left_out():
    words = many_words(60, 4.0)
    kept = {label.index for label in word_labels(words, seconds=4.0, inches=3.0)}
    lengths = np.array([word["end"] - word["start"] for word in words])
    left_out = [i for i in range(60) if i not in kept]
    assert lengths[left_out].max() <= lengths[list(kept)].min() + 1e-9


@pytest.mark.parametrize(("number", "upright"), [(1, False), (8, False), (25, True), (60, True)])
def test_no_two_words_of_a_strip_touch_and_none_is_cut_off(number, upright):
    words = many_words(number, 9.0)
    across = {"seconds": 9.0, "inches": 5.0}
    with matplotlib.rc_context(STYLE | {"figure.constrained_layout.use": False}):
        figure = plt.figure(figsize=(6, strip_height(words, **across)))
        axes = figure.add_axes((0.5 / 6, 0, 5 / 6, 1), xlim=(0, 9.0))
        word_strip(axes, words, **across)
        boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == min(number, int(5.0 / LINE))
    assert {text.get_rotation() for text in axes.texts} == ({90.0} if upright else {0.0})
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
        assert box.y0 >= -1  # pixels
    plt.close(figure)


def test_the_width_of_a_word_is_that_of_its_letters():
    assert word_width("WW") > 1.5 * word_width("W") > word_width("I")
    assert word_width("extraordinarily") == pytest.approx(0.66, abs=0.1)  # 15 letters of 6.5 pt
