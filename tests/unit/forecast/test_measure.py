"""Steps timed on random data: a real network and a real classical system, small."""

import pytest

from helpers.declared import make_plan
from serflow.forecast.measure import Limits, measure
from serflow.plan.merging import merge
from serflow.training.gradient import POPULATION


@pytest.fixture(scope="module")
def systems():
    return make_plan(papers=["xu2020"], sweeps=False).systems["xu2020"]


@pytest.mark.parametrize("system", ["no_attention", "majority"])
def test_what_is_measured_is_positive_and_the_weights_are_the_models(systems, system):
    found = measure(systems.spec(system, "improvised"), device="cpu")
    assert found.start > 0
    assert found.unit > 0
    assert found.segment > 0
    if system == "no_attention":
        assert 4 * 6_468 < found.weights < 4 * 6_468 + 10_000  # its parameters, and what describes them


@pytest.mark.slow
def test_teachers_and_their_students_are_measured_too():
    systems = make_plan(papers=["zhao2021"]).systems["zhao2021"]
    teacher, student = systems.teacher_spec("tcn_soft"), systems.spec("tcn_soft_at", "improvised")
    assert "spans" in teacher["parameters"]
    assert "transfer" in student["parameters"]
    for spec in (teacher, student):
        found = measure(spec, device="cpu")
        assert min(found.start, found.unit, found.segment, found.weights) > 0


def test_systems_that_start_from_a_trained_network_are_measured_on_an_untrained_one():
    systems = make_plan(papers=["huang2016"]).systems["huang2016"]
    spec = systems.spec("greedy_att_eq8", "full")
    assert spec["encoder"]
    assert measure(spec, device="cpu").unit > 0


def test_a_classical_system_grows_with_its_utterances(systems):
    found = measure(systems.spec("svm_compare", "improvised"), device="cpu")
    assert 1 <= found.power <= 3


def test_little_memory_lets_fewer_frames_through_at_once_and_says_so():
    spec = make_plan(papers=["huang2016"]).systems["huang2016"].spec("baseline", "full")
    assert measure(spec, device="cpu").at_once == 1
    little = measure(spec, device="cpu", limits=Limits(gigabytes=0.501))  # 1 MB beside the process
    assert 0 < little.at_once < 1


def test_little_time_lets_a_part_of_a_batch_stand_for_it():
    spec = make_plan(papers=["huang2016"]).systems["huang2016"].spec("baseline", "full")
    spec = merge(spec, {"parameters": {"train": {"frames_at_once": 2000}}})
    whole = measure(spec, device="cpu", limits=Limits(seconds=60))
    part = measure(spec, device="cpu", limits=Limits(seconds=1e-3))
    assert whole.timed == 1
    assert 0 < part.timed < 0.7


def test_networks_with_batch_norms_are_told_apart(systems):
    assert measure(systems.spec("acnn", "improvised"), device="cpu").population == POPULATION
    spec = make_plan(papers=["huang2016"]).systems["huang2016"].spec("baseline", "full")
    assert measure(spec, device="cpu").population == 0


def test_the_spec_is_left_as_it_is(systems):
    spec = systems.spec("no_attention", "improvised")
    assert (spec["steps"], spec["parameters"]["train"]["epochs"]) == (None, 6)
    measure(spec, device="cpu")
    assert (spec["steps"], spec["parameters"]["train"]["epochs"]) == (None, 6)
