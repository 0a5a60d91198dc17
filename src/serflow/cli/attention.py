"""Write what a figure of one test utterance draws: what a trained network attends to in it, and its words.

Which utterance that is: `serflow.inspection.choice`. Of a system that cuts utterances into segments, the first segment
is drawn.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from serflow.cli import run
from serflow.cli.inputs import add_inputs, only
from serflow.files import atomic_path
from serflow.inspection.attention import first_segment
from serflow.inspection.choice import Choice, words_within
from serflow.inspection.figure_content import Figure, figure_content
from serflow.inspection.network import open_network
from serflow.split_kinds import fold_name


def main(argv: list[str] | None = None) -> None:
    """Parse the command line, choose the utterance, write the .npz."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.attention", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="run.json of the run, beside its model folder")
    parser.add_argument("--weights", choices=["best", "last"], required=True, help="the epoch whose network is shown")
    add_inputs(parser, "split", "store", optional=("energy", "maps"))
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--manifest", type=Path, required=True, help="fingerprint of the manifest beside it")
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="run.json of a run to show beside")
    parser.add_argument(
        "--figure", type=json.loads, required=True, help="JSON: kind, class and, where declared, utterance, block"
    )
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args(argv)
    fold = fold_name(args.split.stem, args.fold)
    learner, choice = open_network(args.run, args.weights, fold), Choice(args.split, fold=args.fold, figure=args.figure)
    examples = choice.candidates(args.store)
    utterances, probabilities = learner.predict(examples)
    chosen = choice.index(utterances, probabilities, learner.classes)
    one = examples.alone(utterances[chosen])
    seconds = int(first_segment(learner, one).frames[0]) * one.store.hop_seconds
    content = {
        "seconds": seconds,
        "words": json.dumps(words_within(args.manifest, utterances[chosen], seconds)),
        "truth": args.figure["class"],
        "predicted": learner.classes[int(probabilities[chosen].argmax())],
        "utterance": utterances[chosen],
        "named": "utterance" in args.figure,
        "probabilities": probabilities[chosen],
    }
    figure = Figure(args.figure, args.weights, fold, only(args.energy), only(args.beside), only(args.maps))
    content |= figure_content(learner, one, figure)
    with atomic_path(args.output) as temporary:
        np.savez(temporary, **content)


if __name__ == "__main__":
    sys.exit(run(main))
