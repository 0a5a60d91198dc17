"""A run's run.json: held against what is expected of the run, and against the files in the run's folder.

Scoring refuses what differs here, `serflow plan` counts it as not done, and the audit prints it.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict

from serflow.errors import SNAKEMAKE, UserError, remade
from serflow.files import digest, file_digest, read_json
from serflow.formats import RUN, check_format
from serflow.validation import faults, printed

__all__ = [
    "INPUTS",
    "REQUIRED",
    "TEACHER_FILES",
    "Changed",
    "Comparison",
    "changed_files",
    "check_record",
    "check_written",
    "compared",
    "described_run",
    "missing_files",
    "read_record",
    "stale",
]

REQUIRED = {"predictions.parquet", "history.csv", "model/epochs.json"}  # every run writes them
TEACHER_FILES = {"hypotheses.parquet", "history.csv", "model/epochs.json"}  # and these, every teacher
LATER = ("attention_*.npz", "energy_correlations_*.csv")  # what figures draw is put beside the run's own files
MAPS = "maps"  # a teacher's attention maps of each view stand in its folder: a store each, with digests of its own
INPUTS = {  # of a run, by the names of their digests in run.json: what is said of a run that had another one
    "split": "on another fold table",
    "features": "on other features",
    "transcripts": "on other transcripts",
    "pronunciations": "on other phones of the words",
    "alignments": "on other times of the words",
    "vectors": "with other word vectors",
    "encoder": "from another network",
    "maps": "with another teacher's attention",
    "code": "by other code",
}


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ValueError(f"{name!r}: expected the name of a file within the run's folder")
    return name


class _Record(BaseModel):
    """What a run.json holds at least."""

    model_config = ConfigDict(extra="allow", strict=True)

    run: dict[str, Any]
    spec: dict[str, Any]
    inputs: dict[str, Any]
    outputs: dict[Annotated[str, AfterValidator(_inside)], str]


def read_record(folder: Path, *, teacher: bool = False) -> dict[str, Any]:
    """The run.json of a run's folder, of which every name of `outputs` lies within it; `teacher`: of a teacher.

    Raises
    ------
    UserError
        If the file is missing, mangled, of another format or holds something else than a run's.
    """
    path = folder / "run.json"
    record = read_json(path)
    check_format(path, record, RUN)
    if not isinstance(record, dict) or not set(_Record.model_fields) <= set(record):
        raise stale(path, "no `run`, `spec`, `inputs` or `outputs` in it", teacher=teacher)
    if found := faults(record, _Record):
        raise stale(path, f"{printed(found[0].path)}: {found[0].message}", teacher=teacher)
    return record


class Comparison(NamedTuple):
    """What a record says of one thing ("key", "spec", or one of `INPUTS`), and what is expected of it."""

    name: str
    recorded: Any
    expected: Any

    @property
    def agrees(self) -> bool:
        """Whether the two are the same."""
        return self.recorded == self.expected


def compared(
    record: Mapping[str, Any], *, key: Mapping[str, Any], spec: str, inputs: Mapping[str, str | None]
) -> list[Comparison]:
    """Compare a record with the run's key, the digest of its resolved spec, and the digests of its inputs.

    Parameters
    ----------
    record : the content of run.json.
    key : the whole run key (`serflow.provenance.run_key.RunKey.key`).
    spec : SHA-256 of the canonical JSON of the spec.
    inputs : digests by a name of `INPUTS`, None where the run must have no such input; names that are not in it are
        not compared.
    """
    recorded = record.get("inputs") or {}
    return [
        Comparison("key", record.get("run"), dict(key)),
        Comparison("spec", digest(record.get("spec")), spec),
        *(Comparison(name, recorded.get(name), inputs[name]) for name in INPUTS if name in inputs),
    ]


def check_record(
    folder: Path, *, key: Mapping[str, Any], spec: str, inputs: Mapping[str, str | None], teacher: bool = False
) -> dict[str, Any]:
    """The run.json of a run's folder; key, spec and inputs as of `compared`, `teacher` whether it is a teacher's.

    Raises
    ------
    UserError
        If the file is missing, mangled or of another format, or names another key, spec or input than expected.
    """
    path, record = folder / "run.json", read_record(folder, teacher=teacher)
    for comparison in compared(record, key=key, spec=spec, inputs=inputs):
        if not comparison.agrees:
            raise stale(path, _difference(comparison), teacher=teacher)
    return record


def described_run(record: Mapping[str, Any]) -> dict[str, Any]:
    """What of a run.json decides about what is made of the run: digests of it and its files, versions of libraries."""
    return {"digest": record["digest"], "outputs": record["outputs"], "versions": record.get("versions")}


def stale(path: Path, what: str, *, teacher: bool = False) -> UserError:
    """The error that refuses a file of a run, or of a teacher, with what is wrong with it."""
    rule = "train_teacher" if teacher else "train"
    return UserError(
        f"{path}: stale results: {what}; {remade(path.parent)}, "
        f"or have all runs looked at: {SNAKEMAKE} --forcerun {rule}"
    )


class Changed(NamedTuple):
    """A file that is not as recorded: SHA-256 found (None: missing) and recorded (None: the run did not write it)."""

    path: Path
    found: str | None
    recorded: str | None


def changed_files(folder: Path, record: Mapping[str, Any], *, under: str = "", teacher: bool = False) -> list[Changed]:
    """Files of a run that differ from its record, are missing on either side, or were put there by somebody else.

    Parameters
    ----------
    folder : the run's folder.
    record : the content of its run.json.
    under : look only at this file or subfolder.
    teacher : whether the run is a teacher's.
    """
    recorded = record.get("outputs") or {}
    names = {*(TEACHER_FILES if teacher else REQUIRED), *recorded, *_there(folder)}
    names = {name for name in names if Path(name).is_relative_to(under)}
    names -= {name for name in names - recorded.keys() if teacher and Path(name).is_relative_to(MAPS)}
    files = [Changed(folder / name, _digest(folder / name), recorded.get(name)) for name in sorted(names)]
    return [file for file in files if file.recorded is None or file.found != file.recorded]


def check_written(folder: Path, record: Mapping[str, Any], *, under: str, teacher: bool = False) -> None:
    """Refuse files of a run, such as a network's, that are not one by one those that it wrote; as of `changed_files`.

    Raises
    ------
    UserError
        If one is missing, has changed or was put there by somebody else.
    """
    for path, found, recorded in changed_files(folder, record, under=under, teacher=teacher):
        if found is None:
            what = "this file is missing"
        elif recorded is None:
            what = "run.json records no such file of the run"
        else:
            what = "changed after the run wrote it (its SHA-256 is not that of run.json)"
        raise UserError(f"{path}: {what}; {remade(folder)}")


def missing_files(folder: Path, record: Mapping[str, Any], *, teacher: bool = False) -> list[str]:
    """Names of files of a run that are not there; their content is not read."""
    names = (TEACHER_FILES if teacher else REQUIRED).union(record.get("outputs") or {})
    return sorted(name for name in names if not (folder / name).is_file())


def _difference(comparison: Comparison) -> str:
    """What is said of a comparison that does not agree."""
    name, recorded, expected = comparison
    if name == "key":
        odd = next(key for key in [*expected, *recorded] if recorded.get(key) != expected.get(key))
        return f"run has {odd} {recorded.get(odd)!r}, expected {expected.get(odd)!r}"
    if name == "spec":
        return f"its spec is not the present one (digest {recorded[:12]}, expected {expected[:12]})"
    return f"it was trained {INPUTS[name]} than the present one"


def _there(folder: Path) -> set[str]:
    """Names of the files in a run's folder; Snakemake puts a hidden time stamp into a folder that is an output."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    hidden = {path for path in files if any(part.startswith(".") for part in path.parts)}  # a killed process left some
    later = hidden | {path for path in files if any(map(path.match, LATER))}
    return {path.as_posix() for path in files if path not in later} - {"run.json"}


def _digest(path: Path) -> str | None:
    return file_digest(path) if path.is_file() else None
