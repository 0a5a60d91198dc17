"""The tables that rules `transcripts` and `word_vectors` write, written and read."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from serflow.files import digest
from serflow.lexical.vectors import WordVectors
from serflow.lexical.words import bare
from serflow.parquet import check_beside, read_columns, write_table

__all__ = ["read_transcripts", "read_vectors", "read_words_as_written", "write_transcripts", "write_vectors"]


def write_transcripts(said: dict[str, list[str]], path: Path) -> None:
    """Write utterances and their words, as they are written, as Parquet; beside it their digest and numbers."""
    fingerprint = {
        "digest": digest(said),
        "utterances": len(said),
        "without_words": sum(not words for words in said.values()),
        "words": sum(map(len, said.values())),
        "different_words": len({word for words in said.values() for word in words}),
    }
    words = pa.array(list(said.values()), pa.list_(pa.string()))
    write_table({"utterance": pa.array(list(said), pa.string()), "words": words}, path, fingerprint)


def read_transcripts(path: Path) -> dict[str, list[str]]:
    """Words of each utterance, bare."""
    return {name: [bare(word) for word in words] for name, words in read_words_as_written(path).items()}


def read_words_as_written(path: Path) -> dict[str, list[str]]:
    """Words of each utterance with the apostrophes at their edges, by which they are looked up in a dictionary.

    All tables here are held against the fingerprints beside them; they raise as `serflow.parquet.check_beside`.
    """
    table = read_columns(path)
    said = dict(zip(table["utterance"], table["words"], strict=True))
    check_beside(Path(path), digest(said))
    return said


def write_vectors(found: WordVectors, path: Path) -> None:
    """Write words and their vectors as Parquet; beside it their digest and numbers.

    These are only what decides about a training: another name of the vectors' file, or a word that it lacks, changes
    nothing.
    """
    kind = pa.list_(pa.float32(), found.dims)
    values = pa.FixedSizeListArray.from_arrays(pa.array(found.vectors.ravel(), pa.float32()), found.dims).cast(kind)
    fingerprint = {"digest": found.digest, "dims": found.dims, "words": len(found.words)}
    write_table({"word": pa.array(found.words, pa.string()), "vector": values}, path, fingerprint)


def read_vectors(path: Path) -> WordVectors:
    """Word vectors of a view's words, of a file that the configuration names."""
    table = read_columns(path)
    found = WordVectors(table["word"], np.array(table["vector"], dtype=np.float32))
    check_beside(path, found.digest)
    return found
