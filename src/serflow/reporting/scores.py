"""What rule `score_runs` wrote, line by line: the one reader of scores.csv, pairs.csv, confusion.csv and runs.csv.

Tables and figures read through it. Only the standard library is imported: a report has many tables, and start-up would
dominate them.
"""

import csv
from functools import lru_cache
from pathlib import Path

from serflow.errors import UserError, not_made, remade
from serflow.metrics.names import RECALL, UNDERTRAINED, metric_of
from serflow.reporting.rows import Line

__all__ = [
    "NUMBERS",
    "is_undertrained",
    "no_line",
    "read_contrast",
    "read_lines",
    "read_numbers",
    "read_pair",
    "read_score",
    "read_unscored",
    "scored_classes",
    "scored_selections",
]

NUMBERS = ("value", "low", "high", "folds", "seeds", "utterances")  # of a point that is drawn


def read_score(folder: Path, *, system: str, select: str, metric: str) -> Line | None:
    """The line of scores.csv for a system, selection and metric (shares in 0..1), None without one."""
    return _lookup(folder / "scores.csv", system=system, select=select, metric=metric)


def read_pair(folder: Path, *, system: str, against: str, select: str, metric: str) -> Line | None:
    """The line of pairs.csv of a system and the one that it is tested against; None without one, or without file."""
    path = folder / "pairs.csv"
    key = {"system": system, "against": against, "select": select, "metric": metric}
    return _lookup(path, **key) if path.is_file() else None


def read_unscored(folder: Path, *, system: str) -> str | None:
    """Why given predictions of a system could not be scored; None where they were."""
    line = _lookup(folder / "unscored.csv", system=system)
    return line and line["reason"]


def read_contrast(
    path: Path, *, system: str, first: tuple[str, str], second: tuple[str, str], metric: str
) -> Line | None:
    """The line of contrasts.csv of a system under one protocol (split, selection) minus itself under another.

    None without one. Where the file has them the other way round, differences and bounds change their signs.

    Raises
    ------
    UserError
        If the file is missing.
    """
    sides = {"from_split": first[0], "from_select": first[1], "to_split": second[0], "to_select": second[1]}
    if line := _lookup(path, system=system, **sides, metric=metric):
        return line
    sides = {"from_split": second[0], "from_select": second[1], "to_split": first[0], "to_select": first[1]}
    line = _lookup(path, system=system, **sides, metric=metric)
    return line and line | _turned(line)


def _turned(line: Line) -> Line:
    """What changes in a line of differences when its two sides change places."""
    kept = {"difference": "difference", "low": "high", "high": "low"}
    kept |= {"low_sessions": "high_sessions", "high_sessions": "low_sessions"}
    turned = {name: _minus(line[other]) for name, other in kept.items()}
    sides = {"from_split": "to_split", "to_split": "from_split", "from_select": "to_select", "to_select": "from_select"}
    turned |= {name: line[other] for name, other in sides.items()}
    turned["speakers_shared"] = ""  # it was said of the other side
    return turned | {"by_seed": " ".join(map(_minus, line["by_seed"].split()))}


def _minus(number: str) -> str:
    """A number as CSV have it, with the other sign; zero has none."""
    if not number or not float(number):
        return number
    return number.removeprefix("-") if number.startswith("-") else f"-{number}"


def scored_selections(folder: Path) -> set[str]:
    """The selections that scores.csv has lines of."""
    return {line["select"] for line in _read(folder / "scores.csv")}


def scored_classes(folder: Path) -> list[str]:
    """The classes whose recall scores.csv has, in its order."""
    metrics = dict.fromkeys(line["metric"] for line in _read(folder / "scores.csv"))
    return [name.removeprefix(RECALL) for name in metrics if name.startswith(RECALL)]


def read_numbers(folder: Path, *, system: str, select: str, metric: str) -> dict[str, float]:
    """`NUMBERS` of a system, selection and metric: pooled value and its interval over speakers, as printed.

    NaN where there is none; shares in per cent.

    Raises
    ------
    UserError
        If scores.csv is missing or has no such line.
    """
    score = read_score(folder, system=system, select=select, metric=metric)
    if score is None:
        raise no_line(folder / "scores.csv", system, select)
    factor = 100 if metric_of(metric).per_cent else 1
    scaled = {"value": "pooled", "low": "low_speakers", "high": "high_speakers"}
    values = {name: factor * _number(score[column]) for name, column in scaled.items()}
    return values | {key: _number(score[key]) for key in ("folds", "seeds", "utterances")}


def is_undertrained(folder: Path, *, system: str, select: str, metric: str) -> bool:
    """Whether the same line says that its network is undertrained, or the one that it rests on."""
    score = read_score(folder, system=system, select=select, metric=metric)
    return score is not None and score.get("undertrained") in UNDERTRAINED


def read_lines(path: Path, *, system: str, select: str) -> list[Line]:
    """The lines of confusion.csv or runs.csv for a system and selection.

    Raises
    ------
    UserError
        If the file is missing or has no such line.
    """
    lines = [line for line in _read(path) if (line["system"], line["select"]) == (system, select)]
    if not lines:
        raise no_line(path, system, select)
    return lines


def no_line(path: Path, system: str, select: str, more: str = "") -> UserError:
    """The error about a line that is not there."""
    return UserError(f"{path}: no line for system {system}, select {select}{more}; {remade(path)}")


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def _lookup(path: Path, **wanted: str) -> Line | None:
    return _indexed(path, *_version(path), tuple(wanted)).get(tuple(wanted.values()))


def _read(path: Path) -> list[Line]:
    return _parsed(path, *_version(path))


def _version(path: Path) -> tuple[int, int]:
    """Time and size of a file, which tell one that has been written again from the one that was read."""
    if not path.is_file():
        raise not_made(path)
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=64)
def _parsed(path: Path, changed: int, size: int) -> list[Line]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=64)
def _indexed(path: Path, changed: int, size: int, keys: tuple[str, ...]) -> dict[tuple[str, ...], Line]:
    return {tuple(line[key] for key in keys): line for line in _parsed(path, changed, size)}
