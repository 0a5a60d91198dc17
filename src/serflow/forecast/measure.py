"""Times some steps of a system's training, as its jobs do them, on random segments, or turns as long as IEMOCAP's."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from serflow.asr.recogniser import Recogniser
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.forecast.parameters import extractor
from serflow.lexical import FROM_FILE
from serflow.lexical.vectors import WordVectors
from serflow.plan.systems import RECOGNISER, learner_module
from serflow.registry import LEARNERS
from serflow.training.malloc import keep_freed_memory

__all__ = ["Measured", "draw_seconds", "measure"]

STEPS = 5  # optimiser steps that are timed, after as many that are not
UTTERANCES = 200  # of a system that has no steps
WORDS = 3  # a second
PHONES = {f"word{i}": ("HH", "AH", "M") for i in range(100)}  # of the words


@dataclass(frozen=True)
class Measured:
    """What a system's jobs take.

    Attributes
    ----------
    start
        Seconds until a training process has imported what it needs.
    unit
        Seconds of an optimiser step; of a training utterance where a system has no steps.
    segment
        Seconds to score a segment.
    weights
        Bytes of a saved model.
    """

    start: float
    unit: float
    segment: float
    weights: int


def measure(spec: dict[str, Any], device: str) -> Measured:
    """Train and predict a little; takes seconds, keeps nothing. One thread, as a job."""
    keep_freed_memory()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measured(spec, device, Path(folder))
    finally:
        torch.set_num_threads(threads)


def _measured(spec: dict[str, Any], device: str, folder: Path) -> Measured:
    train = spec["parameters"].get("train")
    examples = _random_examples(folder / "store", spec, train["batch_size"] if train else UTTERANCES)
    learner = _learner(spec, device, examples, folder)
    rows = learner.fit(examples)
    score = partial(learner.transcribe, beam=1) if spec["learner"] == RECOGNISER else learner.predict
    if train:
        next(rows)  # builds the network and warms up
        unit = _seconds(lambda: next(rows), device) / STEPS
    else:
        unit = _seconds(lambda: list(rows), device) / len(examples)
    score(examples)
    segment = _seconds(lambda: score(examples), device) / len(examples)
    learner.save(folder / "model")
    weights = sum(path.stat().st_size for path in (folder / "model").iterdir())
    return Measured(start=_start(spec["learner"]), unit=unit, segment=segment, weights=weights)


def _learner(spec: dict[str, Any], device: str, examples: Examples, folder: Path) -> Any:
    """The learner of a job, its schedule cut to two epochs of `STEPS` steps."""
    train = spec["parameters"].get("train")
    if train:
        short = spec["parameters"] | {"train": train | {"epochs": 2}}
        spec = spec | {"steps": 2 * STEPS, "parameters": short}
    given: dict[str, Any] = {}
    if spec["learner"] == RECOGNISER:
        given["pronunciations"] = PHONES
        given["alignments"] = dict(zip(examples.utterances, map(_spread, examples.words), strict=True))
    else:
        given["classes"] = spec["classes"]
    text = spec["parameters"].get("text")
    if text and text["vectors"] == FROM_FILE:
        vectors = np.random.default_rng(1).standard_normal((len(PHONES), text["dims"]), dtype=np.float32)
        given["vectors"] = WordVectors(list(PHONES), vectors)
    if "transfer" in spec["parameters"]:
        names, durations = examples.utterances, examples.durations
        given["maps"] = _random_store(folder / "maps", names, durations, examples.store.hop_seconds, dims=1)
    maker = Recogniser if spec["learner"] == RECOGNISER else LEARNERS.load(spec["learner"])
    return maker(spec=spec, device=device, seed=1, **given)


def _spread(words: list[str]) -> list[dict[str, Any]]:
    """Words that follow each other evenly."""
    return [{"word": word, "start": i / WORDS, "end": (i + 1) / WORDS} for i, word in enumerate(words)]


def draw_seconds(utterances: int, rng: np.random.Generator) -> np.ndarray:
    """Lengths like those of IEMOCAP's turns: 4.5 s on average, from 0.6 to 30, so that batches are padded as there."""
    return np.clip(rng.lognormal(np.log(3.8), 0.6, utterances), 0.6, 30)


def _random_examples(folder: Path, spec: dict[str, Any], count: int) -> Examples:
    """As many utterances, of one segment each where they are cut into segments; classes take turns."""
    made, segments = extractor(spec), spec["parameters"].get("segments")
    names = [f"{i:06d}" for i in range(max(count, 2 * len(spec["classes"])))]
    durations = (
        np.full(len(names), segments["seconds"]) if segments else draw_seconds(len(names), np.random.default_rng(1))
    )
    store = None if made is None else _random_store(folder, names, durations, made.hop_seconds, dims=made.dims)
    said = [[f"word{(i + k) % len(PHONES)}" for k in range(int(WORDS * durations[i]))] for i in range(len(names))]
    return Examples(
        utterances=names,
        labels=np.arange(len(names)) % len(spec["classes"]),
        store=store,
        durations=durations,
        words=said if spec["learner"] == RECOGNISER or "text" in spec["parameters"] else None,
    )


def _random_store(folder: Path, names: list[str], durations: np.ndarray, hop: float | None, *, dims: int) -> Store:
    """Positive numbers, as maps are; without a hop, one frame an utterance."""
    generator = np.random.default_rng(1)
    lengths = [1 if hop is None else 1 + int(seconds / hop) for seconds in durations]
    pairs = (
        (name, generator.random((length, dims), dtype=np.float32)) for name, length in zip(names, lengths, strict=True)
    )
    write_store(folder, spec={}, dims=dims, hop_seconds=hop, versions={}, utterances=pairs)
    return Store.open(folder)


def _seconds(work: Callable[[], Any], device: str) -> float:
    """Of the processor where the work is done on it, so that other processes do not count; else of the clock."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    started = clock()
    work()
    if device != "cpu":
        torch.cuda.synchronize()
    return clock() - started


@cache
def _start(learner: str) -> float:
    """Processor seconds until a training process has imported what it needs."""
    before = os.times()
    command = "train_teacher" if learner == RECOGNISER else "train"
    subprocess.run([sys.executable, "-c", f"import serflow.cli.{command}, {learner_module(learner)}"], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
