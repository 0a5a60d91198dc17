"""A corpus's own classes, as an experiment and a table of every paper: its main systems, and no published numbers."""

from typing import Any

from serflow.metrics.names import RECALL

__all__ = ["OWN", "OWN_TABLE", "with_own_classes"]

OWN, OWN_TABLE = "own", "table_own"  # the experiment and its table; no paper declares either
KEPT = ("id", "name", "variant", "system")  # of a row


def with_own_classes(paper: dict[str, Any], classes: dict[str, list[str]] | None) -> dict[str, Any]:
    """A paper's declaration with the experiment `OWN` and the table `OWN_TABLE` at the end; without classes, as it is.

    The table has the rows of systems of the paper's main table, which is its first one of scores, and that table's
    columns but for recalls, which are of the paper's classes.
    """
    main = main_table(paper)
    if not classes or main is None:
        return paper
    rows: dict[str, dict[str, Any]] = {}
    for row in main["rows"]:
        if "system" in row:
            rows.setdefault(row["system"], {key: row[key] for key in KEPT if key in row})
    kept = [row["id"] for row in rows.values()]
    chains = [[row for row in chain if row in kept] for chain in main.get("ablation", [])]
    table = {
        "title": "The classes of this corpus",
        "source": "Beyond the paper",
        "note": _told(classes),
        "experiment": OWN,
        "columns": [column for column in main["columns"] if not column.startswith(RECALL)] or ["ua"],
        "rows": list(rows.values()),
    }
    table |= {"ablation": long} if (long := [chain for chain in chains if len(chain) > 1]) else {}
    view = {"style": "any", "classes": classes}
    return paper | {
        "experiments": paper["experiments"] | {OWN: view},
        "tables": paper["tables"] | {OWN_TABLE: table},
    }


def _told(classes: dict[str, list[str]]) -> str:
    """The classes with their labels, and what chance is."""
    named = [name if labels == [name] else f"{name} ({', '.join(labels)})" for name, labels in classes.items()]
    return f"{len(classes)} classes, of all styles: {', '.join(named)}; by chance UA is {100 / len(classes):.1f}."


def main_table(paper: dict[str, Any]) -> dict[str, Any] | None:
    """The first table that shows scores of systems; None of a paper without one."""
    of_scores = (table for table in paper["tables"].values() if table.get("kind", "scores") == "scores")
    return next((table for table in of_scores if any("system" in row for row in table["rows"])), None)
