"""Runs that the code before trained, taken over by the present code once it has been seen to give the same bytes.

A run is stale when any source changes that its training imports, even where nothing of a training changed. So one run
of each system is drawn and trained anew by the present code. Where it gives the same predictions, history and networks,
byte for byte, the system's other runs count again: their run.json names the present code, and under `adopted` the code
that trained them and the run that was repeated.
"""

import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from serflow import paths
from serflow.errors import UserError
from serflow.files import digest, read_json, temporary_folder, write_json
from serflow.forecast.progress import expected_inputs
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey
from serflow.provenance.run_record import compared, described_run, missing_files
from serflow.repetition import other_files, repeat

__all__ = ["OldRuns", "Repeated", "adopt", "old_runs", "repeated"]


@dataclass(frozen=True)
class OldRuns:
    """The runs of one system of an experiment that the same earlier code trained, with all else as it must be now."""

    paper: str
    experiment: str
    system: str
    code: str
    runs: tuple[RunKey, ...]

    @property
    def name(self) -> str:
        """Paper, experiment and system."""
        return f"{self.paper}/{self.experiment}/{self.system}"

    def drawn(self, seed: int) -> RunKey:
        """The run that is repeated, drawn by a seed."""
        return random.Random(f"{seed} {self.name} {self.code}").choice(self.runs)


@dataclass(frozen=True)
class Repeated:
    """A run that was trained anew: the files that came out otherwise, none where all are equal."""

    old: OldRuns
    run: RunKey
    differing: tuple[str, ...]


def old_runs(report: Report) -> list[OldRuns]:
    """The runs that differ from what they must be in the code alone, by system; teachers are none of them.

    What is not as it must be otherwise (another spec, fold table or feature, a file that lacks) is trained anew by
    snakemake, as ever.
    """
    found: dict[tuple[str, str, str, str], list[RunKey]] = {}
    for run in report.trainings:
        if run not in report.teachers and (code := _other_code(report, run)):
            found.setdefault((run.paper, run.experiment, run.system, code), []).append(run)
    return [OldRuns(*key, tuple(runs)) for key, runs in found.items()]


def _other_code(report: Report, run: RunKey) -> str | None:
    """Digest of the code that trained a run, where only that is not the present one."""
    folder, spec = Path(run.folder), digest(report.plan.spec(run))
    try:
        record = read_json(folder / "run.json")
        comparisons = compared(record, key=run.key, spec=spec, inputs=expected_inputs(report.plan, run))
    except (UserError, AttributeError, TypeError):  # none, or mangled
        return None
    if [one.name for one in comparisons if not one.agrees] != ["code"] or missing_files(folder, record):
        return None
    return record["inputs"]["code"]


def repeated(report: Report, old: Iterable[OldRuns], *, seed: int, at_once: int) -> Iterator[Repeated]:
    """Train the drawn run of each, so many side by side; as they come, in their order."""
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda one: _repeated(report, one, seed), old)


def _repeated(report: Report, old: OldRuns, seed: int) -> Repeated:
    run = old.drawn(seed)
    before = read_json(Path(run.folder) / "run.json")
    with temporary_folder() as folder:
        after = repeat(report, run, folder)
    return Repeated(old, run, other_files(run, before, after))


def adopt(report: Report, found: Repeated) -> None:
    """Let a system's runs count as the present code's; run.json says by which code they were trained.

    Raises
    ------
    ValueError
        If the repeated run came out otherwise.
    """
    if found.differing:
        raise ValueError(f"{found.run.folder} was not repeated")
    jobs = set()
    for run in found.old.runs:
        path = Path(run.folder) / "run.json"
        record = read_json(path)
        record["inputs"]["code"] = expected_inputs(report.plan, run)["code"]
        record["digest"] = digest({key: record[key] for key in ("run", "spec", "inputs", "device")})
        record.setdefault("adopted", []).append({"code": found.old.code, "repeated": found.run.key})
        write_json(path, record)
        jobs.add(run.runs_file)
    for file in sorted(jobs):
        _renew(Path(file))


def _renew(file: Path) -> None:
    """What the seeds of a job are, anew; nothing where it had not ended."""
    if file.is_file():
        records = {seed: read_json(paths.run_beside(file, seed) / "run.json") for seed in read_json(file)}
        write_json(file, {seed: described_run(run) for seed, run in records.items()})
