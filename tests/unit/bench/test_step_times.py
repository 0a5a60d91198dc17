"""The step times that come with serflow: seconds of a free machine, of a run that may be stopped and go on."""

import pytest

from bench.rows import step_times
from bench.runner import Bench
from helpers.declared import make_report
from serflow.forecast.measure import Measured
from serflow.forecast.measuring import settings_of
from serflow.forecast.times import SHIPPED, Times

FOUND = Measured(start=2.0, unit=6.0, segment=0.5, weights=100)


@pytest.fixture
def settings(monkeypatch):
    """Two systems to time, which nothing trains."""
    found = list(settings_of(make_report(papers=["xu2020"], sweeps=False)).values())[:2]
    monkeypatch.setattr(step_times, "_settings", lambda: found)
    monkeypatch.setattr(step_times, "machine", lambda: {"processor": "one"})
    return found


def run(monkeypatch, tmp_path, *, probes, measured):
    """The times after a run whose probes and measurements are given."""
    given, found = iter(probes), iter(measured)
    monkeypatch.setattr(step_times, "probe", lambda device, repeats: {"lstm": next(given)})
    monkeypatch.setattr(step_times, "measure", lambda spec, device, limits: next(found))
    rows = step_times.run(Bench(folder=tmp_path, quick=True))
    return Times.read(tmp_path / SHIPPED.name), rows


def units(times, settings):
    return [times.of(setting.spec, "cpu").unit for setting in settings]


def faster(unit):
    return Measured(start=2.0, unit=unit, segment=0.5, weights=100)


def test_the_seconds_of_a_busy_machine_are_divided_by_what_the_probes_beside_them_took(settings, monkeypatch, tmp_path):
    # probes of 4, 1 and 1 s: around the first system twice as slow as free (geometric mean of 4 and 1)
    times, rows = run(monkeypatch, tmp_path, probes=[4.0, 1.0, 1.0], measured=[FOUND] * 4)
    assert units(times, settings) == [pytest.approx(3.0), pytest.approx(6.0)]
    assert times.probes == {"cpu": {"lstm": 1.0}}
    assert rows[0].ours == [4.0, 1.0, 1.0]


def test_of_two_measurements_the_faster_counts(settings, monkeypatch, tmp_path):
    times, _ = run(monkeypatch, tmp_path, probes=[1.0] * 3, measured=[FOUND, faster(5.0), faster(4.0), FOUND])
    assert units(times, settings) == [5.0, 4.0]


def test_a_run_goes_on_and_a_faster_probe_makes_earlier_times_shorter(settings, monkeypatch, tmp_path):
    monkeypatch.setattr(step_times, "_settings", lambda: settings[:1])
    run(monkeypatch, tmp_path, probes=[2.0, 2.0], measured=[FOUND] * 2)
    monkeypatch.setattr(step_times, "_settings", lambda: settings)
    times, _ = run(monkeypatch, tmp_path, probes=[1.0, 1.0], measured=[faster(5.0)] * 2)
    assert units(times, settings) == [pytest.approx(3.0), 5.0]


def test_another_machine_measures_anew(settings, monkeypatch, tmp_path):
    run(monkeypatch, tmp_path, probes=[1.0] * 3, measured=[FOUND] * 4)
    monkeypatch.setattr(step_times, "machine", lambda: {"processor": "another"})
    times, _ = run(monkeypatch, tmp_path, probes=[1.0] * 3, measured=[faster(5.0)] * 4)
    assert times.made == {"processor": "another"}
    assert units(times, settings) == [5.0, 5.0]
