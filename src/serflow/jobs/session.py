"""A training under way: what identifies it, where it goes on from, and the record that it ends with."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from serflow.errors import UserError
from serflow.files import digest, file_digest, read_json, write_json
from serflow.formats import RUN, check_format
from serflow.jobs.checkpoint import Checkpoint, Resumable
from serflow.jobs.lock import alone
from serflow.jobs.outputs import digests, versions, watched

__all__ = ["TrainingSession", "digest_beside"]


class JobLike(Protocol):
    """What of a job a training under way asks: a run's (`Job`) or a teacher's (`TeacherJob`)."""

    run: dict[str, Any]
    spec: dict[str, Any]
    folder: Path
    checkpoints: Path


def digest_beside(table: Path | None) -> str | None:
    """The digest in the fingerprint that stands beside a table; None where there is no table."""
    return read_json(table.with_suffix(".json"))["digest"] if table else None


class TrainingSession:
    """One job's training, from its inputs to run.json.

    Parameters
    ----------
    job, inputs, device
        What decides the result: run and spec, digests of the data and the code, and the kind of device.
    started
        `time.monotonic()` when the job began.
    """

    def __init__(self, job: JobLike, *, inputs: dict[str, str | None], device: str, started: float):
        self.job, self.inputs, self.device, self.started = job, inputs, device, started
        self.identity = digest({"run": job.run, "spec": job.spec, "inputs": inputs, "device": device})
        self.checkpoint = Checkpoint(job.checkpoints / self.identity)
        self.lock = job.checkpoints / f"{digest(job.run)}.lock"
        self.versions, self.resumed = versions(), 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While it lasts no other job trains this run, by whatever spec, data or code; waits for one that does."""
        before = monotonic()
        with alone(self.lock, self._say):
            self.started += monotonic() - before  # to wait is no work
            yield

    def finished(self, *, keeps_weights: bool) -> bool:
        """Whether an earlier job has finished this run: the same key, spec, data, code, device, versions and files.

        And has kept the weights, where they are wanted.
        """
        try:
            record = read_json(self.job.folder / "run.json")
            check_format(self.job.folder / "run.json", record, RUN)
            same = (record["digest"], record["versions"]) == (self.identity, self.versions)
            same = same and (read_json(self.job.folder / "model/epochs.json")["kept"] or not keeps_weights)
            whole = same and all(file_digest(self.job.folder / name) == sha for name, sha in record["outputs"].items())
        except (UserError, OSError, KeyError, TypeError, AttributeError):  # none, or mangled
            whole = False
        if whole:
            self._say("finished by an earlier job; nothing is trained")
        return whole

    def epochs(self, learner: Any, record: Any, train: Any) -> Iterable[dict[str, Any]]:
        """The learner's history row by row, from its last whole epoch on where it can resume."""
        self.resumed = self.checkpoint.resume(learner, record) if isinstance(learner, Resumable) else 0
        (self.job.folder / "run.json").unlink(missing_ok=True)  # what it says is no more when the first file is new
        self._say(f"resumed after epoch {self.resumed}" if self.resumed else "from the start")
        return watched(learner.fit(train), run=self.job.run, spec=self.job.spec, done=self.resumed)

    def finish(self, *files: str, **described: Any) -> None:
        """Write run.json, the last of a run's files, with the digests of `files` and of the model; forget the rest."""
        common = {
            "format": RUN.number,
            "run": self.job.run,
            "spec": self.job.spec,
            "digest": self.identity,
            "inputs": self.inputs,
            "versions": self.versions,
            "device": self.device,
            "resumed_after_epoch": self.resumed,
            "seconds": round(monotonic() - self.started, 1),
            "outputs": digests(self.job.folder, *files),
        }
        write_json(self.job.folder / "run.json", common | described)
        self.checkpoint.remove()

    def _say(self, what: str) -> None:
        print(f"run {self.identity}: {what}", file=sys.stderr)
