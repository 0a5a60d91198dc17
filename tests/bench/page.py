"""docs/benchmarks.md, and benchmarks.json beside it: the results, read again so that others' rows are kept."""

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.measure import Row
from serflow.files import atomic_path

__all__ = ["Circumstances", "Result", "read_results", "render", "write_page"]

BUSY = 0.3  # share of the cores at work just before the run, above which the page says that the machine was busy
HEAD = """\
# Benchmarks

Written by `make bench`, not by hand; `make bench BENCH="extraction dry_run"` takes some anew and keeps the other rows.
Both sides of a row are taken in one run, in turn (ours, reference, ours, ...). Values are medians of *n* repetitions,
with the least and the most in brackets; *ratio* is reference by ours, so that above 1 ours is faster or smaller, with
the least and the most of the single pairs. Every process keeps to one thread (`OMP_NUM_THREADS=1`), as the rules hold
their jobs. Seconds are worth only beside their reference; no test asserts any of this. The numbers of every repetition
stand in `benchmarks.json`.
"""


@dataclass(frozen=True)
class Circumstances:
    """Where, when and with what a run was made."""

    date: str
    commit: str
    command: str
    machine: str
    cores: int
    load: float
    versions: dict[str, str]

    @property
    def busy(self) -> bool:
        """Whether others used the machine in the minute before."""
        return self.load > BUSY * self.cores

    @property
    def judges(self) -> bool:
        """Whether budgets can be held against such a run: full sizes, wall clock, a free machine."""
        return not self.busy and "--quick" not in self.command and "--cpu" not in self.command


@dataclass(frozen=True)
class Result:
    """What one benchmark gave: its rows, its explanation, its circumstances."""

    benchmark: str
    text: str
    rows: list[Row]
    made: Circumstances

    def as_json(self) -> dict[str, Any]:
        """What `from_json` takes."""
        shown = {"benchmark": self.benchmark, "text": self.text, "made": asdict(self.made)}
        return shown | {"rows": [row.as_json() for row in self.rows]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Result":
        """The result that `as_json` gave."""
        rows = [Row.from_json(row) for row in value["rows"]]
        return cls(value["benchmark"], value["text"], rows, Circumstances(**value["made"]))


def read_results(page: Path) -> dict[str, Result]:
    """Results by benchmark that a page was made of, from the JSON beside it; none where there is none."""
    data = page.with_suffix(".json")
    if not data.exists():
        return {}
    found = [Result.from_json(result) for result in json.loads(data.read_text(encoding="utf-8"))]
    return {result.benchmark: result for result in found}


def write_page(results: dict[str, Result], page: Path) -> None:
    """Write the page of these results, and the results themselves as JSON beside it, benchmarks by name."""
    data = [results[name].as_json() for name in sorted(results)]
    for path, text in ((page.with_suffix(".json"), json.dumps(data, indent=1) + "\n"), (page, render(results))):
        with atomic_path(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def render(results: dict[str, Result]) -> str:
    """The page as Markdown, benchmarks by name."""
    ordered = [results[name] for name in sorted(results)]
    made: list[Circumstances] = []
    for result in ordered:
        if result.made not in made:
            made.append(result.made)
    made.sort(key=lambda one: one.date)
    parts = [HEAD, _circumstances(made), _table(ordered, made)]
    parts += [_explanation(result) for result in ordered]
    return "\n".join(parts)


def _circumstances(made: list[Circumstances]) -> str:
    lines = []
    for number, one in enumerate(made, start=1):
        versions = ", ".join(f"{name} {version}" for name, version in one.versions.items())
        lines.append(
            f"- **Run {number}**: {one.date}, commit {one.commit}, `{one.command}`; {one.machine}; {versions}. "
            f"At work before it: {one.load:.1f} of {one.cores} cores."
        )
        if "--quick" in one.command:
            lines[-1] += " **Made with --quick, at sizes that say nothing.**"
        if "--cpu" in one.command:
            lines[-1] += " **Seconds are processor time (--cpu), not wall clock: what a busy machine can still tell.**"
        if one.busy:
            lines[-1] += " **The machine was busy with other work: these numbers are provisional.**"
    return "\n".join(lines) + "\n"


def _table(results: list[Result], made: list[Circumstances]) -> str:
    lines = [
        "| benchmark | what | ours | reference | ratio | budget | met | n | run |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for row in result.rows:
            cells = [
                f"[{result.benchmark}](#{result.benchmark})",
                row.what,
                *_cells(row, judge=result.made.judges),
                made.index(result.made) + 1,
            ]
            lines.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _cells(row: Row, *, judge: bool) -> list[str | int]:
    """Ours, reference, ratio, budget, met (where the run can judge it), repetitions."""
    ours = _spread(row.ours, row.unit)
    reference = _spread(row.reference, row.unit) if row.reference else "-"
    ratio = f"{row.ratio:.2f} ({min(row.ratios):.2f} to {max(row.ratios):.2f})" if row.reference else "-"
    budget = "-"
    if row.budget:
        demand = row.budget.ratio
        budget = f"ratio >= {demand:.2f}" if demand is not None else f"ours <= {row.budget.ours:g} {row.unit}"
    met = {None: "-", True: "yes", False: "**no**"}[row.met]
    if row.budget and not judge:
        met = "not judged"
    return [ours, reference, ratio, budget, met, len(row.ours)]


def _spread(values: list[float], unit: str) -> str:
    return f"{_short(statistics.median(values))} {unit} ({_short(min(values))} to {_short(max(values))})"


def _short(value: float) -> str:
    """Three significant digits, and never an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _explanation(result: Result) -> str:
    notes = "\n".join(f"- *{row.what}*: {row.note}" for row in result.rows if row.note)
    parts = [f"## {result.benchmark}\n\n{result.text.strip()}\n", _own_table(result.rows), notes and f"{notes}\n"]
    return "\n".join(part for part in parts if part)


def _own_table(rows: list[Row]) -> str:
    """The cells of rows that have some, a line a row."""
    shown = [row for row in rows if row.cells]
    if not shown:
        return ""
    lines = [["", *shown[0].cells, shown[0].unit], ["---"] * (len(shown[0].cells) + 2)]
    lines += [[row.what, *row.cells.values(), _short(statistics.median(row.ours))] for row in shown]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
