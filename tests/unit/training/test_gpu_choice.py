"""Which GPU a run takes: spread over those that the process may see, the same one each time."""

import os

import pytest

from serflow.training import gpu_choice as spread
from serflow.training.gpu_choice import choose_gpu


def chosen(monkeypatch, seen, device="auto", **run):
    if seen is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    choose_gpu({"fold": 1, "seed": 1} | run, device)
    return os.environ.get("CUDA_VISIBLE_DEVICES")


def test_runs_go_to_all_gpus_and_a_run_always_to_the_same(monkeypatch):
    first, again = ([chosen(monkeypatch, "2,GPU-5f", fold=fold) for fold in range(30)] for _ in range(2))
    assert first == again
    assert set(first) == {"2", "GPU-5f"}


def test_without_a_list_the_gpus_are_those_of_the_driver(monkeypatch, tmp_path):
    monkeypatch.setattr(spread, "DRIVER", tmp_path)
    for bus in ("0000:01:00.0", "0000:02:00.0", "0000:03:00.0"):
        (tmp_path / bus).mkdir()
    assert {chosen(monkeypatch, None, fold=fold) for fold in range(30)} == {"0", "1", "2"}


@pytest.mark.parametrize(("seen", "device"), [("3", "auto"), ("", "auto"), ("0,1", "cpu"), ("0,1", "cuda:1")])
def test_one_gpu_none_or_a_named_one_is_left_as_it_is(monkeypatch, seen, device):
    assert chosen(monkeypatch, seen, device) == seen


def test_where_there_is_no_driver_nothing_is_set(monkeypatch, tmp_path):
    monkeypatch.setattr(spread, "DRIVER", tmp_path / "none")
    assert chosen(monkeypatch, None) is None
