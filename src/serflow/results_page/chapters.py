"""A chapter of the page: what of its trainings is finished, and the tables that its scores make."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import digest, read_json
from serflow.forecast.progress import progress
from serflow.paths import scores_folder
from serflow.plan.configuration import changed_configuration
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.provenance.closure import closure_digests
from serflow.provenance.code_fingerprint import fingerprint_path
from serflow.provenance.run_key import RunKey
from serflow.reporting.rows import Line
from serflow.reporting.table_rows import table_rows
from serflow.reporting.wording import count
from serflow.results_page.declaration import DeclaredChapter

__all__ = ["Chapter", "Planned", "chapter_report", "read_chapter"]

KINDS = ("scores", "asr", "claims", "groups")  # of tables that the page has, of groups their probabilities alone
NAMED = 3  # changed source files that a refusal names


@dataclass(frozen=True)
class Planned:
    """What the preset asks for, where nothing is configured beside it: seeds, and the folds of each split."""

    seeds: int
    folds: dict[str, int]


@dataclass(frozen=True)
class Chapter:
    """What the page shows of a paper at a preset.

    Attributes
    ----------
    corpus, paper, preset : of its run keys.
    text : what the preset is, as the paper's YAML says it.
    notes : sentences on what the corpus does to the paper's data and training.
    planned : what the preset asks for.
    yardsticks : the systems that are none of the paper's, but stand beside them for scale.
    done, wanted : trainings that are finished, and all.
    stale : what is amiss with trainings that are there and do not count, a clause; empty where there are none.
    given : the systems whose predictions were given, as tables call them; the page is of what is trained for it.
    specs, tables : each table of scores, error rates or claims, by its id: its resolved spec, and its rows. None of an
        unfinished chapter.
    records : run.json of each training. None of an unfinished chapter.
    """

    corpus: str
    paper: str
    preset: str
    text: str
    notes: list[str]
    planned: Planned
    yardsticks: frozenset[str]
    done: int
    wanted: int
    stale: str
    given: list[str]
    specs: dict[str, dict[str, Any]]
    tables: dict[str, list[Line]]
    records: list[dict[str, Any]]

    @property
    def finished(self) -> bool:
        """Whether every training is there."""
        return self.done == self.wanted

    def of_kind(self, kind: str) -> dict[str, list[Line]]:
        """The tables of one kind."""
        return {item: rows for item, rows in self.tables.items() if self.specs[item]["kind"] == kind}

    def contrasts(self, experiment: str) -> Path:
        """File of its systems' differences between protocols."""
        return Path(scores_folder(self.corpus, self.preset, self.paper, experiment, "any")).with_name("contrasts.csv")


def chapter_report(declared: DeclaredChapter, corpus: str) -> Report:
    """The report that a chapter's configuration makes."""
    return Report(Plan(read_workflow(changed_configuration(declared.changes(corpus)))))


def read_chapter(declared: DeclaredChapter, *, corpus: str, command: str) -> Chapter:
    """Read a chapter from the results in the working folder; its tables are made anew from its scores.

    Raises
    ------
    UserError
        Where all trainings are there, but some were made otherwise than the present files would make them, or scores
        were made before what they rest on. `command` is named as what makes them anew.
    """
    report = chapter_report(declared, corpus)
    found, mend = progress(report), f"make it anew: {command}"
    trainings, (paper,) = report.trainings, report.workflow.papers
    stale = _stale(report, found.stale) if found.stale else ""
    if stale and len(found.done) + len(found.stale) == len(trainings):
        raise UserError(f"chapter {declared.name}: {stale}; {mend}")
    finished, preset = len(found.done) == len(trainings), report.workflow.preset_of(paper)
    if finished and (late := _older(report)):
        raise UserError(f"chapter {declared.name}: {late}; {mend}")
    specs = {item: report.table(paper, item) for item in report.tables(paper)} if finished else {}
    given = dict.fromkeys(row["name"] for spec in specs.values() for row in spec.get("rows", []) if row.get("given"))
    specs = {item: _trained_here(spec) for item, spec in specs.items() if spec["kind"] in KINDS}
    splits = {name: preset["folds"] or split["folds"] for name, split in report.workflow.splits.items()}
    return Chapter(
        corpus=corpus,
        paper=paper,
        preset=declared.preset,
        text=preset["text"],
        notes=report.corpus_notes(paper),
        planned=Planned(len(preset["seeds"]), splits),
        yardsticks=frozenset(report.workflow.yardsticks),
        done=len(found.done),
        wanted=len(trainings),
        stale=stale,
        given=list(given),
        specs=specs,
        tables={item: table_rows(spec) for item, spec in specs.items()},
        records=[read_json(Path(run.folder) / "run.json") for run in trainings] if finished else [],
    )


def _trained_here(spec: dict[str, Any]) -> dict[str, Any]:
    """A table without the systems whose predictions were given: the page is of what is trained for it."""
    return spec | {"rows": [row for row in spec["rows"] if not row.get("given")]}


def _stale(report: Report, stale: dict[RunKey, str]) -> str:
    """What is amiss with trainings that do not count, in a clause; of other code, which files changed, where known."""
    code = [run for run in stale if (known := _recorded_code(run)) and known != digest(_present_code(report, run))]
    if not code:
        first, *_ = next(iter(stale.values())).split(";")
        return f"{count(len(stale), 'training')} made otherwise, the first: {first}"
    changed = Counter(file for run in code for file in _changed(report, run))
    files = ", ".join(file for file, _ in changed.most_common(NAMED)) + (", ..." if len(changed) > NAMED else "")
    made = "was made" if len(code) == 1 else "were made"
    since = f" (since changed: {files})" if files else ""
    return f"{count(len(code), 'training')} {made} by other code than the present{since}"


def _recorded_code(run: RunKey) -> str | None:
    """Digest of the source that a training was made by, as its record has it."""
    return read_json(Path(run.folder) / "run.json").get("inputs", {}).get("code")


def _modules(report: Report, run: RunKey) -> list[str]:
    teacher = run.experiment in report.workflow.teacher_experiments
    return [f"serflow.cli.{'train_teacher' if teacher else 'train'}", *report.plan.modules(run)]


def _present_code(report: Report, run: RunKey) -> dict[str, str]:
    return closure_digests(*_modules(report, run))


def _changed(report: Report, run: RunKey) -> list[str]:
    """Source files that changed since a training; none where the list of those that made it is gone."""
    path = fingerprint_path(*_modules(report, run))
    then = read_json(path) if path.is_file() else {}
    if digest(then) != _recorded_code(run):
        return []
    now = _present_code(report, run)
    return sorted(file for file in then.keys() | now.keys() if then.get(file) != now.get(file))


def _older(report: Report) -> str | None:
    """Which scores were made before the runs that they rest on, or by other code; None where all are in order."""
    code = fingerprint_path("serflow.cli.score_runs")
    folders = {job: Path(report.scoring.folder(*job)) for job in report.scoring.jobs}
    for path in [*(folder / "scores.csv" for folder in folders.values()), *map(Path, report.scoring.contrasts_files)]:
        if not path.is_file():
            return f"{path} is missing"
    if code.is_file() and read_json(code) != closure_digests("serflow.cli.score_runs"):
        return "its scores were made by other code than the present"
    for job, folder in folders.items():
        runs = {Path(report.plan.training(run).runs_file) for run in report.scoring.runs(*job)}
        if any(_time(path) > _time(folder / "scores.csv") for path in (*runs, code)):
            return f"{folder} is older than the runs or the code that it rests on: delete it"
    return None


def _time(path: Path) -> float:
    return path.stat().st_mtime if path.is_file() else 0.0
