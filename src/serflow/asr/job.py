"""One teacher's job: a speech recogniser on one fold, from the fold table to hypotheses, model and run.json."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serflow.asr.pronunciations import count_words
from serflow.asr.recogniser import Recogniser
from serflow.asr.tokens import TOKENS
from serflow.asr.word_tables import read_alignments, read_pronunciations
from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import atomic_path, read_json, write_json
from serflow.jobs.record import HISTORY, described_training, write_history
from serflow.jobs.session import TrainingSession, digest_beside
from serflow.lexical.word_files import read_words_as_written
from serflow.parquet import fold_rows
from serflow.provenance.closure import closure_digest

__all__ = ["TeacherJob", "run_teacher_job"]

SCHEMA = pa.schema(
    [("epoch", pa.int16()), ("beam", pa.int16()), ("utterance", pa.string()), ("tokens", pa.list_(pa.string()))]
)


@dataclass(frozen=True)
class TeacherJob:
    """What a teacher's job is given.

    Attributes
    ----------
    run, spec, modules
        As of a training job (`serflow.jobs.train.Job`); the spec is `Systems.teacher_spec`.
    split, store, fingerprint
        Fold table of the utterances, with its fingerprint beside; feature store; digest of the features.
    transcripts, pronunciations, alignments
        Words of the utterances, phones of the words, and when each word is said (None: of a teacher that is given no
        runs of words): Parquet files with their digests beside them.
    folder, checkpoints, device
        As of a training job.
    """

    run: dict[str, Any]
    spec: dict[str, Any]
    modules: list[str]
    split: Path
    store: Path
    fingerprint: Path
    transcripts: Path
    pronunciations: Path
    alignments: Path | None
    folder: Path
    checkpoints: Path
    device: str


class TeacherRecord:
    """History, and the tokens written for the test part after each epoch, as a checkpoint keeps them.

    Of the form of `serflow.jobs.record.TrainingRecord`: blocks of numbers by name, one epoch a name here, since epochs
    differ in how much is written.
    """

    def __init__(self, epochs: int):
        self.history: list[dict[str, Any]] = []
        self.probabilities: dict[str, list[np.ndarray]] = {str(epoch): [] for epoch in range(1, epochs + 1)}
        self.scored: dict[str, list[str]] = {}
        self.best: dict[str, int] = {}

    def add(self, row: dict[str, Any], hypotheses: list[list[int]]) -> None:
        """Append an epoch; of each utterance the tokens, with -1 after its last."""
        self.history.append(row)
        block = np.array([token for tokens in hypotheses for token in (*tokens, -1)], dtype=np.int16)
        self.probabilities[str(row["epoch"])] = [block]

    def hypotheses(self, epoch: int) -> list[list[int]]:
        """What was written for each utterance after an epoch."""
        (block,) = self.probabilities[str(epoch)]
        return [tokens[:-1].tolist() for tokens in np.split(block, np.flatnonzero(block == -1) + 1)[:-1]]


def run_teacher_job(job: TeacherJob) -> None:
    """Train, transcribe the test part after every epoch, write hypotheses.parquet, history.csv, model/, run.json.

    Nothing is chosen by the test part: the weights are those of the last epoch.
    """
    started = monotonic()
    inputs = {
        "split": digest_beside(job.split),
        "features": read_json(job.fingerprint)["digest"],
        "transcripts": digest_beside(job.transcripts),
        "pronunciations": digest_beside(job.pronunciations),
        "alignments": digest_beside(job.alignments),
        "code": closure_digest("serflow.cli.train_teacher", *job.modules),
    }
    pronunciations = read_pronunciations(job.pronunciations)
    learner = Recogniser(
        spec=job.spec,
        device=job.device,
        seed=job.run["seed"],
        pronunciations=pronunciations,
        alignments=read_alignments(job.alignments) if job.alignments else None,
    )
    session = TrainingSession(job, inputs=inputs, device=str(learner.device), started=started)
    with session.alone():
        if not session.finished(keeps_weights=True):
            _train(job, session, learner, pronunciations)


def _train(
    job: TeacherJob, session: TrainingSession, learner: Recogniser, pronunciations: dict[str, tuple[str, ...]]
) -> None:
    """What `run_teacher_job` does of a run that is not finished."""
    train, test, train_speakers = _parts(job)
    parameters = job.spec["parameters"]
    record = TeacherRecord(parameters["train"]["epochs"])
    for row in session.epochs(learner, record, train):
        record.add(row, learner.transcribe(test, beam=1))
        session.checkpoint.save(learner, record)
    last = learner.transcribe(test, beam=parameters["beam"])
    with atomic_path(job.folder / "model") as temporary:
        temporary.mkdir()
        learner.save(temporary / "last")
        write_json(temporary / "epochs.json", {"last": len(record.history), "best": {}, "kept": True})
    write_history(record.history, job.folder / "history.csv", columns=HISTORY)
    _write_hypotheses(job, record, test, last)
    words = _word_counts({"train": train, "test": test}, pronunciations)
    session.finish(
        "hypotheses.parquet",
        "history.csv",
        counts=learner.counts | {"test": len(test), "words": words},
        train_speakers=train_speakers,
        epochs=len(record.history),
        training=described_training(record.history),
    )


def _parts(job: TeacherJob) -> tuple[Examples, Examples, list[str]]:
    """Utterances with words that train, and that test, and the true speakers of the former."""
    fold = job.run["fold"]
    rows = fold_rows(job.split, fold=fold)
    said = read_words_as_written(job.transcripts)
    store, parts = Store.open(job.store), {}
    for part in ("train", "test"):
        mine = [row for row in rows if row["part"] == part and said[row["utterance"]]]
        if not mine:
            raise UserError(f"{job.split}: fold {fold}: nothing was said in the {part} part; expected transcripts")
        parts[part] = Examples.of(mine, store=store, words=[said[row["utterance"]] for row in mine])
    return parts["train"], parts["test"], sorted({row["speaker"] for row in rows if row["part"] == "train"})


def _word_counts(parts: dict[str, Examples], pronunciations: dict[str, tuple[str, ...]]) -> dict[str, dict[str, int]]:
    """By part, words said, and those of them that the dictionary lacks."""
    counts: dict[str, dict[str, int]] = {}
    for part, examples in parts.items():
        said, unknown = count_words(examples.words, pronunciations)
        counts[part] = {"said": said, "without_pronunciation": unknown.total()}
    return counts


def _write_hypotheses(job: TeacherJob, record: TeacherRecord, test: Examples, last: list[list[int]]) -> None:
    """Parquet: epoch, beam, utterance, tokens; of the last epoch also with the spec's beam, where that is not 1."""
    beam = job.spec["parameters"]["beam"]
    passes = [(row["epoch"], 1, record.hypotheses(row["epoch"])) for row in record.history]
    passes += [(len(record.history), beam, last)] if beam > 1 else []
    rows = [
        {"epoch": epoch, "beam": width, "utterance": utterance, "tokens": [TOKENS[place] for place in places]}
        for epoch, width, outputs in passes
        for utterance, places in zip(test.utterances, outputs, strict=True)
    ]
    with atomic_path(job.folder / "hypotheses.parquet") as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), temporary, compression="zstd")
