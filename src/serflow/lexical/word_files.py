"""The tables that rules `transcripts` and `word_vectors` write, read back."""

from pathlib import Path

import numpy as np

from serflow.lexical.vectors import WordVectors
from serflow.parquet import read_columns

__all__ = ["read_transcripts", "read_vectors"]


def read_transcripts(path: Path) -> dict[str, list[str]]:
    """Words of each utterance."""
    table = read_columns(path)
    return dict(zip(table["utterance"], table["words"], strict=True))


def read_vectors(path: Path) -> WordVectors:
    """Word vectors of a view's words, of a file that the configuration names."""
    table = read_columns(path)
    return WordVectors(table["word"], np.array(table["vector"], dtype=np.float32))
