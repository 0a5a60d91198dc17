"""The change table: what reruns what."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serflow.files import file_digest

RESULTS = "results/demo/demo/xu2020"
REPORTING = {"score_runs", "table", "figure", "findings", "digests", "pdf", "web_page"}
FROM_RUNS = {"train", "attention"}
ACNN_IMPROVISED = {f"{RESULTS}/improvised/acnn/random5/fold{fold}/runs.json" for fold in (1, 2)}
ACNN_SCRIPTED = {f"{RESULTS}/scripted/acnn/random5/fold{fold}/runs.json" for fold in (1, 2)}
MAJORITY = {f"{RESULTS}/improvised/majority/random5/fold{fold}/runs.json" for fold in (1, 2)}


def test_the_small_report_holds_exactly_the_expected_runs(finished):
    found = {str(path.relative_to(finished.folder)) for path in finished.folder.glob("results/**/runs.json")}
    assert found == ACNN_IMPROVISED | ACNN_SCRIPTED | MAJORITY
    assert (finished.folder / "reports/all_tables.pdf").read_bytes().startswith(b"%PDF")


def test_a_copy_elsewhere_with_new_time_stamps_reruns_nothing(project):
    assert project.planned() == {}


def test_touching_every_file_reruns_nothing(project):
    for folder in ("data", "src", "workflow", "results", "reports"):
        for path in sorted((project.folder / folder).rglob("*"), reverse=True):
            os.utime(path)
    assert project.planned() == {}


def test_a_value_of_one_system_reruns_its_runs_and_what_shows_them(project):
    project.paper(lambda data: data["systems"].update(acnn={"parameters": {"model": {"n_head": 1}}}))
    planned = project.planned()
    assert planned["train"] == ACNN_IMPROVISED | ACNN_SCRIPTED
    assert set(planned) == FROM_RUNS | REPORTING


def test_two_values_exchanged_between_keys_are_noticed(project):
    """Snakemake compares loose parameters as a set; the spec travels as one mapping."""
    project.paper(lambda data: data["presets"]["demo"]["system"]["parameters"]["model"].update(n_head=4, n_size=2))
    assert project.planned()["train"] == ACNN_IMPROVISED | ACNN_SCRIPTED


def test_a_model_file_reruns_the_runs_that_import_it(project):
    project.edit("src/serflow/models/acnn.py", "scores = k @ q.mT", "scores = (k @ q.mT)")
    assert project.planned()["train"] == ACNN_IMPROVISED | ACNN_SCRIPTED


def test_a_learner_file_reruns_only_its_own_runs(project):
    project.edit("src/serflow/learners/majority.py", '"""The yardstick', '"""A yardstick')
    assert project.planned()["train"] == MAJORITY


def test_a_reader_reruns_the_manifest_and_no_run_where_its_rows_stay_the_same(project):
    project.edit("src/serflow/corpora/alignments.py", '"""', '"""Of Sphinx. ')
    done = project.done()
    assert "manifest" in done
    assert not {"features", "train", "score_runs"} & set(done)


@pytest.mark.parametrize("file", ["metrics/rates.py", "cli/score_runs.py"])
def test_a_metric_reruns_scoring_and_reporting_only(project, file):
    path = project.folder / "src/serflow" / file
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert set(project.planned()) == REPORTING


def test_the_layout_of_tables_reruns_the_report_only(project):
    project.edit("src/serflow/reporting/layout.py", '"""', '"""Laid out. ')
    assert set(project.planned()) == {"pdf", "web_page"}


def test_a_title_reruns_its_table_and_the_report(project):
    project.paper(lambda data: data["tables"]["table3"].update(title="Another title"))
    assert set(project.planned()) == {"table", "digests", "pdf", "web_page"}


def seeds_there(project, runs):
    return {int(path.name.removeprefix("seed")) for path in (project.folder / runs).parent.glob("seed*")}


def test_a_seed_more_is_trained_alone_and_one_less_trains_nothing(project):
    networks = ACNN_IMPROVISED | ACNN_SCRIPTED
    before = {path: file_digest(path) for path in project.folder.glob("results/**/seed1/run.json")}
    project.edit("config.yaml", "seeds: null", "seeds: [1, 2]")
    planned = project.planned()
    assert planned["train"] == networks
    assert set(planned) == {"train", *REPORTING, "attention"}
    project.snakemake()
    assert all(seeds_there(project, runs) == {1, 2} for runs in networks)
    assert {path: file_digest(path) for path in project.folder.glob("results/**/seed1/run.json")} == before
    assert project.planned() == {}
    for seeds in ("[2]", "[1]"):
        path = project.folder / "config.yaml"
        path.write_text(re.sub(r"seeds: \[.*\]", f"seeds: {seeds}", path.read_text()))
        assert project.planned().get("train", set()) <= MAJORITY, "whose one seed is another one"
        assert set(project.planned()) >= {"score_runs", "table", "pdf"}


@pytest.mark.parametrize("name", ["predictions.parquet", "model/last/weights.safetensors", "run.json"])
def test_a_file_of_one_run_that_was_deleted_is_made_again_by_its_job(project, name):
    (run,) = (path for path in project.folder.glob("results/**/fold2/seed1") if "scripted/acnn" in str(path))
    before = {path: file_digest(path) for path in run.rglob("*") if path.is_file() and path.name != "run.json"}
    (run / name).unlink()
    done = project.done()
    assert done["train"] == {str(run.relative_to(project.folder).parent / "runs.json")}
    assert {path: file_digest(path) for path in before} == before
    assert project.planned() == {}


def test_a_fold_more_is_its_own_runs_scoring_and_reporting(project):
    project.edit("config.yaml", "folds: null", "folds: 3")
    planned = project.planned()
    assert planned["train"] == {path.replace("fold1", "fold3") for path in ACNN_IMPROVISED | ACNN_SCRIPTED | MAJORITY
                                if "fold1" in path}  # fmt: skip
    assert set(planned) == {"train", *REPORTING}


def test_a_system_more_is_its_own_runs_scoring_and_reporting(project):
    def add(data):
        data["systems"]["conv1"] = {"parameters": {"model": {"depth": 1}}}
        data["tables"]["table3"]["rows"].append({"id": "conv1", "name": "one layer", "system": "conv1"})

    project.paper(add)
    planned = project.planned()
    assert planned["train"] == {path.replace("/acnn/", "/conv1/") for path in ACNN_IMPROVISED}
    assert set(planned) == {"train", *REPORTING}


def test_one_wav_reruns_its_store_and_the_runs_whose_view_holds_it(project):
    wav = _some_wav(project.folder, "script")
    samples, rate = soundfile.read(wav, dtype="int16")
    soundfile.write(wav, np.roll(samples, 400), rate)
    done = project.done()
    assert done["features"] == {"data/demo/features/mfcc13/store.json"}
    assert done["train"] == ACNN_SCRIPTED
    assert project.planned() == {}


def test_one_label_reruns_the_runs_whose_view_holds_it_and_extracts_nothing(project):
    wav = _some_wav(project.folder, "impro")
    dialog = wav.parent.name
    labels = wav.parents[3] / "dialog/EmoEvaluation" / f"{dialog}.txt"
    lines = labels.read_bytes().split(b"\n")
    place = next(i for i, line in enumerate(lines) if wav.stem.encode() in line)
    lines[place] = lines[place].replace(b"\tneu\t", b"\tsad\t")
    labels.write_bytes(b"\n".join(lines))
    done = project.done()
    assert done["train"] == ACNN_IMPROVISED | MAJORITY
    assert "features" not in done


def test_a_transcript_changes_the_manifest_and_no_acoustic_run(project):
    before = (project.folder / "data/demo/manifest.json").read_text()
    wav = _some_wav(project.folder, "impro")
    text = wav.parents[3] / "dialog/transcriptions" / f"{wav.parent.name}.txt"
    lines = text.read_bytes().split(b"\n")
    place = next(i for i, line in enumerate(lines) if line.startswith(wav.stem.encode()))
    lines[place] += b" Indeed."
    text.write_bytes(b"\n".join(lines))
    done = project.done()
    assert (project.folder / "data/demo/manifest.json").read_text() != before
    assert not {"features", "train"} & set(done)


def _some_wav(folder: Path, style: str) -> Path:
    """A neutral turn's wav of the style: neutral is a class of every view."""
    for labels in sorted(folder.glob(f"data/demo/release/Session*/dialog/EmoEvaluation/Ses*_{style}*.txt")):
        for line in labels.read_text(encoding="latin-1").splitlines():
            fields = line.split("\t")
            if len(fields) == 4 and fields[2] == "neu":
                return labels.parents[2] / "sentences/wav" / labels.stem / f"{fields[1]}.wav"
    raise AssertionError("no neutral turn")


