"""Times the systems of a plan that nothing tells of, the dearest first, within limits, and keeps what it measured."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serflow.forecast.estimate import Estimates, kind_of
from serflow.forecast.measure import Limits, Measured, measure
from serflow.forecast.times import Times, machine, step_digest
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["Setting", "Told", "measure_settings", "settings_of", "timed", "told_text", "unmeasured"]


@dataclass(frozen=True)
class Setting:
    """What is timed once: a resolved spec, and the runs that take as long by the step.

    `name`: one of the systems that have it, as "paper experiment system preset".
    """

    spec: dict[str, Any]
    name: str
    runs: list[RunKey]


def settings_of(report: Report, runs: Iterable[RunKey] | None = None) -> dict[str, Setting]:
    """By `step_digest`, what the runs of a plan, or all of them, would have to be timed for."""
    found: dict[str, Setting] = {}
    for run in report.trainings if runs is None else runs:
        spec = report.plan.spec(run)
        name = f"{run.paper} {run.experiment} {run.system} {run.preset}"
        found.setdefault(step_digest(spec), Setting(spec, name, [])).runs.append(run)
    return found


def unmeasured(report: Report, estimates: Estimates, done: set[RunKey]) -> list[Setting]:
    """What neither a finished run nor an earlier measurement tells, of runs that are left: the dearest first.

    What nothing tells goes before all others: it may be the dearest.
    """
    left = [run for run in report.trainings if run not in done]
    settings = settings_of(report, [run for run in left if estimates.of(run).basis not in ("A", "B", "C")])

    def seconds(setting: Setting) -> float:
        known = [estimates.of(run).seconds for run in setting.runs]
        return float("inf") if None in known else sum(known)

    return sorted(settings.values(), key=seconds, reverse=True)


def timed(settings: Iterable[Setting], *, device: str, measure: Callable[[dict, str], Measured] = measure) -> Times:
    """Times of settings on this machine, without limits or keeping; networks on a kind of device."""
    times = Times(machine())
    for setting in settings:
        kind = kind_of(setting.spec, device)
        times.add(setting.spec, kind, measure(setting.spec, kind), of=setting.name)
    return times


@dataclass(frozen=True)
class Told:
    """One system that was timed, for whoever shows it as it comes: which, of how many, and what was found."""

    number: int
    of: int
    setting: Setting
    measured: Measured


def measure_settings(
    settings: list[Setting],
    kept: Times,
    path: Path,
    *,
    device: str,
    minutes: float,
    limits: Limits,
    tell: Callable[[Told], None],
    begin: Callable[[Setting], None] = lambda setting: None,
) -> int:
    """Time settings until the minutes are over, and keep each in `path` as it comes; how many were timed.

    `begin` hears of each before it is timed, `tell` what was found.
    One that is under way when the minutes are over is finished. Ctrl-C ends it, too: what was kept stays.
    """
    end, number = time.monotonic() + 60 * minutes, 0
    try:
        for number, setting in enumerate(settings):
            if time.monotonic() >= end:
                return number
            begin(setting)
            kind = kind_of(setting.spec, device)
            measured = measure(setting.spec, kind, limits)
            kept.add(setting.spec, kind, measured, of=setting.name)
            kept.save(path)
            tell(Told(number + 1, len(settings), setting, measured))
    except KeyboardInterrupt:
        return number
    return len(settings)


def told_text(told: Told, estimates: Estimates) -> str:
    """A line on what was timed: seconds a step, hours a training, and what the shipped times say of it."""
    measured, run = told.measured, told.setting.runs[0]
    text = f"{told.number}/{told.of}  {told.setting.name}: "
    if "train" in told.setting.spec["parameters"]:
        text += f"{measured.unit:.3g} s a step"
    seconds = estimates.measured(run, estimates.kept)
    if seconds is None:
        return f"{text.rstrip(': ')}; the corpus's size is not known yet"
    text += (
        f", {seconds / 3600:.2g} hours a training" if text[-2:] != ": " else f"{seconds / 3600:.2g} hours a training"
    )
    if estimates.shipped and (foretold := estimates.measured(run, estimates.shipped)) is not None:
        text += f"; shipped times foretold {foretold / 3600:.2g} ({100 * (foretold / seconds - 1):+.0f} %)"
    if measured.at_once < 1:
        text += f"; an upper bound, since {100 * measured.at_once:.0f} % of the frames of a job fitted into the memory"
    return text
