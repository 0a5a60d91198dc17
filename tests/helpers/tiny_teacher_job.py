"""A small teacher's job on disk: synthetic speech whose every phone sounds in a way of its own."""

import copy
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.tiny_job import write_folds
from serflow.asr.job import TeacherJob
from serflow.asr.tokens import ENDS, TOKENS
from serflow.asr.word_tables import write_alignments, write_pronunciations
from serflow.examples import Examples
from serflow.features.store import Store, write_store
from serflow.files import digest, file_digest, write_json

WORDS = {"oh": ("OW",), "no": ("N", "OW"), "see": ("S", "IY"), "me": ("M", "IY")}
SAID = [["oh", "no"], ["see", "me"], ["no"], ["me", "see", "oh"], ["me"]]
HOP, EACH = 0.01, 5  # s; frames that a phone sounds
MODEL = {
    "name": "speech_recogniser",
    "encoder": {"name": "tcn", "channels": 16, "kernel": 3, "dilations": [1, 2], "dropout": 0.0},
    "attention": "self",
    "frames_a_step": 2,
    "cells": 24,
    "attention_width": 16,
    "history_dropout": 0.0,
    "longest_a_step": 1.5,
    "width_multiplier": 1,
} | ENDS
SPEC = {
    "learner": "recogniser",
    "classes": [*TOKENS, "padding"],
    "features": "tones",
    "feature_spec": {"extractor": "tones"},
    "encoder": None,
    "teacher": None,
    "steps": None,
    "keep_weights": True,
    "parameters": {
        "normalise": "standard",
        "audio": "own",
        "longest_seconds": None,
        "spans": None,
        "beam": 2,
        "model": MODEL,
        "train": {
            "epochs": 2,
            "batch_size": 4,
            "optimizer": {"name": "adam", "lr": 0.01},
            "schedule": None,
            "frames_at_once": 16_384,
        },
    },
}


def spec(epochs=2, **change):
    """`SPEC` with some of its parameters, or of its model's, set anew."""
    found = copy.deepcopy(SPEC)
    found["parameters"]["train"]["epochs"] = epochs
    for name, value in change.items():
        (found["parameters"] if name in found["parameters"] else found["parameters"]["model"])[name] = value
    return found


def utterances(turns):
    """Every phone sounds for `EACH` frames in a way of its own; an utterance without words is 7 frames of noise."""
    rng = np.random.default_rng(5)
    sounds = {phone: rng.standard_normal(6) for phone in ("OW", "N", "S", "IY", "M")}
    for name, words in turns.items():
        noise = np.random.default_rng([*name.encode()])  # an utterance's own, whatever the others are
        phones = [sounds[phone] for word in words for phone in WORDS.get(word, ("M",))]
        frames = np.repeat(phones, EACH, axis=0) if phones else np.zeros((7, 6))
        yield name, (frames + 0.1 * noise.standard_normal(frames.shape) + 3).astype(np.float32)


def write_speech(folder, turns):
    write_store(folder, spec={}, dims=6, hop_seconds=HOP, versions={}, utterances=utterances(turns))


def spoken(folder, said):
    """Examples of what is said, out of a new store."""
    turns = {f"turn{number}": words for number, words in enumerate(said)}
    write_speech(folder, turns)
    return Examples(list(turns), None, Store.open(folder), np.ones(len(turns)), said)


def aligned(words):
    """Every phone of 5 frames, of 0.01 s each, one word after the other."""
    start, found = 0.0, []
    for word in words:
        end = start + EACH * HOP * len(WORDS[word])
        found.append({"word": word.upper(), "start": start, "end": end})
        start = end
    return found


# of two speakers each in sessions 1 and 2; session 1 is left out of fold 1
TURNS = {
    "Ses01F_0": ["me", "no"],
    "Ses01F_1": ["oh", "dear"],  # WORDS lacks the second one
    "Ses01F_2": [],
    "Ses01M_0": ["see"],
    "Ses02F_0": ["oh", "no"],
    "Ses02F_1": ["see", "me"],
    "Ses02F_2": ["no", "no", "ah"],
    "Ses02M_0": ["me", "see", "oh"],
    "Ses02M_1": [],
    "Ses02M_2": ["me"],
}
RUN = {
    "corpus": "demo",
    "preset": "demo",
    "paper": "zhao2021",
    "experiment": "spoken",
    "system": "tcn_self",
    "split": "session_parts",
    "fold": 1,
    "seed": 1,
}
MODULES = ["serflow.asr.recogniser", "serflow.models.speech_recogniser"]


def part_of(name):
    return {"Ses01F": "test", "Ses01M": "validation"}.get(name[:6], "train")


def write_table(path, columns, content):
    """A Parquet file, and its digest beside."""
    pq.write_table(pa.table(columns), path)
    write_json(path.with_suffix(".json"), {"digest": digest(content)})


def write_teacher_data(folder: Path, turns=TURNS):
    """Store, fold table, words, their phones and times, each with its digest beside."""
    write_speech(folder / "store", turns)
    names, said = list(turns), pa.array(list(turns.values()), pa.list_(pa.string()))
    columns = {
        "utterance": names,
        "class": ["any"] * len(names),
        "speaker": [name[:6] for name in names],
        "session": [name[4] for name in names],
        "duration": [1.0] * len(names),
        "fold": [1] * len(names),
        "part": [part_of(name) for name in names],
    }
    write_folds(folder, columns)
    styles = ["improvised" if name.endswith("_0") else "scripted" for name in names]
    view = {"utterance": names, "duration": [1.0] * len(names), "style": styles}
    write_table(folder / "view.parquet", view, names)
    write_json(folder / "view.json", {"digest": file_digest(folder / "view.parquet")})
    write_table(folder / "transcripts.parquet", {"utterance": names, "words": said}, turns)
    write_pronunciations(WORDS, folder / "pronunciations.parquet")
    times = {name: aligned(words) for name, words in turns.items() if set(words) <= set(WORDS)}
    write_alignments(times, folder / "alignments.parquet")
    write_json(folder / "features.json", {"digest": Store.open(folder / "store").digest})
    return folder


def make_teacher_job(data: Path, place: Path, *, given=SPEC, **run):
    """The job on `data` whose files and checkpoints go under `place`."""
    tables = {name: data / f"{name}.parquet" for name in ("split", "transcripts", "pronunciations", "alignments")}
    return TeacherJob(
        run=RUN | run,
        spec=given,
        modules=MODULES,
        store=data / "store",
        fingerprint=data / "features.json",
        folder=place / "run",
        checkpoints=place / "checkpoints",
        device="cpu",
        **tables,
    )
