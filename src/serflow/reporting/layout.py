"""From tidy table rows to printed cells: reported, then a cell a protocol, footnotes for what is missing."""

from itertools import groupby
from typing import Any

from serflow.metrics.names import RECALL, metric_of
from serflow.reporting.ablation import steps
from serflow.reporting.captions import counts_caption, groups_caption, quoted_caption, table_caption
from serflow.reporting.claims_layout import claims_layout
from serflow.reporting.groups import groups_layout
from serflow.reporting.rows import Line
from serflow.reporting.undertrained import SIGN, marked, significant, stars
from serflow.reporting.wording import (
    full_name,
    metric_name,
    over_seeds,
    printed_protocols,
    protocol_label,
    rounded,
    signed,
)

EMPTY = {"text": "", "seeds": "", "spread": "", "stars": "", "dagger": False, "mark": 0, "sign": ""}  # a cell


def table_layout(spec: dict[str, Any], rows: list[Line]) -> dict[str, Any]:
    """Lay a table out for the template.

    Returns
    -------
    dict
        id, title, source, caption; protocols (label, split, select); reported, differences (whether to print them),
        published_on (the corpus of the reported numbers);
        rows (name, marks, lines: metric, reported, cells: text, seeds, spread, stars, dagger, sign, mark, difference,
        verdict), footnotes (texts; marks count from 1, 0 is none); ablation (rows: head, metric, name, relation,
        beside, reported, cells: text, seeds, spread, stars, sign), what each row has over the one with a component
        fewer; own_page: whether it has a page for itself. `seeds` is the deviation over the seeds, `stars` none, one
        or two. Of a table that no number of this run stands in, quoted (metrics; rows: name, values) in place of rows;
        of a table of counts, counts (groups; rows: label, cells: found, published, differs); of a table of groups,
        by_group (`serflow.reporting.groups.groups_layout`); of one of claims, claims
        (`serflow.reporting.claims_layout`).
    """
    if spec.get("kind") == "counts":
        return _counts(spec, rows)
    if spec.get("kind") == "groups":
        return groups_layout(spec, rows, caption=groups_caption(spec, rows))
    if spec.get("kind") == "claims":
        return claims_layout(spec, rows)
    if not any(line["reproduced"] for line in rows):
        return _quoted(spec, rows)
    footnotes: list[str] = []
    groups = []
    spec = spec | {"protocols": printed_protocols(spec["protocols"])}
    for (_, name), lines in groupby(rows, key=lambda line: ("" if line["variant"] else line["row"], line["name"])):
        groups.append(_group(name, list(lines), spec, footnotes))
    return {
        "id": spec["id"],
        "title": spec["title"],
        "source": spec["source"],
        "caption": table_caption(spec, rows),
        "protocols": [
            {"label": protocol_label(item), "split": item["split"], "select": item["select"]}
            for item in spec["protocols"]
        ],
        "reported": any(line["reported"] for line in rows),
        "published_on": spec["published_on"],
        "differences": any(line["difference"] for line in rows),
        "rows": groups,
        "footnotes": footnotes,
        "ablation": _components(spec, rows),
        "own_page": spec.get("kind") == "cross",
    }


def _counts(spec: dict[str, Any], rows: list[Line]) -> dict[str, Any]:
    """A row a session and a column a class, as the check of the release has its counts."""
    printed = []
    for label, lines in groupby(rows, key=lambda line: line["name"]):
        cells = [
            {
                "found": f"{int(line['reproduced']):,}" if line["reproduced"] else "–",
                "published": f"{int(line['reported']):,}" if line["reported"] else "",
                "differs": line["difference"] not in ("", "+0"),
            }
            for line in lines
        ]
        printed.append({"label": label, "cells": cells})
    names = spec.get("class_names", {})
    groups = [names.get(column, column).replace("_", " ") for column in dict.fromkeys(line["column"] for line in rows)]
    common = {key: spec[key] for key in ("id", "title", "source")} | {"caption": counts_caption(spec, rows)}
    return common | {"counts": {"groups": groups, "rows": printed}}


def _quoted(spec: dict[str, Any], rows: list[Line]) -> dict[str, Any]:
    """The reported numbers alone, a line a row, and why there are no others."""
    metrics = list(dict.fromkeys(line["column"] for line in rows if line["reported"]))
    printed = []
    for (_, name), lines in groupby(rows if metrics else [], key=lambda line: (line["row"], full_name(line))):
        values = {line["column"]: line["reported"] for line in lines}
        printed.append({"name": name, "values": [values.get(metric, "") for metric in metrics]})
    reasons = dict.fromkeys(line["note"] for line in rows if line["system"] and line["note"])
    keys = ("id", "title", "source")
    quoted = {"metrics": [metric_name(metric) for metric in metrics], "rows": printed}
    return {key: spec[key] for key in keys} | {
        "quoted": quoted,
        "caption": quoted_caption("; ".join(reasons), spec["published_on"] if metrics else ""),
    }


