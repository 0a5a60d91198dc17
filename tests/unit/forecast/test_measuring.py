"""Which systems are timed, in which order, and what stays of it."""

from dataclasses import replace

import pytest

from helpers.declared import iemocap, make_report
from serflow.forecast import measuring
from serflow.forecast.estimate import Estimates
from serflow.forecast.measure import Limits, Measured
from serflow.forecast.measuring import Told, measure_settings, settings_of, told_text, unmeasured
from serflow.forecast.times import Times

FOUND = Measured(start=2.0, unit=0.5, segment=0.0, weights=100)
DEAR = {"conv1": 3.0, "acnn": 2.0, "svm_compare": 1e-9}


@pytest.fixture(scope="module")
def report():
    return make_report(papers=["xu2020"], sweeps=False, protocols=["as_published"], **iemocap())


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(settings):
    return [setting.name.split()[2] for setting in settings]


def times_of(report, units):
    times = Times({})
    for run in report.trainings:
        if run.system in units:
            times.add(report.plan.spec(run), "cpu", replace(FOUND, unit=units[run.system]), of=run.system)
    return times


def estimates_of(report, **times):
    return Estimates(report.plan, [], device="cpu", **times)


def measured(monkeypatch, of=lambda spec: FOUND):
    """Let nothing be trained; the list of what would have been timed, as (spec, device, limits)."""
    asked = []

    def measure(spec, device, limits):
        asked.append((spec, device, limits))
        return of(spec)

    monkeypatch.setattr(measuring, "measure", measure)
    return asked


def test_experiments_folds_and_seeds_of_one_network_are_timed_together(report):
    settings = settings_of(report)
    acnn = next(setting for setting in settings.values() if setting.name == "xu2020 full acnn paper")
    assert {run.experiment for run in acnn.runs} == {"full", "improvised", "scripted"}
    assert sum(len(setting.runs) for setting in settings.values()) == len(report.trainings)


def test_the_dearest_go_first_and_before_them_what_nothing_tells(report, here):
    order = named(unmeasured(report, estimates_of(report, shipped=times_of(report, DEAR)), set()))
    assert order[-3:] == ["acnn", "conv1", "svm_compare"]  # of acnn there are more trainings than of conv1
    assert set(order) == {run.system for run in report.trainings}


def test_what_was_measured_or_is_done_is_not_timed_again(report, here):
    order = named(unmeasured(report, estimates_of(report, kept=times_of(report, DEAR)), set()))
    assert not DEAR.keys() & set(order)
    done = {run for run in report.trainings if run.system == "no_attention"}
    assert "no_attention" in order
    assert "no_attention" not in named(unmeasured(report, estimates_of(report), done))


def test_each_is_kept_as_it_comes_on_the_device_that_it_trains_on(report, here, monkeypatch):
    settings, kept, seen = list(settings_of(report).values()), Times({"a": "b"}), []
    asked, limits = measured(monkeypatch), Limits(gigabytes=1)

    def tell(told):
        seen.append((told.number, told.of, Times.read("kept.json").of(told.setting.spec, asked[-1][1])))

    begun = []
    count = measure_settings(
        settings, kept, "kept.json", device="cuda", minutes=10, limits=limits, tell=tell, begin=begun.append
    )
    assert begun == settings
    assert count == len(settings) == len(asked)
    assert seen == [(number + 1, count, FOUND) for number in range(count)]
    assert {device for spec, device, _ in asked if "train" in spec["parameters"]} == {"cuda"}
    assert {device for spec, device, _ in asked if "train" not in spec["parameters"]} == {"cpu"}
    assert {limit for *_, limit in asked} == {limits}


def test_when_the_minutes_are_over_the_rest_waits_for_another_call(report, here, monkeypatch):
    settings, clock = list(settings_of(report).values()), iter([0, 0, 59, 61, 99])
    asked = measured(monkeypatch)
    monkeypatch.setattr(measuring.time, "monotonic", lambda: next(clock))
    kept = Times({})
    count = measure_settings(
        settings, kept, "kept.json", device="cpu", minutes=1, limits=Limits(), tell=lambda told: None
    )
    assert count == len(asked) == 2
    assert len(Times.read("kept.json").measured["cpu"]) == 2


def test_ctrl_c_keeps_what_was_measured(report, here, monkeypatch):
    settings = list(settings_of(report).values())

    def interrupted(spec):
        if spec == settings[2].spec:
            raise KeyboardInterrupt
        return FOUND

    measured(monkeypatch, interrupted)
    count = measure_settings(
        settings, Times({}), "kept.json", device="cpu", minutes=1, limits=Limits(), tell=lambda told: None
    )
    assert count == 2
    assert len(Times.read("kept.json").measured["cpu"]) == 2


def test_a_line_says_hours_what_was_foretold_and_where_memory_was_short(report, here):
    setting = next(setting for setting in settings_of(report).values() if setting.name.split()[2] == "conv1")
    steps = estimates_of(report).of(setting.runs[0]).steps
    kept, shipped = times_of(report, {"conv1": 7200 / steps}), times_of(report, {"conv1": 3 * 3600 / steps})
    found = replace(FOUND, unit=7200 / steps, at_once=0.25)
    text = told_text(Told(1, 3, setting, found), estimates_of(report, kept=kept, shipped=shipped))
    assert text.startswith("1/3  xu2020 improvised conv1 paper: ")
    assert "2 hours a training; shipped times foretold 3 (+50 %)" in text
    assert "an upper bound, since 25 % of the frames" in text
