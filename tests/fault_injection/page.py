"""The counts of docs/faults.md, out of what the faults came to."""

from collections import Counter
from pathlib import Path

from tabulate import tabulate

START, END = "<!-- counts: made by `make faults-test PAGE=docs/faults.md` -->", "<!-- end of the counts -->"


def write_page(page: Path, rows: list[list]) -> None:
    """Put the counts between the marks of a page; rows: kind, stage, what, outcome, seconds, what was seen."""
    before, _, rest = page.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n\n{counts(rows)}\n\n{END}{after}", encoding="utf-8")


def counts(rows: list[list]) -> str:
    """A line a kind of fault: how many, at which stages, and how many ended in which way."""
    lines = []
    for kind in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == kind]
        ends = Counter(_end(row) for row in mine)
        stages = ", ".join(dict.fromkeys(row[1] for row in mine))
        lines.append([kind, stages, len(mine), *(ends[end] or "" for end in ENDS)])
    total = Counter(_end(row) for row in rows)
    lines.append(["all", "", len(rows), *(total[end] or "" for end in ENDS)])
    return tabulate(lines, ["fault", "stages", "tries", *ENDS], tablefmt="github")


ENDS = ("equal bytes", "named, then equal bytes", "not possible here")


def _end(row: list) -> str:
    """How a try ended that lost nothing."""
    if row[3] == "skipped":
        return ENDS[2]
    return ENDS["told: " in row[5]]