def test_runs_on_other_features_are_refused(project):
    record = project.folder / RESULTS / "improvised/acnn/random5/fold1/seed1/run.json"
    content = json.loads(record.read_text())
    content["inputs"]["features"] = "0" * 64
    record.write_text(json.dumps(content))
    scores = f"{RESULTS}/improvised/scores/random5/scores.csv"
    (project.folder / scores).unlink()
    project.snakemake("--", scores, check=False)
    log = (project.folder / "logs/score_runs/demo/demo/xu2020/improvised/random5.log").read_text()
    assert "trained on other features" in log


@pytest.mark.parametrize(("where", "kept"), [("training", True), ("preparing", False)])
def test_a_run_that_fails_remembers_what_was_made_before_training_if_all_of_it_was(project, where, kept):
    prepared = project.folder / "data/demo/prepared.json"
    prepared.unlink()
    if where == "training":
        project.paper(lambda data: data["systems"].update(acnn={"parameters": {"train": {"optimizer": {"lr": 1e30}}}}))
    else:
        project.edit("src/serflow/cli/view.py", "def main(", 'raise SystemExit("no view")\n\n\ndef main(')
    project.snakemake(check=False)
    assert prepared.exists() == kept
    if kept:
        planned = project.planned()
        assert planned["train"] == ACNN_IMPROVISED | ACNN_SCRIPTED
        assert not {"view", "split", "fingerprint"} & set(planned)
