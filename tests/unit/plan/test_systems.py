"""Resolved systems: sweep points, specs."""

import pytest

from helpers.declared import PAPERS, emodb, iemocap, make_plan, make_report
from serflow.errors import UserError


@pytest.fixture(scope="module")
def paper():
    return make_plan(papers=["xu2020"], **iemocap()).systems["xu2020"]


@pytest.fixture(scope="module")
def demo():
    return make_plan(papers=["xu2020"]).systems["xu2020"]


def test_the_final_model_has_the_papers_values(paper):
    spec = paper.spec("acnn", "improvised")
    assert spec["classes"] == ["angry", "sad", "excited", "neutral"]
    assert spec["feature_spec"]["n_mfcc"] == 13
    assert spec["steps"] is None
    assert spec["keep_weights"] is True
    parameters = spec["parameters"]
    assert parameters["model"] == {
        "name": "acnn",
        "parallel": 8,
        "channels": [32, 48, 64, 80],
        "depth": 4,
        "attention": True,
        "attend_over": "time",
        "n_head": 4,
        "n_size": 64,
    }
    assert (parameters["segments"]["seconds"], parameters["segments"]["train_step"]) == (2.0, 2.0 - 1.0)
    assert parameters["segments"]["test_step"] == pytest.approx(2.0 - 1.6)
    assert parameters["train"] == {
        "epochs": 50,
        "batch_size": 32,
        "frames_at_once": 16_384,
        "optimizer": {"name": "adam", "lr": 0.001, "weight_decay": 1e-6},
        "schedule": {"name": "step", "every": 10, "factor": 0.1},
    }


def test_a_whole_segment_is_measured_by_the_system_or_by_the_papers_first():
    scoring = make_report(papers=["xu2020", "huang2016"], **iemocap()).scoring
    by = {name: scoring.segment("xu2020", "improvised", name) for name in ("acnn", "acnn_original", "svm_compare")}
    assert by == {
        "acnn": {"features": "mfcc13", "seconds": 2.0},
        "acnn_original": {"features": "mfcc26", "seconds": 2.0},
        "svm_compare": {"features": "mfcc13", "seconds": 2.0},
    }
    assert scoring.segment("xu2020", "improvised", "acnn_n_head2_n_size16") is None, "no table shows it"
    assert scoring.segment("huang2016", "full", "baseline") is None


def test_the_originals_model_lacks_the_keys_that_null_removes(paper):
    parameters = paper.spec("acnn_original", "improvised")["parameters"]
    assert set(parameters["model"]) == {"name", "parallel", "channels", "n_head", "n_size"}
    assert (parameters["segments"]["short_test"], parameters["segments"]["average"]) == ("drop", "logits")


def test_the_demo_changes_sizes_and_epochs_alone(paper, demo):
    small, large = (systems.spec("conv2", "improvised")["parameters"] for systems in (demo, paper))
    assert small["model"] == large["model"] | {"parallel": 4, "channels": [8, 12, 16, 20]}
    assert small["train"] == large["train"] | {"epochs": 6, "schedule": {"name": "step", "every": 4, "factor": 0.1}}
    assert small["segments"] == large["segments"]


def test_a_sweep_cell_equal_to_a_named_system_is_that_system(paper):
    cells = {tuple(sorted(cell["values"].items())): cell["system"] for cell in paper.sweeps["heads"]}
    assert cells[("model.n_head", 4), ("model.n_size", 64)] == "acnn"
    assert cells[("model.n_head", 1), ("model.n_size", 64)] == "one_head"
    assert cells[("model.n_head", 4), ("model.n_size", 32)] == "acnn_n_head4_n_size32"
    assert "acnn_n_head4_n_size64" not in paper.sweep_points


def test_two_sweeps_share_their_common_cells(paper):
    heads, sizes = ({cell["system"] for cell in paper.sweeps[name]} for name in ("heads", "sizes"))
    assert (len(heads), len(sizes), len(heads & sizes)) == (24, 18, 9)
    assert len(paper.sweep_points) == 24 + 18 - 9 - 2


def test_a_cell_differs_from_its_system_in_the_varied_values_alone(paper):
    cell, base = (paper.spec(name, "improvised") for name in ("acnn_n_head2_n_size16", "acnn"))
    assert cell["parameters"]["model"] == base["parameters"]["model"] | {"n_head": 2, "n_size": 16}
    assert cell["keep_weights"] is False
    assert {key: cell["parameters"][key] for key in ("segments", "train")} == {
        key: base["parameters"][key] for key in ("segments", "train")
    }


def test_a_budget_is_for_what_trains_in_epochs():
    """Its schedule takes the place of the paper's, whole: not merged key by key."""
    systems = make_plan(papers=["xu2020"], **emodb()).systems["xu2020"]
    acnn, svm = systems.spec("acnn", "full"), systems.spec("svm_compare", "full")
    assert (acnn["steps"], svm["steps"]) == (1200, None)
    assert acnn["parameters"]["train"]["schedule"] == {"name": "late_cut", "after": 0.85, "factor": 0.1}
    assert "train" not in svm["parameters"]


def test_modules_are_the_learner_and_the_model(paper):
    assert paper.modules("acnn_original", "improvised") == ["serflow.learners.network", "serflow.models.acnn_original"]
    assert paper.modules("majority", "improvised") == ["serflow.learners.majority"]


@pytest.mark.parametrize("preset", ["demo", "paper"])
def test_every_system_has_a_spec_in_every_experiment(preset):
    plan = make_plan(papers=PAPERS, preset=preset)
    for name, systems in plan.systems.items():
        for system in systems.named | systems.sweep_points:
            for experiment in plan.workflow.papers[name]["experiments"]:
                spec = systems.spec(system, experiment)
                assert (spec["feature_spec"] is None) == (spec["features"] is None)


def test_an_unknown_system_is_named_with_those_that_are_known(paper):
    with pytest.raises(UserError, match=r"xu2020\.yaml: system 'acn' is not declared; known: acnn, conv3"):
        paper.spec("acn", "improvised")
