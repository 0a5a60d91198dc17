"""Reader of the IEMOCAP release as it lies on disk (Busso et al., 2008), and of stand-ins in its layout.

The true speaker of a turn is the letter of its name's last field (``Ses01F_impro01_M003``: the man); the
letter after the session names who wore the motion-capture markers in that dialog.

A labelled turn whose audio is missing, unreadable, empty, cut short, not mono, not at 16 kHz or NaN cannot be
used as published: fatal for that turn. Ratings are kept as they stand, bracket tags in transcripts too.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from serflow.corpora import alignments, assembling, audio, emoevaluation, transcriptions
from serflow.corpora.findings import Findings
from serflow.corpora.text_files import listing, read_lines
from serflow.errors import UserError

SESSIONS = ("1", "2", "3", "4", "5")
DIALOG = re.compile(r"Ses0(\d)[FM]_(?:impro|script)\d\d(?:_\d)?[a-z]?", re.ASCII)


@dataclass(frozen=True)
class _Dialog:
    """One dialog of a release; the methods give paths relative to the release."""

    name: str
    session: str

    @property
    def evaluation(self) -> str:
        return f"Session{self.session}/dialog/EmoEvaluation/{self.name}.txt"

    @property
    def transcription(self) -> str:
        return f"Session{self.session}/dialog/transcriptions/{self.name}.txt"

    @property
    def wavs(self) -> str:
        return f"Session{self.session}/sentences/wav/{self.name}"

    @property
    def alignments(self) -> str:
        return f"Session{self.session}/sentences/ForcedAlignment/{self.name}"


def read(release: Path, *, corpus: dict[str, Any]) -> tuple[pd.DataFrame, Findings]:
    """Read a release: the manifest of what can be used, and everything that was found on the way.

    Parameters
    ----------
    release : folder that holds Session1 to Session5.
    corpus : the corpus's declaration; `labels` and `reference_counts` are used.

    Raises
    ------
    UserError
        If the folder is missing or no release, or nothing in it can be used.
    """
    release = Path(release)
    _require_sessions(release)
    findings = Findings()
    rows = []
    for session in SESSIONS:
        dialogs = _dialogs(release, session, findings)
        if not dialogs:
            message = f"session {session} is missing, unreadable or without dialogs; expected five: copy it again"
            findings.add("session_missing", f"Session{session}", message)
        for dialog in dialogs:
            rows += _read_dialog(release, dialog, corpus["labels"], findings)
    return assembling.finish(rows, release=release, corpus=corpus, findings=findings)


def _require_sessions(release: Path) -> None:
    assembling.require_folder(release, holds="Session1 to Session5")
    if not any((release / f"Session{session}").is_dir() for session in SESSIONS):
        below = [path.parent.name for path in sorted(release.glob("*/Session1"))]
        hint = f"{release / below[0]}, which holds them" if below else "the folder that holds them"
        raise UserError(f"{release}: holds none of Session1 to Session5; set `release` in config.yaml to {hint}")


def _dialogs(release: Path, session: str, findings: Findings) -> list[_Dialog]:
    """All dialogs that leave a trace in a session: a label file, transcript, audio or alignments."""
    base = f"Session{session}"
    names = set()
    places = {
        "dialog/EmoEvaluation": ".txt",
        "dialog/transcriptions": ".txt",
        "sentences/wav": "",
        "sentences/ForcedAlignment": "",
    }
    for place, suffix in places.items():
        for name in listing(release / base / place, file=f"{base}/{place}", findings=findings):
            stem = name.removesuffix(suffix)
            match = DIALOG.fullmatch(stem)
            if match and name.endswith(suffix) and match.group(1) == session:
                names.add(stem)
            elif not (place == "dialog/EmoEvaluation" and (release / base / place / name).is_dir()):
                example = f"Ses0{session}F_impro01{suffix}"
                message = f"not of a dialog of session {session}; expected names such as {example}; not read"
                findings.add("unexpected_file", f"{base}/{place}/{name}", message)
    return [_Dialog(name, session) for name in sorted(names)]


def _read_dialog(release: Path, dialog: _Dialog, labels: dict[str, str], findings: Findings) -> list[dict[str, Any]]:
    wavs = _wav_turns(release, dialog, findings)
    evaluation = _evaluation(release, dialog, findings)
    if evaluation is None:
        findings.left_out |= wavs
        return []
    _account_for(wavs - set(evaluation.turns) - findings.left_out, evaluation, dialog, findings)
    texts = _transcripts(release, dialog, set(evaluation.turns), findings)
    rows = []
    for turn, found in sorted(evaluation.turns.items()):
        row = _row(release, dialog, found, labels, findings)
        if row is not None:
            row["text"] = texts.get(turn, "")
            row["words"] = _words(release, dialog, turn, row["duration"], findings)
            rows.append(row)
    return rows


def _wav_turns(release: Path, dialog: _Dialog, findings: Findings) -> set[str]:
    turns = set()
    for name in listing(release / dialog.wavs, file=dialog.wavs, findings=findings):
        stem = name.removesuffix(".wav")
        if re.fullmatch(rf"{dialog.name}_[FM]\d{{3}}", stem, re.ASCII) and name.endswith(".wav"):
            turns.add(stem)
        elif re.fullmatch(rf"{dialog.name}_[FM]XX\d+\.wav", name, re.ASCII):
            findings.add("xx_turn", f"{dialog.wavs}/{name}", "a turn without label in the release; left out")
        else:
            message = f"not a turn of this dialog; expected names such as {dialog.name}_F<digits>.wav; not read"
            findings.add("unexpected_file", f"{dialog.wavs}/{name}", message)
    return turns


def _evaluation(release: Path, dialog: _Dialog, findings: Findings) -> emoevaluation.Evaluation | None:
    file = dialog.evaluation
    try:
        lines = read_lines(release / file, file=file, findings=findings)
    except FileNotFoundError:
        findings.add("evaluation_missing", file, "the dialog has no label file; copy it from the release")
        return None
    except OSError as error:
        message = f"cannot be read ({error.strerror or error}); expected the dialog's label file"
        findings.add("evaluation_unreadable", file, message)
        return None
    evaluation = emoevaluation.parse(lines, dialog=dialog.name, file=file, findings=findings)
    if not evaluation.turns and not evaluation.broken:
        findings.add("evaluation_empty", file, "holds no readable label line; copy it from the release")
        return None
    return evaluation


def _account_for(
    unlabelled: set[str], evaluation: emoevaluation.Evaluation, dialog: _Dialog, findings: Findings
) -> None:
    """Name audio without label line; stray lines of the label file then are what is left of mangled ones."""
    for turn in sorted(unlabelled):
        message = f"audio without a label line in {dialog.name}.txt; left out"
        findings.add("audio_extra", f"{dialog.wavs}/{turn}.wav", message, utterance=turn)
    for line in evaluation.suspects:
        if unlabelled:
            message = f"not a label line, and some audio of the dialog lacks one; {emoevaluation.EXPECTED}"
            quote = f"audio without label: {', '.join(sorted(unlabelled))}"
            findings.add("label_line_mangled", dialog.evaluation, message, line=line, quote=quote)
        else:
            message = "neither a label line nor a rater's line of a turn; not read"
            findings.add("evaluation_line_unknown", dialog.evaluation, message, line=line)
    if evaluation.suspects or evaluation.broken:
        findings.left_out |= unlabelled


def _transcripts(release: Path, dialog: _Dialog, turns: set[str], findings: Findings) -> dict[str, str]:
    file = dialog.transcription
    try:
        lines = read_lines(release / file, file=file, findings=findings)
    except OSError as error:
        message = f"the dialog's transcript cannot be read ({error.strerror or error}); its turns are without text"
        findings.add("transcript_file_missing", file, message)
        return {}
    texts = transcriptions.parse(lines, dialog=dialog.name, file=file, findings=findings)
    for turn in sorted(turn for turn in turns if not texts.get(turn)):  # a line may be cut off before its text
        findings.add(
            "transcript_missing",
            file,
            "a labelled turn without transcript; its text is empty",
            utterance=turn,
        )
    for turn in sorted(set(texts) - turns - findings.left_out):
        findings.add("transcript_extra", file, "transcript of a turn that has no label line; left out", utterance=turn)
    return texts


def _row(
    release: Path, dialog: _Dialog, found: emoevaluation.LabelLine, labels: dict[str, str], findings: Findings
) -> dict[str, Any] | None:
    turn, path = found.turn, f"{dialog.wavs}/{found.turn}.wav"
    place = {"file": dialog.evaluation, "line": found.line, "utterance": turn, "findings": findings}
    label = assembling.canonical(found.label, labels, **place)
    sound = audio.inspect(release / path, file=path, utterance=turn, findings=findings)
    if sound is None:
        return None
    stated = found.end - found.start
    if abs(stated - sound.duration) > audio.TOLERANCE:
        message = f"label line and audio differ by more than {audio.TOLERANCE} s; the audio counts"
        quote = f"{stated:.3f} s, audio {sound.duration:.3f} s"
        findings.add("duration_differs", dialog.evaluation, message, line=found.line, utterance=turn, quote=quote)
    sex = turn.rpartition("_")[2][0]
    valence, activation, dominance = found.ratings
    return {
        "utterance": turn, "path": path, "sha256": sound.sha256,
        "sample_rate": audio.SAMPLE_RATE, "samples": sound.samples, "duration": sound.duration,
        "label": label, "raw_label": found.label,
        "speaker": f"Ses0{dialog.session}{sex}", "wearer": dialog.name[:6], "session": dialog.session,
        "sex": sex,
        "style": "improvised" if "_impro" in dialog.name else "scripted", "dialog": dialog.name,
        "start": found.start, "end": found.end,
        "valence": valence, "activation": activation, "dominance": dominance,
    }  # fmt: skip


def _words(release: Path, dialog: _Dialog, turn: str, duration: float, findings: Findings) -> list[dict]:
    file = f"{dialog.alignments}/{turn}.wdseg"
    try:
        return alignments.parse(read_lines(release / file, file=file, findings=findings), duration=duration)
    except FileNotFoundError:
        code = "alignment_known_missing" if turn in alignments.KNOWN_MISSING else "alignment_missing"
        findings.add(code, file, "the turn has no word alignment; its words are empty", utterance=turn)
    except OSError as error:
        message = f"cannot be read ({error.strerror or error}); the turn's words are empty"
        findings.add("alignment_missing", file, message, utterance=turn)
    except alignments.Mangled as error:
        message = f"{error}; the turn's words are empty"
        findings.add("alignment_mangled", file, message, utterance=turn, quote=error.quote)
    return []
