"""Bytes and lines of a text file, mangled at random: never a traceback, never a silently wrong row."""

import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.tiny_release import DIALOGS, Release
from serflow.errors import UserError

DIALOG = DIALOGS["1"]
STATED = ("label", "raw_label", "speaker", "session", "style", "start", "end", "valence", "activation", "dominance")
# A label line of the release's own form: what it states, no reader can know to be wrong.
SOUND = r"^\[\d+\.\d{4} - \d+\.\d{4}\]\t%s\t(ang|hap|neu|sad|xxx)\t\[(\d\.\d{4}, ){2}\d\.\d{4}\]$"
BOUNDED = settings(max_examples=80, deadline=None, derandomize="CI" in os.environ)


class Tiny:
    """A release whose three text files of one dialog are spoilt and put right again."""

    def __init__(self, folder: Path) -> None:
        self.release = Release(folder)
        self.release.write()
        self.paths = {
            "evaluation": self.release.evaluation(),
            "transcript": self.release.transcript(),
            "alignment": self.release.alignment(f"{DIALOG}_F001"),
        }
        self.data = {kind: path.read_bytes() for kind, path in self.paths.items()}
        self.clean = self.rows(self.release.read()[0])

    def rows(self, frame) -> dict[str, dict]:
        return {row["utterance"]: row for row in frame.to_dict("records")}

    def read(self, kind: str, data: bytes):
        """Rows and findings with one file's bytes replaced; none where a `UserError` says that all is lost."""
        self.paths[kind].write_bytes(data)
        try:
            frame, findings = self.release.read()
        except UserError:
            return {}, None
        finally:
            self.paths[kind].write_bytes(self.data[kind])
        return self.rows(frame), findings

    def named(self, kind: str, findings, turn: str) -> bool:
        """Whether a finding names the file, or the turn: of a block that is gone as a whole only its audio tells."""
        file = self.paths[kind].relative_to(self.release.root).as_posix()
        return any(item.file == file or item.utterance == turn for item in findings.items)


@pytest.fixture(scope="module")
def tiny():
    with tempfile.TemporaryDirectory() as folder:
        yield Tiny(Path(folder) / "release")


@st.composite
def mangling(draw):
    """A function of bytes: some places of it deleted, overwritten, doubled, or two of its lines exchanged."""
    steps = draw(st.lists(st.tuples(st.sampled_from(["delete", "bytes", "double", "lines", "cut"]),
                                    st.floats(0, 1), st.floats(0, 1), st.integers(1, 30), st.binary(max_size=6)),
                          min_size=1, max_size=4))  # fmt: skip

    def mangle(data: bytes) -> bytes:
        for what, first, second, length, fill in steps:
            start = int(first * len(data))
            end = min(len(data), start + length)
            if what == "lines":
                lines = data.split(b"\n")
                i, j = (int(place * (len(lines) - 1)) for place in (first, second))
                lines[i], lines[j] = lines[j], lines[i]
                data = b"\n".join(lines)
            elif what == "cut":
                data = data[:start]
            else:
                data = data[:start] + {"delete": b"", "bytes": fill, "double": data[start:end] * 2}[what] + data[end:]
        return data

    return mangle


def restated(data: bytes, turn: str) -> bool:
    """Whether the file has a sound label line of the turn that is not the clean one."""
    return re.search(SOUND % turn, data.decode("latin-1"), re.MULTILINE) is not None


@given(mangle=mangling())
@example(mangle=lambda data: b"")
@example(mangle=lambda data: data.replace(b"_F001\t", b"_M000\t"))
@example(mangle=lambda data: b"\xff\xfe" + data)
@example(mangle=lambda data: data.replace(b"\n", b"\x00"))
@BOUNDED
@pytest.mark.slow
def test_a_mangled_evaluation_changes_no_row_that_no_finding_of_it_tells_of(tiny, mangle):
    data = mangle(tiny.data["evaluation"])
    rows, findings = tiny.read("evaluation", data)
    if findings is None:
        return
    for turn, before in tiny.clean.items():
        after = rows.get(turn)
        same = after is not None and all(repr(after[key]) == repr(before[key]) for key in STATED)
        assert same or before["dialog"] == DIALOG
        assert same or tiny.named("evaluation", findings, turn) or (after is not None and restated(data, turn))
    assert set(rows) <= set(tiny.clean)


@pytest.mark.parametrize("kind", ["transcript", "alignment"])
@given(mangle=mangling())
@example(mangle=lambda data: b"")
@example(mangle=lambda data: data[: len(data) // 2])
@example(mangle=lambda data: data[: data.rindex(b":") + 1])
@example(mangle=lambda data: data.replace(b"\n", b"\x85"))
@BOUNDED
@pytest.mark.slow
def test_a_mangled_transcript_or_alignment_changes_words_alone_and_those_of_its_own_turns(tiny, kind, mangle):
    data = mangle(tiny.data[kind])
    rows, findings = tiny.read(kind, data)
    whole = kind == "alignment" and data.startswith(b"SFrm") and b"Total score:" in data  # of a turn without words?
    assert set(rows) == set(tiny.clean)
    for turn, before in tiny.clean.items():
        own = {"transcript": before["dialog"] == DIALOG, "alignment": turn == f"{DIALOG}_F001"}[kind]
        may = {"transcript": {"text"}, "alignment": {"words"}}[kind] if own else set()
        changed = {key for key in before if repr(before[key]) != repr(rows[turn][key])}
        assert changed <= may
        lost = own and not rows[turn]["text" if kind == "transcript" else "words"]
        assert not lost or whole or tiny.named(kind, findings, turn)
