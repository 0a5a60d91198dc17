"""A page of results in Markdown, generated from a report's tables: systems by protocol, and what they say."""

from itertools import combinations
from pathlib import Path
from typing import Any

from serflow.config import read_yaml
from serflow.errors import UserError
from serflow.files import read_json
from serflow.metrics.names import UNDERTRAINED_RULE, WHOLE, metric_of
from serflow.reporting.ablation import steps
from serflow.reporting.captions import contrasts, smallest_p
from serflow.reporting.rows import read_table
from serflow.reporting.undertrained import SIGN, marked, significant
from serflow.reporting.wording import listing, metric_name, printed_protocols, rounded, sentence, signed


def results_page(reports: list[Path], *, results: Path, papers: Path, command: str) -> str:
    """Write the page of one corpus, a chapter a paper and preset.

    Parameters
    ----------
    reports
        Folders of reports' tables, `reports/<corpus>-<preset>`, of one corpus.
    results
        Folder of all results; the run records in it say with which code and versions.
    papers
        Folder of the papers' YAML, which says what a preset is.
    command
        The command that makes the report, printed so that a reader can repeat it.

    Raises
    ------
    UserError
        Where a folder holds no table, or the folders are of several corpora.
    """
    corpora = dict.fromkeys(report.name.rpartition("-")[0] for report in reports)
    if len(corpora) != 1:
        raise UserError(f"reports of {', '.join(corpora)}: expected those of one corpus; make a page for each")
    (corpus,) = corpora
    parts = [f"# Results on {corpus}\n", _made_by(command)]
    for report in reports:
        tables = sorted(report.glob("*/table*.csv"))
        if not tables:
            raise UserError(f"{report}: no tables here; make them with snakemake, see {command}")
        preset = report.name.rpartition("-")[2]
        for paper in sorted({table.parent.name for table in tables}):
            lines = {table.stem: read_table(table) for table in tables if table.parent.name == paper}
            declared = read_yaml(papers / f"{paper}.yaml")
            text = declared["presets"][preset]["text"]
            parts += [f"## {paper}, preset {preset}\n", sentence(f"preset {preset}: {text}") + "\n"]
            parts += _chapter(lines, declared["tables"], results / corpus / preset / paper)
    return "\n".join(parts)


def _chapter(tables: dict[str, list[dict[str, str]]], declared: dict[str, Any], results: Path) -> list[str]:
    kinds = {name: declared.get(name, {}).get("kind", "scores") for name in tables}
    recognised = {name: lines for name, lines in tables.items() if kinds[name] == "asr"}
    tables = {name: lines for name, lines in tables.items() if kinds[name] == "scores"}
    rows = [row for lines in tables.values() for row in lines]
    systems = _systems(rows)
    labels = {row["protocol"]: row["label"] for row in _once(rows)}
    few = smallest_p(rows, labels)
    records = _records(results, systems)
    accuracies, errors = (_metrics(systems, lower_is_better=lower) for lower in (False, True))
    all_tested, whole = (_ending(accuracies, WHOLE, wanted=wanted) for wanted in (False, True))
    parts = [_table(all_tested), whole and f"Over the test utterances that hold a whole segment:\n\n{_table(whole)}"]
    parts += [_training(systems, records), _falls(systems), *_beside(systems), few and few + "\n"]
    parts.append(f"How far probabilities lie from what happens:\n\n{_table(errors)}" if errors else "")
    said = {name: contrasts(declared.get(name, {}).get("contrasts", []), lines) for name, lines in tables.items()}
    parts += [text + "\n" for text in said.values() if text]
    for name, lines in tables.items():
        once = _once(lines)
        parts.append(_components(once) + _order(name, once))
    parts.append(_recognition(_systems([row for lines in recognised.values() for row in lines])))
    parts += [_components(_once(lines)) for lines in recognised.values()]
    return [part for part in [*parts, _budget(records)] if part]


def _made_by(command: str) -> str:
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


def _metrics(systems: dict[Key, Cells], *, lower_is_better: bool) -> dict[Key, Cells]:
    """The cells of metrics of one direction, of the systems that have some."""
    found = {
        key: {place: line for place, line in cells.items() if metric_of(place[1]).lower_is_better == lower_is_better}
        for key, cells in systems.items()
    }
    return {key: cells for key, cells in found.items() if cells}


