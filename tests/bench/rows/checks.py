"""What it costs to hold what a training reads against its digests: a corpus of IEMOCAP's size (10,039 utterances of
noise, the paper's features), read as a job reads it. Frames: every utterance of the store is asked for, beside a store
that is opened unverified. Folds: the rows of a fold, beside a fold table without a fingerprint. Budget: 1 s each, a
quarter of what a training takes to its first batch.
"""

import shutil
from pathlib import Path

from bench.clock import clock
from bench.measure import Budget, Row, in_turn
from bench.runner import Bench
from bench.training import write_corpus
from serflow.features.store import Store
from serflow.parquet import fold_rows


def run(bench: Bench) -> list[Row]:
    """Seconds in this process, with a warm page cache."""
    size = bench.size(10_039, quick=60)
    folder = write_corpus(bench.folder / "checks", utterances=size)
    bare = bench.folder / "checks_bare/split.parquet"
    bare.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / "split.parquet", bare)
    sides = {
        "all frames of the store": (lambda: _frames(folder, True), lambda: _frames(folder, False)),
        "the rows of a fold": (lambda: _fold(folder / "split.parquet"), lambda: _fold(bare)),
    }
    note = f"{size} utterances, {Store.open(folder / 'store').packed.nbytes / 1e6:.0f} MB of frames"
    return [
        Row(what, "s", *in_turn(*both, repetitions=bench.repetitions(5)), Budget(ours=1), note)
        for what, both in sides.items()
    ]


def _frames(folder: Path, verified: bool) -> float:
    before = clock()
    store = Store.open(folder / "store", verified=verified)
    for utterance in store.utterances:
        store.frames(utterance).sum()  # the pages are read, whether or not they are hashed
    return clock() - before


def _fold(table: Path) -> float:
    before = clock()
    fold_rows(table, fold=1)
    return clock() - before
