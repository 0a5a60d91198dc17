"""Attention weights held against energies: all test utterances of a run (Fig. 4), and one for a figure (Fig. 3)."""

import itertools
import json
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from helpers import tiny_job
from serflow.cli import attention, energy_correlations
from serflow.errors import UserError
from serflow.features.store import Store, write_store
from serflow.files import read_json, write_json
from serflow.jobs.outputs import digests
from serflow.jobs.train import run_job
from serflow.learners.network import Network

MODEL = {
    "name": "attention_blstm",
    "units": 3,
    "layers": 1,
    "attention": "linear",
    "attention_width": 2,
    "dropout": 0.0,
    "classifier": [],
    "width_multiplier": 1,
}
TESTED = ["clip020", "clip021", "clip022", "clip023"]
LENGTHS = (40, 33, 12, 25, 20, 2)  # frames, by turns: clip023 has two


def write_energies(folder, change=0):
    """The energy of every clip, of as many frames as its features have; `change`: of clip022, so many more."""
    rng = np.random.default_rng(3)
    clips = [(name, len(frames)) for name, frames in tiny_job.clips(24, LENGTHS)]
    energies = [(name, rng.random((n + change * (name == "clip022"), 1)).astype(np.float32)) for name, n in clips]
    spec = {"extractor": "energy", "window_seconds": 0.025}
    write_store(folder, spec=spec, dims=1, hop_seconds=tiny_job.HOP, versions={}, utterances=energies)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A BLSTM with attention, trained for an epoch, and another one as if validation had chosen it."""
    folder = tmp_path_factory.mktemp("energies")
    tiny_job.write_data(folder)
    shutil.rmtree(folder / "store")
    tiny_job.write_clips(folder / "store", tiny_job.clips(24, LENGTHS))
    write_json(folder / "features.json", {"digest": Store.open(folder / "store").digest})
    write_energies(folder / "frame_energy")
    pq.write_table(pa.table({"utterance": TESTED, "words": [[]] * 4}), folder / "manifest.parquet")
    change = {"model": MODEL, "segments": None, "train__epochs": 1, "normalise": "standard"}
    job = tiny_job.make_job(folder, folder, spec=tiny_job.changed(tiny_job.SPEC, **change))
    run_job(tiny_job.with_data(job, modules=["serflow.learners.network", "serflow.models.attention_blstm"]))
    other = Network.load(folder / "run/model/last", device="cpu")
    torch.nn.init.normal_(other.network.decoder.score.weight, generator=torch.Generator().manual_seed(5))
    other.save(folder / "run/model/epoch1")
    record = read_json(folder / "run/run.json")
    named = ("predictions.parquet", "history.csv")
    write_json(folder / "run/run.json", record | {"outputs": digests(folder / "run", *named)})
    judge(folder, {"random10/fold1": 1, "speaker/fold1": 2})
    for name, suffix in itertools.product(("random10", "speaker"), ("json", "parquet")):
        shutil.copy(folder / f"split.{suffix}", folder / f"{name}.{suffix}")
    return folder


def judge(folder, best):
    """Let folds have chosen these epochs of a training of two."""
    write_json(folder / "run/model/epochs.json", {"last": 2, "best": best, "kept": True})


def arguments(folder, weights="last", energy="frame_energy", split="random10"):
    given = ["--run", folder / "run/run.json", "--weights", weights, "--split", folder / f"{split}.json", "--fold", 1]
    given += ["--store", folder / "store/store.json", "--energy", folder / energy / "store.json"]
    return list(map(str, given))


def correlations(folder, **change):
    output = folder / "correlations.csv"
    energy_correlations.main([*arguments(folder, **change), "--output", str(output)])
    return pd.read_csv(output, index_col="utterance")


def figure(folder, **change):
    """What is drawn of the one sad test utterance."""
    output = folder / "figure.npz"
    more = ["--manifest", folder / "manifest.json", "--output", output]
    told = json.dumps({"kind": "attention_energy", "class": "sad"})
    attention.main([*arguments(folder, **change), *map(str, more), "--figure", told])
    with np.load(output) as arrays:
        return {name: arrays[name] for name in arrays.files}


def expected(folder, name, weights="last"):
    """Weights, energy of the signal and of the hidden vectors, from the network itself."""
    learner = Network.load(folder / "run/model" / ("last" if weights == "last" else "epoch1"), device="cpu")
    frames = (Store.open(folder / "store").frames(name) - learner.mean_std[0]) / learner.mean_std[1]
    given = torch.from_numpy(frames[None]), torch.tensor([len(frames)])
    with torch.no_grad():
        hidden = learner.network.eval().hidden(*given)[0].numpy()
        alpha = learner.network.attention_weights(*given)[0].numpy()
    return alpha, Store.open(folder / "frame_energy").frames(name)[:, 0], (hidden**2).mean(axis=1)


@pytest.mark.parametrize("weights", ["last", "best"])
def test_every_test_utterance_has_its_two_correlations(trained, weights):
    found = correlations(trained, weights=weights)
    assert list(found.index) == TESTED
    assert list(found["class"]) == ["angry", "sad", "excited", "neutral"]
    for name in TESTED[:3]:
        alpha, signal, hidden = expected(trained, name, weights)
        assert found.loc[name, "frames"] == len(alpha)
        assert found.loc[name, "raw"] == pytest.approx(np.corrcoef(alpha, signal)[0, 1], abs=1e-5)
        assert found.loc[name, "hidden"] == pytest.approx(np.corrcoef(alpha, hidden)[0, 1], abs=1e-5)


def test_an_utterance_of_two_frames_is_listed_without_a_correlation(trained):
    short = correlations(trained).loc["clip023"]
    assert short["frames"] == 2
    assert np.isnan(short["raw"]) and np.isnan(short["hidden"])


@pytest.mark.parametrize("weights", ["last", "best"])
def test_a_figure_of_one_utterance_gets_the_curves_and_their_correlations(trained, weights):
    shown = figure(trained, weights=weights)
    assert str(shown["utterance"]) == "clip021"
    for name, curve in zip(("weights", "energy", "hidden_energy"), expected(trained, "clip021", weights), strict=True):
        np.testing.assert_allclose(shown[name], curve, rtol=1e-4)
    assert float(shown["window_seconds"]) == 0.025
    assert float(shown["hop_seconds"]) == tiny_job.HOP
    line = correlations(trained, weights=weights).loc["clip021"]
    found = float(shown["correlation"]), float(shown["hidden_correlation"])
    assert found == (pytest.approx(line["raw"], abs=1e-6), pytest.approx(line["hidden"], abs=1e-6))


def test_best_is_the_last_where_the_fold_has_no_validation_part(trained, tmp_path):
    place = shutil.copytree(trained, tmp_path / "copy")
    judge(place, {})
    pd.testing.assert_frame_equal(correlations(place, weights="best"), correlations(trained, weights="last"))


def test_best_is_what_the_fold_chose_that_is_shown_and_no_other_one_of_the_training(trained):
    shown = correlations(trained, weights="best", split="speaker")
    pd.testing.assert_frame_equal(shown, correlations(trained, weights="last"))
    assert not shown.equals(correlations(trained, weights="best"))
    own, other = (figure(trained, weights="best", split=split)["weights"] for split in ("random10", "speaker"))
    assert not np.allclose(own, other)
    np.testing.assert_array_equal(other, figure(trained, weights="last")["weights"])


def test_energies_of_other_frames_are_an_error(trained, tmp_path):
    place = shutil.copytree(trained, tmp_path / "copy")
    write_energies(place / "frame_energy", change=1)
    with pytest.raises(UserError, match="has 21 frames of utterance clip022, the system's features have 20"):
        correlations(place)


def test_features_are_no_energy(trained):
    with pytest.raises(UserError, match="figures: energy: 'store' has 13 values a frame; expected one"):
        correlations(trained, energy="store")


def test_a_network_without_attention_weights_is_an_error(trained, tmp_path):
    place = shutil.copytree(trained, tmp_path / "copy")
    job = tiny_job.make_job(place, place, spec=tiny_job.changed(tiny_job.SPEC, train__epochs=1))
    run_job(job)
    with pytest.raises(UserError, match="model 'acnn' has no attention weights over hidden vectors"):
        correlations(place)


def test_a_system_that_is_no_network_is_an_error(trained, tmp_path):
    place = shutil.copytree(trained, tmp_path / "copy")
    spec = tiny_job.SPEC | {"learner": "majority", "features": None, "feature_spec": None, "parameters": {}}
    change = {"modules": ["serflow.learners.majority"], "store": None, "fingerprint": None}
    run_job(tiny_job.with_data(tiny_job.make_job(place, place, spec=spec), **change))
    with pytest.raises(UserError, match="this system is no network; name one that is"):
        correlations(place)
