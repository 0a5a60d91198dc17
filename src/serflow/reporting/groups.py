"""A table of UA by group of test utterances: sex, style, duration, and the worst speaker; then calibration.

Only the standard library is imported: a report has many tables, and start-up would dominate them.
"""

from itertools import groupby
from pathlib import Path
from typing import Any

from serflow.reporting.rows import Line
from serflow.reporting.scores import read_lines
from serflow.reporting.undertrained import SIGN, marked
from serflow.reporting.wording import full_name, metric_name, rounded, sentence, text_in_unit

__all__ = ["WORST", "group_lines", "groups_layout"]

WORST = "ua_speaker_worst"  # column of the speaker with the lowest UA
LABELS = {"under 2 s": "< 2 s", "2 to 7.5 s": "2–7.5 s", "above 7.5 s": "> 7.5 s"}


def group_lines(line: Line, scores: str | None) -> list[Line]:
    """Tell UA by group, from groups.csv, of the system whose UA of all utterances a table's `line` has.

    Parameters
    ----------
    line : of the column `ua`.
    scores : folder of the scores; None: there are none, and no lines of groups.

    Returns
    -------
    list of dict
        A line a group (column `ua_<kind>_<value>`) with `group`, `value`, `speakers` and `classes` besides what all
        lines have; of the speakers the one with the lowest UA, of equals the first, as `WORST`. A kind of group that
        has one value is left out: it is all utterances again.
    """
    if not line.get("reproduced"):
        return []
    found = read_lines(Path(scores) / "groups.csv", system=line["system"], select=line["select"])
    lines = []
    for kind, members in groupby(found, key=lambda group: group["group"]):
        groups = list(members)
        if kind == "speaker":
            worst = min(groups, key=lambda group: float(group["ua"]))
            lines.append(_line(line, worst, WORST))
        elif len(groups) > 1:
            lines += [_line(line, group, f"ua_{kind}_{group['value'].replace(' ', '_')}") for group in groups]
    return lines


def _line(line: Line, group: Line, column: str) -> Line:
    kept = ["row", "name", "variant", "system", "experiment", "protocol", "split", "select"]
    kept += ["statistic", "folds", "note", "ua_train", "undertrained"]
    values = {"reproduced": group["ua"], "low": group["low"], "high": group["high"]}
    texts = {key: text_in_unit(value, "ua") for key, value in values.items()}
    texts |= {key: group[key] for key in ("group", "value", "utterances", "speakers", "seeds", "classes")}
    texts |= {key: line.get(key, "") for key in kept}
    return texts | {"item": f"{line['item'].rpartition('/')[0]}/{column}", "column": column, "reported": ""}


def groups_layout(spec: dict[str, Any], rows: list[Line], *, caption: str) -> dict[str, Any]:
    """Lay the table out for the template: a line a system that was run.

    Parameters
    ----------
    spec : as of `serflow.reporting.table_rows.table_rows`; also `classes` of the view.
    rows : its tidy rows.
    caption : what stands above it.

    Returns
    -------
    dict
        id, title, source, caption, footnotes, left_out (a sentence a reason why systems were not run), and by_group:
        heads (text, span), columns (label, tested), rows (name, sign, cells: text, spread, mark).
    """
    footnotes: list[str] = []
    made = [line for line in rows if line["reproduced"]]
    columns = {line["column"]: line for line in made}  # each with one of its lines
    printed = []
    for _, lines in groupby(made, key=lambda line: line["row"]):
        by_column = {line["column"]: line for line in lines}
        cells = [_cell(by_column.get(column), len(spec["classes"]), footnotes) for column in columns]
        first = by_column["ua"]
        printed.append({"name": full_name(first), "sign": SIGN if marked(first) else "", "cells": cells})
    kinds = groupby(line["group"] or ("UA" if line["column"] == "ua" else "calibration") for line in columns.values())
    by_group = {
        "heads": [{"text": kind, "span": len(list(same))} for kind, same in kinds],
        "columns": [{"label": _label(line), "tested": _tested(line["column"], made)} for line in columns.values()],
        "rows": printed,
    }
    common = {key: spec[key] for key in ("id", "title", "source")} | {"caption": caption, "footnotes": footnotes}
    return common | {"by_group": by_group, "left_out": _left_out(rows)}


def _left_out(rows: list[Line]) -> list[str]:
    """Which systems were not run, and why: a sentence a reason."""
    reasons: dict[str, list[str]] = {}
    for line in rows:
        if line["column"] == "ua" and not line["reproduced"]:
            reasons.setdefault(line["note"], []).append(full_name(line))
    return [sentence(f"{'; '.join(names)}: {reason}") for reason, names in reasons.items()]


def _label(line: Line) -> str:
    if line["column"] in ("ua", WORST):
        return {"ua": "all", WORST: "worst"}[line["column"]]
    return LABELS.get(line["value"], line["value"]) if line["group"] else metric_name(line["column"])


def _tested(column: str, made: list[Line]) -> str:
    """Test utterances of a column, or the fewest and the most; nothing where another column says it."""
    if not column.startswith("ua") or column == WORST:
        return ""
    numbers = sorted({int(line["utterances"]) for line in made if line["column"] == column})
    return "–".join(f"{number:,}" for number in dict.fromkeys((numbers[0], numbers[-1])))


def _cell(line: Line | None, classes: int, footnotes: list[str]) -> dict[str, Any]:
    if line is None:
        return {"text": "", "spread": "", "mark": 0}
    value, low, high = (line[key] and rounded(line[key], line["column"]) for key in ("reproduced", "low", "high"))
    spread = line["value"] if line["column"] == WORST else f"[{low}–{high}]" if low else ""
    there, mark = int(line["classes"] or classes), 0
    if there < classes:
        note = f"UA over {there} of the {classes} classes: the others have no test utterance there"
        footnotes += [] if note in footnotes else [note]
        mark = footnotes.index(note) + 1
    return {"text": value, "spread": spread, "mark": mark}
