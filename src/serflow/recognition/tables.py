"""The table that rule `pronunciations` writes, written and read."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from serflow.files import atomic_path

__all__ = ["read_spellings", "write_spellings"]


def write_spellings(spellings: Mapping[str, tuple[str, ...]], path: Path) -> None:
    """Write words and their phones as Parquet, atomically."""
    phones = pa.array([list(value) for value in spellings.values()], pa.list_(pa.string()))
    table = pa.table([pa.array(list(spellings), pa.string()), phones], names=["word", "phones"])
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_spellings(path: Path) -> dict[str, tuple[str, ...]]:
    """Phones of each word."""
    table = pq.read_table(path).to_pydict()
    return {word: tuple(phones) for word, phones in zip(table["word"], table["phones"], strict=True)}
