"""An audit of a report that left the machine: numbers made anew from what a crate holds, and what it cannot hold named.

The working folder is an unpacked crate: a project's folder without release, features and weights. So it is the audit of
a project, but that every look at one of these is counted as not taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from serflow.audit.chain import Audit, Options
from serflow.audit.crate_data import CrateData
from serflow.audit.data import Data, Sample
from serflow.audit.findings import Node, Step, agree, gathered
from serflow.audit.items import Drawn, Item, TableCell
from serflow.audit.numbers import Numbers
from serflow.files import file_digest, read_json
from serflow.paths import CorpusPaths
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["CrateAudit"]

SAMPLE = Sample(False, 1, 1)  # no recording is looked at
CODE, WEIGHTS, AUDIO, MAPS = "source code of runs", "networks of runs", "recordings", "attention maps that runs learn"
FEATURES, LABELS, CROSS = "features", "labels of the corpus", "predictions of another corpus"
WITHHELD = "the corpus's labels are withheld; with its release at hand: --release FOLDER"


class CrateAudit(Audit):
    """`trimmed`: files of which the crate holds only some columns, so that their recorded digests are another's."""

    def __init__(self, report: Report, trimmed: Iterable[str]):
        super().__init__(report, Options("none", SAMPLE))
        self.numbers = Numbers(report, CrateData)
        self.trimmed = set(trimmed)
        self.labels = Path(CorpusPaths(report.workflow.config["corpus"]).manifest).is_file()
        self.unchecked: dict[str, set[str]] = defaultdict(set)

    def item(self, item: Item) -> Node:
        """Check a cell, a figure or the page of findings, and what it rests on."""
        if isinstance(item, TableCell):
            return self.cell(item)
        return self.figure(item) if isinstance(item, Drawn) else self.page()

    def cell(self, cell: TableCell) -> Node:
        """Check one cell; without labels, what was printed and what the runs say of themselves."""
        if self.labels or cell.reason:
            return super().cell(cell)
        self.unchecked[LABELS].add(cell.name)
        return Node(cell.name, [Step("table", None, WITHHELD)], [self._table(cell)])

    def figure(self, figure: Drawn) -> Node:
        """Check a figure's data; without labels nothing of it."""
        if self.labels:
            return super().figure(figure)
        self.unchecked[LABELS].add(figure.item)
        return Node(figure.item, [Step("data", None, WITHHELD)])

    def page(self) -> Node:
        """Check the page of findings; without labels nothing of it."""
        if self.labels:
            return super().page()
        self.unchecked[LABELS].add("findings")
        return Node("findings", [Step("data", None, WITHHELD)])

    def told(self) -> list[str]:
        """What was not checked, a line each, with how many of it."""
        return [f"{len(things):,} of {what}" for what, things in sorted(self.unchecked.items()) if things]

    def records(self) -> Node:
        """Of every run its identity, and the files that it wrote, as far as the crate holds them."""
        runs = (step for run in self.report.trainings for step in self._held(run))
        return gathered("runs", runs)

    def _held(self, run: RunKey) -> Iterator[Step]:
        record, folder = read_json(f"{run.folder}/run.json"), Path(run.folder)
        for name, recorded in record["outputs"].items():
            path = folder / name
            if path.as_posix() in self.trimmed or not path.is_file():
                self.unchecked[WEIGHTS if name.startswith("model/") else f"files {name} of runs"].add(str(path))
            else:
                yield agree("files", file_digest(path), recorded, said=f"{path} is as the run wrote it")

    def _run(self, run: RunKey, weights: bool) -> Iterator[Step]:
        yield from self._without(super()._run(run, False), run.folder)

    def _without(self, steps: Iterator[Step], folder: str) -> Iterator[Step]:
        """Steps but those that look for what a crate does not hold (`records` looks at the files that it does)."""
        for step in steps:
            if step.name == "code" and step.ok is False:
                self.unchecked[CODE].add(folder)
                yield Step("code", None, "trained by other source than is installed here")
            elif step.name != "files":
                yield step

    def _origins(self, data: Data, folds: set[int], features: str | None, *, words: bool) -> list[Node]:
        title = f"folds {data.view.fold_table(data.split)}"
        nodes = [self._once(title, self._silent(data, folds))]
        if words:
            nodes.append(self._once(f"transcripts {data.view.words('transcripts')}", self._words(data)))
        if features:
            of = CrateData(self.workflow, data.paper, data.experiment, data.split)
            self.unchecked[FEATURES].add(of.corpus.store(features))
            title = f"features {data.corpus.store(features)}, of {data.view.folder}"
            nodes.append(self._once(title, of.index_steps(features)))
        return nodes

    def _silent(self, data: Data, folds: set[int]) -> Iterator[Step]:
        """Fold table, view and manifest, not their recordings."""
        self.unchecked[AUDIO].update(data.table["utterance"])
        yield from data.split_steps()

    def _words(self, data: Data) -> Iterator[Step]:
        if Path(data.view.words("transcripts")).is_file():
            yield from data.words_steps()
        else:
            self.unchecked["tables of words"].add(data.view.words("transcripts"))

    def _learned(self, runs: list[RunKey], data: Data) -> list[Node]:
        learned = [maps for run in runs if (maps := self.teachers.learned(run, data))]
        self.unchecked[MAPS].update(str(maps.folder) for maps in learned)
        return self._teachers(sorted({maps.teacher for maps in learned}))

    def _teachers(self, runs: list[RunKey]) -> list[Node]:
        nodes = [
            self._once(f"teacher {run.folder}", self._without(self.teachers.steps(run), run.folder)) for run in runs
        ]
        if not runs:
            return nodes
        speech = self.teachers.speech(runs[0].paper)
        features = self.report.plan.spec(runs[0])["features"]
        nodes += self._origins(speech, {run.fold for run in runs}, features, words=True)
        return [*nodes, self._once(f"speech {speech.view}/pronunciations.parquet", speech.speech_steps())]

    def _crossed(self, cell: TableCell) -> Node:
        self.unchecked[CROSS].add(cell.name)
        return Node(
            cell.name, [Step("table", None, "a crate holds no predictions of another corpus")], [self._table(cell)]
        )
