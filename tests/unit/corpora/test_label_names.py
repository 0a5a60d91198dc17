"""Words of corpora for the labels that serflow knows, and for others."""

import pytest

from serflow.corpora.declaration import LABELS
from serflow.corpora.label_names import WORDS, label_name


def test_every_known_label_has_its_words_and_stands_for_itself():
    assert tuple(WORDS) == LABELS
    assert [label_name(label) for label in LABELS] == list(LABELS)


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("Anger", "angry"), ("ANG", "angry"), ("happiness", "happy"), ("Joy", "happy"), ("Surprise", "surprised"),
        ("fear", "fearful"), ("No Agreement", "no_agreement"), ("xxx", "no_agreement"), ("angery", "angry"),
    ],
)  # fmt: skip
def test_words_of_corpora_are_known_whatever_their_case(raw, label):
    assert label_name(raw) == label


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("calm", "calm"),
        ("Pleasant Surprise", "pleasant_surprise"),
        ("Ärger", "arger"),
        ("05", "label_05"),
        ("喜", "label_e5969c"),
    ],
)  # fmt: skip
def test_other_words_are_kept_in_small_letters(raw, label):
    assert label_name(raw) == label
