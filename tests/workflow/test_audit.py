"""Whatever is changed between the audio and the table, `serflow audit` names it; where nothing is, it agrees."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from helpers.forged_runs import edit_features
from helpers.projects import apart, linked_copy_of
from serflow import shipped
from serflow.cli import audit
from serflow.files import file_digest, read_json, write_json

ITEM = "xu2020/table3/acnn_improvised/ua@as_published"
TABLE = "reports/demo-demo/xu2020/table3.csv"
RESULTS = "results/demo/demo/xu2020/improvised"
RUNS = [f"{RESULTS}/acnn/random5/fold{fold}/seed1" for fold in (1, 2)]
SPLIT = "data/demo/xu2020/improvised/splits/random5"


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project; its release and sources are hard links."""
    return linked_copy_of(finished, tmp_path / "copy")


@pytest.fixture
def audited(project, monkeypatch, capsys):
    """Call `serflow audit` in a copy of the finished project: exit status and what it printed."""
    monkeypatch.chdir(project.folder)
    monkeypatch.setattr(shipped, "ROOT", project.folder)  # as of a process that imports the project's own source

    def call(*arguments):
        capsys.readouterr()
        try:
            audit.main(list(map(str, arguments)))
        except SystemExit as ended:
            printed = capsys.readouterr()
            return ended.code, printed.out + printed.err
        return 0, capsys.readouterr().out

    return call


def wrong(printed):
    return [line.strip().removeprefix("MISMATCH").strip() for line in printed.splitlines() if "MISMATCH  " in line]


