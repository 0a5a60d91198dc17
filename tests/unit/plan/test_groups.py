"""Runs that a cluster's job holds together: alike in what they wait for, and the same whatever is done."""

from collections import defaultdict

from declared import iemocap, make_plan

from serflow.plan.groups import groups_of_runs

SIZE = 32


def grouped(**change):
    plan = make_plan(**iemocap(**change))
    found = defaultdict(list)
    for run, group in groups_of_runs(plan, size=SIZE).items():
        found[group.name].append(run)
    return plan, found


def test_every_run_is_in_one_group_and_none_is_too_large():
    plan, groups = grouped()
    assert sorted(run for runs in groups.values() for run in runs) == plan.runs
    assert max(map(len, groups.values())) == SIZE


def test_a_group_waits_for_one_view_and_split():
    _, groups = grouped()
    assert all(len({(run.paper, run.experiment, run.split) for run in runs}) == 1 for runs in groups.values())


def test_networks_and_what_needs_no_gpu_go_apart():
    plan, groups = grouped()
    for runs in groups.values():
        specs = [plan.systems[run.paper].spec(run.system, run.experiment) for run in runs]
        assert len({"train" in spec["parameters"] or spec["encoder"] is not None for spec in specs}) == 1


def test_no_group_waits_for_itself():
    plan, groups = grouped()
    place = {run: name for name, runs in groups.items() for run in runs}
    waits = {name: {place[plan.encoder(run)] for run in runs if plan.encoder(run)} for name, runs in groups.items()}
    assert any(waits.values())

    def before(name):
        return {name}.union(*map(before, waits[name]))  # endless where a group waits for itself

    assert all(name not in before(other) for name in groups for other in waits[name])


def test_a_yardstick_waits_for_the_features_of_those_beside_it():
    plan = make_plan(**iemocap(papers=["huang2016"]))
    groups = groups_of_runs(plan, size=SIZE)
    assert {groups[run].features for run in plan.runs if run.system == "majority"} == {("compare",)}
