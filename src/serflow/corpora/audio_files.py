"""Many audio files at once: each is read and checked as by `serflow.corpora.audio.inspect`, in parallel."""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from serflow.corpora.audio import AS_PUBLISHED, Audio, inspect
from serflow.corpora.findings import Findings
from serflow.errors import UserError
from serflow.workers import workers

FEW = 1000  # files that are read sooner than processes are started
CHUNK = 256  # files a task


class Inspection(NamedTuple):
    """A file's audio (None: not usable), and what was found: codes and messages of `Findings`."""

    audio: Audio | None
    found: tuple[tuple[str, str], ...]


def inspect_all(
    release: Path, paths: Iterable[str], *, convert: Mapping[str, Any] | None, advice: str = AS_PUBLISHED
) -> dict[str, Inspection]:
    """Inspect files (paths relative to the release): path -> inspection; `convert` and `advice` as in `inspect`."""
    paths = list(paths)
    one = partial(_inspect, release, convert, advice)
    jobs = min(os.cpu_count() or 1, len(paths) // FEW)
    if jobs < 2:
        return dict(zip(paths, map(one, paths), strict=True))
    try:
        with workers(jobs) as pool:
            tasks = [pool.submit(_each, one, paths[start : start + CHUNK]) for start in range(0, len(paths), CHUNK)]
            found = [inspection for task in tasks for inspection in pool.result(task)]
        return dict(zip(paths, found, strict=True))
    except BrokenProcessPool as error:
        raise UserError(
            f"{release}: a process that reads its audio died (killed for want of memory?); run again"
        ) from error


def _each(one: Callable[[str], Inspection], paths: list[str]) -> list[Inspection]:
    return [one(path) for path in paths]


def _inspect(release: Path, convert: Mapping[str, Any] | None, advice: str, path: str) -> Inspection:
    findings = Findings()
    audio = inspect(release / path, file=path, utterance=path, findings=findings, convert=convert, advice=advice)
    return Inspection(audio, tuple((item.code, item.message) for item in findings.items))
