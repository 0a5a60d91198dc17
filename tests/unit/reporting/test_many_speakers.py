"""The pages on the release of a corpus of many speakers: tables that can be read, once each."""

import json

import pandas as pd
import pytest

from helpers import ROOT
from helpers.fabricated import release_check_spec, report_spec, write_findings
from serflow.files import write_json
from serflow.reporting.pdf import make_pdf
from serflow.reporting.release_check import label_tables, release_check
from serflow.reporting.release_check_pages import WIDEST, release_pages

pytestmark = pytest.mark.slow

pymupdf = pytest.importorskip("pymupdf")
TEMPLATE, PAGE = ROOT / "reports/template.typ", ROOT / "reports/findings.typ"
SPEAKERS = [f"spk{number:03}" for number in range(150)]
LABELS = ["angry", "happy", "excited", "sad", "neutral", "frustrated", "fearful", "surprised", "disgusted", "other"]


def manifest(speakers, **columns):
    rows = [
        {"label": label, "session": speaker, "style": "", "speaker": speaker, "duration": 2.0 + number, "dialog": ""}
        for number, speaker in enumerate(speakers)
        for label in (*LABELS, "no_agreement")
        for _ in range(number + 1)
    ]
    return pd.DataFrame(rows).assign(**columns)


@pytest.fixture(scope="module")
def made(world, tmp_path_factory):
    """The check of 150 speakers without sessions, and the PDF that shows it."""
    folder = tmp_path_factory.mktemp("many")
    manifest(SPEAKERS).to_parquet(folder / "m.parquet")
    write_findings(folder / "f.json", [], left_out=[])
    paths = {"manifest": str(folder / "m.parquet"), "findings": str(folder / "f.json")}
    check = release_check(release_check_spec(world, published=None, checks=[], **paths))
    write_json(folder / "check.json", check)
    content = report_spec(world, [], []) | {"papers": [], "release_check": str(folder / "check.json")}
    make_pdf(json.loads(json.dumps(content)), template=TEMPLATE, page=PAGE, output=folder / "x.pdf")
    return check, folder / "x.pdf"


def test_sessions_that_are_the_speakers_have_no_table_beside_theirs(made):
    assert [(table["id"], len(table["groups"])) for table in made[0]["tables"]] == [("session", 1), ("speaker", 150)]
    two = label_tables(manifest(SPEAKERS[:4], session="a"), {}, compared=False)
    assert [table["id"] for table in two] == ["session", "speaker"]


def test_more_groups_than_fit_side_by_side_stand_below_each_other(made):
    table = release_pages(made[0])["tables"][1]
    assert table["groups"][-2:] == ["no agreement", "all"]
    assert [row["label"] for row in table["rows"]] == SPEAKERS
    assert [cell["found"] for cell in table["rows"][6]["cells"]] == ["7"] * 11 + ["77"]
    few = label_tables(manifest(SPEAKERS[:WIDEST]), {}, compared=False)
    assert [len(table["groups"]) for table in few] == [1, WIDEST]


def test_every_speaker_has_a_line_of_numbers_that_no_other_word_covers(made):
    lines = {}
    with pymupdf.open(made[1]) as opened:
        for number, page in enumerate(opened):
            words = page.get_text("words")
            boxes = [pymupdf.Rect(word[:4]) for word in words]
            inner = pymupdf.Rect(39 if number == 1 else 70, 30, 557 if number == 1 else 526, 815)  # 1: findings
            assert all(inner.contains(box) for box in boxes)
            for box, word in zip(boxes, words, strict=True):
                if word[4] in SPEAKERS:
                    middle = (box.y0 + box.y1) / 2
                    same = [one for one, other in zip(words, boxes, strict=True) if other.y0 < middle < other.y1]
                    ends = sorted((one[0], one[2]) for one in same)
                    assert all(left[1] <= right[0] + 0.5 for left, right in zip(ends, ends[1:], strict=False))
                    lines.setdefault(word[4], []).append([one[4] for one in sorted(same)])
    assert sorted(lines) == SPEAKERS
    assert lines["spk006"][0] == ["spk006", *["7"] * 11, "77"]
    assert lines["spk006"][1] == ["session", "spk006", "77", "0.17", "8.00", "8.00", "8.000", "8.000"]
    assert all(len(found) == 2 for found in lines.values())  # labels and durations
