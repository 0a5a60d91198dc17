"""Transcripts as tokens and back: the rule by which phones become words, against a slow search of its own."""

import json
import random

import numpy as np
import pytest

from serflow.asr.lexicon import END, START, TOKENS, UNKNOWN, Lexicon, decode, encode, spoken
from serflow.asr.pronunciations import PHONES
from serflow.errors import UserError

DICTIONARY = {
    "a": ("AH",),
    "cat": ("K", "AE", "T"),
    "cap": ("K", "AE", "P"),
    "sea": ("S", "IY"),
    "see": ("S", "IY"),
    "emotion": ("IH", "M", "OW", "SH", "AH", "N"),
}


SPOKEN = {"'cause": ("K", "AH", "Z"), "cause": ("K", "AA", "Z"), "goin'": ("G", "OW", "AH", "N")}


def test_forms_with_apostrophes_keep_their_phones_and_become_bare_words():
    known = Lexicon.of([["'cause", "goin'"], ["cause"]], SPOKEN)
    ids = encode(["'cause", "cause", "goin'"], SPOKEN)
    assert decode(ids) == phones("K AH Z | K AA Z | G OW AH N")
    assert known.words(decode(ids)) == ["cause", "cause", "goin"]


def phones(text):
    return text.split()


def lexicon(*transcripts):
    return Lexicon.of([text.split() for text in transcripts], DICTIONARY)


def test_the_tokens_are_39_phones_and_four_signs():
    assert sorted(TOKENS) == sorted([*PHONES, "<s>", "</s>", "<unk>", "|"])


def test_a_transcript_is_its_phones_with_borders_between_words():
    ids = encode(["a", "lynx", "cat"], DICTIONARY)
    assert ids.dtype == np.int64
    assert [TOKENS[number] for number in ids] == phones("<s> AH | <unk> | K AE T </s>")
    assert [TOKENS[number] for number in encode([], DICTIONARY)] == [START, END]


def test_what_is_decoded_ends_at_the_end_and_has_no_start():
    ids = encode(["a", "cat"], DICTIONARY)
    assert decode(ids) == phones("AH | K AE T")
    assert decode(ids[1:]) == decode(ids[:-1]) == decode([*ids, *ids]) == decode([ids[0], *ids])
    assert decode([]) == []


def test_borders_are_not_spoken():
    assert spoken(phones("| AH | | <unk> K |")) == phones("AH <unk> K")


@pytest.mark.parametrize("text", ["a cat", "emotion", "", "see a cap"])
def test_words_of_the_training_come_back(text):
    known = lexicon("see a cap", "a cat emotion")
    assert known.words(decode(encode(text.split(), DICTIONARY))) == text.split()


@pytest.mark.parametrize(
    ("said", "tokens", "words"),
    [
        ("see see sea", "S IY", "see"),  # homophones: the more frequent
        ("see sea", "S IY", "sea"),  # as frequent: the alphabet
        ("cat cap cap", "K AE", "cap"),  # as near: the more frequent
        ("cat cap", "K AE", "cap"),  # as near and as frequent: the alphabet
        ("cat a a a", "K AE", "cat"),  # nearer goes before more frequent
        ("a a emotion", "IH M OW N", "emotion"),  # 2 of 6 phones, not 4 of 4
        ("emotion see", "IH S IY M OW", "see"),  # 3 of 5 phones, not 5 of 6
        ("cat", "| | K AE T | |", "cat"),  # nothing between two borders is no word
        ("cat", "|", ""),
        ("cat", "", ""),
        ("cat cat a", "<unk> | AH", "cat a"),  # nothing in common with any: the most frequent
        ("a a cat lynx", "<unk> | K AE T", "<unk> cat"),
        ("a cat lynx", "<unk> K AE T", "cat"),
        ("a cat", "ZH | AH", "a a"),
    ],
)
def test_phones_become_the_nearest_word(said, tokens, words):
    assert lexicon(said).words(phones(tokens)) == words.split()


def test_unknown_words_share_one_entry_that_none_of_them_equals():
    known = lexicon("a lynx", "a puma")
    assert known.entries == {"<unk>": (2, ("<unk>",)), "a": (2, ("AH",))}
    assert known.words([UNKNOWN]) == ["<unk>"]


def distance(first, second):
    """Edit distance by recursion over the ends."""
    if not first or not second:
        return len(first) + len(second)
    changed = distance(first[1:], second[1:]) + (first[0] != second[0])
    return min(changed, distance(first[1:], second) + 1, distance(first, second[1:]) + 1)


def test_the_search_is_that_of_a_slow_one_over_all_words():
    draw = random.Random(3)
    few = ("AH", "K", "T", "IY")  # so that ties are many
    dictionary = {f"w{i}": tuple(draw.choices(few, k=draw.randint(1, 4))) for i in range(25)}
    said = [draw.choices(sorted(dictionary), k=40)]
    times = {word: said[0].count(word) for word in said[0]}
    known = Lexicon.of(said, dictionary)
    for _ in range(40):
        sounds = tuple(draw.choices((*few, "ZH"), k=draw.randint(1, 5)))

        def order(word, sounds=sounds):
            other = dictionary[word]
            return distance(sounds, other) / max(len(sounds), len(other)), -times[word], word

        assert known.words(sounds) == [min(times, key=order)]


def test_a_word_of_the_dictionary_that_training_never_said_is_not_found():
    assert lexicon("a cat").words(DICTIONARY["cap"]) == ["cat"]


def test_the_order_of_transcripts_changes_nothing():
    first, second = lexicon("a cat", "see a cap lynx"), lexicon("see a cap lynx", "a cat")
    assert list(first.entries.items()) == list(second.entries.items())


def test_what_is_saved_is_read_back_with_equal_bytes(tmp_path):
    known = lexicon("see see sea", "a lynx cat cap", "fiancé")
    known.save(tmp_path / "lexicon.json")
    again = Lexicon.read(tmp_path / "lexicon.json")
    assert list(again.entries.items()) == list(known.entries.items())
    assert again.words(phones("S IY | <unk> | K AE")) == known.words(phones("S IY | <unk> | K AE"))
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "lexicon.json").read_bytes()


def test_no_words_and_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(UserError, match="no word in the training transcripts"):
        Lexicon.of([[], []], DICTIONARY)
    with pytest.raises(UserError, match=r"nowhere\.json: this file is missing"):
        Lexicon.read(tmp_path / "nowhere.json")
    for content in ([], ["cat"], {"cat": 3}, {"cat": {"said": 3}}, {"cat": {"said": 3, "phones": 4}}):
        (tmp_path / "bad.json").write_text(json.dumps(content))
        with pytest.raises(UserError, match=r"bad\.json: not a lexicon"):
            Lexicon.read(tmp_path / "bad.json")
