"""What a table and its audio hold, seen before they are a corpus: no file is decoded, only its header is read."""

import os
import posixpath
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from serflow.config import nearest
from serflow.corpora import table_file
from serflow.corpora.columns import REQUIRED, guess
from serflow.corpora.findings import Findings
from serflow.corpora.near_files import NearFiles
from serflow.corpora.own_folds import found_division, once_an_utterance, read_columns
from serflow.corpora.release_paths import folder_of_paths, inside, roots
from serflow.errors import UserError

MOST_LABELS = 100  # of more, it is another column
MANY = 20_000  # files whose headers take a while: the wait is announced
AT_ONCE = 8  # headers are read in threads: most of the time is waiting for the disk


@dataclass(frozen=True)
class Form:
    """What the header of an audio file says: Hz, channels, libsndfile's names of format and samples, s."""

    rate: int
    channels: int
    kind: str
    seconds: float


@dataclass(frozen=True)
class Described:
    """A table, the folder that is its release, and what they hold.

    `columns`: ours -> what the table calls it. `rows`: those that have path, label and speaker; `paths` (of each row,
    relative to the release; of what lies outside as it was written). `forms`: of each file that can be read;
    `missing` and `unreadable`: files, the latter with the reason. `unusable`: rows that are none, or lack a value.
    `division`: how the table's columns `fold` and `part` divide it, as the YAML's key; None where they do not.
    """

    table: Path
    release: Path
    columns: dict[str, str]
    unread: list[str]
    rows: list[dict[str, str]]
    paths: list[str]
    forms: dict[str, Form]
    missing: list[str]
    outside: list[str]
    unreadable: dict[str, str]
    unusable: int
    division: dict[str, Any] | None

    @property
    def table_key(self) -> str:
        """The key `table` of the corpus's YAML: relative to the release, or absolute where it lies elsewhere."""
        return inside(str(self.table), "", roots(self.release)) or str(self.table)

    def counts(self, column: str) -> Counter[str]:
        """How many rows have each value of a column; none of empty ones."""
        return Counter(row[column] for row in self.rows if row[column])

    def speakers_by_session(self) -> dict[str, set[str]]:
        """Who speaks in each session; empty where the table names none."""
        found: dict[str, set[str]] = {}
        for row in self.rows:
            if row["session"]:
                found.setdefault(row["session"], set()).add(row["speaker"])
        return found

    @property
    def sexes(self) -> Counter[str]:
        """How many speakers are of each sex, as the table calls it; none of whom it does not say it."""
        return Counter({row["speaker"]: row["sex"] for row in self.rows if row["sex"]}.values())

    @property
    def seconds(self) -> list[float]:
        """Length of each utterance whose file can be read, as the table cuts it."""
        found = []
        for row, path in zip(self.rows, self.paths, strict=True):
            if path in self.forms:
                try:
                    end = float(row["end"]) if row["end"] else self.forms[path].seconds
                    found.append(end - (float(row["start"]) if row["start"] else 0.0))
                except ValueError:  # a time that is none: the reader says so
                    continue
        return found


