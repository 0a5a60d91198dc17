"""One cell of a table against its CSV, scores.csv, runs.csv, and the predictions it was made of."""

import math
from collections.abc import Iterator
from pathlib import Path

from serflow.audit.calibration import METRICS, Calibration
from serflow.audit.comparison import Units
from serflow.audit.findings import Step, agree
from serflow.audit.items import TableCell
from serflow.audit.recompute import Predictions, Recomputed
from serflow.audit.table_files import table_path
from serflow.audit.z_tests import z_test
from serflow.metrics.names import DEVELOPMENT, UNSHARED, WHOLE, metric_of
from serflow.plan.report import Report
from serflow.reporting.rows import read_table

__all__ = ["cell_steps", "error_rate_steps", "z_step"]

WRITTEN = 1.5e-6  # scores.csv has six decimals


def cell_steps(
    report: Report,
    cell: TableCell,
    runs: list[Predictions],
    units: Units,
    training: dict[str, float | str | None],
) -> Iterator[Step]:
    """Table, scores.csv and runs.csv against what is recomputed from the runs' predictions.

    `training`: what scores.csv must say of the system's training (`serflow.audit.training`).
    """
    path = table_path(report, cell.paper, cell.table)
    scored = [run for run in runs if run.names]  # none are left of a run whose test utterances are all left out
    if not scored or cell.column.endswith(DEVELOPMENT) and cell.select.startswith("best_test"):
        yield agree("table", _reproduced(cell, path), "", said="no utterance is scored")
        return
    metric = cell.column.removesuffix(UNSHARED).removesuffix(WHOLE).removesuffix(DEVELOPMENT)
    kind = Calibration if metric in METRICS else Recomputed
    row = kind(scored, units, cell.select).row(metric) | training
    yield _printed(cell, path, row)
    yield from _scores(cell, row)
    if cell.column.endswith(WHOLE) and cell.select.startswith("best_test"):
        return  # runs.csv has the epochs that all test utterances choose
    yield _epochs(cell, kind(runs, units, cell.select))


def error_rate_steps(report: Report, cell: TableCell, row: dict | None) -> Iterator[Step]:
    """Table and scores.csv against what is recomputed from the teachers' hypotheses; None: no line is scored."""
    path = table_path(report, cell.paper, cell.table)
    if row is None:
        yield agree("table", _reproduced(cell, path), "", said="no line is scored")
        return
    yield _printed(cell, path, row)
    yield from _scores(cell, row)


def z_step(report: Report, cell: TableCell, runs: list[Predictions], rivals: list[Predictions]) -> Step:
    """The table's z-test against `rivals`, in pairs.csv and as printed, and made anew from predictions of both."""
    z, p = z_test(runs, rivals, cell.select, cell.column.removesuffix(WHOLE))
    path, printed = f"{cell.scores}/pairs.csv", table_path(report, cell.paper, cell.table)
    wanted = {"system": cell.system, "against": cell.against, "select": cell.select, "metric": cell.column}
    pair, line = _only_line(path, wanted), _only_line(printed, {"item": cell.item, "protocol": cell.protocol})
    for found in (pair, line):
        if isinstance(found, Step):
            return found
    ps = [(path, pair["p_z"]), (printed, line["p_z"])]
    for file, name, text, value in [(path, "z", pair["z"], z), *((file, "p_z", text, p) for file, text in ps)]:
        if not _same(text, value):
            return Step("z", False, f"{file}: {name} is {text or 'empty'}", f"{_text(value)}, from the predictions")
    if z is None:
        return Step("z", True, f"{path}: none, as the test part chose the epoch or nothing varies")
    return Step("z", True, f"{path}: {pair['z']} against {cell.against}, p {pair['p_z']}: recomputed")


