"""The tiny job's clips with a session left out: its training judges two folds, each testing one of two people."""

import pyarrow.parquet as pq

from helpers.tiny_job import SPEC, changed, make_job, with_data
from serflow.files import write_json
from serflow.jobs.train import run_job
from serflow.parquet import fold_digest

SIX = changed(SPEC, train__epochs=6, train__optimizer__lr=0.1, normalise="standard")
FEMALE, MALE = "speaker/fold1", "speaker/fold2"  # by who tests; the other one validates
PEOPLE = {name: "Ses01F" if i < 20 else "Ses01M" for i in range(16, 24) for name in [f"clip{i:03d}"]}


def write_split(folder, data, name, part_of, validates=None):
    """A fold table of the tiny job's clips: the first sixteen train."""
    table = pq.read_table(data / "split.parquet").to_pandas()
    table["part"] = [part_of(name) if name in PEOPLE else "train" for name in table["utterance"]]
    table["speaker"] = [PEOPLE.get(name, "Ses02F") for name in table["utterance"]]
    if validates:
        table["validates"] = [validates(name) if name in PEOPLE else "" for name in table["utterance"]]
    path = folder / f"{name}.parquet"
    table.to_parquet(path, index=False)
    write_json(path.with_suffix(".json"), {"digest": fold_digest(table.to_dict("list"))})
    return path


def train_shared(data, place, spec=SIX, **run):
    """Run the training that leaves the session out, and return its folder; its fold table is beside it."""
    split = write_split(
        place, data, "session_out", lambda name: "test", lambda name: MALE if PEOPLE[name] == "Ses01F" else FEMALE
    )
    run_job(with_data(make_job(data, place, spec=spec, split="session_out", **run), split=split))
    return place / "run"
