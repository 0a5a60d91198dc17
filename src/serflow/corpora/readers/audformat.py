"""Reader of a database in audformat (https://audeering.github.io/audformat): a folder with a header, db.yaml.

Beside it lie tables, db.<table>.csv or .parquet, and media, whose paths the tables have; so does a folder of audb's
cache. `columns` of the corpus's YAML says which column of which table is the label, the speaker, and more
(`serflow.corpora.column_choice.ColumnOf`). The label's table has a row an utterance: a file, or a part of one, whose
end may be empty (NaT), to the end of the file. Of another table the row of the same file is taken, of a segmented one
that of the same part; of a miscellaneous one the row of the same speaker.

The module is named as the library, whose import is absolute.
"""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from serflow.config import nearest, read_yaml
from serflow.corpora import assembling, rows
from serflow.corpora.findings import Findings
from serflow.corpora.reads import Reads
from serflow.corpora.table_file import Table
from serflow.errors import UserError
from serflow.files import temporary_folder

HEADER = "db.yaml"
SUFFIXES = (".parquet", ".csv")  # the first that is there is read, as by the library
HEADER_BYTES = 20_000_000  # it may hold a line of every speaker
INSTALL = 'python -m pip install "audformat>=1.4.2"'

Key = tuple[Any, ...]  # a file, and of a part of it start and end (ns; None: to the end of the file)


def read(release: Path, *, corpus: dict[str, Any]) -> tuple[pd.DataFrame, Findings]:
    """Read a database's folder; parameters and errors as in `serflow.corpora.readers.iemocap.read`."""
    release = Path(release)
    assembling.require_folder(release, holds=f"the database's header {HEADER}")
    findings = Findings()
    with _opened(release) as database:
        chosen = _Chosen(database, release, Reads(corpus["reads"]))
        table = _utterances(chosen, corpus["columns"])
    findings.table = table.file
    return rows.finish(table, release=release, corpus=corpus, findings=findings)


@contextmanager
def _opened(release: Path) -> Iterator[Any]:
    """The database, of whose tables the library sees CSV and Parquet files alone, and of its header what is plain.

    Where it finds a pickle beside the tables, as in audb's cache, it would load that, and a pickle may run any code. So
    may the header, whose YAML it loads with tags that name Python objects: it is given ours, written anew.
    """
    try:
        import audformat
    except ImportError:
        raise UserError(f"reader audformat: the library audformat is missing; install it: {INSTALL}") from None
    if not (release / HEADER).is_file():
        inner = sorted(path.parent.relative_to(release).as_posix() for path in release.glob(f"*/{HEADER}"))
        hint = f" to its folder {inner[0]}" if inner else ", of audb's cache to <name>/<version>/<flavor>"
        raise UserError(f"{release}: no header {HEADER} in this folder; set `release` in config.yaml{hint}")
    with temporary_folder() as folder:
        for path in release.glob("db.*"):
            if path.suffix in SUFFIXES:
                (folder / path.name).symlink_to(path.absolute())
        header = read_yaml(release / HEADER, largest=HEADER_BYTES)
        (folder / HEADER).write_text(yaml.safe_dump(header, sort_keys=False, allow_unicode=True), encoding="utf-8")
        try:
            database = audformat.Database.load(str(folder))
        except Exception as error:  # whatever the library meets in a header that is none
            message = f"no header of an audformat database ({type(error).__name__}: {error}); get the database again"
            raise UserError(f"{release / HEADER}: {message}") from None
        yield database


