"""What a report shows, by ids: cells, <paper>/<table>/<row>/<column>, with @<protocol> for one column; figures."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serflow.audit.table_files import table_path
from serflow.errors import UserError
from serflow.metrics.names import CALIBRATION, DEVELOPMENT, UNSHARED, WHOLE
from serflow.plan.others import is_cross
from serflow.plan.report import Report
from serflow.reporting.rows import read_table
from serflow.reporting.table_rows import REPORTED_ONLY

__all__ = [
    "Document",
    "Drawn",
    "FindingsPage",
    "Item",
    "Place",
    "TableCell",
    "UnknownItem",
    "all_cells",
    "all_items",
    "chosen_items",
    "table_cells",
]

Z_TESTED = ("wa", "ua", f"wa{WHOLE}", f"ua{WHOLE}")  # of other metrics there is no z


class UnknownItem(UserError):
    """An id that the report of the present configuration does not have."""


@dataclass(frozen=True)
class Place:
    """Where a number comes from: a system's runs, under a split and a selection, and the metric, a table's column."""

    paper: str
    experiment: str
    system: str
    split: str
    select: str
    column: str

    @property
    def system_key(self) -> tuple[str, str, str]:
        """Paper, experiment and system."""
        return self.paper, self.experiment, self.system

    @property
    def metric(self) -> str:
        """The metric without the ending that says of which utterances it is."""
        return self.column.removesuffix(UNSHARED).removesuffix(WHOLE).removesuffix(DEVELOPMENT)

    @property
    def kind(self) -> str:
        """A column that comes of the same sums: all rates of the same utterances do, and so do all of calibration."""
        metric = CALIBRATION[0] if self.column.startswith(CALIBRATION) else "ua"
        return metric + next((ending for ending in (UNSHARED, WHOLE, DEVELOPMENT) if self.column.endswith(ending)), "")


@dataclass(frozen=True)
class TableCell:
    """One number of a table: row, column and protocol.

    `reason` says why it is not made (then `scores` is None and, for a quoted row, `protocol` empty). A cell of `kind`
    "counts" has no protocol, split, selection, system nor scores; of one of "asr" the system is a teacher.
    `against` is the system that the table's z-test of this column is against, `reference` that of its paired tests,
    `ablated` that of the row with a component fewer, `contrast` the split and selection of the protocol that the
    cell's own is compared with. A cell of another corpus has the paper's experiment as `declared`. A cell of `kind`
    "claims" says that its system has a higher or a lower value than `against` (`direction` above or below).
    """

    paper: str
    table: str
    row: str
    column: str
    protocol: str
    split: str
    select: str
    experiment: str | None
    system: str | None
    scores: str | None
    reason: str | None
    kind: str = "scores"
    against: str | None = None
    reference: str | None = None
    ablated: str | None = None
    contrast: tuple[str, str] | None = None
    direction: str = ""
    declared: str = ""

    @property
    def item(self) -> str:
        """The id that the table's CSV gives it."""
        return f"{self.paper}/{self.table}/{self.row}/{self.column}"

    @property
    def place(self) -> Place:
        """Where the number comes from, of a cell that is reproduced."""
        return Place(self.paper, self.experiment, self.system, self.split, self.select, self.column)

    @property
    def name(self) -> str:
        """The id with its protocol."""
        return f"{self.item}@{self.protocol}" if self.protocol else self.item


@dataclass(frozen=True)
class Drawn:
    """A figure; `kind` is the YAML's. It has no protocol of its own."""

    paper: str
    figure: str
    kind: str
    protocol: str = ""

    @property
    def item(self) -> str:
        """The id of the figure."""
        return f"{self.paper}/{self.figure}"

    @property
    def name(self) -> str:
        """The same."""
        return self.item


@dataclass(frozen=True)
class FindingsPage:
    """The page of findings."""

    protocol: str = ""
    item: str = "findings"
    name: str = "findings"


@dataclass(frozen=True)
class Document:
    """The PDF of all tables, figures and pages."""

    protocol: str = ""
    item: str = "pdf"
    name: str = "pdf"


Item = TableCell | Drawn | FindingsPage | Document


def all_cells(report: Report) -> list[TableCell]:
    """Every cell of every table of the present configuration, in the report's order."""
    return [
        cell
        for paper in report.workflow.papers
        for table in report.tables(paper)
        for cell in table_cells(report, paper, table)
    ]


def all_items(report: Report) -> list[Item]:
    """Every cell, every figure of the present configuration, in the report's order, the page of findings, the PDF."""
    figures = [
        Drawn(paper, figure, report.workflow.papers[paper]["figures"][figure]["kind"])
        for paper in report.workflow.papers
        for figure in report.figures(paper)
    ]
    return [*all_cells(report), *figures, FindingsPage(), Document()]


