"""The words of a transcript."""

import re

__all__ = ["words_of"]

TAG = re.compile(r"\[[^\]]*\]|<[^>]*>")  # [LAUGHTER], [BREATHING], <sil>: sounds, not words
WORD = re.compile(r"\w+(?:['’]\w+)*")


def words_of(text: str) -> list[str]:
    """Words in lower case, apostrophes kept inside them; tags in brackets and punctuation are left out."""
    return [word.replace("’", "'") for word in WORD.findall(TAG.sub(" ", text).lower())]
