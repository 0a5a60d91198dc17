"""A real small training that judges two folds of another split: whatever is done to it, its audit says so."""

import itertools
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers import tiny_job
from helpers.forged_runs import edit_epochs, edit_history, edit_predictions, record_again
from helpers.judged_folds import FEMALE, MALE, PEOPLE, SIX, train_shared
from helpers.random_runs import make_folds, make_networks
from serflow.audit.data import Data
from serflow.audit.findings import gathered
from serflow.audit.models import model_steps
from serflow.audit.recompute import read_predictions
from serflow.audit.runs import Expected, run_steps
from serflow.audit.weights import weights_steps
from serflow.features.store import Store
from serflow.files import read_json, write_json
from serflow.provenance.closure import closure_digest
from serflow.provenance.run_key import RunKey
from serflow.split_kinds import session_of

SEED = 4  # whose folds choose different epochs, neither of them the last
KEY = RunKey(**tiny_job.RUN | {"split": "session_out", "seed": SEED})


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tiny_job.write_data(tmp_path_factory.mktemp("shared"))
    train_shared(place, place, seed=SEED)
    return place


@pytest.fixture
def folder(place, tmp_path, monkeypatch):
    """A copy of the run where its key has it."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(place / "run", KEY.folder))


def models(folder, expected):
    yield from model_steps(KEY, read_json(folder / "run.json"), expected.spec, tiny_job.DIMS, {})


def audited(place, folder, edit=lambda table: table, *, weights=True):
    """Names of the steps that do not agree, and the whole text; `edit`: of the fold table that is expected."""
    table = edit(pd.read_parquet(place / "session_out.parquet"))
    expected = Expected(
        spec=SIX,
        keeps_weights=True,
        code=closure_digest("serflow.cli.train", *tiny_job.MODULES),
        split=read_json(place / "session_out.json")["digest"],
        features=read_json(place / "features.json")["digest"],
        **dict.fromkeys(("transcripts", "vectors", "encoder", "maps", "teacher_speakers", "words")),
        lent={},
        table=table,
        store=Store.open(place / "store"),
    )
    predictions = read_predictions(folder, fold=1, seed=SEED)
    steps = itertools.chain(run_steps(KEY, expected, predictions), models(folder, expected))
    asked = weights_steps(KEY, expected, None) if weights and predictions else ()
    node = gathered("run", itertools.chain(steps, asked))
    return [step.name for step in node.steps if step.ok is False], "\n".join(node.lines())


def best_of(folder):
    return read_json(folder / "run.json")["best_epochs"]


def test_an_untouched_training_agrees_and_every_kept_epoch_is_predicted_anew(place, folder):
    wrong, text = audited(place, folder)
    best = best_of(folder)
    assert wrong == []
    assert len({*best.values(), 6}) == 3, "the folds must differ for these tests to tell them apart"
    for epoch in (*best.values(), 6):
        assert f"weights of epoch {epoch}: " in text
    assert f"history: UA on validation of {FEMALE}, {MALE} and on the training sample of 6 epochs" in text
    assert f"best epochs: best on validation: {best[FEMALE]} of {FEMALE}, {best[MALE]} of {MALE}" in text
    assert "8 test utterances in each of 6 epochs" in text


@pytest.mark.parametrize("fold", [FEMALE, MALE])
def test_the_history_of_one_fold_that_was_edited(place, folder, fold):
    edit_history(folder, lambda frame: frame.assign(**{f"{fold} validation_ua": frame[f"{fold} validation_ua"] + 1e-6}))
    wrong, text = audited(place, folder, weights=False)
    assert wrong == ["history"]
    assert f"UA on validation of {fold}" in text


def test_histories_of_folds_that_were_exchanged_dropped_or_added(place, folder):
    names = [f"{fold} validation_ua" for fold in (FEMALE, MALE)]
    history = pd.read_csv(folder / "history.csv")
    for edited in (
        history.rename(columns=dict(zip(names, reversed(names), strict=True))),
        history.drop(columns=names[0]),
        history.assign(**{"speaker/fold9 validation_ua": 0.5}),
    ):
        edit_history(folder, lambda _, edited=edited: edited)
        assert audited(place, folder, weights=False)[0] == ["history"]


def test_folds_that_are_judged_by_others_than_the_table_says(place, folder):
    """Two people who change places, one utterance more that validates, and a fold that is not judged at all."""
    exchanged = {FEMALE: MALE, MALE: FEMALE, "": ""}
    for edit in (
        lambda names: names.map(exchanged),
        lambda names: names.replace(FEMALE, f"{FEMALE} {MALE}"),
        lambda names: names.replace(FEMALE, ""),
    ):
        wrong, _ = audited(
            place, folder, lambda table, edit=edit: table.assign(validates=edit(table["validates"])), weights=False
        )
        assert "history" in wrong


def test_a_best_epoch_of_one_fold_that_was_edited(place, folder):
    best = best_of(folder)
    forged = best | {FEMALE: best[MALE]}
    edit_epochs(folder, best=forged)
    record_again(folder, best_epochs=forged)
    wrong, _ = audited(place, folder)
    assert wrong == ["best epochs"]
    edit_epochs(folder, best=best)
    assert audited(place, folder, weights=False)[0] == ["kept epochs", "best epochs"]


def test_networks_that_were_exchanged(place, folder):
    best = best_of(folder)
    first, second = (folder / f"model/epoch{best[fold]}" for fold in (FEMALE, MALE))
    shutil.move(first, folder / "kept")
    shutil.move(second, first)
    shutil.move(folder / "kept", second)
    assert set(audited(place, folder, weights=False)[0]) == {"files", "model"}
    record_again(folder)
    assert audited(place, folder, weights=False)[0] == ["model", "model"]  # each says the other's epoch
    for epoch in best.values():
        path = folder / f"model/epoch{epoch}/model.json"
        write_json(path, read_json(path) | {"epoch": epoch})
    record_again(folder)
    assert audited(place, folder, weights=False)[0] == []
    assert audited(place, folder)[0] == [f"weights of epoch {epoch}" for epoch in sorted(best.values())]


def test_one_prediction_that_was_edited_together_with_its_digest(place, folder):
    epoch = best_of(folder)[MALE]

    def edit(frame):
        row = frame.index[(frame["epoch"] == epoch) & (frame["utterance"] == "clip021")][0]
        column = max((f"p_{name}" for name in tiny_job.CLASSES), key=lambda name: frame.loc[row, name])
        frame.loc[row, column] += np.float32(1e-3)  # so that the most probable class stays
        return frame

    edit_predictions(folder, edit)
    wrong, text = audited(place, folder)
    assert wrong == [f"weights of epoch {epoch}"]
    assert "(test utterance clip021)" in text


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame[frame["utterance"] != "clip021"],
        lambda frame: frame.assign(part=frame["part"].where(frame["utterance"] != "clip021", "validation")),
        lambda frame: frame.assign(utterance=frame["utterance"].replace("clip021", "clip000")),
    ],
)
def test_the_whole_session_is_predicted_and_nobody_else(place, folder, change):
    edit_predictions(folder, change)
    assert "fold" in audited(place, folder, weights=False)[0]


def test_every_speaker_of_the_session_is_predicted_alone(place, folder, monkeypatch):
    """So that no system takes the mean of one speaker over the other's utterances."""
    from serflow.learners.network import Network

    predicted, predict = [], Network.predict
    monkeypatch.setattr(Network, "predict", lambda self, x: predicted.append(list(x.utterances)) or predict(self, x))
    audited(place, folder)
    left_out = [names for names in predicted if names[0] in PEOPLE]
    assert left_out == 3 * [[name for name in PEOPLE if PEOPLE[name] == one] for one in ("Ses01F", "Ses01M")]


