"""The data file of a figure, line by line, against the numbers made anew: from runs, or from what it was drawn from."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from serflow.audit.figure_lines import FROM_RUNS, Numbers
from serflow.audit.figure_sources import FROM_SOURCES, source_of
from serflow.audit.findings import Step, unchecked
from serflow.audit.lines import remade, same, told
from serflow.errors import UserError
from serflow.plan.report import Report
from serflow.reporting.rows import read_table

__all__ = ["figure_path", "figure_steps"]

SOURCES = "sources of figures that were not made anew"
RELATIVE = 1e-5  # of six digits
SHARES = ("value", "low", "high", "ece")  # in per cent, some of them from scores.csv with its six decimals
ABSOLUTE = 1.1e-4  # of these


def figure_path(report: Report, paper: str, item: str) -> str:
    """The CSV of a figure's numbers."""
    return f"{report.folder}/{paper}/{item}_data.csv"


def figure_steps(path: str, spec: Mapping[str, Any], numbers: Numbers) -> Iterator[Step]:
    """Check the data file of a figure, whose `spec` is as `Report.figure` gives it."""
    kind = spec["kind"]
    if kind not in FROM_RUNS and kind not in FROM_SOURCES:
        yield unchecked("data", f"{path}: no second opinion on figures of kind {kind}", SOURCES, [path])
        return
    made = FROM_RUNS[kind](spec, numbers) if kind in FROM_RUNS else FROM_SOURCES[kind](spec)
    yield from compared_lines(path, made, said="made anew from the runs" if kind in FROM_RUNS else source_of(spec))
    if kind in FROM_SOURCES:
        source = source_of(spec)
        yield unchecked("source", f"{source}, by the networks and tables that it was made of", SOURCES, [source])


def compared_lines(path: str, made: list[dict[str, Any]], *, said: str) -> Iterator[Step]:
    """Every line of a CSV in its place, in the columns that are made."""
    try:
        found = read_table(path)
    except FileNotFoundError:
        raise UserError(f"{path}: this file is missing; make it: {remade(path)}") from None
    if len(found) != len(made):
        yield Step("data", False, f"{path} has {len(found)} lines below its head", f"{len(made)}; {remade(path)}")
    wrong = [
        Step("data", False, *why)
        for number, (line, expected) in enumerate(zip_longest(found, made), start=2)
        if (why := _difference(path, number, line or {}, expected or {}))
    ]
    yield from wrong if len(found) == len(made) else wrong[:1]  # others may only be shifted
    if not wrong and len(found) == len(made):
        yield Step("data", True, f"{path}: all {len(made)} lines as {said}")


def _difference(path: str, number: int, line: Mapping[str, str], made: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first value of a line that is not as made, and what was expected; None where there is none."""
    for key, value in made.items():
        if not same(line.get(key, ""), value, absolute=ABSOLUTE if key in SHARES else 0.0, relative=RELATIVE):
            said = f"{path}, line {number}: {key} is {line.get(key) or 'empty'}"
            return said, f"{told(value)}; {remade(path)}"
    return None
