"""Rows that each name a file, its label and speaker, as a manifest: what the readers of tables share.

Of `serflow.corpora.columns`, `path`, `label` and `speaker` must have values. What stands in the manifest where another
column is absent or empty:

- `utterance`: the path without its suffix; of a part of a file also its start in milliseconds.
- `session`: the speaker, so that each is a session alone; splits by session go by pairs of groups of speakers then.
- `group`: none; the utterances of one are in the same part of every fold.
- `fold`, `part`: read where `division` of the corpus's YAML says so; else the manifest has none.
- `dialog`, `style`, `sex`, `text`: empty. `wearer` is the speaker, ratings and words are unknown.
- `start`, `end` (s within the file): the whole file; one of them alone: from its start, or to its end.
"""

import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.config import nearest
from serflow.corpora import assembling, audio
from serflow.corpora.audio_files import Inspection, inspect_all
from serflow.corpora.columns import REQUIRED
from serflow.corpora.findings import Findings
from serflow.corpora.manifest import STYLES
from serflow.corpora.near_files import NearFiles
from serflow.corpora.own_folds import divided, once_an_utterance, part_words, read_columns, require_columns
from serflow.corpora.reads import Reads
from serflow.corpora.release_paths import DRIVE, folder_of_paths, inside, roots
from serflow.corpora.table_file import Table, unusable

