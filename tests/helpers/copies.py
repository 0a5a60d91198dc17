"""Copies of a release that are wrong in one way throughout: what is done to a tiny one, and what is said of it.

As a program (``PYTHONPATH=src:tests python -m helpers.copies docs/iemocap.md``) it renews the table of the page.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from helpers.tiny_release import CORPUS, Release, evaluation_line
from serflow.corpora.readers import iemocap
from serflow.errors import UserError

SESSIONS = {session: {"neutral": 1, "angry": 1, "happy": 1, "no_agreement": 1} for session in "12345"}
PUBLISHED = {
    "counts": {"all": {label: 5 for label in SESSIONS["1"]}},
    "session": SESSIONS,
}


@dataclass(frozen=True)
class Copy:
    """A variant: its name, what makes it of a release in order; `where` is read, relative to the release."""

    name: str
    spoil: Callable[[Release], None]
    where: str = "."

    def said(self, release: Release) -> list[str]:
        """The fatal and odd lines of the reading, or the one sentence that stops it; the release as RELEASE."""
        self.spoil(release)
        try:
            _, findings = iemocap.read(release.root / self.where, corpus=CORPUS | {"reference_counts": PUBLISHED})
        except UserError as error:
            return [str(error).replace(str(release.root), "RELEASE")]
        return [str(group) for severity in ("fatal", "odd") for group in findings.groups(severity)]


def wavs(release: Release) -> list[Path]:
    return sorted(release.root.rglob("*.wav"))


def each_wav(change: Callable[[Path], object]) -> Callable[[Release], None]:
    def spoil(release: Release) -> None:
        for path in wavs(release):
            change(path)

    return spoil


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("../../../.git/annex/objects/SHA256E")


def as_flac(path: Path) -> None:
    samples, rate = soundfile.read(path, dtype="int16")
    soundfile.write(path.with_suffix(".flac"), samples, rate)
    path.unlink()


def rewritten(change: Callable[[np.ndarray], np.ndarray], rate: int = 16000) -> Callable[[Release], None]:
    def spoil(path: Path) -> None:
        samples, _ = soundfile.read(path)
        soundfile.write(path, change(samples), rate, subtype="PCM_16")

    return each_wav(spoil)


def renamed(new: Callable[[str], str]) -> Callable[[Release], None]:
    def spoil(release: Release) -> None:
        for session in "12345":
            release.session(session).rename(release.root / new(session))

    return spoil


def all_lower_case(release: Release) -> None:
    for folder, folders, files in os.walk(release.root, topdown=False):
        for name in [*folders, *files]:
            os.rename(os.path.join(folder, name), os.path.join(folder, name.lower()))


def nested(release: Release, *parts: str) -> None:
    inner = release.root.joinpath(*parts)
    aside = release.root.with_name("aside")
    release.root.rename(aside)
    inner.parent.mkdir(parents=True)
    aside.rename(inner)


def nested_sessions(release: Release, sessions: str) -> None:
    for session in sessions:
        folder = release.session(session)
        folder.rename(folder.with_name("aside"))
        folder.mkdir()
        folder.with_name("aside").rename(folder / folder.name)


def flat(release: Release, folder: str) -> None:
    """All wavs of a session in one folder of it."""
    for path in wavs(release):
        session = path.parents[3]
        (session / folder).mkdir(parents=True, exist_ok=True)
        path.rename(session / folder / path.name)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def flat_only(release: Release) -> None:
    """Nothing but one folder of wavs."""
    for path in wavs(release):
        path.rename(release.root / path.name)
    for session in "12345":
        shutil.rmtree(release.session(session))


def link_session(release: Release) -> None:
    shutil.rmtree(release.session("3"))
    release.session("3").symlink_to("/nowhere/Session3")


def without(*parts: str) -> Callable[[Release], None]:
    def spoil(release: Release) -> None:
        for part in parts:
            shutil.rmtree(release.root / part)

    return spoil


def hugging_face(release: Release) -> None:
    shutil.rmtree(release.root)
    (release.root / "data").mkdir(parents=True)
    (release.root / "data/train-00000-of-00001.parquet").write_bytes(b"PAR1")


def archive(release: Release) -> None:
    shutil.rmtree(release.root)
    release.root.mkdir()
    (release.root / "IEMOCAP_full_release.tar.gz").write_bytes(b"\x1f\x8b")


def misnamed_folder(old: str, new: str) -> Callable[[Release], None]:
    def spoil(release: Release) -> None:
        for session in "12345":
            folder = release.session(session) / old
            folder.rename(folder.with_name(new))

    return spoil


def with_bytes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def each_label_file(change: Callable[[Path], object]) -> Callable[[Release], None]:
    def spoil(release: Release) -> None:
        for session in "12345":
            change(release.evaluation(session))

    return spoil


def name_of_bytes(release: Release) -> None:
    for path in (release.evaluation().parent, release.wav("Ses01F_impro01_F000").parent):
        Path(os.fsdecode(os.fsencode(path) + b"/caf\xe9")).write_bytes(b"")


def third(release: Release) -> None:
    """Of every turn but one a session, nothing at all is there."""
    for session in "12345":
        dialog = release.evaluation(session).stem
        release.put(release.evaluation(session), evaluation_line(f"{dialog}_F000", "neu", 1.0) + "\n")
        release.put(release.transcript(session), f"{dialog}_F000 [001.0000-001.5000]: Some words.\n")
        for turn in ("F001", "M000", "M001"):
            release.wav(f"{dialog}_{turn}").unlink()
            release.alignment(f"{dialog}_{turn}").unlink()


START, END = "<!-- written by `python -m helpers.copies` -->\n", "\n<!-- end of what it writes -->"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
HTML = b"<!DOCTYPE html>\n<html><title>Log in</title></html>\n"
COPIES = [
    Copy("links that dangle (DataLad, git-annex)", each_wav(dangling)),
    Copy("suffix in upper case, `.WAV`", each_wav(lambda path: path.rename(path.with_suffix(".WAV")))),
    Copy("converted to FLAC", each_wav(as_flac)),
    Copy("resampled to 8 kHz", rewritten(lambda samples: samples[::2], 8000)),
    Copy("resampled to 44.1 kHz", rewritten(lambda samples: np.repeat(samples, 3), 44100)),
    Copy("in stereo", rewritten(lambda samples: np.stack([samples] * 2, axis=1))),
    Copy("a folder deeper", lambda release: nested(release, "IEMOCAP_full_release")),
    Copy("two folders deeper", lambda release: nested(release, "iemocap", "IEMOCAP_full_release")),
    Copy("one session in place of the release", lambda release: None, "Session1"),
    Copy("`session1`", renamed(lambda session: f"session{session}")),
    Copy("`Session 1`", renamed(lambda session: f"Session {session}")),
    Copy("`Session01`", renamed(lambda session: f"Session0{session}")),
    Copy("all in lower case", all_lower_case),
    Copy("files in lower case", lambda release: (all_lower_case(release), restore_folders(release))),
    Copy("one session in lower case", lambda release: release.session("3").rename(release.root / "session3")),
    Copy("`Session5/Session5`", lambda release: nested_sessions(release, "5")),
    Copy("all sessions so", lambda release: nested_sessions(release, "12345")),
    Copy("a session that is a link to nothing", link_session),
    Copy("sessions 4 and 5 absent", without("Session4", "Session5")),
    Copy("session 5 alone", without("Session1", "Session2", "Session3", "Session4")),
    Copy("wavs of session 5 gone", without("Session5/sentences/wav")),
    Copy("wavs flat in `sentences/wav`", lambda release: flat(release, "sentences/wav")),
    Copy("wavs flat in `SessionN/wav`", lambda release: flat(release, "wav")),
    Copy("a flat folder of wavs alone", flat_only),
    Copy("without `dialog`", without(*(f"Session{session}/dialog" for session in "12345"))),
    Copy("`emoevaluation` for `EmoEvaluation`", misnamed_folder("dialog/EmoEvaluation", "emoevaluation")),
    Copy("`Sentences` for `sentences`", misnamed_folder("sentences", "Sentences")),
    Copy("all audio cut to 0.1 s", rewritten(lambda samples: samples[:1600])),
    Copy("two thirds of all turns not there", third),
    Copy("Git LFS pointers for wavs", each_wav(with_bytes(LFS))),
    Copy("Git LFS pointers for label files", each_label_file(with_bytes(LFS))),
    Copy("a login page for each wav", each_wav(with_bytes(HTML))),
    Copy("label files in UTF-16, without a mark",
         each_label_file(lambda path: path.write_bytes(path.read_text().encode("utf-16-le")))),
    Copy("Parquet from Hugging Face", hugging_face),
    Copy("the archive, not unpacked", archive),
    Copy("names that are not UTF-8", name_of_bytes),
]  # fmt: skip


def restore_folders(release: Release) -> None:
    """The folders' names as published, those of files and dialogs as they are."""
    for session in "12345":
        folder = (release.root / f"session{session}").rename(release.session(session))
        (folder / "dialog/emoevaluation").rename(folder / "dialog/EmoEvaluation")
        (folder / "sentences/forcedalignment").rename(folder / "sentences/ForcedAlignment")


def table(said: dict[str, list[str]]) -> str:
    """The variants and what is said of them, as a table of Markdown."""
    lines = ["| copy | what is said |", "|---|---|"]
    for name, sentences in said.items():
        cell = "<br>".join(sentence.replace("|", "\\|").replace("<TAB>", "&lt;TAB&gt;") for sentence in sentences)
        lines.append(f"| {name} | {cell or 'nothing: it is read'} |")
    return "\n".join(lines)


def main(page: Path) -> None:
    """Write the table of a page, between `START` and `END`."""
    said = {}
    for copy in COPIES:
        with tempfile.TemporaryDirectory() as folder:
            release = Release(Path(folder) / "release")
            release.write()
            said[copy.name] = copy.said(release)
    head, _, rest = page.read_text(encoding="utf-8").partition(START)
    page.write_text(f"{head}{START}{table(said)}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
