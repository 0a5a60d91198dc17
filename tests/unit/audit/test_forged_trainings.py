"""What digests cannot say of a training, the training says when it is repeated; its networks say the rest."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers import tiny_job
from helpers.forged_runs import edit_predictions, record_again
from serflow.audit import retrained
from serflow.audit.findings import gathered
from serflow.audit.models import model_steps
from serflow.audit.retrained import TRAININGS, Retrained
from serflow.audit.used_epochs import EPOCHS, Used, epochs_step
from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.jobs.train import run_job
from serflow.learners.parts.loading import kept_epochs
from serflow.provenance.run_key import RunKey

KEY = RunKey(**tiny_job.RUN | {"seed": 2})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The data, and what the seeds 2 and 5 gave."""
    data = tiny_job.write_data(tmp_path_factory.mktemp("data"))
    for seed in (2, 5):
        run_job(tiny_job.make_job(data, data / f"seed{seed}", seed=seed))
    return data


@pytest.fixture
def folder(trained, tmp_path, monkeypatch):
    """A copy of the run where its key has it; a training that is repeated is that of its seed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(retrained, "repeat", lambda _, run, at: repeated(trained, run, at))
    return Path(shutil.copytree(trained / "seed2/run", KEY.folder))


def repeated(trained, run, folder):
    run_job(tiny_job.make_job(trained, folder, seed=run.seed))
    return read_json(folder / "run/run.json")


def steps(runs, run=KEY):
    return list(Retrained(None, runs, at_once=1).steps(run))


def models(folder):
    record = read_json(folder / "run.json")
    return [step for step in model_steps(KEY, record, tiny_job.SPEC, tiny_job.DIMS, {}) if step.ok is False]


def right_in(frame, epoch):
    """The predictions, with every test utterance of an epoch right."""
    columns = [name for name in frame if name.startswith("p_")]
    chosen = (frame["epoch"] == epoch) & (frame["part"] == "test")
    for name in columns:
        frame.loc[chosen, name] = (frame.loc[chosen, "class"] == name.removeprefix("p_")).astype("float32")
    return frame


def test_a_run_that_is_repeated_has_the_same_bytes(folder):
    (step,) = steps([KEY])
    assert step.ok, step.said
    assert models(folder) == []


def test_a_run_that_is_not_repeated_is_a_link_that_was_not_checked(folder):
    (step,) = steps([])
    assert step.ok is None
    assert [(link.kind, link.of) for link in step.unchecked] == [(TRAININGS, KEY.folder)]


def test_an_epoch_without_weights_that_was_rewritten_with_its_digest(folder):
    """The number of an epoch that is chosen on test: no network is there to ask, and the cell says so."""
    kept = set(kept_epochs(folder).values())
    epoch = next(epoch for epoch in range(1, 5) if epoch not in kept)
    edit_predictions(folder, lambda frame: right_in(frame, epoch))
    (told,) = epochs_step([Used(KEY, KEY, epoch, "no weights")])
    assert f"epoch {epoch} of fold 1, seed 2: no weights: not checked" in told.line
    assert [link.kind for link in told.unchecked] == [EPOCHS]
    (step,) = steps([KEY])
    assert not step.ok
    assert step.said.endswith("other: predictions.parquet")


def test_another_seed_that_passes_as_this_one_is_told_by_what_its_networks_say(trained, folder):
    """The best of many seeds: its folder takes the place of the run, and its record says the run's seed."""
    shutil.rmtree(folder)
    shutil.copytree(trained / "seed5/run", folder)
    record_again(folder, run=KEY.key)
    wrong = models(folder)
    assert wrong and all("seed is 5" in step.said for step in wrong)


def test_another_seed_whose_networks_were_made_to_say_this_one(trained, folder):
    shutil.rmtree(folder)
    shutil.copytree(trained / "seed5/run", folder)
    for path in folder.glob("model/*/model.json"):
        write_json(path, read_json(path) | {"seed": KEY.seed})
    record_again(folder, run=KEY.key)
    assert models(folder) == []
    (step,) = steps([KEY])
    assert not step.ok
    assert "predictions.parquet" in step.said


@pytest.mark.parametrize(
    ("key", "value"),
    [("epoch", 3), ("classes", ["sad", "angry"]), ("dims", 12), ("spec", {}), ("seed", None)],
)
def test_whatever_else_a_network_says_of_itself(folder, key, value):
    path = folder / "model/last/model.json"
    write_json(path, read_json(path) | {key: value})
    (step,) = models(folder)
    assert ("another spec" if key == "spec" else f"{key} is") in step.said


def test_a_copy_of_a_network_that_the_run_does_not_start_from(folder):
    shutil.copytree(folder / "model/last", folder / "model/last/encoder")
    record = read_json(folder / "run.json")
    record["outputs"] |= {"model/last/encoder/weights.safetensors": "0" * 64}
    steps = [step for step in model_steps(KEY, record, tiny_job.SPEC, None, {}) if step.ok is False]
    assert [step.said.endswith("not the network that the run starts from") for step in steps] == [True]


def test_what_a_record_says_beside_its_files(folder):
    record = read_json(folder / "run.json")
    write_json(folder / "run.json", record | {"counts": record["counts"] | {"test": 1000}})
    (step,) = steps([KEY])
    assert not step.ok
    assert step.said.endswith("other: counts in run.json")


def test_a_training_that_cannot_be_repeated_is_no_agreement(folder, monkeypatch):
    def failing(*_):
        raise UserError("the features are gone")

    monkeypatch.setattr(retrained, "repeat", failing)
    (step,) = steps([KEY])
    assert step.ok is False
    assert "the features are gone" in gathered("run", [step]).lines()[1]


def test_the_predictions_are_those_of_the_seed(trained):
    """Else the tests above could not fail."""
    one, other = (pd.read_parquet(trained / f"seed{seed}/run/predictions.parquet") for seed in (2, 5))
    assert not one.equals(other)
