"""Write what an attention figure draws: the fused map of one test piece, its MFCC, its words.

The utterance is the test utterance of the class, of the fold, that the last epoch's network classifies correctly with
the highest probability (the most probable one where none is right); the piece is its first.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from serflow.cli import run
from serflow.errors import UserError
from serflow.features.store import Store
from serflow.files import atomic_path
from serflow.learners.attention import frames_a_step, piece_maps
from serflow.learners.examples import Examples
from serflow.learners.network import Network
from serflow.training.pieces import Pieces, test_pieces


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, choose the utterance, write the .npz."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.attention", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="run.json of the run, beside its model folder")
    parser.add_argument("--split", type=Path, required=True, help="fingerprint of the fold table beside it")
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True, help="store.json of the feature store")
    parser.add_argument("--manifest", type=Path, required=True, help="fingerprint of the manifest beside it")
    parser.add_argument("--class", dest="wanted", required=True, help="the class to show")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args(argv)
    learner = Network.load(given.run.parent / "model/last", device="cpu")
    examples = _candidates(given)
    utterances, probabilities = learner.predict(examples)
    scores = probabilities[:, learner.classes.index(given.wanted)]
    right = probabilities.argmax(axis=1) == learner.classes.index(given.wanted)
    best = int(np.argmax(scores + right))
    utterance = utterances[best]
    frames = _first_piece(examples.store, utterance, learner)
    fused = _first_map(examples, utterance, learner)
    seconds = len(frames) * examples.store.hop_seconds
    covered = frames_a_step(len(frames), len(fused)) * len(fused)
    with atomic_path(given.output) as temporary:
        np.savez(
            temporary,
            mfcc=frames,
            hop_seconds=examples.store.hop_seconds,
            map=fused,
            map_seconds=covered * examples.store.hop_seconds,
            words=json.dumps(_words(given.manifest, utterance, seconds)),
            truth=given.wanted,
            predicted=learner.classes[int(probabilities[best].argmax())],
            utterance=utterance,
            probabilities=probabilities[best],
        )


def _candidates(given: argparse.Namespace) -> Examples:
    wanted = [("fold", "=", given.fold), ("part", "=", "test"), ("class", "=", given.wanted)]
    table = pq.read_table(given.split.with_suffix(".parquet"), filters=wanted).to_pydict()
    if not table["utterance"]:
        raise UserError(
            f"{given.split}: fold {given.fold} tests no {given.wanted!r}; expected one to draw attention for"
        )
    durations = np.array(table["duration"])
    return Examples(
        utterances=table["utterance"], labels=None, store=Store.open(given.store.parent), durations=durations
    )


def _first_piece(store: Store, utterance: str, learner: Network) -> np.ndarray:
    """Frames (T, D) of the utterance's first piece, as the network sees them."""
    length = 1 + int(learner.settings["pieces"]["seconds"] / store.hop_seconds)
    frames = np.array(store.frames(utterance)[:length])
    return frames if learner.normal is None else (frames - learner.normal[0]) / learner.normal[1]


def _first_map(examples: Examples, utterance: str, learner: Network) -> np.ndarray:
    """Attention map (T', F') of the utterance's first piece."""
    pieces = test_pieces(examples, learner.settings["pieces"])
    first = int(np.argmax(pieces.utterance == examples.utterances.index(utterance)))
    one = slice(first, first + 1)
    return piece_maps(learner, examples, Pieces(pieces.utterance[one], pieces.start[one], pieces.frames[one]))[0]


def _words(manifest: Path, utterance: str, seconds: float) -> list[dict]:
    """Words that begin within the piece, with their times (s) cut at its end."""
    table = pq.read_table(manifest.with_suffix(".parquet"), columns=["words"], filters=[("utterance", "=", utterance)])
    words = table["words"][0].as_py() or []
    return [word | {"end": min(word["end"], seconds)} for word in words if word["start"] < seconds]


if __name__ == "__main__":
    sys.exit(run(main))
