"""What a configuration would run, and its hours and bytes, as aligned text."""

import statistics
from collections.abc import Callable, Iterable

from tabulate import tabulate

from serflow.forecast.estimate import BASES, Cost, Estimates
from serflow.forecast.progress import Progress
from serflow.forecast.summary import (
    DAY,
    MOST_DAYS,
    Dear,
    SummaryLine,
    Total,
    by_protocol,
    by_system,
    dearest,
    wall_seconds,
)
from serflow.plan.configuration import UNNAMED
from serflow.plan.report import Report
from serflow.provenance.run_key import RunKey

__all__ = ["forecast_text"]

PROTOCOLS = {"paper": "left", "protocol": "left", "systems": "right", "runs": "right", "trained": "right"}
PROTOCOLS |= {"done": "right", "stale": "right", "left": "right", "core-hours left": "right", "disk left": "right"}
SYSTEMS = {"paper": "left", "system": "left", "left": "right", "steps": "right", "s": "right"}
SYSTEMS |= {"core-hours left": "right", "disk": "right", "basis": "left"}
PAPERS = {"paper": "left", "left": "right", "core-hours left": "right", "disk left": "right", "of it weights": "right"}
PAPERS |= {"dearest": "left", "hours each": "right", "core-hours": "right"}
NAMED = 5  # networks that are named as out of reach


def forecast_text(
    report: Report, progress: Progress, estimates: Estimates, *, jobs: dict[str, dict[str, int]], cores: int
) -> str:
    """What would run, by protocol, system and paper; jobs by rule, a column for each who counted them; a legend."""
    lines = by_protocol(report, progress)
    rows = [_protocol_row(line, estimates) for line in lines]
    if len(lines) > 1:
        rows.append(_protocol_row(total := _total(lines), estimates))
        if total.systems != sum(line.systems for line in lines):
            rows[-1][2] += " distinct"
    systems = list(by_system(report, progress, estimates))
    reasons = [f"{line.paper}, {line.name}: {line.reason}" for line in lines if line.reason]
    left = [run for run in report.trainings if run not in progress.done]
    parts = [_head(report, estimates), "\n".join([_table(rows, PROTOCOLS), *reasons])]
    if systems:
        parts.append(_table([_system_row(*entry, estimates) for entry in systems], SYSTEMS))
    parts.append(_jobs(jobs))
    if left and len(report.workflow.papers) > 1:
        parts.append(_papers(report, left, estimates))
    parts.append("\n".join([_sums(report, left, estimates, cores), *_out_of_reach(left, estimates)]))
    parts.append(_legend({basis for _, basis, _ in systems}, progress, estimates, report))
    return "\n\n".join(parts) + "\n"


def _total(lines: list[SummaryLine]) -> SummaryLine:
    runs, left, judged = ([run for line in lines for run in getattr(line, of)] for of in ("runs", "left", "judged"))
    done, stale = sum(line.done for line in lines), sum(line.stale for line in lines)
    return SummaryLine("total", "", runs, done, stale, left, judged)


def _head(report: Report, estimates: Estimates) -> str:
    config = report.workflow.config
    text = f"corpus {config['corpus']}, preset {config['preset']}, networks on {estimates.device}"
    if config["release"] == UNNAMED:
        text += "\nrelease: not named; the plan needs none, but training does: config.yaml, release"
    return text


def _protocol_row(line: SummaryLine, estimates: Estimates) -> list[str]:
    left = Total.of(line.left, estimates)
    numbers = [line.systems, len(line.judged), len(line.runs), line.done, line.stale, left.runs]
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
    rules = list(dict.fromkeys(rule for counts in jobs.values() for rule in counts))
    rows = [[rule, *(f"{counts[rule]:,}" if rule in counts else "-" for counts in jobs.values())] for rule in rules]
    rows.append(["together", *(f"{sum(counts.values()):,}" for counts in jobs.values())])
    return tabulate(rows, ["jobs by rule", *jobs], colalign=["left", *["right"] * len(jobs)], disable_numparse=True)


def _papers(report: Report, left: list[RunKey], estimates: Estimates) -> str:
    rows = []
    for paper in report.workflow.papers:
        mine = [run for run in left if run.paper == paper]
        total, dear = Total.of(mine, estimates), dearest(mine, estimates)
        named = ["-"] * 3
        if dear and total.unknown <= total.runs / 2:  # else the dearest may well be among the others
            hours = f"{dear[0].longest / 3600:,.2f}", f"{dear[0].seconds / 3600:,.2f}"
            named = [f"{dear[0].system} ({dear[0].experiment})", *hours]
        rows.append([paper, f"{total.runs:,}", _hours(total), _disk(total), _size(total.weights), *named])
    return _table(rows, PAPERS)


