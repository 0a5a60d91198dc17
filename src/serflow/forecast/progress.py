"""Which runs of a plan are done, by the check that scoring makes of a run before it counts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import digest, read_json
from serflow.metrics.run_files import check_record
from serflow.plan.report import Report
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import missing_files

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
    given = report.workflow.vectors is not None
    for paper, experiment, split in sorted({(key[0], key[1], key[3]) for key in report.plan.wanted}):
        scored = report.scored(paper, experiment, split)
        for run in report.runs_scored(paper, experiment, split):
            if (Path(run.folder) / "run.json").is_file():
                found.add(run, _fault(run, scored[run.system], lent=report.plan.encoder(run), given=given))
    for run in report.plan.teachers:
        if (Path(run.folder) / "run.json").is_file():
            found.add(run, _teacher_fault(report, run))
    return found


def _teacher_fault(report: Report, run: RunKey) -> str | None:
    """Why a teacher does not count: another spec or code than the present, or a file that is missing."""
    folder, record = Path(run.folder), read_json(Path(run.folder) / "run.json")
    code = closure_digest("serflow.cli.train_teacher", *report.plan.modules(run))
    if digest(record.get("spec")) != digest(report.plan.spec(run)):
        return f"{folder}: its spec is not the present one"
    if record["inputs"].get("code") != code:
        return f"{folder}: it was taught by other code than the present"
    missing = [name for name in record["outputs"] if not (folder / name).is_file()]
    return f"{folder}: {', '.join(missing)} missing; snakemake makes the run again" if missing else None


def _fault(run: RunKey, expected: dict[str, Any], *, lent: RunKey | None, given: bool) -> str | None:
    """Why a run does not count; `lent`: whose network it starts from, `given`: whether a file gives word vectors."""
    folder = Path(run.folder)
    view = Path("data") / run.corpus / run.paper / run.experiment
    entry = run.key | {"folder": run.folder, "digest_spec": expected["digest_spec"], "code": expected["code"]}
    features = view / "features" / f"{expected['features']}.json"
    if expected["features"] is None:
        entry["features"] = None
    elif features.is_file():
        entry["features"] = read_json(features)["digest"]
    for name, file, wanted in (
        ("transcripts", view / "transcripts.json", expected["text"]),
        ("vectors", view / "word_vectors.json", expected["text"] and given),
    ):
        if not wanted:
            entry[name] = None
        elif file.is_file():
            entry[name] = read_json(file)["digest"]
    try:
        if lent is None:
            entry["encoder"] = None
        elif (Path(lent.folder) / "run.json").is_file():
            entry["encoder"] = encoder_digest(Path(lent.folder) / "run.json", expected["encoder"]["weights"])
        split = _split_digest(view / "splits" / f"{run.split}.json", folder / "run.json")
        missing = missing_files(folder, check_record(entry, split))
    except UserError as error:
        return str(error)
    return f"{folder}: {', '.join(missing)} missing; snakemake makes the run again" if missing else None


def _split_digest(fingerprint: Path, record: Path) -> Any:
    """Digest of the present fold table; where there is none, the run's own, which nothing can contradict."""
    if fingerprint.is_file():
        return read_json(fingerprint)["digest"]
    return read_json(record).get("inputs", {}).get("split")
