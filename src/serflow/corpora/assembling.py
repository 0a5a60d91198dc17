"""What all readers share: the way in (the release folder) and out (manifest, counts, fatal findings)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.corpora import manifest
from serflow.corpora.counts import compare, label_counts, total_differs
from serflow.corpora.findings import FatalFindings, Findings
from serflow.errors import UserError


def require_folder(release: Path, *, holds: str) -> None:
    """Raise a `UserError` unless `release` is a folder; `holds` says what should lie in it."""
    if not release.is_dir():
        state = "is a file, not a folder" if release.exists() else "no such folder"
        raise UserError(f"{release}: {state}; set `release` in config.yaml to the folder that holds {holds}")


def canonical(
    raw: str, labels: Mapping[str, str], *, file: str, line: int | None, utterance: str, findings: Findings
) -> str:
    """Translate a raw label; an unknown one becomes a finding and `other`, which no paper's class uses."""
    if raw not in labels:
        message = f"unknown label; expected one of {', '.join(labels)}; it counts as other"
        findings.add("unknown_label", file, message, line=line, utterance=utterance, quote=raw)
        return "other"
    return labels[raw]


def finish(
    rows: list[dict[str, Any]],
    *,
    release: Path,
    corpus: Mapping[str, Any],
    findings: Findings,
    skip_broken: bool,
) -> tuple[pd.DataFrame, Findings]:
    """Turn rows into a validated manifest, after the counts are compared and fatal findings weighed.

    Raises
    ------
    FatalFindings
        If there are fatal findings and `skip_broken` is not set.
    UserError
        If no utterance is left.
    """
    frame = manifest.from_rows(rows)
    findings.utterances = len(frame)
    findings.left_out -= set(frame["utterance"])  # a mangled line may bear the name of a sound one
    if corpus["reference_counts"] is not None:
        _compare(frame, corpus["reference_counts"], findings)
    if findings.fatal and not skip_broken:
        raise FatalFindings(findings, release=release)
    if frame.empty:
        raise UserError(f"{release}: no usable utterance in this folder; check `release` in config.yaml")
    manifest.validate(frame)
    return frame, findings


def _compare(frame: pd.DataFrame, reference: Mapping[str, Any], findings: Findings) -> None:
    """Hold counts and hours against the published ones; each difference is a finding."""
    for row in compare(label_counts(frame), reference):
        if row["difference"]:
            message = f"{row['what']}: {row['found']} utterances found, {row['published']} published"
            findings.add("count_differs", ".", message)
    differs = total_differs(frame, reference)
    if differs:
        findings.add("duration_total_differs", ".", differs)
