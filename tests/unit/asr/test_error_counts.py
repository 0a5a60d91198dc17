"""Error rates against the plain table of the edit distance, and by hand."""

import random

import pytest

from serflow.asr.error_counts import Errors, count_errors


def ways(reference, output):
    """All (substitutions, deletions, insertions) of the shortest ways, by a table over prefixes."""
    table = {}
    for i in range(len(reference) + 1):
        for j in range(len(output) + 1):
            found = {(0, 0, 0)} if i == j == 0 else set()
            if i and j:
                wrong = int(reference[i - 1] != output[j - 1])
                found |= {(s + wrong, d, n) for s, d, n in table[i - 1, j - 1]}
            if i:
                found |= {(s, d + 1, n) for s, d, n in table[i - 1, j]}
            if j:
                found |= {(s, d, n + 1) for s, d, n in table[i, j - 1]}
            fewest = min(map(sum, found))
            table[i, j] = {way for way in found if sum(way) == fewest}
    return table[len(reference), len(output)]


@pytest.mark.parametrize(
    ("reference", "output", "counts"),
    [
        ("i am so sorry", "i am so sorry", (0, 0, 0)),
        ("i am so sorry", "i was so sorry", (1, 0, 0)),
        ("i am so sorry", "i am sorry", (0, 1, 0)),
        ("i am so sorry", "i am so very sorry", (0, 0, 1)),
        ("i am so sorry", "", (0, 4, 0)),
        ("", "i am", (0, 0, 2)),
        ("the old tree", "an old tree fell", (1, 0, 1)),
        ("am i", "ami", (1, 1, 0)),  # words, not letters
    ],
)
def test_by_hand(reference, output, counts):
    expected = Errors(*counts, reference=len(reference.split()))
    assert count_errors([reference.split()], [output.split()]) == expected


def test_each_count_is_that_of_a_shortest_way():
    draw = random.Random(1)
    for _ in range(150):
        reference, output = (draw.choices(["AH", "K", "T"], k=draw.randint(0, 8)) for _ in range(2))
        found = count_errors([reference], [output])
        assert (found.substitutions, found.deletions, found.insertions) in ways(reference, output)
        assert found.reference == len(reference)


def test_each_word_counts_alike_whatever_its_utterance():
    truth, output = [["no"], ["a", "b", "c", "d", "e", "f", "g"], []], [["yes"], list("abcdefg"), ["oh"]]
    found = count_errors(truth, output)
    assert found == Errors(1, 0, 1, 8)
    assert found.rate == 2 / 8  # not the mean of 1 and 0


def test_equation_13_by_hand():
    assert Errors(substitutions=3, deletions=1, insertions=2, reference=12).rate == 0.5
    assert Errors(0, 0, 0, 4).rate == 0
    assert Errors(0, 0, 6, 4).rate == 1.5


def test_nothing_said_has_no_rate():
    with pytest.raises(ValueError, match="nothing was said in these utterances"):
        _ = count_errors([[]], [["oh"]]).rate
    with pytest.raises(ValueError, match="nothing was said"):
        _ = count_errors([], []).rate


def test_an_output_for_each_utterance_is_expected():
    with pytest.raises(ValueError, match="shorter"):
        count_errors([["a"], ["b"]], [["a"]])
