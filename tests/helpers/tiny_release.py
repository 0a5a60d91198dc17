"""A tiny release in the IEMOCAP layout: five sessions, one dialog each, four turns a dialog, all in order."""

import zlib
from pathlib import Path

import numpy as np
import soundfile

from serflow.corpora.findings import Findings
from serflow.corpora.readers import iemocap

RATE = 16000
LABELS = {"ang": "angry", "hap": "happy", "neu": "neutral", "sad": "sad", "xxx": "no_agreement"}
CORPUS = {"reader": "iemocap", "labels": LABELS, "reference_counts": None}
DIALOGS = {
    "1": "Ses01F_impro01",
    "2": "Ses02M_script01_1",
    "3": "Ses03F_impro05a",
    "4": "Ses04M_script02_2",
    "5": "Ses05M_script01_1b",
}
TURNS = [("F000", "neu", 1.0), ("F001", "ang", 3.0), ("M000", "hap", 5.0), ("M001", "xxx", 7.0)]
SECONDS = 0.5
ALIGNMENT = """SFrm\tEFrm\tSegAScr\tWord
0\t9\t-5\t<s>
10\t29\t-7\tSOME(2)
30\t39\t-7\tWORDS
40\t44\t-7\t++LAUGHTER++
45\t48\t-5\t</s>
Total score:  -31
"""
RATERS = ["C-E2:\tNeutral;\t()", "C-F1:\tNeutral;\t(curious)", "A-E3:\tval 3; act 2; dom  2;\t()", ""]


def evaluation_line(turn: str, label: str, start: float) -> str:
    return f"[{start:.4f} - {start + SECONDS:.4f}]\t{turn}\t{label}\t[2.5000, 3.0000, 3.5000]"


def write_wav(path: Path, seconds: float = SECONDS, rate: int = RATE, channels: int = 1) -> None:
    """Write a tone, another for each name of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.1 * np.sin(np.arange(int(seconds * rate)) / (10 + zlib.crc32(path.stem.encode()) % 1000 / 100))
    soundfile.write(path, np.stack([tone] * channels, axis=1), rate, subtype="PCM_16")


class Release:
    """Paths within the tiny release, edits of its text files, and one way to read it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self) -> None:
        for session, dialog in DIALOGS.items():
            evaluation, transcript = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""], []
            for suffix, label, start in TURNS:
                turn = f"{dialog}_{suffix}"
                evaluation += [evaluation_line(turn, label, start), *RATERS]
                transcript.append(f"{turn} [{start:08.4f}-{start + SECONDS:08.4f}]: Some words.")
                write_wav(self.wav(turn))
                self.put(self.alignment(turn), ALIGNMENT)
            self.put(self.evaluation(session), "\n".join(evaluation))
            self.put(self.transcript(session), "\n".join(transcript) + "\n")

    def put(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    def session(self, session: str) -> Path:
        return self.root / f"Session{session}"

    def evaluation(self, session: str = "1") -> Path:
        return self.session(session) / "dialog" / "EmoEvaluation" / f"{DIALOGS[session]}.txt"

    def transcript(self, session: str = "1") -> Path:
        return self.session(session) / "dialog" / "transcriptions" / f"{DIALOGS[session]}.txt"

    def wav(self, turn: str) -> Path:
        dialog = turn.rpartition("_")[0]
        return self.session(turn[4]) / "sentences" / "wav" / dialog / f"{turn}.wav"

    def alignment(self, turn: str) -> Path:
        dialog = turn.rpartition("_")[0]
        return self.session(turn[4]) / "sentences" / "ForcedAlignment" / dialog / f"{turn}.wdseg"

    def edit(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        self.put(path, text.replace(old, new, 1))

    def read(self, **corpus):
        return iemocap.read(self.root, corpus=CORPUS | corpus)

    def fatal(self) -> Findings:
        return stopped(self.read)


def stopped(read) -> Findings:
    """The findings of a reading that rule `accept` stops."""
    _, findings = read()
    assert findings.fatal
    return findings


def seen(findings: Findings) -> list[tuple[str, str]]:
    """(code, severity) of every finding, in order."""
    return [(item.code, item.severity) for item in findings.items]
