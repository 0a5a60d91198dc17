"""Pairs of groups of speakers as the report prints them, in the section on the release."""

import csv
from pathlib import Path
from typing import Any

FIXED = ("speaker", "sex", "pair", "group", "utterances")


def group_tables(views: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tables of who is in which group, views that have the same groups in one.

    Parameters
    ----------
    views : `view` (paper and experiment, as printed) and `files`: the CSV files of its splits (speaker, sex, pair,
        group, utterances, then a column a class), of which some may not be there.

    Returns
    -------
    list of dict
        `views` (text), `classes`, and `rows`, one a group: its name, speakers, utterances and those of each class.
    """
    found: dict[tuple, list[str]] = {}
    for view in views:
        listed = next((file for file in map(Path, view["files"]) if file.is_file()), None)
        if listed is not None:
            lines = tuple(map(tuple, csv.reader(listed.read_text(encoding="utf-8").splitlines())))
            found.setdefault(lines, []).append(view["view"])
    return [_table(lines, names) for lines, names in found.items()]


def _table(lines: tuple[tuple[str, ...], ...], views: list[str]) -> dict[str, Any]:
    head, *rows = lines
    speakers = [dict(zip(head, row, strict=True)) for row in rows]
    classes = head[len(FIXED) :]
    groups: dict[str, list[dict[str, str]]] = {}
    for speaker in speakers:
        groups.setdefault(speaker["group"], []).append(speaker)
    return {
        "views": ", ".join(views),
        "classes": [name.replace("_", " ") for name in classes],
        "rows": [
            {
                "group": name,
                "speakers": ", ".join(
                    f"{one['speaker']} ({one['sex']})" if one["sex"] else one["speaker"] for one in own
                ),
                "counts": [f"{sum(int(one[key]) for one in own):,}" for key in ("utterances", *classes)],
            }
            for name, own in groups.items()
        ],
    }


def _named(speaker: dict[str, str]) -> str:
    return f"{speaker['speaker']} ({speaker['sex']})" if speaker["sex"] else speaker["speaker"]
