"""What a report shows, item by item: cells, figures, the page of findings, the PDF; and what each rests on."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from serflow.audit.beneath import Beneath
from serflow.audit.cells import cell_steps, line_steps, z_step
from serflow.audit.claims import Measured, verdict_steps
from serflow.audit.comparison import Compared
from serflow.audit.counted_cells import count_steps, view_steps
from serflow.audit.cross import CrossNumbers, predicted_steps
from serflow.audit.drawn import DrawnNumbers
from serflow.audit.figure_files import figure_path, figure_steps
from serflow.audit.findings import Node, Step, gathered
from serflow.audit.findings_page import findings_steps, page_places, verdicts_steps
from serflow.audit.groups import bins_steps, group_steps
from serflow.audit.items import Drawn, FindingsPage, Item, Place, TableCell, table_cells
from serflow.audit.printed import document_steps, figure_bytes_steps, findings_bytes_steps, table_bytes_steps
from serflow.audit.table_files import table_path, table_steps
from serflow.audit.table_tests import claim_steps, contrast_steps, gain_steps, reference_steps, z_paired_step
from serflow.audit.used_epochs import epochs_step
from serflow.metrics.names import metric_of
from serflow.paths import PDF
from serflow.plan.cross import CrossView
from serflow.plan.others import PROTOCOL
from serflow.provenance.run_key import RunKey
from serflow.reporting.rows import read_table

__all__ = ["Audit"]


class Audit:
    """An audit of one configuration; `beneath`: what its numbers rest on."""

    def __init__(self, beneath: Beneath):
        self.beneath, self.report, self.options = beneath, beneath.report, beneath.options
        self.workflow = self.report.workflow
        self.numbers, self.teachers = beneath.numbers, beneath.teachers
        self.crossed = CrossNumbers(self.report.cross)

    def item(self, item: Item) -> Node:
        """Check what the report shows under an id."""
        if isinstance(item, TableCell):
            return self.cell(item)
        if isinstance(item, Drawn):
            return self.figure(item)
        return self.page() if isinstance(item, FindingsPage) else self.document()

    def cell(self, cell: TableCell) -> Node:
        """Check one cell and what it rests on."""
        if cell.reason:
            return Node(self._title(cell), [Step("not reproduced", None, cell.reason)], [self._table(cell)])
        if cell.kind == "counts":
            return self._counted(cell)
        if cell.kind == "asr":
            return self._recognised(cell)
        if cell.declared:
            return self._crossed(cell)
        rivals = self._rivals(cell)
        numbers = self._claim(cell) if cell.kind == "claims" else self._numbers(cell)
        node = gathered(self._title(cell), numbers)
        node.children = [self._table(cell), *self.beneath.nodes(cell.place, rivals)]
        node.steps += self._epochs(cell.place)
        if cell.kind == "claims":
            node.steps += self._epochs(replace(cell.place, system=cell.against))
        return node

    def _printed(self, steps: Iterator[Step]) -> list[Step]:
        """What is printed, made anew."""
        return gathered("", steps).steps

    def _epochs(self, place: Place, *, every: bool = False) -> list[Step]:
        """The epochs that a number is of, and which of them no network could be asked about; `every`: of a curve."""
        if self.numbers.given(place) or [*self.numbers.unread(self.numbers.runs(place))]:
            return []
        side = self.numbers.side(place)
        runs = side.runs if side else []
        used = [
            (run.fold, run.seed, epoch)
            for run in runs
            for epoch in ([*run.epochs] if every else [side.epoch(run, place.metric)])
        ]
        return gathered("", epochs_step(self.beneath.used(place, used))).steps

    def figure(self, figure: Drawn) -> Node:
        """Check the data file of a figure and, where it is made anew from runs, what they rest on."""
        spec = self.report.figure(figure.paper, figure.figure)
        drawn = DrawnNumbers(self.numbers, figure, spec)
        path = figure_path(self.report, figure.paper, figure.figure)
        node = gathered(f"{figure.item} ({figure.kind})", figure_steps(path, spec, drawn))
        node.steps += self._printed(figure_bytes_steps(self.report, figure.paper, figure.figure))
        beneath: dict[str, Node] = {}
        for below in (below for place in drawn.places() for below in self.beneath.nodes(place, [])):
            beneath.setdefault(below.title, below)
        node.children = list(beneath.values())
        for place in drawn.places():
            node.steps += self._epochs(place, every=figure.kind == "training_curves")
        return node

    def page(self) -> Node:
        """Check the page of findings and its CSVs, and what they rest on where no cell has had it checked."""
        spec, files = self.report.findings_spec(), self.report.findings
        node = gathered("findings", findings_steps(spec, files["systems"], self.numbers))
        node.children = [gathered("claims of the page", self._page_of_claims(spec, files["claims"]))]
        node.steps += self._printed(findings_bytes_steps(self.report))
        beneath = (below for place in page_places(spec) for below in self.beneath.nodes(place, []))
        node.children += [below for below in beneath if below.again is None or not below.ok]
        for place in page_places(spec):
            node.steps += self._epochs(place)
        return node

    def document(self) -> Node:
        """Check the PDF: that it is what is typeset of all tables, figures and pages as they are on disk."""
        return gathered(f"pdf {PDF}", document_steps(self.report))

    def _page_of_claims(self, spec: dict[str, Any], path: str) -> Iterator[Step]:
        lines = {
            paper["key"]: [line for table in paper["claims"] for line in read_table(table)] for paper in spec["papers"]
        }
        yield from verdicts_steps(path, lines)

    def _rivals(self, cell: TableCell) -> list[RunKey]:
        """Runs of the system that the cell's z-test is against, where it is scored with the cell's own."""
        return self.numbers.runs(replace(cell.place, system=cell.against))

    def _recognised(self, cell: TableCell) -> Node:
        """Error rates: they rest on teachers."""
        node = gathered(self._title(cell), self.teachers.number_steps(cell))
        node.children = [self._table(cell), *self.beneath.teacher_nodes(self.teachers.shown(cell))]
        node.children.append(self.beneath.release(self.teachers.speech(cell.paper)))
        return node

    def _crossed(self, cell: TableCell) -> Node:
        """A number of another corpus: it rests on what the networks of strict say of it, and on that corpus's data."""
        cross = self.report.cross
        view = cross.view(cell.paper, cell.declared, cell.protocol.removeprefix(PROTOCOL))
        place = replace(cell.place, split=cross.split)
        node = gathered(self._title(cell), self._cross_steps(cell, view, place))
        runs, data, sample = cross.networks(view, cell.system), self.crossed.data(view), self.options.sample
        wanted = {"none": 0, "all": len(runs)}.get(self.options.weights, 1)
        again = random.Random(sample.seed).sample(runs, wanted)
        predictions = cross.paths(view).predictions(cell.system)
        spec = self.report.plan.systems[cell.paper].spec(cell.system, cell.experiment)
        steps = {
            f"predictions {predictions}": predicted_steps(self.crossed, view, cell.system, again=again),
            f"view {data.view.folder}": data.folds_steps(),
        }
        if "text" in spec["parameters"]:
            steps[f"transcripts {data.view.words('transcripts')}"] = data.words_steps()
        if features := spec["features"]:
            title = f"features {data.corpus.store(features)}, of {data.view.folder}"
            steps[title] = data.features_steps(features, sample)
        node.children = [self._table(cell), *(self.beneath.once(title, some) for title, some in steps.items())]
        node.children += [self.beneath.release(data), *self.beneath.nodes(place, [])]
        return node

    def _cross_steps(self, cell: TableCell, view: CrossView, place: Place) -> Iterator[Step]:
        made = self.crossed.side(view, cell.system)
        row = made and made.row(cell.column) | self.numbers.training(place)
        yield from line_steps(self.report, cell, row)
        if made and cell.reference:
            pair = self.crossed.pair(view, cell.system, cell.reference)
            yield from reference_steps(table_path(self.report, cell.paper, cell.table), cell, pair)

    def _counted(self, cell: TableCell) -> Node:
        """A count: what it rests on is the manifest."""
        data = self.numbers.data_of(cell)
        node = gathered(cell.item, count_steps(self.report, cell, data))
        node.children = [self._table(cell), self.beneath.once(f"view {data.view.folder}", view_steps(data))]
        node.children.append(self.beneath.release(data))
        return node

    def _title(self, cell: TableCell) -> str:
        if not cell.protocol:
            return cell.item
        return f"{cell.name} (system {cell.system}, split {cell.split}, select {cell.select})"

    def _table(self, cell: TableCell) -> Node:
        title = f"table {table_path(self.report, cell.paper, cell.table)}"
        return self.beneath.once(title, self._table_steps(cell))

    def _table_steps(self, cell: TableCell) -> Iterator[Step]:
        lines = list(table_steps(self.report, cell.paper, cell.table))
        path = table_path(self.report, cell.paper, cell.table)
        yield from lines
        if all(step.ok for step in lines):
            yield from table_bytes_steps(self.report, cell.paper, cell.table, path)
        if cell.kind == "claims":
            yield from verdict_steps(path, table_cells(self.report, cell.paper, cell.table), self._measured)

    def _numbers(self, cell: TableCell) -> Iterator[Step]:
        place, numbers, rivals = cell.place, self.numbers, self._rivals(cell)
        unread = [*numbers.unread([*numbers.runs(place), *numbers.encoders(place)])]
        if unread:
            yield from unread
            return
        found, made = numbers.predictions(place), numbers.side(place)
        yield from cell_steps(self.report, cell, found, made, numbers.training(place))
        if made is None:
            return
        if rivals:
            against = replace(place, system=cell.against)
            yield from numbers.unread(rivals) or [z_step(self.report, cell, found, numbers.predictions(against))]
        yield from self._tests(cell)
        table = table_path(self.report, cell.paper, cell.table)
        if cell.kind == "groups" and cell.column == "ua":
            yield from group_steps(table, cell, made, numbers.data_of(place).utterances)
        if cell.kind == "groups" and cell.column == "ece":
            yield from bins_steps(cell, made)

    def _claim(self, cell: TableCell) -> Iterator[Step]:
        unread = [*self.numbers.unread([*self.numbers.runs(cell.place), *self._rivals(cell)])]
        if unread:
            yield from unread
            return
        found = self._measured(cell)
        table = table_path(self.report, cell.paper, cell.table)
        yield from claim_steps(table, cell, self.numbers.pair(cell.place, cell.against), found["undertrained"])

    def _measured(self, cell: TableCell) -> Measured:
        """What the predictions give of a claim that is run."""
        pair, place = self.numbers.pair(cell.place, cell.against), cell.place
        two = (place, replace(place, system=cell.against))
        return {
            "direction": cell.direction,
            "per_cent": metric_of(cell.column).per_cent,
            "select": cell.select,
            "undertrained": [self.numbers.training(one)["undertrained"] for one in two],
            "row": pair and pair.row(place.metric),
        }

    def _tests(self, cell: TableCell) -> Iterator[Step]:
        """The tests of a cell: against the yardstick, the row with a component fewer, and another protocol."""
        place, table = cell.place, table_path(self.report, cell.paper, cell.table)
        if cell.reference:
            yield from reference_steps(table, cell, self.numbers.pair(place, cell.reference))
        if cell.ablated:
            yield from gain_steps(table, cell, self.numbers.pair(place, cell.ablated))
        if cell.against and (paired := self.numbers.pair(place, cell.against)):
            yield from z_paired_step(table, cell, paired)
        if cell.contrast:
            path = self.report.scoring.contrasts_file(cell.paper, cell.experiment)
            yield from contrast_steps(table, cell, path, self._contrast(cell), self._shares(cell))

    def _contrast(self, cell: TableCell) -> Compared | None:
        """The other protocol of a contrast against the cell's; None of what contrasts.csv does not compare."""
        split, select = cell.contrast
        if cell.place.metric != cell.column or cell.contrast == (cell.split, cell.select):
            return None
        return self.numbers.compared(replace(cell.place, split=split, select=select), cell.place)

    def _shares(self, cell: TableCell) -> Callable[[str], bool]:
        """Whether a split trains on speakers whom it tests."""
        return lambda split: self.numbers.data(cell.paper, cell.experiment, split).shares_speakers
