"""Write what a figure of one test utterance draws: what a trained network attends to in it, and its words.

The utterance is the one that the figure names. Else it is the test utterance of the class, of the fold, that the last
epoch's network classifies correctly with the highest probability (the most probable one where none is right). Of a
system that cuts utterances into pieces, the first piece is drawn.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.files import atomic_path
from serflow.learners.attention import (
    attention_blocks,
    correlation_matrices,
    first_piece,
    frames_a_step,
    informativeness,
    piece_maps,
    step_edges,
)
from serflow.learners.examples import Examples
from serflow.learners.network import Network

ENERGY = "log_energy"  # a feature column of this name is drawn along; ln of the mean square


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, choose the utterance, write the .npz."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.attention", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="run.json of the run, beside its model folder")
    parser.add_argument("--split", type=Path, required=True, help="fingerprint of the fold table beside it")
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True, help="store.json of the feature store")
    parser.add_argument("--manifest", type=Path, required=True, help="fingerprint of the manifest beside it")
    parser.add_argument(
        "--figure", type=json.loads, required=True, help="JSON: kind, class and, where declared, utterance, block"
    )
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args(argv)
    learner = Network.load(given.run.parent / "model/last", device="cpu")
    if learner.text:
        raise UserError(f"{given.run}: this system reads text; name an experiment of sound alone in the figure's YAML")
    examples = _candidates(given)
    utterances, probabilities = learner.predict(examples)
    chosen = _chosen(given, utterances, probabilities, learner.classes)
    one = _alone(examples, utterances[chosen])
    seconds = int(first_piece(learner, one).frames[0]) * one.store.hop_seconds
    content = {
        "seconds": seconds,
        "words": json.dumps(_words(given.manifest, utterances[chosen], seconds)),
        "truth": given.figure["class"],
        "predicted": learner.classes[int(probabilities[chosen].argmax())],
        "utterance": utterances[chosen],
        "named": "utterance" in given.figure,
        "probabilities": probabilities[chosen],
    }
    content |= DRAWN[given.figure["kind"]](learner, one, given.figure)
    with atomic_path(given.output) as temporary:
        np.savez(temporary, **content)


def _candidates(given: argparse.Namespace) -> Examples:
    """The test utterances of the class."""
    wanted = given.figure["class"]
    table = _fold_table(given, [("fold", "=", given.fold), ("part", "=", "test"), ("class", "=", wanted)])
    if not table:
        raise UserError(f"{given.split}: fold {given.fold} tests no {wanted!r}; expected one to draw attention for")
    durations = np.array([row["duration"] for row in table])
    names = [row["utterance"] for row in table]
    return Examples(utterances=names, labels=None, store=Store.open(given.store.parent), durations=durations)


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
    rows = {row["fold"]: row for row in _fold_table(given, [("utterance", "=", named)])}
    here = rows.get(given.fold)
    if here is None:
        found = "this view of the corpus has no such utterance"
    elif here["class"] != given.figure["class"]:
        found = f"it is of class {here['class']!r}"
    elif here["part"] != "test":
        tests = ", ".join(str(fold) for fold, row in sorted(rows.items()) if row["part"] == "test")
        found = f"it is in the {here['part']} part of fold {given.fold} (folds that test it: {tests or 'none'})"
    else:
        found = "it is shorter than a piece, and this system leaves such utterances out"
    return (
        f"figures: utterance: {named!r}: {found}; expected a test utterance of class {given.figure['class']!r} in "
        f"fold {given.fold} of {given.split}; name another one, or leave the key out"
    )


def _fold_table(given: argparse.Namespace, filters: list[tuple]) -> list[dict[str, Any]]:
    columns = ["utterance", "class", "duration", "fold", "part"]
    return pq.read_table(given.split.with_suffix(".parquet"), columns=columns, filters=filters).to_pylist()


def _alone(examples: Examples, utterance: str) -> Examples:
    """One of the examples."""
    index = examples.utterances.index(utterance)
    return Examples([utterance], None, examples.store, examples.durations[index : index + 1])


def _words(manifest: Path, utterance: str, seconds: float) -> list[dict]:
    """Words that begin within the piece, with their times (s) cut at its end."""
    table = pq.read_table(manifest.with_suffix(".parquet"), columns=["words"], filters=[("utterance", "=", utterance)])
    words = table["words"][0].as_py() or []
    return [word | {"end": min(word["end"], seconds)} for word in words if word["start"] < seconds]


def _fused_map(learner: Network, one: Examples, figure: dict[str, Any]) -> dict[str, Any]:
    """`mfcc` (T, D) as the network sees them, every `hop_seconds`; `map` (T', F') over the first `map_seconds`."""
    piece = first_piece(learner, one)
    frames = np.array(one.frames(0)[: piece.frames[0]])
    fused = piece_maps(learner, one, piece)[0]
    hop = one.store.hop_seconds
    return {
        "mfcc": frames if learner.normal is None else (frames - learner.normal[0]) / learner.normal[1],
        "hop_seconds": hop,
        "map": fused,
        "map_seconds": frames_a_step(len(frames), len(fused)) * len(fused) * hop,
    }


def _matrices(learner: Network, one: Examples, figure: dict[str, Any]) -> dict[str, Any]:
    """`matrices` (heads, T', T') of a block: its `number` among `blocks`, its `group`, and its `place` in the group."""
    blocks = attention_blocks(learner)
    number = figure.get("block", len(blocks))
    if not 1 <= number <= len(blocks):
        raise UserError(
            f"figures: block: {number}; model {learner.settings['model']['name']!r} has {len(blocks)} blocks with "
            f"attention: give one of 1 to {len(blocks)}, or leave the key out for the last"
        )
    block = blocks[number - 1]
    matrices = correlation_matrices(learner, one, number)
    described = {"number": number, "blocks": len(blocks), "group": block.group, "place": block.place}
    return {"matrices": matrices, **described, **_steps(learner, one, matrices.shape[-1], block.frames_a_step)}


def _informativeness(learner: Network, one: Examples, figure: dict[str, Any]) -> dict[str, Any]:
    """`informativeness` (I, T'), and `energy` (T,) in dB every `hop_seconds` where the features have it."""
    gates, step = informativeness(learner, one)
    content = {"informativeness": gates, **_steps(learner, one, gates.shape[-1], step)}
    extractor = importlib.import_module(f"serflow.features.{learner.spec['feature_spec']['extractor']}")
    names = getattr(getattr(extractor, extractor.__all__[0]), "names", ())
    if ENERGY in names:
        frames = one.frames(0)[: first_piece(learner, one).frames[0], names.index(ENERGY)]
        content |= {"energy": frames * (10 / np.log(10)), "hop_seconds": one.store.hop_seconds}
    return content


def _steps(learner: Network, one: Examples, steps: int, step: int) -> dict[str, Any]:
    """`edges` (T' + 1) in s of the steps, which are `step` frames apart, and `step_seconds`."""
    frames = int(first_piece(learner, one).frames[0])
    hop = one.store.hop_seconds
    return {"edges": step_edges(steps, frames=frames, frames_a_step=step) * hop, "step_seconds": step * hop}


DRAWN = {"attention": _fused_map, "correlation_matrices": _matrices, "informativeness": _informativeness}


if __name__ == "__main__":
    sys.exit(run(main))