def _sums(report: Report, left: list[RunKey], estimates: Estimates, cores: int) -> str:
    total, everything = Total.of(left, estimates), Total.of(report.trainings, estimates)
    text = f"left: {total.runs:,} of {everything.runs:,} trainings"
    if left:
        text += f", {_hours(total)} core-hours"
        if total.unknown < total.runs:
            wall = wall_seconds(left, estimates, cores=cores) / 3600
            text += f", {'at least ' if total.unknown else ''}{wall:,.2f} hours on {cores} cores"
    if sources := _sources(left, estimates):
        text += f"\nhours by basis: {sources}"
    if total.unknown:
        text += f"\nnot measured: {total.unknown:,} trainings"
    text += f"\ndisk: {_disk(total)} still to write, {_size(total.weights)} of it weights"
    text += f"; all trainings together {_disk(everything)}, {_size(everything.weights)} of it weights"
    if report.workflow.config["keep_weights"] == "all" and len(report.jobs) < len(report.trainings):
        text += " (`keep_weights: first_seed` in config.yaml keeps fewer)"
    return text


def _sources(left: list[RunKey], estimates: Estimates) -> str:
    """How many of the hours each basis gives."""
    groups: dict[str, list[RunKey]] = {}
    for run in left:
        groups.setdefault(estimates.of(run).basis, []).append(run)
    groups.pop("-", None)
    return ", ".join(f"{basis} {_hours(Total.of(groups[basis], estimates))}" for basis in sorted(groups))


def _out_of_reach(left: Iterable[RunKey], estimates: Estimates) -> list[str]:
    """The networks that one should not train on a CPU, and the rule by which they are told."""
    if estimates.device != "cpu":
        return []
    far = [one for one in dearest(left, estimates) if one.out_of_reach]
    if not far:
        return []
    hours = sum(one.seconds for one in far) / 3600
    text = f"out of reach without a GPU: {len(far)} of the networks, {hours:,.0f} of these core-hours"
    rule = f"  (a training takes over {DAY // 3600} hours on one core, or all of them over {MOST_DAYS} core-days)"
    more = [f"  and {len(far) - NAMED} more"] if len(far) > NAMED else []
    return [text, rule, *map(_far, far[:NAMED]), *more]


def _far(one: Dear) -> str:
    return (
        f"  {one.paper} {one.system} ({one.experiment}): {one.longest / 3600:,.1f} hours a training, "
        f"{one.runs} of them, {one.seconds / 3600:,.0f} core-hours"
    )


def _legend(bases: set[str], progress: Progress, estimates: Estimates, report: Report) -> str:
    lines = [f"basis {basis}  {text}" for basis, text in BASES.items() if basis in bases]
    costs = [estimates.of(run) for run in report.trainings]
    sources = sorted({cost.size.source for cost in costs if cost.size})
    sources = [source for source in sources if not any(o != source and o.startswith(source) for o in sources)]
    if "D" in bases:
        lines.append(_probed(estimates))
    lines += _error(report.trainings, estimates)
    lines.append("sizes    " + ("; ".join(sources) or "unknown: no manifest, no finished run, no published counts"))
    if sources and any(cost.size is None for cost in costs):
        lines[-1] += "; of some trainings unknown"
    lines.append("runs     folds x seeds that tables show; those of splits by session are judged by shared trainings")
    lines.append("hours    of the training jobs alone, one core a job; the other rules take minutes")
    if bases & {"C", "D"}:
        lines.append("         C and D leave out what a job reads and writes: seconds a training")
    if estimates.device == "cuda":
        lines.append("GPU      hours on several cores hold where as many jobs at a time have a GPU to themselves")
    lines.append(
        "disk     of the runs' files: as of finished runs; else predictions of every epoch, and models: of the"
    )
    lines.append("         last epoch, and one more for each fold whose validation chooses an epoch, at most")
    lines.append("jobs     in all, as if nothing were done; rules that run once are not the plan's to know")
    if progress.stale:
        more = f" (and {len(progress.stale) - 1:,} more)" if len(progress.stale) > 1 else ""
        lines.append(f"stale    {progress.stale[min(progress.stale)]}{more}")
    return "\n".join(lines)


def _probed(estimates: Estimates) -> str:
    """What basis D rests on."""
    made = estimates.shipped.made
    slower = ", ".join(f"{factor:.2f} times ({kind})" for kind, factor in sorted(estimates.shipped.slower.items()))
    libraries = ", ".join(f"{name} {made[name]}" for name in ("Python", "torch") if name in made)
    return f"probe    a load takes {slower} as long here as on the machine of D: {made.get('processor')}, {libraries}"


def _error(runs: Iterable[RunKey], estimates: Estimates) -> list[str]:
    """What basis D says beside basis C, of what both tell."""
    if not (estimates.kept and estimates.shipped):
        return []
    pairs = {}
    for run in {(run.paper, run.experiment, run.system): run for run in runs}.values():
        told = [estimates.measured(run, times) for times in (estimates.kept, estimates.shipped)]
        if None not in told:
            pairs[run] = told
    ratios = [shipped / kept - 1 for kept, shipped in pairs.values()]
    if not ratios:
        return []
    median, count = 100 * statistics.median(ratios), len(ratios)
    span = f"from {100 * min(ratios):+.0f} to {100 * max(ratios):+.0f} %"
    return [f"D by C   {median:+.0f} % in the median, {span}, of {count} systems that have both"]


def _table(rows: list[list[str]], columns: dict[str, str]) -> str:
    return tabulate(rows, list(columns), colalign=columns.values(), disable_numparse=True)
