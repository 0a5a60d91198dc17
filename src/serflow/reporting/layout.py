"""From tidy table rows to printed cells: reported, then a cell a protocol, footnotes for what is missing."""

from itertools import groupby
from typing import Any

from serflow.reporting.captions import Line, table_caption
from serflow.reporting.words import metric_name, protocol_label


def table_layout(spec: dict[str, Any], rows: list[Line]) -> dict[str, Any]:
    """Lay a table out for the template.

    Returns
    -------
    dict
        id, title, source, caption; protocols (label, split, rule); differences (whether to print them);
        rows (name, marks, lines: metric, reported, cells: text, spread, star, mark, difference, verdict),
        footnotes (texts; marks count from 1, 0 is none).
    """
    footnotes: list[str] = []
    groups = []
    for name, lines in groupby(rows, key=lambda line: (line["row"], line["name"])):
        groups.append(_group(name[1], list(lines), spec, footnotes))
    return {
        "id": spec["id"],
        "title": spec["title"],
        "source": spec["source"],
        "caption": table_caption(spec, rows),
        "protocols": [
            {"label": protocol_label(item), "split": item["split"], "rule": item["rule"]} for item in spec["protocols"]
        ],
        "differences": any(line["difference"] for line in rows),
        "rows": groups,
        "footnotes": footnotes,
    }


def _group(name: str, lines: list[Line], spec: dict[str, Any], footnotes: list[str]) -> dict[str, Any]:
    own = {line["note"] for line in lines if line["note"] and line["reproduced"]}
    printed = [_line(column, list(cells), spec, footnotes) for column, cells in groupby(lines, _column)]
    return {"name": name, "marks": [_mark(note, footnotes) for note in sorted(own)], "lines": printed}


def _column(line: Line) -> str:
    return line["column"]


def _line(column: str, lines: list[Line], spec: dict[str, Any], footnotes: list[str]) -> dict[str, Any]:
    by_protocol = {line["protocol"]: line for line in lines}
    cells = [_cell(by_protocol.get(protocol["name"], lines[0]), footnotes) for protocol in spec["protocols"]]
    reported = lines[0]["reported"]
    return {"metric": metric_name(column), "reported": reported, "cells": cells}


def _cell(line: Line, footnotes: list[str]) -> dict[str, Any]:
    if not line["system"]:  # reported only: the caption says so once
        return {"text": " ", "star": False, "spread": "", "mark": 0, "difference": "", "verdict": ""}
    if not line["reproduced"]:
        return {"text": "", "mark": _mark(line["note"], footnotes)}
    cell = {"text": f"{float(line['reproduced']):.1f}", "mark": 0}
    cell["star"] = bool(line["p"]) and float(line["p"]) < 0.05
    cell["spread"] = f"[{float(line['low']):.1f}–{float(line['high']):.1f}]" if line["low"] else ""
    if line["statistic"] == "mean" and line["sd"]:
        cell["spread"] = f"± {float(line['sd']):.1f}"
    cell["difference"] = f"{float(line['difference']):+.1f}".replace("-", "−") if line["difference"] else ""
    cell["verdict"] = line["verdict"]
    return cell


def _mark(note: str, footnotes: list[str]) -> int:
    if note not in footnotes:
        footnotes.append(note)
    return footnotes.index(note) + 1
