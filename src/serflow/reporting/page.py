"""A page of results in Markdown, generated from a report's tables: systems by protocol, and what they say."""

from pathlib import Path
from typing import Any

from serflow.errors import UserError
from serflow.files import read_json
from serflow.reporting.tables import read_table


def results_page(report: Path, *, results: Path, command: str) -> str:
    """Write the page of one corpus and preset.

    Parameters
    ----------
    report
        Folder of the report's tables, `reports/<corpus>-<preset>`.
    results
        Folder of all results; the run records in it say with which code and versions.
    command
        The command that makes the report, printed so that a reader can repeat it.

    Raises
    ------
    UserError
        Where the folder holds no table.
    """
    tables = sorted(report.glob("*/table*.csv"))
    if not tables:
        raise UserError(f"{report}: no tables here; make them with snakemake, see {command}")
    corpus, _, preset = report.name.rpartition("-")
    parts = [f"# Results on {corpus}, preset {preset}\n", _made_by(report, command)]
    for paper in sorted({table.parent.name for table in tables}):
        systems = _systems([row for table in tables if table.parent.name == paper for row in read_table(table)])
        records = _records(results / corpus / preset / paper, systems)
        parts += [f"## {paper}\n", _table(systems), _falls(systems), *_beside(systems), _budget(records)]
    return "\n".join(parts)


def _made_by(report: Path, command: str) -> str:
    return (
        "Every number and sentence below is generated; nothing is typed by hand. The command\n\n"
        f"```\n{command}\n```\n\n"
        "makes the runs (it goes on where it was stopped), the report and this page.\n"
    )


Key = tuple[str, str]  # experiment, system
Cells = dict[tuple[str, str], dict[str, str]]


def _systems(rows: list[dict[str, str]]) -> dict[Key, Cells]:
    """(experiment, system) -> (protocol, metric) -> the table's line; what several tables show stands once."""
    systems: dict[Key, Cells] = {}
    for row in rows:
        if row["system"] and row["reproduced"]:
            cells = systems.setdefault((row["experiment"], row["system"]), {})
            cells[row["protocol"], row["column"]] = row
    return systems


def _name(key: Key, systems: dict[Key, Cells]) -> str:
    """The system, with its experiment where the paper's tables have more than one."""
    experiment, system = key
    return f"`{system}` ({experiment})" if len(_experiments(systems)) > 1 else f"`{system}`"


def _experiments(systems: dict[Key, Cells]) -> list[str]:
    return list(dict.fromkeys(experiment for experiment, _ in systems))


def _protocols(systems: dict[Key, Cells]) -> list[str]:
    return list(dict.fromkeys(protocol for cells in systems.values() for protocol, _ in cells))


def _table(systems: dict[Key, Cells]) -> str:
    """One line a system: WA and UA with their 95% intervals over speakers, by protocol."""
    protocols = _protocols(systems)
    head = ["system"] + [f"{name.replace('_', ' ')} {metric.upper()}" for name in protocols for metric in ("wa", "ua")]
    lines = ["| " + " | ".join([*head, "runs"]) + " |", "|" + " --- |" * (len(head) + 1)]
    for key, cells in systems.items():
        texts = [_cell(cells.get((name, metric))) for name in protocols for metric in ("wa", "ua")]
        runs = {f"{c['folds']} folds x {c['seeds']} seeds, n = {c['utterances']}" for c in cells.values()}
        lines.append("| " + " | ".join([_name(key, systems), *texts, "; ".join(sorted(runs))]) + " |")
    note = (
        "\nIn per cent: counts pooled over the folds, averaged over the seeds, in brackets the 95% bootstrap interval "
        "over speakers; `best`: each metric at its own best test epoch, mean ± standard deviation of the runs.\n"
    )
    return "\n".join(lines) + "\n" + note


def _cell(line: dict[str, str] | None) -> str:
    if line is None:
        return "not run"
    value = f"{float(line['reproduced']):.1f}"
    if line["statistic"] == "mean":
        # A single run has a mean, but no deviation.
        return f"{value} ± {float(line['sd']):.1f}" if line["sd"] else value
    return f"{value} [{float(line['low']):.1f}, {float(line['high']):.1f}]" if line["low"] else value


