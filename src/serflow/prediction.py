"""A trained run applied to a recording: the features that it was trained on, its probabilities, its attention."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import ConfigDict, Field

from serflow import corpora
from serflow.config import read_yaml
from serflow.corpora.classes import class_names
from serflow.errors import UserError, remade
from serflow.examples import Examples
from serflow.features.extract import Extractor, build
from serflow.features.store import PackedFrames
from serflow.files import read_json
from serflow.inspection.attention import attention_over_time, has_attention
from serflow.learners.parts.loading import kept_epochs, load_learner, read_epochs
from serflow.lexical.words import words_of
from serflow.plan.parameters import DERIVED, PARAMETERS, feature_sets
from serflow.provenance.encoders import network_folder
from serflow.provenance.run_record import check_written, read_record
from serflow.recordings import SAMPLE_RATE, Channels, Recording, read_recording
from serflow.shipped import declared
from serflow.validation import Count, Id, Index, Name, Strict, Text, validate

__all__ = ["Prediction", "Trained", "open_run"]

NAME = "recording"  # what an utterance is called that has no name but its file's
EXAMPLE = "results/demo/demo/xu2020/improvised/acnn/random10/fold1/seed1"


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a run says of one recording.

    Attributes
    ----------
    recording : as the features were made of it.
    probabilities : float32 (C,), in the order of the run's classes.
    examples : the recording as a learner's input; its `store` is None for a system without features.
    """

    recording: Recording
    probabilities: np.ndarray
    examples: Examples


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished run, ready to predict.

    Attributes
    ----------
    folder, record : where it lies, and its run.json.
    learner, epoch, chosen : with the weights of this epoch, and how that was chosen.
    extractor : what makes its features; None where it has none.
    corpus : what its corpus's YAML declares; None where that is not found.
    """

    folder: Path
    record: dict[str, Any]
    learner: Any
    epoch: int
    chosen: str
    extractor: Extractor | None
    corpus: dict[str, Any] | None

    @property
    def classes(self) -> list[str]:
        """Class names in the order of the probabilities."""
        return self.record["spec"]["classes"]

    @property
    def described(self) -> str:
        """The run in a line."""
        run = self.record["run"]
        return (
            f"{run['system']} of {run['paper']}/{run['experiment']}, trained on {run['corpus']}, split {run['split']}, "
            f"fold {run['fold']}, seed {run['seed']}; weights of epoch {self.epoch} ({self.chosen})"
        )

    @property
    def channels(self) -> Channels:
        """How several channels become one: as the run's corpus says, or else by their mean."""
        declared = self.corpus["convert"] if self.corpus else None
        return declared["channels"] if declared else "mean"

    @property
    def attends(self) -> bool:
        """Whether there is an attention map to draw."""
        return has_attention(self.learner)

    @property
    def reads(self) -> bool:
        """Whether the run wants to be told what is said."""
        return "text" in self.record["spec"]["parameters"]

    def predict(self, path: str | Path, *, text: str | None = None) -> Prediction:
        """Read a recording, extract its features and predict; `text` is what is said, for a run that reads it.

        Raises
        ------
        UserError
            If the file is no usable speech, or too short for this system; the message names it.
        """
        recording = read_recording(path, channels=self.channels)
        with _told(f"{recording.path}: {self.folder} cannot predict it"):
            examples = self._examples(recording, text)
            names, probabilities = self.learner.predict(examples)
        if not names:
            shortest = self.record["spec"]["parameters"]["segments"]["seconds"]
            raise UserError(
                f"{recording.path}: {recording.seconds:.2f} s long; this system leaves out what is shorter than a "
                f"segment of {shortest} s (short_test: drop): give a longer recording, or take another system"
            )
        return Prediction(recording, probabilities[0], examples)

    def attention(self, prediction: Prediction) -> np.ndarray:
        """Attention (T, F') at the rate of the features' frames; see `attention_over_time`."""
        with _told(f"{prediction.recording.path}: {self.folder} cannot say what it attends to"):
            return attention_over_time(self.learner, prediction.examples)

    def _examples(self, recording: Recording, text: str | None) -> Examples:
        if self.reads != (text is not None):
            wanted = "reads what is said" if self.reads else "reads no text"
            raise UserError(f"{recording.path}: this system {wanted}; give --text for each file, or for none")
        store = _store(recording, self.extractor) if self.extractor else None
        words = [words_of(text)] if self.reads else None
        durations = np.array([recording.seconds])
        return Examples(utterances=[NAME], labels=None, store=store, durations=durations, words=words)


class _Key(Strict):
    """Which run it is; whatever else is said of it."""

    model_config = ConfigDict(extra="allow")

    corpus: Name
    paper: Name
    experiment: Id
    system: Text
    split: Text
    fold: Count
    seed: Index


class _Spec(Strict):
    """What prediction takes of a run's spec; learner and features check their own."""

    model_config = ConfigDict(extra="allow")

    learner: Text
    classes: Annotated[list[str], Field(min_length=2)]
    parameters: dict[str, Any]
    feature_spec: dict[str, Any] | None


class _Run(Strict):
    model_config = ConfigDict(extra="allow")

    run: _Key
    spec: _Spec