# the folds of the split that is judged, against the table of the networks


@pytest.fixture
def tables():
    """Folds of six speakers, and the networks that judge them."""
    data = {}
    for split, table in (("speaker", make_folds()), ("session_out", make_networks())):
        data[split] = Data(SimpleNamespace(config={"corpus": "demo"}), "p", "e", split)
        data[split].table = table
    return data["speaker"], data["session_out"]


def judged(tables):
    own, networks = tables
    judging = {fold: session_of({"kind": "speaker", "mate": "validates"}, fold) for fold in range(1, 7)}
    return [step for step in own.judged_steps(networks, judging)]


def test_folds_train_on_and_leave_out_what_their_networks_do(tables):
    steps = judged(tables)
    assert [step.ok for step in steps] == [True] * 6
    assert steps[0].said.startswith("speaker/fold1 trains on the 28 of session_out/fold1 and leaves out its 14; 7 of")


@pytest.mark.parametrize("which", [0, 1])
def test_a_fold_whose_networks_trained_on_whom_it_tests(tables, which):
    table = tables[which].table
    row = table.index[(table["fold"] == 1) & (table["part"] == "test")][0]
    table.loc[row, "part"] = "train"
    wrong = [step for step in judged(tables) if not step.ok]
    folds = {"speaker/fold1"} if which == 0 else {"speaker/fold1", "speaker/fold2"}
    assert {step.said.split()[0] for step in wrong} == folds
    assert [step.said.split()[1] for step in wrong][:2] == ["trains", "leaves"]
    assert all(table.loc[row, "utterance"] in step.said for step in wrong)


@pytest.mark.parametrize("edited", ["validates", "class", "speaker"])
def test_a_row_that_the_two_tables_tell_otherwise(tables, edited):
    table = tables[1].table
    row = table.index[table["validates"] == "speaker/fold2"][0]
    table.loc[row, edited] = "" if edited == "validates" else "other"
    wrong = [step for step in judged(tables) if not step.ok]
    assert wrong
    assert all(table.loc[row, "utterance"] in step.said for step in wrong)
    if edited == "validates":
        assert [step.said.split()[:2] for step in wrong] == [["speaker/fold2", "validates"]]
