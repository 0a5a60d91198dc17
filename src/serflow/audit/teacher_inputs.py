"""What systems and tables of a plan take from teachers: which teachers, their inputs, maps and errors."""

from collections.abc import Iterator
from pathlib import Path

from serflow.audit.cells import line_steps
from serflow.audit.data import Data, Sample
from serflow.audit.findings import Step
from serflow.audit.hypotheses import Recognised, Transcribed, read_lines
from serflow.audit.items import TableCell
from serflow.audit.maps import Maps, maps_steps
from serflow.audit.speech import Speech
from serflow.audit.teachers import ExpectedTeacher, teacher_steps
from serflow.errors import UserError
from serflow.files import read_json
from serflow.plan.report import Report
from serflow.plan.teachers import maps_of, teacher_of
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_key import RunKey

__all__ = ["TeacherChain"]


class TeacherChain:
    """The teachers of one configuration; `weights`: whether maps are made anew, of utterances that `sample` draws."""

    def __init__(self, report: Report, sample: Sample, *, weights: bool):
        self.report, self.plan, self.sample, self.weights = report, report.plan, sample, weights
        self._speech: dict[str, Speech] = {}
        self._lines: dict[str, list[Transcribed] | Step] = {}

    def speech(self, paper: str) -> Speech:
        """What the teachers of a paper were trained with."""
        if paper not in self._speech:
            self._speech[paper] = Speech(self.plan.workflow, paper)
        return self._speech[paper]

    def shown(self, cell: TableCell) -> list[RunKey]:
        """The teachers, one a fold, that a cell of a table of error rates is about."""
        folds = self.plan.folds_of(cell.paper, cell.split)
        return [self.plan.teacher_run(cell.paper, cell.system, fold) for fold in folds]

    def learned(self, run: RunKey, data: Data) -> Maps | None:
        """The maps that a run learns; None for one that learns none, or where the plan cannot tell (its node does)."""
        try:
            teacher = teacher_of(self.plan, run)
        except UserError:
            return None
        if teacher is None:
            return None
        p = self.plan.systems[run.paper].spec(run.system, run.experiment)["parameters"]["transfer"]["p"]
        return Maps(Path(maps_of(self.plan, run)).parent, teacher, p, sorted(set(data.table["utterance"])))

    def inputs(self, run: RunKey) -> tuple[str | None, set[str] | None]:
        """Digest of the maps that a run must have learned, and whom their teacher was trained on; None without one.

        Raises
        ------
        UserError
            If the plan cannot tell the teacher, or its maps are gone.
        """
        path, teacher = maps_of(self.plan, run), teacher_of(self.plan, run)
        return (read_json(path)["digest"], set(self._expected(teacher).train_speakers)) if teacher else (None, None)

    def steps(self, run: RunKey) -> Iterator[Step]:
        """Check one teacher."""
        yield from teacher_steps(run, self._expected(run))

    def maps_steps(self, maps: Maps) -> Iterator[Step]:
        """Check a store of maps."""
        expected, speech = self._expected(maps.teacher), self.speech(maps.teacher.paper)
        features = speech.store(expected.spec["features"]) if self.weights else None
        yield from maps_steps(maps, expected, features, self.sample)

    def number_steps(self, cell: TableCell) -> Iterator[Step]:
        """Check the numbers of a cell of a table of error rates."""
        runs = self.shown(cell)
        found = [self._read(run) for run in runs]
        unread = [one for one in found if isinstance(one, Step)]
        if unread:
            yield from unread
            return
        found_lines = [(run.fold, run.seed, lines) for run, lines in zip(runs, found, strict=True)]
        made = Recognised(found_lines, self.speech(cell.paper).units, cell.column)
        yield from line_steps(self.report, cell, made.row())

    def _read(self, run: RunKey) -> list[Transcribed] | Step:
        """A teacher's lines, or why there are none."""
        if run.folder not in self._lines:
            expected, folder = self._expected(run), Path(run.folder)
            improvised = self.speech(run.paper).improvised
            try:
                record = read_json(folder / "run.json")
                lines = read_lines(folder, record, expected.table, expected.words, expected.pronunciations, improvised)
            except (OSError, KeyError, ValueError, TypeError, AttributeError, UserError) as error:
                lines = Step("hypotheses", False, f"{folder}: {error}", "readable hypotheses and lexicon")
            self._lines[run.folder] = lines
        return self._lines[run.folder]

    def _expected(self, run: RunKey) -> ExpectedTeacher:
        systems, speech = self.plan.systems[run.paper], self.speech(run.paper)
        spec = systems.teacher_spec(run.system)
        return ExpectedTeacher(
            spec=spec,
            inputs={
                "code": closure_digest("serflow.cli.train_teacher", *systems.teacher_modules(run.system)),
                "split": speech.digest,
                "features": speech.features_digest(spec["features"]),
                "transcripts": speech.words_digest,
                "pronunciations": speech.pronunciations_digest,
                "alignments": speech.alignments_digest if speech.aligned else None,
            },
            table=speech.fold(run.fold),
            words=speech.words_as_written,
            pronunciations=speech.pronunciations,
        )
