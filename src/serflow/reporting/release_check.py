"""The check of a release: what is in it beside what is published, and every finding, for the PDF and for programs."""

from collections.abc import Mapping, Set
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from serflow.corpora.declaration import LABELS
from serflow.corpora.findings import SEVERITIES, Finding, Findings
from serflow.corpora.grouping import Group
from serflow.corpora.manifest import STYLES

COLUMNS = ["label", "session", "style", "speaker", "duration", "dialog"]
Groups = dict[str, tuple[pd.Series, Mapping[str, int]]]  # head -> which rows, published label -> count


def release_check(spec: dict[str, Any]) -> dict[str, Any]:
    """Gather the check of one reading.

    Parameters
    ----------
    spec : dict
        ``corpus`` (``id``, ``title``), ``show_text`` (whether utterances may be named), ``published`` (None or a
        corpus's ``reference_counts``), ``compared`` (whether they are this corpus's own, so that a difference
        means something), ``checks`` (see `class_check`), ``manifest`` and ``findings`` (paths).

    Returns
    -------
    dict
        ``corpus``, ``source`` (of the published numbers, or ""), ``compared``, ``utterances``, ``speakers``,
        ``dialogs``; ``tables`` (see `label_table`), ``checks``, ``durations``, ``kinds`` (severity, code, count,
        first place and message), ``findings`` (those that are not expected, alike ones as one, the gravest first:
        severity, code, count, file or folder, line, utterance, message), ``left_out`` (count, utterances), ``absent``
        (published utterances of sessions that are not there). Where utterances may not be named, a file is cut to its
        dialog's folder, unless it is the table that holds them all.
    """
    manifest = pd.read_parquet(spec["manifest"], columns=COLUMNS)
    read = Findings.read(spec["findings"])
    named = None if spec["show_text"] else (read.dialogs | set(manifest["dialog"])) - {""}
    published = spec["published"] or {}
    return {
        "corpus": spec["corpus"],
        "source": published.get("source", ""),
        "compared": spec["compared"],
        "utterances": len(manifest),
        "speakers": int(manifest["speaker"].nunique()),
        "dialogs": len(set(manifest["dialog"]) - {""}),
        "tables": label_tables(manifest, published, compared=spec["compared"]),
        "checks": [class_check(manifest, check, compared=spec["compared"]) for check in spec["checks"]],
        "durations": durations(manifest, published.get("durations", {}), compared=spec["compared"]),
        "kinds": _kinds(read, named),
        "findings": [
            _printed(group, read, named)
            for severity in SEVERITIES
            if severity != "expected"
            for group in read.groups(severity)
        ],
        "left_out": {"count": len(read.left_out), "utterances": sorted(read.left_out) if spec["show_text"] else []},
        "absent": read.absent,
    }


def label_tables(manifest: pd.DataFrame, published: Mapping[str, Any], *, compared: bool) -> list[dict[str, Any]]:
    """Count labels by session, by style, by true speaker, and by session and style.

    A corpus of one session, or whose sessions are its speakers, or without styles, has no table for it. Each table:
    id, title, groups (heads), rows (label, cells: found, published or None, differs), the last one being the sum.
    """
    counts = published.get("counts", {})
    speakers_alone = (manifest["session"] == manifest["speaker"]).all()
    sessions = {} if speakers_alone else _named(manifest, "session", published.get("session", {}))
    styles = _named(manifest, "style", {style: counts[style] for style in STYLES if style in counts})
    speakers = _named(manifest, "speaker", published.get("speaker", {}))
    everything: Groups = {"all": (manifest["label"].notna(), counts.get("all", {}))}
    crossed: Groups = {
        f"{session} {style}": (rows & chosen, published.get("session_style", {}).get(style, {}).get(session, {}))
        for session, (rows, _) in sessions.items()
        for style, (chosen, _) in styles.items()
    }
    found = [
        ("session", "by session", sessions | everything) if len(sessions) > 1 else ("session", "in all", everything),
        ("style", "by style", styles),
        ("speaker", "by true speaker", speakers),
        ("session_style", "by session and style", crossed),
    ]
    return [
        {"id": name, "title": f"Utterances by label, {title}"} | _table(manifest["label"], groups, compared)
        for name, title, groups in found
        if groups
    ]


def _named(manifest: pd.DataFrame, column: str, published: Mapping[str, Mapping[str, int]]) -> Groups:
    names = sorted((set(manifest[column]) | set(published)) - {""})
    return {name: (manifest[column] == name, published.get(name, {})) for name in names}


