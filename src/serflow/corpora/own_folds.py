"""Columns `fold` and `part` of a corpus's table: how `division` of its YAML has them read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from serflow.corpora.table_file import Table
from serflow.errors import UserError
from serflow.given_split import UNKNOWN, UNUSED

__all__ = [
    "APART",
    "divided",
    "found_division",
    "once_an_utterance",
    "part_of",
    "part_words",
    "read_columns",
    "require_columns",
]

APART = "\x1f"  # between the parts of an utterance that has several rows, which may themselves hold blanks
KNOWN = {  # letters of a value, digits at its end left out -> what it means
    "train": ("train", "training", "trn", "tr"),
    "validation": ("validation", "valid", "val", "vali", "dev", "devel", "development"),
    "test": ("test", "testing", "tst", "eval", "evaluation"),
}
MOST_FOLDS = 100  # of more, the column is another one
READ = {"part": ("part",), "fold": ("fold",), "both": ("fold", "part")}


def read_columns(division: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Which of the columns `fold` and `part` of a table are read."""
    return () if division is None else READ[division["by"]]


def require_columns(table: Table, division: Mapping[str, Any] | None) -> None:
    """Raise a `UserError` unless the table has what `division` reads."""
    for name in read_columns(division):
        if name not in table.names:
            raise UserError(
                f"{table.file}: no column {name!r}, which `division` in the corpus's YAML reads; say in `columns` what "
                "it is called, or take `division` out"
            )


def once_an_utterance(table: Table) -> Table:
    """A table with rows that differ in `fold` and `part` alone made one: its folds, and its parts, in the same order.

    Rows that stand twice in one fold stay as they are: a mistake that is told.
    """
    if not {"fold", "part"} <= set(table.names):
        return table
    fold, part = (table.names.index(name) for name in ("fold", "part"))
    rows: dict[tuple[str, ...], list[int]] = {}
    for place, values in enumerate(table.values):
        rows.setdefault(tuple(v for i, v in enumerate(values) if i not in (fold, part)), []).append(place)
    lines, merged = [], []
    for places in rows.values():
        folds = [table.values[place][fold] for place in places]
        if not all(folds) or len(set(folds)) < len(folds):
            lines += [table.lines[place] for place in places]
            merged += [table.values[place] for place in places]
            continue
        joined = list(table.values[places[0]])
        joined[fold], joined[part] = (APART.join(table.values[place][i] for place in places) for i in (fold, part))
        lines.append(table.lines[places[0]])
        merged.append(tuple(joined))
    return replace(table, lines=lines, values=merged)


def divided(values: Mapping[str, str], division: Mapping[str, Any] | None) -> dict[str, str]:
    """Columns `fold` and `part` of a row of the manifest, parts as the table writes them; none without `division`."""
    if division is None:
        return {}
    read = {name: values[name] if name in READ[division["by"]] else "" for name in ("fold", "part")}
    return read | {"fold": " ".join("_".join(fold.split()) for fold in read["fold"].split(APART))}


def part_words(written: str, parts: Mapping[str, str]) -> tuple[str, list[str]]:
    """Parts as the manifest has them, apart by blanks, and the values that have no meaning."""
    values = written.split(APART)
    return " ".join(parts.get(value, UNKNOWN) for value in values), [value for value in values if value not in parts]


def part_of(value: str) -> str:
    """What a value of a column of parts means, as far as its name says so; `unused` of another one."""
    letters = "".join(filter(str.isalpha, value.casefold()))
    return next((part for part, names in KNOWN.items() if letters in names), UNUSED)


def found_division(rows: Sequence[Mapping[str, str]]) -> dict[str, Any] | None:
    """How a table's rows divide it, as the YAML's key `division`, by the names of parts and folds; None if they do not.

    Where both columns are there and each utterance has one row, the column of parts is taken.
    """
    folds = {fold for row in rows for fold in row["fold"].split(APART) if fold}
    parts = {value: part_of(value) for value in sorted({value for row in rows for value in row["part"].split(APART)})}
    several = any(APART in row["fold"] for row in rows)
    if {"train", "test"} <= set(parts.values()):
        validation = "given" if "validation" in parts.values() else "speakers"
        common = {"validation": validation, "parts": parts}
        return {"by": "both", "folds": len(folds)} | common if several else {"by": "part", "folds": 1} | common
    if 2 <= len(folds) <= MOST_FOLDS and not several and all(row["fold"] for row in rows):
        return {"by": "fold", "folds": len(folds), "validation": "next_fold" if len(folds) > 2 else "speakers"}
    return None
