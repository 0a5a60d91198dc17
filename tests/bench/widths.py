"""One network at its paper's own widths, trained on one strict fold of EmoDB, and judged by two kinds of statistics.

`python -m bench.widths FOLDER PAPER SYSTEM STEPS` goes on from its last epoch where it was ended, and prints what it
found; what is finished is not trained again.
"""

import dataclasses
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from bench.processes import ROOT
from serflow.cli import manifest, split, view
from serflow.config import read_yaml
from serflow.examples import Examples
from serflow.features.extract import extract
from serflow.features.store import Store
from serflow.files import atomic_path, canonical_json, read_json, write_json
from serflow.layers.batch_norm import batch_norms
from serflow.learners.network import Network
from serflow.metrics.confusion import contributions
from serflow.metrics.rates import ua
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

__all__ = ["RELEASE", "SPLIT", "emodb_plan", "experiment_of", "found", "parts_of", "spec_of", "ua_of"]

RELEASE = "SERFLOW_EMODB"  # names the folder of the recordings
FOLD, SEED, SPLIT = 1, 1, "speaker"
CHANGES = {
    "rlc": {"batch_size": 32}
}  # of `train`, so that a processor is enough: the paper's 128 takes four times as long


def emodb_plan(paper: str) -> Plan:
    """The paper preset on EmoDB."""
    change = {"preset": "paper", "corpus": "emodb", "release": os.environ[RELEASE], "papers": [paper]}
    change |= {"seeds": None, "folds": None, "sweeps": False}
    return Plan(read_workflow(read_yaml(ROOT / "config.yaml") | change, root=ROOT))


def spec_of(plan: Plan, paper: str, system: str, *, steps: int) -> dict[str, Any]:
    """The resolved spec, with these optimiser steps in place of the corpus's budget, and `CHANGES`."""
    spec = plan.systems[paper].spec(system, experiment_of(plan, paper))
    train = spec["parameters"]["train"] | CHANGES.get(system, {})
    return spec | {"steps": steps, "parameters": spec["parameters"] | {"train": train}}


def found(folder: Path, paper: str, system: str, *, steps: int) -> dict[str, Any]:
    """What `paper`'s `system` reached; trained now, as far as it is not yet."""
    plan = emodb_plan(paper)
    spec = spec_of(plan, paper, system, steps=steps)
    place = folder / f"{paper}-{system}-{steps}"
    told = place / "found.json"
    if not told.exists() or read_json(told)["spec"] != spec:
        parts = parts_of(folder, plan, paper, spec, fold=FOLD)
        del parts["validation"]
        write_json(told, _trained(spec, parts, place / "state.safetensors") | {"spec": spec})
    return read_json(told)


