"""The chain behind each cell: table, scores, predictions, weights, features, folds, audio; nothing is done twice."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from serflow.audit.cells import cell_steps, line_steps, z_step
from serflow.audit.claims import Measured, verdict_steps
from serflow.audit.comparison import Compared
from serflow.audit.counted_cells import count_steps, view_steps
from serflow.audit.cross import CrossNumbers, predicted_steps
from serflow.audit.data import Data, Sample
from serflow.audit.drawn import DrawnNumbers
from serflow.audit.figure_files import figure_path, figure_steps
from serflow.audit.findings import Node, Step, gathered
from serflow.audit.findings_page import findings_steps, page_places, verdicts_steps
from serflow.audit.given import given_steps
from serflow.audit.groups import bins_steps, group_steps
from serflow.audit.items import Drawn, Place, TableCell, table_cells
from serflow.audit.numbers import Numbers
from serflow.audit.recompute import Predictions
from serflow.audit.runs import Expected, run_steps
from serflow.audit.table_files import table_path, table_steps
from serflow.audit.table_tests import claim_steps, contrast_steps, gain_steps, reference_steps, z_paired_step
from serflow.audit.teacher_inputs import TeacherChain
from serflow.given.stored import Given
from serflow.metrics.names import UNSHARED, WHOLE, metric_of
from serflow.plan.cross import CrossView
from serflow.plan.others import PROTOCOL
from serflow.plan.report import Report
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_key import RunKey
from serflow.reporting.rows import read_table

__all__ = ["Audit", "Options"]

FEW = 20  # runs of one system and split up to which, by default, all are loaded


@dataclass(frozen=True)
class Options:
    """How far an audit goes: `weights` "none", "one" (run a cell), "all" or "auto"; which recordings."""

    weights: str
    sample: Sample


class Audit:
    """An audit of one configuration; runs, fold tables and features are checked for the first cell that needs them."""

    def __init__(self, report: Report, options: Options):
        self.report, self.options = report, options
        self.workflow = report.workflow
        self.teachers = TeacherChain(report, options.sample, weights=options.weights != "none")
        self.numbers = Numbers(report)
        self.crossed = CrossNumbers(report.cross)
        self._seen: dict[str, Node] = {}

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
        node.children = [self._table(cell), *self._beneath(cell.place, rivals)]
        return node

    def figure(self, figure: Drawn) -> Node:
        """Check the data file of a figure and, where it is made anew from runs, what they rest on."""
        spec = self.report.figure(figure.paper, figure.figure)
        drawn = DrawnNumbers(self.numbers, figure, spec)
        path = figure_path(self.report, figure.paper, figure.figure)
        node = gathered(f"{figure.item} ({figure.kind})", figure_steps(path, spec, drawn))
        beneath: dict[str, Node] = {}
        for below in (below for place in drawn.places() for below in self._beneath(place, [])):
            beneath.setdefault(below.title, below)
        node.children = list(beneath.values())
        return node

    def page(self) -> Node:
        """Check the two CSVs of the page of findings, and what they rest on where no cell has had it checked."""
        spec, files = self.report.findings_spec(), self.report.findings
        node = gathered("findings", findings_steps(spec, files["systems"], self.numbers))
        node.children = [gathered("claims of the page", self._page_of_claims(spec, files["claims"]))]
        beneath = (below for place in page_places(spec) for below in self._beneath(place, []))
        node.children += [below for below in beneath if below.again is None or not below.ok]
        return node

    def _page_of_claims(self, spec: dict[str, Any], path: str) -> Iterator[Step]:
        lines = {
            paper["key"]: [line for table in paper["claims"] for line in read_table(table)] for paper in spec["papers"]
        }
        yield from verdicts_steps(path, lines)

    def _beneath(self, place: Place, rivals: list[RunKey]) -> list[Node]:
        """What a number rests on: its runs and `rivals`, those that judge them, their folds, features and audio."""
        runs, data = self.numbers.runs(place), self.numbers.data_of(place)
        if given := self.numbers.given(place):
            return [*self._given(place, given), *self._networks(data, rivals)]
        own, others = self._judging(runs), self._judging(rivals)
        trainings = own | others
        loaded = [*self._loaded(list(own)), *self._loaded(list(others))]
        loaded += [lent for run in loaded for lent in self._lent(run)]
        nodes = []
        encoders = [lent for run in trainings for lent in self._lent(run)]
        for run in dict.fromkeys([*trainings, *encoders]):
            folds = [judged.fold_name for judged in trainings.get(run, []) if judged != run]
            title = f"run {run.folder}{', which judges ' if folds else ''}{', '.join(folds)}"
            nodes.append(self._once(title, self._run(run, run in loaded), key=f"run {run.folder}"))
        spec = self.report.plan.systems[place.paper].spec(place.system, place.experiment)
        words = "text" in spec["parameters"] or place.column.endswith(UNSHARED)
        nodes += self._learned(list(trainings), data)
        segment = self.report.scoring.segment(place.paper, place.experiment, place.system)
        counted = segment["features"] if segment and place.column.endswith(WHOLE) else None
        for features in dict.fromkeys([spec["features"], counted or spec["features"]]):
            nodes += self._origins(data, {run.fold for run in runs}, features, words=words)
        return nodes + self._networks(data, [*runs, *rivals])

    def _given(self, place: Place, given: Given) -> list[Node]:
        """What a number of a system that was trained elsewhere rests on: its file, the folds, their audio."""
        data, folds = self.numbers.data_of(place), self.numbers.given_folds(place)
        nodes = [self._once(f"given {given.folder}", given_steps(given, data, folds))]
        segment = self.numbers.segment(place) if place.column.endswith(WHOLE) else None
        features = segment["features"] if segment else None
        return nodes + self._origins(data, set(folds), features, words=place.column.endswith(UNSHARED))

    def _judging(self, runs: list[RunKey]) -> dict[RunKey, list[RunKey]]:
        """The trainings that judge these runs, each once, and which of them each judges: itself alone, or others."""
        found: dict[RunKey, list[RunKey]] = {}
        for run in runs:
            found.setdefault(self.report.plan.training(run), []).append(run)
        return found

    def _lent(self, run: RunKey) -> Iterator[RunKey]:
        """The training whose network a run starts from, where it does, the one that this one starts from, and so on."""
        while run := self.report.plan.encoder(run):
            yield run

    def _networks(self, data: Data, runs: list[RunKey]) -> list[Node]:
        """Fold tables of other splits whose trainings judge these runs or lend them a network, held against theirs."""
        pairs: dict[tuple[str, int], int] = {}
        for run in runs:
            training = self.report.plan.training(run)
            for network in (training, *self._lent(training)):
                if network.split != run.split:
                    pairs[network.split, run.fold] = network.fold
        nodes = []
        for split in sorted({name for name, _ in pairs}):
            folds = {fold: other for (where, fold), other in pairs.items() if where == split}
            networks = self.numbers.data(data.paper, data.experiment, split)
            title = f"folds {data.view.fold_table(data.split)}, with networks of {split}"
            key = f"{title} {','.join(map(str, sorted(folds)))}"
            nodes.append(self._once(title, data.judged_steps(networks, folds), key=key))
            nodes += self._origins(networks, set(folds.values()), None, words=False)
        return nodes

    def _rivals(self, cell: TableCell) -> list[RunKey]:
        """Runs of the system that the cell's z-test is against, where it is scored with the cell's own."""
        return self.numbers.runs(replace(cell.place, system=cell.against))

    def _recognised(self, cell: TableCell) -> Node:
        """Error rates: they rest on teachers."""
        node = gathered(self._title(cell), self.teachers.number_steps(cell))
        node.children = [self._table(cell), *self._teachers(self.teachers.shown(cell))]
        return node

    def _learned(self, runs: list[RunKey], data: Data) -> list[Node]:
        """The attention maps that runs learn, and the teachers that made them."""
        learned = {maps.folder: maps for run in runs if (maps := self.teachers.learned(run, data))}
        nodes = [self._once(f"maps {folder}", self.teachers.maps_steps(maps)) for folder, maps in learned.items()]
        return nodes + self._teachers(sorted({maps.teacher for maps in learned.values()}))

    def _teachers(self, runs: list[RunKey]) -> list[Node]:
        """Teachers of one paper, and what they were trained on."""
        nodes = [self._once(f"teacher {run.folder}", self.teachers.steps(run)) for run in runs]
        if not runs:
            return nodes
        speech = self.teachers.speech(runs[0].paper)
        features = self.report.plan.spec(runs[0])["features"]
        nodes += self._origins(speech, {run.fold for run in runs}, features, words=True)
        return [*nodes, self._once(f"speech {speech.view}/pronunciations.parquet", speech.speech_steps())]

    def _crossed(self, cell: TableCell) -> Node:
        """A number of another corpus: it rests on what the networks of strict say of it, and on that corpus's data."""
        cross = self.report.cross
        view = cross.view(cell.paper, cell.declared, cell.protocol.removeprefix(PROTOCOL))
        place = replace(cell.place, split=cross.split)
        node = gathered(self._title(cell), self._cross_steps(cell, view, place))
        runs, data, sample = cross.networks(view, cell.system), self.crossed.data(view), self.options.sample
        again = random.Random(sample.seed).choice(runs) if self.options.weights != "none" else None
        predictions = cross.paths(view).predictions(cell.system)
        spec = self.report.plan.systems[cell.paper].spec(cell.system, cell.experiment)
        steps = {
            f"predictions {predictions}": predicted_steps(self.crossed, view, cell.system, again=again),
            f"view {data.view.folder}": data.folds_steps({1}, sample),
        }
        if "text" in spec["parameters"]:
            steps[f"transcripts {data.view.words('transcripts')}"] = data.words_steps()
        if features := spec["features"]:
            title = f"features {data.corpus.store(features)}, of {data.view.folder}"
            steps[title] = data.features_steps(features, {1}, sample)
        node.children = [self._table(cell), *(self._once(title, some) for title, some in steps.items())]
        node.children += self._beneath(place, [])
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
        node.children = [self._table(cell), self._once(f"view {data.view.folder}", view_steps(data))]
        return node

    def _title(self, cell: TableCell) -> str:
        if not cell.protocol:
            return cell.item
        return f"{cell.name} (system {cell.system}, split {cell.split}, select {cell.select})"

    def _table(self, cell: TableCell) -> Node:
        title = f"table {table_path(self.report, cell.paper, cell.table)}"
        return self._once(title, self._table_steps(cell))

    def _table_steps(self, cell: TableCell) -> Iterator[Step]:
        yield from table_steps(self.report, cell.paper, cell.table)
        if cell.kind == "claims":
            path = table_path(self.report, cell.paper, cell.table)
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

    def _loaded(self, runs: list[RunKey]) -> list[RunKey]:
        """The runs whose weights are loaded; one of many is drawn, the same for every cell that shares them."""
        wanted = self.options.weights
        if wanted == "auto":
            wanted = "all" if len(runs) <= FEW else "one"
        if wanted == "one" and runs:
            kept = [run for run in runs if self.report.plan.keeps_weights(run)]
            return [random.Random(self.options.sample.seed).choice(kept or runs)]
        return runs if wanted == "all" else []

    def _run(self, run: RunKey, weights: bool) -> Iterator[Step]:
        predictions = self.numbers.read(run)
        read = predictions if isinstance(predictions, Predictions) else None
        yield from run_steps(run, self._expected(run, weights), read, weights=weights)

    def _expected(self, run: RunKey, weights: bool) -> Expected:
        data = self.numbers.data(run.paper, run.experiment, run.split)
        systems = self.report.plan.systems[run.paper]
        spec = systems.spec(run.system, run.experiment)
        reads, encoder = "text" in spec["parameters"], self.report.plan.encoder(run)
        weights_of = spec["encoder"] and spec["encoder"]["weights"]
        maps, speakers = self.teachers.inputs(run)
        return Expected(
            spec=spec,
            keeps_weights=self.report.plan.keeps_weights(run),
            code=closure_digest("serflow.cli.train", *systems.modules(run.system, run.experiment)),
            split=data.digest,
            features=data.features_digest(spec["features"]),
            transcripts=data.words_digest if reads else None,
            vectors=data.vectors_digest if reads else None,
            encoder=encoder_digest(Path(encoder.folder) / "run.json", weights_of, run.fold_name) if encoder else None,
            maps=maps,
            teacher_speakers=speakers,
            table=data.fold(run.fold),
            store=data.store(spec["features"]) if weights else None,
            words=data.words if reads else None,
        )

    def _origins(self, data: Data, folds: set[int], features: str | None, *, words: bool) -> list[Node]:
        """Fold table, view, manifest and audio; words, and the feature set, where these are read."""
        sample = self.options.sample
        among = ",".join(map(str, sorted(folds)))
        title = f"folds {data.view.fold_table(data.split)}"
        nodes = [self._once(title, data.folds_steps(folds, sample), key=f"{title} {among}")]
        if words:
            nodes.append(self._once(f"transcripts {data.view.words('transcripts')}", data.words_steps()))
        if features:
            title = f"features {data.corpus.store(features)}"
            key = f"{title} {data.view.folder} {data.split} {among}"
            nodes.append(self._once(title, data.features_steps(features, folds, sample), key=key))
        return nodes

    def _once(self, title: str, steps: Iterator[Step], *, key: str = "") -> Node:
        """A node the first time; a word about it afterwards. `key` tells apart what has the same title."""
        key = key or title
        if key not in self._seen:
            self._seen[key] = gathered(title, steps)
            return self._seen[key]
        first = self._seen[key]
        said = "checked above: ok" if first.ok else f"checked above: {first.mismatches} MISMATCH"
        return Node(title, [Step("again", None, said)], again=first)
