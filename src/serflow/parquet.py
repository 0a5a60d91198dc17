"""Parquet tables without pandas: jobs that train systems need it for nothing else and start 0.3 s sooner without.

Arrow imports pandas where it makes an array of Python or numpy values, turns one into numpy, or reads a dataset.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.files import atomic_path, write_json

__all__ = ["fold_rows", "numbers", "read_columns", "texts", "write_table"]


def read_columns(path: str | Path) -> dict[str, list]:
    """The columns of a Parquet file as Python lists, by name."""
    with pq.ParquetFile(path) as file:
        return file.read().to_pydict()


def write_table(columns: dict[str, pa.Array], path: Path, fingerprint: dict[str, Any]) -> None:
    """Write columns by name as Parquet, and beside it, as JSON, the fingerprint that stands for it in the workflow."""
    with atomic_path(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")
    write_json(path.with_suffix(".json"), fingerprint)


def texts(values: list[str]) -> pa.Array:
    """A column of strings."""
    encoded = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


def numbers(values: np.ndarray) -> pa.Array:
    """A column of numbers (N,), of the type that they have."""
    buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, buffer])


def fold_rows(split: Path, **values: Any) -> list[dict[str, Any]]:
    """Rows of a fold table, those with these values in these columns.

    Parameters
    ----------
    split : the table, or its fingerprint beside it.
    values : wanted values by column, e.g. ``fold=1, part="test"``.

    Returns
    -------
    Rows with utterance, class, speaker, session, duration (s), fold and part, in the table's order.
    """
    table = read_columns(split.with_suffix(".parquet"))
    wanted = {list(table).index(column): value for column, value in values.items()}
    return [
        dict(zip(table, row, strict=True))
        for row in zip(*table.values(), strict=True)
        if all(row[place] == value for place, value in wanted.items())
    ]
