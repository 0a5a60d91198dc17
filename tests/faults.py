"""Faults of a release, each by name: what is done to one chosen place, and the finding that must come of it.

As a program (`make faults`) it does one each of all of them to a full-size stand-in and writes what the reader
said into docs/iemocap.md.
"""

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from unittest import mock

import numpy as np
import pandas as pd
import soundfile

from serflow import corpora
from serflow.corpora.findings import CODES, SEVERITY, Finding, Findings
from serflow.corpora.readers import iemocap
from serflow.files import atomic_path
from serflow.standin.release import write_release

ROOT = Path(__file__).resolve().parents[1]
START, END = "<!-- written by `make faults` -->", "<!-- end of what `make faults` writes -->"


@dataclass(frozen=True)
class Place:
    """A labelled turn of a release, and the files that hold it (relative paths)."""

    turn: str

    @property
    def dialog(self) -> str:
        return self.turn.rpartition("_")[0]

    @property
    def session(self) -> str:
        return f"Session{self.turn[4]}"

    @property
    def wav(self) -> str:
        return f"{self.session}/sentences/wav/{self.dialog}/{self.turn}.wav"

    @property
    def alignment(self) -> str:
        return f"{self.session}/sentences/ForcedAlignment/{self.dialog}/{self.turn}.wdseg"

    @property
    def evaluation(self) -> str:
        return f"{self.session}/dialog/EmoEvaluation/{self.dialog}.txt"

    @property
    def transcript(self) -> str:
        return f"{self.session}/dialog/transcriptions/{self.dialog}.txt"


@dataclass(frozen=True)
class Fault:
    """One fault: `file` names the attribute of `Place` that is spoilt, or is itself a path or ".".

    `touches`: whose rows may differ afterwards: "turn", "dialog", "session" or "" (none). `line`: whether the
    finding names the line of the turn in the file. `said`: what its message must hold, with the place's fields.
    """

    name: str
    done: str
    code: str
    file: str
    spoil: Callable[[Path, Place], None]
    touches: str = ""
    line: bool = False
    said: str = ""
    unreadable: bool = False  # a file that the system refuses to read: simulated, as root may read everything

    @property
    def severity(self) -> str:
        return SEVERITY[self.code]

    def path(self, place: Place) -> str:
        if self.file.endswith("/"):
            return self.file.rstrip("/").format(place=place)
        return getattr(place, self.file, self.file).format(place=place)

    def finding(self, findings: Iterable[Finding], place: Place, line: int | None) -> Finding | None:
        """The finding that the fault must cause; None where it is not among them."""
        for item in findings:
            where = (item.code, item.file, item.line if self.line else line)
            if where == (self.code, self.path(place), line) and self.said.format(place=place) in item.message:
                return item
        return None


def put(path: Path, data: bytes) -> None:
    """Replace a file; never write into it, as it may be linked to another release's."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def edit(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data, f"{path} does not hold {old!r}"
    put(path, data.replace(old, new, 1))


def label_line(release: Path, place: Place, file: str = "evaluation") -> tuple[int, bytes]:
    """Number (from 1) and bytes of the turn's line in its evaluation or transcript."""
    for number, line in enumerate((release / getattr(place, file)).read_bytes().split(b"\n"), start=1):
        if re.search(rb"(^|\t)" + place.turn.encode() + rb"[\t ]", line):
            return number, line
    raise AssertionError(f"no line of {place.turn}")


def _line(change: Callable[[bytes], bytes], file: str = "evaluation") -> Callable[[Path, Place], None]:
    def spoil(release: Path, place: Place) -> None:
        _, line = label_line(release, place, file)
        edit(release / getattr(place, file), line, change(line))

    return spoil


def _whole(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path, Place], None]:
    def spoil(release: Path, place: Place) -> None:
        path = release / getattr(place, file)
        put(path, change(path.read_bytes()))

    return spoil


def _gone(file: str) -> Callable[[Path, Place], None]:
    return lambda release, place: (release / getattr(place, file)).unlink()


def _folder(file: str) -> Callable[[Path, Place], None]:
    def spoil(release: Path, place: Place) -> None:
        (release / getattr(place, file)).unlink()
        (release / getattr(place, file)).mkdir()

    return spoil


def _nothing(release: Path, place: Place) -> None:
    pass


def _sound(change: Callable[[np.ndarray], np.ndarray], rate: int = 16000, subtype: str = "PCM_16"):
    def spoil(release: Path, place: Place) -> None:
        samples, _ = soundfile.read(release / place.wav)
        (release / place.wav).unlink()
        soundfile.write(release / place.wav, change(samples), rate, subtype=subtype)

    return spoil


