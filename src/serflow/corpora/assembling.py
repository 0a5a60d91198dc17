"""What all readers share: the way in (the release folder) and out (manifest, counts, what if nothing is left)."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.corpora import manifest
from serflow.corpora.alike import note_alike
from serflow.corpora.counts import compare, label_counts, published_totals, total_differs
from serflow.corpora.findings import Findings
from serflow.errors import UserError
from serflow.recordings import SAMPLE_RATE, lossy

FAR = 0.05  # share of the published utterances, or hours, by which a release in order cannot differ


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
    rows: list[dict[str, Any]], *, release: Path, corpus: Mapping[str, Any], findings: Findings
) -> tuple[pd.DataFrame, Findings]:
    """Turn rows into a validated manifest, after audio and counts are compared; it may have no row at all.

    Whether a run may go on with what is left, rule `accept` decides, so that all that was found is on disk by then.
    """
    frame = manifest.from_rows(rows)
    findings.utterances, findings.hours = len(frame), round(float(frame["duration"].sum()) / 3600, 2)
    findings.left_out -= set(frame["utterance"])  # a mangled line may bear the name of a sound one
    findings.folders = _folders(frame, findings)
    _note_copies(frame, findings)
    note_alike(frame, findings)
    _note_forms(frame, findings)
    if frame.empty and not findings.fatal:
        findings.add("corpus_empty", ".", "no usable utterance in this folder; check `release` in config.yaml")
    if corpus["reference_counts"] is not None and not frame.empty:
        _compare(frame, corpus["reference_counts"], findings)
    manifest.validate(frame)
    return frame, findings


def _folders(frame: pd.DataFrame, findings: Findings) -> dict[str, int]:
    """Utterances, used or left out, by the first part of their path; "." for files directly in the release."""
    paths = dict(zip(frame["utterance"], frame["path"], strict=True))
    paths |= {item.utterance: item.file for item in findings.items if item.utterance in findings.left_out}
    firsts = (path.partition("/") for path in paths.values())
    return dict(sorted(Counter(first if slash else "." for first, slash, _ in firsts).items()))


def _note_forms(frame: pd.DataFrame, findings: Findings) -> None:
    """One finding that says what is converted, and one what was compressed with loss, each form with its count."""
    files = frame.drop_duplicates("path")
    other = files[(files["file_channels"] > 1) | (files["file_rate"] != files["sample_rate"])]
    forms = other.groupby(["file_rate", "file_channels", "mixdown"]).size().sort_values(ascending=False, kind="stable")
    if len(forms):
        said = [f"{_files(count)}: {_conversion(*form)}" for form, count in forms.items()]
        findings.add("audio_converted", ".", "; ".join(said))
    encodings = files.loc[files["file_format"].map(lossy).astype(bool), "file_format"].value_counts()
    if len(encodings):
        said = [f"{_files(count)}: {form}" for form, count in encodings.items()]
        message = "compressed with loss, which features may show; take the original where there is one"
        findings.add("audio_lossy", ".", f"{', '.join(said)}: {message}")


def _files(count: int) -> str:
    return f"{count:,} {'file' if count == 1 else 'files'}"


def _conversion(rate: int, channels: int, mixdown: str) -> str:
    """The form of a file, and what is done to it."""
    steps = {"mean": ["mean of the channels"], "first": ["the first of the channels"], "": []}[mixdown]
    if rate != SAMPLE_RATE:
        steps.append(f"resampled to {SAMPLE_RATE} Hz")
    if rate < SAMPLE_RATE:
        steps.append(f"nothing is in them above {rate // 2} Hz")
    return f"{rate} Hz, {'one channel' if channels == 1 else f'{channels} channels'}: {', '.join(steps)}"


def _note_copies(frame: pd.DataFrame, findings: Findings) -> None:
    """Name every file whose samples are in the manifest under another name too, byte by byte or in another encoding."""
    files = frame.drop_duplicates("path")
    for _, copies in files[files["samples_sha256"].duplicated(keep=False)].groupby("samples_sha256", sort=False):
        first, second = copies["path"].iloc[:2]
        more = f" and {len(copies) - 2} more" if len(copies) > 2 else ""
        for path, utterance in zip(copies["path"], copies["utterance"], strict=True):
            message = "the same recording is there under another name; each counts, and a split may part them; keep one"
            quote = f"{second if path == first else first}{more}"
            findings.add("duplicate_audio", path, message, utterance=utterance, quote=quote)


def _compare(frame: pd.DataFrame, reference: Mapping[str, Any], findings: Findings) -> None:
    """Hold counts and hours against the published ones; each difference is a finding."""
    findings.published = published_totals(frame, reference)
    for row in compare(label_counts(frame), reference):
        if row["difference"]:
            message = f"{row['what']}: {row['found']} utterances found, {row['published']} published"
            findings.add("count_differs", ".", message)
    differs = total_differs(frame, reference)
    if differs:
        findings.add("duration_total_differs", ".", differs)
    found = {"utterances": findings.utterances, "hours": findings.hours}
    shares = [found[key] / published - 1 for key, published in findings.published.items()]
    if any(abs(share) > FAR for share in shares) and not findings.left_out and not findings.absent:
        message = (
            "so far from what is published that much is missing or was cut, although each turn that is there is sound: "
            f"{findings.extent}; copy the release again"
        )
        findings.add("extent_differs", ".", message)
