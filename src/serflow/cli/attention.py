"""Write what a figure of one test utterance draws: what a trained network attends to in it, and its words.

The utterance is the one that the figure names. Else it is the test utterance of the class, of the fold, that the
network classifies correctly with the highest probability (the most probable one where none is right). Of a system that
cuts utterances into segments, the first segment is drawn.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import atomic_path
from serflow.inspection.attention import (
    attention_blocks,
    correlation_matrices,
    first_segment,
    frame_map,
    frames_a_step,
    informativeness,
    segment_maps,
    step_edges,
    stretched,
    weights_and_energy,
)
from serflow.inspection.energies import frame_energy, open_energies
from serflow.inspection.test_part import alone, examples_of, open_network
from serflow.learners.network import Network
from serflow.metrics.correlation import correlation
from serflow.parquet import fold_rows
from serflow.registry import EXTRACTORS

ENERGY = "log_energy"  # a feature column of this name is drawn along; ln of the mean square


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, choose the utterance, write the .npz."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.attention", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="run.json of the run, beside its model folder")
    parser.add_argument("--weights", choices=["best", "last"], required=True, help="the epoch whose network is shown")
    parser.add_argument("--split", type=Path, required=True, help="fingerprint of the fold table beside it")
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True, help="store.json of the feature store")
    parser.add_argument("--manifest", type=Path, required=True, help="fingerprint of the manifest beside it")
    parser.add_argument("--energy", type=Path, nargs="*", default=[], help="store.json of the signal's energy")
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="run.json of a run to show beside")
    parser.add_argument("--maps", type=Path, nargs="*", default=[], help="store.json of the teacher's maps")
    parser.add_argument(
        "--figure", type=json.loads, required=True, help="JSON: kind, class and, where declared, utterance, block"
    )
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args(argv)
    learner = open_network(given.run, given.weights)
    examples = _candidates(given)
    utterances, probabilities = learner.predict(examples)
    chosen = _chosen(given, utterances, probabilities, learner.classes)
    one = alone(examples, utterances[chosen])
    seconds = int(first_segment(learner, one).frames[0]) * one.store.hop_seconds
    content = {
        "seconds": seconds,
        "words": json.dumps(_words(given.manifest, utterances[chosen], seconds)),
        "truth": given.figure["class"],
        "predicted": learner.classes[int(probabilities[chosen].argmax())],
        "utterance": utterances[chosen],
        "named": "utterance" in given.figure,
        "probabilities": probabilities[chosen],
    }
    content |= DRAWN[given.figure["kind"]](learner, one, given)
    with atomic_path(given.output) as temporary:
        np.savez(temporary, **content)


def _candidates(given: argparse.Namespace) -> Examples:
    """The test utterances of the class."""
    wanted = given.figure["class"]
    rows = fold_rows(given.split, **{"fold": given.fold, "part": "test", "class": wanted})
    if not rows:
        raise UserError(f"{given.split}: fold {given.fold} tests no {wanted!r}; expected one to draw attention for")
    return examples_of(rows, given.store)


def _chosen(given: argparse.Namespace, utterances: list[str], probabilities: np.ndarray, classes: list[str]) -> int:
    """Index of the utterance to draw."""
    named = given.figure.get("utterance")
    if named is not None:
        if named not in utterances:
            raise UserError(_misnamed(given, named))
        return utterances.index(named)
    target = classes.index(given.figure["class"])
    right = probabilities.argmax(axis=1) == target
    return int(np.argmax(probabilities[:, target] + right))


def _misnamed(given: argparse.Namespace, named: str) -> str:
    """Why the figure cannot show the utterance that it names."""
    rows = {row["fold"]: row for row in fold_rows(given.split, utterance=named)}
    here = rows.get(given.fold)
    if here is None:
        found = "this view of the corpus has no such utterance"
    elif here["class"] != given.figure["class"]:
        found = f"it is of class {here['class']!r}"
    elif here["part"] != "test":
        tests = ", ".join(str(fold) for fold, row in sorted(rows.items()) if row["part"] == "test")
        found = f"it is in the {here['part']} part of fold {given.fold} (folds that test it: {tests or 'none'})"
    else:
        found = "it is shorter than a segment, and this system leaves such utterances out"
    return (
        f"figures: utterance: {named!r}: {found}; expected a test utterance of class {given.figure['class']!r} in "
        f"fold {given.fold} of {given.split}; name another one, or leave the key out"
    )


def _words(manifest: Path, utterance: str, seconds: float) -> list[dict]:
    """Words that begin within the segment, with their times (s) cut at its end."""
    table = pq.read_table(manifest.with_suffix(".parquet"), columns=["words"], filters=[("utterance", "=", utterance)])
    words = table["words"][0].as_py() or []
    return [word | {"end": min(word["end"], seconds)} for word in words if word["start"] < seconds]


def _fused_map(learner: Network, one: Examples, given: argparse.Namespace) -> dict[str, Any]:
    """`mfcc` (T, D) as the network sees them, every `hop_seconds`; `map` (T', F') over the first `map_seconds`."""
    segment = first_segment(learner, one)
    frames = np.array(one.frames(0)[: segment.frames[0]])
    fused = segment_maps(learner, one, segment)[0]
    hop = one.store.hop_seconds
    return {
        "mfcc": frames if learner.mean_std is None else (frames - learner.mean_std[0]) / learner.mean_std[1],
        "hop_seconds": hop,
        "map": fused,
        "map_seconds": frames_a_step(len(frames), len(fused)) * len(fused) * hop,
    }


def _matrices(learner: Network, one: Examples, given: argparse.Namespace) -> dict[str, Any]:
    """`matrices` (heads, T', T') of a block: its `number` among `blocks`, its `group`, and its `place` in the group."""
    blocks = attention_blocks(learner)
    number = given.figure.get("block", len(blocks))
    if not 1 <= number <= len(blocks):
        raise UserError(
            f"figures: block: {number}; model {learner.settings['model']['name']!r} has {len(blocks)} blocks with "
            f"attention: give one of 1 to {len(blocks)}, or leave the key out for the last"
        )
    block = blocks[number - 1]
    matrices = correlation_matrices(learner, one, number)
    described = {"number": number, "blocks": len(blocks), "group": block.group, "place": block.place}
    return {"matrices": matrices, **described, **_steps(learner, one, matrices.shape[-1], block.frames_a_step)}


def _informativeness(learner: Network, one: Examples, given: argparse.Namespace) -> dict[str, Any]:
    """`informativeness` (I, T'), and `energy` (T,) in dB every `hop_seconds` where the features have it."""
    gates, step = informativeness(learner, one)
    content = {"informativeness": gates, **_steps(learner, one, gates.shape[-1], step)}
    names = getattr(EXTRACTORS.load(learner.spec["feature_spec"]["extractor"]), "names", ())
    if ENERGY in names:
        frames = one.frames(0)[: first_segment(learner, one).frames[0], names.index(ENERGY)]
        content |= {"energy": frames * (10 / np.log(10)), "hop_seconds": one.store.hop_seconds}
    return content


def _energies(learner: Network, one: Examples, given: argparse.Namespace) -> dict[str, Any]:
    """`weights`, `energy` of the signal and `hidden_energy` (T,) each, their `correlation`s, where frames lie (s)."""
    if not given.energy:
        raise UserError("figures: energy: this kind needs the name of the feature set with the energy; add it")
    weights, hidden = weights_and_energy(learner, one)
    energies = open_energies(given.energy[0])
    energy = frame_energy(energies, one.utterances[0], frames=len(weights))
    return {
        "weights": weights,
        "energy": energy,
        "hidden_energy": hidden,
        "hop_seconds": energies.hop_seconds,
        "window_seconds": energies.spec["window_seconds"],
        "correlation": correlation(weights, energy),
        "hidden_correlation": correlation(weights, hidden),
    }


def _maps(learner: Network, one: Examples, given: argparse.Namespace) -> dict[str, Any]:
    """`maps` (3, T) of teacher, student and student without transfer, their `names`, and `distances` by eq. 12.

    `logmel` (T, 40) are the static bands as the network sees them, every `hop_seconds`.
    """
    if not (given.maps and given.beside):
        raise UserError("figures: this kind needs a system with transfer, and `beside`, one without; name them")
    store = Store.open(given.maps[0].parent)
    p, without = store.spec["p"], open_network(given.beside[0], given.weights)
    students = [frame_map(network, one, p=p) for network in (learner, without)]
    taught = stretched(store.frames(one.utterances[0])[:, 0], len(students[0]))
    maps = np.stack([taught, *students]).astype(np.float64)
    maps /= maps.sum(axis=1, keepdims=True)
    frames = np.array(one.frames(0))
    seen = frames if learner.mean_std is None else (frames - learner.mean_std[0]) / learner.mean_std[1]
    return {
        "maps": maps,
        "names": json.dumps(["teacher", "student with transfer", "student without transfer"]),
        "distances": np.abs(maps - maps[0]).sum(axis=1),
        "logmel": seen[:, : seen.shape[1] // 3],
        "hop_seconds": one.store.hop_seconds,
    }


def _steps(learner: Network, one: Examples, steps: int, step: int) -> dict[str, Any]:
    """`edges` (T' + 1) in s of the steps, which are `step` frames apart, and `step_seconds`."""
    frames = int(first_segment(learner, one).frames[0])
    hop = one.store.hop_seconds
    return {"edges": step_edges(steps, frames=frames, frames_a_step=step) * hop, "step_seconds": step * hop}


DRAWN = {
    "attention": _fused_map,
    "attention_energy": _energies,
    "attention_maps": _maps,
    "correlation_matrices": _matrices,
    "informativeness": _informativeness,
}


if __name__ == "__main__":
    sys.exit(run(main))
