"""A real small run of four epochs that validates, with two of them kept: whatever is done to it, its audit says so."""

import itertools
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import tiny_job
from helpers.forged_runs import edit_epochs, edit_history, edit_predictions, record_again
from serflow.audit.findings import gathered
from serflow.audit.models import model_steps
from serflow.audit.recompute import read_predictions
from serflow.audit.runs import Expected, run_steps
from serflow.audit.weights import weights_steps
from serflow.features.store import Store
from serflow.files import read_json, write_json
from serflow.jobs.outputs import versions
from serflow.jobs.train import run_job
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_key import RunKey

KEY = RunKey(**tiny_job.RUN | {"seed": 2})  # whose best epoch is not the last
FOLD = "random10/fold1"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    run_job(tiny_job.make_job(tiny_job.write_data(folder), folder, seed=KEY.seed))
    return folder


@pytest.fixture
def folder(trained, tmp_path, monkeypatch):
    """A copy of the run where its key has it."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(trained / "run", KEY.folder))


def models(folder, expected):
    yield from model_steps(KEY, read_json(folder / "run.json"), expected.spec, tiny_job.DIMS, {})


def audited(trained, folder, *, weights=True, kept=True, duration=1.0, maps=None, teacher_speakers=None, **change):
    """Names of the steps that do not agree, and the whole text; `change`: of the spec that is expected."""
    table = pd.read_parquet(trained / "split.parquet").assign(duration=duration)
    expected = Expected(
        spec=tiny_job.changed(tiny_job.SPEC, **change),
        keeps_weights=kept,
        code=closure_digest("serflow.cli.train", *tiny_job.MODULES),
        split=read_json(trained / "split.json")["digest"],
        features=read_json(trained / "features.json")["digest"],
        transcripts=None,
        vectors=None,
        encoder=None,
        maps=maps,
        lent={},
        teacher_speakers=teacher_speakers,
        words=None,
        table=table,
        store=Store.open(trained / "store"),
    )
    try:
        predictions = read_predictions(folder, fold=1, seed=2)
    except (OSError, ValueError):
        predictions = None
    steps = itertools.chain(run_steps(KEY, expected, predictions), models(folder, expected))
    asked = weights_steps(KEY, expected, None) if weights and predictions else ()
    node = gathered("run", itertools.chain(steps, asked))
    return [step.name for step in node.steps if step.ok is False], "\n".join(node.lines())


def best_of(folder):
    return read_json(folder / "run.json")["best_epochs"][FOLD]


def test_an_untouched_run_agrees_and_both_kept_epochs_are_predicted_anew(trained, folder):
    wrong, text = audited(trained, folder)
    kept = read_json(folder / "model/epochs.json")
    assert wrong == []
    assert kept["best"][FOLD] != kept["last"] == 4
    assert f"weights of epoch {kept['best'][FOLD]}: " in text
    assert f"best epochs: best on validation: {kept['best'][FOLD]} of {FOLD}" in text
    assert "weights of epoch 4: " in text
    assert f"versions: of {len(versions())} packages: those installed here" in text


def test_attention_maps_are_those_of_the_plan(trained, folder):
    assert audited(trained, folder, weights=False, maps="0" * 64)[0] == ["maps"]
    record = read_json(folder / "run.json")
    record_again(folder, inputs=record["inputs"] | {"maps": "1" * 64})
    assert audited(trained, folder, weights=False)[0] == ["maps", "identity"]
    assert audited(trained, folder, weights=False, maps="0" * 64)[0] == ["maps", "identity"]
    assert audited(trained, folder, weights=False, maps="1" * 64)[0] == ["identity"]


def test_a_teacher_that_was_trained_on_who_is_tested(trained, folder):
    wrong, text = audited(trained, folder, weights=False, teacher_speakers={"Ses01F", "Ses02M"})
    assert wrong == ["speakers apart"]
    assert "the teacher was trained on Ses01F, whom fold 1 validates or tests" in text
    assert audited(trained, folder, weights=False, teacher_speakers={"Ses02F", "Ses02M"})[0] == []


def test_best_and_last_that_were_exchanged(trained, folder):
    names = f"epoch{best_of(folder)}", "last"
    chosen, last = (folder / "model" / name / "weights.safetensors" for name in names)
    content = chosen.read_bytes()
    shutil.move(last, chosen)
    last.write_bytes(content)
    record_again(folder)
    assert audited(trained, folder)[0] == ["weights of epoch 4", f"weights of epoch {best_of(folder)}"]


@pytest.mark.parametrize("name", ["predictions.parquet", "history.csv", "model/epochs.json", "run.json"])
@pytest.mark.parametrize("content", [b"", b"no such format", b"{}", b"[]", b"epoch,validation_ua\n1,1\n99,1\n"])
def test_a_damaged_file_is_a_finding_and_no_traceback(trained, folder, name, content):
    (folder / name).write_bytes(content)
    assert "files" in audited(trained, folder)[0]


def test_weights_that_are_declared_of_an_epoch_without_predictions(trained, folder):
    edit_epochs(folder, last=99)
    wrong, text = audited(trained, folder)
    assert wrong == ["kept epochs", "model", "weights of epoch 99"]
    assert "0 stored ones" in text


def test_weights_that_are_declared_not_kept(trained, folder):
    shutil.rmtree(folder / "model/last")
    shutil.rmtree(folder / f"model/epoch{best_of(folder)}")
    edit_epochs(folder, kept=False)
    assert audited(trained, folder)[0] == ["kept epochs"]
    wrong, text = audited(trained, folder, kept=False)  # as the configuration may have it
    assert wrong == []
    assert "-         weights: none were kept" in text


def test_weights_that_the_configuration_asks_for_no_more_are_loaded_all_the_same(trained, folder):
    wrong, text = audited(trained, folder, kept=False)
    assert wrong == []
    assert "weights of epoch 4: " in text
    assert "kept epochs" in audited(trained, folder, kept=False, weights=False, keep_weights=False)[0]


def test_the_weights_of_the_best_epoch_that_are_left_out(trained, folder):
    shutil.rmtree(folder / f"model/epoch{best_of(folder)}")
    edit_epochs(folder, best={})
    assert audited(trained, folder)[0] == ["kept epochs"]


def test_a_best_epoch_that_was_edited_everywhere(trained, folder):
    best, other = best_of(folder), best_of(folder) % 3 + 1
    shutil.move(folder / f"model/epoch{best}", folder / f"model/epoch{other}")
    edit_epochs(folder, best={FOLD: other})
    record_again(folder, best_epochs={FOLD: other})
    assert audited(trained, folder)[0] == ["best epochs", "model", f"weights of epoch {other}"]


@pytest.mark.parametrize("name", ["predictions.parquet", "history.csv", "model/epochs.json"])
def test_a_file_that_the_record_does_not_name(trained, folder, name):
    record = read_json(folder / "run.json")
    del record["outputs"][name]
    write_json(folder / "run.json", record)
    assert audited(trained, folder)[0] == ["files"]


def test_a_file_that_the_run_never_wrote_and_one_that_a_figure_did(trained, folder):
    (folder / "attention_figure3.npz").touch()
    (folder / "energy_correlations_figure4.csv").touch()
    (folder / "model/.snakemake_timestamp").touch()
    assert audited(trained, folder, weights=False)[0] == []
    (folder / "predictions.csv").touch()
    wrong, text = audited(trained, folder, weights=False)
    assert wrong == ["files"]
    assert "predictions.csv has SHA-256" in text


def test_utterances_that_are_left_out(trained, folder):
    edit_predictions(folder, lambda frame: frame[frame["utterance"] != "clip021"])
    assert audited(trained, folder, weights=False)[0] == ["fold"]


def test_only_what_is_too_short_may_be_left_out_and_only_where_the_spec_says_so(trained, folder):
    def fold(duration, short_test):
        wrong, text = audited(trained, folder, weights=False, duration=duration, segments__short_test=short_test)
        return "fold" in wrong, "1 shorter than a segment are left out" in text

    edit_predictions(folder, lambda frame: frame[frame["utterance"] != "clip021"])
    assert fold(0.4, "drop") == (False, True)
    assert fold(0.4, "pad") == (True, False)
    assert fold(0.6, "drop") == (True, False)


@pytest.mark.parametrize("epoch", [1, 4])
def test_an_epoch_that_is_left_out(trained, folder, epoch):
    edit_predictions(folder, lambda frame: frame[frame["epoch"] != epoch])
    edit_history(folder, lambda frame: frame[frame["epoch"] != epoch])
    assert "fold" in audited(trained, folder, weights=False)[0]


def swap_epochs(frame):
    """One utterance twice in epoch 1 and not in epoch 2: as many rows as before."""
    moved = (frame["utterance"] == "clip021") & (frame["epoch"] == 2)
    return frame.assign(epoch=frame["epoch"].where(~moved, 1).astype(np.int16))


@pytest.mark.parametrize(
    "change",
    [
        swap_epochs,
        lambda frame: frame[frame["part"] != "validation"],
        lambda frame: pd.concat([frame, frame.tail(1)]),
        lambda frame: frame.assign(part=frame["part"].replace("validation", "train")),
    ],
)
def test_rows_that_do_not_stand_once_in_every_epoch(trained, folder, change):
    edit_predictions(folder, change)
    assert "fold" in audited(trained, folder, weights=False)[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(validation_ua=frame["validation_ua"].where(frame["epoch"] != 2)),
        lambda frame: frame.head(0),
        lambda frame: frame.head(3),
        lambda frame: frame.assign(epoch=frame["epoch"].replace(3, 99)),
        lambda frame: frame.assign(validation_ua=frame["validation_ua"] + 1e-6),
        lambda frame: frame.rename(columns={"validation_ua": "test_ua"}),
        lambda frame: frame.drop(columns="validation_ua"),
    ],
)
def test_a_history_that_was_edited(trained, folder, change):
    edit_history(folder, change)
    assert audited(trained, folder, weights=False)[0] == ["history"]


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(train_ua=frame["train_ua"] + 1e-6),
        lambda frame: frame.assign(train_ua=frame["train_ua"].where(frame["epoch"] != 4)),
    ],
)
def test_a_training_ua_that_was_edited(trained, folder, change):
    edit_history(folder, change)
    wrong, text = audited(trained, folder, weights=False)
    assert wrong == ["history"]
    assert "UA on the training sample" in text


def all_right(frame):
    """The training sample as if every utterance of it were recognised in the last epoch."""
    forged = (frame["part"] == "train") & (frame["epoch"] == 4)
    columns = [f"p_{name}" for name in tiny_job.CLASSES]
    sure = np.stack([frame["class"] == name for name in tiny_job.CLASSES], 1)
    frame.loc[forged, columns] = sure[forged].astype(np.float32)
    return frame


def test_a_training_sample_that_was_forged_together_with_its_history(trained, folder):
    edit_predictions(folder, all_right)
    assert audited(trained, folder, weights=False)[0] == ["history"]
    edit_history(folder, lambda frame: frame.assign(train_ua=frame["train_ua"].where(frame["epoch"] != 4, 1.0)))
    assert audited(trained, folder, weights=False)[0] == []
    wrong, text = audited(trained, folder)  # the weights say otherwise
    assert wrong == ["weights of epoch 4"]
    assert "(train utterance clip" in text


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame[frame["utterance"] != "clip003"],
        lambda frame: frame[frame["part"] != "train"],
        lambda frame: frame.assign(**{"class": frame["class"].where(frame["utterance"] != "clip003", "sad")}),
        lambda frame: frame.assign(utterance=frame["utterance"].replace("clip003", "clip020")),
    ],
)
def test_a_training_sample_that_is_not_of_the_fold(trained, folder, change):
    edit_predictions(folder, change)
    assert "fold" in audited(trained, folder, weights=False)[0]


def test_other_versions_are_named_and_are_no_mismatch(trained, folder):
    record_again(folder, versions={"torch": "0.0.1", "nopackage": "1"})
    wrong, text = audited(trained, folder, weights=False)
    assert wrong == []
    assert "-         versions: trained with nopackage 1, here none; torch 0.0.1, here 2" in text
