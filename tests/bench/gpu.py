"""Steps a second on a GPU, how busy it is, how often it is waited for, and the hours of a preset: `make bench-gpu`."""

import argparse
import shutil
import subprocess
import sys
import warnings

import torch
from tabulate import tabulate

from serflow.cli import run
from serflow.forecast.estimate import Estimates
from serflow.forecast.measure import Measured, measure
from serflow.forecast.measuring import settings_of, timed
from serflow.forecast.summary import Total
from serflow.plan.configuration import changed_configuration
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow
from serflow.training.gradient import GradientLearner

__all__ = ["main"]


class Busy:
    """Share of the time that the GPU has something to do, in percent, as nvidia-smi samples it five times a second."""

    QUERY = ["nvidia-smi", "--id=0", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "--loop-ms=200"]

    def __enter__(self) -> "Busy":
        self.percent: float | None = None
        self._sampler = None
        if shutil.which(self.QUERY[0]):
            self._sampler = subprocess.Popen(self.QUERY, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._sampler:
            self._sampler.terminate()
            samples = [int(line) for line in self._sampler.communicate()[0].split() if line.isdigit()]
            self.percent = sum(samples) / len(samples) if samples else None


class Waits:
    """How often the last training step made the host wait for the GPU, as PyTorch tells; the first one fills caches."""

    def __enter__(self) -> "Waits":
        self.last: int | None = None
        self._step = step = GradientLearner._step

        def counted(*given: object) -> object:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                torch.cuda.set_sync_debug_mode("warn")
                try:
                    losses = step(*given)
                finally:
                    torch.cuda.set_sync_debug_mode("default")
            self.last = sum("synchronizing" in str(one.message) for one in told)
            return losses

        GradientLearner._step = counted
        return self

    def __exit__(self, *_: object) -> None:
        GradientLearner._step = self._step


def main() -> None:
    """Time every network of a preset, and add up its trainings."""
    parser = argparse.ArgumentParser(prog="make bench-gpu", description=__doc__)
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--corpus", default="iemocap")
    parser.add_argument("--paper", action="append", help="this paper alone; may be given several times")
    given = parser.parse_args()
    if not torch.cuda.is_available():
        print("bench-gpu: skipped: torch sees no CUDA device here; run it on a machine that has one")
        return
    changes = {"preset": given.preset, "corpus": given.corpus} | ({"papers": given.paper} if given.paper else {})
    report, rows = Report(Plan(read_workflow(changed_configuration(changes)))), []

    def watched(spec: dict, device: str) -> Measured:
        if device == "cpu":
            return measure(spec, device=device)
        with Busy() as busy:
            found = measure(spec, device=device)
        with Waits() as waits:  # by itself: it takes time to listen
            measure(spec, device=device)
        name = spec["parameters"].get("model", {}).get("name", spec["learner"])
        percent = "unknown" if busy.percent is None else f"{busy.percent:.0f} %"
        rows.append([name, f"{1 / found.unit:,.1f}", percent, "unknown" if waits.last is None else waits.last])
        return found

    times = timed(settings_of(report).values(), device="cuda", measure=watched)
    total = Total.of(report.trainings, Estimates(report.plan, [], device="cuda", kept=times))
    print(f"{torch.cuda.get_device_name(0)}, torch {torch.__version__}, one training at a time")
    columns = ["network", "steps a second", "GPU busy", "waits a step"]
    print(tabulate(rows, columns, colalign=["left", *["right"] * 3], disable_numparse=True))
    at_least = "at least " if total.unknown else ""
    what = f"{total.runs:,} trainings of preset {given.preset} on {given.corpus}"
    print(f"{what}: {at_least}{total.seconds / 3600:,.1f} hours")
    if total.unknown:
        print(f"not measured: {total.unknown:,} trainings, for want of a size of the corpus")


if __name__ == "__main__":
    sys.exit(run(main))
