"""What counts as a word of a transcript."""

import pytest

from serflow.lexical.words import bare, words_as_written, words_of


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("'Cause I'm goin' -- nothin', 'em!", ["'cause", "i'm", "goin'", "nothin'", "'em"]),
        ("‘cause I’m goin’", ["'cause", "i'm", "goin'"]),
        ("the word 'because' and ‘so’", ["the", "word", "because", "and", "so"]),
        ("he said 'I am here', ''really''", ["he", "said", "'i", "am", "here'", "really"]),
        ("' -- '' [LAUGHTER]", []),
        ("Excuse me, don't.", ["excuse", "me", "don't"]),
    ],
)
def test_words_as_they_are_written_keep_the_apostrophe_at_an_edge_but_for_quoted_words(text, words):
    assert words_as_written(text) == words
    assert words_of(text) == [bare(word) for word in words]


def test_an_apostrophe_within_a_word_is_no_edge():
    assert [bare(word) for word in ("'cause", "goin'", "don't", "girls'")] == ["cause", "goin", "don't", "girls"]
