"""A corpus's table as a file: CSV or Parquet, its columns known and its values text."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serflow.config import nearest
from serflow.corpora.findings import Findings
from serflow.corpora.text_files import read_lines
from serflow.errors import UserError

REQUIRED = ("path", "label", "speaker")
OPTIONAL = ("utterance", "session", "dialog", "style", "sex", "text", "start", "end")
COLUMNS = (*REQUIRED, *OPTIONAL)
SEPARATORS = ",;\t"


@dataclass(frozen=True)
class Table:
    """Rows of a table: their places in the file (lines of a CSV, rows of a Parquet file, from 1) and values."""

    file: str
    names: tuple[str, ...]
    lines: list[int]
    values: list[tuple[str, ...]]

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Pairs of a line and all of `COLUMNS`, by name; "" where the table has no such column or value."""
        absent = dict.fromkeys(COLUMNS, "")
        for line, values in zip(self.lines, self.values, strict=True):
            yield line, absent | dict(zip(self.names, values, strict=True))


class _Mangled(Exception):
    """Why a line is no row of the table, without quoting it."""


def unusable(
    code: str, file: str, message: str, *, line: int, utterance: str, findings: Findings, quote: str | None = None
) -> None:
    """Note a row that cannot be used; one that names no utterance is left out by its place, ``<file>:<line>``."""
    findings.add(code, file, message, line=line, utterance=utterance or None, quote=quote)
    if not utterance:
        findings.left_out.add(f"{file}:{line}")


def load(release: Path, file: str | None, *, findings: Findings) -> Table:
    """Read the table `file` (relative to the release). Blanks around values are dropped.

    Raises
    ------
    UserError
        If it is missing or no table, or a column of `REQUIRED` is missing or stands twice.
    """
    if file is None:
        raise UserError(f"{release}: the corpus's YAML lacks the key `table`; name there the CSV or Parquet file in it")
    findings.table = file
    path = release / file
    if not path.is_file():
        there = sorted(one.name for one in release.iterdir() if one.suffix.lower() in (".csv", ".tsv", ".parquet"))
        raise UserError(f"{path}: no such table; set `table` in the corpus's YAML{nearest(file, there)}")
    if path.suffix.lower() == ".parquet":
        return _parquet(path, file, findings)
    return _csv(path, file, findings)


def _csv(path: Path, file: str, findings: Findings) -> Table:
    """Separated by what stands most often in the first line: comma, semicolon or tab; quotes are doubled.

    A line is a row, whatever its quotes: one that is left open costs its own row, and swallows none below.
    """
    try:
        text = read_lines(path, file=file, findings=findings)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); expected a CSV file") from None
    separator = max(SEPARATORS, key=text[0].count)
    try:
        names = _split(text[0], separator)
    except _Mangled as error:
        raise UserError(f"{path}, line 1: {error}") from None
    chosen = _chosen(names, path, file, findings)
    lines, values = [], []
    for line, one in enumerate(text[1:], start=2):
        try:
            row = _split(one, separator, len(names))
        except _Mangled as error:
            unusable("table_row_mangled", file, str(error), line=line, utterance="", findings=findings)
            continue
        if row:
            lines.append(line)
            values.append(tuple(row[column] for column in chosen))
    return Table(file, tuple(names[column] for column in chosen), lines, values)


def _split(line: str, separator: str, columns: int | None = None) -> list[str]:
    """The values of a line, `columns` of them; none of an empty one, or of `,,`, as spreadsheets leave at the end."""
    try:
        row = [value.strip() for value in next(csv.reader([line], delimiter=separator, strict=True), [])]
    except csv.Error as error:
        raise _Mangled(
            f"not valid CSV ({error}); quotes stand in pairs, one within a quoted value is doubled, and no value holds "
            "a line break"
        ) from None
    if columns is None or len(row) == columns or not any(row):
        return row if any(row) else []
    raise _Mangled(f"{len(row)} values, the first line has {columns} columns; quote values that hold {separator!r}")


def _parquet(path: Path, file: str, findings: Findings) -> Table:
    try:
        table = pq.ParquetFile(path)
        names = table.schema_arrow.names
        chosen = [names[column] for column in _chosen(names, path, file, findings)]
        read = table.read(columns=chosen)
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{path}: not a Parquet file that can be read ({error}); write it again") from None
    columns = [_texts(read[name], name, path) for name in chosen]
    return Table(file, tuple(chosen), list(range(1, read.num_rows + 1)), list(zip(*columns, strict=True)))


def _texts(column: pa.ChunkedArray, name: str, path: Path) -> list[str]:
    try:
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), None, column)
        return [value.strip() for value in pc.fill_null(column.cast(pa.string()), "").to_pylist()]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UserError(f"{path}, column {name}: {column.type}; expected text or numbers") from None


def _chosen(names: list[str], path: Path, file: str, findings: Findings) -> list[int]:
    """Positions of the known columns; unknown ones become findings."""
    for name in names:
        if name in COLUMNS and names.count(name) > 1:
            raise UserError(f"{path}: column {name!r} stands twice; keep one")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UserError(
            "\n".join(f"{path}: no column {name!r}, rename or add it{nearest(name, names)}" for name in missing)
        )
    for name in names:
        if name not in COLUMNS:
            findings.add(
                "table_column_unknown", file, f"a column that is not read{nearest(name, list(COLUMNS))}", quote=name
            )
    return [column for column, name in enumerate(names) if name in COLUMNS]
