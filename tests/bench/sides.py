"""The two sides of the benchmarks of training, each made in a process of its own (`bench.processes.Side`)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.clock import clock
from bench.plain.acnn import PlainAcnn
from bench.plain.drn import PlainDrn
from bench.plain.training import PlainTraining
from bench.training import examples
from serflow.examples import Examples
from serflow.layers.widths import attention_width, scaled
from serflow.learners.network import Network
from serflow.models import build
from serflow.training.batches import shuffled_batches
from serflow.training.malloc import keep_freed_memory
from serflow.training.seeding import derive
from serflow.training.segments import Segments, test_segments, training_segments

__all__ = ["our_epochs", "plain_epochs", "plain_network", "plain_twin"]

SEED = 1
Epoch = Callable[[], dict[str, Any]]


def our_epochs(*, corpus: Path, spec: dict[str, Any], test: bool) -> Epoch:
    """serflow's learner: an epoch at each call, and the test part after it where `test` is set.

    Where it is not, nor are the statistics of the population taken, which nothing but predicting needs.
    """
    keep_freed_memory()
    learner = Network(spec=spec, classes=spec["classes"], device="cpu", seed=SEED)
    train, tested = (examples(corpus, part, spec["classes"]) for part in ("train", "test"))
    if not test:
        learner._estimate_population = lambda *given: None
    rows = learner.fit(train)

    def epoch() -> dict[str, Any]:
        before = clock()
        row = next(rows)
        trained = clock()
        probabilities = learner.predict(tested)[1] if test else None
        return _told(before, trained, row["loss"], probabilities)

    return epoch


def plain_epochs(*, corpus: Path, spec: dict[str, Any], test: bool) -> Epoch:
    """The plain loop, from the same weights: on the same batches, or in random order where utterances stay whole."""
    torch.set_num_threads(1)
    train, tested = (examples(corpus, part, spec["classes"]) for part in ("train", "test"))
    segments = training_segments(train, spec["parameters"]["segments"])
    torch.manual_seed(derive("weights", SEED))
    first = build(spec["parameters"]["model"], dims=train.store.dims, classes=len(spec["classes"]))
    plain = plain_twin(spec, train, segments, tested)
    plain.network.load_state_dict(first.state_dict())
    batches = _passes(segments, spec) if spec["parameters"]["segments"] else _random_passes(len(segments), spec)

    def epoch() -> dict[str, Any]:
        batch = next(batches)
        before = clock()
        loss = plain.epoch(batch)
        trained = clock()
        return _told(before, trained, loss, plain.predict() if test else None)

    return epoch


def plain_twin(spec: dict[str, Any], train: Examples, segments: Segments, tested: Examples) -> PlainTraining:
    """The plain loop with `spec`'s settings and the segments of these examples as arrays in memory."""
    settings = spec["parameters"]
    cut = test_segments(tested, settings["segments"])
    frames, test = (
        [_frames(given, parts, index) for index in range(len(parts))]
        for given, parts in ((train, segments), (tested, cut))
    )
    if settings["normalise"] == "standard":
        whole = np.concatenate(frames)
        mean, deviation = whole.mean(axis=0, dtype=np.float64), whole.std(axis=0, dtype=np.float64)
        frames, test = ([((one - mean) / deviation).astype(np.float32) for one in part] for part in (frames, test))
    utterances = [np.flatnonzero(cut.utterance == index) for index in range(len(tested))]
    return PlainTraining(
        network=plain_network(settings["model"], dims=train.store.dims, classes=len(spec["classes"])),
        optimizer={key: value for key, value in settings["train"]["optimizer"].items() if key != "name"},
        frames=frames,
        labels=train.labels[segments.utterance].tolist(),
        test=[np.stack([test[index] for index in found]) for found in utterances],
    )


def plain_network(model: dict[str, Any], *, dims: int, classes: int) -> torch.nn.Module:
    """The plain twin of a spec's network; it takes the same weights."""
    if model["name"] == "acnn":
        return PlainAcnn(**{key: model[key] for key in ("parallel", "channels", "n_head", "n_size")}, classes=classes)
    factor = model["width_multiplier"]
    groups = model["groups"]
    filters = scaled(groups["filters"], factor)
    shapes = (filters, *(groups[key] for key in ("kernels", "strides", "dilations", "convolutions")))
    return PlainDrn(
        dims=dims,
        classes=classes,
        groups=list(zip(*shapes, strict=True)),
        widths=[attention_width(width, groups["attention_ratio"]) for width in filters],
        units=scaled([model["units"]], factor)[0],
        classifier=scaled(model["classifier"], factor),
        layers=model["layers"],
        **{key: groups[key] for key in ("heads", "dropout", "attention_dropout")},
    )


def _frames(given: Examples, segments: Segments, index: int) -> np.ndarray:
    start = segments.start[index]
    return np.array(given.frames(segments.utterance[index])[start : start + segments.frames[index]])


def _random_passes(count: int, spec: dict[str, Any]) -> Iterator[list[list[int]]]:
    """The batches of each epoch in an order that looks at no length, as a DataLoader's `shuffle` gives."""
    size, number = spec["parameters"]["train"]["batch_size"], 0
    while True:
        order = np.random.default_rng(derive("order", SEED, number)).permutation(count)
        yield [batch.tolist() for batch in np.array_split(order, range(size, count, size))]
        number += 1


def _passes(segments: Segments, spec: dict[str, Any]) -> Iterator[list[list[int]]]:
    """The batches of each epoch, in the order in which the learner takes them."""
    size, epochs, steps = (
        spec["parameters"]["train"]["batch_size"],
        spec["parameters"]["train"]["epochs"],
        spec["steps"],
    )
    number, waiting = 0, []
    while True:
        batches = -(-len(segments) // size)
        wanted = round(steps / epochs) if steps else batches
        while len(waiting) < wanted:
            seed = derive("order", SEED, number)
            waiting += shuffled_batches(segments.frames, batch_size=size, seed=seed, alike=False)
            number += 1
        yield [batch.tolist() for batch in waiting[:wanted]]
        waiting = waiting[wanted:]


def _told(before: float, trained: float, loss: float, probabilities: np.ndarray | None) -> dict[str, Any]:
    end = clock()
    return {"train": trained - before, "whole": end - before, "loss": loss, "probabilities": probabilities}
