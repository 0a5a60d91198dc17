"""A network on EmoDB's ten speakers, each of them tested by one that trained on the other pairs' eight (*strict*).

Both speakers of a pair are judged by one training, of which each chooses the epoch for the other: the networks, and so
the numbers, of rule `train`, in half of its time. `python -m bench.strict FOLDER PAPER SYSTEM SEED PAIR` trains one of
them (what is finished is not trained again); `found` puts them together.
"""

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.widths import emodb_plan, experiment_of, parts_of, ua_of
from serflow.examples import Examples
from serflow.files import atomic_path, digest
from serflow.layers.batch_norm import batch_norms
from serflow.learners.network import Network
from serflow.metrics.confusion import confusion_family, contributions
from serflow.metrics.intervals import by_group, metric_interval, pooled
from serflow.metrics.selection import best_epoch
from serflow.plan.runs import Plan

__all__ = ["PAIRS", "found", "train"]

PAIRS = 5


def found(folder: Path, paper: str, system: str, *, seeds: list[int]) -> dict[str, Any]:
    """UA and recalls (%) with 95 % intervals over speakers, and UA on the training part; trained now where missing."""
    plan = emodb_plan(paper)
    spec = _spec(plan, paper, system)
    runs = [[np.load(train(folder, plan, paper, system, seed, pair)) for pair in range(PAIRS)] for seed in seeds]
    family = confusion_family(spec["classes"])
    by_seed = [[_tested(run) for run in of_seed] for of_seed in runs]
    speakers = np.concatenate([run["speakers"] for run in runs[0]])
    cells = [np.concatenate([contributions(truth, chosen) for truth, chosen in tested]) for tested in by_seed]
    of_speakers = by_group(np.stack(cells, axis=1), speakers)
    values = 100 * pooled(family, of_speakers.sum(axis=0))
    low, high = (100 * bound for bound in metric_interval(family, of_speakers))
    return {
        "spec": spec,
        "utterances": len(speakers),
        "steps": int(runs[0][0]["steps"]),
        "steps_at_initial_rate": int(runs[0][0]["steps_at_initial_rate"]),
        "seconds": float(np.mean([run["seconds"] for of_seed in runs for run in of_seed])),
        "ua_train": 100 * float(np.mean([run["ua_train"] for of_seed in runs for run in of_seed])),
        "test": {name: list(map(float, row)) for name, *row in zip(family.names, values, low, high, strict=True)},
        "by_seed": [100 * float(pooled(family, cell.sum(axis=0)[None])[0]) for cell in cells],
    }


def train(folder: Path, plan: Plan, paper: str, system: str, seed: int, pair: int) -> Path:
    """Predictions of both speakers of a pair after every epoch, in a file; trained where it is not there."""
    spec = _spec(plan, paper, system)
    file = folder / "strict" / f"{paper}-{system}-{digest(spec)[:12]}" / f"seed{seed}-pair{pair}.npz"
    if file.exists():
        return file
    started, parts = time.monotonic(), parts_of(folder, plan, paper, spec, fold=2 * pair + 1)
    scored = [parts["validation"], parts["test"]]
    learner = Network(spec=spec, classes=spec["classes"], device="cpu", seed=seed)
    epochs, last, predicted = [], {}, []
    for last in learner.fit(parts["train"]):  # noqa: B007 (the last row is told)
        predicted = [learner.predict(dataclasses.replace(part, labels=None)) for part in scored]
        epochs.append(np.concatenate([probabilities for _, probabilities in predicted]))
    names = [name for utterances, _ in predicted for name in utterances]
    labels = {name: label for part in scored for name, label in zip(part.utterances, part.labels, strict=True)}
    told = {
        "probabilities": np.stack(epochs),
        "truth": np.array([labels[name] for name in names]),
        "speakers": np.array([name[:2] for name in names]),
        "ua_train": _training_ua(learner, parts["train"]),
        "steps": last["steps"],
        "steps_at_initial_rate": last["steps_at_initial_rate"],
        "batch_norms": len(batch_norms(learner.network)),
        "seconds": time.monotonic() - started,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(file) as temporary, open(temporary, "wb") as opened:
        np.savez(opened, **told)
    print(f"{file}: {told['seconds']:.0f} s, training UA {told['ua_train']:.3f}", file=sys.stderr, flush=True)
    return file


def _spec(plan: Plan, paper: str, system: str) -> dict[str, Any]:
    return plan.systems[paper].spec(system, experiment_of(plan, paper))


def _tested(run: Any) -> tuple[np.ndarray, np.ndarray]:
    """Truth and probabilities of both speakers, each at the epoch that is best for the other."""
    truth, probabilities, speakers = run["truth"], run["probabilities"], run["speakers"]
    chosen = np.empty_like(probabilities[0])
    for speaker in np.unique(speakers):
        own = speakers == speaker
        chosen[own] = probabilities[best_epoch(ua_of(truth[~own], probabilities[:, ~own])), own]
    return truth, chosen


def _training_ua(learner: Network, part: Examples) -> float:
    """UA (0 to 1) on a part, of the utterances that hold a segment."""
    names, probabilities = learner.predict(dataclasses.replace(part, labels=None))
    return float(ua_of(part.labels[part.places(names)], probabilities)) / 100


if __name__ == "__main__":
    folder, paper, system, seed, pair = sys.argv[1:]
    train(Path(folder), emodb_plan(paper), paper, system, int(seed), int(pair))
