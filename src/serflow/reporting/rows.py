"""The tidy rows of a table's CSV: their columns, and how they are written and read.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

import csv
from pathlib import Path

from serflow.files import atomic_path

__all__ = ["COLUMNS", "Line", "read_table", "write_table"]

Line = dict[str, str]  # of a CSV, by the names of its columns

COLUMNS = [
    "item", "row", "name", "variant", "column", "system", "experiment", "reported", "reported_on", "protocol",
    "split", "select",
    "reproduced", "statistic", "low", "high", "low_sessions", "high_sessions", "low_utterances", "high_utterances",
    "mean", "sd", "sd_seeds", "folds", "seeds", "utterances", "speakers", "sessions", "difference", "verdict",
    "against", "test_seeds", "p", "p_holm", "p_sessions", "p_utterances",
    "ablated", "gain", "gain_low", "gain_high", "gain_seeds", "gain_sd_seeds", "gain_by_seed",
    "gain_p", "gain_p_holm", "gain_p_sessions",
    "z_against", "z_seeds", "p_z", "p_z_holm", "p_paired",
    "contrast_to", "contrast", "contrast_low", "contrast_high", "contrast_seeds", "contrast_sd_seeds",
    "contrast_by_seed", "contrast_p", "contrast_p_holm", "contrast_p_sessions", "contrast_reason",
    "group", "value", "classes",
    "ua_train", "undertrained", "ablated_undertrained", "z_against_undertrained", "contrast_undertrained", "note",
]  # fmt: skip


def write_table(rows: list[dict[str, str]], path: str | Path, columns: list[str] = COLUMNS) -> None:
    """Write tidy rows as CSV (UTF-8, LF), atomically; a kind of table may have `columns` of its own."""
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_table(path: str | Path) -> list[dict[str, str]]:
    """Read the tidy rows of a table's CSV."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
