"""A count of a table against its CSV and the manifest, counted anew, plainly."""

from collections.abc import Iterator

from serflow.audit.data import Data
from serflow.audit.findings import Step, agree
from serflow.audit.items import TableCell
from serflow.audit.table_files import table_path
from serflow.files import file_digest, read_json
from serflow.plan.report import Report
from serflow.reporting.rows import read_table

__all__ = ["count_steps", "view_steps"]


def count_steps(report: Report, cell: TableCell, data: Data) -> Iterator[Step]:
    """The number of a cell against a count of the manifest's rows: by style, label and session, nothing else."""
    path = table_path(report, cell.paper, cell.table)
    lines = [line for line in read_table(path) if line["item"] == cell.item]
    view = report.workflow.papers[cell.paper]["experiments"][cell.experiment]
    stand_ins = report.workflow.corpus["missing_labels"]
    names = [cell.column] if cell.column in view["classes"] else list(view["classes"])
    labels = {stand_ins.get(label, label) for name in names for label in view["classes"][name]}
    number = sum(
        row.label in labels and view["style"] in ("any", row.style) and cell.row in ("all", f"session{row.session}")
        for row in data.manifest.itertuples()
    )
    found = [line["reproduced"] for line in lines]
    said = f"{path} has {' and '.join(found) or 'no such line'}, the manifest {number}"
    yield Step("count", found == [str(number)], said, str(number))


def view_steps(data: Data) -> Iterator[Step]:
    """The view on disk against what is recorded of it."""
    recorded, found = read_json(data.view.fingerprint)["digest"], file_digest(data.view.utterances)
    yield agree("view", found, recorded, said=f"{data.view.utterances} is as fingerprinted")
