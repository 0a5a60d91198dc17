"""Which trainings keep their weights."""

from dataclasses import replace

import pytest

from helpers.declared import iemocap, make_report
from serflow.errors import UserError


def kept(report, paper, system, experiment=None):
    """Whether each seed of a system's first fold keeps its weights, by seed."""
    runs = [run for run in report.trainings if (run.paper, run.system) == (paper, system) and run.fold == 1]
    runs = [run for run in runs if experiment in (None, run.experiment)]
    return {run.seed: report.plan.keeps_weights(run) for run in runs}


def report_of(paper, **change):
    return make_report(papers=[paper], **iemocap(**change))


def test_all_seeds_keep_theirs_and_sweep_points_keep_none():
    report = report_of("xu2020", keep_weights="all")
    assert set(kept(report, "xu2020", "acnn").values()) == {True}
    assert set(kept(report, "xu2020", "acnn_n_head2_n_size16").values()) == {False}


def test_the_first_seed_alone_keeps_them_where_config_says_so():
    report = report_of("li2019ijcai", keep_weights="first_seed", seeds=[4, 2], sweeps=False)
    assert kept(report, "li2019ijcai", "s1") == {4: True, 2: False}


def test_what_other_systems_start_from_keeps_all():
    report = report_of("huang2016", keep_weights="first_seed")
    assert set(kept(report, "huang2016", "baseline").values()) == {True}
    assert list(kept(report, "huang2016", "greedy_att_eq8").values()).count(True) == 1


def test_what_a_figure_of_all_seeds_is_drawn_from_keeps_all():
    report = report_of("huang2016", keep_weights="first_seed")
    figures = report.workflow.papers["huang2016"]["figures"].values()
    (drawn,) = [figure for figure in figures if figure["kind"] == "energy_correlations"]
    assert set(kept(report, "huang2016", drawn["system"], drawn["experiment"]).values()) == {True}


def test_teachers_keep_theirs():
    report = report_of("zhao2021", keep_weights="first_seed")
    teacher = report.teachers[0]
    assert report.plan.keeps_weights(teacher)
    assert report.plan.keeps_weights(replace(teacher, seed=99))


def test_another_value_is_refused_and_the_choices_are_told():
    with pytest.raises(UserError, match=r"config.yaml: keep_weights: .*first_seed"):
        make_report(keep_weights="first")
