"""Seconds and bytes of a training that is still to come: from finished ones, or from steps timed here or elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from statistics import mean, median
from typing import Any

from serflow.forecast.parameters import parameters_of, told_of
from serflow.forecast.past_runs import PastRun, settings_digest
from serflow.forecast.sizes import Size, Sizes, steps_of
from serflow.forecast.times import Times
from serflow.plan.runs import Plan
from serflow.plan.systems import RECOGNISER
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import folds_a_session

__all__ = ["BASES", "Cost", "Estimates", "kind_of"]

BASES = {
    "A": "finished runs of the system as it is configured, on this corpus, experiment and split: their median",
    "B": "finished runs of the same settings on another split, corpus or schedule, scaled by optimiser steps "
    "(by training utterances where a system has no steps)",
    "C": "measured on this machine (--measure): a few steps and the scoring of their segments on random data, in "
    "seconds of one processor (of the clock on a GPU)",
    "D": "measured on another machine and shipped with serflow, times what a probe of this one says",
    "E": "rough: finished runs of the system with other settings (another preset), scaled by steps",
    "-": "not measured: nothing tells; --measure times it where the size is known",
}
ROW = 6  # bytes a row of predictions takes beside its probabilities (4 bytes a class), as compressed Parquet
RECORD = 5_000  # bytes of run.json, of history.csv and of the footer of the predictions, together


@dataclass(frozen=True)
class Cost:
    """Of one training; None is unknown.

    Attributes
    ----------
    seconds
        Of the training, the start of its job's process left out.
    start
        Of that process, once for all seeds of a job; 0 where it is not known.
    basis
        A key of `BASES`, for the seconds.
    steps
        Optimiser steps; None also for a system without them.
    bytes, weights
        Of the files that it writes, and of those among them that hold weights.
    size
        What it reads.
    """

    seconds: float | None
    start: float
    basis: str
    steps: float | None
    bytes: float | None
    weights: float | None
    size: Size | None


class Estimates:
    """Costs of a plan's trainings.

    Parameters
    ----------
    plan, runs
        The plan, and all finished runs of any configuration.
    device
        Kind of device, "cpu" or "cuda", of what trains in epochs; the rest runs on the CPU.
    kept, shipped
        What was measured on this machine, and elsewhere, the latter scaled to this one; None: nothing.
    """

    def __init__(
        self,
        plan: Plan,
        runs: list[PastRun],
        *,
        device: str,
        kept: Times | None = None,
        shipped: Times | None = None,
    ):
        self.plan, self.runs, self.device, self.kept, self.shipped = plan, runs, device, kept, shipped
        self.sizes = Sizes(plan.workflow, runs)
        self._cost, self._known = cache(self._new_cost), cache(self._of)
        self._starts = [run.start for run in runs if run.start is not None]

    def of(self, run: RunKey) -> Cost:
        """The cost of a training, equal for all folds; a `UserError` where its network cannot be built."""
        return self._known(run)

    def _of(self, run: RunKey) -> Cost:
        with told_of(self.plan.workflow, run.paper, run.system):
            return self._cost(replace(run, fold=1, seed=1), keeps=self.plan.keeps_weights(run))

    def measured(self, run: RunKey, times: Times) -> float | None:
        """Seconds of a training as `times` tell them; None where they, or the corpus's size, do not."""
        spec, size = self.plan.spec(run), self._size(run)
        found = times.of(spec, kind_of(spec, self.device))
        if found is None or size is None:
            return None
        return found.seconds(
            steps_of(spec, size) or size.train_utterances,
            epochs=spec["parameters"].get("train", {}).get("epochs", 1),
            predicted=size.scored_segments if spec["learner"] == RECOGNISER else size.predicted_segments,
            train_segments=size.train_segments,
        )

    def _size(self, run: RunKey) -> Size | None:
        return self.sizes.of(run.paper, run.experiment, run.split, self.plan.spec(run))

    def _new_cost(self, run: RunKey, *, keeps: bool) -> Cost:
        spec, size = self.plan.spec(run), self._size(run)
        steps = steps_of(spec, size)
        work = steps if "train" in spec["parameters"] else size and size.train_utterances
        key = (self.plan.workflow.config["corpus"], run.paper, run.experiment, run.split)
        same = [past for past in self._alike(spec) if past.spec == spec and _place(past) == key]
        seconds, start, basis = self._seconds(run, work, same)
        weights, beside = self._weights_of(run, same, keeps=keeps), self._beside(spec, size, same)
        written = None if weights is None or beside is None else weights + beside
        return Cost(seconds, start, basis, steps, written, weights, size)

    def _seconds(self, run: RunKey, work: float | None, same: list[PastRun]) -> tuple[float | None, float, str]:
        """Seconds of the training and of its process's start, and their basis."""
        spec, name = self.plan.spec(run), (run.paper, run.system)
        if timed := [past for past in same if past.whole]:
            return median(past.seconds for past in timed), self._start(timed), "A"
        if (scaled := _scaled(alike := self._alike(spec), work)) is not None:
            return scaled, self._start(alike), "B"
        for times, basis in ((self.kept, "C"), (self.shipped, "D")):
            if times and (seconds := self.measured(run, times)) is not None:
                return seconds, times.of(spec, kind_of(spec, self.device)).start, basis
        named = [past for past in self.runs if (past.run.paper, past.run.system) == name]
        named = [past for past in named if past.device == kind_of(spec, self.device)]
        if (scaled := _scaled(named, work)) is not None:
            return scaled, self._start(named), "E"
        return None, 0.0, "-"

    def _start(self, runs: Iterable[PastRun]) -> float:
        """Seconds of a process's start: the median of these runs', else of all, else none."""
        return median([run.start for run in runs if run.start is not None] or self._starts or [0.0])

    def _alike(self, spec: dict[str, Any]) -> list[PastRun]:
        """Finished runs of the same settings on the same kind of device, of whatever name, corpus and split."""
        wanted, device = settings_digest(spec), kind_of(spec, self.device)
        return [run for run in self.runs if run.settings == wanted and run.device == device]

    def _weights_of(self, run: RunKey, same: list[PastRun], *, keeps: bool) -> float | None:
        """Bytes of all copies of a training's weights; None where the model's size is unknown.

        One of the last epoch, and one of each other epoch that some fold's validation chooses: no more than it judges.
        """
        if not keeps:
            return 0.0
        if kept := [past.weights for past in same if past.weights is not None]:
            return mean(kept)
        spec = self.plan.spec(run)
        copies = 1 + min(self._judged(run), spec["parameters"].get("train", {}).get("epochs", 1) - 1)
        if spec["learner"] == RECOGNISER:
            copies = 1
        one = self._model(spec)
        return None if one is None else copies * one

    def _judged(self, run: RunKey) -> int:
        """How many folds have a validation part that chooses an epoch of this training."""
        splits = self.plan.workflow.splits
        split = splits[run.split]
        if split["kind"] == "session":
            return sum(folds_a_session(other) for other in self.plan.workflow.judged(run.split).values())
        return int(split["kind"] != "random" or split["validation"])

    def _beside(self, spec: dict[str, Any], size: Size | None, same: list[PastRun]) -> float | None:
        """Bytes of what a training writes beside weights: predictions of every epoch, and its record."""
        if same:
            return mean(past.bytes - (past.weights or 0) for past in same)
        if size is None:
            return None
        epochs = spec["parameters"].get("train", {}).get("epochs", 1)
        rows = epochs * (size.scored_utterances if spec["learner"] == RECOGNISER else size.predicted_utterances)
        return rows * (ROW + 4 * len(spec["classes"])) + RECORD

    def _model(self, spec: dict[str, Any]) -> float | None:
        """Bytes of one saved model."""
        wanted = settings_digest(spec)
        known = [run.model for run in self.runs if run.model and run.settings == wanted]
        if known:
            return known[0]
        parameters = parameters_of(spec, len(spec["classes"]))
        encoder = spec["encoder"] and self._model(spec["encoder"]["spec"])
        if parameters is not None and (encoder is not None or not spec["encoder"]):
            return 4 * parameters + (encoder or 0)
        found = [times.of(spec, kind_of(spec, self.device)) for times in (self.kept, self.shipped) if times]
        return next((timed.weights for timed in found if timed), None)


def kind_of(spec: dict[str, Any], device: str) -> str:
    """The kind of device that a spec's trainings run on: `device` for what trains in epochs, else the CPU."""
    return device if "train" in spec["parameters"] else "cpu"


def _scaled(runs: list[PastRun], work: float | None) -> float | None:
    """Median of what the runs would take for `work`; None where it is unknown, or none of them was timed whole."""
    whole = [run for run in runs if run.whole and run.work]
    return median(run.seconds * work / run.work for run in whole) if whole and work is not None else None


def _place(run: PastRun) -> tuple[str, str, str, str]:
    return run.run.corpus, run.run.paper, run.run.experiment, run.run.split
