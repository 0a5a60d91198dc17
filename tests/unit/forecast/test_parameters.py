"""Networks are built to be counted: what a constructor refuses is told with its system and file."""

import pytest

from helpers.declared import make_plan
from serflow.errors import UserError
from serflow.forecast import parameters
from serflow.forecast.estimate import Estimates


def refused(model, *, dims, classes):
    raise ValueError("depth 4: expected 1 to 3")


def refused_extractor(spec):
    raise ValueError("no such window")


@pytest.fixture
def plan(monkeypatch):
    parameters._parameters.cache_clear()
    monkeypatch.setattr(parameters, "build", refused)
    return make_plan(papers=["xu2020"], preset="demo", sweeps=False)


def test_systems_say_whose_network_is_refused(plan):
    with pytest.raises(UserError) as caught:
        parameters.system_entries(plan, sweep_points=False)
    said = "workflow/papers/xu2020.yaml: xu2020, 'acnn' under preset 'demo': model acnn: depth 4: expected 1 to 3"
    assert str(caught.value).startswith(said)


def test_a_forecast_says_whose_network_is_refused(plan):
    run = next(run for run in plan.runs if run.system == "conv1")
    with pytest.raises(UserError, match=r"^workflow/papers/xu2020.yaml: xu2020, 'conv1' under preset 'demo': "):
        Estimates(plan, [], device="cpu").of(run)


def test_a_feature_set_that_is_refused_is_of_its_own_file(monkeypatch):
    monkeypatch.setattr(parameters.extract, "build", refused_extractor)
    with pytest.raises(UserError, match=r"extractor mfcc: no such window; correct workflow/features.yaml"):
        parameters.extractor({"feature_spec": {"extractor": "mfcc", "window": "of this test"}})


def test_a_yardstick_is_of_its_own_file():
    workflow = make_plan(papers=["xu2020"], preset="demo", sweeps=False).workflow
    said = pytest.raises(UserError, match=r"^workflow/yardsticks.yaml: xu2020, 'svm_compare'")
    with said, parameters.told_of(workflow, "xu2020", "svm_compare"):
        raise UserError("wrong")
