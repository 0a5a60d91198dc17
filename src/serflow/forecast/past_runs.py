"""What finished runs took: seconds, optimiser steps and bytes, from run.json and Snakemake's benchmark files."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import digest, read_json
from serflow.paths import RESULTS
from serflow.plan.merging import merge
from serflow.provenance.run_key import RunKey

__all__ = ["PastRun", "past_runs", "settings_digest", "work_of"]

RUNS = "*/*/*/*/*/*/fold*/seed*/run.json"


@dataclass(frozen=True)
class PastRun:
    """One finished run.

    Attributes
    ----------
    run, spec, counts
        As run.json holds them.
    device
        "cpu" or "cuda".
    seconds
        Of the job, its process's start left out.
    start
        Seconds that its job took beside the training of its seeds; None where Snakemake's measurement of the job is
        gone, or is of a job that trained other seeds.
    work
        Optimiser steps, or training utterances of a system that has none.
    whole
        Whether `seconds` are those of the whole training: a resumed run's are not.
    settings
        `settings_digest` of the spec.
    bytes, weights, model
        Size of all files of the run, of those among them that are weights, and of one copy of its model (None each
        where weights are not kept).
    """

    run: RunKey
    spec: dict[str, Any]
    counts: dict[str, int]
    device: str
    seconds: float
    start: float | None
    work: int
    whole: bool
    settings: str
    bytes: int
    weights: int | None
    model: int | None


def settings_digest(spec: dict[str, Any]) -> str:
    """Digest of what decides the seconds of a step: the spec without a corpus's budget and names of classes."""
    kept = {key: spec[key] for key in ("learner", "feature_spec", "parameters")}
    if spec["parameters"].get("train"):
        kept = merge(kept, {"parameters": {"train": {"schedule": None}}})
    encoder = spec.get("encoder")  # runs of an earlier version have no such key
    return digest(kept | {"classes": len(spec["classes"]), "encoder": encoder and settings_digest(encoder["spec"])})


def work_of(counts: dict[str, int], epochs: int) -> int:
    """Optimiser steps of a whole run; training utterances where the system counts no steps."""
    return counts["steps_an_epoch"] * epochs if "steps_an_epoch" in counts else counts["train_utterances"]


def past_runs(results: str | Path = RESULTS, benchmarks: str | Path = "benchmarks/train") -> list[PastRun]:
    """All finished runs under `results`, of whatever configuration; what cannot be read is left out."""
    jobs: dict[Path, list[PastRun]] = {}
    for path in sorted(Path(results).glob(RUNS)):
        if (found := _read(path)) is not None:
            jobs.setdefault(path.parents[1], []).append(found)
    runs = []
    for fold, seeds in jobs.items():
        start = _start(Path(benchmarks) / fold.relative_to(results), seeds)
        runs += [replace(run, start=start) for run in seeds]
    return runs


def _read(path: Path) -> PastRun | None:
    try:
        record = read_json(path)
        model = _size(path.parent / "model/last")
        return PastRun(
            run=RunKey(**record["run"]),
            spec=record["spec"],
            counts=record["counts"],
            device=record["device"].split(":")[0],
            seconds=record["seconds"],
            start=None,
            work=work_of(record["counts"], record["epochs"]),
            whole=record["resumed_after_epoch"] == 0,
            settings=settings_digest(record["spec"]),
            bytes=_bytes(path.parent),
            weights=None if model is None else _size(path.parent / "model"),
            model=model,
        )
    except (UserError, KeyError, TypeError, AttributeError):
        return None  # progress names it as stale where the plan wants it


def _start(fold: Path, seeds: list[PastRun]) -> float | None:
    """Seconds of a job beside its seeds, by Snakemake; None where that is gone, or of a job that trained fewer."""
    try:
        with open(f"{fold}.tsv", encoding="utf-8", newline="") as file:
            job = float(next(csv.DictReader(file, delimiter="\t"))["s"])
    except (OSError, StopIteration, KeyError, ValueError):
        return None
    beside = job - sum(run.seconds for run in seeds)
    return beside if beside > 0 else None


def _bytes(folder: Path) -> int:
    """Size of a run's own files; what figures add is not counted."""
    own = [folder / name for name in ("run.json", "predictions.parquet", "history.csv")]
    return sum(path.stat().st_size for path in own if path.is_file()) + (_size(folder / "model") or 0)


def _size(folder: Path) -> int | None:
    """Bytes of all files of a folder; None where there is no such folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else None
