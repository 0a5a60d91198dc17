"""Finished runs on disk with chosen numbers, as a training job and Snakemake leave them."""

import json
from pathlib import Path

from serflow.files import digest, write_json
from serflow.provenance.closure import closure_digest

COUNTS = {"train_utterances": 100, "test": 20, "validation": 10}


def write_run(plan, run, *, seconds=10.0, job=None, steps_an_epoch=None, epochs=None, root=".", key=None, **change):
    """Write the files of `run` under `root`.

    `job`: seconds by Snakemake, of all seeds of the fold; `key`: a run key to record in place of the run's; `change`:
    other keys of run.json.
    """
    folder = Path(root) / run.folder
    (folder / "model/last").mkdir(parents=True, exist_ok=True)
    written = {"predictions.parquet": 3000, "history.csv": 500, "model/epochs.json": 40}
    written["model/last/weights.safetensors"] = 1500
    for name, size in written.items():
        (folder / name).write_bytes(b"0" * size)
    spec = change.get("spec", plan.systems[run.paper].spec(run.system, run.experiment))
    counts = COUNTS | ({} if steps_an_epoch is None else {"steps_an_epoch": steps_an_epoch, "train_segments": 320})
    record = {
        "run": key or run.key,
        "spec": spec,
        "inputs": {
            "split": "a fold table",
            "features": "features" if spec["features"] else None,
            "code": closure_digest("serflow.cli.train", *plan.systems[run.paper].modules(run.system, run.experiment)),
        },
        "outputs": {name: digest(name) for name in written},
        "device": "cpu",
        "counts": counts,
        "epochs": epochs or spec["parameters"].get("train", {}).get("epochs", 1),
        "resumed_after_epoch": 0,
        "seconds": seconds,
    }
    write_json(folder / "run.json", record | change)
    if job is not None:
        place = Path(root) / run.folder.replace("results/", "benchmarks/train/", 1)
        path = place.parents[1] / f"fold{run.fold}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\th:m:s\tmax_rss\n{job}\t0:00:01\t1.0\n")
    return folder


def bytes_of(folder):
    """Of what `write_run` wrote."""
    return 3000 + 500 + 40 + 1500 + (folder / "run.json").stat().st_size


def write_fingerprint(run, *, split=None, features=None):
    """Fingerprints of the fold table and of the features (name, digest) that a run reads."""
    view = Path("data") / run.corpus / run.paper / run.experiment
    for path, value in ((view / f"splits/{run.split}.json", split), *_features(view, features)):
        if value is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"digest": value}))


def _features(view, features):
    return [(view / f"features/{features[0]}.json", features[1])] if features else []
