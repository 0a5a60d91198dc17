"""A small teacher on disk: 12 utterances of three people, a recogniser of tiny widths, its maps of a view."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers import tiny_teacher_job
from serflow.asr.job import run_teacher_job
from serflow.asr.word_tables import write_alignments, write_pronunciations
from serflow.cli import teacher_maps
from serflow.features.store import Store, write_store
from serflow.files import digest, file_digest, write_json
from serflow.parquet import fold_digest
from serflow.provenance.run_key import RunKey

PRONUNCIATIONS = {"see": ("S", "IY"), "tea": ("T", "IY"), "us": ("AH", "S")}
NAMES = [f"u{i:02d}" for i in range(12)]
SAID = {name: [["see", "tea"], ["us"], ["tea", "xyzzy", "see"], []][i % 4] for i, name in enumerate(NAMES)}
SPEAKERS = {name: f"s{i // 4}" for i, name in enumerate(NAMES)}
SPEC = tiny_teacher_job.spec(
    encoder={"name": "blstm", "units": 4, "layers": 1}, cells=4, attention_width=4, longest_a_step=1.0
)
P = 2


def key(fold=1):
    return RunKey("demo", "demo", "p", "spoken", "t", "session_parts", fold, 1)


def fold_table():
    """Two folds, in which one of the first two people tests, and the other two train."""
    rows = [
        {"utterance": name, "speaker": SPEAKERS[name], "duration": 1.0, "fold": fold}
        | {"part": "test" if SPEAKERS[name] == f"s{fold - 1}" else "train"}
        for fold in (1, 2)
        for name in NAMES
    ]
    return pd.DataFrame(rows)


def write_data(folder):
    rng = np.random.default_rng(1)
    frames = ((name, rng.standard_normal((20 + i, 3)).astype(np.float32)) for i, name in enumerate(NAMES))
    write_store(folder / "store", spec={}, dims=3, hop_seconds=0.01, versions={}, utterances=frames)
    fold_table().to_parquet(folder / "split.parquet", index=False)
    words = pa.table(
        [pa.array(NAMES), pa.array(list(SAID.values()), pa.list_(pa.string()))], names=["utterance", "words"]
    )
    pq.write_table(words, folder / "transcripts.parquet")
    write_pronunciations(PRONUNCIATIONS, folder / "pronunciations.parquet")
    write_alignments({name: [] for name in NAMES}, folder / "alignments.parquet")
    pq.write_table(pa.table({"utterance": NAMES, "duration": [1.0] * len(NAMES)}), folder / "view.parquet")
    digests = {"split": fold_digest(fold_table().to_dict("list")), "transcripts": digest(SAID)}
    for name, value in (digests | {"view": file_digest(folder / "view.parquet")}).items():
        write_json(folder / f"{name}.json", {"digest": value})
    write_json(folder / "features.json", {"digest": Store.open(folder / "store").digest})


def teach(data, place, fold):
    """Teach on a fold and make the maps of all utterances, under `place`."""
    folder = place / key(fold).folder
    run_teacher_job(
        replace(tiny_teacher_job.make_teacher_job(data, place, given=SPEC), run=key(fold).key, folder=folder)
    )
    given = {"teacher": folder / "run.json", "store": data / "store/store.json", "p": P, "output": folder / "maps/v_p2"}
    given |= {name: data / f"{name}.json" for name in ("view", "transcripts", "pronunciations")}
    teacher_maps.main([text for name, value in given.items() for text in (f"--{name}", str(value))])
