"""Which of a training's networks another one starts from: that of the epoch that the fold's validation chose."""

import pytest

from serflow.files import read_json, write_json
from serflow.learners.parts.loading import kept_epochs
from serflow.provenance.encoders import encoder_digest, network_folder

EARLY, LATE, OTHER = "speaker/fold1", "speaker/fold2", "speaker/fold3"  # the last chose nothing
FILES = (
    "predictions.parquet",
    "model/epochs.json",
    "model/last/weights",
    "model/epoch4/weights",
    "model/epoch40/weights",
)


@pytest.fixture
def run(tmp_path):
    """run.json of a training of 9 epochs."""
    (tmp_path / "model").mkdir()
    write_json(tmp_path / "model/epochs.json", {"last": 9, "best": {EARLY: 4, LATE: 9}, "kept": True})
    write_json(tmp_path / "run.json", {"outputs": {name: f"SHA-256 of {name}" for name in FILES}})
    return tmp_path / "run.json"


@pytest.mark.parametrize(
    ("weights", "fold", "folder"),
    [
        ("best", EARLY, "epoch4"),
        ("best", LATE, "last"),  # of which there is one copy
        ("best", OTHER, "last"),
        ("last", EARLY, "last"),
    ],
)
def test_the_network_is_that_of_the_fold(run, weights, fold, folder):
    assert network_folder(run, weights, fold) == run.parent / "model" / folder


def test_what_is_kept_is_the_last_epoch_and_each_other_that_was_chosen(run):
    assert kept_epochs(run.parent) == {"last": 9, "epoch4": 4}
    write_json(run.parent / "model/epochs.json", {"last": 9, "best": {}, "kept": True})
    assert kept_epochs(run.parent) == {"last": 9}
    write_json(run.parent / "model/epochs.json", {"last": 9, "best": {EARLY: 4}, "kept": False})
    assert kept_epochs(run.parent) == {}


def test_its_digest_is_of_its_own_files_alone(run):
    digests = {fold: encoder_digest(run, "best", fold) for fold in (EARLY, LATE)}
    assert digests[EARLY] != digests[LATE] == encoder_digest(run, "last", EARLY)
    record = read_json(run)
    for name in FILES:
        write_json(run, {"outputs": record["outputs"] | {name: "another"}})
        changed = {fold for fold in digests if encoder_digest(run, "best", fold) != digests[fold]}
        assert changed == {"model/last/weights": {LATE}, "model/epoch4/weights": {EARLY}}.get(name, set())