def _relabel(label: bytes) -> Callable[[Path, Place], None]:
    return _line(lambda line: re.sub(rb"(Ses\w+\t)\w+", rb"\g<1>" + label, line))


def _copied(release: Path, place: Place) -> None:
    """Put the turn's audio in the place of another turn of its dialog."""
    turns = (release / place.wav).parent.glob(f"{place.dialog}_[FM][0-9]*.wav")
    put(min(path for path in turns if path.stem != place.turn), (release / place.wav).read_bytes())


def _shifted(line: bytes) -> bytes:
    """End a label line 0.2 s later."""
    return re.sub(rb"- ([\d.]+)\]", lambda found: b"- %.4f]" % (float(found[1]) + 0.2), line, count=1)


def _session_gone(release: Path, place: Place) -> None:
    shutil.rmtree(release / place.session)


def _extra_wav(release: Path, place: Place) -> None:
    shutil.copyfile(release / place.wav, release / _extra(place))


def _extra(place: Place) -> str:
    return str(Path(place.wav).with_name(f"{place.dialog}_F999.wav"))


def _stranger(release: Path, place: Place) -> None:
    shutil.copyfile(release / place.wav, (release / place.wav).with_name("copy of a turn.wav"))


WAVS = "{place.session}/sentences/wav/{place.dialog}/"
FAULTS = [
    Fault("wav gone", "the turn's wav deleted", "audio_missing", "wav", _gone("wav"), "turn"),
    Fault("wav empty", "0 bytes", "audio_empty", "wav", _whole("wav", lambda data: b""), "turn"),
    Fault("wav truncated", "the second half cut off", "audio_truncated", "wav",
          _whole("wav", lambda data: data[: len(data) // 2]), "turn"),
    Fault("wav not audio", "a line of text in its place", "audio_unreadable", "wav",
          _whole("wav", lambda data: b"no audio at all"), "turn"),
    Fault("wav at 8 kHz", "every second sample, 8,000 Hz", "audio_rate", "wav",
          _sound(lambda samples: samples[::2], rate=8000), "turn"),
    Fault("wav in stereo", "two channels", "audio_channels", "wav",
          _sound(lambda samples: np.stack([samples, samples], axis=1)), "turn"),
    Fault("wav with NaN", "one sample NaN, 32-bit floats", "audio_nan", "wav",
          _sound(lambda samples: np.where(np.arange(len(samples)) == 100, np.nan, samples), subtype="FLOAT"), "turn"),
    Fault("wav silent", "all samples zero", "audio_silent", "wav", _sound(np.zeros_like), "turn"),
    Fault("label changed", "another known label (disgust) in the label line", "count_differs", ".",
          _relabel(b"dis"), "turn", said="session {place.turn[4]}: disgusted"),
    Fault("label unknown", "`joy` in the label line", "unknown_label", "evaluation",
          _relabel(b"joy"), "turn", line=True),
    Fault("label line mangled", "its first bracket lost", "label_line_mangled", "evaluation",
          _line(lambda line: line[1:]), "turn", line=True),
    Fault("negative times", "a minus before the start in the label line", "label_line_mangled", "evaluation",
          _line(lambda line: line.replace(b"[", b"[-", 1)), "turn", line=True),
    Fault("times too long", "the label line's end 0.2 s later", "duration_differs", "evaluation",
          _line(_shifted), "turn", line=True),
    Fault("two decimals", "a rating of the label line without its last two", "number_format", "evaluation",
          _line(lambda line: line.replace(b"00]", b"]", 1)), line=True),
    Fault("stray line", "a line of words after the label line", "evaluation_line_unknown", "evaluation",
          _line(lambda line: line + b"\nwords that say nothing")),
    Fault("wav of another turn", "the turn's wav in the place of another of its dialog", "duplicate_audio", "wav",
          _copied, "dialog"),
    Fault("transcript of no turn", "the line a second time, under a name without label", "transcript_extra",
          "transcript", _line(lambda line: line + b"\n" + re.sub(rb"\d{3} ", b"998 ", line, count=1), "transcript")),
    Fault("block twice", "the label line a second time, another label", "duplicate_block", "evaluation",
          _line(lambda line: line + b"\n\n" + re.sub(rb"(Ses\w+\t)\w+", rb"\g<1>oth", line))),
    Fault("evaluation file gone", "deleted", "evaluation_missing", "evaluation", _gone("evaluation"), "dialog"),
    Fault("evaluation file empty", "0 bytes", "evaluation_empty", "evaluation",
          _whole("evaluation", lambda data: b""), "dialog"),
    Fault("transcript line gone", "the turn's line deleted", "transcript_missing", "transcript",
          _line(lambda line: b"", "transcript"), "turn"),
    Fault("transcript line mangled", "its closing bracket lost", "transcript_mangled", "transcript",
          _line(lambda line: line.replace(b"]:", b"", 1), "transcript"), "turn", line=True),
    Fault("transcript line twice", "the line a second time", "transcript_duplicate", "transcript",
          _line(lambda line: line + b"\n" + line, "transcript")),
    Fault("transcript times negative", "a minus before the start", "transcript_mangled", "transcript",
          _line(lambda line: line.replace(b" [", b" [-", 1), "transcript"), line=True),
    Fault("transcript file gone", "deleted", "transcript_file_missing", "transcript", _gone("transcript"), "dialog"),
    Fault("alignment gone", "the turn's wdseg deleted", "alignment_missing", "alignment", _gone("alignment"), "turn"),
    Fault("alignment garbage", "random bytes", "alignment_mangled", "alignment",
          _whole("alignment", lambda data: random.Random(1).randbytes(200)), "turn"),
    Fault("extra wav", "a wav of a turn without label line", "audio_extra",
          WAVS + "{place.dialog}_F999.wav/", _extra_wav),
    Fault("extra file", "a wav of another name", "unexpected_file", WAVS + "copy of a turn.wav/", _stranger),
    Fault("bytes not UTF-8", "a Latin-1 letter in a rater's comment", "not_utf8", "evaluation",
          _whole("evaluation", lambda data: data.replace(b"()", b"(d\xe9j\xe0 vu)", 1))),
    Fault("CRLF", "the label file's lines end in CR LF", "crlf", "evaluation",
          _whole("evaluation", lambda data: data.replace(b"\n", b"\r\n"))),
    Fault("BOM", "a byte order mark before the label file", "bom", "evaluation",
          _whole("evaluation", lambda data: b"\xef\xbb\xbf" + data)),
    Fault("folder for a wav", "a folder of its name", "audio_unreadable", "wav", _folder("wav"), "turn"),
    Fault("folder for an evaluation", "a folder of its name", "evaluation_unreadable", "evaluation",
          _folder("evaluation"), "dialog"),
    Fault("folder for a transcript", "a folder of its name", "transcript_file_missing", "transcript",
          _folder("transcript"), "dialog"),
    Fault("folder for an alignment", "a folder of its name", "alignment_missing", "alignment",
          _folder("alignment"), "turn"),
    *(Fault(f"{name} unreadable", "reading it refused (permission)", code, file, _nothing, touches, unreadable=True)
      for name, file, code, touches in [("wav", "wav", "audio_unreadable", "turn"),
                                        ("evaluation", "evaluation", "evaluation_unreadable", "dialog"),
                                        ("transcript", "transcript", "transcript_file_missing", "dialog"),
                                        ("alignment", "alignment", "alignment_missing", "turn")]),
    Fault("session gone", "its folder deleted", "session_missing", "session", _session_gone, "session"),
]  # fmt: skip


def places(clean: pd.DataFrame, faults: list[Fault]) -> dict[str, Place]:
    """A place for each fault, by its name: a dialog of its own where there are enough, the last session for itself."""
    last = clean["session"].max()
    four = clean[clean["label"].isin(["angry", "happy", "excited", "sad", "neutral"]) & (clean["words"].str.len() > 0)]
    turns = four.groupby("dialog", sort=True).nth(0)
    inside = turns[turns["session"] != last]
    chosen, index = {}, 0
    for fault in faults:
        if fault.touches == "session":
            row = turns[turns["session"] == last].iloc[0]
        else:
            row = inside.iloc[index % len(inside)]
            index += 1
        chosen[fault.name] = Place(row["utterance"])
    return chosen


@contextmanager
def refused(paths: set[Path]) -> Iterator[None]:
    """Reading these files is refused, as the system does without permission; simulated, since root may read all."""
    original = Path.open

    def opened(path: Path, *how, **options) -> IO:
        if path in paths:
            raise PermissionError(13, "Permission denied")
        return original(path, *how, **options)

    with mock.patch.object(Path, "open", opened):
        yield


def read(release: Path, chosen: dict[str, Place], faults: list[Fault], **corpus) -> tuple[pd.DataFrame, Findings]:
    """Read a release with these faults in it, what is broken left out."""
    declared = corpora.load("iemocap", root=ROOT) | corpus
    unreadable = {release / fault.path(chosen[fault.name]) for fault in faults if fault.unreadable}
    with refused(unreadable):
        return iemocap.read(release, corpus=declared)


def may_differ(fault: Fault, place: Place, row: dict) -> bool:
    """Whether the fault may change this row."""
    own = {"turn": place.turn, "dialog": place.dialog, "session": place.session[-1], "": None}[fault.touches]
    column = {"turn": "utterance", "dialog": "dialog", "session": "session", "": "utterance"}[fault.touches]
    return row[column] == own


def fate(before: pd.Series, after: pd.Series | None) -> str:
    """What became of a turn: the columns of its row that are other than before."""
    if after is None:
        return "left out"
    changed = [name for name in before.index if name != "utterance" and repr(before[name]) != repr(after[name])]
    if not changed:
        return "kept as it was"
    empty = [name for name in changed if len(str(after[name])) == 0 or str(after[name]) == "[]"]
    parts = [f"{name} empty" if name in empty else f"another {name.replace('_', ' ')}" for name in changed]
    return f"kept; {', '.join(parts)}"


def table(clean: pd.DataFrame, spoilt: pd.DataFrame, findings: Findings, chosen: dict[str, Place],
          lines: dict[str, int]) -> str:  # fmt: skip
    """The table of the page; raises where a fault's finding is not there."""
    before, after = (frame.set_index("utterance", drop=False) for frame in (clean, spoilt))
    rows = ["| fault | what was done | file | severity | what the reader said | what became of the turn |"]
    rows.append("|---|---|---|---|---|---|")
    missing = []
    for fault in FAULTS:
        place = chosen[fault.name]
        item = fault.finding(findings.items, place, lines.get(fault.name))
        if item is None:
            missing.append(f"{fault.name}: no finding {fault.code} of {fault.path(place)}")
            continue
        where = item.file if item.line is None else f"{item.file}:{item.line}"
        became = fate(before.loc[place.turn], after.loc[place.turn] if place.turn in after.index else None)
        cells = [fault.name, fault.done, f"`{where}`", item.severity, f"{item.message} (`{item.code}`)", became]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    if missing:
        raise SystemExit("\n".join(missing))
    return "\n".join(rows)


def unexplained(clean: pd.DataFrame, spoilt: pd.DataFrame, chosen: dict[str, Place], faults: list[Fault]) -> list[str]:
    """Utterances whose row is other than before although no fault may change it."""
    before, after = ({row["utterance"]: row for row in frame.to_dict("records")} for frame in (clean, spoilt))
    return [
        name
        for name in sorted(before | after)
        if not any(may_differ(fault, chosen[fault.name], before.get(name, after.get(name))) for fault in faults)
        and repr(before.get(name)) != repr(after.get(name))
    ]


def main() -> None:
    """Write the table of the full-size stand-in's faults into a page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--page", required=True, type=Path, help="Markdown page that has the two marks")
    parser.add_argument("--turns", type=int, default=10039, help="size of the stand-in (default: full)")
    parser.add_argument("--release", type=Path, help="a clean stand-in made before; it is copied, not changed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="serflow-faults-") as name:
        folder = Path(name) / "release"
        if arguments.release:
            shutil.copytree(arguments.release, folder, copy_function=os.link)
        else:
            write_release(folder, turns=arguments.turns, seed=1, jobs=len(os.sched_getaffinity(0)))
        clean, _ = read(folder, {}, [])
        chosen = places(clean, FAULTS)
        lines = {fault.name: label_line(folder, chosen[fault.name], fault.file)[0] for fault in FAULTS if fault.line}
        for fault in FAULTS:
            fault.spoil(folder, chosen[fault.name])
        spoilt, findings = read(folder, chosen, FAULTS)
    odd = unexplained(clean, spoilt, chosen, FAULTS)
    if odd:
        raise SystemExit(f"rows that changed for no fault: {', '.join(odd[:20])}")
    counted = Counter(item.severity for item in findings.items)
    summary = (f"{len(FAULTS)} faults at once in a stand-in of {len(clean):,} turns: {len(spoilt):,} rows were left, "
               f"{len(clean) - len(spoilt):,} turns left out; every row that no fault names is as it was. "
               f"Findings: {', '.join(f'{counted[kind]:,} {kind}' for kind in CODES)}.")  # fmt: skip
    text = arguments.page.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    written = f"{START}\n{summary}\n\n{table(clean, spoilt, findings, chosen, lines)}\n{END}"
    with atomic_path(arguments.page) as temporary:
        temporary.write_text(f"{head}{written}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
