"""Word vectors: trained on what is given and nothing else, and looked up in the formats of the field."""

import gzip

import numpy as np
import pytest

from serflow.errors import UserError
from serflow.lexical.vectors import WordVectors, trained_vectors
from serflow.lexical.vectors_file import vectors_from_file

SETTINGS = {"window": 2, "skip_gram": True, "negative": 5, "epochs": 30, "min_count": 1}
SAID = [["a", "dog", "barks"], ["a", "cat", "mews"], ["the", "dog", "mews"]] * 20


def trained(said=SAID, *, seed=1, dims=8, **change):
    return trained_vectors(said, SETTINGS | change, dims=dims, seed=seed)


def test_the_words_of_the_transcripts_and_no_others_have_vectors():
    vectors = trained()
    assert vectors.words == sorted({word for words in SAID for word in words})
    assert vectors.vectors.shape == (6, 8)
    assert vectors.vectors.dtype == np.float32
    assert "horse" not in vectors


def test_equal_input_and_seed_give_equal_vectors():
    assert np.array_equal(trained().vectors, trained().vectors)
    assert not np.array_equal(trained().vectors, trained(seed=2).vectors)


def test_words_of_like_use_have_like_vectors():
    """Two pairs of words that stand in each other's place, in contexts that the pairs do not share."""
    rng = np.random.default_rng(1)
    first, second = [f"x{i}" for i in range(6)], [f"y{i}" for i in range(6)]
    said = []
    for _ in range(400):
        for pair, context in ((("dog", "cat"), first), (("salt", "sugar"), second)):
            said.append([*rng.choice(context, 2), rng.choice(pair), *rng.choice(context, 2)])
    vectors = trained([[str(word) for word in words] for words in said], dims=16, epochs=20)
    unit = {word: vectors.sequence([word])[0] for word in ("dog", "cat", "salt", "sugar")}
    unit = {word: value / np.linalg.norm(value) for word, value in unit.items()}
    assert unit["dog"] @ unit["cat"] > unit["dog"] @ unit["salt"] + 0.2
    assert unit["salt"] @ unit["sugar"] > unit["cat"] @ unit["sugar"] + 0.2


def test_rare_words_are_left_out_and_nothing_left_is_an_error():
    assert "dog" in trained(min_count=40)
    assert "barks" not in trained(min_count=40)
    with pytest.raises(UserError, match="no word stands 1000 times"):
        trained(min_count=1000)


def test_a_sequence_leaves_out_words_without_a_vector_and_counts_them():
    vectors = WordVectors(["a", "b"], np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    assert vectors.sequence(["b", "x", "a", "b"]).tolist() == [[3, 4], [1, 2], [3, 4]]
    assert vectors.sequence(["x"]).shape == (0, 2)
    assert vectors.sequence([]).shape == (0, 2)
    assert vectors.without([["b", "x"], [], ["x", "y"]]) == 3


LINES = ["dog 1 2 3", "Paris 4 5 6", "cat -1 0 0.5"]
WANTED = {"cat": [-1, 0, 0.5], "dog": [1, 2, 3], "paris": [4, 5, 6]}


def binary(folder):
    path = folder / "vectors.bin"
    with open(path, "wb") as file:
        file.write(b"3 3\n")
        for line in LINES:
            word, *values = line.split()
            file.write(word.encode() + b" " + np.array(values, np.float32).tobytes() + b"\n")
    return path


def text(folder, head=""):
    path = folder / "vectors.txt"
    path.write_text(head + "\n".join(LINES) + "\n", encoding="utf-8")
    return path


def zipped(folder):
    path = folder / "vectors.txt.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(LINES) + "\n")
    return path


@pytest.mark.parametrize("write", [binary, text, lambda folder: text(folder, "3 3\n"), zipped])
def test_all_formats_give_the_vectors_of_the_corpus(tmp_path, write):
    found = vectors_from_file(write(tmp_path), ["dog", "paris", "cat", "horse", "dog"])
    assert dict(zip(found.words, found.vectors.tolist(), strict=True)) == WANTED


def test_a_file_that_is_none_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.txt: no such file"):
        vectors_from_file(tmp_path / "nowhere.txt", ["dog"])
    (tmp_path / "bad.bin").write_bytes(b"not vectors at all")
    with pytest.raises(UserError, match=r"bad\.bin: cannot be read as word vectors"):
        vectors_from_file(tmp_path / "bad.bin", ["dog"])
    (tmp_path / "words.txt").write_text("dog 1 two 3\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"words\.txt: cannot be read as word vectors"):
        vectors_from_file(tmp_path / "words.txt", ["dog"])


def test_a_file_in_another_language_and_values_that_are_no_numbers_are_refused(tmp_path):
    with pytest.raises(UserError, match="none of the corpus's 1 words"):
        vectors_from_file(text(tmp_path), ["hund"])
    (tmp_path / "nan.txt").write_text("dog nan 2 3\n", encoding="utf-8")
    with pytest.raises(UserError, match="'dog' has values that are not finite"):
        vectors_from_file(tmp_path / "nan.txt", ["dog"])


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("v.txt", b"", "empty"),
        ("v.bin", b"\n", "empty"),
        ("v.bin", b"100000000000 300\n", "promises 100,000,000,000 words"),
        ("v.txt", b"3 100000\n", "promises 3 words of 100,000 values"),
        ("v.txt", b"x" * 1_000_001, "a first line of 1,000,000 bytes or more"),
        ("v.bin", b"2 3\nthe ", "cannot be read as word vectors"),
        ("v.txt", b"the 1 2 3\nof 1 2\n", "cannot be read as word vectors"),
        ("v.kv", b"\x80\x04cos\nsystem\n(S'x'\ntR.", "none of the corpus's 1 words is in it"),
        ("v.bin.gz", b"\x1f\x8b\x08\x00garbage", "cannot be read as word vectors"),
    ],
)
def test_what_is_no_file_of_vectors_is_named(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=rf"{name}: .*{said}"):
        vectors_from_file(tmp_path / name, ["the"])
