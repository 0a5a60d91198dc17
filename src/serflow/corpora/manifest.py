"""The manifest: one row an utterance with a label, the same columns for every corpus; its own folds if it has them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.errors import UserError, not_made, remade
from serflow.files import atomic_path
from serflow.given_split import PARTS, UNKNOWN, UNUSED

STYLES = ("improvised", "scripted", "")

_WORD = pa.struct([("word", pa.string()), ("start", pa.float64()), ("end", pa.float64())])
SCHEMA = pa.schema(
    [
        ("utterance", pa.string()),
        ("path", pa.string()),  # POSIX, relative to the release
        ("sha256", pa.string()),  # of the audio file
        ("samples_sha256", pa.string()),  # of the file's decoded samples: the same for every lossless encoding
        ("file_rate", pa.int32()),  # Hz, of the file itself; what follows is after conversion to `sample_rate`
        ("file_channels", pa.int32()),
        ("file_format", pa.string()),  # container and encoding, as "WAV PCM_24"
        ("mixdown", pa.string()),  # how the file's channels become one: mean, first; "" = it has one
        ("sample_rate", pa.int32()),  # Hz, of what features are made of
        ("samples", pa.int64()),
        ("offset", pa.int64()),  # samples before the utterance
        ("file_samples", pa.int64()),  # of the whole file: `samples`, unless the utterance is a part of it
        ("duration", pa.float64()),  # s
        ("label", pa.string()),
        ("raw_label", pa.string()),
        ("speaker", pa.string()),  # who speaks
        ("wearer", pa.string()),  # who wears the markers; the speaker where unknown
        ("session", pa.string()),
        ("sex", pa.string()),
        ("style", pa.string()),
        ("dialog", pa.string()),
        ("group", pa.string()),  # whose utterances no split may part; "" = none
        ("start", pa.float64()),  # s within the dialog, NaN unknown; so is `end`
        ("end", pa.float64()),
        ("valence", pa.float64()),  # mean rating, NaN unknown; so are the next two
        ("activation", pa.float64()),
        ("dominance", pa.float64()),
        ("text", pa.string()),  # "" = no transcript
        ("words", pa.list_(_WORD)),  # s from the turn's start; empty = no alignment
    ]
)
COLUMNS = tuple(SCHEMA.names)
GIVEN = pa.schema(  # of a corpus that gives folds itself (`division` in its YAML), beside the others
    [
        ("fold", pa.string()),  # in which it has a part, apart by blanks; "" = there is one fold, or it is not said
        ("part", pa.string()),  # in each: train, validation, test, unused, unknown; "" = it tests in `fold`
    ]
)
DIGESTS = ("sha256", "samples_sha256")
SHORT = ("file_rate", "file_channels", "sample_rate")  # integers of 32 bits


def from_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make a manifest of `rows`, sorted by utterance; not yet validated.

    Rows are mappings with all columns, but for `group` where there is none; those of the audio are
    `serflow.corpora.audio.Audio.columns`. Columns of `GIVEN` are there where the rows have them.
    """
    given = GIVEN.names if any("part" in row for row in rows) else []
    columns = {name: pd.Series([row.get(name) for row in rows]) for name in [*COLUMNS, *given]}
    frame = pd.DataFrame(columns, copy=False).astype(dict.fromkeys(SHORT, "int32"))
    frame["group"] = frame["group"].fillna("").astype("str")
    return frame.sort_values("utterance", ignore_index=True)


def validate(frame: pd.DataFrame) -> None:
    """Hold a manifest against its schema.

    Raises
    ------
    UserError
        If a column is missing, unknown or of another type, a value out of range, an utterance or path
        repeated, or the rows are not sorted by utterance; the message names column and utterance.
    """
    _to_table(frame)
    for column, (valid, expected) in _checks(frame).items():
        if not valid.all():
            first = int(np.flatnonzero(~valid.to_numpy(dtype=bool))[0])
            utterance, value = frame["utterance"].iloc[first], frame[column].iloc[first]
            raise UserError(
                f"manifest, column {column}, utterance {utterance!r}: {value!r}; expected {expected}; "
                "correct the reader of this corpus or its release"
            )


def write(frame: pd.DataFrame, path: str | Path) -> None:
    """Validate and write a manifest; equal frames give equal bytes."""
    validate(frame)
    with atomic_path(path) as temporary:
        pq.write_table(_to_table(frame), temporary, compression="zstd")


def load(path: str | Path) -> pd.DataFrame:
    """Read a manifest; `words` holds one array of mappings (word, start, end) an utterance."""
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise not_made(path) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{path}: not a Parquet file ({error}); {remade(path)}") from None
    if missing := [name for name in COLUMNS if name not in table.column_names]:
        raise UserError(
            f"{path}: has no column {', '.join(missing)}: made by another version of serflow; {remade(path)}"
        )
    return table.to_pandas()


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """The columns that a frame has, if it is a manifest."""
    return pa.schema([*SCHEMA, *GIVEN]) if set(GIVEN.names) & set(frame.columns) else SCHEMA


