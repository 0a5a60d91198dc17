"""Random utterances to time systems with: as long as IEMOCAP's turns, or one segment each."""

from pathlib import Path
from typing import Any

import numpy as np

from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.forecast.parameters import extractor
from serflow.plan.systems import RECOGNISER

__all__ = ["PHONES", "WORDS", "draw_seconds", "random_examples", "random_store", "turn_seconds"]

WORDS = 3  # a second
PHONES = {f"word{i}": ("HH", "AH", "M") for i in range(100)}  # of the words


def draw_seconds(utterances: int, rng: np.random.Generator) -> np.ndarray:
    """Lengths like those of IEMOCAP's turns: 4.5 s on average, from 0.6 to 30, so that batches are padded as there."""
    return np.clip(rng.lognormal(np.log(3.8), 0.6, utterances), 0.6, 30)


def turn_seconds(spec: dict[str, Any], count: int) -> np.ndarray:
    """Lengths of as many utterances, or more: of one segment each where they are cut; each class has two at least."""
    count = count if spec["learner"] == RECOGNISER else max(count, 2 * len(spec["classes"]))
    segments = spec["parameters"].get("segments")
    return np.full(count, segments["seconds"]) if segments else draw_seconds(count, np.random.default_rng(1))


def random_examples(folder: Path, spec: dict[str, Any], seconds: np.ndarray) -> Examples:
    """Utterances of these lengths, what they say among them where a system reads it; classes take turns."""
    made = extractor(spec)
    names = [f"{i:06d}" for i in range(len(seconds))]
    store = None if made is None else random_store(folder, names, seconds, made.hop_seconds, dims=made.dims)
    said = [[f"word{(i + k) % len(PHONES)}" for k in range(int(WORDS * seconds[i]))] for i in range(len(names))]
    return Examples(
        utterances=names,
        labels=np.arange(len(names)) % len(spec["classes"]),
        store=store,
        durations=seconds,
        words=said if spec["learner"] == RECOGNISER or "text" in spec["parameters"] else None,
    )


def random_store(folder: Path, names: list[str], seconds: np.ndarray, hop: float | None, *, dims: int) -> Store:
    """Positive numbers, as maps are; without a hop, one frame an utterance."""
    generator = np.random.default_rng(1)
    lengths = [1 if hop is None else 1 + int(length / hop) for length in seconds]
    pairs = (
        (name, generator.random((length, dims), dtype=np.float32)) for name, length in zip(names, lengths, strict=True)
    )
    write_store(folder, spec={}, dims=dims, hop_seconds=hop, versions={}, utterances=pairs)
    return Store.open(folder)