def _falls(systems: dict[Key, Cells]) -> str:
    """As published minus strict, each with both of its numbers and their intervals."""
    falls = []
    for key, cells in systems.items():
        published, strict = cells.get(("as_published", "ua")), cells.get(("strict", "ua"))
        if published and strict:
            fall = float(published["reproduced"]) - float(strict["reproduced"])
            text = f"{fall:+.1f}: {_cell(published)} as published, {_cell(strict)} strict"
            falls.append((fall, f"- {_name(key, systems)} {text}\n"))
    if not falls:
        return ""
    return (
        "What shared speakers and choosing the epoch on test are worth (UA as published minus UA strict, points; each "
        "with its interval). The two use different folds and no paired test of them is made: a difference here is not "
        "thereby significant.\n\n"
    ) + "".join(text for _, text in sorted(falls, reverse=True))


def _beside(systems: dict[Key, Cells]) -> list[str]:
    """Where the yardstick of each experiment, which its lines are tested against, stands under strict."""
    said = []
    for experiment in _experiments(systems):
        lines = {key: cells["strict", "ua"] for key, cells in systems.items() if ("strict", "ua") in cells}
        lines = {system: line for (where, system), line in lines.items() if where == experiment}
        yardstick = next((line["against"] for line in lines.values() if line["against"]), None)
        if yardstick in lines:
            own = lines.pop(yardstick)
            said.append(_stands(_name((experiment, yardstick), systems), float(own["reproduced"]), lines))
    return said


def _stands(yardstick: str, own: float, others: dict[str, dict[str, str]]) -> str:
    above = [system for system, line in others.items() if float(line["reproduced"]) > own]
    tested = {system: float(line["p"]) for system, line in others.items() if line["p"]}
    apart = [system for system, p in tested.items() if p < 0.05]
    listed, different = (", ".join(f"`{name}`" for name in names) or "none" for names in (above, apart))
    return (
        f"The yardstick {yardstick} stands at UA {own:.1f} under strict. Of {len(others)} systems, those above it: "
        f"{listed}. Of {len(tested)} tested, those that differ from it at p < 0.05 (paired permutation of speakers, "
        f"not corrected for several tests): {different}.\n"
    )


def _records(folder: Path, systems: dict[Key, Cells]) -> list[dict[str, Any]]:
    """Records of the runs of the systems that the tables show, and of no others that lie beside them."""
    paths = (path for key in systems for path in folder.joinpath(*key).glob("*/fold*/seed*/run.json"))
    return [read_json(path) for path in sorted(paths)]


def _budget(records: list[dict[str, Any]]) -> str:
    """Optimiser steps, versions, hours and the training utterances that were used."""
    if not records:
        return ""
    steps = [r["counts"]["steps_an_epoch"] * r["epochs"] for r in records if "steps_an_epoch" in r["counts"]]
    versions = records[-1]["versions"]
    hours = sum(record["seconds"] for record in records) / 3600
    text = f"{len(records)} runs, {hours:.1f} hours of training processes; torch {versions['torch']}"
    text += f", Python {versions['python']}."
    if steps:
        text += f" Networks: {_span(steps, ',')} optimiser steps a run."
    # Learners of whole utterances cut no pieces and use every one: they would only blur the range.
    counts = [r["counts"] for r in records if "train_utterances_used" in r["counts"]]
    shares = [100 * c["train_utterances_used"] / c["train_utterances"] for c in counts]
    shares = [share for share in shares if share < 100]
    if shares:
        text += f" Recordings shorter than a piece give no training piece: {_span(shares, '.1f')} % of the training "
        text += f"utterances were used in {len(shares)} of the runs, all in the others."
    return text + "\n"


def _span(values: list[float], form: str) -> str:
    """The smallest and the largest of `values`, once where they print alike."""
    return " to ".join(dict.fromkeys(f"{value:{form}}" for value in (min(values), max(values))))
