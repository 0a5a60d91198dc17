"""Parquet tables without pandas: jobs that train systems need it for nothing else and start 0.3 s sooner without.

Arrow imports pandas where it makes an array of Python or numpy values, turns one into numpy, or reads a dataset.
"""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.errors import UserError, not_made, remade
from serflow.files import atomic_path, canonical_json, file_digest, read_json, write_json

__all__ = [
    "FOLD_COLUMNS", "check_beside", "fold_digest", "fold_rows", "intact", "numbers", "read_arrow", "read_columns",
    "readable", "texts", "write_table",
]  # fmt: skip

# of a fold table; the last one where its networks judge the folds of other splits
FOLD_COLUMNS = ("utterance", "class", "speaker", "session", "duration", "fold", "part", "validates")


def read_columns(path: str | Path) -> dict[str, list]:
    """The columns of a Parquet file as Python lists, by name; a `UserError` where it is missing or mangled."""
    return read_arrow(path).to_pydict()


def read_arrow(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """A Parquet file, or these columns of it, read by this thread alone; raises as `read_columns`.

    Where no thread can be started, Arrow's own wait for each other for ever.
    """
    with readable(path), pq.ParquetFile(path) as file:
        return file.read(columns=columns, use_threads=False)


@contextmanager
def readable(path: str | Path) -> Iterator[None]:
    """Say of a table that the block cannot read that it is missing or mangled, and what to do."""
    try:
        yield
    except FileNotFoundError:
        raise not_made(path) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); {remade(path)}") from error


def write_table(columns: dict[str, pa.Array], path: Path, fingerprint: dict[str, Any]) -> None:
    """Write columns by name as Parquet, and beside it, as JSON, the fingerprint that stands for it in the workflow."""
    with atomic_path(path) as temporary:
        pq.write_table(pa.table(columns), temporary, compression="zstd")
    write_json(path.with_suffix(".json"), fingerprint)


def check_beside(table: Path, found: str) -> None:
    """Hold the digest of a table against the one in its fingerprint, the JSON file beside it.

    Nothing is said where no fingerprint stands there, or it has no digest (that of folds that there cannot be).

    Raises
    ------
    UserError
        If it is another one.
    """
    fingerprint = table.with_suffix(".json")
    recorded = read_json(fingerprint).get("digest") if fingerprint.is_file() else None
    if recorded not in (None, found):
        raise UserError(
            f"{table}: not the table that was written (its digest is {found[:12]}, that in {fingerprint.name} "
            f"{str(recorded)[:12]}); {remade(table, fingerprint)}"
        )


def intact(table: str | Path) -> Path:
    """Path of a table whose fingerprint has the SHA-256 of its file (a manifest, a view), once that is found right."""
    table = Path(table)
    if table.is_file():
        check_beside(table, file_digest(table))
    return table


def fold_digest(columns: Mapping[str, list]) -> str:
    """Digest of a fold table's content, by column; whatever the order of its rows."""
    keys = [columns[name] for name in ("fold", "utterance", "part")]
    if any(one > other for one, other in itertools.pairwise(zip(*keys, strict=True))):  # it was written in order
        places = sorted(range(len(keys[0])), key=lambda i: [column[i] for column in keys])
        columns = {name: [values[i] for i in places] for name, values in columns.items()}
    # `digest` of it all, a column at a time: of hundreds of thousands of utterances in ten folds it is half a gigabyte
    found = hashlib.sha256()
    for place, name in enumerate(sorted(name for name in FOLD_COLUMNS if name in columns)):
        found.update(f"{',' if place else '{'}{canonical_json(name)}:{canonical_json(columns[name])}".encode())
    found.update(b"}")
    return found.hexdigest()


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
    """Rows of a fold table, those with these values in these columns; raises as `check_beside`.

    Parameters
    ----------
    split : the table, or its fingerprint beside it.
    values : wanted values by column, e.g. ``fold=1, part="test"``.

    Returns
    -------
    Rows with utterance, class, speaker, session, duration (s), fold and part, in the table's order.
    """
    path = split.with_suffix(".parquet")
    table = read_columns(path)
    check_beside(path, fold_digest(table))
    wanted = {list(table).index(column): value for column, value in values.items()}
    return [
        dict(zip(table, row, strict=True))
        for row in zip(*table.values(), strict=True)
        if all(row[place] == value for place, value in wanted.items())
    ]
