"""Rule `teacher_maps`: what a trained teacher attends to in each utterance of a view, for systems that learn it.

The utterances that a system tests are among them, for figures; a training reads only those that it is trained on.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from serflow.asr.recogniser import Recogniser
from serflow.asr.word_tables import read_pronunciations
from serflow.cli import run
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.files import read_json
from serflow.lexical.word_files import read_transcripts


def main(argv: list[str] | None = None) -> None:
    """Write the maps of eq. 10 of Zhao et al. (2021) as a store: one value a frame of the teacher's features."""
    parser = argparse.ArgumentParser(prog="python -m serflow.cli.teacher_maps", description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="run.json of the teacher, beside its model folder")
    parser.add_argument("--view", type=Path, required=True, help="fingerprint of the view beside it")
    parser.add_argument("--store", type=Path, required=True, help="store.json of the teacher's features")
    parser.add_argument("--transcripts", type=Path, required=True, help="fingerprint of the words beside it")
    parser.add_argument("--pronunciations", type=Path, required=True, help="fingerprint of their phones beside it")
    parser.add_argument("--p", type=float, required=True, help="the exponent of eq. 10")
    parser.add_argument("--output", type=Path, required=True, help="folder of the store to write")
    given = parser.parse_args(argv)
    record = read_json(given.teacher)
    pronunciations = read_pronunciations(given.pronunciations.with_suffix(".parquet"))
    teacher = Recogniser.load(given.teacher.parent / "model/last", device="cpu", pronunciations=pronunciations)
    examples = _examples(given)
    maps = teacher.attention_maps(examples, p=given.p)
    spec = {
        "teacher": record["run"],
        "digest": record["digest"],
        "train_speakers": record["train_speakers"],
        "p": given.p,
    }
    write_store(
        given.output,
        spec=spec,
        dims=1,
        hop_seconds=examples.store.hop_seconds,
        versions=record["versions"],
        utterances=((name, maps[name][:, None]) for name in sorted(maps)),
    )


def _examples(given: argparse.Namespace) -> Examples:
    view = pq.read_table(given.view.with_suffix(".parquet"), columns=["utterance", "duration"]).to_pydict()
    said = read_transcripts(given.transcripts.with_suffix(".parquet"))
    return Examples(
        utterances=view["utterance"],
        labels=None,
        store=Store.open(given.store.parent),
        durations=np.array(view["duration"]),
        words=[said[name] for name in view["utterance"]],
    )


if __name__ == "__main__":
    sys.exit(run(main))
