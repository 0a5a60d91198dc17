"""A run and a checkpoint say their format; one from before formats were told is good, one of another is refused."""

import json

import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from helpers.tiny_job import SPEC, Stop, make_job, stop_at
from serflow.errors import UserError
from serflow.files import read_json, write_json
from serflow.formats import CHECKPOINT, RUN
from serflow.jobs.checkpoint import Checkpoint
from serflow.jobs.train import run_job
from serflow.prediction import open_run
from serflow.provenance.run_record import check_record


@pytest.fixture
def run(data, tmp_path):
    run_job(make_job(data, tmp_path, spec=SPEC))
    return tmp_path / "run"


def test_a_run_of_another_format_is_neither_scored_nor_loaded_and_is_trained_anew(data, tmp_path, run, capsys):
    record = read_json(run / "run.json")
    assert record["format"] == RUN.number
    write_json(run / "run.json", record | {"format": RUN.number + 1})
    with pytest.raises(UserError, match=r"run/run.json: a run of format \d+; .* the run is trained again"):
        check_record(run, key={}, spec="", inputs={})
    with pytest.raises(UserError, match="a newer serflow wrote it"):
        open_run(run)
    capsys.readouterr()
    run_job(make_job(data, tmp_path, spec=SPEC))
    assert "finished by an earlier job" not in capsys.readouterr().err
    assert read_json(run / "run.json")["format"] == RUN.number


def test_a_run_from_before_formats_were_told_is_finished(data, tmp_path, run, capsys):
    record = read_json(run / "run.json")
    del record["format"]
    write_json(run / "run.json", record)
    capsys.readouterr()
    run_job(make_job(data, tmp_path, spec=SPEC))
    assert "finished by an earlier job" in capsys.readouterr().err


def test_a_checkpoint_says_its_format_and_another_one_is_not_gone_on_from(data, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(Stop):
        stop_at(patch, Checkpoint, "save", 3)
        run_job(make_job(data, tmp_path, spec=SPEC))
    (state,) = tmp_path.rglob("state.safetensors")
    with safe_open(state, framework="pt") as file:
        kept, tensors = json.loads(file.metadata()["state"]), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert kept["format"] == CHECKPOINT.number
    save_file(tensors, state, metadata={"state": json.dumps(kept | {"format": CHECKPOINT.number + 1})})
    with pytest.raises(UserError, match="a checkpoint of format .* begins again at its first epoch"):
        run_job(make_job(data, tmp_path, spec=SPEC))
