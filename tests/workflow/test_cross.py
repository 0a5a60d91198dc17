"""A project whose networks predict another corpus too: one call, a table that says what it is, and an audit of it."""

import csv
import shutil

import pandas as pd
import pytest
import yaml

from helpers.projects import Project, copy_of
from serflow.cli import audit
from serflow.files import file_digest, read_json, write_json

pytestmark = pytest.mark.slow
TABLE = "reports/demo-demo/xu2020/table_cross_mine.csv"
FOLDER = "results/demo/demo/xu2020/improvised/cross/mine/improvised"
LABELS = {"angry": "W", "sad": "T", "happy": "F"}  # the corpus has no neutral speech, and is not asked for fear


def other_corpus(project: Project) -> None:
    """A table of some recordings of the stand-in, under other names, with codes for labels."""
    release = project.folder / "mine"
    release.mkdir()
    rows = []
    manifest = pd.read_parquet(project.folder / "data/demo/manifest.parquet")
    chosen = manifest[manifest["label"].isin([*LABELS, "fearful"])]
    for number, row in enumerate(chosen.itertuples()):
        shutil.copy(project.folder / "data/demo/release" / row.path, release / f"{number}.wav")
        rows.append([f"{number}.wav", LABELS.get(row.label, "A"), row.speaker])
    with open(release / "table.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["path", "label", "speaker"], *rows])
    declared = yaml.safe_load((project.folder / "workflow/corpora/emodb.yaml").read_text(encoding="utf-8"))
    declared |= {"title": "Mine", "reader": "table", "table": "table.csv", "reference_counts": None, "budget": None}
    declared |= {"labels": {code: label for label, code in LABELS.items()} | {"A": "fearful"}}
    path = project.folder / "workflow/corpora/mine.yaml"
    path.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def crossed(finished, tmp_path_factory) -> Project:
    """The finished project, with the table of another corpus."""

    project = copy_of(finished, tmp_path_factory.mktemp("crossed") / "copy")
    other_corpus(project)
    release = {"mine": str(project.folder / "mine")}
    project.configure(protocols=["as_published", "strict", "cross:mine"], releases=release)
    project.snakemake(TABLE)
    return project


def lines(project, **wanted):
    with open(project.folder / TABLE, encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [line for line in found if all(line[key] == value for key, value in wanted.items())]


def test_both_corpora_stand_side_by_side_and_the_other_is_not_trained_on(crossed):
    assert {path.parent.name for path in crossed.folder.glob("data/*/manifest.parquet")} == {"demo", "mine"}
    assert not (crossed.folder / "results/mine").exists()


def test_the_table_is_over_the_classes_that_both_have(crossed):
    (line,) = lines(crossed, row="improvised_acnn", column="ua", protocol="cross:mine")
    assert line["classes"] == "angry sad excited"
    view = pd.read_parquet(crossed.folder / "data/mine/cross/demo/xu2020/improvised/view.parquet")
    assert int(line["utterances"]) == len(view) and set(view["class"]) == {"angry", "sad", "excited"}
    assert int(line["speakers"]) == view["speaker"].nunique()
    assert float(line["low"]) <= float(line["reproduced"]) <= float(line["high"])


def test_a_view_that_the_other_corpus_lacks_is_an_empty_cell_with_its_reason(crossed):
    (line,) = lines(crossed, row="scripted_acnn", column="ua", protocol="cross:mine")
    assert line["reproduced"] == "" and "Mine has no scripted part" in line["note"]


def test_nothing_is_left_to_do_and_a_changed_recording_s_label_predicts_anew(crossed, tmp_path):
    assert crossed.planned(TABLE) == {}
    copy = copy_of(crossed, tmp_path / "copy")
    copy.configure(releases={"mine": str(copy.folder / "mine")})
    copy.edit("mine/table.csv", ",W,", ",T,")
    planned = copy.planned(TABLE)
    assert {"cross_manifest", "cross_view", "cross_predictions", "score_cross", "table"} <= set(planned)
    assert "train" not in planned and "manifest" not in planned


def test_the_audit_agrees_and_names_what_was_edited(crossed, tmp_path, monkeypatch, capsys):
    copy = copy_of(crossed, tmp_path / "copy")
    monkeypatch.chdir(copy.folder)
    item = "xu2020/table_cross_mine/improvised_acnn/ua@cross:mine"
    audit.main([item])
    assert "no MISMATCH" in capsys.readouterr().out

    path = copy.folder / FOLDER / "predictions/acnn.parquet"
    table = pd.read_parquet(path)
    turned = table.rename(columns={"p_angry": "p_sad", "p_sad": "p_angry"})[list(table)]
    turned.to_parquet(path, index=False)
    record = read_json(path.with_suffix(".json")) | {"predictions": file_digest(path)}
    write_json(path.with_suffix(".json"), record)
    with pytest.raises(SystemExit):
        audit.main([item])
    printed = capsys.readouterr().out
    wrong = [line for line in printed.splitlines() if "MISMATCH  " in line]
    assert any("weights" in line for line in wrong) and any("scores" in line for line in wrong)
