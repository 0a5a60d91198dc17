"""Which runs of a plan are done, by the check that scoring makes of a run before it counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import digest, read_json
from serflow.paths import ViewPaths
from serflow.plan.report import Report
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import check_record, missing_files

__all__ = ["Progress", "progress"]


@dataclass
class Progress:
    """Runs that are done, and those that are there and do not count, with the reason."""

    done: set[RunKey] = field(default_factory=set)
    stale: dict[RunKey, str] = field(default_factory=dict)

    def add(self, run: RunKey, fault: str | None) -> None:
        """A run that is there, and why it does not count; None where it does."""
        if fault is None:
            self.done.add(run)
        else:
            self.stale[run] = fault


def progress(report: Report) -> Progress:
    """Look at every run of the plan, in the working folder.

    A run is done where scoring would take it: its run.json names the present spec, code and, where their
    fingerprints are on disk, the present fold table, features, words and network that it starts from, and all its
    files are there. What is in them is not read.
    """
    found = Progress()
    vectors = report.workflow.vectors is not None
    for place in report.scoring.jobs:
        scored = report.scoring.systems(*place)
        for run in report.scoring.runs(*place):
            if (Path(run.folder) / "run.json").is_file():
                expected = scored[run.system]
                inputs = partial(_inputs, run, expected, encoder=report.plan.encoder(run), vectors=vectors)
                found.add(run, _fault(run, expected["digest_spec"], inputs))
    for run in report.teachers:
        if (Path(run.folder) / "run.json").is_file():
            found.add(run, _teacher_fault(report, run))
    return found


def _teacher_fault(report: Report, run: RunKey) -> str | None:
    """Why a teacher does not count: another key, spec or code than the present, or a file that is missing."""
    inputs = {"code": closure_digest("serflow.cli.train_teacher", *report.plan.modules(run))}
    return _fault(run, digest(report.plan.spec(run)), lambda: inputs, teacher=True)


def _inputs(run: RunKey, expected: dict[str, Any], *, encoder: RunKey | None, vectors: bool) -> dict[str, str | None]:
    """Digests of what a run must have been trained with, where these are on disk.

    `encoder`: whose network it starts from; `vectors`: whether the configuration names a file of them.
    """
    inputs = {"code": expected["code"]}
    view = ViewPaths(run.corpus, run.paper, run.experiment)
    for name, path, needed in (
        ("split", view.split(run.split), True),
        ("features", view.features(expected["features"]), expected["features"] is not None),
        ("transcripts", view.words_fingerprint("transcripts"), expected["text"]),
        ("vectors", view.words_fingerprint("word_vectors"), expected["text"] and vectors),
    ):
        if not needed:
            inputs[name] = None
        elif Path(path).is_file():
            inputs[name] = read_json(path)["digest"]
    if encoder is None:
        inputs["encoder"] = None
    elif (Path(encoder.folder) / "run.json").is_file():
        inputs["encoder"] = encoder_digest(Path(encoder.folder) / "run.json", expected["encoder"]["weights"])
    return inputs


def _fault(run: RunKey, spec: str, inputs: Callable[[], dict[str, str | None]], *, teacher: bool = False) -> str | None:
    """Why a run of this spec (its digest) and these inputs does not count: what differs, or which of its files lack."""
    folder = Path(run.folder)
    try:
        record = check_record(folder, key=run.key, spec=spec, inputs=inputs(), teacher=teacher)
    except UserError as error:
        return str(error)
    missing = missing_files(folder, record, teacher=teacher)
    return f"{folder}: {', '.join(missing)} missing; snakemake makes the run again" if missing else None