def _ending(systems: dict[Key, Cells], ending: str, *, wanted: bool) -> dict[Key, Cells]:
    """The cells of metrics whose names end so, or of the others, of the systems that have some."""
    found = {
        key: {place: line for place, line in cells.items() if place[1].endswith(ending) == wanted}
        for key, cells in systems.items()
    }
    return {key: cells for key, cells in found.items() if cells}


def _name(key: Key, systems: dict[Key, Cells]) -> str:
    """The system, with its experiment where the paper's tables have more than one."""
    experiment, system = key
    return f"`{system}` ({experiment})" if len(_experiments(systems)) > 1 else f"`{system}`"


def _experiments(systems: dict[Key, Cells]) -> list[str]:
    return list(dict.fromkeys(experiment for experiment, _ in systems))


def _protocols(systems: dict[Key, Cells]) -> list[dict[str, str]]:
    """The columns: protocols of one split and selection are one."""
    found: dict[str, dict[str, str]] = {}
    for cells in systems.values():
        for (protocol, _), line in cells.items():
            found.setdefault(protocol, {"name": protocol, "split": line["split"], "select": line["select"]})
    return printed_protocols(list(found.values()))


def _once(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows of the printed protocols, by their labels: those of one split and selection stand once."""
    protocols = {
        row["protocol"]: {"name": row["protocol"], **{key: row[key] for key in ("split", "select")}}
        for row in rows
        if row["protocol"]
    }
    labels = {item["name"]: item["label"] for item in printed_protocols(list(protocols.values()))}
    return [row | {"label": labels[row["protocol"]]} for row in rows if row["protocol"] in labels]


def _table(systems: dict[Key, Cells]) -> str:
    """One line a system: the tables' metrics with their 95% intervals over speakers, by protocol."""
    protocols = _protocols(systems)
    metrics = list(dict.fromkeys(metric for cells in systems.values() for _, metric in cells))
    head = ["system"] + [f"{item['label']} {metric_name(metric)}" for item in protocols for metric in metrics]
    lines = ["| " + " | ".join([*head, "runs"]) + " |", "|" + " --- |" * (len(head) + 1)]
    for key, cells in systems.items():
        texts = [_cell(cells, item["name"], metric) for item in protocols for metric in metrics]
        runs = {f"{c['folds']} folds x {c['seeds']} seeds, n = {c['utterances']}" for c in cells.values()}
        lines.append("| " + " | ".join([_name(key, systems), *texts, "; ".join(sorted(runs))]) + " |")
    note = (
        "\nIn per cent: counts pooled over the folds, averaged over the seeds, in brackets the 95% bootstrap interval "
        "over speakers; `best`: each metric at its own best test epoch, mean ± standard deviation of the runs."
    )
    if names := [metric_name(metric) for metric in metrics if not metric_of(metric).per_cent]:
        note += f" {listing(names)} are not in per cent."
    if any(metric_of(metric).lower_is_better for metric in metrics):
        note += " The lower the better."
    return "\n".join([*lines, note, ""])


def _cell(cells: dict[tuple[str, str], dict[str, str]], protocol: str, metric: str) -> str:
    if not any(name == protocol for name, _ in cells):
        return "not run"
    return _number(cells[protocol, metric]) if (protocol, metric) in cells else "–"


def _number(line: dict[str, str]) -> str:
    keys = ("reproduced", "low", "high", "sd")
    value, low, high, sd = (line[key] and rounded(line[key], line["column"]) for key in keys)
    sign = SIGN if marked(line) else ""
    if line["statistic"] == "mean":
        # A single run has a mean, but no deviation.
        return f"{value}{sign} ± {sd}" if sd else f"{value}{sign}"
    return f"{value}{sign} [{low}, {high}]" if low else f"{value}{sign}"


def _training(systems: dict[Key, Cells], records: list[dict[str, Any]]) -> str:
    """UA on the training sample beside that on the test part, the optimiser steps, and what the mark means."""
    protocols = [item for item in _protocols(systems) if item["select"] != "best_test_each"]
    head = ["system", *(f"{item['label']}: UA in training / in test" for item in protocols)]
    head += ["optimiser steps", "at the initial rate"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for key, cells in systems.items():
        texts = [_fitted(cells, item["name"]) for item in protocols]
        lines.append("| " + " | ".join([_name(key, systems), *texts, *_steps_of(key, records)]) + " |")
    note = (
        "\nUA in training: after the last epoch, on a fixed sample of the utterances that the system was trained on "
        "(at most 200 a run, as many of each class as there are), pooled and averaged as the others."
    )
    if any(marked(line) for cells in systems.values() for line in cells.values()):
        note += (
            f" {SIGN}: undertrained, that is, {UNDERTRAINED_RULE}. A difference that such a row is in bears the sign, "
            "and no test stands beside it; in orders, and beside the yardstick, such rows are left out."
        )
    return "\n".join(["How well systems fit what they were trained on:\n", *lines, note, ""])


def _fitted(cells: Cells, protocol: str) -> str:
    mine = {metric: line for (name, metric), line in cells.items() if name == protocol}
    if not mine:
        return "not run"
    line = mine.get("ua") or next(iter(mine.values()))
    trained = rounded(line["ua_train"], "ua") if line["ua_train"] else "–"
    tested = rounded(line["reproduced"], "ua") if "ua" in mine else "–"
    return f"{trained}{SIGN if marked(line) else ''} / {tested}"


def _steps_of(key: Key, records: list[dict[str, Any]]) -> list[str]:
    """The optimiser steps of a system's runs, and how many of them were at the initial learning rate."""
    mine = [record for record in records if (record["run"]["experiment"], record["run"]["system"]) == key]
    trainings = [record["training"] for record in mine if record.get("training")]
    names = ("steps", "steps_at_initial_rate")
    return [_span([training[name] for training in trainings], ",") if trainings else "–" for name in names]


def _recognition(teachers: dict[Key, Cells]) -> str:
    """The same table of the error rates of teachers."""
    return f"Error rates of the teachers:\n\n{_table(teachers)}" if teachers else ""


def _falls(systems: dict[Key, Cells]) -> str:
    """As published minus strict, each with both of its numbers and their intervals."""
    falls = []
    for key, cells in systems.items():
        published, strict = cells.get(("as_published", "ua")), cells.get(("strict", "ua"))
        if published and strict and published["split"] != strict["split"]:
            fall = float(published["reproduced"]) - float(strict["reproduced"])
            sign = SIGN if marked(published) or marked(strict) else ""
            text = f"{fall:+.1f}{sign}: {_number(published)} as published, {_number(strict)} strict"
            falls.append((fall, f"- {_name(key, systems)} {text}\n"))
    if not falls:
        return ""
    return (
        "UA as published minus UA strict (points; each with its interval): what shared speakers, and the way that the "
        "epoch is chosen, are worth. The two use different folds and no paired test of them is made: a difference here "
        "is not thereby significant.\n\n"
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
    left_out = any(marked(line) for line in others.values())
    others = {system: line for system, line in others.items() if not marked(line)}
    above = [system for system, line in others.items() if float(line["reproduced"]) > own]
    tested = {system: line for system, line in others.items() if line["p"]}
    apart = [system for system, line in tested.items() if significant(line, "p")]
    trained = " that are not undertrained" if left_out else ""
    listed, different = (", ".join(f"`{name}`" for name in names) or "none" for names in (above, apart))
    return (
        f"The yardstick {yardstick} stands at UA {own:.1f} under strict. Of {len(others)} systems{trained}, those "
        f"above it: {listed}. Of {len(tested)} tested, those that differ from it at p < 0.05 (paired permutation of "
        f"speakers, not corrected for several tests): {different}.\n"
    )


def _components(rows: list[dict[str, str]]) -> str:
    """What each component of a table is worth, beside what its paper reports, in the accuracies.

    Of what is better the lower it is there is no gain, but a difference.
    """
    shown = dict.fromkeys(row["column"] for row in rows if row["gain"])
    columns = [column for column in shown if column in ("wa", "ua") or metric_of(column).lower_is_better]
    columns.sort(key=lambda column: column == "ua")  # WA first, whatever the table's order
    return "".join(_steps(column, rows) for column in columns)


def _steps(column: str, rows: list[dict[str, str]]) -> str:
    """The same in one metric."""
    metric = metric_of(column)
    relation = "minus" if metric.lower_is_better else "over"
    lines = []
    for step in steps(rows, column):
        texts = [f"{_gain(row)} {row['label']}" for row in step.lines if row["gain"]]
        if texts and step.reported is not None:
            texts.append(f"{_sign(step.reported, column)} in the paper")
        if texts:
            lines.append(f'- {step.name}, {relation} "{step.beside}": {", ".join(texts)}\n')
    what = "How far each row lies from" if metric.lower_is_better else "What each component adds to"
    unit = f"{metric.unit}, " if metric.unit else ""
    return (
        f"{what} the row named beside it ({metric.label}, {unit}on the same utterances; "
        "95% interval and p over speakers, not corrected for several tests):\n\n"
    ) + "".join([*lines, "\n"])


def _gain(row: dict[str, str]) -> str:
    """A difference and its test; where one of the two rows is undertrained, the mark in place of the test."""
    return _plain(row, "gain") + (SIGN if marked(row, "gain_p") else _tested(row))


def _plain(row: dict[str, str], key: str) -> str:
    return _sign(float(row[key]), row["column"])


def _sign(difference: float, column: str) -> str:
    """A difference as printed, with a hyphen for a minus, as all numbers of this page."""
    return signed(difference, column).replace("−", "-")


def _tested(row: dict[str, str]) -> str:
    interval = f"[{_plain(row, 'gain_low')}, {_plain(row, 'gain_high')}]" if row["gain_low"] else ""
    p = f"p = {float(row['gain_p']):.2g}" if row["gain_p"] else ""
    return f" ({', '.join(text for text in (interval, p) if text)})" if interval or p else ""


def _order(name: str, rows: list[dict[str, str]]) -> str:
    """How far the order of a table's reported numbers is that of the reproduced, in the accuracy mostly reported."""
    texts, both = [], [row for row in rows if row["reported"] and row["reproduced"] and not marked(row)]
    left_out = any(marked(row) for row in rows if row["reported"] and row["reproduced"])
    column = max(("ua", "wa", f"ua{WHOLE}", f"wa{WHOLE}"), key=[row["column"] for row in both].count)
    mine = [row for row in both if row["column"] == column]
    for label in dict.fromkeys(row["label"] for row in mine if not row["protocol"].endswith("_best")):
        values = {(row["experiment"], row["system"]): row for row in reversed(mine) if row["label"] == label}
        pairs = [(key[0], float(row["reported"]), float(row["reproduced"])) for key, row in values.items()]
        apart = [(a, b) for a, b in combinations(pairs, 2) if a[0] == b[0] and a[1] != b[1]]
        same = sum((a[1] - b[1]) * (a[2] - b[2]) > 0 for a, b in apart)
        if apart:
            texts.append(f"{same} of {len(apart)} {label}")
    if not texts:
        return ""
    return (
        f"Order in `{name}`: of the pairs of systems that the paper's {metric_name(column)} puts apart, so many stand "
        f"as it has them: {', '.join(texts)}{'; undertrained ones are left out' if left_out else ''}.\n"
    )


def _records(folder: Path, systems: dict[Key, Cells]) -> list[dict[str, Any]]:
    """Records of the runs of the systems that the tables show, and of no others that lie beside them."""
    paths = (path for key in systems for path in folder.joinpath(*key).glob("*/fold*/seed*/run.json"))
    return [read_json(path) for path in sorted(paths)]


def _budget(records: list[dict[str, Any]]) -> str:
    """Optimiser steps, versions, hours and the training utterances that were used."""
    if not records:
        return ""
    steps = [record["training"]["steps"] for record in records if record.get("training")]
    versions = records[-1]["versions"]
    hours = sum(record["seconds"] for record in records) / 3600
    text = f"{len(records)} runs, {hours:.1f} hours of training processes; torch {versions['torch']}"
    text += f", Python {versions['python']}."
    if steps:
        text += f" Networks: {_span(steps, ',')} optimiser steps a run."
    # Learners of whole utterances cut no segments and use every one: they would only blur the range.
    counts = [r["counts"] for r in records if "train_utterances_used" in r["counts"]]
    shares = [100 * c["train_utterances_used"] / c["train_utterances"] for c in counts]
    shares = [share for share in shares if share < 100]
    if shares:
        text += (
            f" Recordings shorter than a segment give no training segment: {_span(shares, '.1f')} % of the training "
        )
        text += f"utterances were used in {len(shares)} of the runs, all in the others."
    return text + "\n"


def _span(values: list[float], form: str) -> str:
    """The smallest and the largest of `values`, once where they print alike."""
    return " to ".join(dict.fromkeys(f"{value:{form}}" for value in (min(values), max(values))))
