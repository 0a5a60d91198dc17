"""What a corpus declares to be read: patterns, and that they cover all that its reader touches."""

import os
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.tiny_release import write_wav
from serflow import corpora
from serflow.corpora.readers import emodb
from serflow.corpora.reads import Reads

FIRST = "Ses01F_impro01_F000"


def test_a_star_crosses_folders():
    assert Reads(["a/*.wav"]).match("a/b/c.wav")
    assert not Reads(["a/*.wav"]).match("a/b/c.txt")
    assert not Reads(["a/*.wav"]).match("b/a/c.wav")


def test_what_a_pattern_with_an_exclamation_mark_matches_is_not_read():
    reads = Reads(["a/*", "!*.phseg", "!a/b/*"])
    assert [path for path in ("a/x", "a/x.phseg", "a/b/x", "a/b") if reads.match(path)] == ["a/x", "a/b"]


@pytest.mark.parametrize("name", ["ForcedAlignment/Ses01F_impro01/x.phseg", "ForcedAlignment/Ses01F_impro01/x.syseg"])
def test_alignments_and_sheets_that_nothing_reads_are_not_hashed(name):
    reads = Reads(corpora.load("iemocap", root=ROOT)["reads"])
    assert not reads.match(f"Session1/sentences/{name}")
    assert not reads.match("Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e1_cat.txt")
    assert reads.match("Session1/dialog/EmoEvaluation/Ses01F_impro01.txt")


@pytest.mark.parametrize(
    ("pattern", "folder", "entered"),
    [
        ("S[1-5]/wav/*", "S1", True),
        ("S[1-5]/wav/*", "S1/wav/deep/er", True),
        ("S[1-5]/wav/*", "S1/video", False),
        ("S[1-5]/wav/*", "S6", False),
        ("S*/wav/x", "S1/video", True),  # the star may stand for `1/video`
        ("S?/wav/x", "S/wav", True),  # so may the question mark, for a slash
        ("S[!x]/wav/x", "S/wav", True),
        ("S[--9]/wav/x", "S/wav", True),
        ("*", "any/where", True),
    ],
)
def test_a_folder_is_entered_unless_surely_nothing_below_it_matches(pattern, folder, entered):
    assert Reads([pattern]).enter(folder) is entered


def touched(monkeypatch, root, read):
    """Relative paths of all files that are opened, and of all names that are listed."""
    seen = set()
    opened, iterdir = Path.open, Path.iterdir

    def note(path):
        seen.add(os.path.relpath(path, root))
        return path

    monkeypatch.setattr(Path, "open", lambda path, *mode, **settings: opened(note(path), *mode, **settings))
    monkeypatch.setattr(Path, "iterdir", lambda path: [note(entry) for entry in iterdir(path)])
    read()
    monkeypatch.undo()
    return seen


def test_the_patterns_of_iemocap_cover_all_that_is_read_or_listed(release, monkeypatch):
    reads = Reads(corpora.load("iemocap", root=ROOT)["reads"])
    stray = "Session1/sentences/ForcedAlignment/notes.txt"
    release.put(release.root / stray, "")
    release.put(release.wav(FIRST).with_name("._x.wav"), "Mac")
    release.put(release.session("1") / "dialog" / "avi" / "x.avi", "")
    seen = touched(monkeypatch, release.root, release.read)
    assert {stray, f"Session1/sentences/ForcedAlignment/Ses01F_impro01/{FIRST}.wdseg"} <= seen
    assert [path for path in sorted(seen) if not reads.match(path)] == []
    assert not reads.enter("Session1/dialog/avi") and not reads.enter("Session1/dialog/wav")


def test_the_patterns_of_emodb_cover_all_that_is_read_or_listed(tmp_path, monkeypatch):
    corpus = corpora.load("emodb", root=ROOT)
    write_wav(tmp_path / "03a01Fa.wav")
    (tmp_path / "notes.txt").write_text("")
    declared = corpus | {"reference_counts": None}
    seen = touched(monkeypatch, tmp_path, lambda: emodb.read(tmp_path, corpus=declared))
    assert seen == {"03a01Fa.wav", "notes.txt"}
    assert all(Reads(corpus["reads"]).match(path) for path in seen)
