"""The file of a whole table, as the report prints it, against the table made anew."""

from collections.abc import Iterator
from itertools import zip_longest

from serflow.audit.corrections import holm_steps
from serflow.audit.findings import Step
from serflow.audit.lines import remade
from serflow.errors import UserError
from serflow.plan.report import Report
from serflow.reporting.rows import read_table
from serflow.reporting.table_rows import table_rows

__all__ = ["table_path", "table_steps"]


def table_path(report: Report, paper: str, table: str) -> str:
    """The CSV of a table."""
    return f"{report.folder}/{paper}/{table}.csv"


def table_steps(report: Report, paper: str, table: str) -> Iterator[Step]:
    """Every line in its place: names, reported numbers, scores, tests, reasons; and Holm's p, made anew."""
    path = table_path(report, paper, table)
    made = table_rows(report.table(paper, table))
    try:
        found = read_table(path)
    except FileNotFoundError:
        raise UserError(f"{path}: this file is missing; make it: {remade(path)}") from None
    wrong = [
        _difference(f"{path}, line {number}", line, expected)
        for number, (line, expected) in enumerate(zip_longest(found, made, fillvalue={}), start=2)
        if line != expected
    ]
    if len(found) != len(made):
        yield Step("lines", False, f"{path} has {len(found)} lines below its head", f"{len(made)}")
        wrong = wrong[:1]  # the others are only shifted
    yield from wrong
    if not wrong:
        said = f"all {len(made)} are those of the YAML, scores.csv, pairs.csv, contrasts.csv and groups.csv"
        yield Step("lines", True, said)
    yield from holm_steps(path, found)


def _difference(where: str, line: dict[str, str], expected: dict[str, str]) -> Step:
    key = next(key for key in expected | line if line.get(key) != expected.get(key))
    return Step("line", False, f"{where}: {key} is {line.get(key) or 'empty'}", expected.get(key) or "empty")