def _to_table(frame: pd.DataFrame) -> pa.Table:
    schema = _schema(frame)
    missing = [name for name in schema.names if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if name not in schema.names]
    if missing or unknown:
        raise UserError(
            f"manifest: missing columns: {', '.join(missing) or 'none'}; unknown columns: "
            f"{', '.join(unknown) or 'none'}; expected {', '.join(schema.names)}"
        )
    columns = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        try:  # NaN stays NaN: unknown, but a number
            column = pa.array(frame[name].tolist(), type=kind, from_pandas=not pa.types.is_floating(kind))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise UserError(f"manifest, column {name}: {error}; expected {kind} in every row") from None
        if column.null_count:
            utterance = frame["utterance"].iloc[int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])]
            raise UserError(f"manifest, column {name}, utterance {utterance!r}: no value; expected {kind}")
        columns.append(column)
    return pa.table(columns, schema=schema)


def _checks(frame: pd.DataFrame) -> dict[str, tuple[pd.Series, str]]:
    """Column -> (which rows are valid, what is expected of them); in the order of the columns."""
    utterance, path = frame["utterance"].astype("str"), frame["path"].astype("str")
    outside = (
        path.str.startswith("/") | path.str.contains("\\", regex=False) | path.str.split("/").map(lambda p: ".." in p)
    )
    named = {
        name: (frame[name].astype("str") != "", "a name") for name in ("raw_label", "speaker", "wearer", "session")
    }
    rated = {name: (_within(frame[name], 0, 6), "0 to 6, or NaN") for name in ("valence", "activation", "dominance")}
    after = frame["end"].isna() | ~(frame["end"] < frame["start"])
    seconds = frame["samples"] / frame["sample_rate"]
    mixdown = frame["mixdown"].isin(["mean", "first"]).where(frame["file_channels"] > 1, frame["mixdown"] == "")
    return {
        "utterance": (
            (utterance != "") & ~(utterance <= utterance.shift(fill_value="")),
            "names in rising order, each once",
        ),
        "path": (
            (path != "") & ~frame[["path", "offset"]].duplicated() & ~outside,
            "a path within the release, with /, each once (each part of a file once)",
        ),
        **{
            name: (frame[name].astype("str").str.fullmatch("[0-9a-f]{64}"), "64 hexadecimal digits") for name in DIGESTS
        },
        "file_rate": (frame["file_rate"] > 0, "Hz above 0"),
        "file_channels": (frame["file_channels"] > 0, "a count above 0"),
        "file_format": (frame["file_format"].astype("str") != "", "container and encoding"),
        "mixdown": (mixdown, "mean or first of several channels, nothing of one"),
        "sample_rate": (frame["sample_rate"] > 0, "Hz above 0"),
        "samples": (frame["samples"] > 0, "a count above 0"),
        "offset": (frame["offset"] >= 0, "samples from 0"),
        "file_samples": (frame["offset"] + frame["samples"] <= frame["file_samples"], "offset + samples, or more"),
        "duration": ((frame["duration"] - seconds).abs() < 1e-6, "samples / sample_rate"),
        "label": (frame["label"].astype("str").str.fullmatch("[a-z][a-z0-9_]*"), "a word of small letters, digits, _"),
        **named,
        "sex": (frame["sex"].isin(["F", "M", ""]), "F, M or nothing"),
        "style": (frame["style"].isin(STYLES), "improvised, scripted or nothing"),
        "start": (_within(frame["start"], 0, np.inf), "seconds from 0, or NaN"),
        "end": (after, "seconds from `start`, or NaN"),
        **rated,
        "words": (frame["words"].map(_in_order).astype(bool), "words whose times are in order"),
        **({"part": (_parts(frame), "a part in each of its folds")} if "part" in frame else {}),
    }


def _parts(frame: pd.DataFrame) -> pd.Series:
    """Whether each utterance has as many parts as folds, or one of the two alone."""
    folds, parts = frame["fold"].str.split(), frame["part"].str.split()
    known = parts.map(lambda words: set(words) <= {*PARTS, UNUSED, UNKNOWN}).astype(bool)
    alone = (folds.str.len() == 0) | (parts.str.len() == 0)
    return known & (alone | (folds.str.len() == parts.str.len()))


def _within(values: pd.Series, low: float, high: float) -> pd.Series:
    return values.isna() | values.between(low, high)


def _in_order(words: Any) -> bool:
    times = [0.0, *(time for word in words for time in (word["start"], word["end"]))]
    return all(a <= b for a, b in zip(times, times[1:], strict=False))
