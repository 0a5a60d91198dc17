"""One cell of a table against its CSV, scores.csv, runs.csv, and the predictions it was made of."""

from collections.abc import Iterator

from serflow.audit.calibration import METRICS, Calibration
from serflow.audit.comparison import Units
from serflow.audit.findings import Step, agree
from serflow.audit.items import TableCell
from serflow.audit.lines import held_against, only_line, same, told
from serflow.audit.recompute import Predictions, Recomputed
from serflow.audit.table_files import table_path
from serflow.audit.z_tests import z_test
from serflow.metrics.names import DEVELOPMENT, UNSHARED, WHOLE, metric_of
from serflow.plan.report import Report

__all__ = ["cell_steps", "line_steps", "recomputed", "z_step"]


def recomputed(runs: list[Predictions], units: Units, select: str, column: str) -> Recomputed | None:
    """What a column's numbers come of; None where no utterance is scored."""
    scored = [run for run in runs if run.names]  # none are left of a run whose test utterances are all left out
    if not scored or column.endswith(DEVELOPMENT) and select.startswith("best_test"):
        return None
    return (Calibration if column.startswith(METRICS) else Recomputed)(scored, units, select)


def cell_steps(
    report: Report,
    cell: TableCell,
    runs: list[Predictions],
    made: Recomputed | None,
    training: dict[str, float | str | None],
) -> Iterator[Step]:
    """Table, scores.csv and runs.csv against what is recomputed from the runs' predictions.

    `made`: of these runs (`recomputed`). `training`: what scores.csv must say of the system's training
    (`serflow.audit.training`).
    """
    path = table_path(report, cell.paper, cell.table)
    if made is None:
        yield agree("table", _reproduced(cell, path), "", said="nothing is scored")
        return
    row = made.row(cell.place.metric) | training
    yield _printed(cell, path, row)
    yield from _scores(cell, row)
    if cell.column.endswith(WHOLE) and cell.select.startswith("best_test"):
        return  # runs.csv has the epochs that all test utterances choose
    yield _epochs(cell, runs, made)


def line_steps(report: Report, cell: TableCell, row: dict | None) -> Iterator[Step]:
    """Table and scores.csv against the line that is recomputed from what is stored; None: nothing is scored."""
    path = table_path(report, cell.paper, cell.table)
    if row is None:
        yield agree("table", _reproduced(cell, path), "", said="nothing is scored")
        return
    yield _printed(cell, path, row)
    yield from _scores(cell, row)


def z_step(report: Report, cell: TableCell, runs: list[Predictions], rivals: list[Predictions]) -> Step:
    """The table's z-test against `rivals`, in pairs.csv and as printed, and made anew from predictions of both."""
    z, p = z_test(runs, rivals, cell.select, cell.column.removesuffix(WHOLE))
    path, printed = f"{cell.scores}/pairs.csv", table_path(report, cell.paper, cell.table)
    wanted = {"system": cell.system, "against": cell.against, "select": cell.select, "metric": cell.column}
    pair, line = only_line(path, wanted), only_line(printed, {"item": cell.item, "protocol": cell.protocol})
    for found in (pair, line):
        if isinstance(found, Step):
            return found
    ps = [(path, pair["p_z"]), (printed, line["p_z"])]
    for file, name, text, value in [(path, "z", pair["z"], z), *((file, "p_z", text, p) for file, text in ps)]:
        if not same(text, value):
            return Step("z", False, f"{file}: {name} is {text or 'empty'}", f"{told(value)}, from the predictions")
    if z is None:
        return Step("z", True, f"{path}: none, as the test part chose the epoch or nothing varies")
    return Step("z", True, f"{path}: {pair['z']} against {cell.against}, p {pair['p_z']}: recomputed")


def _printed(cell: TableCell, path: str, row: dict) -> Step:
    """The number as printed: a share in per cent with two decimals, what is no share with four."""
    line = only_line(path, {"item": cell.item, "protocol": cell.protocol})
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
    line = only_line(path, {"item": cell.item, "protocol": cell.protocol})
    return line.said if isinstance(line, Step) else line["reproduced"]


def _scores(cell: TableCell, row: dict) -> list[Step]:
    path = f"{cell.scores}/scores.csv"
    line = only_line(path, {"system": cell.system, "select": cell.select, "metric": cell.column})
    if isinstance(line, Step):
        return [line]
    wrong = [*held_against("scores", path, line, row)]
    if wrong:
        return wrong
    shown = "mean" if row["pooled"] is None else "pooled"
    return [Step("scores", True, f"{path}: {shown} {line[shown]}; all {len(row)} values recomputed, intervals too")]


def _epochs(cell: TableCell, runs: list[Predictions], made: Recomputed) -> Step:
    """The epochs that runs.csv says were chosen, and the runs' own values."""
    path = f"{cell.scores}/runs.csv"
    for run in runs:
        wanted = {"system": cell.system, "select": cell.select, "fold": str(run.fold), "seed": str(run.seed)}
        line = only_line(path, wanted)
        if isinstance(line, Step):
            return line
        place = f"fold {run.fold}, seed {run.seed}"
        epoch = "" if cell.select == "best_test_each" or run.given else str(run.epoch(cell.select))
        if line["epoch"] != epoch:
            return Step(
                "epochs", False, f"{path}: {place}: epoch {line['epoch'] or 'empty'}", f"epoch {epoch or 'empty'}"
            )
        if cell.column.endswith((UNSHARED, WHOLE, DEVELOPMENT)):  # runs.csv has the metrics of all test utterances
            continue
        value = made.value(run, cell.column)
        if not same(line[cell.column], value):
            return Step("epochs", False, f"{path}: {place}: {cell.column} {line[cell.column]}", told(value))
    if runs[0].given:
        return Step("epochs", True, f"{path}: {len(runs)} runs, given from elsewhere: no epoch")
    chosen = "each metric at its own best epoch" if cell.select == "best_test_each" else f"chosen by {cell.select}"
    return Step("epochs", True, f"{path}: {len(runs)} runs, {chosen}")