def edit_csv(path, change, **wanted):
    """Apply `change` to the first line of a CSV that has the wanted values."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(next(row for row in rows if all(row[key] == value for key, value in wanted.items())))
    write_csv(path, rows)


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit_prediction(folder, by=0.01, part="test"):
    """Change one probability so that the most probable class stays."""
    path = f"{folder}/predictions.parquet"
    table = pq.read_table(path)
    frame = table.to_pandas()
    row = frame.index[frame["part"] == part][0]
    columns = [name for name in frame.columns if name.startswith("p_")]
    frame.loc[row, frame.loc[row, columns].astype(float).idxmax()] += by
    frame.to_parquet(path, index=False)


def edit_record(folder):
    """Let run.json record the files as they are now, as a careful forger would."""
    record = read_json(f"{folder}/run.json")
    record["outputs"] = {name: file_digest(f"{folder}/{name}") for name in record["outputs"]}
    write_json(f"{folder}/run.json", record)


def exchange(first, second):
    shutil.move(first, f"{first}.kept")
    shutil.move(second, first)
    shutil.move(f"{first}.kept", second)


def test_an_untouched_report_agrees_in_every_item_and_says_what_was_not_checked(audited, project):
    status, printed = audited("--weights", "all", "--features", "all", "--seed", "7", "--json", "audit.json")
    assert (status, wrong(printed)) == (0, [])
    assert re.search(r"cells, 24 of them reproduced, \d+ comparisons: no MISMATCH, \d+ links not checked\n$", printed)
    assert len(printed.splitlines()) < 8  # the rest is for -v
    said = json.loads((project.folder / "audit.json").read_text())
    assert (said["mismatches"], said["seed"], said["version"]) == (0, 7, "0.1.0")
    assert re.match(r"\d{4}-\d\d-\d\dT", said["date"])
    trained = [str(path.parent.relative_to(project.folder)) for path in project.folder.glob("results/**/run.json")]
    assert sorted(said["not_checked"]["trainings that were not repeated"]) == sorted(trained)
    assert {kind.split()[0] for kind in said["not_checked"]} == {"trainings", "sources"}
    # three systems' rows and a quoted one, four columns; as published and best of each
    assert len(said["cells"]) == 24 + 4
    runs = [node for cell in said["cells"] for node in cell["rests_on"] if node["title"].startswith("run ")]
    loaded = {node["title"] for node in runs if any(step["name"].startswith("weights") for step in node["steps"])}
    assert loaded == {
        f"run {path.parent.relative_to(project.folder)}" for path in project.folder.glob("results/**/run.json")
    }


def test_an_unknown_item_has_status_2(audited):
    status, printed = audited("xu2020/table3/acnn_improvisd/ua")
    assert status == 2
    assert "did you mean 'xu2020/table3/acnn_improvised/ua'?" in printed


def test_of_a_cell_that_is_quoted_the_tables_file_is_checked(audited):
    status, printed = audited("xu2020/table3/tarantino_full/ua")
    assert status == 0
    assert "not reproduced: reported by its authors" in printed
    assert "0 of them reproduced, 2 comparisons: all agrees" in printed


@pytest.mark.parametrize("column", ["reported", "reproduced"])
@pytest.mark.parametrize("asked", [["xu2020"], ["xu2020/table3/tarantino_full"]])
def test_a_quoted_number_that_was_edited(audited, column, asked):
    edit_csv(TABLE, lambda row: row.update({column: "99.99"}), row="tarantino_full", column="ua")
    status, printed = audited(*asked, "--weights", "none")
    assert status == 1
    assert len(wrong(printed)) == 1
    assert f": {column} is 99.99; expected" in wrong(printed)[0]


@pytest.mark.parametrize("copied", ["below", "at the end"])
def test_a_second_line_of_a_cell_which_the_report_would_print(audited, copied):
    with open(TABLE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    place = next(i for i, row in enumerate(rows) if f"{row['item']}@{row['protocol']}" == ITEM)
    rows.insert(place + 1 if copied == "below" else len(rows), rows[place] | {"reproduced": "99.99"})
    write_csv(TABLE, rows)
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert any(f"{TABLE}: there are 2 lines for" in line for line in wrong(printed)), printed
    assert any(line.startswith("lines: ") for line in wrong(printed))


def test_lines_that_were_exchanged_in_the_table(audited):
    with open(TABLE, encoding="utf-8", newline="") as file:
        first, second, *others = csv.DictReader(file)
    write_csv(TABLE, [second, first, *others])
    status, printed = audited(ITEM, "--weights", "none")
    assert (status, len(wrong(printed))) == (1, 2)


def test_a_second_line_of_a_score_with_the_table_made_anew(audited):
    scores = f"{RESULTS}/scores/random5/scores.csv"
    with open(scores, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    line = next(row for row in rows if (row["system"], row["select"], row["metric"]) == ("acnn", "best_test", "ua"))
    write_csv(scores, [*rows, line | {"low_utterances": "0.770000"}])
    edit_csv(TABLE, lambda row: row.update(low_utterances="77.00"), item=ITEM.split("@")[0], protocol="as_published")
    status, printed = audited(ITEM, "--weights", "none")
    assert (status, len(wrong(printed))) == (1, 1)
    assert wrong(printed)[0].startswith(f"scores: {scores}: there are 2 lines for acnn, best_test, ua")


def test_a_number_that_was_edited_in_the_table(audited):
    edit_csv(TABLE, lambda row: row.update(reproduced="76.36"), item=ITEM.split("@")[0], protocol="as_published")
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert any(line.startswith(f"table: {TABLE} has 76.36") for line in wrong(printed))


@pytest.mark.parametrize("column", ["reported", "low_utterances", "folds", "p"])
def test_any_other_value_that_was_edited_in_the_table(audited, column):
    edit_csv(TABLE, lambda row: row.update({column: "1.5"}), item=ITEM.split("@")[0], protocol="as_published")
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    found = wrong(printed)
    assert len(found) == (3 if column == "p" else 1)  # a p is held against the predictions, and decides Holm's, too
    assert any(re.match(rf"line: {TABLE}, line \d+: {column} is 1.5; expected", line) for line in found)


@pytest.mark.parametrize(
    "column", ["pooled", "mean", "sd", "high_utterances", "utterances", "ua_train", "undertrained"]
)
def test_a_score_that_was_edited_even_with_the_table_made_anew(audited, column):
    scores = f"{RESULTS}/scores/random5/scores.csv"
    value = {"utterances": "31", "undertrained": "encoder"}.get(column, "0.777000")
    edit_csv(scores, lambda row: row.update({column: value}), system="acnn", select="best_test", metric="ua")
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert any(line.startswith(f"scores: {scores}: {column} is {value}") for line in wrong(printed))


@pytest.mark.parametrize("column", ["as_published", "as_published_utterances", "as_published_undertrained", "name"])
def test_a_value_of_the_page_of_findings_that_was_edited(audited, column):
    page = "reports/demo-demo/findings.csv"
    assert audited("findings", "--weights", "none")[0] == 0
    edit_csv(page, lambda row: row.update({column: "76.36"}), system="acnn")
    status, printed = audited("findings", "--weights", "none")
    assert status == 1
    assert any(re.match(rf"line: {page}, line \d+: {column} is 76.36", line) for line in wrong(printed))
    by_predictions = [line for line in wrong(printed) if line.startswith(f"findings: {page}")]
    assert len(by_predictions) == (column != "name")


def test_a_page_of_findings_whose_scores_were_edited_along(audited):
    scores = f"{RESULTS}/scores/random5/scores.csv"
    edit_csv(scores, lambda row: row.update(pooled="0.777000"), system="acnn", select="best_test", metric="ua")
    edit_csv("reports/demo-demo/findings.csv", lambda row: row.update(as_published="77.70"), system="acnn")
    status, printed = audited("findings", "--weights", "none")
    assert status == 1
    assert [line for line in wrong(printed) if "as_published is 77.70" in line and "from the predictions" in line]


@pytest.mark.parametrize(("way", "select"), [("as_published", "best_test"), ("as_published_best", "best_test_each")])
def test_a_number_of_the_utterances_that_hold_a_whole_segment(audited, way, select):
    item = f"xu2020/table3/acnn_improvised/ua_whole@{way}"
    assert audited(item, "--weights", "none")[0] == 0
    scores = f"{RESULTS}/scores/random5/scores.csv"
    edit_csv(scores, lambda row: row.update(utterances="31"), system="acnn", select=select, metric="ua_whole")
    status, printed = audited(item, "--weights", "none")
    assert status == 1
    assert any(line.startswith(f"scores: {scores}: utterances is 31") for line in wrong(printed))


def test_an_epoch_that_was_edited_in_runs_csv(audited):
    edit_csv(
        f"{RESULTS}/scores/random5/runs.csv",
        lambda row: row.update(epoch="7"),
        system="acnn",
        select="best_test",
        fold="2",
    )
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert wrong(printed)[0].startswith("epochs: ")
    assert "fold 2, seed 1: epoch 7; expected epoch 1" in wrong(printed)[0]


@pytest.mark.parametrize("way", ["edited", "gone"])
def test_the_data_of_a_figure_are_made_anew_by_the_command_that_is_named(audited, project, way):
    data = Path("reports/demo-demo/xu2020/confusion_data.csv")
    whole = data.read_bytes()
    if way == "gone":
        data.unlink()
    else:
        edit_csv(data, lambda row: row.update(count="7.5"), protocol="as_published")
    status, printed = audited("xu2020/confusion", "--weights", "none")
    assert status != 0 and str(data) in printed
    _, _, options = re.search(r"snakemake --cores 1 --force .*", printed).group(0).partition("snakemake ")
    project.snakemake(*options.split())
    assert data.read_bytes() == whole
    assert audited("xu2020/confusion", "--weights", "none")[0] == 0


def test_one_probability_that_was_edited(audited):
    edit_prediction(RUNS[0], by=1e-3)
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert wrong(printed)[0].startswith(f"files: {RUNS[0]}/predictions.parquet has SHA-256")


def test_one_probability_that_was_edited_with_its_digest_is_found_by_the_weights_alone(audited):
    edit_prediction(RUNS[0], by=1e-3)
    edit_record(RUNS[0])
    assert audited(ITEM, "--weights", "none")[0] == 0
    status, printed = audited(ITEM)
    assert status == 1
    assert len(wrong(printed)) == 1
    assert wrong(printed)[0].startswith(f"weights of epoch 1: {RUNS[0]}/model/last and predictions.parquet differ")


def test_weights_of_two_folds_that_were_exchanged(audited):
    exchange(*(f"{folder}/model/last/weights.safetensors" for folder in RUNS))
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert [line.split()[1] for line in wrong(printed)] == [f"{run}/model/last/weights.safetensors" for run in RUNS]


@pytest.mark.parametrize(("weights", "found"), [("all", 2), ("one", 1)])
def test_weights_that_were_exchanged_with_their_digests(audited, weights, found):
    exchange(*(f"{folder}/model/last/weights.safetensors" for folder in RUNS))
    for folder in RUNS:
        edit_record(folder)
    assert audited(ITEM, "--weights", "none")[0] == 0
    status, printed = audited(ITEM, "--weights", weights)
    assert status == 1
    assert len([line for line in wrong(printed) if line.startswith("weights of epoch 1: ")]) == found


def test_a_run_that_is_at_odds_is_so_in_every_cell_that_rests_on_it_and_counted_once(audited, project):
    exchange(*(f"{folder}/model/last/weights.safetensors" for folder in RUNS))
    for folder in RUNS:
        edit_record(folder)
    item = ITEM.split("@")[0]
    assert audited(item, "--json", "audit.json")[0] == 1
    said = json.loads((project.folder / "audit.json").read_text())
    assert said["mismatches"] == 2
    assert [cell["ok"] for cell in said["cells"]] == [False, False]
    runs = [node["ok"] for cell in said["cells"] for node in cell["rests_on"] if node["title"].startswith("run ")]
    assert runs == [False] * 4


def test_predictions_that_are_no_parquet_end_in_a_finding(audited):
    Path(f"{RUNS[0]}/predictions.parquet").write_bytes(b"no parquet")
    status, printed = audited(ITEM)
    assert status == 1
    assert any(line.startswith(f"predictions: {RUNS[0]}/predictions.parquet: ") for line in wrong(printed))
    assert any(line.startswith(f"files: {RUNS[0]}/predictions.parquet has SHA-256") for line in wrong(printed))


def test_weights_that_were_edited_in_their_description(audited):
    path = f"{RUNS[0]}/model/last/model.json"
    content = read_json(path)
    content["spec"]["parameters"]["segments"]["test_step"] = 2.0
    write_json(path, content)
    edit_record(RUNS[0])
    assert "another spec" in " ".join(wrong(audited(ITEM)[1]))


def test_a_file_too_many_and_one_that_is_gone(audited):
    shutil.copytree(f"{RUNS[0]}/model/last", f"{RUNS[0]}/model/epoch7")
    shutil.rmtree(f"{RUNS[1]}/model/last")
    said = " ".join(wrong(audited(ITEM)[1]))
    assert re.search(rf"{RUNS[0]}/model/epoch7/weights.safetensors has .*: it is not a file that the run wrote", said)
    assert f"{RUNS[1]}/model/last/weights.safetensors is missing" in said


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("spec", lambda record: record["spec"]["parameters"]["train"].update(batch_size=7)),
        ("key", lambda record: record["run"].update(seed=2)),
        ("code", lambda record: record["inputs"].update(code="0" * 64)),
        ("split", lambda record: record["inputs"].update(split="0" * 64)),
        ("features", lambda record: record["inputs"].update(features="0" * 64)),
        ("identity", lambda record: record.update(device="cuda")),
        ("files", lambda record: record.pop("outputs")),
    ],
)
def test_a_record_that_was_edited(audited, key, change):
    record = read_json(f"{RUNS[0]}/run.json")
    change(record)
    write_json(f"{RUNS[0]}/run.json", record)
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    assert any(line.startswith(f"{key}: ") for line in wrong(printed)), printed


def test_a_wav_that_was_edited(audited, project):
    table = pd.read_parquet(f"{SPLIT}.parquet").query("fold == 1 and part == 'test'")
    manifest = pd.read_parquet("data/demo/manifest.parquet").set_index("utterance")
    row = manifest.loc[table["utterance"].iloc[0]]
    wav = apart(project.folder / "data/demo/release" / row["path"])
    samples, rate = soundfile.read(wav, dtype="int16")
    samples[len(samples) // 2] += 1
    soundfile.write(wav, samples, rate)
    status, printed = audited(ITEM, "--weights", "none")
    assert status == 1
    name = table["utterance"].iloc[0]
    assert any(f"sha256 of 1 utterances, {name} among them, is not" in line for line in wrong(printed))
    words = set(manifest["text"]) - {""}
    assert words
    assert not [text for text in words if text in printed]


def test_a_recording_that_was_exchanged_with_its_checksum_is_found_by_extracting_anew(audited, project):
    """The digests of files follow: its samples say that they are others, and so do the stored features."""
    path = "data/demo/manifest.parquet"
    table = pq.read_table(path)
    wavs = []
    for relative in table["path"].to_pylist():
        wav = apart(project.folder / "data/demo/release" / relative)
        samples, rate = soundfile.read(wav, dtype="int16")
        soundfile.write(wav, samples // 2, rate)
        wavs.append(file_digest(wav))
    column = table.schema.get_field_index("sha256")
    pq.write_table(table.set_column(column, "sha256", pa.array(wavs)), path, compression="zstd")
    write_json("data/demo/manifest.json", {"digest": file_digest(path), "utterances": len(table)})
    said = wrong(audited(ITEM, "--weights", "none")[1])
    assert {"release", "rows", "extraction"} <= {line.split(":")[0] for line in said}
    assert any("samples_sha256 of " in line for line in said)


def test_a_fold_table_that_was_edited(audited):
    table = pd.read_parquet(f"{SPLIT}.parquet")
    row = table.index[(table["fold"] == 1) & (table["part"] == "test")][0]
    table.loc[row, "class"] = next(name for name in table["class"].unique() if name != table.loc[row, "class"])
    table.to_parquet(f"{SPLIT}.parquet", index=False)
    said = [line.split(":")[0] for line in wrong(audited(ITEM, "--weights", "none")[1])]
    assert {"split", "fold", "fingerprint", "manifest to folds"} <= set(said)


def test_features_that_were_edited(audited):
    frames = np.load("data/demo/features/mfcc13/frames.npy")
    view = set(pd.read_parquet(f"{SPLIT}.parquet")["utterance"])
    index = pd.read_parquet("data/demo/features/mfcc13/index.parquet").set_index("utterance")
    frames[index.loc[sorted(view)[0], "start"]] += 1
    np.save("data/demo/features/mfcc13/frames.npy", frames)
    said = wrong(audited(ITEM, "--weights", "none")[1])
    assert said[0].startswith("frames: ")


def test_the_configuration_can_be_changed_as_for_snakemake(audited):
    status, printed = audited("xu2020/table3/acnn_improvised/ua", "--config", "seeds=[2]", "--weights", "none")
    assert status == 1
    assert "fold1/seed2" in printed


def test_one_config_takes_several_changes(audited):
    status, printed = audited(ITEM, "--weights", "none", "--config", "preset=demo", "sweeps=false")
    assert (status, wrong(printed)) == (0, [])


# what a forger may do who mends every digest on the way


def test_features_of_utterances_that_no_run_tests(audited, project):
    """Noise in place of what is trained on alone: every digest fits, and the audio gives other features."""
    table = pd.read_parquet(f"{SPLIT}.parquet")
    tested = set(table.query("part == 'test' and fold in (1, 2)")["utterance"])
    foreign = set(table["utterance"]) - tested
    noise = np.random.default_rng(1)
    edit_features(
        "data/demo/features/mfcc13",
        {"data/demo/xu2020/improvised/features/mfcc13.json": set(table["utterance"])},
        RUNS,
        lambda name, frames: noise.standard_normal(frames.shape).astype("f4") if name in foreign else frames,
    )
    assert foreign
    said = wrong(audited(ITEM, "--weights", "none", "--features", "all")[1])
    assert [line.split(":")[0] for line in said] == ["extraction"]


def test_a_prediction_with_its_digest_is_found_by_training_again_and_what_agrees_is_said_to(audited):
    everything = ("--retrain", "all", "--features", "all")
    status, printed = audited(ITEM, *everything)
    assert (status, wrong(printed)) == (0, [])
    assert re.search(r"1 cell, 1 of them reproduced, \d+ comparisons: all agrees\n$", printed)
    edit_prediction(RUNS[0], by=1e-3)
    edit_record(RUNS[0])
    status, printed = audited(ITEM, *everything[:2], "--weights", "none")
    assert status == 1
    assert wrong(printed) == [f"training: {RUNS[0]}: trained anew, other: predictions.parquet; expected the same bytes"]
    assert "not checked: views whose features were not all extracted anew: 1 (--features all)" in printed


@pytest.mark.parametrize("ending", [".svg", ".pdf", ".txt", "_data.csv"])
def test_a_file_of_a_figure_that_was_edited(audited, ending):
    path = Path(f"reports/demo-demo/xu2020/confusion{ending}")
    path.write_bytes(path.read_bytes() + b"\n")
    status, printed = audited("xu2020/confusion", "--weights", "none")
    assert status == 1
    assert any(line.startswith(f"bytes: {path} has SHA-256") for line in wrong(printed))


def test_a_pdf_that_was_edited(audited):
    assert audited("pdf")[0] == 0
    path = Path("reports/all_tables.pdf")
    path.write_bytes(path.read_bytes().replace(b"/Title", b"/Titel", 1))
    status, printed = audited("pdf")
    assert (status, len(wrong(printed))) == (1, 1)
    assert wrong(printed)[0].startswith(f"bytes: {path} has SHA-256")


def test_what_was_drawn_is_drawn_again_by_the_seed_that_was_printed(audited):
    printed = audited(ITEM, "--weights", "none", "-v")[1]
    seed = re.search(r"drawn by --seed (\d+)\n", printed).group(1)
    again = audited(ITEM, "--weights", "none", "-v", "--seed", seed)[1]
    assert again.replace(", unchanged since an audit hashed them", "") == printed
    assert f"5 recordings, drawn by seed {seed}," in printed
    assert "  ok  " in printed and "  ok  " not in audited(ITEM, "--weights", "none")[1]
