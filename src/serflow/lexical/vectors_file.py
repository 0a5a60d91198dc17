"""Vectors of a file that the user names: word2vec's binary or text format, or GloVe's text."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from serflow.bounded import require_file
from serflow.errors import UserError
from serflow.lexical.vectors import WordVectors

__all__ = ["vectors_from_file"]

LARGEST = 20_000_000_000  # bytes, once unpacked; of GoogleNews's three million words they are 3.6 thousand million
WORDS, DIMS = 10_000_000, 4_096  # that a first line may promise
FIRST = 1_000_000  # bytes of a first line; a word and 4,096 values have 50,000
BINARY = (".bin", ".bin.gz")


def vectors_from_file(path: str | Path, vocabulary: Iterable[str]) -> WordVectors:
    """Vectors of those words of `vocabulary` that the file has, in lower case, else capitalised, else in capitals.

    The whole file goes through memory (GoogleNews, three million words of 300 values: 3.6 GB).

    Parameters
    ----------
    path : *.bin or *.bin.gz: word2vec's binary format; any other name: text, a word and its values a line, with
        word2vec's first line (words, values) or, as GloVe writes it, without.

    Raises
    ------
    UserError
        If the file cannot be read as such, holds a value that is not finite, or none of the words.
    """
    from gensim.models import KeyedVectors  # slow to import, and only text needs it

    path = Path(path)
    try:
        require_file(path, most=LARGEST, what="word vectors")
        _require_plausible(path)
        binary = path.name.endswith(BINARY)
        known = KeyedVectors.load_word2vec_format(
            path, binary=binary, no_header=not binary and not _has_header(path), unicode_errors="replace"
        )
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; lexical.vectors in config.yaml names a file of word vectors") from None
    except UserError:
        raise
    except Exception as error:  # gensim takes a file for what it is called, and fails in its own ways
        raise UserError(
            f"{path}: cannot be read as word vectors ({error or type(error).__name__}); expected word2vec's binary "
            "format in a file named *.bin, or text with a word and its values in each line (words with blanks in "
            "them, as GloVe's 840B file has, cannot be read: take them out first)"
        ) from error
    found = {word: _key(word, known) for word in sorted(set(vocabulary))}
    words = [word for word, key in found.items() if key is not None]
    if not words:
        raise UserError(
            f"{path}: none of the corpus's {len(found)} words is in it; expected vectors of the corpus's language"
        )
    vectors = np.ascontiguousarray(known[[found[word] for word in words]], dtype=np.float32)
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise UserError(f"{path}: the vector of {words[bad[0]]!r} has values that are not finite; mend the file")
    return WordVectors(words, vectors)


def _has_header(path: Path) -> bool:
    from smart_open import open as open_any  # reads .gz too; comes with gensim

    with open_any(path, "rb") as file:
        fields = file.readline(FIRST).split()
    return len(fields) == 2 and all(field.isdigit() for field in fields)


def _require_plausible(path: Path) -> None:
    """Refuse an empty file, and a first line that promises more than memory holds."""
    from smart_open import open as open_any

    with open_any(path, "rb") as file:
        first = file.readline(FIRST)
    fields = first.split()
    if not fields:
        raise UserError(f"{path}: empty, or its first line is; expected word vectors")
    if len(first) == FIRST:
        raise UserError(f"{path}: a first line of {FIRST:,} bytes or more; expected word vectors, a word a line")
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        words, dims = (int(field[:20]) for field in fields)
        if not (0 < words <= WORDS and 0 < dims <= DIMS):
            raise UserError(
                f"{path}: its first line promises {words:,} words of {dims:,} values; expected {WORDS:,} of {DIMS:,} "
                "at most"
            )


def _key(word: str, known: object) -> str | None:
    return next((key for key in (word, word.capitalize(), word.upper()) if key in known), None)
