"""Times some steps of a system's training, as its jobs do them, on random segments, or turns as long as IEMOCAP's."""

import ctypes
import gc
import os
import platform
import subprocess
import sys
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
from serflow.files import temporary_folder
from serflow.forecast.parameters import extractor
from serflow.forecast.random_data import PHONES, WORDS, random_examples, random_store, turn_seconds
from serflow.layers.batch_norm import batch_norms
from serflow.lexical import FROM_FILE
from serflow.lexical.vectors import WordVectors
from serflow.plan.merging import merge
from serflow.plan.systems import RECOGNISER, learner_module
from serflow.registry import LEARNERS
from serflow.training.batches import micro_batches
from serflow.training.gradient import POPULATION
from serflow.training.malloc import keep_freed_memory

__all__ = ["Limits", "Measured", "measure"]

STEPS = 5  # passes over a batch that are timed at most, after as many that are not
UTTERANCES = 200  # of a system that has no steps; it is timed with half of them, too
TRIAL_FRAMES = 8192  # padded frames at once of the first, small batch
BESIDE = 1.5  # times what is kept for the backward pass that a step takes at its peak: 1.2 of an LSTM, 2 of small maps
PROCESS = 0.5e9  # bytes of the process and its libraries
GIGA = 1e9


@dataclass(frozen=True)
class Limits:
    """What timing one system may take, about.

    Attributes
    ----------
    seconds
        Of training steps, those that warm up included; where a batch would take longer, a part of it is timed: at least
        what goes through the network at once, even if that takes longer.
    gigabytes
        Of memory; where a part of a batch would take more, fewer frames go through the network at once.
    """

    seconds: float = 8.0
    gigabytes: float = 4.0


@dataclass(frozen=True)
class Measured:
    """What a system's jobs take.

    Attributes
    ----------
    start
        Seconds until a training process has imported what it needs.
    unit
        Seconds of an optimiser step. Where a system has no steps, n training utterances take `unit * n ** power`.
    segment
        Seconds to score a segment.
    weights
        Bytes of a saved model.
    power
        See `unit`; 1 of a system with steps.
    population
        Segments that go through the network once more after every epoch, for the statistics of its batch norms.
    timed
        Share of a batch's padded frames that was timed, from which the whole batch's seconds are scaled.
    at_once
        Share of the frames that a job takes at once, for want of memory: below 1, a job is faster than `unit` says.
    """

    start: float
    unit: float
    segment: float
    weights: int
    power: float = 1.0
    population: int = 0
    timed: float = 1.0
    at_once: float = 1.0

    def seconds(self, work: float, *, epochs: int, predicted: float, train_segments: float) -> float:
        """Seconds of a whole run but its start: `work` steps or training utterances, and what each epoch scores."""
        forward = predicted + min(self.population, train_segments)
        return self.unit * work**self.power + epochs * forward * self.segment


def measure(spec: dict[str, Any], device: str, limits: Limits | None = None) -> Measured:
    """Train and predict a little; keeps nothing. One thread, as a job."""
    keep_freed_memory()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with temporary_folder() as folder:
            timing = _Timing(spec, device, folder)
            return timing.of_steps(limits or Limits()) if "train" in spec["parameters"] else timing.of_utterances()
    finally:
        torch.set_num_threads(threads)
        _give_memory_back()


