"""What systems reach, a table a protocol: each with its spread over seeds, what it fits in training, and its steps."""

from collections import Counter
from typing import Any

from serflow.metrics.names import UNDERTRAINED_RULE, metric_of
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN, marked
from serflow.reporting.wording import count, listing, metric_name, rounded, selection_text, sentence
from serflow.results_page.cells import (
    Cells,
    Key,
    best_first,
    cell,
    metrics_of,
    name_of,
    protocols_of,
    systems_of,
    under,
)
from serflow.results_page.chapters import Chapter

__all__ = ["error_rates", "span", "systems_text"]

NONE = "–"
NUMBERS = (
    "In per cent, the best UA first: counts pooled over the folds, averaged over the seeds, in brackets the 95 % "
    "interval, a jackknife over speakers: of these trained networks, on other speakers. UA ± seeds: standard deviation "
    "of UA over the seeds. UA in training: after the last epoch, on at most 200 of the utterances that a network was "
    "trained on, the same ones at every epoch."
)


def systems_text(chapter: Chapter) -> list[str]:
    """The tables of accuracies, a protocol each, then those over whole segments and those of probabilities."""
    systems = systems_of(chapter.of_kind("scores"))
    parts = [_protocol(systems, item, chapter.records) for item in protocols_of(systems)]
    note = NUMBERS
    if any(marked(line) for cells in systems.values() for line in cells.values()):
        note += (
            f" {SIGN}: undertrained, that is, {UNDERTRAINED_RULE}. A difference that such a row is in bears the sign "
            "and no test; orders, and what stands beside the yardstick, leave such rows out."
        )
    parts.append(f"{note}\n")
    if whole := metrics_of(systems, whole=True):
        parts.append(f"Over the test utterances that hold a whole segment:\n\n{_wide(systems, whole)}")
    all_tables = systems_of(chapter.of_kind("scores") | chapter.of_kind("groups"))
    if errors := metrics_of(all_tables, lower_is_better=True):
        parts.append(
            f"How far probabilities lie from what happens, the lower the better:\n\n{_wide(all_tables, errors)}"
        )
    return parts


def error_rates(chapter: Chapter) -> list[str]:
    """The table of what teachers get wrong; nothing where none was trained."""
    teachers = systems_of(chapter.of_kind("asr"))
    if not teachers:
        return []
    return [f"Error rates of the teachers:\n\n{_wide(teachers, metrics_of(teachers, lower_is_better=True))}"]


def _protocol(systems: Cells, protocol: Line, records: list[dict[str, Any]]) -> str:
    """One protocol: its runs in a clause, then a line a system."""
    metrics = metrics_of(systems)
    mine = {key: under(protocol, cells) for key, cells in systems.items()}
    mine = {key: cells for key, cells in mine.items() if any(metric in cells for metric in metrics)}
    leading = {key: cells.get("ua") or next(iter(cells.values())) for key, cells in mine.items()}
    shown = [metric for metric in metrics if any(metric in cells for cells in mine.values())]
    head = [
        "system",
        *map(metric_name, shown),
        "UA ± seeds",
        "UA in training",
        "optimiser steps",
        "at the initial rate",
    ]
    lines = [_line(head), _line(["---"] * len(head))]
    for key in best_first(leading):
        cells = [cell(mine[key][metric]) if metric in mine[key] else NONE for metric in shown]
        spread = _rounded(leading[key], "sd_seeds")
        trained = _rounded(leading[key], "ua_train") + (SIGN if marked(leading[key]) else "")
        lines.append(_line([name_of(key, systems), *cells, spread, trained, *_steps(key, protocol, records)]))
    heading = sentence(f"{protocol['label']}: {_runs(leading)}; {selection_text(protocol['select'])}")
    return "\n".join([f"{heading}\n", *lines, ""])


def _runs(lines: dict[Key, Line]) -> str:
    """Folds, seeds and utterances of most lines of each experiment, then the systems of which they are others."""
    found = []
    for experiment in dict.fromkeys(experiment for experiment, _ in lines):
        texts = {system: _counts(line) for (own, system), line in lines.items() if own == experiment}
        usual, _ = Counter(texts.values()).most_common(1)[0]
        parts = [usual]
        for text in dict.fromkeys(text for text in texts.values() if text != usual):
            parts.append(f"{text} of {listing([f'`{system}`' for system, own in texts.items() if own == text])}")
        found.append((experiment, "; ".join(parts)))
    if len(found) == 1:
        return found[0][1]
    return "; ".join(f"{text} ({experiment})" for experiment, text in found)


def _counts(line: Line) -> str:
    folds, seeds = (count(int(line[f"{noun}s"]), noun) for noun in ("fold", "seed"))
    return f"{folds} x {seeds}, n = {line['utterances']}"


def _wide(systems: Cells, metrics: list[str]) -> str:
    """One line a system, a column a protocol and metric."""
    found = [(item, {key: under(item, cells) for key, cells in systems.items()}) for item in protocols_of(systems)]
    columns = [
        (f"{item['label']} {metric_name(metric)}", metric, mine)
        for item, mine in found
        for metric in metrics
        if any(metric in cells for cells in mine.values())
    ]
    head = ["system", *(name for name, _, _ in columns)]
    lines = [_line(head), _line(["---"] * len(head))]
    for key in systems:
        texts = [cell(mine[key][metric]) if metric in mine[key] else NONE for _, metric, mine in columns]
        if set(texts) != {NONE}:
            lines.append(_line([name_of(key, systems), *texts]))
    if plain := [metric_name(metric) for metric in metrics if not metric_of(metric).per_cent]:
        lines.append(f"\n{listing(plain)} {'is' if len(plain) == 1 else 'are'} not in per cent.")
    return "\n".join([*lines, ""])


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _rounded(line: Line, key: str) -> str:
    return rounded(line[key], line["column"]) if line[key] else NONE


def _steps(key: Key, protocol: Line, records: list[dict[str, Any]]) -> list[str]:
    """The optimiser steps of a system's trainings under a protocol, and how many were at the initial learning rate."""
    mine = [record for record in records if (record["run"]["experiment"], record["run"]["system"]) == key]
    mine = [record for record in mine if protocol["split"] in _judged(record)]
    trainings = [record["training"] for record in mine if record.get("training")]
    names = ("steps", "steps_at_initial_rate")
    return [span([training[name] for training in trainings], ",") if trainings else NONE for name in names]


def _judged(record: dict[str, Any]) -> set[str]:
    """The splits whose folds a training's networks judge: its own, and those that leave out the same session."""
    return {record["run"]["split"], *(fold.split("/")[0] for fold in record["best_epochs"])}


def span(values: list[float], form: str) -> str:
    """The smallest and the largest of `values`, once where they print alike."""
    return " to ".join(dict.fromkeys(f"{value:{form}}" for value in (min(values), max(values))))
