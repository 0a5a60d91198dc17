"""Networks of a trained run predict another store's utterances, as they are and as they were trained."""

from dataclasses import replace

import numpy as np
import pytest

from helpers import ROOT
from helpers.tiny_job import CLASSES, MODULES, RUN, clips, make_job, write_clips, write_data
from helpers.tiny_job import SPEC as TINY
from serflow.config import read_yaml
from serflow.cross_prediction import Judging, OtherView, predict, predictions_table
from serflow.errors import UserError
from serflow.examples import Examples
from serflow.features.store import Store
from serflow.files import read_json
from serflow.jobs.train import run_job
from serflow.learners.parts.loading import load_learner
from serflow.provenance.closure import closure_digest

SPEC = TINY | {"feature_spec": read_yaml(ROOT / "workflow/features.yaml")["mfcc13"]}
FOLD = "random10/fold1"
INPUTS = {"code": closure_digest("serflow.cli.train", *MODULES)}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A trained run, and six utterances of another corpus, louder than what it knows."""
    folder = tmp_path_factory.mktemp("cross")
    job = make_job(write_data(folder / "data"), folder, spec=SPEC)
    run_job(job)
    write_clips(folder / "other", ((name, 3 * frames) for name, frames in clips(6, (30, 12), seed=5)))
    rows = [{"utterance": f"clip{i:03d}", "duration": 1.0} for i in range(6)]
    return folder, OtherView(rows, Store.open(folder / "other"), None)


def network(folder, **run):
    return Judging(RUN | run, RUN, folder / "run", FOLD)


def predicted(folder, view, *networks, spec=SPEC):
    return list(predict(networks, view, spec=spec, inputs=INPUTS, device="cpu"))


def test_it_is_the_network_that_the_fold_s_validation_chose(world):
    folder, view = world
    ((_, names, found),) = predicted(folder, view, network(folder))
    epochs = read_json(folder / "run/model/epochs.json")
    best = epochs["best"][FOLD]
    place = "last" if best == epochs["last"] else f"epoch{best}"
    learner = load_learner(folder / "run/model" / place, device="cpu")
    again, wanted = learner.predict(Examples.of(view.rows, store=view.store))
    assert (names, found.shape) == (again, (6, len(CLASSES)))
    assert np.array_equal(found, wanted)


def test_two_folds_that_one_network_judges_have_its_predictions_each(world):
    folder, view = world
    table = predictions_table(predicted(folder, view, network(folder), network(folder, fold=2)), CLASSES).to_pandas()
    assert table.groupby("fold").size().to_dict() == {1: 6, 2: 6}
    columns = [f"p_{name}" for name in CLASSES]
    assert np.array_equal(table.loc[table["fold"] == 1, columns], table.loc[table["fold"] == 2, columns])


def test_a_view_without_utterances_is_predicted_as_none(world):
    folder, view = world
    ((_, names, found),) = predicted(folder, replace(view, rows=[]), network(folder))
    assert names == [] and found.shape == (0, len(CLASSES))


def test_a_training_of_another_spec_is_refused(world):
    folder, view = world
    with pytest.raises(UserError, match="its spec is not the present one"):
        predicted(folder, view, network(folder), spec=SPEC | {"features": "mfcc26"})


def test_a_training_by_other_code_is_refused(world):
    folder, view = world
    with pytest.raises(UserError, match="by other code"):
        list(predict([network(folder)], view, spec=SPEC, inputs={"code": "other"}, device="cpu"))
