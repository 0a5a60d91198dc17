"""Peak resident memory of one training step of li2019ijcai's proposed system at the widths of the paper, on the CPU,
one thread: a batch of the longest turns of a corpus of IEMOCAP's size, its longest one among them. A batch that is
drawn at random never needs more. Gradients are added up over parts of the batch. Features are noise. The value is the
highest resident memory of the process after the step less the highest before it, when all is imported and the store is
open. Budget: 4 GiB.
"""

import json
from pathlib import Path

import numpy as np

from bench.measure import Budget, Row
from bench.processes import ROOT, python
from bench.runner import Bench
from bench.training import spec_of
from serflow import corpora
from serflow.features.store import write_store
from serflow.files import canonical_json
from serflow.forecast.parameters import extractor
from serflow.forecast.random_data import draw_seconds

UTTERANCES = 5531  # of the four classes


def run(bench: Bench) -> list[Row]:
    """GiB that the step adds."""
    spec = spec_of("rlc", paper="li2019ijcai", experiment="acoustic")
    train = spec["parameters"]["train"]
    spec["parameters"]["train"] = train | {"epochs": 1}
    frames = longest_batch(spec["feature_spec"], size=bench.size(train["batch_size"], quick=4))
    store = _write(bench.folder / "longest_turn", spec, frames)
    told = [_step(store, spec) for _ in range(bench.repetitions(1))]
    added = [(one["peak"] - one["before"]) / 2**30 for one in told]
    note = f"a batch of {len(frames)} utterances of {min(frames):,} to {max(frames):,} frames; "
    note += f"before the step the process had {told[0]['before'] / 2**30:.2g} GiB"
    return [Row("training step with the longest turn", "GiB", added, budget=Budget(ours=4), note=note)]


def longest_batch(features: dict, *, size: int) -> list[int]:
    """Frames of the longest `size` utterances of a corpus with IEMOCAP's longest turn in it, by increasing length."""
    longest = corpora.load("iemocap", root=ROOT)["reference_counts"]["durations"]["longest"]
    seconds = np.append(draw_seconds(UTTERANCES - 1, np.random.default_rng(1)), longest)
    window, hop = features["window_seconds"], features["hop_seconds"]
    return [1 + int((one - window) / hop + 1e-6) for one in sorted(seconds)[-size:]]


def _write(folder: Path, spec: dict, frames: list[int]) -> Path:
    rng, dims = np.random.default_rng(1), extractor(spec).dims
    pairs = ((f"utterance{i:03d}", rng.standard_normal((n, dims)).astype(np.float32)) for i, n in enumerate(frames))
    hop = spec["feature_spec"]["hop_seconds"]
    write_store(folder, spec=spec["feature_spec"], dims=dims, hop_seconds=hop, versions={}, utterances=pairs)
    return folder


def _step(store: Path, spec: dict) -> dict[str, int]:
    return json.loads(python("-m", "bench.longest_step", store, canonical_json(spec)).splitlines()[-1])
