"""Copies of a release that are wrong in one way throughout: few lines, which name the cause; the page has them."""

import re

import pytest

from helpers import ROOT
from helpers.copies import COPIES, END, START, table
from helpers.tiny_release import Release

PAGE = ROOT / "docs/iemocap.md"


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What is said of each copy."""
    found = {}
    for number, copy in enumerate(COPIES):
        release = Release(tmp_path_factory.mktemp("copies") / f"release{number}")
        release.write()
        found[copy.name] = copy.said(release)
    return found


def test_the_page_has_what_is_said(said):
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition(START)[2].partition(END)[0] == table(said)


def test_no_copy_takes_more_than_three_lines(said):
    assert {name: lines for name, lines in said.items() if len(lines) > 3} == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "links that dangle (DataLad, git-annex)",
            "all 20: .* is a link and what it points to is not.*datalad get",
        ),
        ("suffix in upper case, `.WAV`", "all 20: .*its suffix is `.WAV`; expected `.wav`.*rename"),
        ("converted to FLAC", "all 20: .*as `.flac`, converted"),
        ("resampled to 44.1 kHz", "all 20: sample rate 44100 Hz"),
        ("in stereo", "all 20: 2 channels"),
        ("two folders deeper", "set `release` in config.yaml to RELEASE/iemocap/IEMOCAP_full_release"),
        ("one session in place of the release", "set `release` in config.yaml to RELEASE, which"),
        ("`Session 1`", "none of Session1 to Session5, but 'Session 1'.*rename"),
        ("one session in lower case", "^Session3: .*`session3` is there where `Session3` is expected"),
        ("`Session5/Session5`", "^Session5: .*too deep, in `Session5/Session5`.*; 4 published turns"),
        ("a session that is a link to nothing", "^Session3: .*`Session3` is a link and what it points to"),
        ("wavs of session 5 gone", "^Session5/sentences/wav/.*: all 4: .*folder `Session5/sentences/wav` is missing"),
        ("wavs flat in `sentences/wav`", "all 20: .*it lies in `Session1/sentences/wav`"),
        ("`emoevaluation` for `EmoEvaluation`", "`emoevaluation` is there where `EmoEvaluation` is expected: rename"),
        ("`Sentences` for `sentences`", "all 20: .*`Sentences` is there where `sentences` is expected: rename"),
        ("all audio cut to 0.1 s", "^the whole release: 20 of 20 turns have other lengths than their label lines say"),
        ("two thirds of all turns not there", "5 utterances, 0.00 h .published: 20"),
        ("Git LFS pointers for wavs", "all 20: a Git LFS pointer"),
        ("Git LFS pointers for label files", "5 times: .*a Git LFS pointer"),
        ("a login page for each wav", "all 20: a web page"),
        ("Parquet from Hugging Face", "Parquet files, as copies on Hugging Face.*licence"),
        ("names that are not UTF-8", r"caf\\xe9: "),
    ],
)
def test_the_first_line_names_the_cause(said, name, words):
    assert re.search(words, said[name][0]), said[name]


def test_utf_16_is_read_without_a_word(said):
    assert said["label files in UTF-16, without a mark"] == []