def table_cells(report: Report, paper: str, table: str) -> list[TableCell]:
    """Every cell of a table, in its order."""
    spec = report.table(paper, table)
    if spec.get("kind") == "counts":
        return _counted(report, paper, table, spec)
    if spec.get("kind") == "claims":
        return _claimed(paper, table, spec)
    cells = []
    for row in spec["rows"]:
        for column in spec["columns"]:
            place = {"paper": paper, "table": table, "row": row["id"], "column": column, "system": row["system"]}
            if row["system"] is None:
                nothing = dict.fromkeys(("experiment", "scores"))
                cells.append(TableCell(**place, **nothing, protocol="", split="", select="", reason=REPORTED_ONLY))
                continue
            against = (spec.get("z_test") or {}).get("against") if column in Z_TESTED else None
            place["against"] = None if against == row["system"] else against
            place |= {"reference": spec.get("reference"), "ablated": (row.get("ablated") or {}).get("system")}
            for protocol in spec["protocols"]:
                made = {"experiment": row["experiment"], "scores": row["scores"][protocol["name"]]}
                how = {"protocol": protocol["name"], "split": protocol["split"], "select": protocol["select"]}
                how |= {"reason": row["missing"].get(protocol["name"]), "kind": spec.get("kind", "scores")}
                how |= {"declared": row["declared"]} if is_cross(protocol["name"]) else {}
                cells.append(TableCell(**place, **made, **how, contrast=_contrast(spec, row, protocol["name"])))
    return cells


def _claimed(paper: str, table: str, spec: dict[str, Any]) -> list[TableCell]:
    """A cell for each claim under each protocol."""
    return [
        TableCell(
            paper=paper, table=table, row=claim["id"], column=claim["metric"], protocol=protocol["name"],
            split=protocol["split"], select=protocol["select"], experiment=claim["experiment"],
            system=claim["system"], against=claim["against"], scores=claim["scores"][protocol["name"]],
            reason=claim["missing"].get(protocol["name"]), kind="claims", direction=claim["direction"],
        )
        for claim in spec["rows"]
        for protocol in spec["protocols"]
    ]  # fmt: skip


def _contrast(spec: dict[str, Any], row: dict[str, Any], protocol: str) -> tuple[str, str] | None:
    """Split and selection of what a protocol of a row is compared with, where a contrast of the table names it."""
    places = {one["name"]: (one["split"], one["select"]) for one in spec["protocols"]}
    others = (one["to"] for one in spec.get("contrasts", []) if one["from"] == protocol)
    return next((places[to] for to in others if row["scores"].get(to)), None)


def _counted(report: Report, paper: str, table: str, spec: dict[str, Any]) -> list[TableCell]:
    """Cells of a table of counts; which sessions there are, its file alone says."""
    path = Path(table_path(report, paper, table))
    places = [(line["row"], line["column"]) for line in read_table(path)] if path.is_file() else []
    nothing = dict.fromkeys(("system", "scores")) | dict.fromkeys(("protocol", "split", "select"), "")
    nothing |= {"experiment": spec["experiment"], "reason": None if spec["view"] else spec["note"], "kind": "counts"}
    return [
        TableCell(paper=paper, table=table, row=row, column=column, **nothing)
        for row, column in places or [("all", column) for column in (*spec["classes"], "all")]
    ]


def chosen_items(items: list[Item], wanted: list[str]) -> list[Item]:
    """The items that `wanted` names: whole ids, or the beginning of one (a paper, a table, a row); all if empty.

    Raises
    ------
    UnknownItem
        If an id names none; the message has the nearest one.
    """
    if not wanted:
        return items
    found: list[Item] = []
    for name in wanted:
        matching = [item for item in items if _names(name, item)]
        if not matching:
            raise _unknown(name, items)
        found += [item for item in matching if item not in found]
    return found


def _names(name: str, one: Item) -> bool:
    item, _, protocol = name.partition("@")
    inside = f"{one.item}/".startswith(f"{item}/")
    return inside and protocol in ("", one.protocol)


def _unknown(name: str, cells: list[Item]) -> UnknownItem:
    item, at, protocol = name.partition("@")
    if at and any(_names(item, cell) for cell in cells):
        here = dict.fromkeys(cell.protocol for cell in cells if _names(item, cell) and cell.protocol)
        counted = any(_names(item, cell) and cell.kind == "counts" for cell in cells)
        none = "it is counted, under none" if counted else "it is quoted, not reproduced"
        none = (
            "figures, the page of findings and the PDF are asked for without one"
            if any(not isinstance(cell, TableCell) for cell in cells if _names(item, cell))
            else none
        )
        known = f"its protocols here: {', '.join(here)}" if here else none
        return UnknownItem(f"{name}: {item} has no protocol {protocol!r}; {known}")
    ids = list(dict.fromkeys(cell.item for cell in cells))
    close = difflib.get_close_matches(item, ids, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return UnknownItem(
        f"{name}: no such item in the report of this configuration{hint} "
        f"Expected <paper>/<table>/<row>/<column>, as {ids[0]}, with @<protocol> for one protocol"
    )