def describe(table: Path, *, release: Path | None, given: Mapping[str, str]) -> Described:
    """Look at a table and its audio.

    Parameters
    ----------
    table : CSV or Parquet file. release : the folder that its paths are in; None: found from the paths.
    given : columns, ours -> the table's.

    Raises
    ------
    UserError
        If the table is none, a required column is not found, or no release holds table's files.
    """
    if not table.is_file():
        raise UserError(f"{table}: no such file; name the CSV or Parquet file that has a row an utterance")
    if release is not None and not release.is_dir():
        raise UserError(f"--release {release}: no such folder; name the one that holds the audio")
    table = Path(os.path.abspath(table))
    names = table_file.header(table)
    for column, name in given.items():
        if name not in names:
            raise UserError(f"--column {column}={name}: {table} has no such column{nearest(name, names)}")
    columns = guess(names, given)
    absent = [column for column in REQUIRED if column not in columns]
    if absent:
        options = " ".join(f"--column {column}=NAME" for column in absent)
        raise UserError(
            f"{table}: no column for {', '.join(absent)} among {', '.join(map(repr, names))}; "
            f"say which it is: {options}"
        )
    findings = Findings()
    read = table_file.load(table.parent, table.name, findings=findings, columns=columns)
    read = once_an_utterance(read)
    rows = [values for _, values in read if all(values[column] for column in REQUIRED)]
    division = found_division(rows)
    for column in ("fold", "part"):  # of another meaning, unless the user says that it is one
        if column not in read_columns(division) and column not in given:
            columns.pop(column, None)
    if not rows:
        raise UserError(f"{table}: no row has {', '.join(REQUIRED)}; expected all three in every row")
    _require_labels(rows, columns["label"], table)
    folder = _release(table, rows) if release is None else Path(os.path.abspath(release))
    near = NearFiles(folder)
    names_of_release = roots(folder)
    relative_to = folder_of_paths(str(table), names_of_release)
    paths = [inside(row["path"], relative_to, names_of_release) for row in rows]
    paths = [None if path is None else near.as_on_disk(path) for path in paths]
    outside = [row["path"] for row, path in zip(rows, paths, strict=True) if path is None]
    files = dict.fromkeys(path for path in paths if path is not None)
    if len(files) >= MANY:
        print(f"serflow: reading the headers of {len(files):,} files of {folder}", file=sys.stderr)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looked = dict(zip(files, pool.map(lambda path: _look(folder / path), files), strict=True))
    return Described(
        table=table,
        release=folder,
        columns=columns,
        unread=[name for name in names if name not in columns.values()],
        rows=rows,
        paths=[path or row["path"] for row, path in zip(rows, paths, strict=True)],
        forms={path: seen for path, seen in looked.items() if isinstance(seen, Form)},
        missing=[path for path, seen in looked.items() if seen is None],
        outside=outside,
        unreadable={path: seen for path, seen in looked.items() if isinstance(seen, str)},
        unusable=len(read.lines) - len(rows) + sum(item.code == "table_row_mangled" for item in findings.items),
        division=division,
    )


def _require_labels(rows: list[dict[str, str]], called: str, table: Path) -> None:
    """Refuse a column that cannot be the label."""
    labels = {row["label"] for row in rows}
    if len(labels) > MOST_LABELS:
        raise UserError(
            f"{table}: column {called!r} has {len(labels):,} values in {len(rows):,} rows; expected labels, at most "
            f"{MOST_LABELS} of them: name their column by --column label=NAME"
        )
    if len(labels) == 1:
        raise UserError(f"{table}: every label is {labels.pop()!r}; expected two or more to tell apart")


def _release(table: Path, rows: list[dict[str, str]]) -> Path:
    """The folder of the table where all files are below it; else the one that they, or they and the table, share."""
    written = [row["path"].replace("\\", "/") for row in rows]
    folders = {posixpath.dirname(posixpath.normpath(posixpath.join(table.parent, path))) for path in written}
    shared = posixpath.commonpath(folders)
    if inside(f"{shared}/file", "", roots(table.parent)):
        return table.parent
    if not all(map(posixpath.isabs, written)):  # what is relative holds table and audio together
        shared = posixpath.commonpath([shared, str(table.parent)])
    if shared == "/":
        raise UserError(f"{table}: its files share no folder but /; name the folder that holds them: --release DIR")
    return Path(shared)


def _look(path: Path) -> Form | str | None:
    """The form of a file; why it cannot be read; None where it is not there."""
    if not path.is_file():
        return None
    try:
        info = soundfile.info(path)
    except (soundfile.SoundFileError, OSError) as error:
        return str(error).rpartition(": ")[2].rstrip(".")
    return Form(info.samplerate, info.channels, f"{info.format} {info.subtype}", info.frames / info.samplerate)
