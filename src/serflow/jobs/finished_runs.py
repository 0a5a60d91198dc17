"""Files of finished runs, kept until the whole workflow has ended well, for jobs that hold several runs.

A job of a cluster that holds several runs fails where one of them does, or where its time is up. Snakemake then deletes
the outputs of all of them and sends all again: the finished ones find their files here. They are hard links where the
file system has these, hence no second copy.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from serflow import paths
from serflow.errors import UserError
from serflow.files import atomic_path, file_digest, read_json

__all__ = ["FinishedRun", "forget_finished_runs", "keep_finished_runs"]

WANTED = "SERFLOW_KEEP_FINISHED"  # in the environment of jobs that are sent elsewhere
SUFFIX = ".finished"


class FinishedRun:
    """The files of one finished run, beside the checkpoints, named by the run's digest as those are."""

    def __init__(self, checkpoints: Path, identity: str):
        self.folder, self.identity = checkpoints / f"{identity}{SUFFIX}", identity

    def keep(self, run: Path) -> None:
        """Keep the files that a run's record names, where that is wanted."""
        if not os.environ.get(WANTED):
            return
        with atomic_path(self.folder) as temporary:
            _link(run, temporary)

    def put_back(self, run: Path, versions: dict[str, str]) -> bool:
        """Put the files back; False where there are none, or they are not what the record says, by these versions."""
        if not self.folder.is_dir():
            return False
        try:
            record = read_json(self.folder / "run.json")
            same = (record["digest"], record["versions"]) == (self.identity, versions)
            whole = same and all(file_digest(self.folder / name) == sha for name, sha in record["outputs"].items())
        except (UserError, OSError, KeyError, TypeError):
            whole = False
        if whole:
            _link(self.folder, run)
        return whole


def keep_finished_runs() -> None:
    """Let the trainings that this process starts keep their files."""
    os.environ[WANTED] = "1"


def forget_finished_runs(checkpoints: str | Path = paths.CHECKPOINTS) -> None:
    """Delete what is kept: all that asked for it has ended well."""
    for folder in Path(checkpoints).glob(f"*{SUFFIX}"):
        shutil.rmtree(folder, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    """The files of a run under another folder; run.json is the last, as in a run."""
    record: dict[str, Any] = read_json(source / "run.json")
    for name in [*record["outputs"], "run.json"]:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target / name) as temporary:
            try:
                os.link(source / name, temporary)
            except OSError:  # a file system without hard links
                shutil.copyfile(source / name, temporary)
