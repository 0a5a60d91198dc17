"""Arguments that several commands share: the small files that stand for a job's inputs, as rules hand them over."""

import argparse
import json
from pathlib import Path

from serflow import paths

__all__ = ["add_inputs", "add_job", "folder_of", "only", "table_of"]

INPUTS = {
    "split": "fingerprint of the fold table beside it",
    "networks": "fingerprint of the fold table of the trainings that judge these folds, where that is another one",
    "view": "fingerprint of the view beside it",
    "features": "fingerprint of the view's features",
    "store": "store.json of the feature store",
    "energy": "store.json of the signal's energy",
    "transcripts": "fingerprint of the view's words beside it",
    "vectors": "fingerprint of the word vectors, which come from a file, beside it",
    "pronunciations": "fingerprint of the words' phones beside it",
    "alignments": "fingerprint of the words' times beside it",
    "maps": "store.json of a teacher's attention maps",
}


def add_inputs(parser: argparse.ArgumentParser, *required: str, optional: tuple[str, ...] = ()) -> None:
    """Add these of `INPUTS` to a command; an optional one is a list, empty where a rule has no such input."""
    for name in required:
        parser.add_argument(f"--{name}", type=Path, required=True, help=INPUTS[name])
    for name in optional:
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], help=INPUTS[name])


def add_job(parser: argparse.ArgumentParser) -> None:
    """Add what every training has: what is trained, and on which device; where runs keep their checkpoints."""
    parser.add_argument("--job", type=json.loads, required=True, help="JSON: run, spec, modules")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda, cuda:1")
    parser.add_argument("--checkpoints", type=Path, default=Path(paths.CHECKPOINTS))


def only(files: list[Path]) -> Path | None:
    """The one file of an optional input; None where there is none."""
    return files[0] if files else None


def table_of(fingerprint: Path | None) -> Path | None:
    """The table beside a fingerprint."""
    return fingerprint and fingerprint.with_suffix(".parquet")


def folder_of(store: Path | None) -> Path | None:
    """The folder of a store, by its store.json."""
    return store and store.parent
