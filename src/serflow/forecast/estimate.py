"""Seconds and bytes of a run that is still to come, from finished runs, or from steps timed now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from statistics import mean, median
from typing import Any

from serflow.forecast.measure import Measured
from serflow.forecast.parameters import parameters_of, told_of
from serflow.forecast.past_runs import PastRun, settings_digest
from serflow.forecast.sizes import Size, Sizes, steps_of
from serflow.plan.runs import Plan
from serflow.plan.systems import RECOGNISER
from serflow.provenance.run_key import RunKey

__all__ = ["BASES", "Cost", "Estimates"]

BASES = {
    "A": "finished runs of the system as it is configured, on this corpus, experiment and split: their median",
    "B": "finished runs of the same settings on another split, corpus or schedule, scaled by optimiser steps "
    "(by training utterances where a system has no steps)",
    "C": "measured now: a few steps and the scoring of their segments on random data, in seconds of one processor "
    "(of the clock on a GPU)",
    "D": "rough: finished runs of the system with other settings (another preset), scaled by steps",
    "-": "not measured: no finished run tells; --measure times it where the size is known",
}
ROW = 6  # bytes a row of predictions takes beside its probabilities (4 bytes a class), as compressed Parquet
RECORD = 5_000  # bytes of run.json, of history.csv and of the footer of the predictions, together


@dataclass(frozen=True)
class Cost:
    """Of one run; None is unknown.

    Attributes
    ----------
    seconds
        Of the job, its process's start included where it is known.
    basis
        A key of `BASES`, for the seconds.
    steps
        Optimiser steps; None also for a system without them.
    bytes
        Of the files that it writes.
    size
        What it reads.
    """

    seconds: float | None
    basis: str
    steps: float | None
    bytes: float | None
    size: Size | None


class Estimates:
    """Costs of a plan's runs.

    Parameters
    ----------
    plan, runs
        The plan, and all finished runs of any configuration.
    device
        Kind of device, "cpu" or "cuda", of what trains in epochs; the rest runs on the CPU.
    measure
        Times a resolved spec on a device; None: nothing is timed.
    """

    def __init__(
        self,
        plan: Plan,
        runs: list[PastRun],
        *,
        device: str,
        measure: Callable[[dict[str, Any], str], Measured] | None = None,
    ):
        self.plan, self.runs, self.device, self._measure = plan, runs, device, measure
        self.sizes = Sizes(plan.workflow, runs)
        self._cost, self._timed = cache(self._new_cost), {}
        self._starts = [run.start for run in runs if run.start is not None]

    def of(self, run: RunKey) -> Cost:
        """The cost of a run, equal for all folds and seeds; a `UserError` where its network cannot be built."""
        with told_of(self.plan.workflow, run.paper, run.system):
            return self._cost(replace(run, fold=1, seed=1))

    def _new_cost(self, run: RunKey) -> Cost:
        paper, experiment, system, split = run.paper, run.experiment, run.system, run.split
        spec = self.plan.spec(run)
        size = self.sizes.of(paper, experiment, split, spec)
        steps = steps_of(spec, size)
        work = steps if "train" in spec["parameters"] else size and size.train_utterances
        key = (self.plan.workflow.config["corpus"], paper, experiment, split)
        same = [run for run in self._alike(spec) if run.spec == spec and _place(run) == key]
        seconds, basis = self._seconds(spec, (paper, system), size, work, same)
        written = mean(run.bytes for run in same) if same else self._bytes(spec, split, size)
        return Cost(seconds, basis, steps, written, size)

    def _seconds(
        self, spec: dict[str, Any], name: tuple[str, str], size: Size | None, work: float | None, same: list[PastRun]
    ) -> tuple[float | None, str]:
        if timed := [run.seconds + self._start(run) for run in same if run.whole]:
            return median(timed), "A"
        if work is None:
            return None, "-"
        if (seconds := self._scaled(self._alike(spec), work)) is not None:
            return seconds, "B"
        if self._measure and size and not spec["encoder"]:  # what starts from a trained network needs one
            timed = self._timing(spec)
            epochs = spec["parameters"].get("train", {}).get("epochs", 1)
            predicted = size.scored_segments if spec["learner"] == RECOGNISER else size.predicted_segments
            return timed.start + work * timed.unit + epochs * predicted * timed.segment, "C"
        named = [run for run in self.runs if (run.run.paper, run.run.system) == name]
        seconds = self._scaled([run for run in named if run.device == self._device(spec)], work)
        return (None, "-") if seconds is None else (seconds, "D")

    def _scaled(self, runs: list[PastRun], work: float) -> float | None:
        """Median of what the runs would take for `work`; a process starts but once, whatever the work."""
        whole = [run for run in runs if run.whole and run.work]
        return median(run.seconds * work / run.work + self._start(run) for run in whole) if whole else None

    def _start(self, run: PastRun) -> float:
        """Seconds of a process's start: the run's own, else the median of all, else none."""
        return run.start if run.start is not None else median(self._starts or [0.0])

    def _alike(self, spec: dict[str, Any]) -> list[PastRun]:
        """Finished runs of the same settings on the same kind of device, of whatever name, corpus and split."""
        wanted, device = settings_digest(spec), self._device(spec)
        return [run for run in self.runs if run.settings == wanted and run.device == device]

    def _device(self, spec: dict[str, Any]) -> str:
        return self.device if "train" in spec["parameters"] else "cpu"

    def _timing(self, spec: dict[str, Any]) -> Measured:
        key = settings_digest(spec)
        if key not in self._timed:
            self._timed[key] = self._measure(spec, self._device(spec))
        return self._timed[key]

    def _bytes(self, spec: dict[str, Any], split: str, size: Size | None) -> float | None:
        """Model copies and predictions of every epoch; None where the model's size or the corpus's is unknown."""
        weights = self._weights(spec) if spec["keep_weights"] else 0
        if weights is None or size is None:
            return None
        declared = self.plan.workflow.splits[split]
        validates = declared["kind"] != "random" or declared["validation"]
        epochs = spec["parameters"].get("train", {}).get("epochs", 1)
        validates = validates and spec["learner"] != RECOGNISER
        copies = 2 if validates and epochs > 1 else 1  # of the last epoch, and of the best one on validation
        rows = epochs * (size.scored_utterances if spec["learner"] == RECOGNISER else size.predicted_utterances)
        return copies * weights + rows * (ROW + 4 * len(spec["classes"])) + RECORD

    def _weights(self, spec: dict[str, Any]) -> float | None:
        """Bytes of one saved model."""
        wanted = settings_digest(spec)
        known = [run.weights for run in self.runs if run.weights and run.settings == wanted]
        if known:
            return known[0]
        parameters = parameters_of(spec, len(spec["classes"]))
        if parameters is not None:
            return 4 * parameters
        return self._timing(spec).weights if self._measure and not spec["encoder"] else None


def _place(run: PastRun) -> tuple[str, str, str, str]:
    return run.run.corpus, run.run.paper, run.run.experiment, run.run.split
