"""What the rules make of a plan, job by job: what of it is missing is to be made again, whatever was made of it.

Snakemake makes a file again that a job needs, and a job runs where its own output is missing or old. So a file that was
deleted stays away as long as what was made of it is there, unless the Snakefile has it made (`make_again`).
"""

import os
from collections.abc import Iterator
from pathlib import PurePath
from types import SimpleNamespace
from typing import NamedTuple

from serflow.paths import PDF, WEB_PAGE, CorpusPaths, ViewPaths, maps_folder
from serflow.plan.cross import CrossView
from serflow.plan.figures import energies_drawn
from serflow.plan.inputs import JobInputs
from serflow.plan.teachers import required_maps
from serflow.plan.unavailable import protocols_file

__all__ = ["SCORES", "Job", "Made"]

STORE = ("store.json", "index.parquet", "frames.npy")
TEACHER = ("run.json", "hypotheses.parquet", "history.csv")
SCORES = (
    "scores.csv", "runs.csv", "confusion.csv", "pairs.csv", "groups.csv", "reliability.csv", "unscored.csv",
    "selected.parquet", "libraries.json", "made_from.json",
)  # fmt: skip
CROSS_SCORES = SCORES[:4]
ERROR_RATES = ("scores.csv", "pairs.csv", "curves.csv", "libraries.json", "made_from.json")
DRAWN = (".svg", ".pdf", ".txt", "_data.csv")
OF_NETWORKS = {"attention": "attention_*.npz", "energy_correlations": "energy_correlations_*.csv"}
WORDS = ("transcripts", "pronunciations", "alignments", "word_vectors")  # each the name of the rule that makes it


class Job(NamedTuple):
    """A job: its rule and the files that it declares to make."""

    rule: str
    files: tuple[str, ...]

    def missing(self) -> list[str]:
        """Those of its files that are not there."""
        return [file for file in self.files if not os.path.isfile(file)]


