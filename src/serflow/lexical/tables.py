"""The tables that rules `transcripts` and `word_vectors` write, read back."""

from pathlib import Path

from serflow.lexical.vectors import WordVectors
from serflow.parquet import read_columns, read_parquet

__all__ = ["read_transcripts", "read_vectors"]


def read_transcripts(path: Path) -> dict[str, list[str]]:
    """Words of each utterance."""
    table = read_columns(path)
    return dict(zip(table["utterance"], table["words"], strict=True))


def read_vectors(path: Path) -> WordVectors:
    """Word vectors of a view's words, of a file that the configuration names."""
    table = read_parquet(path)
    values = table["vector"].combine_chunks().flatten().to_numpy().copy()  # Arrow's own memory is read-only
    return WordVectors(table["word"].to_pylist(), values.reshape(table.num_rows, -1))