KNOWN = {"style": STYLES, "sex": ("F", "M", "")}
SEXES = {"f": "F", "female": "F", "m": "M", "male": "M"}
NUMBER = re.compile(r"\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
CONVERT = "set `convert: {channels: mean}` in the corpus's YAML, and it is converted"


@dataclass(slots=True)
class _Entry:
    """A row of the table: its line, the utterance's row of the manifest (without its audio at first), its span (s)."""

    line: int
    row: dict[str, Any]
    start: float | None
    end: float | None


def finish(
    table: Table, *, release: Path, corpus: Mapping[str, Any], findings: Findings
) -> tuple[pd.DataFrame, Findings]:
    """Make a manifest of a table's rows and the audio that they name; errors as in `serflow.corpora.assembling.finish`.

    Paths are relative to the table's folder, or absolute; times are texts of seconds. A row that cannot be used is a
    fatal finding, at its line.
    """
    near, division = NearFiles(release), corpus.get("division")
    require_columns(table, division)
    for name in ("fold", "part"):
        if name in table.names and name not in read_columns(division):
            message = "a column that is not read: no key `division` in the corpus's YAML says what it means"
            findings.add("table_column_unknown", table.file, message, quote=name)
    if read_columns(division) == ("fold", "part"):
        table = once_an_utterance(table)
    entries = list(_entries(table, release, Reads(corpus["reads"]), near, division, findings))
    _translate(entries, corpus["labels"], (division or {}).get("parts"), table.file, findings)
    entries = _once(entries, table.file, findings)
    paths = dict.fromkeys(entry.row["path"] for entry in entries)
    sounds = inspect_all(release, paths, convert=corpus["convert"], advice=CONVERT)
    usable = [entry for entry in entries if _add_audio(entry, sounds[entry.row["path"]], table.file, near, findings)]
    del entries, sounds  # a large corpus's are hundreds of megabytes, and the manifest is still to be made
    rows = [entry.row for entry in _apart(usable, table.file, findings)]
    del usable
    return assembling.finish(rows, release=release, corpus=corpus, findings=findings)


def _entries(
    table: Table,
    release: Path,
    reads: Reads,
    near: NearFiles,
    division: Mapping[str, Any] | None,
    findings: Findings,
) -> Iterator[_Entry]:
    """The rows that can be used so far; the others are findings."""
    names = roots(release)
    folder = folder_of_paths(table.file, names)
    for line, values in table:
        place = {"file": table.file, "line": line, "utterance": values["utterance"], "findings": findings}
        empty = [name for name in REQUIRED if not values[name]]
        if empty:
            message = f"no value in column {', '.join(empty)}; expected one in every row"
            unusable("table_row_mangled", message=message, **place)
            continue
        path = inside(values["path"], folder, names)
        if path is None:
            is_drive = DRIVE.match(values["path"]) is not None
            message = (
                f"path {'on a drive of Windows' if is_drive else 'outside the release'}; expected one relative to the "
                "table's folder (to the release where the table lies elsewhere), or absolute within the release"
            )
            unusable("table_path_outside", message=message, quote=values["path"], **place)
            continue
        path = near.as_on_disk(path)
        if not reads.match(path):
            message = (
                "no pattern of `reads` in the corpus's YAML matches this path, so that nothing would run again where "
                "the file changes; add a pattern, or correct the path"
            )
            meant = None if (release / path).exists() else near.nearest(path)
            quote = path if meant is None else f"{path} (there is {meant})"
            unusable("table_path_unwatched", message=message, quote=quote, **place)
            continue
        try:
            start, end = _seconds(values["start"]), _seconds(values["end"])
        except ValueError as error:
            message = "start or end is no time; expected seconds from 0, such as 12.5"
            unusable("table_row_mangled", message=message, quote=str(error), **place)
            continue
        yield _Entry(line, _described(values, path, start, end) | divided(values, division), start, end)


def _seconds(text: str) -> float | None:
    if not text:
        return None
    if not NUMBER.fullmatch(text) or float(text) == math.inf:
        raise ValueError(text)
    return float(text)


def _described(values: dict[str, str], path: str, start: float | None, end: float | None) -> dict[str, Any]:
    """What the table says of an utterance, absent values filled by the rule above."""
    stem = posixpath.splitext(path)[0]
    part = start is not None or end is not None
    return {
        "utterance": values["utterance"] or (f"{stem}_{round(1000 * (start or 0)):08d}" if part else stem),
        "path": path, "label": "", "raw_label": values["label"],
        "speaker": values["speaker"], "wearer": values["speaker"], "session": values["session"] or values["speaker"],
        "sex": SEXES.get(values["sex"].lower(), values["sex"]), "style": values["style"], "dialog": values["dialog"],
        "group": values["group"],
        "start": math.nan, "end": math.nan,
        "valence": math.nan, "activation": math.nan, "dominance": math.nan,
        "text": values["text"], "words": [],
    }  # fmt: skip


def _translate(
    entries: list[_Entry], labels: dict[str, str], parts: dict[str, str] | None, file: str, findings: Findings
) -> None:
    """Fill in canonical labels and parts; unknown values are counted, each is one finding, at its first row."""
    unknown: dict[tuple[str, str], list[_Entry]] = {}
    for entry in entries:
        row = entry.row
        row["label"] = labels.get(row["raw_label"], "other")
        if row["raw_label"] not in labels:
            unknown.setdefault(("label", row["raw_label"]), []).append(entry)
        for column, known in KNOWN.items():
            if row[column] not in known:
                unknown.setdefault((column, row[column]), []).append(entry)
                row[column] = ""
        if parts is not None:
            row["part"], strange = part_words(row["part"], parts)
            for value in dict.fromkeys(strange):
                unknown.setdefault(("part", value), []).append(entry)
    for (column, value), where in unknown.items():
        known, fate = {
            "label": (labels, "other"),
            "part": (parts or {}, "none, which the split of kind `given` refuses; add it to `division.parts`"),
        }.get(column) or ([one for one in KNOWN[column] if one], "unknown")
        count = f"in {len(where)} rows, this is the first" if len(where) > 1 else "in one row"
        message = f"unknown {column} ({count}){nearest(value, list(known))}; it counts as {fate}"
        code = "unknown_label" if column == "label" else "table_value_unknown"
        findings.add(code, file, message, line=where[0].line, quote=value)


def _once(entries: list[_Entry], file: str, findings: Findings) -> list[_Entry]:
    """The rows whose utterance no other row has; the others are findings."""
    firsts: dict[str, _Entry] = {}
    repeated: set[int] = set()
    for entry in entries:
        utterance = entry.row["utterance"]
        first = firsts.setdefault(utterance, entry)
        if first is not entry:
            message = f"the same utterance as in line {first.line}; {_repeated(first, entry)}"
            findings.add("table_row_repeated", file, message, line=entry.line, utterance=utterance)
            findings.left_out.add(f"{file}:{entry.line}")  # the name stands for the first row alone
            repeated |= {first.line, entry.line}
    return [entry for entry in entries if entry.line not in repeated]


def _repeated(first: _Entry, entry: _Entry) -> str:
    """What to do about two rows of one utterance."""
    one, other = first.row["path"], entry.row["path"]
    if one != other and posixpath.splitext(one)[0] == posixpath.splitext(other)[0]:
        return (
            "a path without its suffix is the utterance's name, and these differ in their suffix alone; keep one of "
            "them, or name each in a column `utterance`"
        )
    return "keep one of them"


def _add_audio(entry: _Entry, sound: Inspection, file: str, near: NearFiles, findings: Findings) -> bool:
    """Complete an entry's row with its audio; False where that cannot be used."""
    row, whole = entry.row, sound.audio
    for code, message in sound.found:
        meant = near.nearest(row["path"]) if code == "audio_missing" else None
        if meant is not None:
            message = "the audio is missing, and a file of nearly this name is there; correct the path in the table"
        findings.add(code, row["path"], message, utterance=row["utterance"], quote=meant)
    if whole is None:
        return False
    place = {"line": entry.line, "utterance": row["utterance"]}
    start, end = entry.start or 0.0, whole.duration if entry.end is None else entry.end
    offset = round(start * audio.SAMPLE_RATE)
    samples = min(round(end * audio.SAMPLE_RATE), whole.samples) - offset
    if samples <= 0 < whole.samples or end > whole.duration + audio.TOLERANCE:
        message = "start and end are no part of the file; expected start < end, and both within its length"
        quote = f"{start} to {end} s, file {whole.duration:.3f} s"
        findings.add("table_part_outside", file, message, quote=quote, **place)
        return False
    if samples < audio.SHORTEST * audio.SAMPLE_RATE:
        message = f"shorter than {audio.SHORTEST} s; expected an utterance: give a longer part, or leave the row out"
        findings.add("table_row_short", file, message, quote=f"{samples / audio.SAMPLE_RATE:.4f} s", **place)
        return False
    row |= whole.columns | {"offset": offset, "samples": samples, "duration": samples / audio.SAMPLE_RATE}
    if entry.start is not None or entry.end is not None:
        row |= {"start": start, "end": end}
    return True


def _apart(entries: list[_Entry], file: str, findings: Findings) -> list[_Entry]:
    """The rows that share no sample of a file with another row; the others are findings."""
    overlapping: set[int] = set()
    reaching: _Entry | None = None  # of those of one file so far, the one that ends last
    for entry in sorted(entries, key=lambda entry: (entry.row["path"], entry.row["offset"], entry.line)):
        if reaching is None or entry.row["path"] != reaching.row["path"]:
            reaching = entry
            continue
        if entry.row["offset"] < _end(reaching):
            message = (
                f"overlaps the part of this file in line {reaching.line}; expected each moment of speech in one row: "
                "correct start and end, or keep one of them"
            )
            findings.add("table_parts_overlap", file, message, line=entry.line, utterance=entry.row["utterance"])
            findings.left_out.add(reaching.row["utterance"])
            overlapping |= {reaching.line, entry.line}
        reaching = max(reaching, entry, key=_end)
    return [entry for entry in entries if entry.line not in overlapping]


def _end(entry: _Entry) -> int:
    """The first sample of its file after an utterance."""
    return entry.row["offset"] + entry.row["samples"]