class _Chosen:
    """Columns of a database, as the corpus's YAML chooses them."""

    def __init__(self, database: Any, release: Path, reads: Reads) -> None:
        self._database, self._release, self._reads = database, release, reads
        self._watch(HEADER)
        # what audb wrote into a header: the format that it converted media to, where the tables have the original's
        flavor = (database.meta.get("audb") or {}).get("flavor") or {}
        self._suffix = f".{flavor['format']}" if flavor.get("format") else None

    def table(self, name: str, key: str) -> Any:
        """A table, or miscellaneous table, with its file looked after; `key` of the YAML names it."""
        known = [*self._database.tables, *self._database.misc_tables]
        if name not in known:
            raise UserError(f"{self._release / HEADER}: no table {name!r}, {_mend(key, 'table')}{nearest(name, known)}")
        self._watch(self.file(name))
        return self._database[name]

    def file(self, name: str) -> str:
        """The file of a table."""
        there = [f"db.{name}{suffix}" for suffix in SUFFIXES if (self._release / f"db.{name}{suffix}").is_file()]
        if there:
            return there[0]
        lone = (self._release / f"db.{name}.pkl").is_file()
        message = "is there as a pickle alone, which may run any code and is not read" if lone else "has no file"
        raise UserError(
            f"{self._release}: table {name!r} {message}; expected db.{name}.csv or .parquet: save the database again "
            '(audformat.Database.save, storage_format="parquet")'
        )

    def series(self, key: str, choice: Mapping[str, str]) -> pd.Series:
        """The values of the column that `key` of the YAML chooses, by the index of its table."""
        table, name, entry = self.table(choice["table"], key), choice["column"], choice.get("map")
        known = list(table.columns)
        if name not in known:
            place = f"{self._release / HEADER}, table {choice['table']}"
            raise UserError(f"{place}: no column {name!r}, {_mend(key, 'column')}{nearest(name, known)}")
        scheme = table.columns[name].scheme
        if scheme is not None and scheme.uses_table:  # the library loads it by itself
            self._load(self.table(scheme.labels, key), scheme.labels)
        self._load(table, choice["table"])
        try:
            return table.columns[name].get(map=entry)
        except ValueError as error:  # of `map` alone: the scheme has no such entries
            said = str(error).rstrip(".")
            raise UserError(f"{self._release / HEADER}: {said}; {_mend(key, 'map')}") from None

    def _load(self, table: Any, name: str) -> None:
        try:
            table.df  # noqa: B018  (loads it)
        except Exception as error:  # whatever the library meets in a file that is no table
            said = str(error).replace(self._database.root, str(self._release))
            message = f"not the table that {HEADER} describes ({type(error).__name__}: {said}); get the database again"
            raise UserError(f"{self._release / self.file(name)}: {message}") from None

    def path(self, file: str) -> str:
        """Where a file of the tables lies."""
        return file if self._suffix is None else posixpath.splitext(file)[0] + self._suffix

    def _watch(self, file: str) -> None:
        if not self._reads.match(file):
            raise UserError(
                f"key reads of the corpus's YAML: no pattern matches {file!r}, so that nothing would run again where "
                "it changes; add its name"
            )


def _mend(key: str, part: str) -> str:
    return f"correct `{part}` of `columns: {key}` in the corpus's YAML"


def _utterances(chosen: _Chosen, columns: Mapping[str, Mapping[str, str]]) -> Table:
    """The rows of the label's table with all that `columns` chooses, as a table of one's own has them."""
    label = columns["label"]
    labelled = chosen.series("label", label)
    keys, found = _keys(labelled, "label"), {"label": _texts(labelled)}
    for name in sorted(columns.keys() - {"label"}, key="speaker".__ne__):  # a miscellaneous table goes by the speaker
        choice = columns[name]
        series = chosen.series(name, choice)
        if choice["table"] == label["table"]:
            found[name] = _texts(series)
        elif "file" not in series.index.names:
            found[name] = _of_speakers(series, found.get("speaker"), name)
        else:
            found[name] = _of_same(series, keys, name)
    values = {"path": [chosen.path(key[0]) for key in keys]} | found
    values |= {"start": [_seconds(key[1:2]) for key in keys], "end": [_seconds(key[2:]) for key in keys]}
    file = chosen.file(label["table"])
    first = 2 if file.endswith(".csv") else 1  # a CSV's first line has the names
    lines = list(range(first, first + len(keys)))
    return Table(file, tuple(values), lines, list(zip(*values.values(), strict=True)))


def _keys(series: pd.Series, name: str) -> list[Key]:
    """What each row is about. A part from 0 to the end of the file is the file."""
    index = series.index
    if "file" not in index.names:
        raise UserError(f"a miscellaneous table has no files; {_mend(name, 'table')}")
    files = [str(file) for file in index.get_level_values("file")]
    if "start" not in index.names:
        return [(file,) for file in files]
    parts = zip(files, _times(index, "start"), _times(index, "end"), strict=True)
    return [(file,) if end is None and not start else (file, start or 0, end) for file, start, end in parts]


def _times(index: pd.MultiIndex, level: str) -> list[int | None]:
    """A level of times in ns; None where it is NaT."""
    times = pd.TimedeltaIndex(index.get_level_values(level)).as_unit("ns")
    return [None if missing else time for time, missing in zip(times.asi8.tolist(), times.isna(), strict=True)]


def _seconds(time: Key) -> str:
    """A time as text; nothing for one that is not there."""
    return "" if time in ((), (None,)) else repr(time[0] / 1e9)


def _of_same(series: pd.Series, keys: list[Key], name: str) -> list[str]:
    """For each utterance the value of its part in another table, or of its file."""
    values = dict(zip(_keys(series, name), _texts(series), strict=True))
    return [values.get(key) or values.get(key[:1], "") for key in keys]


def _of_speakers(series: pd.Series, speakers: list[str] | None, name: str) -> list[str]:
    """For each utterance the value of its speaker in a miscellaneous table, whose index is the speakers."""
    if speakers is None or series.index.nlevels != 1:
        raise UserError(f"a miscellaneous table is read where its index is the speakers alone; {_mend(name, 'table')}")
    values = dict(zip(_texts(series.index.to_series()), _texts(series), strict=True))
    return [values.get(speaker, "") for speaker in speakers]


def _texts(series: pd.Series) -> list[str]:
    return [
        "" if missing else str(value).strip() for value, missing in zip(series.tolist(), series.isna(), strict=True)
    ]