class Made:
    """All jobs of a report, as far as is known which folds can be had."""

    def __init__(self, inputs: JobInputs):
        self._inputs, self._report, self._plan = inputs, inputs.report, inputs.plan
        self._scoring, self._workflow = inputs.scoring, inputs.workflow
        self._corpus = CorpusPaths(self._workflow.config["corpus"])

    def missing(self) -> list[str]:
        """Files that are not there, and that are not made because of what comes after them.

        One of a job that all files lack of; none where no file of a later job is there, which would hide it.
        """
        found, kept = [], 0
        for job in self.jobs():
            absent = job.missing()
            whole = len(absent) == len(job.files)
            found += absent[:1] if whole else absent
            kept = kept if whole else len(found)
        return found[:kept]

    def jobs(self) -> Iterator[Job]:
        """All jobs, each after those whose files it reads."""
        for part in (self.preparing(), self.training(), self.scoring(), self.of_other_corpora(), self.showing()):
            yield from part

    def preparing(self) -> Iterator[Job]:
        """What makes all that trainings are made of: views, folds, words and features of the corpus."""
        corpus = self._corpus
        if corpus.corpus in self._workflow.generated:
            yield Job("demo_release", (corpus.release_fingerprint,))
        yield Job("manifest", (corpus.manifest, corpus.findings))
        yield Job("accept", (corpus.manifest_fingerprint, corpus.audio))
        for view in self._views():
            yield Job("view", (view.utterances, view.fingerprint))
        for paper, experiment, split in self._plan.folds:
            view = self._view(paper, experiment)
            yield Job("split", (view.fold_table(split), view.split(split)))
        for paper in self._workflow.papers:
            yield Job("protocols", (protocols_file(corpus.corpus, paper),))
        features = self._features()
        for name in sorted({name for *_, name in features}):
            yield Job("features", _in(corpus.store(name), STORE))
        for paper, experiment, name in sorted(features):
            yield Job("fingerprint", (self._view(paper, experiment).features(name),))
        for what, paper, experiment in self._words():
            view = self._view(paper, experiment)
            yield Job(what, (view.words(what), view.words_fingerprint(what)))

    def training(self) -> Iterator[Job]:
        """What trains: teachers, with the maps that their students learn, and systems."""
        for teacher in self._report.teachers:
            yield Job("train_teacher", _in(teacher.folder, TEACHER))
        for teacher, view, p in sorted(required_maps(self._plan)):
            yield Job("teacher_maps", _in(maps_folder(teacher.folder, view, p), STORE))
        for runs in self._plan.jobs:
            yield Job("train", (runs[0].runs_file,))

    def scoring(self) -> Iterator[Job]:
        """What scores, compares and looks into networks."""
        for place in self._scoring.jobs:
            yield Job("score_runs", _in(self._scoring.folder(*place), SCORES))
        for place in sorted({(run.paper, run.experiment, run.split) for run in self._report.teachers}):
            yield Job("score_asr", _in(self._scoring.asr_folder(*place), ERROR_RATES))
        for file in self._scoring.contrasts_files:
            yield Job("contrast", (file,))
        for rule, pattern in OF_NETWORKS.items():
            yield from (Job(rule, (file,)) for file in self._drawn() if PurePath(file).match(pattern))

    def showing(self) -> Iterator[Job]:
        """Tables, figures, the PDF and the page for a browser."""
        report = self._report
        yield Job("release_check", (report.release_check,))
        for paper in self._workflow.papers:
            folder = f"{report.folder}/{paper}"
            for item in report.tables(paper):
                yield Job("table", (f"{folder}/{item}.csv",))
            for item in report.figures(paper):
                yield Job("figure", tuple(f"{folder}/{item}{end}" for end in DRAWN))
        yield Job("findings", tuple(report.findings.values()))
        yield Job("digests", (report.digests,))
        yield Job("pdf", (PDF,))
        yield Job("web_page", (WEB_PAGE,))

    def of_other_corpora(self) -> Iterator[Job]:
        """What predicts other corpora."""
        report, views = self._report, self._cross_views()
        for other in self._workflow.others:
            corpus = CorpusPaths(other)
            if other in self._workflow.generated:
                yield Job("demo_release", (corpus.release_fingerprint,))
            yield Job("cross_manifest", (corpus.manifest, corpus.findings))
            if other in {view.other for view in views}:
                yield Job("cross_accept", (corpus.manifest_fingerprint, corpus.audio))
            yield Job("cross_release_check", (report.release_check_of(other),))
        stores = set()
        for view in views:
            made = report.cross.paths(view)
            yield Job("cross_view", (made.view.utterances, made.view.fingerprint))
            systems = report.cross.systems(view)
            specs = [self._plan.systems[view.paper].spec(system, view.experiment) for system in systems]
            if any("text" in spec["parameters"] for spec in specs):
                yield Job("cross_transcripts", (made.view.words(WORDS[0]), made.view.words_fingerprint(WORDS[0])))
            for name in sorted({spec["features"] for spec in specs} - {None}):
                stores.add(CorpusPaths(view.other).store(name))
                yield Job("cross_fingerprint", (made.view.features(name),))
            for system in systems:
                yield Job("cross_predictions", (made.predictions(system), made.predicted(system)))
            yield Job("score_cross", _in(made.scores, CROSS_SCORES))
        for store in sorted(stores):
            yield Job("cross_features", _in(store, STORE))

    def _view(self, paper: str, experiment: str) -> ViewPaths:
        return ViewPaths(self._corpus.corpus, paper, experiment)

    def _views(self) -> list[ViewPaths]:
        """Views that folds are made of, or that a table counts."""
        places = {(paper, experiment) for paper, experiment, _ in self._plan.folds}
        for paper in self._workflow.papers:
            tables = [self._report.table(paper, item) for item in self._report.tables(paper)]
            counted = [table for table in tables if table["kind"] == "counts"]
            places |= {(paper, table["experiment"]) for table in counted if table["experiment"]}
        return [self._view(*place) for place in sorted(places)]

    def _features(self) -> set[tuple[str, str, str]]:
        """(paper, experiment, feature set) of whatever is trained, and of the energies that figures show."""
        found = set(energies_drawn(self._scoring))
        for run in self._report.trainings:
            if features := self._plan.spec(run)["features"]:
                found.add((run.paper, run.experiment, features))
        return found

    def _words(self) -> list[tuple[str, str, str]]:
        """(kind of words, paper, experiment) of whatever reads them."""
        teachers = {(run.paper, run.experiment) for run in self._report.teachers}
        scored = {place[:2] for place in self._scoring.jobs if self._scoring.reads_text(place[0])}
        found = {("transcripts", *place) for place in scored | teachers}
        found |= {("pronunciations", *place) for place in teachers}
        found |= {("alignments", *place) for place in teachers if self._plan.systems[place[0]].cuts_at_words}
        if self._workflow.vectors is not None:
            reading = [run for run in self._plan.trainings if "text" in self._plan.spec(run)["parameters"]]
            found |= {("word_vectors", run.paper, run.experiment) for run in reading}
        return sorted(found)

    def _drawn(self) -> list[str]:
        """Files that figures are drawn from, each once."""
        papers, inputs = self._workflow.papers, self._inputs
        drawn = [SimpleNamespace(paper=paper, item=item) for paper in papers for item in self._report.figures(paper)]
        return list(dict.fromkeys(file for figure in drawn for file in inputs.figure_files(figure)))

    def _cross_views(self) -> list[CrossView]:
        papers, others = self._workflow.papers, self._workflow.others
        return [view for paper in papers for other in others for view in self._report.cross.views(paper, other)]


def _in(folder: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names)
