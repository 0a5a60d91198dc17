"""Steps timed on random data: a real network and a real classical system, small."""

import pytest

from helpers.declared import make_plan
from serflow.forecast.measure import measure


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


def test_the_spec_is_left_as_it_is(systems):
    spec = systems.spec("no_attention", "improvised")
    assert (spec["steps"], spec["parameters"]["train"]["epochs"]) == (None, 6)
    measure(spec, device="cpu")
    assert (spec["steps"], spec["parameters"]["train"]["epochs"]) == (None, 6)
