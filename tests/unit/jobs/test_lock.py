"""Two jobs of one run: one waits for the other, and finds the run finished."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from helpers import ROOT
from helpers.tiny_job import SPEC, contents, make_job
from serflow.jobs.lock import alone
from serflow.jobs.session import TrainingSession
from serflow.jobs.train import run_job

HOLDS = (
    "import sys, time; from pathlib import Path; from serflow.jobs.lock import alone\n"
    "with alone(Path(sys.argv[1]), print):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "a.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def waiting(path, *, then):
    """Enter the lock, doing `then` once it is said that it is held; what was said."""
    said = []

    def say(what):
        said.append(what)
        then()

    with alone(path, say):
        pass
    return said


def test_who_comes_second_says_for_whom_it_waits_and_goes_on_when_that_ends(tmp_path, holder):
    said = waiting(tmp_path / "a.lock", then=holder.stdin.close)
    assert said == [
        f"waiting: process {holder.pid} on {os.uname().nodename} trains it; if no such job runs, "
        f"delete {tmp_path / 'a.lock'}"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_job_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert waiting(tmp_path / "a.lock", then=pytest.fail) == []


def test_who_deletes_the_lock_by_hand_lets_the_next_one_in(tmp_path, holder):
    assert len(waiting(tmp_path / "a.lock", then=(tmp_path / "a.lock").unlink)) == 1
    assert holder.poll() is None


def test_a_file_system_without_locks_is_said_and_stops_nobody(tmp_path, monkeypatch):
    def unable(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unable)
    said = waiting(tmp_path / "a.lock", then=lambda: None)
    assert said == [f"{tmp_path} lies on a file system without locks (No locks available): see that no other job runs"]


JOB = (
    "import sys; from pathlib import Path; from helpers.tiny_job import make_job\n"
    "from serflow.jobs.train import run_job\n"
    "run_job(make_job(Path(sys.argv[1]), Path(sys.argv[2])))\n"
)


@pytest.mark.slow
def test_two_equal_jobs_at_once_both_end_and_one_of_them_trains(data, tmp_path):
    run_job(make_job(data, tmp_path / "alone"))
    command = [sys.executable, "-c", JOB, str(data), str(tmp_path / "both")]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    given = {"env": os.environ | {"PYTHONPATH": path}, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, **given) for _ in range(2)]
    logs = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], logs
    assert sorted("nothing is trained" in log for log in logs) == [False, True]
    assert contents(tmp_path / "both") == contents(tmp_path / "alone")
    assert list((tmp_path / "both/checkpoints").iterdir()) == []


def test_a_job_of_another_spec_waits_for_the_one_of_the_same_run(data, tmp_path, monkeypatch):
    """Else the files of both would be mixed in one folder."""
    other = json.loads(json.dumps(SPEC))
    other["parameters"]["train"]["optimizer"]["lr"] = 0.02
    first, second = make_job(data, tmp_path), make_job(data, tmp_path, spec=other)
    entered, waits = threading.Event(), threading.Event()
    monkeypatch.setattr(TrainingSession, "_say", lambda _, what: waits.set() if "waiting: process" in what else None)

    def hold():
        session = TrainingSession(first, inputs={}, device="cpu", started=time.monotonic())
        with session.alone():
            entered.set()
            waits.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(60)
    run_job(second)
    thread.join()
    assert waits.is_set()
    assert json.loads((tmp_path / "run/run.json").read_text())["spec"] == other
