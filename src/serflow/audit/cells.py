"""One cell of a table against its CSV, scores.csv, runs.csv, and the predictions it was made of."""

import csv
import math
from pathlib import Path

from serflow.audit.findings import Step, agree
from serflow.audit.items import Cell
from serflow.audit.recompute import Predictions, Recomputed
from serflow.errors import UserError
from serflow.plan.report import Report
from serflow.reporting.tables import table_rows

__all__ = ["cell_steps"]

WRITTEN = 1.5e-6  # scores.csv has six decimals


def cell_steps(report: Report, cell: Cell, runs: list[Predictions], speakers: dict[str, str]) -> list[Step]:
    """Table, scores.csv and runs.csv against what is recomputed from the runs' predictions."""
    recomputed = Recomputed(runs, speakers, cell.rule)
    row = recomputed.row(cell.column)
    path = f"{report.folder}/{cell.paper}/{cell.table}.csv"
    line = _line(path, {"item": cell.item, "protocol": cell.protocol})
    steps = [_printed(path, line, row)] if line is not None else [_absent(path, cell.name)]
    steps += _scores(cell, row)
    steps += [_epochs(cell, runs)]
    return steps + ([_whole_line(report, cell, path, line)] if line is not None else [])


def _printed(path: str, line: dict[str, str], row: dict) -> Step:
    """The number as printed, in per cent."""
    value = row["mean"] if row["pooled"] is None else row["pooled"]
    if value is None:
        return agree("table", line["reproduced"], "", said=f"{path}: no value")
    said = f"{path} has {line['reproduced']}, the predictions give {100 * value:.2f}"
    # The table rounds what scores.csv has rounded: at a border both roundings are right.
    rounded = {f"{100 * value:.2f}", f"{100 * float(f'{value:.6f}'):.2f}"}
    return Step("table", line["reproduced"] in rounded, said, f"{100 * value:.2f}")


def _scores(cell: Cell, row: dict) -> list[Step]:
    path = f"{cell.scores}/scores.csv"
    line = _line(path, {"system": cell.system, "rule": cell.rule, "metric": cell.column})
    if line is None:
        return [_absent(path, f"{cell.system}, {cell.rule}, {cell.column}")]
    wrong = [key for key, value in row.items() if not _same(line[key], value)]
    if not wrong:
        shown = "mean" if row["pooled"] is None else "pooled"
        return [Step("scores", True, f"{path}: {shown} {line[shown]}; all {len(row)} values recomputed, intervals too")]
    return [
        Step("scores", False, f"{path}: {key} is {line[key] or 'empty'}", f"{_text(row[key])}, from the predictions")
        for key in wrong
    ]


def _epochs(cell: Cell, runs: list[Predictions]) -> Step:
    """The epochs that runs.csv says were chosen, and the runs' own values."""
    path = f"{cell.scores}/runs.csv"
    for run in runs:
        wanted = {"system": cell.system, "rule": cell.rule, "fold": str(run.fold), "seed": str(run.seed)}
        line = _line(path, wanted)
        place = f"fold {run.fold}, seed {run.seed}"
        if line is None:
            return _absent(path, place)
        epoch = "" if cell.rule == "test_each" else str(run.epoch(cell.rule))
        if line["epoch"] != epoch:
            return Step(
                "epochs", False, f"{path}: {place}: epoch {line['epoch'] or 'empty'}", f"epoch {epoch or 'empty'}"
            )
        value = run.value(cell.rule, cell.column)
        if not _same(line[cell.column], value):
            return Step("epochs", False, f"{path}: {place}: {cell.column} {line[cell.column]}", _text(value))
    chosen = "each metric at its own best epoch" if cell.rule == "test_each" else f"chosen by rule {cell.rule!r}"
    return Step("epochs", True, f"{path}: {len(runs)} runs, {chosen}")


def _whole_line(report: Report, cell: Cell, path: str, line: dict[str, str]) -> Step:
    """Every other value of the line: reported number, intervals, difference, p, as the configuration and scores say."""
    try:
        made = table_rows(report.table(cell.paper, cell.table))
    except UserError as error:
        return Step("line", False, str(error))
    (expected,) = [row for row in made if (row["item"], row["protocol"]) == (cell.item, cell.protocol)]
    for key, value in expected.items():
        if line.get(key) != value:
            return Step("line", False, f"{path}: {key} is {line.get(key) or 'empty'}", value or "empty")
    return Step(
        "line", True, f"all {len(expected)} values are those of the YAML, scores.csv and pairs.csv (p: not recomputed)"
    )


def _line(path: str, wanted: dict[str, str]) -> dict[str, str] | None:
    """The line of a CSV that has these values; None where there is none, or no file."""
    if not Path(path).is_file():
        return None
    with open(path, encoding="utf-8", newline="") as file:
        return next((row for row in csv.DictReader(file) if all(row.get(k) == v for k, v in wanted.items())), None)


def _absent(path: str, what: str) -> Step:
    missing = "there is no such file" if not Path(path).is_file() else f"no line for {what}"
    return Step(Path(path).stem, False, f"{path}: {missing}", "snakemake to make it")


def _same(text: str, value: float | int | None) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text == ""
    try:
        return abs(float(text) - value) <= WRITTEN
    except ValueError:
        return False


def _text(value: float | int | None) -> str:
    return "empty" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value)
