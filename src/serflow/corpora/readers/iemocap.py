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

from serflow.corpora import alignments, assembling, audio, emoevaluation, layout, transcriptions
from serflow.corpora.findings import Findings
from serflow.corpora.text_files import listing, read_lines
from serflow.errors import UserError

SESSIONS = ("1", "2", "3", "4", "5")
FOLDERS = ["Session[1-5]/*"]
PLACES = {
    "dialog/EmoEvaluation": ".txt",
    "dialog/transcriptions": ".txt",
    "sentences/wav": "",
    "sentences/ForcedAlignment": "",
}  # folders of a session -> what a dialog's name is followed by there
MOST = 0.5  # share of the turns whose length is not that of their label lines, above which the audio was changed
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
        If the folder is missing or no release.
    """
    release = Path(release)
    assembling.require_folder(release, holds="Session1 to Session5")
    fault = layout.fault(release, FOLDERS)
    if fault is not None:
        raise UserError(fault)
    findings, sounds = Findings(), layout.Sounds(release)
    rows = []
    for session in SESSIONS:
        findings.dialogs.add(f"Session{session}")
        dialogs = _dialogs(release, session, findings)
        if not dialogs:
            _session_missing(release, session, corpus, findings)
        for dialog in dialogs:
            findings.dialogs.add(dialog.name)
            rows += _read_dialog(release, dialog, corpus["labels"], sounds, findings)
    named = sounds.found  # by a turn's finding: not unexpected as well
    findings.items = [item for item in findings.items if item.code != "unexpected_file" or item.file not in named]
    _compare_lengths(rows, findings)
    return assembling.finish(rows, release=release, corpus=corpus, findings=findings)


def _session_missing(release: Path, session: str, corpus: dict[str, Any], findings: Findings) -> None:
    """Note a session without dialogs: why, and how many turns are published of it."""
    base = f"Session{session}"
    reasons = (layout.why_missing(release, f"{base}/{place}") for place in PLACES)
    named = [name for place in PLACES for name in layout.names(release / base / place)]
    other = next((name for name in named if re.match(DIALOG.pattern, name, re.ASCII | re.IGNORECASE)), None)
    if other is not None:
        example = f"`Ses0{session}F_impro01.txt` and the like: copy the release by a tool that keeps names"
        why = f"its files bear other names, such as `{other}`; expected {example}"
    else:
        why = next((reason for reason in reasons if reason), "without dialogs, or unreadable: copy it again")
    published = sum((corpus["reference_counts"] or {}).get("session", {}).get(session, {}).values())
    findings.absent += published
    turns = f"; {published:,} published turns are not there" if published else ""
    findings.add("session_missing", base, f"session {session} cannot be read: {why}{turns}")


def _compare_lengths(rows: list[dict[str, Any]], findings: Findings) -> None:
    """Refuse audio that was changed throughout: one turn may be cut, most of them are not by chance."""
    differing = sum(item.code == "duration_differs" for item in findings.items)
    if differing <= MOST * len(rows):
        return
    hours = sum(row["duration"] for row in rows) / 3600
    stated = sum(row["end"] - row["start"] for row in rows) / 3600
    message = (
        f"{differing:,} of {len(rows):,} turns have other lengths than their label lines say, {hours:.2f} h in place "
        f"of {stated:.2f} h: the audio was cut, trimmed or slowed; use the files as published"
    )
    findings.add("durations_differ", ".", message)


def _dialogs(release: Path, session: str, findings: Findings) -> list[_Dialog]:
    """All dialogs that leave a trace in a session: a label file, transcript, audio or alignments."""
    base = f"Session{session}"
    names = set()
    for place, suffix in PLACES.items():
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


def _read_dialog(
    release: Path, dialog: _Dialog, labels: dict[str, str], sounds: layout.Sounds, findings: Findings
) -> list[dict[str, Any]]:
    wavs = _wav_turns(release, dialog, findings)
    evaluation = _evaluation(release, dialog, findings)
    if evaluation is None:
        findings.left_out |= wavs
        return []
    _account_for(wavs - set(evaluation.turns) - findings.left_out, evaluation, dialog, findings)
    texts = _transcripts(release, dialog, set(evaluation.turns), findings)
    rows = []
    for turn, found in sorted(evaluation.turns.items()):
        row = _row(release, dialog, found, labels, sounds, findings)
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
        why = layout.why_missing(release, file)
        cure = f": {why}" if why else "; copy it from the release"
        findings.add("evaluation_missing", file, f"the dialog has no label file{cure}")
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
        why = layout.why_missing(release, file) or error.strerror or error
        message = f"the dialog's transcript cannot be read ({why}); its turns are without text"
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
    release: Path,
    dialog: _Dialog,
    found: emoevaluation.LabelLine,
    labels: dict[str, str],
    sounds: layout.Sounds,
    findings: Findings,
) -> dict[str, Any] | None:
    turn, path = found.turn, f"{dialog.wavs}/{found.turn}.wav"
    place = {"file": dialog.evaluation, "line": found.line, "utterance": turn, "findings": findings}
    label = assembling.canonical(found.label, labels, **place)
    sound = None
    if (release / path).exists():
        sound = audio.inspect(release / path, file=path, utterance=turn, findings=findings, convert=None)
    else:
        _audio_missing(release, path, turn, sounds, findings)
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
        "utterance": turn, "path": path, **sound.columns,
        "label": label, "raw_label": found.label,
        "speaker": f"Ses0{dialog.session}{sex}", "wearer": dialog.name[:6], "session": dialog.session,
        "sex": sex,
        "style": "improvised" if "_impro" in dialog.name else "scripted", "dialog": dialog.name,
        "start": found.start, "end": found.end,
        "valence": valence, "activation": activation, "dominance": dominance,
    }  # fmt: skip


def _audio_missing(release: Path, path: str, turn: str, sounds: layout.Sounds, findings: Findings) -> None:
    """Note a turn without audio: a link that dangles, a file under another name or elsewhere, or nothing at all."""
    found = None if (release / path).is_symlink() else sounds.find(turn)
    if found and found.lower() == path.lower() and Path(found).parent != Path(path).parent:
        found = None  # a folder's name is in other letters, which is one thing to say and not many
    why = layout.elsewhere(path, found) if found else layout.why_missing(release, path)
    cure = f": {why}" if why else "; copy it from the release"
    findings.add("audio_missing", path, f"the audio of a labelled turn is missing{cure}", utterance=turn)


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
