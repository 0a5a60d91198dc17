"""A checkpoint that is not what was written is said and put aside; the run begins anew and ends with the same bytes."""

import json
import re
import shutil

import pytest
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from helpers.tiny_job import SPEC, Stop, changed, contents, make_job, stop_at
from serflow.errors import UserError
from serflow.jobs.checkpoint import Checkpoint
from serflow.jobs.record import TrainingRecord
from serflow.jobs.train import run_job

SIX = changed(SPEC, train__epochs=6, train__optimizer__lr=0.1, normalise="standard")


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """Outputs of the run that nothing stopped."""
    place = tmp_path_factory.mktemp("whole")
    run_job(make_job(data, place, spec=SIX))
    return contents(place)


@pytest.fixture(scope="module")
def stopped_once(data, tmp_path_factory):
    place = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, Checkpoint, "save", 6)
        run_job(make_job(data, place, spec=SIX))
    return place


@pytest.fixture
def stopped(stopped_once, tmp_path):
    """A run that was stopped in its sixth epoch, and the file of its checkpoint."""
    shutil.copytree(stopped_once, tmp_path, dirs_exist_ok=True)
    (state,) = tmp_path.glob("checkpoints/*/state.safetensors")
    return tmp_path, state


def flipped(path, place):
    """Turn one bit of a file round."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def in_state(path, **change):
    """Write a checkpoint's state anew with other values, and its old SHA-256."""
    with safe_open(path, framework="pt") as file:
        tensors, said = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    said["state"] = json.dumps(json.loads(said["state"]) | change)
    save_file(tensors, path, metadata=said)


def without_digest(path):
    with safe_open(path, framework="pt") as file:
        tensors, said = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    save_file(tensors, path, metadata={"state": said["state"]})


DAMAGES = {
    "a bit of the last tensor": (lambda path: flipped(path, -1), "is not what was written"),
    "a bit of a tensor before it": (lambda path: flipped(path, -5000), "is not what was written"),
    "a bit of the header": (lambda path: flipped(path, 3), "cannot be read"),
    "half of it": (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "cannot be read"),
    "nothing": (lambda path: path.write_bytes(b""), "cannot be read"),
    "zeros": (lambda path: path.write_bytes(bytes(path.stat().st_size)), "cannot be read"),
    "another history": (lambda path: in_state(path, history=[]), "is not what was written"),
    "no digest": (without_digest, "is not what was written"),
    "weights of the best epoch": (
        lambda path: flipped(next(path.parent.glob("epoch*/weights.safetensors")), -1),
        r"the weights of epoch \d beside this checkpoint are not what was written",
    ),
    "no weights of the best epoch": (lambda path: shutil.rmtree(next(path.parent.glob("epoch*"))), "the weights of"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_put_aside_and_the_run_begins_anew(data, stopped, whole, capsys, damage):
    place, state = stopped
    harm, said = DAMAGES[damage]
    harm(state)
    damaged = {path.name: path.read_bytes() for path in state.parent.iterdir() if path.is_file()}
    run_job(make_job(data, place, spec=SIX))
    log = capsys.readouterr().err
    aside = state.parent.with_name(state.parent.name + ".damaged")
    assert f"{state}: " in log
    assert f"put aside as {aside}" in log
    assert "from the start" in log
    assert re.search(said, log)
    assert contents(place) == whole
    assert {path.name: path.read_bytes() for path in aside.iterdir() if path.is_file()} == damaged
    assert json.loads((place / "run/run.json").read_text())["resumed_after_epoch"] == 0
    assert [path.name for path in (place / "checkpoints").iterdir()] == [aside.name]


def test_an_untouched_checkpoint_is_gone_on_from(data, stopped, whole, capsys):
    place, _ = stopped
    run_job(make_job(data, place, spec=SIX))
    assert "resumed after epoch 5" in capsys.readouterr().err
    assert contents(place) == whole


def test_weights_that_change_while_the_run_goes_on_do_not_enter_it(data, tmp_path, whole, monkeypatch):
    original = TrainingRecord.add

    def spoiling(self, row, predictions):
        if row["epoch"] == 6:
            flipped(next(tmp_path.glob("checkpoints/*/epoch*/weights.safetensors")), -1)
        return original(self, row, predictions)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingRecord, "add", spoiling)
        with pytest.raises(UserError, match=r"epoch\d: these weights changed on the disk .* put aside as .*\.damaged"):
            run_job(make_job(data, tmp_path, spec=SIX))
    assert not (tmp_path / "run/run.json").exists()
    run_job(make_job(data, tmp_path, spec=SIX))
    assert contents(tmp_path) == whole


def test_a_disk_that_is_full_at_a_checkpoint_is_one_line_and_the_run_goes_on_from_the_one_before(
    data, tmp_path, whole, monkeypatch, capsys
):
    original = Checkpoint.save

    def full(self, learner, record):
        if len(record.history) == 4:
            monkeypatch.setattr("safetensors.torch.save_file", no_space)
        original(self, learner, record)

    def no_space(*_, **__):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", full)
        with pytest.raises(UserError, match=r"state\.safetensors: no space left on the device; free some"):
            run_job(make_job(data, tmp_path, spec=SIX))
    monkeypatch.undo()
    capsys.readouterr()
    run_job(make_job(data, tmp_path, spec=SIX))
    assert "resumed after epoch 3" in capsys.readouterr().err
    assert contents(tmp_path) == whole
