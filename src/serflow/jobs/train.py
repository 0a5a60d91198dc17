"""One training job: a system on one fold, with each of its seeds, from the fold table to predictions and networks."""

from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from serflow.errors import MAKE, UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import atomic_path, read_json, write_json
from serflow.jobs.checkpoint import Checkpoint, Resumable
from serflow.jobs.record import Judged, TrainingRecord, described_training
from serflow.jobs.session import TrainingSession, digest_beside
from serflow.jobs.subset import nested_subset
from serflow.jobs.training_sample import training_sample
from serflow.jobs.transcripts import words_of_part
from serflow.learners.parts.loading import load_learner
from serflow.lexical.word_files import read_transcripts, read_vectors
from serflow.parquet import fold_rows
from serflow.provenance.closure import closure_digest
from serflow.provenance.encoders import encoder_digest, intact_network
from serflow.provenance.run_record import described_run
from serflow.registry import LEARNERS
from serflow.split_kinds import VALIDATES, fold_name
from serflow.training.malloc import keep_freed_memory
from serflow.workers import workers

__all__ = ["Data", "Job", "run_job", "run_jobs"]


@dataclass(frozen=True)
class Data:
    """What all seeds of a job share, each read once.

    Attributes
    ----------
    spec
        The resolved spec (`serflow.plan.systems.Systems.spec`).
    modules
        The modules that the spec picks by name; with this one they decide the code's digest.
    split, fold, store
        The fold table, with its fingerprint beside it, and the fold of it; the feature store (None: a system without
        features).
    fingerprint
        Digest of the view's features, a JSON file (None without features).
    transcripts, vectors
        The view's words and the corpus's word vectors, Parquet files with their digests beside them (None: a system
        that reads no text; one that trains its own vectors).
    maps
        Store of the attention maps that are learned (None: of none).
    """

    spec: dict[str, Any]
    modules: list[str]
    split: Path
    fold: int
    store: Path | None
    fingerprint: Path | None
    transcripts: Path | None = None
    vectors: Path | None = None
    maps: Path | None = None

    @cached_property
    def inputs(self) -> dict[str, str | None]:
        """Digests of all this, as run.json keeps them."""
        return {
            "split": digest_beside(self.split),
            "features": read_json(self.fingerprint)["digest"] if self.fingerprint else None,
            "transcripts": digest_beside(self.transcripts),
            "vectors": digest_beside(self.vectors),
            "maps": read_json(self.maps / "store.json")["digest"] if self.maps else None,
            "code": closure_digest("serflow.cli.train", *self.modules),
        }

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of the fold."""
        rows = fold_rows(self.split, fold=self.fold)
        if not rows:
            raise UserError(
                f"{self.split}: no fold {self.fold}; expected a fold of this split, see workflow/protocols.yaml"
            )
        return rows

    @cached_property
    def features(self) -> Store | None:
        """The feature store."""
        return Store.open(self.store) if self.store else None

    @cached_property
    def said(self) -> dict[str, list[str]] | None:
        """The words of each utterance."""
        return read_transcripts(self.transcripts) if self.transcripts else None

    @cached_property
    def given_vectors(self) -> Any:
        """Word vectors that come from a file."""
        return read_vectors(self.vectors) if self.vectors else None

    @cached_property
    def learned_maps(self) -> Store | None:
        """The maps, of a teacher that knows none of those who are predicted."""
        if not self.maps:
            return None
        maps = Store.open(self.maps)
        scored = {row["speaker"] for row in self.rows if row["part"] != "train"}
        if known := sorted(scored & set(maps.spec["train_speakers"])):
            raise UserError(
                f"{self.maps}: this teacher was trained on {', '.join(known)}, whom fold {self.fold} of {self.split} "
                f"validates or tests; expected one that was trained on none of them: {MAKE}"
            )
        return maps


@dataclass(frozen=True)
class Job:
    """One seed's part of a training job.

    Attributes
    ----------
    run
        The run key: corpus, preset, paper, experiment, system, split, fold, seed.
    data
        What is trained, and on what.
    encoder
        run.json of the training whose network this one starts from (None: of none).
    folder, checkpoints
        Where the run's files go, and where all runs keep their checkpoints.
    device
        "auto", "cpu", "cuda" or "cuda:1"; classical systems run on the CPU.
    keeps_weights
        Whether the networks stay, where the spec keeps any (`serflow.plan.runs.Plan.keeps_weights`).
    """

    run: dict[str, Any]
    data: Data
    folder: Path
    checkpoints: Path
    device: str
    encoder: Path | None = None
    keeps_weights: bool = True

    @property
    def spec(self) -> dict[str, Any]:
        """The resolved spec."""
        return self.data.spec


def run_jobs(jobs: list[Job], *, at_once: int, output: Path) -> None:
    """Run the seeds of a job, `at_once` of them side by side, each in a process of its own, or in this one if 1.

    Nothing in a result depends on it. Where a seed fails, the others are finished first. At the end `output` says what
    each seed is: by seed, the run's digest, those of its files, and the versions of libraries.
    """
    at_once = min(at_once, len(jobs))
    if at_once == 1:
        failures = [_failure(job) for job in jobs]
    else:
        failures = _side_by_side(jobs, at_once)
    if faults := [failure for failure in failures if failure and not isinstance(failure, UserError)]:
        raise faults[0]
    if said := dict.fromkeys(str(failure) for failure in failures if failure):  # what several seeds say, once
        raise UserError("\n".join(said))
    records = {job.run["seed"]: read_json(job.folder / "run.json") for job in jobs}
    write_json(output, {seed: described_run(run) for seed, run in records.items()})


def _side_by_side(jobs: list[Job], at_once: int) -> list[Exception | None]:
    """Run jobs in processes of their own; why each failed, None where it did not."""
    context = get_context("forkserver")  # a child of this process could not use CUDA, nor be sure of its threads
    context.set_forkserver_preload([__name__, *jobs[0].data.modules])
    try:
        with workers(at_once, keep_freed_memory, context=context) as pool:
            tasks = [pool.submit(_failure, job) for job in jobs]
            return [pool.result(task) for task in tasks]
    except BrokenProcessPool as error:
        raise UserError(
            f"{jobs[0].folder.parent}: a process that trains a seed died (killed for want of memory?); {MAKE} "
            "--set-threads train=1: seeds go on from their last epochs, one at a time"
        ) from error


def _failure(job: Job) -> Exception | None:
    """Run a job; why it failed, None where it did not."""
    try:
        run_job(job)
    except Exception as error:  # of whatever kind: it is raised when the other seeds are done
        return error
    return None


def run_job(job: Job) -> None:
    """Train, predict every epoch, write predictions.parquet, history.csv, model/ and, last, run.json.

    Nothing is done where an earlier job has finished this run.
    """
    started = monotonic()
    data, keeps = job.data, job.spec["keep_weights"] and job.keeps_weights
    weights = job.spec["encoder"]["weights"] if job.encoder else None
    fold = fold_name(job.run["split"], job.run["fold"])
    inputs = data.inputs | {"encoder": encoder_digest(job.encoder, weights, fold) if job.encoder else None}
    learner = _learner(job, intact_network(job.encoder, weights, fold) if job.encoder else None)
    session = TrainingSession(job, inputs=inputs, device=str(getattr(learner, "device", "cpu")), started=started)
    with session.alone():
        if not session.finished(keeps_weights=keeps):
            _train(job, session, learner, keeps=keeps)


def _train(job: Job, session: TrainingSession, learner: Any, *, keeps: bool) -> None:
    """What `run_job` does of a run that is not finished; `keeps` whether the networks stay."""
    spec, parts = job.spec, _parts(job)
    truth = {
        part: {name: label for x in blocks for name, label in zip(x.utterances, x.labels.tolist(), strict=True)}
        for part, blocks in parts.items()
    }
    record = TrainingRecord(classes=spec["classes"], truth=truth, judged=_judged(job))
    (train,) = parts["train"]
    predicted = {part: [_without_labels(x) for x in blocks] for part, blocks in parts.items() if part != "train"}
    for row in session.epochs(learner, record, train):
        if "train" not in predicted:  # what a learner trains on it knows once it has trained
            predicted["train"] = [_sample(learner, train, seed=job.run["seed"])]
        best = record.add(row, {part: _predictions(learner, blocks) for part, blocks in predicted.items()})
        if best and keeps:
            session.checkpoint.save_model(learner, row["epoch"])
        if isinstance(learner, Resumable):
            session.checkpoint.save(learner, record)
        session.checkpoint.forget_models(but=record.best.values())
    _write_models(job, learner, session.checkpoint, record, keeps=keeps)
    record.write_history(job.folder / "history.csv")
    record.write_predictions(job.folder / "predictions.parquet")
    scored = {part: len(names) for part, names in record.scored.items()}
    scored["train_sample"] = scored.pop("train")
    session.finish(
        "predictions.parquet",
        "history.csv",
        counts=getattr(learner, "counts", {}) | scored | _word_counts(learner, parts),
        best_epochs=record.best,
        epochs=len(record.history),
        training=described_training(record.history),
    )


def _parts(job: Job) -> dict[str, list[Examples]]:
    """Train, validation (where the split has one) and test of the fold, each in the blocks that are predicted at once.

    That is all of a part, but of a session that is left out for several splits to judge, each speaker by itself.
    """
    parts = {}
    for part in ("train", "validation", "test"):
        rows = [row for row in job.data.rows if row["part"] == part]
        if part == "train" and (most := job.spec["parameters"].get("train_per_class")):
            names, labels = ([row[column] for row in rows] for column in ("utterance", "class"))
            rows = [rows[i] for i in nested_subset(names, labels, most=most, seed=job.run["seed"])]
        if rows and part == "test" and VALIDATES in rows[0]:
            speakers = sorted({row["speaker"] for row in rows})
            blocks = [[row for row in rows if row["speaker"] == speaker] for speaker in speakers]
        else:
            blocks = [rows] if rows else []
        if blocks:
            parts[part] = [_examples(job, block, part) for block in blocks]
    return parts


def _examples(job: Job, rows: list[dict[str, Any]], part: str) -> Examples:
    """Some utterances of a part, with their words where the system reads them."""
    said, names = job.data.said, [row["utterance"] for row in rows]
    words = said and words_of_part(said, names, spec=job.spec, run=job.run, part=part)
    return Examples.of(rows, store=job.data.features, classes=job.spec["classes"], words=words)


def _judged(job: Job) -> dict[str, Judged]:
    """The folds whose validation chooses an epoch of this training: its own, or those of the splits that it judges."""
    rows = [row for row in job.data.rows if row["part"] != "train"]
    if VALIDATES not in rows[0]:
        own = fold_name(job.run["split"], job.run["fold"])
        return {own: Judged("validation_ua", "validation", None)}
    names: dict[str, set[str]] = {}
    for row in rows:
        for fold in row[VALIDATES].split():
            names.setdefault(fold, set()).add(row["utterance"])
    return {fold: Judged(f"{fold} validation_ua", "test", frozenset(names[fold])) for fold in sorted(names)}


def _without_labels(examples: Examples) -> Examples:
    return examples.unlabelled(range(len(examples)))


def _predictions(learner: Any, blocks: list[Examples]) -> tuple[list[str], np.ndarray]:
    """What a learner predicts of a part, block by block."""
    found = [learner.predict(block) for block in blocks]
    return [name for names, _ in found for name in names], np.concatenate([block for _, block in found])


def _sample(learner: Any, train: Examples, *, seed: int) -> Examples:
    """Some of the utterances that the learner trained on."""
    trained_on = getattr(learner, "trained_on", None)
    places = np.arange(len(train)) if trained_on is None else trained_on
    return train.unlabelled(places[training_sample(train.labels[places].tolist(), seed=seed)])


def _word_counts(learner: Any, parts: dict[str, list[Examples]]) -> dict[str, dict]:
    """By part, words said and words without a vector, where the learner reads text."""
    text = getattr(learner, "text", None)
    if not text:
        return {}
    counts = {part: [text.counts(block) for block in blocks] for part, blocks in parts.items()}
    return {"text": {part: {key: sum(one[key] for one in found) for key in found[0]} for part, found in counts.items()}}


def _learner(job: Job, encoder: Path | None) -> Any:
    """The learner, not trained yet; `encoder` is the folder of the network that it starts from."""
    given: dict[str, Any] = {}
    if job.data.vectors and not encoder:  # an encoder has its own
        given["vectors"] = job.data.given_vectors
    if encoder:
        given["encoder"] = load_learner(encoder, device=job.device)
    if job.data.maps:
        given["maps"] = job.data.learned_maps
    return LEARNERS.load(job.spec["learner"])(
        spec=job.spec, classes=job.spec["classes"], device=job.device, seed=job.run["seed"], **given
    )


def _write_models(job: Job, learner: Any, checkpoint: Checkpoint, record: TrainingRecord, *, keeps: bool) -> None:
    """model/last and, of each other epoch that some fold's validation chose, model/epochN, where they are kept."""
    with atomic_path(job.folder / "model") as temporary:
        temporary.mkdir()
        last = len(record.history)
        write_json(temporary / "epochs.json", {"last": last, "best": record.best, "kept": keeps})
        if keeps:
            learner.save(temporary / "last")
            for epoch in sorted(set(record.best.values()) - {last}):  # copied: should the job be killed now, they stay
                checkpoint.copy_model(epoch, temporary / f"epoch{epoch}")
