"""The check of the release as the report prints it: a summary for the first page, and a section of its own."""

from typing import Any

from serflow.corpora.findings import SEVERITIES
from serflow.corpora.grouping import RELEASE
from serflow.reporting.wording import count

DURATIONS = ("hours", "mean", "median", "shortest", "longest")
NAMED_FINDINGS = 12  # on the first page; the section on the release has all
WIDEST = 12  # groups side by side in a table; more stand below each other


def findings_summary(check: dict[str, Any]) -> dict[str, Any]:
    """Sum up a check (`serflow.reporting.release_check`) for the first page.

    Gives severities (severity, count, detail), named (the first of the fatal and odd findings, those that are alike as
    one), left_out (turns), the numbers of those not named, more_named and more_left_out, and absent (turns of sessions
    that are not there, or "").
    """
    named = [_placed(item) for item in check["findings"]]
    left_out = check["left_out"]
    shown = left_out["utterances"][:NAMED_FINDINGS]
    return {
        "severities": [_severity(severity, check["kinds"]) for severity in SEVERITIES],
        "named": named[:NAMED_FINDINGS],
        "more_named": max(0, len(named) - NAMED_FINDINGS),
        "left_out": shown,
        "more_left_out": left_out["count"] - len(shown),
        "absent": f"{check['absent']:,}" if check["absent"] else "",
    }


def _severity(severity: str, kinds: list[dict[str, Any]]) -> dict[str, Any]:
    own = [kind for kind in kinds if kind["severity"] == severity]
    detail = ", ".join(f"{_words(kind['code'])} ({kind['count']:,})" for kind in own)
    return {"severity": severity, "count": sum(kind["count"] for kind in own), "detail": detail}


def release_pages(check: dict[str, Any]) -> dict[str, Any]:
    """Lay a check out for the template: numbers as text, a marked cell where found and published differ."""
    keys = ("source", "compared")
    return {key: check[key] for key in keys} | {
        "utterances": f"{check['utterances']:,}",
        "speakers": count(check["speakers"], "speaker"),
        "dialogs": count(check["dialogs"], "dialog") if check["dialogs"] else "",
        "hours": f"{check['durations']['all']['hours']['found']:.2f}",
        "tables": [_table(table) for table in check["tables"]],
        "checks": [item | {"cells": [_count(cell) for cell in item["cells"]]} for item in check["checks"]],
        "durations": _durations(check["durations"]),
        "serious": [_placed(item) for item in check["findings"]],
        "expected": [
            _placed(kind) | {"count": f"{kind['count']:,}"} for kind in check["kinds"] if kind["severity"] == "expected"
        ],
    }


def _placed(item: dict[str, Any]) -> dict[str, str]:
    where = item["file"] if item["line"] is None else f"{item['file']}:{item['line']}"
    return {
        "severity": item["severity"],
        "code": _words(item["code"]),
        "where": RELEASE if where == "." else where,
        "message": item["message"],
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    """A row a label and a column a group; the other way round where there are more than `WIDEST` groups."""
    rows = [row | {"label": _words(row["label"]), "cells": [_count(cell) for cell in row["cells"]]}
            for row in table["rows"]]  # fmt: skip
    groups = [f"session {name}" if table["id"] == "session" and name != "all" else name for name in table["groups"]]
    if len(groups) > WIDEST:
        columns = zip(*(row["cells"] for row in rows), strict=True)
        turned = [{"label": name, "cells": list(cells)} for name, cells in zip(groups, columns, strict=True)]
        groups, rows = [row["label"] for row in rows], turned
    return {"title": table["title"], "groups": groups, "rows": rows}


def _count(cell: dict[str, Any]) -> dict[str, Any]:
    return cell | {"found": f"{cell['found']:,}", "published": _text(cell["published"], ",")}


def _durations(durations: dict[str, Any]) -> dict[str, Any]:
    """A row a session, then all, then the published; columns as in `DURATIONS`."""
    sessions = [
        [f"session {row['session']}", f"{row['utterances']:,}", *(_seconds(name, row[name]) for name in DURATIONS)]
        for row in durations["sessions"]
    ]
    cells = {name: durations["all"][name] for name in DURATIONS}
    return {
        "heads": list(DURATIONS),
        "sessions": sessions if len(sessions) > 1 else [],
        "all": [{"text": _seconds(name, cell["found"]), "differs": cell["differs"]} for name, cell in cells.items()],
        "published": [_text(cell["published"], "") for cell in cells.values()],
    }


def _seconds(name: str, value: float) -> str:
    return f"{value:.2f}" if name in ("hours", "mean", "median") else f"{value:.3f}"


def _text(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _words(name: str) -> str:
    return name.replace("_", " ")
