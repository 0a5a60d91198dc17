"""What was trained, scored and printed, as it stands in a crate."""

from collections.abc import Iterator
from pathlib import Path

from serflow.crate.data_files import DataFile
from serflow.plan.report import Report
from serflow.plan.teachers import maps_of
from serflow.provenance.made_from import MADE_FROM

__all__ = ["report_files", "result_files"]

RUN = ("run.json", "history.csv", "model/epochs.json")  # of every run
PREDICTIONS, HYPOTHESES, LEXICON = "predictions.parquet", "hypotheses.parquet", "model/last/lexicon.json"
PREDICTIONS_KEPT = ("epoch", "part", "utterance", "p_*")
SHOWN = ("attention_*.npz", "energy_correlations_*.csv")  # what figures of single utterances are drawn from
SINGLE = "energy_correlations"  # the kind of figure whose data are rows of utterances


def result_files(report: Report) -> Iterator[DataFile]:
    """Records and predictions of all trainings, scores, and what was given from elsewhere."""
    teachers = set(report.teachers)
    for run in report.trainings:
        yield from (DataFile(f"{run.folder}/{name}") for name in RUN)
        if run in teachers:
            yield DataFile(f"{run.folder}/{HYPOTHESES}", rows=True)
            yield DataFile(f"{run.folder}/{LEXICON}", rows=True)
        else:
            yield DataFile(f"{run.folder}/{PREDICTIONS}", rows=True, kept=PREDICTIONS_KEPT)
    learned = {maps_of(report.plan, run) for run in report.plan.trainings} - {None}
    yield from map(DataFile, sorted(learned))
    for run in sorted({*report.plan.runs, *report.trainings}):
        shown = sorted(path for pattern in SHOWN for path in Path(run.folder).glob(pattern))
        yield from (DataFile(path.as_posix(), rows=True) for path in shown)
    folders = [report.scoring.folder(*place) for place in report.scoring.jobs]
    for paper, data in report.workflow.papers.items():
        if "teacher" in data and report.plan.skip_reason_of_teachers(paper) is None:
            teacher = data["teacher"]
            folders.append(report.scoring.asr_folder(paper, teacher["experiment"], teacher["split"]))
    for folder in folders:
        found = sorted(Path(folder).glob("*.csv"))
        yield from (DataFile(path.as_posix()) for path in (*found, Path(folder) / MADE_FROM) if path.is_file())
    yield from map(DataFile, report.scoring.contrasts_files)
    for place in report.scoring.jobs:
        for given in report.scoring.given_together(*place).values():
            yield DataFile(given.record.as_posix())
            yield DataFile(given.table.as_posix())


def report_files(report: Report) -> Iterator[DataFile]:
    """Tables, figures with their data, the page of findings and the check of the release."""
    yield DataFile(report.release_check)
    yield from map(DataFile, report.other_checks.values())
    yield from map(DataFile, report.findings.values())
    for paper, data in report.workflow.papers.items():
        folder = f"{report.folder}/{paper}"
        yield from (DataFile(f"{folder}/{table}.csv") for table in report.tables(paper))
        for figure in report.figures(paper):
            yield from (DataFile(f"{folder}/{figure}{end}") for end in (".svg", ".pdf", ".txt"))
            yield DataFile(f"{folder}/{figure}_data.csv", rows=data["figures"][figure]["kind"] == SINGLE)
