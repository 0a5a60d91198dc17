"""The tidy rows of a table's CSV: their columns, and how they are written and read.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

import csv
from pathlib import Path

from serflow.files import atomic_path

__all__ = ["COLUMNS", "Line", "read_table", "write_table"]

Line = dict[str, str]  # of a CSV, by the names of its columns

COLUMNS = [
    "item", "row", "name", "variant", "column", "system", "experiment", "reported", "protocol", "split", "select",
    "reproduced", "statistic", "low", "high", "low_utterances", "high_utterances", "mean", "sd",
    "folds", "seeds", "utterances", "difference", "verdict", "against", "p", "p_utterances",
    "ablated", "gain", "gain_low", "gain_high", "gain_p", "z_against", "p_z", "p_paired",
    "ua_train", "undertrained", "ablated_undertrained", "z_against_undertrained", "note",
]  # fmt: skip


def write_table(rows: list[dict[str, str]], path: str | Path) -> None:
    """Write tidy rows as CSV (UTF-8, LF), atomically."""
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_table(path: str | Path) -> list[dict[str, str]]:
    """Read the tidy rows of a table's CSV."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
