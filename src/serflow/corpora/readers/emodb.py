"""Reader of the Berlin EmoDB (Burkhardt et al., Interspeech 2005): a folder of files such as ``03a01Fa.wav``.

The name says all: speaker 03, sentence a01, emotion F (Freude), version a. The corpus has no sessions; each
is a pair of a woman and a man, so that splits by session leave both of a pair out. The sentence is the
`dialog`.
"""

import math
import re
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.corpora import assembling, audio
from serflow.corpora.findings import Findings
from serflow.corpora.text_files import listing
from serflow.errors import UserError

PAIRS = (("08", "03"), ("09", "10"), ("13", "11"), ("14", "12"), ("16", "15"))  # woman, man
SPEAKERS = {
    speaker: (session, sex)
    for session, pair in zip("12345", PAIRS, strict=True)
    for speaker, sex in zip(pair, "FM", strict=True)
}
NAME = re.compile(r"(\d\d)([ab]\d\d)([A-Z])([a-z])\.(wav|flac)", re.ASCII)


def read(release: Path, *, corpus: dict[str, Any]) -> tuple[pd.DataFrame, Findings]:
    """Read a folder of WAV or FLAC files; parameters and errors as in `serflow.corpora.readers.iemocap.read`."""
    release = Path(release)
    assembling.require_folder(release, holds="files such as 03a01Fa.wav")
    findings = Findings()
    files: dict[str, str] = {}
    for name in listing(release, file=".", findings=findings):
        _sort_in(name, files, findings)
    if not files:
        hint = f"{release / 'wav'}" if (release / "wav").is_dir() else "the folder that holds them"
        raise UserError(f"{release}: holds no files such as 03a01Fa.wav; set `release` in config.yaml to {hint}")
    rows = [_row(release, name, corpus, findings) for name in files.values()]
    usable = [row for row in rows if row is not None]
    return assembling.finish(usable, release=release, corpus=corpus, findings=findings)


def _sort_in(name: str, files: dict[str, str], findings: Findings) -> None:
    """Add a file to `files` (utterance -> name), or say why not."""
    match = NAME.fullmatch(name)
    if match is None or match.group(1) not in SPEAKERS:
        message = "not a recording of EmoDB; expected names such as 03a01Fa.wav, of its ten speakers; not read"
        findings.add("unexpected_file", name, message)
        return
    utterance = name.partition(".")[0]
    if utterance in files:
        message = "second file of this recording; the first by name is used"
        findings.add("duplicate_audio", name, message, utterance=utterance, quote=files[utterance])
        return
    files[utterance] = name


def _row(release: Path, name: str, corpus: dict[str, Any], findings: Findings) -> dict[str, Any] | None:
    speaker, sentence, raw, _, _ = NAME.fullmatch(name).groups()
    utterance = name.partition(".")[0]
    label = assembling.canonical(raw, corpus["labels"], file=name, line=None, utterance=utterance, findings=findings)
    sound = audio.inspect(release / name, file=name, utterance=utterance, findings=findings, convert=corpus["convert"])
    if sound is None:
        return None
    session, sex = SPEAKERS[speaker]
    return {
        "utterance": utterance, "path": name, **sound.columns,
        "label": label, "raw_label": raw,
        "speaker": speaker, "wearer": speaker, "session": session, "sex": sex, "style": "",
        "dialog": sentence, "start": math.nan, "end": math.nan,
        "valence": math.nan, "activation": math.nan, "dominance": math.nan,
        "text": "", "words": [],
    }  # fmt: skip