class _Timing:
    """Of one system, with its files in a folder."""

    def __init__(self, spec: dict[str, Any], device: str, folder: Path):
        self.spec, self.device, self.folder = spec, device, folder

    def of_steps(self, limits: Limits) -> Measured:
        """The shortest utterances of a batch tell how much of a whole one the limits allow; that much is timed."""
        settings = self.spec["parameters"]["train"]
        whole = np.sort(turn_seconds(self.spec, settings["batch_size"]))
        own, least = settings["frames_at_once"], min(len(whole), _least_batch(self.spec))
        chosen = small = _Batch(self.spec, whole[:least], min(own, TRIAL_FRAMES))
        timed, kept = self._trained(small, passes=1)
        room = max(0.0, limits.gigabytes * GIGA - PROCESS) / BESIDE
        full = _Batch(self.spec, whole, min(own, max(1, int(room / kept))))
        affordable = limits.seconds / 2 / timed.epoch * small.padded  # padded frames; each is trained on twice
        part = full.middle(affordable, least=least)
        if len(part.seconds) > least or part.padded > small.padded:
            chosen = part
            timed, _ = self._trained(part, passes=max(1, min(STEPS, int(affordable / part.padded))))
        share = chosen.padded / full.padded
        population = POPULATION if timed.normalises else 0
        repeated = timed.segment * len(chosen.seconds) if timed.normalises else 0.0  # once an epoch
        unit = max(timed.epoch - repeated / timed.passes, 0.5 * timed.epoch) / share / chosen.batches
        return Measured(
            start=_start(self.spec["learner"]),
            unit=unit,
            segment=timed.segment * full.each / chosen.each,
            weights=timed.weights,
            population=population,
            timed=min(1.0, share),
            at_once=chosen.frames_at_once / own if chosen.padded > chosen.frames_at_once else 1.0,
        )

    def _trained(self, batch: "_Batch", *, passes: int) -> tuple["_Trained", float]:
        """Seconds of a pass over the batch, and bytes that a padded frame of it keeps for the backward pass."""
        spec = merge(
            self.spec,
            {
                "steps": 2 * passes * batch.batches,
                "parameters": {
                    "train": {"epochs": 2, "batch_size": len(batch.seconds), "frames_at_once": batch.frames_at_once}
                },
            },
        )
        learner, examples = self._learner(spec, batch.seconds)
        rows, kept = learner.fit(examples), _Kept()
        with torch.autograd.graph.saved_tensors_hooks(kept.forward, kept.backward):
            next(rows)  # builds the network and warms up
        epoch = _seconds(lambda: next(rows), self.device) / passes
        score = partial(learner.transcribe, beam=1) if self.spec["learner"] == RECOGNISER else learner.predict
        segment = _seconds(lambda: score(examples), self.device) / len(examples)
        weights = _bytes_saved(learner, self.folder / f"model{len(batch.seconds)}")
        normalises = bool(batch_norms(learner.network))
        return _Trained(epoch, segment, weights, normalises, passes), kept.most / batch.largest

    def of_utterances(self) -> Measured:
        """A classical system: with two numbers of utterances, which tell how its seconds grow."""
        timed = {count: self._fitted(count) for count in (UTTERANCES // 2, UTTERANCES)}
        (few, _, _), (many, segment, weights) = timed.values()
        power = float(np.clip(np.log2(max(many, 1e-9) / max(few, 1e-9)), 1.0, 3.0))
        return Measured(
            start=_start(self.spec["learner"]),
            unit=many / UTTERANCES**power,
            segment=segment,
            weights=weights,
            power=power,
        )

    def _fitted(self, count: int) -> tuple[float, float, int]:
        learner, examples = self._learner(self.spec, turn_seconds(self.spec, count))
        fit = _seconds(lambda: list(learner.fit(examples)), self.device)
        learner.predict(examples)
        segment = _seconds(lambda: learner.predict(examples), self.device) / len(examples)
        return fit, segment, _bytes_saved(learner, self.folder / f"model{count}")

    def _learner(self, spec: dict[str, Any], seconds: np.ndarray) -> tuple[Any, Examples]:
        """The learner of a job, with utterances of these lengths."""
        examples = random_examples(self.folder / f"store{len(seconds)}", spec, seconds)
        given: dict[str, Any] = {}
        if spec["learner"] == RECOGNISER:
            given["pronunciations"] = PHONES
            given["alignments"] = dict(zip(examples.utterances, map(_spread, examples.words), strict=True))
            return Recogniser(spec=spec, device=self.device, seed=1, **given), examples
        if spec["encoder"]:
            given["encoder"] = self._encoder(spec["encoder"]["spec"], examples)
        elif (text := spec["parameters"].get("text")) and text["vectors"] == FROM_FILE:
            vectors = np.random.default_rng(1).standard_normal((len(PHONES), text["dims"]), dtype=np.float32)
            given["vectors"] = WordVectors(list(PHONES), vectors)
        if "transfer" in spec["parameters"]:
            folder = self.folder / f"maps{len(seconds)}"
            given["maps"] = random_store(folder, examples.utterances, seconds, examples.store.hop_seconds, dims=1)
        maker = LEARNERS.load(spec["learner"])
        return maker(spec=spec, classes=spec["classes"], device=self.device, seed=1, **given), examples

    def _encoder(self, spec: dict[str, Any], examples: Examples) -> Any:
        """A network for another one to start from, after one step: its seconds do not depend on what it has learned."""
        short = merge(spec, {"steps": 1, "parameters": {"train": {"epochs": 1, "frames_at_once": TRIAL_FRAMES}}})
        short["parameters"]["train"]["batch_size"] = min(len(examples), spec["parameters"]["train"]["batch_size"])
        encoder = LEARNERS.load(spec["learner"])(spec=short, classes=spec["classes"], device=self.device, seed=1)
        next(encoder.fit(examples))
        return encoder


@dataclass(frozen=True)
class _Trained:
    """Seconds of a pass over a batch and of scoring a segment; bytes; whether there are batch norms; passes timed."""

    epoch: float
    segment: float
    weights: int
    normalises: bool
    passes: int


class _Batch:
    """Utterances of a batch, from short to long, and the parts in which they go through the network.

    `padded`: padded frames of all parts; `largest`: of the largest; `batches`: that a pass over the data has.
    """

    def __init__(self, spec: dict[str, Any], seconds: np.ndarray, frames_at_once: int):
        self.spec, self.seconds, self.frames_at_once = spec, seconds, frames_at_once
        hop = getattr(extractor(spec), "hop_seconds", 1 / WORDS)  # None: one frame an utterance
        frames = 1 + (seconds / (hop or np.inf)).astype(int)
        self._parts = micro_batches(np.arange(len(seconds)), frames, max_frames=frames_at_once)
        self._padded = [len(part) * int(frames[part].max()) for part in self._parts]
        self.padded, self.largest = sum(self._padded), max(self._padded)
        self.batches = 1 + (spec["parameters"].get("spans") or {}).get("each", 0)

    @property
    def each(self) -> float:
        """Padded frames an utterance."""
        return self.padded / len(self.seconds)

    def middle(self, affordable: float, *, least: int) -> "_Batch":
        """As many parts around the middle one as have so many padded frames together, `least` utterances at least."""
        first = len(self._parts) // 2
        last = first + 1
        while last - first < len(self._parts):
            wider = (
                (first - 1, last) if first and (last == len(self._parts) or (last - first) % 2) else (first, last + 1)
            )
            enough = sum(map(len, self._parts[first:last])) >= least
            if enough and sum(self._padded[slice(*wider)]) > affordable:
                break
            first, last = wider
        return _Batch(self.spec, self.seconds[np.concatenate(self._parts[first:last])], self.frames_at_once)


class _Kept:
    """Bytes that autograd keeps for a backward pass: the most that it kept at a time."""

    def __init__(self):
        self.most, self._bytes, self._seen, self._forward = 1, 0, set(), True

    def forward(self, tensor: torch.Tensor) -> torch.Tensor:
        """A tensor is kept; the same memory counts once in a forward pass."""
        if not self._forward:
            self._bytes, self._seen, self._forward = 0, set(), True
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._seen:
            self._seen.add(storage.data_ptr())
            self._bytes += storage.nbytes()
            self.most = max(self.most, self._bytes)
        return tensor

    def backward(self, tensor: torch.Tensor) -> torch.Tensor:
        """A kept tensor is asked for: the forward pass is over."""
        self._forward = False
        return tensor


def _least_batch(spec: dict[str, Any]) -> int:
    """Utterances of the first batch: each class twice, as a network wants some of each."""
    return 2 if spec["learner"] == RECOGNISER else 2 * len(spec["classes"])


def _spread(words: list[str]) -> list[dict[str, Any]]:
    """Words that follow each other evenly."""
    return [{"word": word, "start": i / WORDS, "end": (i + 1) / WORDS} for i, word in enumerate(words)]


def _bytes_saved(learner: Any, folder: Path) -> int:
    learner.save(folder)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _seconds(work: Callable[[], Any], device: str) -> float:
    """Of the processor where the work is done on it, so that other processes do not count; else of the clock."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    started = clock()
    work()
    if device != "cpu":
        torch.cuda.synchronize()
    return clock() - started


def _give_memory_back() -> None:
    """What `keep_freed_memory` keeps goes back to the system: the next system's blocks have other sizes."""
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


@cache
def _start(learner: str) -> float:
    """Processor seconds until a training process has imported what it needs."""
    before = os.times()
    command = "train_teacher" if learner == RECOGNISER else "train"
    subprocess.run([sys.executable, "-c", f"import serflow.cli.{command}, {learner_module(learner)}"], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
