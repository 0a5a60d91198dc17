"""A corpus's table as a file: CSV or Parquet, its columns known and its values text."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from serflow.config import nearest
from serflow.corpora.columns import COLUMNS, REQUIRED
from serflow.corpora.findings import Findings
from serflow.corpora.text_files import read_lines
from serflow.errors import UserError

SEPARATORS = ",;\t"
SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
ROWS = 5_000_000  # of a Parquet table, whose size on disk says nothing of them
COLUMNS_MOST = 20_000  # openSMILE's largest set of features has 6,373
UNKNOWN_NAMED = 50  # columns that are not read, each a finding; of more, their number
LINE = 1_000_000  # characters of a line of a CSV; no row of a table of speech has a thousandth
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods begin, and .xls


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


def load(release: Path, file: str | None, *, findings: Findings, columns: Mapping[str, str] | None = None) -> Table:
    """Read the table `file` (relative to the release, or absolute). Blanks around values are dropped.

    `columns`: of `COLUMNS`, those that the table calls by another name -> that name.

    Raises
    ------
    UserError
        If it is missing or no table, a column of `REQUIRED` or of `columns` is missing, or one stands twice.
    """
    if file is None:
        raise UserError(f"{release}: the corpus's YAML lacks the key `table`; name there the CSV or Parquet file in it")
    findings.table = file
    path = release / file
    if not path.is_file():
        there = sorted(one.name for one in path.parent.glob("*") if one.suffix.lower() in SUFFIXES)
        raise UserError(f"{path}: no such table; set `table` in the corpus's YAML{nearest(file, there)}")
    if _is_parquet(path):
        return _parquet(path, file, columns or {}, findings)
    return _csv(path, file, columns or {}, findings)


def header(path: Path) -> list[str]:
    """The names of all columns of a CSV or Parquet file, in its order."""
    if _is_parquet(path):
        return _opened(path).schema_arrow.names
    return _csv_names(path, _csv_lines(path, path.name, Findings())[0])[1]


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _csv(path: Path, file: str, columns: Mapping[str, str], findings: Findings) -> Table:
    """Separated by what stands most often in the first line: comma, semicolon or tab; quotes are doubled.

    A line is a row, whatever its quotes: one that is left open costs its own row, and swallows none below.
    """
    text = _csv_lines(path, file, findings)
    separator, names = _csv_names(path, text[0])
    chosen = _chosen(names, path, file, columns, findings)
    places, lines, values = tuple(chosen.values()), [], []
    for line, one in enumerate(text[1:], start=2):
        try:
            row = _split(one, separator, len(names))
        except _Mangled as error:
            unusable("table_row_mangled", file, str(error), line=line, utterance="", findings=findings)
            continue
        if row:
            lines.append(line)
            values.append(tuple(row[place] for place in places))
    return Table(file, tuple(chosen), lines, values)


def _csv_lines(path: Path, file: str, findings: Findings) -> list[str]:
    try:
        with open(path, "rb") as opened:
            start = opened.read(4)
        if start in WORKBOOKS:
            raise UserError(
                f"{path}: a workbook of a spreadsheet, whatever its suffix; expected CSV: save it as CSV UTF-8"
            )
        if not start:
            raise UserError(f"{path}: empty; expected a line of column names, and a row an utterance")
        return read_lines(path, file=file, findings=findings)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); expected a CSV file") from None


def _csv_names(path: Path, line: str) -> tuple[str, list[str]]:
    """The separator, and the names of the columns."""
    separator = max(SEPARATORS, key=line.count)
    try:
        return separator, _split(line, separator)
    except _Mangled as error:
        raise UserError(f"{path}, line 1: {error}") from None


def _split(line: str, separator: str, columns: int | None = None) -> list[str]:
    """The values of a line, `columns` of them; none of an empty one, or of `,,`, as spreadsheets leave at the end."""
    if len(line) > LINE:
        raise _Mangled(f"{len(line):,} characters; expected {LINE:,} at most: a line is a row")
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


def _opened(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise UserError(f"{path}: not a Parquet file that can be read ({error}); write it again") from None
    if file.metadata.num_rows > ROWS:
        raise UserError(f"{path}: {file.metadata.num_rows:,} rows; expected one an utterance, {ROWS:,} at most")
    return file


def _parquet(path: Path, file: str, columns: Mapping[str, str], findings: Findings) -> Table:
    table = _opened(path)
    names = table.schema_arrow.names
    chosen = _chosen(names, path, file, columns, findings)
    try:
        read = table.read(columns=[names[place] for place in chosen.values()])
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise UserError(f"{path}: not a Parquet file that can be read ({error}); write it again") from None
    values = [_texts(read[names[place]], names[place], path) for place in chosen.values()]
    return Table(file, tuple(chosen), list(range(1, read.num_rows + 1)), list(zip(*values, strict=True)))


def _texts(column: pa.ChunkedArray, name: str, path: Path) -> list[str]:
    """Values as text: a whole number without a decimal point (3.0 is 3, as a column with gaps has it), spans in s."""
    try:
        if pa.types.is_duration(column.type):
            column = pc.divide(column.cast(pa.duration("ns")).cast(pa.int64()).cast(pa.float64()), 1e9)
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), None, column)
        return [value.strip() for value in pc.fill_null(column.cast(pa.string()), "").to_pylist()]
    except (pa.ArrowException, UnicodeDecodeError):
        kind = str(column.type)
        advice = (
            ": audio is read from files; write each recording into one, and its path here" if "binary" in kind else ""
        )
        raise UserError(f"{path}, column {name}: {kind}; expected text or numbers{advice}") from None


def _chosen(names: list[str], path: Path, file: str, columns: Mapping[str, str], findings: Findings) -> dict[str, int]:
    """Position of each known column that is there, by our name; the others become findings."""
    called = {columns.get(column, column): column for column in COLUMNS}
    if len(names) > COLUMNS_MOST:
        raise UserError(f"{path}: {len(names):,} columns; expected {COLUMNS_MOST:,} at most, a row an utterance")
    for name in called:
        if names.count(name) > 1:
            raise UserError(f"{path}: column {name!r} stands twice; keep one")
    missing = [
        name for name, column in called.items() if (column in REQUIRED or column in columns) and name not in names
    ]
    if missing:
        advice = {
            name: "correct `columns` in the corpus's YAML"
            if called[name] in columns
            else "rename or add it, or say in `columns` of the corpus's YAML what it is called"
            for name in missing
        }
        raise UserError(
            "\n".join(f"{path}: no column {name!r}; {advice[name]}{nearest(name, names)}" for name in missing)
        )
    unknown = [name for name in names if name not in called]
    for name in unknown[:UNKNOWN_NAMED]:
        findings.add(
            "table_column_unknown", file, f"a column that is not read{nearest(name, list(called))}", quote=name
        )
    if len(unknown) > UNKNOWN_NAMED:
        more = f"{len(unknown) - UNKNOWN_NAMED:,} more columns that are not read"
        findings.add("table_column_unknown", file, more)
    return {called[name]: place for place, name in enumerate(names) if name in called}