def open_run(folder: str | Path, *, epoch: str | None = None, device: str = "cpu") -> Trained:
    """Load the weights of a finished run.

    Parameters
    ----------
    folder : holds run.json and model/.
    epoch : "last"; "best" on validation; the name of a fold that the run judges ("speaker/fold2"): the best on its
        validation part; or None: the best where there is one such epoch, else the last.
    device : "auto", "cpu", "cuda" or "cuda:1".

    Raises
    ------
    UserError
        If it is no finished run or of another format, keeps no weights or none of that epoch, or holds others than
        it wrote.
    """
    folder = Path(folder)
    device = _usable(device)
    if not (folder / "run.json").is_file():
        raise UserError(f"{folder}: no run.json in it; expected the folder of a finished run, as {EXAMPLE}")
    record = read_record(folder)
    validate(record, _Run, where=f"{folder / 'run.json'}: {remade(folder)}")
    check_written(folder, record, under="model")
    kept = kept_epochs(folder)
    if not kept:
        raise UserError(
            f"{folder}: this run kept no weights (points of a sweep keep none, nor may other seeds than "
            "the first, by keep_weights in config.yaml); take a named system's run of the first seed"
        )
    fold = _chosen_by(folder, record, epoch)
    place = network_folder(folder / "run.json", "best", fold) if fold else folder / "model/last"
    by = f"best on validation of {fold}" if fold else "the last"
    spec = record["spec"]["feature_spec"]
    extractor = _extractor(folder, spec) if spec else None
    if extractor and extractor.sample_rate != SAMPLE_RATE:
        found = f"its features are of {extractor.sample_rate} Hz; expected {SAMPLE_RATE}"
        raise UserError(f"{folder}: {found}: no recording is converted to that rate; train it on other features")
    _check_sizes(folder, place, record["spec"])
    learner = load_learner(place, device=device)
    return Trained(folder, record, learner, kept[place.name], by, extractor, _declared(folder, record["run"]["corpus"]))


def _chosen_by(folder: Path, record: dict[str, Any], epoch: str | None) -> str | None:
    """The fold whose validation chooses the epoch; None for the last epoch."""
    best = read_epochs(folder)["best"]
    if epoch == "last" or (epoch is None and len(set(best.values())) != 1):
        return None
    if epoch in (None, "best") and len(set(best.values())) == 1:
        return next(iter(best))
    if epoch in best:
        return epoch
    if not best:
        raise UserError(
            f"{folder}: --epoch {epoch}: split {record['run']['split']!r} has no validation part, so that no epoch is "
            "best on it; take --epoch last, or a run of a protocol that validates"
        )
    found = ", ".join(f"{fold} (epoch {number})" for fold, number in best.items())
    raise UserError(f"{folder}: --epoch {epoch}: expected last, or one of the folds that this run judges: {found}")


def names_in_corpus(trained: Trained) -> dict[str, str]:
    """Class -> what the run's corpus calls it, of those that are called otherwise than in the paper.

    Empty where the YAML files of corpus and paper are not here.
    """
    run = trained.record["run"]
    paper = declared("papers", root=_declared_at(trained.folder)).get(run["paper"])
    if trained.corpus is None or paper is None:
        return {}
    classes = read_yaml(paper)["experiments"].get(run["experiment"], {}).get("classes", {})
    names = class_names(classes, trained.corpus["missing_labels"])
    return {name: own for name, own in names.items() if own != name and name in trained.classes}


def _declared_at(folder: Path) -> Path:
    """The folder whose YAML declares a run's corpus and paper: the one that holds the run, else this one."""
    return next((root for root in folder.resolve().parents if (root / "workflow").is_dir()), Path.cwd())


def _declared(folder: Path, corpus: str) -> dict[str, Any] | None:
    """What the YAML of a run's corpus declares; None where there is none."""
    root = _declared_at(folder)
    return corpora.load(corpus, root=root) if corpus in declared("corpora", root=root) else None


def _usable(device: str) -> str:
    """`device`, where it is one and this machine has it."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise UserError(f"--device {device!r}: expected auto, cpu, cuda, or cuda:1 for the second GPU")
    if device.startswith("cuda"):
        there = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if int(device.partition(":")[2] or 0) >= there:
            raise UserError(f"--device {device}: usable CUDA devices here: {there}; take auto or cpu")
    return device


def _check_sizes(folder: Path, place: Path, spec: dict[str, Any]) -> None:
    """Refuse parameters that no plan would accept, before a network of absurd size is made of them."""
    described = read_json(place / "model.json")
    if not isinstance(described, dict) or described.get("spec") != spec:
        raise UserError(f"{place / 'model.json'}: its spec is not that of run.json; {remade(folder)}")
    parameters, model = spec["parameters"], spec["parameters"].get("model")
    if isinstance(model, dict) and model.get("name") == DERIVED:  # made of words and, perhaps, a system's own network
        if model.get("acoustic") is None:
            return
        parameters = parameters | {"model": model["acoustic"]}
    if spec["learner"] in PARAMETERS:  # else it has no module, which its loading says
        validate(
            parameters, PARAMETERS[spec["learner"]], where=f"{folder / 'run.json'}: {remade(folder)}: spec.parameters"
        )


def _extractor(folder: Path, spec: dict[str, Any]) -> Extractor:
    """What makes the features that a run was trained on; a `UserError` where run.json says what is none."""
    where = f"{folder / 'run.json'}: {remade(folder)}: spec"
    validate({"feature_spec": spec}, feature_sets(), where=where)
    with _told(f"{where}: feature_spec: these features cannot be made"):
        return build(spec)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Any exception as a `UserError`: a run of somebody else's may hold what no run of serflow's does."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        said = str(error).strip().splitlines()
        raise UserError(f"{what} ({type(error).__name__}{f': {said[0]}' if said else ''})") from error


def _store(recording: Recording, extractor: Extractor) -> PackedFrames:
    """Features of one recording as a store in memory."""
    frames = extractor(recording.samples)
    if not np.isfinite(frames).all():
        raise UserError(
            f"{recording.path}: {recording.seconds:.2f} s long; its features are not finite: expected a longer "
            "recording of speech, at least half a second"
        )
    return PackedFrames.of({NAME: frames}, hop_seconds=extractor.hop_seconds)
