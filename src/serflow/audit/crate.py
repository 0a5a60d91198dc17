"""An audit of a report that left the machine: numbers made anew from what a crate holds, and what it cannot hold named.

The working folder is an unpacked crate: a project's folder without release, features and weights. So it is the audit of
a project, but that every look at one of these is counted as not taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from serflow.audit.beneath import Beneath, Options
from serflow.audit.chain import Audit
from serflow.audit.crate_data import CrateData
from serflow.audit.data import Data, Sample
from serflow.audit.figure_files import figure_path
from serflow.audit.figure_sources import FROM_SOURCES, source_of
from serflow.audit.findings import Node, Step, agree, gathered
from serflow.audit.items import Drawn, Place, TableCell
from serflow.audit.retrained import Retrained
from serflow.audit.runs import Expected
from serflow.audit.table_files import table_steps
from serflow.files import file_digest, read_json
from serflow.paths import CorpusPaths
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["CrateAudit"]

SAMPLE = Sample(1, 1)  # no recording is looked at
CODE, WEIGHTS, AUDIO, MAPS = "source code of runs", "networks of runs", "recordings", "attention maps that runs learn"
TEACHERS, SINGLE = "hypotheses of teachers", "figures of single utterances"
FEATURES, LABELS, CROSS = "features", "labels of the corpus", "predictions of another corpus"
WITHHELD = "the corpus's labels are withheld; with its release at hand: --release FOLDER"


class CrateBeneath(Beneath):
    """What numbers rest on, as far as a crate holds it; `unchecked`: what -> the things that were not looked at.

    `withheld`: files that the corpus's licence keeps, in whole or in columns.
    """

    def __init__(self, report: Report, withheld: Iterable[str]):
        super().__init__(report, Options("none", SAMPLE), Retrained(report, [], at_once=1), CrateData)
        self.withheld = set(withheld)
        self.unchecked: dict[str, set[str]] = defaultdict(set)

    def _run(self, run: RunKey, weights: bool) -> Iterator[Step]:
        yield from self._without(super()._run(run, False), run.folder)

    def _networks_of(self, run: RunKey, expected: Expected, *, weights: bool) -> Iterator[Step]:
        yield from ()  # a crate holds none

    def release(self, data: Data) -> Node:
        """The manifest against its fingerprint; the release is not there."""
        return self.once(f"manifest {data.corpus.manifest}", self._manifest(data))

    def _manifest(self, data: Data) -> Iterator[Step]:
        path = data.corpus.manifest
        listed = read_json(data.corpus.manifest_fingerprint)["digest"]
        yield agree("manifest", listed, file_digest(path), said=f"{path} is as fingerprinted")

    def _without(self, steps: Iterator[Step], folder: str) -> Iterator[Step]:
        """Steps but those that look for what a crate does not hold (`records` looks at the files that it does)."""
        for step in steps:
            if step.name == "code" and step.ok is False:
                self.unchecked[CODE].add(folder)
                yield Step("code", None, "trained by other source than is installed here")
            elif step.name != "files":
                yield step

    def origins(self, data: Data, features: str | None, *, words: bool) -> list[Node]:
        title = f"folds {data.view.fold_table(data.split)}"
        nodes = [self.once(title, self._silent(data))]
        if words:
            nodes.append(self.once(f"transcripts {data.view.words('transcripts')}", self._words(data)))
        if features:
            of = CrateData(self.report.workflow, data.paper, data.experiment, data.split)
            self.unchecked[FEATURES].add(of.corpus.store(features))
            title = f"features {data.corpus.store(features)}, of {data.view.folder}"
            nodes.append(self.once(title, of.index_steps(features)))
        return nodes

    def _silent(self, data: Data) -> Iterator[Step]:
        """The fold table, and not its recordings."""
        self.unchecked[AUDIO].update(data.table["utterance"])
        yield from data.split_steps()

    def kept(self, files: Iterable[str]) -> list[str]:
        """Of these files those that are withheld and not put back."""
        return [file for file in files if file in self.withheld and not Path(file).is_file()]

    def _words(self, data: Data) -> Iterator[Step]:
        if Path(data.view.words("transcripts")).is_file():
            yield from data.words_steps()
        else:
            self.unchecked["tables of words"].add(data.view.words("transcripts"))

    def _learned(self, runs: list[RunKey], data: Data) -> list[Node]:
        learned = [maps for run in runs if (maps := self.teachers.learned(run, data))]
        self.unchecked[MAPS].update(str(maps.folder) for maps in learned)
        return self.teacher_nodes(sorted({maps.teacher for maps in learned}))

    def teacher_nodes(self, runs: list[RunKey]) -> list[Node]:
        if kept := self.kept(f"{run.folder}/hypotheses.parquet" for run in runs):
            self.unchecked[TEACHERS].update(kept)
            return []
        return super().teacher_nodes(runs)

    def _teacher(self, run: RunKey) -> Iterator[Step]:
        yield from self._without(self.teachers.steps(run), run.folder)


class CrateAudit(Audit):
    """`withheld`: files that are left out, or of which the crate holds only some columns."""

    def __init__(self, report: Report, withheld: Iterable[str]):
        self.beneath: CrateBeneath
        super().__init__(CrateBeneath(report, withheld))
        self.unchecked = self.beneath.unchecked
        self.unmade: set[str] = set()  # names of cells whose numbers were not made anew
        self.labels = Path(CorpusPaths(report.workflow.config["corpus"]).manifest).is_file()

    def cell(self, cell: TableCell) -> Node:
        """Check one cell; without labels, what was printed and what the runs say of themselves."""
        if self.labels or cell.reason:
            return super().cell(cell)
        self.unchecked[LABELS].add(cell.name)
        self.unmade.add(cell.name)
        return Node(cell.name, [Step("table", None, WITHHELD)], [self._table(cell)])

    def figure(self, figure: Drawn) -> Node:
        """Check a figure's data; without labels, or where its data are rows of utterances, nothing of it."""
        kept = self.beneath.kept(self._files(figure))
        if self.labels and not kept:
            return super().figure(figure)
        self.unchecked[SINGLE if kept else LABELS].add(figure.item)
        return Node(figure.item, [Step("data", None, "rows of single utterances are withheld" if kept else WITHHELD)])

    def _files(self, figure: Drawn) -> list[str]:
        """A figure's data, and what it was drawn from where that is no run."""
        spec = self.report.figure(figure.paper, figure.figure)
        sources = [source_of(spec)] if figure.kind in FROM_SOURCES else []
        return [figure_path(self.report, figure.paper, figure.figure), *sources]

    def _recognised(self, cell: TableCell) -> Node:
        shown = self.beneath.teachers.shown(cell)
        if kept := self.beneath.kept(f"{run.folder}/hypotheses.parquet" for run in shown):
            self.unchecked[TEACHERS].update(kept)
            self.unmade.add(cell.name)
            return Node(cell.name, [Step("table", None, "what teachers wrote is withheld")], [self._table(cell)])
        return super()._recognised(cell)

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
            if path.as_posix() in self.beneath.withheld or not path.is_file():
                self.unchecked[WEIGHTS if name.startswith("model/") else f"files {name} of runs"].add(str(path))
            else:
                yield agree("files", file_digest(path), recorded, said=f"{path} is as the run wrote it")

    def _table_steps(self, cell: TableCell) -> Iterator[Step]:
        """Without labels, what was scored as it was printed; a table of counts is of labels."""
        if self.labels:
            yield from super()._table_steps(cell)
        elif cell.kind == "counts":
            yield Step("lines", None, WITHHELD)
        else:
            yield from table_steps(self.report, cell.paper, cell.table)

    def _printed(self, steps: Iterator[Step]) -> list[Step]:
        return []  # `digest_steps` holds what was printed against the root digest

    def _epochs(self, place: Place, *, every: bool = False) -> list[Step]:
        return []  # of no epoch is a network there

    def _crossed(self, cell: TableCell) -> Node:
        self.unchecked[CROSS].add(cell.name)
        self.unmade.add(cell.name)
        return Node(
            cell.name, [Step("table", None, "a crate holds no predictions of another corpus")], [self._table(cell)]
        )
