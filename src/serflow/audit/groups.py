"""UA by group of test utterances and the bins of reliability, made anew: groups.csv and reliability.csv."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.audit.calibration import BINS, Calibration
from serflow.audit.comparison import grouped, limits
from serflow.audit.findings import Step
from serflow.audit.items import TableCell
from serflow.audit.lines import held_against, only_line, remade
from serflow.audit.recompute import Recomputed
from serflow.audit.statistics import Jackknife
from serflow.reporting.rows import read_table

__all__ = ["bins", "bins_steps", "group_steps"]

SHORT, LONG = "under 2 s", "above 7.5 s"
Groups = dict[tuple[str, str], dict[str, Any]]  # kind and value of a group -> what groups.csv must say of it


def group_steps(table: str, cell: TableCell, made: Recomputed, view: pd.DataFrame) -> Iterator[Step]:
    """Every line of groups.csv of a cell's system and selection, and the worst speaker as the table has it.

    `table`: path of the table's CSV. `view`: the utterances with sex, style, duration and speaker.
    """
    path, groups = f"{cell.scores}/groups.csv", _groups(made, view)
    found = _lines(path, cell)
    if isinstance(found, Step):
        yield found
        return
    wrong = []
    for key in {(line["group"], line["value"]): None for line in found} | groups:
        lines = [line for line in found if (line["group"], line["value"]) == key]
        where = f"{path}: {cell.system}, {' '.join(key)}"
        if key not in groups or len(lines) != 1:
            wrong.append(Step("groups", False, f"{where}: {len(lines)} lines", "one" if key in groups else "none"))
        else:
            wrong += held_against("groups", where, lines[0], groups[key])
    yield from wrong or [Step("groups", True, f"{path}: UA, interval and counts of {len(groups)} groups recomputed")]
    yield _worst(table, cell, groups)


def bins_steps(cell: TableCell, made: Calibration) -> Iterator[Step]:
    """Every line of reliability.csv of a cell's system and selection."""
    path = f"{cell.scores}/reliability.csv"
    found = _lines(path, cell)
    if isinstance(found, Step):
        yield found
        return
    expected = bins(made)
    wrong = [
        step
        for line, one in zip(found, expected, strict=False)
        for step in held_against("reliability", f"{path}: {cell.system}, bin {one['bin']}", line, one)
    ]
    if len(found) != BINS:
        wrong.append(Step("reliability", False, f"{path}: {cell.system}: {len(found)} bins", f"{BINS}"))
    yield from wrong or [Step("reliability", True, f"{path}: {BINS} bins of {cell.system} recomputed")]


def bins(made: Calibration) -> list[dict[str, Any]]:
    """By bin of the top probability: borders, utterances a seed, mean top probability and share that is right."""
    rows = made.scored
    found = []
    for number in range(BINS):
        there = rows[rows["bin"] == number]
        line = {"bin": number + 1, "low": number / BINS, "high": (number + 1) / BINS}
        line |= {"utterances": len(there) / len(made.seeds), "confidence": None, "accuracy": None}
        if len(there):
            line |= {"confidence": float(there["top"].mean()), "accuracy": float(there["right"].mean())}
        found.append(line)
    return found


def _lines(path: str, cell: TableCell) -> list[dict[str, str]] | Step:
    if not Path(path).is_file():
        return Step(Path(path).stem, False, f"{path}: there is no such file", f"one; {remade(path)}")
    return [line for line in read_table(path) if (line["system"], line["select"]) == (cell.system, cell.select)]


def _groups(made: Recomputed, view: pd.DataFrame) -> Groups:
    names, added = made.by_utterance
    place = {name: i for i, name in enumerate(names)}
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in view.itertuples():
        if row.utterance in place:
            duration = SHORT if row.duration < 2 else LONG if row.duration > 7.5 else "2 to 7.5 s"
            values = {"sex": row.sex, "style": row.style, "duration": duration, "speaker": row.speaker}
            for key, value in values.items():
                if value:
                    members[key, str(value)].append(row.utterance)
    found = {}
    for key, group in members.items():
        mine = added[[place[name] for name in group]]
        people = [made.units["speakers"][name] for name in group]
        jackknife = Jackknife(grouped(mine, people), lambda sums: made.of_sums(sums, "ua"))
        low, high = jackknife.interval(*limits("ua"))
        counts = {"utterances": len(group), "speakers": len(set(people)), "seeds": len(made.seeds)}
        classes = int((mine.sum(axis=(0, 1, 3)) > 0).sum())
        found[key] = counts | {"classes": classes, "ua": jackknife.whole, "low": low, "high": high}
    return found


def _worst(table: str, cell: TableCell, groups: Mapping[tuple[str, str], Mapping[str, Any]]) -> Step:
    """The speaker with the lowest UA, as the table names it."""
    item = f"{cell.paper}/{cell.table}/{cell.row}/ua_speaker_worst"
    line = only_line(table, {"item": item, "protocol": cell.protocol})
    if isinstance(line, Step):
        return line
    speakers = {value: one["ua"] for (kind, value), one in groups.items() if kind == "speaker"}
    lowest = min(speakers.values())
    worst = sorted(name for name, value in speakers.items() if value < lowest + 1e-6)  # equal as groups.csv has them
    said = f"{table}: the worst speaker is {line['value']} with {line['reproduced']}"
    ok = line["value"] == worst[0] and abs(float(line["reproduced"]) - 100 * lowest) < 5.2e-3
    return Step("worst speaker", ok, said, "" if ok else f"{worst[0]} with {100 * lowest:.2f}")
