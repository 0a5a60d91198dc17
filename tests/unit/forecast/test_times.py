"""Measured times: what counts as the same system, what a file holds, and how another machine's are scaled."""

import json

import pytest

from helpers.declared import make_plan
from serflow.errors import UserError
from serflow.forecast import probe as probes
from serflow.forecast import times as kept_times
from serflow.forecast.measure import Measured
from serflow.forecast.probe import probe, slowdown
from serflow.forecast.times import Times, here, shipped, step_digest
from serflow.plan.merging import merge

FOUND = Measured(start=2.0, unit=0.5, segment=0.25, weights=100, power=1.0, population=7, timed=0.5)


@pytest.fixture(scope="module")
def spec():
    return make_plan(papers=["xu2020"], sweeps=False).systems["xu2020"].spec("acnn", "improvised")


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 7},
        {"classes": ["a", "b"]},
        {"parameters": {"train": {"epochs": 7, "optimizer": {"lr": 0.5}, "schedule": None}}},
        {"parameters": {"segments": {"train_step": 0.5}}},
    ],
)
def test_what_changes_no_step_is_measured_once(spec, change):
    assert step_digest(merge(spec, change)) == step_digest(spec)


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {"train": {"batch_size": 7}}},
        {"parameters": {"train": {"precision": "bf16"}}},
        {"parameters": {"segments": {"seconds": 3.0}}},
        {"parameters": {"model": {"heads": 7}}},
        {"feature_spec": {"n_mfcc": 7}},
    ],
)
def test_what_changes_a_step_is_measured_anew(spec, change):
    assert step_digest(merge(spec, change)) != step_digest(spec)


def test_a_system_on_another_encoder_is_measured_anew(spec):
    def on(encoder):
        return spec | {"encoder": {"system": "some", "weights": "best", "spec": encoder}}

    wider = merge(spec, {"parameters": {"model": {"heads": 7}}})
    assert len({step_digest(spec), step_digest(on(spec)), step_digest(on(wider))}) == 3


def test_what_was_saved_is_read_again(spec, tmp_path):
    times = Times({"processor": "one"}, {"cpu": {"lstm": 0.5}})
    times.add(spec, "cpu", FOUND, of="xu2020 improvised acnn demo")
    times.save(tmp_path / "times.json")
    again = Times.read(tmp_path / "times.json")
    assert again == times
    assert again.of(spec, "cpu") == FOUND
    assert again.of(spec, "cuda") is None


@pytest.mark.parametrize("change", [{"format": 0}, {"measured": {"cpu": {"a": {"unit": 1.0}}}}, {"made": None, "x": 1}])
def test_a_file_of_another_version_is_refused_and_named(tmp_path, change):
    Times({}).save(tmp_path / "times.json")
    value = json.loads((tmp_path / "times.json").read_text())
    (tmp_path / "times.json").write_text(json.dumps(value | change))
    with pytest.raises(UserError, match=r"times\.json: .*delete the file"):
        Times.read(tmp_path / "times.json")


def test_another_machine_takes_so_many_times_as_long(spec):
    there = Times({}, {"cpu": {"lstm": 1.0, "matmul": 2.0}})
    there.add(spec, "cpu", FOUND, of="")
    there.add(spec, "cuda", FOUND, of="")
    mine = Times({}, {"cpu": {"lstm": 2.0, "matmul": 16.0}})
    assert mine.slowdown(there, "cpu") == pytest.approx(4)  # the geometric mean of 2 and 8
    scaled = there.slowed({"cpu": 4.0})
    found = scaled.of(spec, "cpu")
    assert (found.start, found.unit, found.segment) == (8.0, 2.0, 1.0)
    assert (found.weights, found.population, found.timed) == (100, 7, 0.5)
    assert scaled.of(spec, "cuda") is None  # nothing says how fast that device is
    assert there.of(spec, "cpu") == FOUND


def test_only_loads_that_both_have_timed_are_held_against_each_other():
    assert slowdown({"lstm": 3.0, "new": 9.0}, {"lstm": 1.0, "old": 1.0}) == pytest.approx(3)


def test_a_probe_times_every_load():
    found = probe("cpu", repeats=1)
    assert found.keys() == probes.LOADS.keys()
    assert min(found.values()) > 0


def test_a_machine_is_probed_once(monkeypatch):
    calls = []
    monkeypatch.setattr(kept_times, "probe", lambda device: calls.append(device) or {"lstm": 1.0})
    times = Times({})
    assert times.probed("cpu") == times.probed("cpu") == {"lstm": 1.0}
    assert calls == ["cpu"]


def test_a_machine_with_other_libraries_has_a_file_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    times, path = here()
    times.save(path)
    monkeypatch.setattr(kept_times, "machine", lambda: {"processor": "another"})
    other, elsewhere = here()
    assert elsewhere != path
    assert other.made == {"processor": "another"}


def test_the_shipped_times_are_of_one_machine_and_of_systems_that_there_are():
    times = shipped()
    assert {"processor", "torch"} <= times.made.keys()
    assert times.probes["cpu"].keys() == probes.LOADS.keys()
    plan = make_plan(corpus="iemocap", release="some/folder", preset="paper", sweeps=False)
    found = [measured for run in plan.trainings if (measured := times.of(plan.spec(run), "cpu"))]
    assert found
    assert all(measured.unit > 0 and measured.at_once == 1 for measured in found)
