"""What every run says of itself, a system's or a teacher's: key, spec, inputs, code, packages and files."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from serflow.audit.findings import Step, agree
from serflow.files import digest
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import INPUTS, REQUIRED, TEACHER_FILES, changed_files, compared

__all__ = ["file_steps", "record_steps", "versions_step"]

SAID = {  # of what agrees
    "key": "run.json names this run",
    "spec": "as the configuration resolves it",
    "split": "trained on the fold table on disk",
    "features": "trained on the features on disk",
    "transcripts": "trained on the words on disk",
    "pronunciations": "trained on the phones of these words on disk",
    "alignments": "trained on the times of these words on disk",
    "vectors": "trained with the given word vectors on disk",
    "encoder": "trained from the network on disk",
    "maps": "trained on the attention maps on disk",
    "code": "trained by the present source",
}
ALWAYS = ("key", "spec", "split", "code")  # of every run; of the other inputs a run may have none


def record_steps(
    record: Mapping[str, Any], run: RunKey, spec: Mapping[str, Any], inputs: Mapping[str, str | None]
) -> list[Step]:
    """Hold a record against its key, the spec as resolved now, and the digests of its `inputs` (None: no such)."""
    expected = dict.fromkeys(INPUTS) | inputs
    steps = []
    for name, found, wanted in compared(record, key=run.key, spec=digest(spec), inputs=expected):
        if name in ALWAYS or found or wanted:
            steps.append(agree(name, found, wanted, said=SAID[name]))
        elif name == "features":
            steps.append(Step("features", True, "none: this system reads no features"))
    named = {name: record.get(name) for name in ("run", "spec", "device")} | {"inputs": record.get("inputs", {})}
    said = "digest of key, spec, inputs and device"
    steps.append(agree("identity", record.get("digest"), digest(named), said=said))
    for one in record.get("adopted", []):
        repeated = "/".join(f"{one['repeated'][key]}" for key in ("experiment", "system", "split", "fold", "seed"))
        told = f"the code {one['code'][:12]} trained it; the code after it gave the same bytes of {repeated}"
        steps.append(Step("adopted", None, told))
    return steps


def versions_step(record: Mapping[str, Any]) -> Step:
    """Packages that the run was trained with; others than here are no fault, but may explain one."""
    recorded = record["versions"]
    differ = [f"{name} {said}, here {_installed(name)}" for name, said in recorded.items() if said != _installed(name)]
    if differ:
        return Step("versions", None, f"trained with {'; '.join(differ)}")
    return Step("versions", True, f"of {len(recorded)} packages: those installed here")


def _installed(package: str) -> str:
    try:
        return platform.python_version() if package == "python" else version(package)
    except PackageNotFoundError:
        return "none"


def file_steps(record: Mapping[str, Any], folder: Path, *, teacher: bool = False) -> list[Step]:
    """Every file of the run against its digest; files that every run writes; files that it did not write.

    `teacher`: the run is a teacher's.
    """
    steps = []
    for path, found, recorded in changed_files(folder, record, teacher=teacher):
        if recorded is None:
            there = "is missing" if found is None else f"has SHA-256 {found[:12]}"
            name = path.relative_to(folder).as_posix()
            said = f"{path} {there}, and run.json records none: it is not a file that the run wrote"
            required = name in (TEACHER_FILES if teacher else REQUIRED)
            steps.append(Step("files", False, said, "a recorded file" if required else "no such file"))
        elif found is None:
            steps.append(Step("files", False, f"{path} is missing", f"a file of SHA-256 {recorded[:12]}"))
        else:
            said = f"{recorded[:12]}, as run.json records"
            steps.append(Step("files", False, f"{path} has SHA-256 {found[:12]}", said))
    return steps or [Step("files", True, f"all {len(record['outputs'])} have the SHA-256 that run.json records")]
