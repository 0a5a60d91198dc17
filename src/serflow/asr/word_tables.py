"""The tables that rules `pronunciations` and `alignments` write, written and read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from serflow.files import digest
from serflow.parquet import check_beside, read_columns, write_table

__all__ = ["read_alignments", "read_pronunciations", "write_alignments", "write_pronunciations"]

Words = list[dict[str, Any]]  # of one utterance, in the order of time: word, start and end in s
WORD = pa.struct([("word", pa.string()), ("start", pa.float64()), ("end", pa.float64())])


def write_pronunciations(pronunciations: Mapping[str, tuple[str, ...]], path: Path, **described: Any) -> None:
    """Write words and their phones as Parquet; beside it their digest, and what else is `described`."""
    content = {word: list(phones) for word, phones in pronunciations.items()}
    phones = pa.array(list(content.values()), pa.list_(pa.string()))
    fingerprint = {"digest": digest(content)} | described
    write_table({"word": pa.array(list(content), pa.string()), "phones": phones}, path, fingerprint)


def read_pronunciations(path: Path) -> dict[str, tuple[str, ...]]:
    """Phones of each word; raises as `serflow.parquet.check_beside`."""
    table = read_columns(path)
    check_beside(path, digest(dict(zip(table["word"], table["phones"], strict=True))))
    return {word: tuple(phones) for word, phones in zip(table["word"], table["phones"], strict=True)}


def write_alignments(aligned: Mapping[str, Words], path: Path) -> None:
    """Write utterances and their words with times as Parquet; beside it their digest and numbers."""
    fingerprint = {
        "digest": digest(aligned),
        "utterances": len(aligned),
        "without_words": sum(not one for one in aligned.values()),
    }
    words = pa.array(list(aligned.values()), pa.list_(WORD))
    write_table({"utterance": pa.array(list(aligned), pa.string()), "words": words}, path, fingerprint)


def read_alignments(path: Path) -> dict[str, Words]:
    """Words of each utterance with their times; raises as `serflow.parquet.check_beside`."""
    table = read_columns(path)
    aligned = dict(zip(table["utterance"], table["words"], strict=True))
    check_beside(path, digest(aligned))
    return aligned
