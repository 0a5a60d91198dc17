"""How much a run reads: utterances and segments of its parts, from what of the corpus is on disk, else from counts."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from serflow.errors import UserError
from serflow.forecast.parameters import extractor
from serflow.forecast.past_runs import PastRun
from serflow.jobs.training_sample import LARGEST
from serflow.paths import CorpusPaths, ViewPaths
from serflow.plan.workflow import Workflow
from serflow.splits import make_split
from serflow.training.schedules import steps_per_epoch
from serflow.training.segments import cut, kept_segments
from serflow.view import make_view

__all__ = ["Size", "Sizes", "count_segments", "steps_of"]

VIEW = ["utterance", "label", "style", "duration", "speaker", "wearer", "session", "sex", "group", "fold", "part"]


@dataclass(frozen=True)
class Size:
    """Means over the folds; "scored" is validation and test together. `source` says where the numbers are from.

    "Predicted" after each epoch is what is scored and the sample of the training part, whose utterances are taken to
    have as many segments as those that are scored.
    """

    train_utterances: float
    train_segments: float
    scored_utterances: float
    scored_segments: float
    source: str

    @property
    def predicted_utterances(self) -> float:
        """Utterances that a run predicts after each epoch; a teacher writes the scored ones alone."""
        return self.scored_utterances + min(LARGEST, self.train_utterances)

    @property
    def predicted_segments(self) -> float:
        """Their segments."""
        return self.scored_segments * self.predicted_utterances / self.scored_utterances


def steps_of(spec: dict[str, Any], size: Size | None) -> float | None:
    """Optimiser steps of a whole run; None for a system without them, or where they need an unknown size."""
    train = spec["parameters"].get("train")
    if train is None or (size is None and not spec["steps"]):
        return None
    batches = 0 if size is None else -(-size.train_segments // train["batch_size"])
    return train["epochs"] * steps_per_epoch(steps=spec["steps"], epochs=train["epochs"], batches=batches)


def count_segments(durations: np.ndarray, spec: dict[str, Any], *, step: str, pad: bool) -> int:
    """Segments of utterances of these durations (s); `step` names the key of the step, `pad`: a short one gives one.

    Frames are taken as 1 + duration / hop, as of analysis windows centred on 0, hop, 2 hop, ...
    """
    segments, hop = spec["parameters"].get("segments"), getattr(extractor(spec), "hop_seconds", None)
    if segments is None or hop is None:
        return len(durations)
    length = 1 + int(segments["seconds"] / hop)
    frames = 1 + np.floor(np.asarray(durations) / hop + 1e-9).astype(int)
    lengths, times = np.unique(frames, return_counts=True)
    counts = [len(cut(int(n), length=length, step=segments[step] / hop)) for n in lengths]
    if keep := segments.get("keep"):
        counts = [kept_segments(count, keep["share"]) for count in counts]
    return int(sum(max(count, pad) * n for count, n in zip(counts, times, strict=True)))


class Sizes:
    """Sizes of the runs of a configuration; files are looked for in the working folder.

    In this order: the fold table, or the one that the manifest will give (exact); a finished run on the same
    experiment and split; the counts published for the corpus, with the mean duration where one is published.
    """

    def __init__(self, workflow: Workflow, runs: list[PastRun]):
        self.workflow, self.runs = workflow, runs
        self.data = CorpusPaths(workflow.config["corpus"])
        self._folds = cache(self._fold_table)
        self._manifest = cache(self._read_manifest)

    def of(self, paper: str, experiment: str, split: str, spec: dict[str, Any]) -> Size | None:
        """Size of a run with a resolved spec; None where nothing tells it."""
        if (table := self._folds(paper, experiment, split)) is not None:
            return _counted(*table, spec)
        return self._of_a_run(paper, experiment, split, spec) or self._published(paper, experiment, split, spec)

    def _read_manifest(self) -> pd.DataFrame:
        """The columns that decide the folds, as far as a manifest has them that an older release of serflow wrote."""
        there = pq.read_schema(self.data.manifest).names
        return pd.read_parquet(self.data.manifest, columns=[name for name in VIEW if name in there])

    def _fold_table(self, paper: str, experiment: str, split: str) -> tuple[pd.DataFrame, str] | None:
        path = Path(ViewPaths(self.data.corpus, paper, experiment).fold_table(split))
        if path.is_file():
            table = pd.read_parquet(path, columns=["fold", "part", "duration"])
            return (table, f"fold tables in {self.data.folder}") if len(table) else None  # empty: it cannot be made
        if not Path(self.data.manifest).is_file():
            return None
        declared = self.workflow.papers[paper]["experiments"][experiment]
        try:
            view = make_view(self._manifest(), declared, self.workflow.corpus)
            table = make_split(view, self.workflow.splits[split])
        except UserError:  # said by the rule that makes it
            return None
        return table, f"{self.data.manifest}, folds made from it"

    def _of_a_run(self, paper: str, experiment: str, split: str, spec: dict[str, Any]) -> Size | None:
        key = (self.workflow.config["corpus"], paper, experiment, split)
        for other in self.runs:
            run, counts = other.run, other.counts
            same = other.spec["parameters"].get("segments") == spec["parameters"].get("segments")
            if key != (run.corpus, run.paper, run.experiment, run.split) or not same:
                continue
            if other.spec["feature_spec"] != spec["feature_spec"]:
                continue
            utterances, scored = counts["train_utterances"], counts.get("validation", 0) + counts["test"]
            segments = counts.get("train_segments", utterances)
            return Size(utterances, segments, scored, scored * _density(spec) * segments / utterances, "a finished run")
        return None

    def _published(self, paper: str, experiment: str, split: str, spec: dict[str, Any]) -> Size | None:
        published, corpus = self.workflow.published, self.workflow.corpus
        view = self.workflow.papers[paper]["experiments"][experiment]
        counts = (published or {}).get("counts", {})
        counted = counts.get("all" if view["style"] == "any" else view["style"])
        if not counted:
            return None
        labels = [label for wanted in view["classes"].values() for label in wanted]
        utterances = sum(counted.get(corpus["missing_labels"].get(label, label), 0) for label in labels)
        total = sum(counts["all"].values()) if "all" in counts else None
        source = f"published counts (workflow/corpora/{corpus['stands_in_for'] or self.workflow.config['corpus']}.yaml)"
        if corpus["generate"]:
            if total is None:
                return None
            utterances *= corpus["generate"]["turns"] / total
            source += f", scaled to {corpus['generate']['turns']} turns"
        density = 1.0
        if spec["parameters"].get("segments") is not None and getattr(extractor(spec), "hop_seconds", None):
            if "durations" not in published:
                return None
            density = _segments_of_the_mean(published["durations"]["mean"], spec)
            source += f", {published['durations']['mean']} s an utterance"
        train, scored = (utterances * share for share in _shares(self.workflow.splits[split]))
        density += _spans(spec)
        return Size(train, train * density, scored, scored * density * _density(spec), source)


def _counted(table: pd.DataFrame, source: str, spec: dict[str, Any]) -> Size:
    folds = table["fold"].nunique()
    training = (table["part"] == "train").to_numpy()
    durations = table["duration"].to_numpy()
    pad = (spec["parameters"].get("segments") or {}).get("short_test") == "pad"
    return Size(
        train_utterances=training.sum() / folds,
        train_segments=(
            count_segments(durations[training], spec, step="train_step", pad=False) + _spans(spec) * training.sum()
        )
        / folds,
        scored_utterances=(~training).sum() / folds,
        scored_segments=count_segments(durations[~training], spec, step="test_step", pad=pad) / folds,
        source=source,
    )


def _spans(spec: dict[str, Any]) -> int:
    """Runs of words that a teacher is given of each utterance, at most."""
    return (spec["parameters"].get("spans") or {}).get("each", 0)


def _density(spec: dict[str, Any]) -> float:
    """How many times as many segments testing cuts as training."""
    segments = spec["parameters"].get("segments")
    return segments["train_step"] / segments["test_step"] if segments else 1.0


def _segments_of_the_mean(seconds: float, spec: dict[str, Any]) -> float:
    """Training segments of an utterance of the mean duration, the last one counted by half."""
    segments = spec["parameters"]["segments"]
    found = max(0.5, (seconds - segments["seconds"]) / segments["train_step"] + 0.5)
    return max(1.0, found * segments["keep"]["share"]) if segments.get("keep") else found


def _shares(split: dict[str, Any]) -> tuple[float, float]:
    """Shares of the utterances that train, and that validate or test, if folds are of one size.

    Of a corpus's own folds they are not known before its table is read: as if three fifths trained in a single one.
    """
    if split["folds"] == 1:
        return 0.6, 0.4
    fold = 1 / split["folds"]
    scored = {"speaker": 2 * fold, "marker": 2 * fold}.get(split["kind"], fold)
    if split["kind"] == "given" or (split["kind"] == "random" and split["validation"]):
        scored = 2 * fold
    return 1 - scored, scored
