"""The words of a transcript: as they are written, with the apostrophes at their edges, and bare."""

import re

__all__ = ["bare", "words_as_written", "words_of"]

TAG = re.compile(r"\[[^\]]*\]|<[^>]*>")  # [LAUGHTER], [BREATHING], <sil>: sounds, not words
WORD = re.compile(r"'?\w+(?:'\w+)*'?")
CURLY = str.maketrans("‘’", "''")


def words_of(text: str) -> list[str]:
    """Words in lower case, apostrophes kept inside them only; tags in brackets and punctuation are left out."""
    return [bare(word) for word in words_as_written(text)]


def words_as_written(text: str) -> list[str]:
    """The same words with the apostrophe at an edge that stands for sounds left out: 'cause, goin'.

    Whether it does, or begins or ends a quotation, a dictionary has to say (`serflow.asr.pronunciations.look_up`). One
    at either edge ('word') is taken for a quotation of the word and left out.
    """
    found = WORD.findall(TAG.sub(" ", text).translate(CURLY).lower())
    return [bare(word) if word.startswith("'") and word.endswith("'") else word for word in found]


def bare(word: str) -> str:
    """A word without apostrophes at its edges."""
    return word.strip("'")
