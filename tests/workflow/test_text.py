"""Papers with text, and systems that start from another's network: what runs, and what reruns."""

import json
import os
import subprocess
import sys

import pytest

from helpers.projects import Project, no_sweeps, small_report

RESULTS = "results/demo/demo/li2019ijcai"


def runs(experiment, *systems):
    return {f"{RESULTS}/{experiment}/{system}/random10/fold{fold}/runs.json" for system in systems for fold in (1, 2)}


KERNELS = ("poria2016", "poria2016_cnn")  # the first starts from the second's network
ACOUSTIC = runs("acoustic", *KERNELS)
READING = runs("acoustic_lexical", *KERNELS) | runs("lexical", "rlc")


def shrink(data):
    """Rows of sound alone, of both and of text alone; one epoch, the narrowest networks."""
    table = data["tables"]["table_text"]
    rows = [row for row in table["rows"] if row["id"] == "l"]
    for experiment in ("acoustic", "acoustic_lexical"):
        rows.append({"id": experiment, "name": "kernels", "system": "poria2016", "experiment": experiment})
    data["tables"] = {"table_text": table | {"rows": rows}}
    data["figures"] = {}
    no_sweeps(data)
    demo = data["presets"]["demo"]
    demo["system"]["parameters"]["model"]["width_multiplier"] = 0.01
    demo["system"]["parameters"]["train"]["epochs"] = 1


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Project:
    """A project whose small report with text is made."""
    return small_report(tmp_path_factory.mktemp("text"), "li2019ijcai", shrink)


def test_the_report_holds_exactly_the_expected_runs(finished):
    found = {str(path.relative_to(finished.folder)) for path in finished.folder.glob("results/**/runs.json")}
    assert found == ACOUSTIC | READING
    assert (finished.folder / "reports/all_tables.pdf").read_bytes().startswith(b"%PDF")
    assert finished.planned() == {}


def test_a_kernel_run_starts_from_the_network_of_its_own_fold(finished):
    for fold in (1, 2):
        place = finished.folder / f"{RESULTS}/acoustic/poria2016/random10/fold{fold}/seed1"
        encoder = json.loads((place.parents[3] / f"poria2016_cnn/random10/fold{fold}/seed1/run.json").read_text())
        copied = place / "model/last/encoder/weights.safetensors"
        assert copied.is_file()
        record = json.loads((place / "run.json").read_text())
        names = {name: sha for name, sha in encoder["outputs"].items() if name.endswith("weights.safetensors")}
        assert record["outputs"]["model/last/encoder/weights.safetensors"] in names.values()


def test_a_transcript_reruns_what_reads_it_and_scoring(project):
    """Sound alone is scored anew, on the utterances whose words were not trained on; it is not trained anew."""
    shown = json.loads((project.folder / "data/demo/li2019ijcai/lexical/transcripts.json").read_text())
    assert shown["words"] > shown["different_words"] > 0
    dialogs = project.folder / "data/demo/release/Session1/dialog/transcriptions"
    dialog = min(dialogs.glob("Ses01F_impro*.txt"))
    text = dialog.read_text(encoding="latin-1")
    assert "]: " in text
    dialog.write_text(text.replace("]: ", "]: Indeed "), encoding="latin-1")
    done = project.done()
    assert done["train"] == READING
    assert {"manifest", "transcripts", "score_runs", "table", "pdf"} <= set(done)
    assert "features" not in done
    assert project.planned() == {}


def test_the_network_that_another_starts_from_reruns_both(project):
    project.edit("src/serflow/models/cnn.py", '"""Plain convolution groups', '"""The plain convolution groups')
    assert project.planned()["train"] == runs("acoustic", *KERNELS) | runs("acoustic_lexical", *KERNELS)


def test_vectors_of_a_file_rerun_what_reads_text_alone(project):
    vectors = project.folder / "vectors.txt"
    vectors.write_text("".join(f"{word} {' '.join(['0.5'] * 300)}\n" for word in ("you", "i", "the")), encoding="utf-8")
    project.edit("config.yaml", "{vectors: null,", "{vectors: vectors.txt,")
    made = {f"data/demo/li2019ijcai/{view}/word_vectors.json" for view in ("lexical", "acoustic_lexical")}
    assert len(project.done("--", *made)["word_vectors"]) == 2  # their content decides of what follows
    assert project.planned()["train"] == READING
    runs_file = f"{RESULTS}/lexical/rlc/random10/fold1/runs.json"
    assert project.done("--", runs_file)["train"] == {runs_file}
    record = json.loads((project.folder / runs_file).with_name("seed1").joinpath("run.json").read_text())
    assert record["counts"]["text"]["train"]["without_vector"] > 0


def test_the_command_audits_a_number_of_text(project):
    item = "li2019ijcai/table_text/acoustic_lexical/ua_unshared@as_published"
    done = subprocess.run(
        [sys.executable, "-m", "serflow.cli.audit", "-v", item],
        cwd=project.folder,
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the manifest's transcripts as words" in done.stdout
