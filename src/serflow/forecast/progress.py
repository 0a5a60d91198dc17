"""Which runs of a plan are done, by the check that scoring makes of a run before it counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from serflow.errors import UserError
from serflow.files import digest, read_json
from serflow.paths import ViewPaths
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import check_record, missing_files

__all__ = ["Progress", "expected_inputs", "progress"]


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
    """Look at every training of the plan, in the working folder.

    A training is done where scoring would take it: its run.json names the present spec, code and, where their
    fingerprints are on disk, the present fold table, features, words and network that it starts from, and all its
    files are there. What is in them is not read.
    """
    found, teachers = Progress(), set(report.teachers)
    for run in report.trainings:
        if (Path(run.folder) / "run.json").is_file():
            teacher = run in teachers
            inputs = partial(_teacher_inputs if teacher else expected_inputs, report.plan, run)
            fault = _fault(run, digest(report.plan.spec(run)), inputs, teacher=teacher)
            found.add(run, fault or _without_weights(report.plan, run))
    return found


def _without_weights(plan: Plan, run: RunKey) -> str | None:
    """Why a whole run does not count where its weights are wanted and were not kept."""
    if not plan.keeps_weights(run) or (Path(run.folder) / "model/last").exists():
        return None
    return f"{run.folder}: its weights were not kept, and `keep_weights` wants them; snakemake makes the run again"


def _teacher_inputs(plan: Plan, run: RunKey) -> dict[str, str | None]:
    """Digest of the code that a teacher must have been trained by."""
    return {"code": closure_digest("serflow.cli.train_teacher", *plan.modules(run))}


def expected_inputs(plan: Plan, run: RunKey) -> dict[str, str | None]:
    """Digests of what a run must have been trained with, where these are on disk."""
    spec, encoder = plan.spec(run), plan.encoder(run)
    reads = "text" in spec["parameters"]
    inputs = {"code": closure_digest("serflow.cli.train", *plan.modules(run))}
    view = ViewPaths(run.corpus, run.paper, run.experiment)
    for name, path, needed in (
        ("split", view.split(run.split), True),
        ("features", view.features(spec["features"]), spec["features"] is not None),
        ("transcripts", view.words_fingerprint("transcripts"), reads),
        ("vectors", view.words_fingerprint("word_vectors"), reads and plan.workflow.vectors is not None),
    ):
        if not needed:
            inputs[name] = None
        elif Path(path).is_file():
            inputs[name] = read_json(path)["digest"]
    if encoder is None:
        inputs["encoder"] = None
    elif (record := Path(encoder.folder) / "run.json").is_file():
        inputs["encoder"] = encoder_digest(record, spec["encoder"]["weights"], run.fold_name)
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