def ua_of(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """UA (...) in per cent of probabilities (..., U, C) for utterances of these classes (U,)."""
    return 100 * ua(contributions(truth, probabilities).sum(axis=-3))


class TwoStatistics(Network):
    """Keeps running statistics, as is usual, to its end; judges by them just before those of the population come."""

    running: tuple[np.ndarray, np.ndarray] | None = None

    def judge(self, parts: dict[str, Examples]) -> dict[str, dict[str, float]]:
        """UA (%) and mean cross-entropy of each part."""
        judged = {}
        for name, part in parts.items():
            utterances, probabilities = self.predict(dataclasses.replace(part, labels=None))
            assert utterances == part.utterances
            chosen = probabilities[np.arange(len(part)), part.labels]
            judged[name] = {"ua": float(ua_of(part.labels, probabilities)), "loss": float(-np.log(chosen).mean())}
        return judged

    def _estimate_population(self, inputs: Any, targets: Tensor) -> None:
        if self.epoch == self.settings["train"]["epochs"]:
            self.running = self.judge(self.judged)
            super()._estimate_population(inputs, targets)


def _trained(spec: dict[str, Any], parts: dict[str, Examples], state: Path) -> dict[str, Any]:
    learner = TwoStatistics(spec=spec, classes=spec["classes"], device="cpu", seed=SEED)
    learner.judged = parts
    seconds = _resume(learner, state)
    before, row = time.monotonic(), {}
    for row in learner.fit(parts["train"]):
        tensors, at = learner.state()
        described = {"at": json.dumps(at), "seconds": str(seconds + time.monotonic() - before)}
        with atomic_path(state) as temporary:
            save_file(tensors, temporary, metadata=described)
        print(f"{state.parent.name}: epoch {row['epoch']}, loss {row['loss']:.3f}", file=sys.stderr, flush=True)
    return {
        "steps": row["steps"],
        "steps_at_initial_rate": row["steps_at_initial_rate"],
        "parameters": learner.counts["parameters"],
        "train_utterances": len(parts["train"]),
        "batch_norms": len(batch_norms(learner.network)),
        "loss": row["loss"],
        "seconds_a_step": (seconds + time.monotonic() - before) / row["steps"],
        "running": learner.running,
        "population": learner.judge(parts),
    }


def _resume(learner: TwoStatistics, state: Path) -> float:
    """Seconds of the training so far. The last epoch is trained again, as what it gives is asked for at its end."""
    if not state.exists():
        return 0.0
    with safe_open(state, framework="pt") as file:
        told = file.metadata()
        at = json.loads(told["at"])
        if at["epoch"] == learner.settings["train"]["epochs"]:
            raise RuntimeError(f"{state}: trained to its end, and nothing was told of it; delete it")
        learner.restore({name: file.get_tensor(name) for name in file.keys()}, at)  # noqa: SIM118 (not a dict)
    return float(told["seconds"])


def parts_of(folder: Path, plan: Plan, paper: str, spec: dict[str, Any], *, fold: int) -> dict[str, Examples]:
    """Training, validation and test part of a strict fold, with labels; what they are made of stays in `folder`."""
    workflow, experiment = plan.workflow, experiment_of(plan, paper)
    rows, store = folder / f"{paper}-fold.parquet", folder / spec["features"]
    corpus = ["--corpus-spec", canonical_json(workflow.corpus)]
    if not rows.exists():
        release = ["--release", str(workflow.release), "--corpus", "emodb"]
        files = ["--manifest", str(folder / "manifest.parquet"), "--findings", str(folder / "findings.json")]
        folder.mkdir(parents=True, exist_ok=True)
        manifest.main([*corpus, *release, *files])
        seen = ["--view", str(folder / "view.parquet")]
        experiment = canonical_json(workflow.papers[paper]["experiments"][experiment])
        view.main([*corpus, "--experiment", experiment, *files[:2], *seen])
        split.main([*seen, "--name", SPLIT, "--split", canonical_json(workflow.splits[SPLIT]), "--table", str(rows),
                    "--fingerprint", str(rows.with_suffix(".json"))])  # fmt: skip
    if not store.exists():
        release, table = str(workflow.release), str(folder / "manifest.parquet")
        extract(manifest=table, release=release, spec=spec["feature_spec"], jobs=1, folder=str(store))
    opened, table = Store.open(store), pd.read_parquet(rows)
    chosen = {
        part: table[(table["fold"] == fold) & (table["part"] == part)] for part in ("train", "validation", "test")
    }
    return {
        part: Examples.of(some.to_dict("records"), store=opened, classes=spec["classes"])
        for part, some in chosen.items()
    }


def experiment_of(plan: Plan, paper: str) -> str:
    """The experiment that has EmoDB's recordings: all styles."""
    return next(name for name in ("acoustic", "full") if name in plan.workflow.papers[paper]["experiments"])


if __name__ == "__main__":
    folder, paper, system, steps = sys.argv[1:]
    told = found(Path(folder), paper, system, steps=int(steps))
    print(json.dumps({key: value for key, value in told.items() if key != "spec"}, indent=1))
