"""A table of utterances by session and class, counted from a view, beside the published counts."""

from typing import Any

import pandas as pd

from serflow.reporting.rows import COLUMNS

__all__ = ["ALL", "counts_rows"]

ALL = "all"  # the row of all sessions, and the column of all classes


def counts_rows(spec: dict[str, Any]) -> list[dict[str, str]]:
    """Tell a table of counts as tidy rows: one for each session and class, and their sums.

    Parameters
    ----------
    spec : dict
        ``id``, ``experiment``, ``view`` (path of its utterances with ``session`` and ``class``; None: none is made,
        and ``note`` says why), ``classes``, ``published`` (None, or ``source``, ``session``: name -> class -> count,
        and ``all``: class -> count), ``comparable`` (whether the published counts are this corpus's own),
        ``published_on`` (the corpus that they are of).

    Returns
    -------
    list of dict
        Keys as `COLUMNS`; all values are text. `reported` is the published count, `reproduced` the one that is found.
    """
    published = _with_sums(spec["published"] or {})
    found = _found(spec["view"], spec["classes"]) if spec["view"] else {}
    sessions = sorted((set(found) | set(published)) - {ALL})
    rows = []
    for session in [*sessions, *([ALL] if found or published else [])]:
        for column in [*spec["classes"], ALL]:
            line = _line(spec, session, column)
            stated = published.get(session, {}).get(column)
            line |= {} if stated is None else {"reported": str(stated), "reported_on": spec["published_on"]}
            if found:
                number = found.get(session, {}).get(column, 0)
                line |= {"reproduced": str(number), "statistic": "count"}
                if spec["comparable"] and stated is not None:
                    line["difference"] = f"{number - stated:+d}"
            rows.append({key: line.get(key, "") for key in COLUMNS})
    return rows


def _line(spec: dict[str, Any], session: str, column: str) -> dict[str, str]:
    row = ALL if session == ALL else f"session{session}"
    return {
        "item": f"{spec['id']}/{row}/{column}",
        "row": row,
        "name": ALL if session == ALL else f"session {session}",
        "column": column,
        "experiment": spec["experiment"] or "",
        "note": spec["note"] or "",
    }


def _found(view: str, classes: list[str]) -> dict[str, dict[str, int]]:
    """Session (or `ALL`) -> class (or `ALL`) -> utterances."""
    table = pd.read_parquet(view, columns=["session", "class"]).astype(str)
    counts = {session: rows["class"].value_counts().to_dict() for session, rows in table.groupby("session")}
    counts[ALL] = table["class"].value_counts().to_dict()
    return {
        session: {name: int(by_class.get(name, 0)) for name in classes} | {ALL: int(sum(by_class.values()))}
        for session, by_class in counts.items()
    }


def _with_sums(published: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The published counts in the same form; a sum over the classes beside each."""
    counts = published.get("session", {}) | ({ALL: published["all"]} if published else {})
    return {session: by_class | {ALL: sum(by_class.values())} for session, by_class in counts.items()}
