"""What the report says of the corpus: counts beside the published ones, and the audit of the release."""

from collections.abc import Set
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

LABELS = [
    *("angry", "happy", "excited", "sad", "neutral", "frustrated"),
    *("fearful", "surprised", "disgusted", "other", "no_agreement"),
]
NAMED_FINDINGS = 12


def corpus_counts(manifest: pd.DataFrame, published: dict[str, dict[str, int]] | None) -> dict[str, Any]:
    """Count utterances by label, session and style.

    Parameters
    ----------
    manifest : DataFrame
        Columns label, session, style, speaker, duration (s).
    published : dict or None
        ``all`` and, where known, ``improvised``, ``scripted``: canonical label -> count.

    Returns
    -------
    dict
        columns (printed heads of this corpus), published_columns, rows (label, counts, published), the
        last one being "all"; utterances, speakers, hours.
    """
    masks = {f"Ses. {name}": manifest["session"] == name for name in sorted(manifest["session"].unique())}
    if len(masks) == 1:
        masks = {}
    masks |= {name: manifest["style"] == name for name in ("improvised", "scripted") if name in set(manifest["style"])}
    masks["all"] = manifest["label"].notna()
    known = [name for name in ("improvised", "scripted", "all") if published and name in published]
    rows = []
    for label in LABELS:
        mine = manifest["label"] == label
        beside = [published[name].get(label, 0) for name in known] if published else []
        rows.append([label.replace("_", " "), [int((mine & mask).sum()) for mask in masks.values()], beside])
    rows.append(["all", _sums([row[1] for row in rows]), _sums([row[2] for row in rows])])
    return {
        "columns": list(masks),
        "published_columns": known,
        "rows": rows,
        "utterances": f"{len(manifest):,}",
        "speakers": manifest["speaker"].nunique(),
        "hours": f"{manifest['duration'].sum() / 3600:.2f}",
    }


def class_check(manifest: pd.DataFrame, check: dict[str, Any]) -> dict[str, Any]:
    """Count one paper's classes beside the counts that it prints.

    `check`: ``name``, ``style`` (or None for all), ``classes`` (class -> canonical labels), ``expected``
    (class -> count). Gives name, classes, found, expected (with sums at the end).
    """
    chosen = manifest if check["style"] is None else manifest[manifest["style"] == check["style"]]
    found = [int(chosen["label"].isin(labels).sum()) for labels in check["classes"].values()]
    expected = [check["expected"][name] for name in check["classes"]]
    return {
        "name": check["name"],
        "classes": [*check["classes"], "total"],
        "found": [*found, sum(found)],
        "expected": [*expected, sum(expected)],
    }


def findings_summary(findings: dict[str, Any], *, dialogs: Set[str] | None) -> dict[str, Any]:
    """Summarise an audit: counts by severity and code, the odd and fatal findings by name, turns left out.

    At most `NAMED_FINDINGS` of each list are named; `more_*` counts the rest. What the files say (`quote`) is
    left out. `dialogs`: None, or, where the licence forbids to name utterances, the only names to be printed.
    """
    severities = []
    for severity in ("fatal", "odd", "expected"):
        codes = [finding["code"] for finding in findings["findings"] if finding["severity"] == severity]
        counts = {code: codes.count(code) for code in sorted(set(codes))}
        detail = ", ".join(f"{code.replace('_', ' ')} ({number:,})" for code, number in counts.items())
        severities.append({"severity": severity, "count": len(codes), "detail": detail})
    named = [_finding(item, dialogs) for item in findings["findings"] if item["severity"] in ("odd", "fatal")]
    left_out = sorted(findings["left_out"])
    shown = left_out[:NAMED_FINDINGS] if dialogs is None else []
    return {
        "severities": severities,
        "named": named[:NAMED_FINDINGS],
        "more_named": max(0, len(named) - NAMED_FINDINGS),
        "left_out": shown,
        "more_left_out": len(left_out) - len(shown),
    }


def _finding(finding: dict[str, Any], dialogs: Set[str] | None) -> dict[str, str]:
    file = finding["file"]
    where = file if dialogs is None else _as_far_as(dialogs, PurePosixPath(file))
    line = f":{finding['line']}" if finding["line"] and where == file else ""
    return {"severity": finding["severity"], "where": f"{where}{line}", "message": finding["message"]}


def _as_far_as(dialogs: Set[str], file: PurePosixPath) -> str:
    """`file`, cut after the part that names a dialog; its folder where none does: its name may be a turn's."""
    named = [path for path in (file, *file.parents) if path.stem in dialogs]
    return str(named[-1] if named else file.parent)


def _sums(columns: list[list[int]]) -> list[int]:
    return [sum(values) for values in zip(*columns, strict=True)]