def _components(spec: dict[str, Any], rows: list[Line]) -> list[dict[str, Any]]:
    """A line for each metric and row that has one with a component fewer; `head` stands above them.

    Of what is better the lower it is there is no gain: these differences stand in a part of their own.
    """
    lower = [column for column in spec["columns"] if metric_of(column).lower_is_better]
    higher = [column for column in spec["columns"] if column not in lower]
    accuracies = [column for column in higher if column in ("wa", "ua")] or higher[:1]
    gains = [(column, line) for column in accuracies for line in _steps(column, spec, rows)]
    differences = [(column, line) for column in lower for line in _steps(column, spec, rows)]
    return [
        *(line | {"head": _head(f"Gain in {line['metric']}", column), "relation": "over"} for column, line in gains),
        *(
            line
            | {"head": _head("Difference", column), "relation": "minus", "name": f"{line['metric']}: {line['name']}"}
            for column, line in differences
        ),
    ]


def _head(what: str, column: str) -> str:
    unit = metric_of(column).unit
    return f"{what}, {unit}" if unit else what


def _steps(column: str, spec: dict[str, Any], rows: list[Line]) -> list[dict[str, Any]]:
    printed = []
    for step in steps(rows, column):
        by_protocol = {line["protocol"]: line for line in step.lines}
        printed.append(
            {
                "metric": metric_name(column),
                "name": step.name,
                "beside": step.beside,
                "reported": "" if step.reported is None else signed(step.reported, column),
                "cells": [_gain(by_protocol.get(protocol["name"])) for protocol in spec["protocols"]],
            }
        )
    return printed


def _gain(line: Line | None) -> dict[str, Any]:
    if line is None or not line["gain"]:
        return EMPTY
    keys = ("gain", "gain_low", "gain_high")
    gain, low, high = (line[key] and signed(float(line[key]), line["column"]) for key in keys)
    found = {"stars": stars(line, "gain_p"), "sign": SIGN if marked(line, "gain_p") else ""}
    found |= {"seeds": over_seeds(line, "gain_sd_seeds"), "spread": f"[{low}, {high}]" if low else ""}
    return EMPTY | {"text": gain} | found


def _group(name: str, lines: list[Line], spec: dict[str, Any], footnotes: list[str]) -> dict[str, Any]:
    """One name's lines: by metric, and of each metric a line a variant."""
    own = {line["note"] for line in lines if line["note"] and line["reproduced"]}
    quoted = [line for line in lines if line["reported"]] if not any(line["system"] for line in lines) else []
    keys = dict.fromkeys((line["column"], line["row"]) for line in quoted or lines)  # of no number there is no line
    metrics = list(dict.fromkeys(column for column, _ in keys))
    printed = []
    for column, row in sorted(keys, key=lambda key: metrics.index(key[0])):
        mine = [line for line in lines if (line["column"], line["row"]) == (column, row)]
        printed.append(_line(mine, spec, footnotes))
    return {"name": name, "marks": [_mark(note, footnotes) for note in sorted(own)], "lines": printed}


def _line(lines: list[Line], spec: dict[str, Any], footnotes: list[str]) -> dict[str, Any]:
    """The line of one row and metric."""
    by_protocol = {line["protocol"]: line for line in lines}
    cells = [_cell(by_protocol.get(protocol["name"], lines[0]), footnotes) for protocol in spec["protocols"]]
    first = lines[0]
    metric = _metric(first["column"], spec) + (f", {first['variant']}" if first["variant"] else "")
    return {"metric": metric, "reported": first["reported"], "cells": cells}


def _metric(column: str, spec: dict[str, Any]) -> str:
    """What a column is called; a recall by what the corpus calls the class."""
    names = {f"{RECALL}{name}": f"{RECALL}{own}" for name, own in spec.get("class_names", {}).items()}
    return metric_name(names.get(column, column))


def _cell(line: Line, footnotes: list[str]) -> dict[str, Any]:
    cell = EMPTY | {"difference": "", "verdict": ""}
    if not line["system"]:  # reported only: the caption says so once
        return cell | {"text": " "}
    if not line["reproduced"]:
        return cell | {"mark": _mark(line["note"], footnotes)}
    keys = ("reproduced", "low", "high", "sd")
    value, low, high, sd = (line[key] and rounded(line[key], line["column"]) for key in keys)
    cell |= {"text": value, "stars": stars(line, "p"), "dagger": significant(line, "p_z")}
    cell |= {"sign": SIGN if marked(line) else "", "seeds": over_seeds(line, "sd_seeds")}
    cell["spread"] = f"± {sd}" if line["statistic"] == "mean" and sd else f"[{low}–{high}]" if low else ""
    cell["difference"] = signed(float(line["difference"]), line["column"]) if line["difference"] else ""
    cell["verdict"] = line["verdict"]
    return cell


def _mark(note: str, footnotes: list[str]) -> int:
    if note not in footnotes:
        footnotes.append(note)
    return footnotes.index(note) + 1
