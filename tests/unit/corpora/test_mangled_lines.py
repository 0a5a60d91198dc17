"""One label line, mangled in any way: never a traceback, never a wrong row that no finding names."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from helpers.tiny_release import Release, evaluation_line

TURN = "Ses01F_impro01_F001"
LINE = evaluation_line(TURN, "ang", 3.0)
# A line of the release's own form, which states other values: no reader can know that these are wrong.
SOUND = re.compile(
    rf"\[\d+\.\d{{4}} - \d+\.\d{{4}}\]\t{TURN}\t(ang|hap|neu|sad|xxx)\t\[(\d\.\d{{4}}, ){{2}}\d\.\d{{4}}\]"
)


@st.composite
def mangled(draw) -> str:
    """The label line with a slice deleted, replaced or doubled."""
    start = draw(st.integers(0, len(LINE)))
    end = draw(st.integers(start, min(len(LINE), start + draw(st.sampled_from([0, 1, 2, 6, 40])))))
    fill = draw(st.sampled_from(["delete", "text", "double", "mirror"]))
    if fill == "text":
        return LINE[:start] + draw(st.text(max_size=4)) + LINE[end:]
    return (
        LINE[:start] + {"delete": "", "double": LINE[start:end] * 2, "mirror": LINE[start:end][::-1]}[fill] + LINE[end:]
    )


@pytest.fixture(scope="module")
def tiny():
    with tempfile.TemporaryDirectory() as folder:
        release = Release(Path(folder) / "release")
        release.write()
        frame, _ = release.read()
        yield release, release.evaluation().read_text(), rows(frame)


def rows(frame) -> dict[str, str]:
    return {row["utterance"]: repr(row) for row in frame.to_dict("records")}


@given(line=mangled())
@example(line=LINE.replace("F001", "F0001"))
@example(line=LINE.replace("F001", "M000"))
@example(line=LINE.replace("F001", "M0000"))
@example(line=LINE[:30] + "\n\n" + LINE[30:])
@example(line="%" + LINE)
@example(line="")
@settings(max_examples=150, deadline=None)
@pytest.mark.slow
def test_a_mangled_label_line_gives_the_same_row_or_is_named(tiny, line):
    assume(not SOUND.fullmatch(line) or line == LINE)
    release, text, before = tiny
    release.evaluation().write_bytes(text.replace(LINE, line).encode())
    frame, findings = release.read()
    after = rows(frame)
    named = " ".join(f"{item.utterance} {item.quote}" for item in findings.items)
    for turn in before.keys() | after.keys():
        if before.get(turn) != after.get(turn):
            assert turn in named
    assert findings.left_out.isdisjoint(after)
