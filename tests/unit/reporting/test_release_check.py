"""The check of a release: counts, durations and findings, beside what is published."""

import json
import shutil

import pandas as pd
import pytest

from helpers.fabricated import release_check_spec, write_findings
from helpers.tiny_release import Release
from serflow.cli.release_check import main
from serflow.corpora import manifest
from serflow.files import read_json
from serflow.reporting.release_check import class_check, durations, label_tables, release_check
from serflow.reporting.release_check_pages import findings_summary, release_pages


@pytest.fixture
def release(tmp_path) -> Release:
    made = Release(tmp_path / "release")
    made.write()
    return made


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


def test_the_command_writes_findings_that_are_alike_as_one_and_none_with_a_quote(world, tmp_path):
    main(["--spec", json.dumps(release_check_spec(world)), "--output", str(tmp_path / "check.json")])
    written = read_json(tmp_path / "check.json")
    assert written["findings"] == [
        {
            "code": "duration",
            "severity": "odd",
            "count": 14,
            "file": "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt",
            "line": None,
            "utterance": None,
            "message": "14 times: label line and audio differ",
        }
    ]
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
    finding |= {"utterance": "Ses01F_impro01_F000"}
    write_findings(tmp_path / "findings.json", [finding], left_out=["Ses01F_impro01_F000"])
    spec = release_check_spec(world, show_text=False, findings=str(tmp_path / "findings.json"))
    check = release_check(spec)
    assert (check["findings"][0]["file"], check["findings"][0]["line"]) == place
    assert check["left_out"] == {"count": 1, "utterances": []}
    assert "_F000" not in json.dumps(check) and "secret" not in json.dumps(check)


def test_a_dialog_or_session_without_a_row_may_be_named_as_well(release, tmp_path):
    """Places of the release that name no turn."""
    release.evaluation("1").unlink()
    shutil.rmtree(release.session("5"))
    check = checked(release, tmp_path, show_text=False)
    assert [(item["file"], item["severity"]) for item in check["findings"]] == [
        ("Session1/dialog/EmoEvaluation/Ses01F_impro01.txt", "fatal"),
        ("Session5", "fatal"),
    ]


def test_fatal_findings_come_first_and_the_first_page_has_them_all(release, tmp_path):
    for path in (release.root / "Session1").rglob("*.wdseg"):
        path.unlink()
    release.wav("Ses05M_script01_1b_F000").unlink()
    summary = findings_summary(checked(release, tmp_path))
    assert [item["severity"] for item in summary["named"]] == ["fatal", "odd"]
    assert summary["named"][1]["where"] == "Session1/sentences/ForcedAlignment/Ses01F_impro01"
    assert summary["named"][1]["message"].startswith("all 4: the turn has no word alignment")


def test_a_release_of_which_nothing_can_be_used_has_its_check(release, tmp_path):
    for path in release.root.rglob("*.wav"):
        path.unlink()
    check = checked(release, tmp_path)
    assert (check["utterances"], check["left_out"]["count"]) == (0, 20)
    assert [item["message"] for item in check["findings"]] == [
        "all 20: the audio of a labelled turn is missing; copy it from the release"
    ]
    assert release_pages(check)["durations"]["all"][0]["text"] == "0.00"
    json.dumps(check, allow_nan=False)


def test_a_session_that_is_missing_counts_its_published_turns(release, tmp_path):
    published = {"counts": {}, "session": {session: {"sad": 100 * int(session)} for session in "12345"}}
    shutil.rmtree(release.session("4"))
    shutil.rmtree(release.session("5"))
    check = checked(release, tmp_path, published)
    assert check["absent"] == 900
    assert findings_summary(check)["absent"] == "900"


def checked(release, tmp_path, published=None, **changed):
    """The check of a reading of a tiny release."""
    frame, findings = release.read(reference_counts=published)
    manifest.write(frame, tmp_path / "m.parquet")
    findings.write(tmp_path / "f.json")
    paths = {"manifest": str(tmp_path / "m.parquet"), "findings": str(tmp_path / "f.json")}
    spec = {"corpus": {"id": "tiny", "title": "Tiny"}, "show_text": True, "published": published, "compared": True}
    return release_check(spec | {"checks": []} | paths | changed)


def test_dialogs_are_counted_where_there_are_some(world):
    check = release_check(release_check_spec(world))
    assert release_pages(check)["dialogs"] == f"{check['dialogs']} dialogs"
    assert release_pages(check | {"dialogs": 1, "speakers": 1})["dialogs"] == "1 dialog"
    assert release_pages(check | {"dialogs": 0})["dialogs"] == ""
