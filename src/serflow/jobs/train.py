"""One training job: a learner on one fold with one seed, from the split table to predictions, model and run.json."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import atomic_path, read_json, write_json
from serflow.jobs.checkpoint import Checkpoint, Resumable
from serflow.jobs.outputs import save_whole
from serflow.jobs.record import TrainingRecord, described_training
from serflow.jobs.session import TrainingSession, digest_beside
from serflow.jobs.subset import nested_subset
from serflow.jobs.training_sample import training_sample
from serflow.jobs.transcripts import words_of_part
from serflow.learners.parts.loading import load_learner
from serflow.lexical.word_files import read_transcripts, read_vectors
from serflow.parquet import fold_rows
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest, encoder_folder
from serflow.registry import LEARNERS

__all__ = ["Job", "run_job"]


@dataclass(frozen=True)
class Job:
    """What a training job is given.

    Attributes
    ----------
    run
        The run key: corpus, preset, paper, experiment, system, split, fold, seed.
    spec
        The resolved spec (`serflow.plan.systems.Systems.spec`).
    modules
        The modules that the spec picks by name; with this one they decide the code's digest.
    split, store
        The split table, with its fingerprint beside it; the feature store (None: a system without features).
    fingerprint
        Digest of the view's features, a JSON file (None without features).
    transcripts, vectors
        The view's words and the corpus's word vectors, Parquet files with their digests beside them (None: a system
        that reads no text; one that trains its own vectors).
    encoder
        run.json of the run whose trained network this one starts from (None: of none).
    maps
        Store of the attention maps that this run learns (None: of none).
    folder, checkpoints
        Where the run's files go, and where all runs keep their checkpoints.
    device
        "auto", "cpu", "cuda" or "cuda:1"; classical systems run on the CPU.
    """

    run: dict[str, Any]
    spec: dict[str, Any]
    modules: list[str]
    split: Path
    store: Path | None
    fingerprint: Path | None
    folder: Path
    checkpoints: Path
    device: str
    transcripts: Path | None = None
    vectors: Path | None = None
    encoder: Path | None = None
    maps: Path | None = None


def run_job(job: Job) -> None:
    """Train, predict every epoch, write predictions.parquet, history.csv, model/ and, last, run.json."""
    started = monotonic()
    inputs = {
        "split": digest_beside(job.split),
        "features": read_json(job.fingerprint)["digest"] if job.fingerprint else None,
        "transcripts": digest_beside(job.transcripts),
        "vectors": digest_beside(job.vectors),
        "encoder": encoder_digest(job.encoder, job.spec["encoder"]["weights"]) if job.encoder else None,
        "maps": read_json(job.maps / "store.json")["digest"] if job.maps else None,
        "code": closure_digest("serflow.cli.train", *job.modules),
    }
    rows = _fold(job)
    parts, learner = _parts(job, rows), _learner(job, rows)
    session = TrainingSession(job, inputs=inputs, device=str(getattr(learner, "device", "cpu")), started=started)
    if session.restored():
        return
    truth = {part: dict(zip(x.utterances, x.labels.tolist(), strict=True)) for part, x in parts.items()}
    record = TrainingRecord(classes=job.spec["classes"], truth=truth)
    predicted = {part: x.unlabelled(range(len(x))) for part, x in parts.items() if part != "train"}
    for row in session.epochs(learner, record, parts["train"]):
        if "train" not in predicted:  # what a learner trains on it knows once it has trained
            predicted["train"] = _sample(learner, parts["train"], seed=job.run["seed"])
        best = record.add(row, {part: learner.predict(examples) for part, examples in predicted.items()})
        if best and job.spec["keep_weights"]:
            save_whole(learner, session.checkpoint.best)
        if isinstance(learner, Resumable):
            session.checkpoint.save(learner, record)
    _write_models(job, learner, session.checkpoint, record)
    record.write_history(job.folder / "history.csv")
    record.write_predictions(job.folder / "predictions.parquet")
    scored = {part: len(names) for part, names in record.scored.items()}
    scored["train_sample"] = scored.pop("train")
    session.finish(
        "predictions.parquet",
        "history.csv",
        counts=getattr(learner, "counts", {}) | scored | _word_counts(learner, parts),
        best_epoch=record.best_epoch,
        epochs=len(record.history),
        training=described_training(record.history),
    )


def _fold(job: Job) -> list[dict[str, Any]]:
    """Rows of the fold."""
    rows = fold_rows(job.split, fold=job.run["fold"])
    if not rows:
        raise UserError(
            f"{job.split}: no fold {job.run['fold']}; expected a fold of this split, see workflow/protocols.yaml"
        )
    return rows


def _parts(job: Job, fold: list[dict[str, Any]]) -> dict[str, Examples]:
    """Train, validation (where the split has one) and test of the fold."""
    store = Store.open(job.store) if job.store else None
    said = read_transcripts(job.transcripts) if job.transcripts else None
    parts = {}
    for part in ("train", "validation", "test"):
        rows = [row for row in fold if row["part"] == part]
        if part == "train" and (most := job.spec["parameters"].get("train_per_class")):
            names, labels = ([row[column] for row in rows] for column in ("utterance", "class"))
            rows = [rows[i] for i in nested_subset(names, labels, most=most, seed=job.run["seed"])]
        if rows:
            names = [row["utterance"] for row in rows]
            words = said and words_of_part(said, names, spec=job.spec, run=job.run, part=part)
            parts[part] = Examples.of(rows, store=store, classes=job.spec["classes"], words=words)
    return parts


def _sample(learner: Any, train: Examples, *, seed: int) -> Examples:
    """Some of the utterances that the learner trained on."""
    trained_on = getattr(learner, "trained_on", None)
    places = np.arange(len(train)) if trained_on is None else trained_on
    return train.unlabelled(places[training_sample(train.labels[places].tolist(), seed=seed)])


def _word_counts(learner: Any, parts: dict[str, Examples]) -> dict[str, dict[str, int]]:
    """By part, words said and words without a vector, where the learner reads text."""
    text = getattr(learner, "text", None)
    return {"text": {part: text.counts(examples) for part, examples in parts.items()}} if text else {}


def _learner(job: Job, fold: list[dict[str, Any]]) -> Any:
    given: dict[str, Any] = {}
    if job.vectors and not job.encoder:  # an encoder has its own
        given["vectors"] = read_vectors(job.vectors)
    if job.encoder:
        given["encoder"] = load_learner(encoder_folder(job.encoder, job.spec["encoder"]["weights"]), device=job.device)
    if job.maps:
        given["maps"] = Store.open(job.maps)
        _check_teacher_speakers(job, fold, set(given["maps"].spec["train_speakers"]))
    return LEARNERS.load(job.spec["learner"])(
        spec=job.spec, classes=job.spec["classes"], device=job.device, seed=job.run["seed"], **given
    )


def _check_teacher_speakers(job: Job, fold: list[dict[str, Any]], train_speakers: set[str]) -> None:
    """Refuse a teacher one of whose `train_speakers` is validated or tested here."""
    scored = {row["speaker"] for row in fold if row["part"] != "train"}
    if known := sorted(scored & train_speakers):
        raise UserError(
            f"{job.maps}: this teacher was trained on {', '.join(known)}, whom fold {job.run['fold']} of "
            f"{job.split} validates or tests; expected one that was trained on none of them: run snakemake again"
        )


def _write_models(job: Job, learner: Any, checkpoint: Checkpoint, record: TrainingRecord) -> None:
    """model/last and, where validation chose another epoch, model/best; sweep points keep no weights."""
    with atomic_path(job.folder / "model") as temporary:
        temporary.mkdir()
        epochs = {"last": len(record.history), "best": record.best_epoch, "kept": job.spec["keep_weights"]}
        write_json(temporary / "epochs.json", epochs)
        if job.spec["keep_weights"]:
            learner.save(temporary / "last")
            if record.best_epoch not in (None, len(record.history)):
                shutil.copytree(checkpoint.best, temporary / "best")  # stays, should the job be killed now
