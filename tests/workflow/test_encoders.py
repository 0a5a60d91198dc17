"""Systems with another's trained network as their encoder, and figures of energy: what runs, and what reruns."""

import csv
import json
import os
import subprocess
import sys

import pytest

from helpers.projects import Project, small_report

RESULTS = "results/demo/demo/huang2016/full"
FINAL = "greedy_dropout_att_mlp_eq9"
REPORTING = {"score_runs", "contrast", "table", "figure", "findings", "digests", "pdf", "web_page"}
DRAWN = {"attention", "energy_correlations", "figure", "digests", "pdf", "web_page"}


def runs(*systems):
    """Of the session that the first two folds leave out: one training for both, by speaker and by marker."""
    return {f"{RESULTS}/{system}/session_out/fold1/runs.json" for system in systems}


# it starts from the network that each fold's validation chose, and so is trained for each fold
FINALS = {f"{RESULTS}/{FINAL}/{split}/fold{fold}/runs.json" for split in ("speaker", "marker") for fold in (1, 2)}
ALL = runs("baseline", "att_eq9") | FINALS


def shrink(data):
    """Baseline, attention and final system, two epochs, the narrowest networks."""
    tables, demo = data["tables"], data["presets"]["demo"]
    kept = ("baseline", "att_eq9", FINAL)
    tables["table1"]["rows"] = [row for row in tables["table1"]["rows"] if row["id"] in kept]
    tables["table1"]["ablation"] = [list(kept)]
    tables["table_marker"]["protocols"] = ["as_published", "marker"]
    del tables["table_marker"]["contrasts"][1], tables["table_claim"]
    data["figures"] = {name: data["figures"][name] for name in ("fig3", "fig4")}
    demo["system"]["parameters"]["model"]["width_multiplier"] = 0.01
    demo["system"]["parameters"]["train"]["epochs"] = 2


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Project:
    """A project whose small report is made."""
    return small_report(tmp_path_factory.mktemp("encoders"), "huang2016", shrink)


def record(project, system, fold, split="speaker"):
    return json.loads((project.folder / f"{RESULTS}/{system}/{split}/fold{fold}/seed1/run.json").read_text())


def test_the_report_holds_exactly_the_expected_runs_and_then_nothing_is_to_be_done(finished):
    found = {str(path.relative_to(finished.folder)) for path in finished.folder.glob("results/**/runs.json")}
    assert found == ALL
    assert (finished.folder / "reports/all_tables.pdf").read_bytes().startswith(b"%PDF")
    assert finished.planned() == {}


def test_a_greedy_run_holds_the_baseline_that_its_own_folds_validation_chose(finished):
    encoder = record(finished, "baseline", 1, split="session_out")
    for fold in (1, 2):
        inside = record(finished, FINAL, fold)["outputs"]["model/last/encoder/weights.safetensors"]
        epoch = encoder["best_epochs"][f"speaker/fold{fold}"]
        folder = "last" if epoch == encoder["epochs"] else f"epoch{epoch}"
        assert inside == encoder["outputs"][f"model/{folder}/weights.safetensors"]


def test_a_change_of_the_baseline_reruns_what_has_it_as_encoder_and_not_what_has_none(project):
    project.paper(
        lambda data: data["systems"].update(baseline={"parameters": {"train": {"batch_size": 7}}}), "huang2016"
    )
    planned = project.planned()
    assert planned["train"] == ALL - runs("att_eq9")
    assert set(planned) == {"train", *REPORTING, *DRAWN}


def test_a_change_of_the_greedy_system_leaves_the_baseline(project):
    change = {"encoder": {"system": "baseline", "weights": "last"}}
    project.paper(lambda data: data["systems"][FINAL].update(change), "huang2016")
    assert project.planned()["train"] == runs(FINAL), "from the last epoch's network, one training serves all folds"


def test_the_source_of_the_baselines_network_reruns_what_has_it_as_encoder(project):
    project.edit("src/serflow/models/attention_blstm.py", '"""A bidirectional LSTM', '"""The bidirectional LSTM')
    assert project.planned()["train"] == ALL


def test_how_energies_are_measured_reruns_the_figures_and_no_run(project):
    project.edit("src/serflow/features/extractors/energy.py", '"""', '"""Measured. ')
    assert "train" not in project.planned()
    done = project.done()
    assert "features" in done
    assert not {"train", "score_runs", "attention", "energy_correlations"} & set(done), "the energies are the same"


def test_how_the_figures_read_a_network_reruns_them_alone(project):
    project.edit("src/serflow/inspection/energies.py", '"""', '"""Of frames. ')
    assert set(project.planned()) == DRAWN


def test_every_test_utterance_of_every_fold_has_a_correlation_or_none_once(finished):
    """Of the two folds, the two speakers of the first session."""
    rows = []
    for path in finished.folder.glob(f"{RESULTS}/{FINAL}/speaker/*/*/energy_correlations_fig4.csv"):
        with open(path, encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    assert len({row["utterance"] for row in rows}) == len(rows) > 10
    tested = record(finished, FINAL, 1)["counts"]["test"] + record(finished, FINAL, 2)["counts"]["test"]
    assert len(rows) == tested
    assert all(-1 <= float(row[key]) <= 1 for row in rows for key in ("raw", "hidden") if row[key])


def test_the_command_audits_a_number_of_a_system_with_an_encoder(project):
    done = subprocess.run(
        [sys.executable, "-m", "serflow.cli.audit", "-v", f"huang2016/table1/{FINAL}/ua@as_published"],
        cwd=project.folder,
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "predicts anew" in done.stdout
