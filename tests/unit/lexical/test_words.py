"""What counts as a word of a transcript."""

import pytest

from serflow.lexical.words import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Excuse me.", ["excuse", "me"]),
        ("I don't know -- [LAUGHTER] really?", ["i", "don't", "know", "really"]),
        ("don’t <sil> STOP!", ["don't", "stop"]),
        ("Ärger über 2 Dinge", ["ärger", "über", "2", "dinge"]),
        ("'tis the girls' turn", ["tis", "the", "girls", "turn"]),
        ("[BREATHING]", []),
        ("", []),
    ],
)
def test_words(text, words):
    assert words_of(text) == words