def _printed(cell: TableCell, path: str, row: dict) -> Step:
    """The number as printed: a share in per cent with two decimals, what is no share with four."""
    line = _only_line(path, {"item": cell.item, "protocol": cell.protocol})
    if isinstance(line, Step):
        return line
    value = row["mean"] if row["pooled"] is None else row["pooled"]
    if value is None:
        return agree("table", line["reproduced"], "", said=f"{path}: no value")
    factor, form = (100, ".2f") if metric_of(cell.column).per_cent else (1, ".4f")
    expected = f"{factor * value:{form}}"
    said = f"{path} has {line['reproduced']}, the predictions give {expected}"
    # The table rounds what scores.csv has rounded: at a border both roundings are right.
    rounded = {expected, f"{factor * float(f'{value:.6f}'):{form}}"}
    return Step("table", line["reproduced"] in rounded, said, expected)


def _reproduced(cell: TableCell, path: str) -> str:
    line = _only_line(path, {"item": cell.item, "protocol": cell.protocol})
    return line.said if isinstance(line, Step) else line["reproduced"]


def _scores(cell: TableCell, row: dict) -> list[Step]:
    path = f"{cell.scores}/scores.csv"
    line = _only_line(path, {"system": cell.system, "select": cell.select, "metric": cell.column})
    if isinstance(line, Step):
        return [line]
    wrong = [key for key, value in row.items() if not _same(line[key], value)]
    if not wrong:
        shown = "mean" if row["pooled"] is None else "pooled"
        return [Step("scores", True, f"{path}: {shown} {line[shown]}; all {len(row)} values recomputed, intervals too")]
    return [
        Step("scores", False, f"{path}: {key} is {line[key] or 'empty'}", f"{_text(row[key])}, from the predictions")
        for key in wrong
    ]


def _epochs(cell: TableCell, made: Recomputed) -> Step:
    """The epochs that runs.csv says were chosen, and the runs' own values."""
    path = f"{cell.scores}/runs.csv"
    for run in made.runs:
        wanted = {"system": cell.system, "select": cell.select, "fold": str(run.fold), "seed": str(run.seed)}
        line = _only_line(path, wanted)
        if isinstance(line, Step):
            return line
        place = f"fold {run.fold}, seed {run.seed}"
        epoch = "" if cell.select == "best_test_each" else str(run.epoch(cell.select))
        if line["epoch"] != epoch:
            return Step(
                "epochs", False, f"{path}: {place}: epoch {line['epoch'] or 'empty'}", f"epoch {epoch or 'empty'}"
            )
        if cell.column.endswith((UNSHARED, WHOLE, DEVELOPMENT)):  # runs.csv has the metrics of all test utterances
            continue
        value = made.value(run, cell.column)
        if not _same(line[cell.column], value):
            return Step("epochs", False, f"{path}: {place}: {cell.column} {line[cell.column]}", _text(value))
    chosen = "each metric at its own best epoch" if cell.select == "best_test_each" else f"chosen by {cell.select}"
    return Step("epochs", True, f"{path}: {len(made.runs)} runs, {chosen}")


def _only_line(path: str, wanted: dict[str, str]) -> dict[str, str] | Step:
    """The one line of a CSV that has these values, or what is wrong with the file."""
    name = Path(path).stem
    if not Path(path).is_file():
        return Step(name, False, f"{path}: there is no such file", "snakemake to make it")
    lines = [row for row in read_table(path) if all(row.get(key) == value for key, value in wanted.items())]
    if len(lines) != 1:
        return Step(name, False, f"{path}: there are {len(lines)} lines for {', '.join(wanted.values())}", "one")
    return lines[0]


def _same(text: str, value: float | int | str | None) -> bool:
    if isinstance(value, str):
        return text == value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text == ""
    try:
        return abs(float(text) - value) <= WRITTEN
    except ValueError:
        return False


def _text(value: float | int | str | None) -> str:
    return "empty" if value in (None, "") else f"{value:.6f}" if isinstance(value, float) else str(value)
