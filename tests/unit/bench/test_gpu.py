"""`make bench-gpu` without a GPU, and what it prints where there seems to be one."""

import sys
import warnings

import torch

from bench import gpu
from serflow.forecast.measure import Measured
from serflow.training.gradient import GradientLearner


def test_without_a_gpu_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["bench-gpu"])
    gpu.main()
    assert "skipped: torch sees no CUDA device" in capsys.readouterr().out


def test_steps_a_second_and_the_hours_of_the_preset(monkeypatch, capsys):
    asked = []

    def measure(spec, *, device):
        asked.append(device)
        return Measured(start=0.0, unit=0.04 if device == "cuda" else 0.0, segment=0.0, weights=1)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: "a GPU")
    monkeypatch.setattr(gpu, "measure", measure)
    monkeypatch.setattr(gpu.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["bench-gpu", "--paper", "huang2016"])
    gpu.main()
    printed = capsys.readouterr().out
    assert "25.0" in printed and "unknown" in printed  # 1 / 0.04, and no nvidia-smi
    assert set(asked) == {"cuda", "cpu"}  # the SVM and the majority class need no GPU
    assert "not measured" not in printed


def test_waits_are_those_of_the_last_step_and_are_listened_to_in_steps_alone(monkeypatch):
    modes, waits = [], iter([3, 1])

    def step(learner, inputs, targets, batch):
        for _ in range(next(waits)):
            warnings.warn("called a synchronizing CUDA operation", stacklevel=1)
        warnings.warn("something else", stacklevel=1)
        return [batch]

    monkeypatch.setattr(torch.cuda, "set_sync_debug_mode", modes.append)
    monkeypatch.setattr(GradientLearner, "_step", step)
    with gpu.Waits() as found:
        assert found.last is None
        assert [GradientLearner._step(None, None, None, number) for number in (1, 2)] == [[1], [2]]
    assert found.last == 1
    assert modes == ["warn", "default"] * 2
    assert GradientLearner._step is step
