"""The batches of a pass over a corpus, gathered by index and by a loop over utterances (`bench.processes.Side`)."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.clock import clock
from bench.plain.gather_loop import gather_loop
from bench.training import examples
from serflow.examples import Examples
from serflow.training.batches import shuffled_batches
from serflow.training.gradient import mean_and_std
from serflow.training.inputs import NetworkInput
from serflow.training.malloc import keep_freed_memory
from serflow.training.segments import Segments, columns, training_segments

__all__ = ["by_index", "by_loop"]

Action = Callable[[], dict[str, Any]]


def by_index(*, corpus: Path, spec: dict[str, Any]) -> Action:
    """As serflow does it."""
    train, segments, batches = _prepared(corpus, spec)
    one, cpu = NetworkInput(train, segments, mean_and_std(train)), torch.device("cpu")
    return _action(lambda batch: one.batch(batch, shortest=1, device=cpu)[0].numpy(), batches)


def by_loop(*, corpus: Path, spec: dict[str, Any]) -> Action:
    """Utterance by utterance."""
    train, segments, batches = _prepared(corpus, spec)
    rows, (mean, std) = list(zip(*(column.tolist() for column in columns(segments)), strict=True)), mean_and_std(train)
    return _action(lambda batch: gather_loop(train.store, train.utterances, rows, batch, mean, std), batches)


def _prepared(corpus: Path, spec: dict[str, Any]) -> tuple[Examples, Segments, list[np.ndarray]]:
    """Training part, its segments, and the batches of a pass."""
    torch.set_num_threads(1)
    keep_freed_memory()
    train, settings = examples(corpus, "train", spec["classes"]), spec["parameters"]
    segments = training_segments(train, settings["segments"])
    size = settings["train"]["batch_size"]
    return train, segments, shuffled_batches(segments.frames, batch_size=size, seed=1, alike=True)


def _action(gather: Callable[[np.ndarray], np.ndarray], batches: Iterable[np.ndarray]) -> Action:
    """Milliseconds a batch, and what tells whether two sides made the same bytes."""
    made = hashlib.sha256(b"".join(gather(batch).tobytes() for batch in batches)).hexdigest()

    def once() -> dict[str, Any]:
        before = clock()
        for batch in batches:
            gather(batch)
        return {"ms": 1000 * (clock() - before) / len(batches), "made": made}

    return once
