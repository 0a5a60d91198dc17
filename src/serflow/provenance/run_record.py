"""The files in a run's folder, held against the digests that its run.json records of what the run wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from serflow.files import file_digest

__all__ = ["REQUIRED", "TAUGHT", "Changed", "changed_files", "missing_files"]

REQUIRED = {"predictions.parquet", "history.csv", "model/epochs.json"}  # every run writes them
TAUGHT = {"hypotheses.parquet", "history.csv", "model/epochs.json"}  # and these, every teacher
LATER = ("attention_*.npz", "energy_correlations_*.csv")  # what figures draw is put beside the run's own files
MAPS = "maps"  # a teacher's attention maps of each view stand in its folder: a store each, with digests of its own


class Changed(NamedTuple):
    """A file that is not as recorded: SHA-256 found (None: missing) and recorded (None: the run did not write it)."""

    path: Path
    found: str | None
    recorded: str | None


def changed_files(folder: Path, record: Mapping[str, Any], *, under: str = "", taught: bool = False) -> list[Changed]:
    """Files of a run that differ from its record, are missing on either side, or were put there by somebody else.

    Parameters
    ----------
    folder : the run's folder.
    record : the content of its run.json.
    under : look only at this file or subfolder.
    taught : whether the run is a teacher's.
    """
    recorded = record.get("outputs") or {}
    names = {*(TAUGHT if taught else REQUIRED), *recorded, *_there(folder)}
    names = {name for name in names if Path(name).is_relative_to(under)}
    names -= {name for name in names - recorded.keys() if taught and Path(name).is_relative_to(MAPS)}
    files = [Changed(folder / name, _digest(folder / name), recorded.get(name)) for name in sorted(names)]
    return [file for file in files if file.recorded is None or file.found != file.recorded]


def missing_files(folder: Path, record: Mapping[str, Any]) -> list[str]:
    """Names of files of a run that are not there; their content is not read."""
    return sorted(name for name in REQUIRED.union(record.get("outputs") or {}) if not (folder / name).is_file())


def _there(folder: Path) -> set[str]:
    """Names of the files in a run's folder; Snakemake puts a hidden time stamp into a folder that is an output."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    later = {path for path in files if path.name.startswith(".") or any(map(path.match, LATER))}
    return {path.as_posix() for path in files if path not in later} - {"run.json"}


def _digest(path: Path) -> str | None:
    return file_digest(path) if path.is_file() else None
