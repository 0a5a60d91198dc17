"""What a row of a table adds to the row with a component fewer, for the PDF and for the page of results."""

from itertools import groupby
from typing import NamedTuple

from serflow.reporting.rows import Line
from serflow.reporting.wording import full_name

__all__ = ["Step", "steps"]


class Step(NamedTuple):
    """A row beside the one with a component fewer.

    Attributes
    ----------
    name, beside : what the two rows are called.
    reported : difference of the reported numbers; None where one of them has none.
    lines : the row's lines of the column, one a protocol.
    """

    name: str
    beside: str
    reported: float | None
    lines: list[Line]


def steps(rows: list[Line], column: str) -> list[Step]:
    """The rows of a table that are compared with one of a component fewer, in one of its columns, in their order."""
    mine = [line for line in rows if line["column"] == column]
    reported = {line["row"]: line["reported"] for line in mine}
    names = {line["row"]: full_name(line) for line in mine}
    found = []
    for row, group in groupby((line for line in mine if line["ablated"]), key=lambda line: line["row"]):
        lines = list(group)
        fewer = lines[0]["ablated"]
        published = float(reported[row]) - float(reported[fewer]) if reported[row] and reported[fewer] else None
        found.append(Step(names[row], names[fewer], published, lines))
    return found
