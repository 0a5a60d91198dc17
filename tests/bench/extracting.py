"""Extraction by rule `features` against a bare loop over the same files: what two benchmarks share."""

from pathlib import Path

import numpy as np

from bench.machine import cores
from bench.measure import Budget, Row, in_turn
from bench.processes import seconds
from bench.project import features
from bench.runner import Bench
from bench.speech import repeated, speech
from serflow.features.extract import CHUNK
from serflow.features.store import Store
from serflow.files import canonical_json

__all__ = ["compare"]


def compare(bench: Bench, name: str, *, loop: str, rows: int, repetitions: int) -> list[Row]:
    """Rows of one feature set: the whole command, and the work alone.

    Parameters
    ----------
    name : entry of workflow/features.yaml.
    loop : module that is the bare loop.
    rows : utterances; recordings are taken several times where there are fewer.
    """
    found = speech(bench.folder)
    rows = bench.size(rows, quick=2 * cores() * CHUNK)
    whole, least = repeated(found, rows), repeated(found, cores() * CHUNK)
    spec, budget = canonical_json(features(name)), Budget(ratio=0.9 * cores())
    store, plain = bench.folder / name, bench.folder / f"{name}.npy"

    def ours(manifest: Path = whole) -> float:
        where = ["--manifest", manifest, "--release", found.release, "--output", store]
        return seconds("-m", "serflow.cli.features", *where, "--spec", spec, "--jobs", cores())

    def reference(manifest: Path = whole) -> float:
        return seconds("-m", loop, manifest, found.release, spec, plain)

    ours(least), reference(least)  # both sides' code and the files in the page cache
    count = bench.repetitions(repetitions)
    command = in_turn(ours, reference, repetitions=count)
    agreement = _agreement(store, plain)
    starts = in_turn(lambda: ours(least), lambda: reference(least), repetitions=count)
    work = [[long - short for long, short in zip(*pair, strict=True)] for pair in zip(command, starts, strict=True)]
    size = f"{rows} utterances ({found.described()})"
    return [
        Row("whole command, start to end", "s", *command, budget, f"{size}; {agreement}"),
        Row(
            "work alone",
            "s",
            *work,
            budget,
            f"as above, less the time of the command on {cores() * CHUNK} utterances: what a large corpus tends to",
        ),
    ]


def _agreement(store: Path, plain: Path) -> str:
    frames = Store.open(store)._frames
    other = np.load(plain, mmap_mode="r")
    if frames.shape != other.shape:
        raise RuntimeError(f"the bare loop gave features of shape {other.shape}, the store has {frames.shape}")
    return f"largest difference between the two results {np.abs(frames - other).max():.1g}"
