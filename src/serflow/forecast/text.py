"""What a configuration would run, and its hours and bytes, as aligned text."""

from collections.abc import Callable

from tabulate import tabulate

from serflow.forecast.estimate import BASES, Cost, Estimates
from serflow.forecast.progress import Progress
from serflow.forecast.summary import SummaryLine, Total, by_protocol, by_system, wall_seconds
from serflow.plan.configuration import UNNAMED
from serflow.plan.report import Report

__all__ = ["forecast_text"]

PROTOCOLS = {"paper": "left", "protocol": "left", "systems": "right", "runs": "right", "done": "right"}
PROTOCOLS |= {"stale": "right", "left": "right", "core-hours left": "right", "disk left": "right"}
SYSTEMS = {"paper": "left", "system": "left", "runs left": "right", "steps a run": "right", "s a run": "right"}
SYSTEMS |= {"core-hours left": "right", "disk a run": "right", "basis": "left"}


def forecast_text(
    report: Report, progress: Progress, estimates: Estimates, *, jobs: dict[str, dict[str, int]], cores: int
) -> str:
    """What would run, by protocol and by system; jobs by rule, a column for each who counted them; hours; a legend."""
    lines = by_protocol(report, progress)
    rows = [_protocol_row(line, estimates) for line in lines]
    if len(lines) > 1:
        runs = [run for line in lines for run in line.runs]
        left = [run for line in lines for run in line.left]
        done, stale = sum(line.done for line in lines), sum(line.stale for line in lines)
        total = SummaryLine("total", "", runs, done, stale, left)
        rows.append(_protocol_row(total, estimates))
        if total.systems != sum(line.systems for line in lines):
            rows[-1][2] += " distinct"
    systems = list(by_system(report, progress, estimates))
    reasons = [f"{line.paper}, {line.name}: {line.reason}" for line in lines if line.reason]
    parts = [_head(report, estimates), "\n".join([_table(rows, PROTOCOLS), *reasons])]
    if systems:
        parts.append(_table([_system_row(*entry, estimates) for entry in systems], SYSTEMS))
    parts += [_jobs(jobs), _sums(report, progress, estimates, cores)]
    parts.append(_legend({basis for _, basis, _ in systems}, progress, estimates, report))
    return "\n\n".join(parts) + "\n"


def _head(report: Report, estimates: Estimates) -> str:
    config = report.workflow.config
    text = f"corpus {config['corpus']}, preset {config['preset']}, networks on {estimates.device}"
    if config["release"] == UNNAMED:
        text += "\nrelease: not named; the plan needs none, but training does: config.yaml, release"
    return text


def _protocol_row(line: SummaryLine, estimates: Estimates) -> list[str]:
    left = Total.of(line.left, estimates)
    numbers = [line.systems, len(line.runs), line.done, line.stale, left.runs]
    return [line.paper, line.name, *(f"{number:,}" for number in numbers), _hours(left), _disk(left)]


def _system_row(line: SummaryLine, basis: str, costs: list[Cost], estimates: Estimates) -> list[str]:
    left = Total.of(line.left, estimates)
    name = f"{left.systems} {line.name}" if line.name == "sweep points" else line.name
    steps, seconds = _span([cost.steps for cost in costs]), _span([cost.seconds for cost in costs])
    disk = _span([cost.bytes for cost in costs], _size)
    return [line.paper, name, f"{left.runs:,}", steps, seconds, _hours(left), disk, basis]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _size(value: float) -> str:
    unit, name = next((u, n) for u, n in ((1e9, "GB"), (1e6, "MB"), (0, "kB")) if value >= u)
    return f"{_number(value / (unit or 1e3))} {name}"


def _span(values: list[float | None], text: Callable[[float], str] = _number) -> str:
    """The value that all share, or the least and the largest."""
    if None in values:
        return "-"
    least, largest = text(min(values)), text(max(values))
    return least if least == largest else f"{least} to {largest}"


def _hours(total: Total) -> str:
    if total.runs and total.unknown == total.runs:
        return "not measured"
    return ("at least " if total.unknown else "") + f"{total.seconds / 3600:,.2f}"


def _disk(total: Total) -> str:
    if total.runs and total.unknown_bytes == total.runs:
        return "unknown"
    return ("at least " if total.unknown_bytes else "") + _size(total.bytes)


def _jobs(jobs: dict[str, dict[str, int]]) -> str:
    """A row a rule; the plan knows no rule that runs once."""
    rules = list(dict.fromkeys(rule for counts in jobs.values() for rule in counts if rule != "total"))
    rows = [[rule, *(f"{counts[rule]:,}" if rule in counts else "-" for counts in jobs.values())] for rule in rules]
    rows.append(["together", *(f"{sum(n for rule, n in c.items() if rule != 'total'):,}" for c in jobs.values())])
    return tabulate(rows, ["jobs by rule", *jobs], colalign=["left", *["right"] * len(jobs)], disable_numparse=True)


def _sums(report: Report, progress: Progress, estimates: Estimates, cores: int) -> str:
    runs = report.trainings
    left = [run for run in runs if run not in progress.done]
    total, everything = Total.of(left, estimates), Total.of(runs, estimates)
    text = f"left: {total.runs:,} of {everything.runs:,} runs"
    if left:
        text += f", {_hours(total)} core-hours"
        if total.unknown < total.runs:
            wall = wall_seconds(left, estimates, cores=cores) / 3600
            text += f", {'at least ' if total.unknown else ''}{wall:,.2f} hours on {cores} cores"
    if total.unknown:
        text += f"\nnot measured: {total.unknown:,} runs"
    return f"{text}\ndisk: {_disk(total)} still to write; all runs together {_disk(everything)}"


def _legend(bases: set[str], progress: Progress, estimates: Estimates, report: Report) -> str:
    lines = [f"basis {basis}  {text}" for basis, text in BASES.items() if basis in bases]
    costs = [estimates.of(run) for run in report.trainings]
    sources = sorted({cost.size.source for cost in costs if cost.size})
    sources = [source for source in sources if not any(o != source and o.startswith(source) for o in sources)]
    lines.append("sizes    " + ("; ".join(sources) or "unknown: no manifest, no finished run, no published counts"))
    if sources and any(cost.size is None for cost in costs):
        lines[-1] += "; of some runs unknown"
    lines.append("hours    of the training jobs alone, one core a run; the other rules take minutes")
    if estimates.device == "cuda":
        lines.append("GPU      hours on several cores hold where as many runs at a time have a GPU to themselves")
    lines.append("disk     of the runs' files: as of finished runs; else model copies and predictions of every epoch")
    lines.append("jobs     in all, as if nothing were done; rules that run once are not the plan's to know")
    if progress.stale:
        more = f" (and {len(progress.stale) - 1:,} more)" if len(progress.stale) > 1 else ""
        lines.append(f"stale    {progress.stale[min(progress.stale)]}{more}")
    return "\n".join(lines)


def _table(rows: list[list[str]], columns: dict[str, str]) -> str:
    return tabulate(rows, list(columns), colalign=columns.values(), disable_numparse=True)
