"""Utterances by label, session, style and speaker, beside the counts published for the corpus."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

KEYS = ("session", "style", "speaker")
ROUNDING = 0.005  # h: the published total has two decimals


def label_counts(manifest: pd.DataFrame) -> pd.DataFrame:
    """Count utterances: columns session, style, speaker, label, count, one row for each that occurs."""
    grouped = manifest.groupby([*KEYS, "label"], sort=True).size()
    return grouped.rename("count").reset_index()


def compare(counts: pd.DataFrame, reference: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Hold `counts` (see `label_counts`) against a corpus's ``reference_counts``.

    Only what it states is compared: ``counts`` ("all" or a style -> label -> count), ``session``,
    ``speaker`` (group -> label -> count), ``session_style`` (style -> session -> label -> count), ``views``
    (papers' classes, each a list of labels, in a style).

    Returns
    -------
    list of dict
        what, published, found, difference (found - published); one entry a published number.
    """
    rows = []
    for style, published in reference["counts"].items():
        rows += _rows(style, _of_style(counts, style), {label: [label] for label in published}, published)
    for key in ("session", "speaker"):
        for group, published in reference.get(key, {}).items():
            classes = {label: [label] for label in published}
            rows += _rows(f"{key} {group}", counts[counts[key] == group], classes, published)
    for style, sessions in reference.get("session_style", {}).items():
        for session, published in sessions.items():
            chosen = _of_style(counts[counts["session"] == session], style)
            rows += _rows(f"session {session}, {style}", chosen, {label: [label] for label in published}, published)
    for view in reference.get("views", []):
        chosen = _of_style(counts, view["style"])
        rows += _rows(view["name"], chosen, view["classes"], view["expected"])
        for session, published in view.get("session", {}).items():
            part = chosen[chosen["session"] == session]
            rows += _rows(f"{view['name']}, session {session}", part, view["classes"], published)
    return rows


def total_differs(manifest: pd.DataFrame, reference: Mapping[str, Any]) -> str | None:
    """Say how far the total duration is from the published one; None within rounding, or where none is published."""
    published = reference.get("durations", {}).get("hours")
    hours = float(manifest["duration"].sum()) / 3600
    if published is None or abs(hours - published) <= ROUNDING:
        return None
    return f"total duration: {hours:.2f} h found, {published:.2f} h published ({hours / published - 1:+.1%})"


def published_totals(manifest: pd.DataFrame, reference: Mapping[str, Any]) -> dict[str, float]:
    """Published ``utterances``, where the count of every label that occurs is stated, and ``hours``, where they are."""
    counts, hours = reference["counts"].get("all", {}), reference.get("durations", {}).get("hours")
    totals = {"utterances": sum(counts.values())} if set(manifest["label"]) <= set(counts) else {}
    return totals | ({} if hours is None else {"hours": hours})


def _of_style(counts: pd.DataFrame, style: str) -> pd.DataFrame:
    return counts if style == "all" else counts[counts["style"] == style]


def _rows(
    what: str, counts: pd.DataFrame, classes: Mapping[str, list[str]], published: Mapping[str, int]
) -> list[dict[str, Any]]:
    by_label = counts.groupby("label")["count"].sum()
    rows = []
    for name, number in published.items():
        found = int(by_label.reindex(classes[name], fill_value=0).sum())
        rows.append({"what": f"{what}: {name}", "published": number, "found": found, "difference": found - number})
    return rows
