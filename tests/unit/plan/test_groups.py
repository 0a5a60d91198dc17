"""Runs that a cluster's job holds together: alike in what they wait for, and the same whatever is done."""

from collections import defaultdict

from helpers.declared import iemocap, make_plan
from serflow.plan.groups import groups_of_runs

SIZE = 32


def grouped(**change):
    plan = make_plan(**iemocap(**change))
    found = defaultdict(list)
    for run, group in groups_of_runs(plan, size=SIZE).items():
        found[group.name].append(run)
    return plan, found


def network(plan, run):
    spec = plan.spec(run)
    return "train" in spec["parameters"] or spec["encoder"] is not None


def test_every_run_is_in_one_group_and_none_is_too_large():
    plan, groups = grouped()
    assert sorted(run for runs in groups.values() for run in runs) == [seeds[0] for seeds in plan.jobs]
    assert max(len(runs) for runs in groups.values() if network(plan, runs[0])) == SIZE
    assert max(map(len, groups.values())) <= SIZE**2


def test_networks_of_a_group_wait_for_one_view_and_split():
    plan, groups = grouped()
    for runs in groups.values():
        if network(plan, runs[0]):
            assert len({(run.paper, run.experiment, run.split) for run in runs}) == 1


def test_what_trains_no_network_is_a_job_a_paper():
    plan, groups = grouped()
    others = [runs for runs in groups.values() if not network(plan, runs[0])]
    assert len(others) == len({run.paper for run in plan.runs})
    assert all(len({run.paper for run in runs}) == 1 for runs in others)


def test_each_run_is_alone_where_that_is_asked_for():
    plan = make_plan(**iemocap(papers=["huang2016"]))
    groups = groups_of_runs(plan, size=1)
    assert len({group.name for group in groups.values()}) == len(plan.jobs)


def test_what_trains_in_epochs_and_what_needs_no_gpu_go_apart():
    plan, groups = grouped()
    assert any(plan.spec(run)["encoder"] and "train" not in plan.spec(run)["parameters"] for run in plan.runs)
    for runs in groups.values():
        assert len({"train" in plan.spec(run)["parameters"] for run in runs}) == 1


def test_no_group_waits_for_itself():
    plan, groups = grouped()
    place = {run: name for name, runs in groups.items() for run in runs}
    waits = {name: {place[plan.encoder(run)] for run in runs if plan.encoder(run)} for name, runs in groups.items()}
    assert any(waits.values())

    def before(name):
        return {name}.union(*map(before, waits[name]))  # endless where a group waits for itself

    assert all(name not in before(other) for name in groups for other in waits[name])


def test_a_group_waits_for_whatever_one_of_its_runs_waits_for():
    plan = make_plan(**iemocap(papers=["zhao2021"]))
    groups = groups_of_runs(plan, size=SIZE)
    (group,) = {groups[run] for run in groups if run.system == "majority"}
    mine = [run for run in groups if groups[run] == group]
    assert {run.system for run in mine} == {"majority", "svm_compare", "gmm_hmm"}
    assert group.splits == {(run.experiment, run.split) for run in mine}
    assert group.features == {(run.experiment, name) for run in mine for name in ("compare", "logmel120")}
