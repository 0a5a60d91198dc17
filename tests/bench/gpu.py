"""Steps a second on a GPU, how busy it is, and the hours of a preset: `make bench-gpu`."""

import argparse
import shutil
import subprocess
import sys
from functools import cache

import torch
from tabulate import tabulate

from serflow.cli import run
from serflow.forecast.estimate import Estimates
from serflow.forecast.measure import Measured, measure
from serflow.forecast.past_runs import settings_digest
from serflow.forecast.summary import Total
from serflow.plan.configuration import changed_configuration
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

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
    plan, rows = Plan(read_workflow(changed_configuration(changes))), {}

    @cache
    def timed(key: str) -> Measured:
        spec, device, name = asked[key]
        with Busy() as busy:
            found = measure(spec, device=device)
        if device != "cpu":
            percent = "unknown" if busy.percent is None else f"{busy.percent:.0f} %"
            rows[key] = [name, f"{1 / found.unit:,.1f}", percent]
        return found

    asked: dict[str, tuple] = {}

    def measured(spec: dict, device: str) -> Measured:
        key = settings_digest(spec)
        asked[key] = (spec, device, spec["parameters"].get("model", {}).get("name", spec["learner"]))
        return timed(key)

    total = Total.of(plan.trainings, Estimates(plan, [], device="cuda", measure=measured))
    print(f"{torch.cuda.get_device_name(0)}, torch {torch.__version__}, one training at a time")
    columns = ["network", "steps a second", "GPU busy"]
    print(tabulate(list(rows.values()), columns, colalign=["left", "right", "right"], disable_numparse=True))
    at_least = "at least " if total.unknown else ""
    what = f"{total.runs:,} trainings of preset {given.preset} on {given.corpus}"
    print(f"{what}: {at_least}{total.seconds / 3600:,.1f} hours")
    if total.unknown:
        print(f"not measured: {total.unknown:,} trainings, of systems that start from a trained network")


if __name__ == "__main__":
    sys.exit(run(main))