def _table(labels: pd.Series, groups: Groups, compared: bool) -> dict[str, Any]:
    known = {label for _, published in groups.values() for label in published}
    there = known | set(labels)
    names = [label for label in LABELS if label in there] + sorted(there - set(LABELS))
    rows = []
    for label in names:
        cells = [_cell(int((labels[rows] == label).sum()), stated.get(label), compared)
                 for rows, stated in groups.values()]  # fmt: skip
        rows.append({"label": label, "cells": cells})
    totals = [_cell(int(rows.sum()), _total(labels[rows], stated), compared) for rows, stated in groups.values()]
    return {"groups": list(groups), "rows": [*rows, {"label": "all", "cells": totals}]}


def _total(labels: pd.Series, published: Mapping[str, int]) -> int | None:
    """Sum of the published counts, unless a label that occurs is not among them."""
    return sum(published.values()) if published and set(labels) <= set(published) else None


def _cell(found: float, published: float | None, compared: bool, *, within: float = 0.0) -> dict[str, Any]:
    differs = compared and published is not None and abs(found - published) > within
    return {"found": found, "published": published, "differs": differs}


def class_check(manifest: pd.DataFrame, check: dict[str, Any], *, compared: bool) -> dict[str, Any]:
    """Count one paper's classes beside the counts that it prints.

    `check`: ``name``, ``style`` (or None for all), ``classes`` (class -> canonical labels), ``expected``
    (class -> count). Gives name, classes, cells (as in `label_tables`), with the sum at the end.
    """
    chosen = manifest if check["style"] is None else manifest[manifest["style"] == check["style"]]
    found = [int(chosen["label"].isin(labels).sum()) for labels in check["classes"].values()]
    expected = [check["expected"][name] for name in check["classes"]]
    numbers = zip([*found, sum(found)], [*expected, sum(expected)], strict=True)
    return {
        "name": check["name"],
        "classes": [*check["classes"], "total"],
        "cells": [_cell(*pair, compared) for pair in numbers],
    }


def durations(manifest: pd.DataFrame, published: Mapping[str, float], *, compared: bool) -> dict[str, Any]:
    """Sum up durations: ``all`` (name -> cell) and ``sessions`` (session, utterances and the same numbers).

    Hours have two decimals, seconds (mean, median, shortest, longest) three; published ones are compared
    within their own rounding.
    """
    whole = _spread(manifest["duration"])
    cells = {name: _cell(value, published.get(name), compared, within=_rounding(published.get(name)))
             for name, value in whole.items()}  # fmt: skip
    sessions = [
        {"session": name, "utterances": len(part)} | _spread(part)
        for name, part in manifest.groupby("session", sort=True)["duration"]
    ]
    return {"all": cells, "sessions": sessions}


def _spread(seconds: pd.Series) -> dict[str, float]:
    if seconds.empty:
        return dict.fromkeys(("hours", "mean", "median", "shortest", "longest"), 0.0)
    found = {"mean": seconds.mean(), "median": seconds.median(), "shortest": seconds.min(), "longest": seconds.max()}
    return {"hours": round(float(seconds.sum()) / 3600, 2)} | {
        name: round(float(value), 3) for name, value in found.items()
    }


def _rounding(published: float | None) -> float:
    """Half a unit of the last decimal that is given, and a hair."""
    decimals = len(str(published).partition(".")[2])
    return 0.5000001 * 10**-decimals


def _kinds(findings: Findings, named: Set[str] | None) -> list[dict[str, Any]]:
    """Count findings by severity and code, with the first place of each."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for item in findings.items:
        kinds.setdefault((item.severity, item.code), []).append(item)
    order = sorted(kinds, key=lambda kind: (SEVERITIES.index(kind[0]), kind[1]))
    return [
        {"severity": severity, "code": code, "count": len(kinds[severity, code])}
        | _place(kinds[severity, code][0], findings.table, named)
        | {"message": kinds[severity, code][0].message}
        for severity, code in order
    ]


def _printed(group: Group, findings: Findings, named: Set[str] | None) -> dict[str, Any]:
    """Findings that are alike, as the report prints them; only a single one has a line and an utterance."""
    first = group.first
    entry = {"severity": first.severity, "code": first.code, "count": group.count, "message": group.message}
    if group.single:
        return entry | _place(first, findings.table, named) | {"utterance": first.utterance if named is None else None}
    return entry | {"file": group.where, "line": None, "utterance": None}


def _place(item: Finding, table: str | None, named: Set[str] | None) -> dict[str, Any]:
    """File and line of a finding; cut where it would name an utterance, which only files of `named` do not."""
    cut = named is not None and item.file != table
    file = _as_far_as(named, PurePosixPath(item.file)) if cut else item.file
    return {"file": file, "line": item.line if file == item.file else None}


def _as_far_as(named: Set[str], file: PurePosixPath) -> str:
    """`file`, cut after the part that names a dialog; its folder where none does: its name may be a turn's."""
    found = [path for path in (file, *file.parents[:-1]) if path.stem in named and (path == file or path.parent.name)]
    return str(found[0] if found else file.parent)
