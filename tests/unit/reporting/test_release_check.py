"""The check of a release: counts, durations and findings, beside what is published."""

import json

import pandas as pd
import pytest

from helpers.fabricated import release_check_spec
from serflow.cli.release_check import main
from serflow.files import read_json, write_json
from serflow.reporting.release_check import class_check, durations, label_tables, release_check

MANIFEST = pd.DataFrame(
    [
        ("happy", "1", "improvised", "A", 1.0),
        ("happy", "1", "improvised", "A", 2.0),
        ("sad", "1", "scripted", "B", 3.0),
        ("excited", "2", "improvised", "C", 4.5),
    ],
    columns=["label", "session", "style", "speaker", "duration"],
)
PUBLISHED = {
    "counts": {"all": {"happy": 2, "sad": 2, "excited": 1}, "scripted": {"sad": 1}},
    "session": {"1": {"happy": 2}},
    "session_style": {"scripted": {"2": {"sad": 1}}},
}


def tables(**options):
    found = label_tables(MANIFEST, PUBLISHED, **{"compared": True} | options)
    return {table["id"]: table for table in found}


def cells(table, label):
    row = next(row for row in table["rows"] if row["label"] == label)
    columns = zip(table["groups"], row["cells"], strict=True)
    return {head: (cell["found"], cell["published"], cell["differs"]) for head, cell in columns}


def test_labels_are_counted_by_session_style_speaker_and_session_with_style():
    found = tables()
    assert list(found) == ["session", "style", "speaker", "session_style"]
    assert cells(found["session"], "happy") == {"1": (2, 2, False), "2": (0, None, False), "all": (2, 2, False)}
    assert cells(found["style"], "sad") == {"improvised": (0, None, False), "scripted": (1, 1, False)}
    assert cells(found["speaker"], "excited")["C"] == (1, None, False)
    assert cells(found["session_style"], "sad")["2 scripted"] == (0, 1, True)


def test_a_sum_is_published_only_where_every_label_that_occurs_is():
    found = tables()
    assert cells(found["session"], "all") == {"1": (3, None, False), "2": (1, None, False), "all": (4, 5, True)}


def test_the_numbers_of_a_stand_in_differ_from_nothing():
    assert cells(tables(compared=False)["session"], "sad")["all"] == (1, 2, False)
    assert cells(tables()["session"], "sad")["all"] == (1, 2, True)


def test_a_corpus_of_one_session_without_styles_has_no_tables_of_them():
    plain = MANIFEST.assign(session="1", style="")
    assert [table["id"] for table in label_tables(plain, {}, compared=False)] == ["session", "speaker"]
    assert label_tables(plain, {}, compared=False)[0]["groups"] == ["all"]


def test_a_check_merges_labels_and_keeps_to_its_style():
    check = {"name": "x", "style": "improvised", "classes": {"happy": ["happy", "excited"], "sad": ["sad"]}}
    result = class_check(MANIFEST, check | {"expected": {"happy": 3, "sad": 1}}, compared=True)
    assert result["classes"] == ["happy", "sad", "total"]
    assert [(cell["found"], cell["published"], cell["differs"]) for cell in result["cells"]] == [
        (3, 3, False),
        (0, 1, True),
        (3, 4, True),
    ]


def test_durations_are_summed_in_all_and_by_session():
    found = durations(MANIFEST.assign(duration=MANIFEST["duration"] * 3600), {"hours": 10.49}, compared=True)
    assert found["all"]["hours"] == {"found": 10.5, "published": 10.49, "differs": True}
    assert [(row["session"], row["utterances"], row["hours"]) for row in found["sessions"]] == [
        ("1", 3, 6),
        ("2", 1, 4.5),
    ]
    assert found["sessions"][0]["longest"] == 3 * 3600


@pytest.mark.parametrize(("published", "differs"), [(2.6, False), (2.625, False), (2.61, True), (2.7, True)])
def test_a_published_number_is_compared_within_its_own_rounding(published, differs):
    found = durations(MANIFEST, {"mean": published}, compared=True)["all"]["mean"]
    assert (found["found"], found["differs"]) == (2.625, differs)


def test_the_command_writes_every_finding_with_place_and_none_with_a_quote(world, tmp_path):
    main(["--spec", json.dumps(release_check_spec(world)), "--output", str(tmp_path / "check.json")])
    written = read_json(tmp_path / "check.json")
    assert len(written["findings"]) == 44
    first = {
        "code": "duration",
        "severity": "odd",
        "file": "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt",
        "line": 7,
    }
    first |= {"utterance": "Ses01F_impro01_F000", "message": "label line and audio differ"}
    assert written["findings"][0] == first
    assert [(kind["code"], kind["count"]) for kind in written["kinds"]] == [("duration", 14), ("mac_file", 30)]
    assert written["left_out"] == {"count": 1, "utterances": ["Ses02M_impro03_M004"]}


FOLDER = "Session1/sentences/wav/Ses01F_impro01"


@pytest.mark.parametrize(
    ("file", "line", "place"),
    [
        (
            "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt",
            7,
            ("Session1/dialog/EmoEvaluation/Ses01F_impro01.txt", 7),
        ),
        (f"{FOLDER}/Ses01F_impro01_F000.wav", None, (FOLDER, None)),
        (f"{FOLDER}/Ses01F_impro01_F000.wdseg", 3, (FOLDER, None)),
        ("Session1/sentences/wav/Ses01F_impro01_F000.wav", None, ("Session1/sentences/wav", None)),
        (".", None, (".", None)),
    ],
)
def test_where_utterances_may_not_be_named_a_turns_file_is_its_dialogs_folder(world, tmp_path, file, line, place):
    finding = {"code": "x", "severity": "odd", "file": file, "line": line, "message": "m", "quote": "secret"}
    content = {"findings": [finding | {"utterance": "Ses01F_impro01_F000"}], "left_out": ["Ses01F_impro01_F000"]}
    write_json(tmp_path / "findings.json", content)
    spec = release_check_spec(world, show_text=False, findings=str(tmp_path / "findings.json"))
    check = release_check(spec)
    assert (check["findings"][0]["file"], check["findings"][0]["line"]) == place
    assert check["left_out"] == {"count": 1, "utterances": []}
    assert "_F000" not in json.dumps(check) and "secret" not in json.dumps(check)
