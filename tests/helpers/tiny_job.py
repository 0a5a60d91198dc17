"""A small training job on disk: 24 synthetic clips of 13 values a frame, a split, a network with tiny widths."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.files import write_json
from serflow.jobs.train import Data, Job
from serflow.parquet import fold_digest

CLASSES = ["angry", "sad", "excited", "neutral"]
HOP = 0.032
DIMS = 13
MODEL = {
    "name": "acnn",
    "parallel": 2,
    "channels": [2, 3],
    "depth": 2,
    "attention": True,
    "attend_over": "time",
    "n_head": 2,
    "n_size": 4,
}
SPEC = {
    "learner": "network",
    "classes": CLASSES,
    "features": "mfcc13",
    "feature_spec": {"extractor": "mfcc"},
    "steps": None,
    "keep_weights": True,
    "parameters": {
        "normalise": "none",
        "model": MODEL,
        "segments": {
            "seconds": 0.5,
            "train_step": 0.25,
            "test_step": 0.1,
            "short_test": "pad",
            "average": "probabilities",
        },
        "train": {
            "epochs": 4,
            "batch_size": 8,
            "optimizer": {"name": "adam", "lr": 0.01, "weight_decay": 1e-6},
            "schedule": {"name": "step", "every": 2, "factor": 0.5},
            "frames_at_once": 16_384,
        },
    },
}
RUN = {
    "corpus": "demo",
    "preset": "demo",
    "paper": "xu2020",
    "experiment": "improvised",
    "system": "acnn",
    "split": "random10",
    "fold": 1,
    "seed": 1,
}
MODULES = ["serflow.learners.network", "serflow.models.acnn"]
OUTPUTS = ["predictions.parquet", "history.csv", "model/epochs.json", "model/last/weights.safetensors"]


def changed(spec, **change):
    """`spec` with dotted keys set anew: train__epochs=3 is parameters.train.epochs."""
    copy = json.loads(json.dumps(spec))
    for dotted, value in change.items():
        *path, last = dotted.split("__")
        place = copy if last in copy and not path else copy["parameters"]
        for part in path:
            place = place[part]
        place[last] = value
    return copy


def clips(count, frames, seed=0, apart=0.4):
    """(id, frames) of `count` clips whose classes take turns; each class leans its own way."""
    rng = np.random.default_rng(seed)
    lean = rng.standard_normal((len(CLASSES), DIMS))
    for i in range(count):
        length = frames[i % len(frames)]
        noise = rng.standard_normal((length, DIMS))
        yield f"clip{i:03d}", (apart * lean[i % len(CLASSES)] + noise).astype(np.float32)


def write_clips(folder, utterances):
    write_store(folder, spec={}, dims=DIMS, hop_seconds=HOP, versions={}, utterances=utterances)


def examples_of(store, names, labels=None):
    found = None if labels is None else np.array(labels, dtype=np.int64)
    return Examples(utterances=names, labels=found, store=store, durations=np.ones(len(names)))


def make_examples(folder, *, count=8, frames=(20,), seed=0, apart=2.0, labelled=True):
    """Examples out of a new store."""
    write_clips(folder, clips(count, frames, seed=seed, apart=apart))
    names = [f"clip{i:03d}" for i in range(count)]
    return examples_of(Store.open(folder), names, [i % len(CLASSES) for i in range(count)] if labelled else None)


def write_data(folder: Path, *, validation=True):
    """Store, its fingerprint and a split of one fold; clip lengths 12..40 frames, some shorter than a segment (16)."""
    write_clips(folder / "store", clips(24, (40, 33, 12, 25, 20, 16)))
    parts = ["train"] * 16 + ["validation" if validation else "train"] * 4 + ["test"] * 4
    names = [f"clip{i:03d}" for i in range(24)]
    columns = {
        "utterance": names,
        "class": [CLASSES[i % 4] for i in range(24)],
        "speaker": ["Ses01F"] * 24,
        "session": ["1"] * 24,
        "duration": [1.0] * 24,
        "fold": [1] * 24,
        "part": parts,
    }
    write_folds(folder, columns)
    write_json(folder / "features.json", {"digest": Store.open(folder / "store").digest})
    return folder


def write_folds(folder: Path, columns):
    """A fold table, from its columns, and its fingerprint."""
    pq.write_table(pa.table(columns), folder / "split.parquet")
    write_json(folder / "split.json", {"digest": fold_digest(columns), "split": "random10", "folds": {}})


def make_job(data: Path, place: Path, *, spec=SPEC, **run):
    """The job on `data` whose files and checkpoints go under `place`."""
    key = RUN | run
    return Job(
        run=key,
        data=Data(
            spec=spec,
            modules=MODULES,
            split=data / "split.parquet",
            fold=key["fold"],
            store=data / "store",
            fingerprint=data / "features.json",
        ),
        folder=place / "run",
        checkpoints=place / "checkpoints",
        device="cpu",
    )


def with_data(job: Job, **change):
    """The job on other data."""
    return replace(job, data=replace(job.data, **change))


def contents(place: Path):
    """Bytes of every output of a run that must not depend on how it came about; None for one that is not there."""
    folder = place / "run"
    chosen = [path.relative_to(folder).as_posix() for path in folder.glob("model/epoch*/weights.safetensors")]
    files = {name: folder / name for name in [*OUTPUTS, *sorted(chosen)]}
    return {name: file.read_bytes() if file.exists() else None for name, file in files.items()}


class Stop(BaseException):
    """Stands for the end of the process; not an error that anything may catch."""


def stop_at(monkeypatch, owner, name, call):
    """Let `owner.name` raise Stop at its `call`-th call, before it does anything."""
    original, calls = getattr(owner, name), iter(range(1, 10_000))

    def stopping(*given, **named):
        if next(calls) == call:
            raise Stop
        return original(*given, **named)

    monkeypatch.setattr(owner, name, stopping)
