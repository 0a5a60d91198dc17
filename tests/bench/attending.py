"""A teacher's attention maps for a student's whole training: read from files, or made of weights when the job starts.

The teacher is untrained, and the corpus (`bench.training.write_corpus`) noise: times depend on neither.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from bench.clock import clock
from bench.training import examples
from serflow.asr.pronunciations import PHONES
from serflow.asr.recogniser import Recogniser
from serflow.asr.word_tables import read_pronunciations, write_pronunciations
from serflow.examples import Examples
from serflow.features.store import PackedFrames, Store
from serflow.files import write_json
from serflow.jobs.outputs import digests
from serflow.lexical.word_files import read_words_as_written
from serflow.training.malloc import keep_freed_memory

__all__ = ["apart", "command", "from_files", "from_weights", "megabytes", "write_teacher", "write_words"]

SEED, TOLERANCE = 1, 1e-4
WORDS, MOST_PHONES, WORDS_A_SECOND = 1000, 5, 2.5  # words of 3 phones on average: with borders, 10 units a second
Action = Callable[[], dict[str, Any]]


def write_words(corpus: Path) -> None:
    """View, transcripts and pronunciations of the corpus: random words, as many a second as in speech."""
    rng = np.random.default_rng(SEED)
    view = pd.read_parquet(corpus / "split.parquet").query("fold == 1")[["utterance", "duration"]]
    sizes = rng.integers(1, MOST_PHONES + 1, size=WORDS)
    pronunciations = {
        f"word{number:04d}": tuple(rng.choice(PHONES, size).tolist()) for number, size in enumerate(sizes)
    }
    counts = [max(1, round(WORDS_A_SECOND * seconds)) for seconds in view["duration"]]
    said = [rng.choice(list(pronunciations), count).tolist() for count in counts]
    view.to_parquet(corpus / "view.parquet", index=False)
    pd.DataFrame({"utterance": view["utterance"], "words": said}).to_parquet(corpus / "transcripts.parquet")
    write_pronunciations(pronunciations, corpus / "pronunciations.parquet")


def write_teacher(folder: Path, corpus: Path, spec: dict[str, Any]) -> Path:
    """run.json and model/last of an untrained teacher of a resolved spec, in `folder`."""
    learner = Recogniser(spec=spec, device="cpu", seed=SEED, pronunciations=_pronunciations(corpus))
    learner._prepare(_spoken(corpus, _training(corpus)))
    learner.save(folder / "model/last")
    record = {"run": {}, "digest": "", "train_speakers": [], "versions": {}, "outputs": digests(folder)}
    write_json(folder / "run.json", record)
    return folder


def command(corpus: Path, teacher: Path, output: Path, *, p: float) -> list[str | Path]:
    """The command of rule `teacher_maps` with its arguments, for `bench.processes.seconds`."""
    told = {"teacher": teacher / "run.json", "store": corpus / "store/store.json", "p": p, "output": output}
    told |= {name: corpus / f"{name}.json" for name in ("view", "transcripts", "pronunciations")}
    return ["-m", "serflow.cli.teacher_maps", *(part for name, value in told.items() for part in (f"--{name}", value))]


def from_files(*, corpus: Path, maps: Path, epochs: int) -> Action:
    """The store is opened, and each training utterance's map read in every epoch."""
    _settle()
    train = _training(corpus)

    def once() -> dict[str, Any]:
        before = clock()
        read = _read(Store.open(maps), train, epochs)
        return {"seconds": clock() - before, "maps": read}

    return once


def from_weights(*, corpus: Path, teacher: Path, p: float, epochs: int) -> Action:
    """The teacher is loaded and makes the maps of the training part, which then are read as `from_files` reads them."""
    _settle()
    train = _training(corpus)

    def once() -> dict[str, Any]:
        before = clock()
        learner = Recogniser.load(teacher / "model/last", device="cpu", pronunciations=_pronunciations(corpus))
        made = learner.attention_maps(_spoken(corpus, train), p=p)
        columns = {name: values[:, None] for name, values in made.items()}
        read = _read(PackedFrames.of(columns, hop_seconds=train.store.hop_seconds), train, epochs)
        return {"seconds": clock() - before, "maps": read}

    return once


def apart(ours: dict[str, Any], reference: dict[str, Any]) -> float:
    """Largest difference of both sides' maps, as a share of the utterance's largest value.

    Raises
    ------
    RuntimeError
        If it is more than `TOLERANCE`, or the maps are not of the same utterances.
    """
    own, other = ours["maps"], reference["maps"]
    if own.keys() != other.keys():
        raise RuntimeError("the maps read and the maps made are of different utterances")
    largest = max(float(np.abs(own[name] - other[name]).max() / other[name].max()) for name in other)
    if not largest <= TOLERANCE:
        raise RuntimeError(f"the maps read are not those that the teacher makes: they differ by {largest:.2g}")
    return largest


def megabytes(folder: Path) -> float:
    """All files of a folder, in MB (10^6 bytes)."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _settle() -> None:
    keep_freed_memory()
    torch.set_num_threads(1)


def _training(corpus: Path) -> Examples:
    return replace(examples(corpus, "train", sorted(_classes(corpus))), labels=None)


def _classes(corpus: Path) -> set[str]:
    return set(pd.read_parquet(corpus / "split.parquet", columns=["class"])["class"])


def _spoken(corpus: Path, train: Examples) -> Examples:
    said = read_words_as_written(corpus / "transcripts.parquet")
    return replace(train, words=[said[name] for name in train.utterances])


def _pronunciations(corpus: Path) -> dict[str, tuple[str, ...]]:
    return read_pronunciations(corpus / "pronunciations.parquet")


def _read(maps: PackedFrames, train: Examples, epochs: int) -> dict[str, np.ndarray]:
    """The maps of the last of `epochs` readings, each as a student's batch takes it."""
    for _ in range(epochs):
        read = {name: maps.frames(name)[:, 0].copy() for name in train.utterances}
    return read
