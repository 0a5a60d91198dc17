"""The tables that rules `pronunciations` and `alignments` write, written and read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from serflow.files import atomic_path
from serflow.parquet import read_columns

__all__ = ["read_alignments", "read_pronunciations", "write_alignments", "write_pronunciations"]

Words = list[dict[str, Any]]  # of one utterance, in the order of time: word, start and end in s
WORD = pa.struct([("word", pa.string()), ("start", pa.float64()), ("end", pa.float64())])


def write_pronunciations(pronunciations: Mapping[str, tuple[str, ...]], path: Path) -> None:
    """Write words and their phones as Parquet, atomically."""
    phones = pa.array([list(value) for value in pronunciations.values()], pa.list_(pa.string()))
    _write(pa.table([pa.array(list(pronunciations), pa.string()), phones], names=["word", "phones"]), path)


def read_pronunciations(path: Path) -> dict[str, tuple[str, ...]]:
    """Phones of each word."""
    table = read_columns(path)
    return {word: tuple(phones) for word, phones in zip(table["word"], table["phones"], strict=True)}


def write_alignments(aligned: Mapping[str, Words], path: Path) -> None:
    """Write utterances and their words with times as Parquet, atomically."""
    words = pa.array(list(aligned.values()), pa.list_(WORD))
    _write(pa.table([pa.array(list(aligned), pa.string()), words], names=["utterance", "words"]), path)


def read_alignments(path: Path) -> dict[str, Words]:
    """Words of each utterance with their times."""
    table = read_columns(path)
    return dict(zip(table["utterance"], table["words"], strict=True))


def _write(table: pa.Table, path: Path) -> None:
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
