"""The training command: killed for good at random moments and begun anew, it ends with the same bytes."""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest
from safetensors import safe_open

from helpers import ROOT, tiny_job
from serflow.cli import DEBUG, run, train
from serflow.cli.train import main

SPEC = tiny_job.changed(tiny_job.SPEC, train__epochs=120)
LIMIT = 900  # seconds after which a process is taken to hang, however busy the machine


def arguments(data, place):
    key = {name: value for name, value in tiny_job.RUN.items() if name != "seed"}
    job = {"run": key, "spec": SPEC, "modules": tiny_job.MODULES}
    given = ["--job", json.dumps(job), "--seeds", 1, "--split", data / "split.json", "--device", "cpu"]
    given += ["--features", data / "features.json", "--store", data / "store/store.json"]
    return list(map(str, [*given, "--output", place / "runs.json", "--checkpoints", place / "checkpoints"]))


def contents(place):
    """Bytes of every file of the run but run.json, which says how it came about."""
    files = [path for path in (place / "seed1").rglob("*") if path.is_file() and path.name != "run.json"]
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def epochs_done(place):
    """Epochs that the checkpoint under `place` holds."""
    for file in (place / "checkpoints").glob("*/state.safetensors"):
        with contextlib.suppress(Exception), safe_open(file, framework="np") as opened:
            return len(json.loads(opened.metadata()["state"])["history"])
    return 0


def start(data, place):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "serflow.cli.train", *arguments(data, place)]
    return subprocess.Popen(command, cwd=place, env=environment, stderr=subprocess.PIPE, text=True)


def kill_after(process, place, epochs, delay):
    """SIGKILL `delay` seconds after the checkpoint holds `epochs`; the process's log."""
    deadline = time.monotonic() + LIMIT
    while epochs_done(place) < epochs and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    log = process.communicate()[1]
    assert process.returncode == -signal.SIGKILL, f"the run came to its end before it could be killed:\n{log}"
    return log


@pytest.mark.slow
def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(tmp_path):
    data, whole, place = (tmp_path / name for name in ("data", "whole", "killed"))
    for folder in (data, place):
        folder.mkdir()
    tiny_job.write_data(data)
    main(arguments(data, whole))
    draw = random.Random(2020)
    resumed = []
    for epochs in (draw.randint(5, 15), draw.randint(40, 50)):
        log = kill_after(start(data, place), place, epochs, draw.uniform(0, 0.03))
        resumed += re.findall(r"resumed after epoch (\d+)", log)
        assert not (place / "seed1/run.json").exists()
    before = epochs_done(place)
    process = start(data, place)
    log = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 0, log
    assert f"resumed after epoch {before}\n" in log
    assert before >= 40
    assert [5 <= int(epoch) < before for epoch in resumed] == [True]  # the second process went on, too
    assert contents(place) == contents(whole)
    assert json.loads((place / "seed1/run.json").read_text())["resumed_after_epoch"] == before
    assert (place / "runs.json").read_bytes() == (whole / "runs.json").read_bytes()
    assert not list((place / "checkpoints").glob("*"))


def test_each_seed_is_a_job_beside_the_output_that_starts_from_the_same_seeds_network(tmp_path, monkeypatch):
    called = {}
    monkeypatch.setattr(train, "run_jobs", lambda jobs, **how: called.update(how, jobs=jobs))
    given = arguments(tmp_path, tmp_path)
    given[given.index("--seeds") + 1 : given.index("--seeds") + 2] = ["1", "3"]
    main([*given, "--encoder", str(tmp_path / "lent/runs.json"), "--at-once", "2"])
    assert (called["at_once"], called["output"]) == (2, tmp_path / "runs.json")
    assert [job.run for job in called["jobs"]] == [tiny_job.RUN | {"seed": seed} for seed in (1, 3)]
    assert [job.folder for job in called["jobs"]] == [tmp_path / "seed1", tmp_path / "seed3"]
    assert [job.encoder for job in called["jobs"]] == [tmp_path / f"lent/seed{seed}/run.json" for seed in (1, 3)]
    first, second = called["jobs"]
    assert first.data is second.data  # what they share is read once


def test_a_fault_of_the_user_is_one_message_and_exit_status_1(tmp_path, capsys):
    tiny_job.write_data(tmp_path)
    (tmp_path / "split.json").unlink()
    assert run(lambda: main(arguments(tmp_path, tmp_path / "place"))) == 1
    assert re.fullmatch(r"serflow: error: \S+split\.json: this file is missing; .*\n", capsys.readouterr().err)


@pytest.mark.slow
def test_learners_without_a_network_start_without_torch():
    modules = "serflow.cli.train, serflow.learners.majority, serflow.learners.svm"
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": "src"})
    assert done.stdout == "False\n", done.stderr


@pytest.mark.slow
def test_a_networks_training_imports_nothing_heavy_but_torch(tmp_path):
    """PyTorch's compiler takes as long to import as PyTorch, pandas a fifth of it: a run waits for neither."""
    given = arguments(tiny_job.write_data(tmp_path), tmp_path)
    code = f"import sys; from serflow.cli.train import main; main({given!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": "src"})
    loaded = done.stdout.split()
    assert "torch" in loaded, done.stderr
    heavy = {"torch._dynamo", "torch._inductor", "pandas", "scipy", "sklearn", "librosa", "torchaudio", "matplotlib"}
    assert not heavy & set(loaded)


def test_a_fault_of_the_program_is_raised_where_that_is_asked_for(monkeypatch):
    monkeypatch.setenv(DEBUG, "1")

    def broken():
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        run(broken)
