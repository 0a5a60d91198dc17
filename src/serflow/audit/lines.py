"""Lines of CSV files, and whether what is written in them is what was made anew."""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from serflow.audit.findings import Step
from serflow.audit.statistics import Swaps
from serflow.errors import MAKE
from serflow.reporting.rows import read_table

__all__ = ["held_against", "only_line", "remade", "same", "told"]

WRITTEN = 1.5e-6  # scores.csv has six decimals


def remade(path: str) -> str:
    """The command that makes a file anew, whether it is missing, stale or edited: a plain call leaves such a file."""
    return f"snakemake --cores 1 --force {path}"


def only_line(path: str, wanted: Mapping[str, str]) -> dict[str, str] | Step:
    """The one line of a CSV that has these values, or what is wrong with the file."""
    name = Path(path).stem
    if not Path(path).is_file():
        return Step(name, False, f"{path}: there is no such file", f"one; {remade(path)}")
    stat = Path(path).stat()
    rows = _read(path, stat.st_mtime_ns, stat.st_size)
    lines = [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]
    if len(lines) != 1:
        return Step(name, False, f"{path}: there are {len(lines)} lines for {', '.join(wanted.values())}", "one")
    return lines[0]


@lru_cache(maxsize=16)
def _read(path: str, changed: int, size: int) -> list[dict[str, str]]:
    """The lines of a file that has not changed since: one is looked up for every run and number."""
    return read_table(path)


def held_against(name: str, where: str, line: Mapping[str, str], made: Mapping[str, Any]) -> Iterator[Step]:
    """A step for each value of a line, or of what is said of `where`, that is not as made from the predictions."""
    for key, value in made.items():
        if key not in line:
            yield Step(name, False, f"{where}: there is no column {key}", f"files of this version: {MAKE}")
        elif not same(line[key], value):
            yield Step(name, False, f"{where}: {key} is {line[key] or 'empty'}", f"{told(value)}, from the predictions")


def same(text: str, value: Any, *, absolute: float = WRITTEN, relative: float = 0.0) -> bool:
    """Whether a text says a value: a number to within a tolerance, a drawn p to what chance does, several in a row."""
    if isinstance(value, str | bool):
        return text == str(value)
    if isinstance(value, tuple):
        parts = text.split()
        return len(parts) == len(value) and all(
            part == "nan" if math.isnan(one) else same(part, one, absolute=absolute)
            for part, one in zip(parts, value, strict=True)
        )
    if value is None or isinstance(value, float) and math.isnan(value):
        return text == ""
    if isinstance(value, Swaps):
        value, absolute = value.p, absolute + value.tolerance
    try:
        return abs(float(text) - value) <= absolute + relative * abs(value)
    except ValueError:
        return False


def told(value: Any) -> str:
    """A value as it should be written."""
    if isinstance(value, Swaps):
        return f"{value.p:.6f}" + ("" if value.exact else f", to {value.tolerance:.2g} since swaps are drawn")
    if isinstance(value, tuple):
        return " ".join(map(told, value)) or "empty"
    empty = value is None or value == "" or isinstance(value, float) and math.isnan(value)
    if empty or not isinstance(value, float):
        return "empty" if empty else str(value)
    return f"{value:.6f}" if abs(value) >= 0.001 or not value else f"{value:.6g}"
