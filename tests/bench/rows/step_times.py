"""Optimiser steps of every system of the papers' presets, on random data as long as IEMOCAP's turns: the seconds that
come with serflow, from which `serflow plan` foretells hours before anything has run (`forecast/step_times.json`). A
batch that takes long is timed in part and scaled by its padded frames; the file says of each system how much of it was
timed. A probe is taken before and after each system; where it took longer than the least it took of all, the machine
was busy, and the system's seconds are divided by as much. A quarter of an hour of one core, 8 GB: run by `make bench
BENCH=step_times` alone, and once. What the file holds already of this machine and these libraries stays, so that a run
that was stopped goes on: delete the file to have all measured anew.
"""

from dataclasses import replace
from math import sqrt
from pathlib import Path
from time import process_time

from bench.measure import Row
from bench.runner import Bench
from serflow.forecast.measure import Limits, Measured, measure
from serflow.forecast.measuring import Setting, settings_of
from serflow.forecast.probe import probe, slowdown
from serflow.forecast.times import SHIPPED, Times, machine
from serflow.plan.configuration import changed_configuration
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.workflow import read_workflow

ONLY_BY_NAME = True
PRESETS = {  # papers that have them; None: all
    "paper": None,
    "demo": None,
    "nine": ["huang2016"],
    "eighth": ["li2019icassp", "li2019ijcai"],
}
LIMITS = Limits(seconds=1.5, gigabytes=9)  # at which all networks take as many frames at once as a job
DEVICE = "cpu"
SOON = 4.0  # seconds


def run(bench: Bench) -> list[Row]:
    """Seconds of the probe, and how busy the machine was; the file is written as the systems are timed."""
    path = bench.folder / SHIPPED.name if bench.quick else SHIPPED
    there = Times.read(path) if path.is_file() else Times(machine())
    there = there if there.made == machine() else Times(machine())
    timed: list[tuple[Setting, Measured]] = []
    probes = [probe(DEVICE, repeats=1)]
    missing = [setting for setting in _settings() if there.of(setting.spec, DEVICE) is None]
    for setting in missing[: bench.size(10_000, quick=2)]:
        timed.append((setting, _measured(setting)))
        probes.append(probe(DEVICE, repeats=1))
        _write(path, there, timed, probes)
    free = _least(probes)
    rows = [Row(f"probe: {name}", "s", [one[name] for one in probes], note=f"least {free[name]:.3f}") for name in free]
    return [*rows, Row("probe beside its least", "times", [slowdown(one, free) for one in probes])]


def _measured(setting: Setting) -> Measured:
    """Twice, where that is soon done, of which the faster counts: others can only slow it."""
    before = process_time()
    first = measure(setting.spec, DEVICE, LIMITS)
    if process_time() - before > SOON:
        return first
    return min(first, measure(setting.spec, DEVICE, LIMITS), key=lambda found: found.unit)


def _settings() -> list[Setting]:
    """Of all presets, each once; of each the sweeps last, so that little is missing where the time does not suffice."""
    found: dict[str, Setting] = {}
    for preset, papers in PRESETS.items():
        changes = {"preset": preset, "corpus": "iemocap"} | ({"papers": papers} if papers else {})
        report = Report(Plan(read_workflow(changed_configuration(changes))))
        systems = report.plan.systems
        runs = sorted(report.trainings, key=lambda run: run.system in systems[run.paper].sweep_points)
        for key, setting in settings_of(report, runs).items():
            found.setdefault(key, setting)
    return list(found.values())


def _write(path: Path, there: Times, timed: list[tuple[Setting, Measured]], probes: list[dict[str, float]]) -> None:
    """The times so far, as on a free machine."""
    free = _least([*probes, *there.probes.values()])
    earlier = there.slowed({DEVICE: slowdown(free, there.probes[DEVICE])}).measured if there.measured else {}
    times = Times(there.made, {DEVICE: free}, earlier)
    for (setting, found), before, after in zip(timed, probes[:-1], probes[1:], strict=True):
        busy = sqrt(slowdown(before, free) * slowdown(after, free))
        quiet = replace(found, start=found.start / busy, unit=found.unit / busy, segment=found.segment / busy)
        times.add(setting.spec, DEVICE, quiet, of=setting.name)
    times.save(path)


def _least(probes: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(one[name] for one in probes) for name in probes[0]}
