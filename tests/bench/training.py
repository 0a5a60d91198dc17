"""A training job of the paper preset on a corpus of noise: what the benchmarks of training share.

Lengths are drawn like IEMOCAP's (4.5 s on average, 0.6 to 30 s); frames are noise that leans to the class, since
times do not depend on what is in them. The spec is that of the paper's YAML.
"""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.project import paper_plan
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.files import canonical_json, write_json
from serflow.forecast.parameters import extractor
from serflow.forecast.random_data import draw_seconds
from serflow.jobs.train import Data, Job
from serflow.paths import run_beside
from serflow.splits import fingerprint, make_split

__all__ = ["examples", "job", "job_arguments", "spec_of", "write_corpus"]

PAPER, EXPERIMENT, SYSTEM, SPLIT = "xu2020", "full", "acnn", "random5"


def spec_of(
    system: str = SYSTEM, *, paper: str = PAPER, experiment: str = EXPERIMENT, preset: str = "paper"
) -> dict[str, Any]:
    """The resolved spec of a system under a preset."""
    return copy.deepcopy(paper_plan(paper, preset=preset).systems[paper].spec(system, experiment))


def write_corpus(folder: Path, *, utterances: int, given: dict[str, Any] | None = None) -> Path:
    """Store, split and fingerprints of a corpus of noise, with fold 1 of `SPLIT`, in `folder`.

    `given`: the resolved spec whose classes and features it has; None: `spec_of()`.
    """
    given, rng = given or spec_of(), np.random.default_rng(1)
    classes, spec, made = given["classes"], given["feature_spec"], extractor(given)
    hop, dims = made.hop_seconds, made.dims
    seconds = draw_seconds(utterances, rng)
    ids = [f"utterance{number:06d}" for number in range(utterances)]
    labels = rng.integers(len(classes), size=utterances)
    lean = rng.standard_normal((len(classes), dims))

    def frames():
        for name, label, length in zip(ids, labels, seconds, strict=True):
            noise = rng.standard_normal((1 + int(length / hop), dims))
            yield name, (0.3 * lean[label] + noise).astype(np.float32)

    write_store(folder / "store", spec=spec, dims=dims, hop_seconds=hop, versions={}, utterances=frames())
    speakers = [f"Ses0{1 + number % 5}{'FM'[number % 2]}" for number in range(utterances)]
    view = pd.DataFrame({"utterance": ids, "class": np.array(classes)[labels], "speaker": speakers})
    view = view.assign(wearer=view["speaker"], session=view["speaker"].str[4], duration=seconds)
    declared = paper_plan().workflow.splits[SPLIT]
    table = make_split(view, declared)
    table.to_parquet(folder / "split.parquet", index=False)
    write_json(folder / "split.json", fingerprint(table, SPLIT, declared))
    write_json(folder / "features.json", {"digest": Store.open(folder / "store").digest})
    return folder


def job(corpus: Path, spec: dict[str, Any]) -> Job:
    """The training of fold 1, seed 1 on that corpus; its files go to `seed1` in the working folder."""
    run = {"corpus": "noise", "preset": "paper", "paper": PAPER, "experiment": EXPERIMENT, "system": SYSTEM}
    return Job(
        run=run | {"split": SPLIT, "fold": 1, "seed": 1},
        data=Data(
            spec=spec,
            modules=paper_plan().systems[PAPER].modules(SYSTEM, EXPERIMENT),
            split=corpus / "split.parquet",
            fold=1,
            store=corpus / "store",
            fingerprint=corpus / "features.json",
        ),
        folder=run_beside("runs.json", 1),
        checkpoints=Path("checkpoints"),
        device="cpu",
    )


def job_arguments(job: Job) -> list[str]:
    """`job` as arguments of `serflow.cli.train`."""
    data, run = job.data, dict(job.run)
    seed = run.pop("seed")
    given = canonical_json({"run": run, "spec": data.spec, "modules": data.modules})
    files = ["--split", data.split.with_suffix(".json"), "--features", data.fingerprint]
    files += ["--store", data.store / "store.json", "--output", job.folder.with_name("runs.json")]
    files += ["--checkpoints", job.checkpoints]
    return ["--job", given, "--seeds", str(seed), *map(str, files), "--device", job.device]


def examples(corpus: Path, part: str, classes: list[str]) -> Examples:
    """The training or test part of fold 1, with labels."""
    table = pd.read_parquet(corpus / "split.parquet").query("fold == 1 and part == @part")
    return Examples.of(table.to_dict("records"), store=Store.open(corpus / "store"), classes=classes)
